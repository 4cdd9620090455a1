#!/bin/sh
# Builds what bin/gantry runs: the C programs with make, the JavaScript bundles with esbuild. --release strips the C
# programs. A bare clone will do: what it takes is installed first.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh
need_c
node_packages
make -C runtime-native -s -j2
case $(uname -m) in
x86_64) arch=x64 ;;
aarch64) arch=arm64 ;;
*)
  say "there is no gantry for $(uname -m)"
  exit 1
  ;;
esac
mkdir -p "dist/native/$arch"
for program in gantry-shim gantry-fs; do
  cp "runtime-native/build/$program" "dist/native/$arch/.$program"
  [ "${1:-}" != --release ] || strip "dist/native/$arch/.$program"
  mv "dist/native/$arch/.$program" "dist/native/$arch/$program"
done
node .ci/bundle.ts
