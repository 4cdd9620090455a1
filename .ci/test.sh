#!/bin/sh
# Tiers of tests: fast (npm test), full (npm run test:full: all there are), rest (full without fast), and asan (the
# tests of the C programs, built with sanitizers). Sets up, builds, runs, says what could not run and how many passed.
# GANTRY_REQUIRE=all makes a missing tool a failure.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh
tier=${1:-fast}
need_c
need iptables iptables ip iproute2 nsenter util-linux curl curl xz xz-utils busybox busybox-static python3 python3 strace strace
case $tier in full | rest) need mvn maven ;; esac
node_packages
[ "${2:-}" = built ] || sh .ci/build.sh
continue_as_root 'tests make namespaces' sh .ci/test.sh "$tier" built

mkdir -p .cache
: >.cache/missing-tools
status=0
files=
if [ "$tier" = asan ]; then
  make -C runtime-native -s asan
  export GANTRY_NATIVE="$PWD/runtime-native/build/asan"
  # several times slower
  files='test/native --testTimeout=300000'
fi
GANTRY_TIER=$tier vitest run --config test/vitest.config.ts --reporter=default --reporter=json \
  --outputFile.json=".cache/tests-$tier.json" $files || status=$?
if [ -s .cache/missing-tools ]; then
  say "could not run for want of: $(sort -u .cache/missing-tools | paste -sd, -)"
else
  say 'nothing was left out'
fi
node .ci/closing.ts ".cache/tests-$tier.json"
exit "$status"
