#!/bin/sh
# Everything that needs no run: types, lint, format, generated files.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh
node_packages
tsc -p tsconfig.json
eslint -c .ci/eslint.config.js src test .ci/*.ts examples
prettier --check --log-level warn 'src/**/*.ts' 'test/**/*.ts' '.ci/*.{ts,js}' 'examples/**/*.ts'
node .ci/gen-records.ts --check
node .ci/gen-compose-spec.ts --check
say 'types, lint, format and generated files are in order'
