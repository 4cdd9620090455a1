#!/bin/sh
# npm test (fast) and npm run test:full (full): sets up, builds, runs a tier, and says what could not run.
# GANTRY_REQUIRE=all makes a missing tool a failure.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh
tier=${1:-fast}
need gcc gcc make make iptables iptables ip iproute2 nsenter util-linux curl curl xz xz-utils busybox busybox-static
[ "$tier" = fast ] || need mvn maven clang clang
node_packages
sh .ci/build.sh

if [ "$(id -u)" != 0 ]; then
  say 'tests make namespaces, hence need root'
  exec sudo env "PATH=$PATH" sh .ci/test.sh "$tier"
fi
mkdir -p .cache
: >.cache/missing-tools
status=0
GANTRY_TIER=$tier vitest run --config test/vitest.config.ts || status=$?
if [ -s .cache/missing-tools ]; then
  say "could not run for want of: $(sort -u .cache/missing-tools | paste -sd, -)"
else
  say 'nothing was left out'
fi
exit "$status"
