#!/bin/sh
# Builds what bin/gantry runs: the C programs with make, the JavaScript bundles with esbuild. A bare clone will do: what
# it takes is installed first. --release also builds the C programs of the other architecture where its compiler is
# installed (gcc-aarch64-linux-gnu or gcc-x86-64-linux-gnu, with the C library's headers), and strips them all.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh
need_c
node_packages

case $(uname -m) in
x86_64) arch=x64 other=arm64 cross=aarch64-linux-gnu ;;
aarch64) arch=arm64 other=x64 cross=x86_64-linux-gnu ;;
*)
  say "there is no gantry for $(uname -m)"
  exit 1
  ;;
esac

# install_programs FOLDER ARCH STRIP: each appears by rename, so that nobody meets half of one
install_programs() {
  mkdir -p "dist/native/$2"
  for program in gantry-shim gantry-fs; do
    cp "runtime-native/$1/$program" "dist/native/$2/.$program"
    [ -z "$3" ] || "$3" "dist/native/$2/.$program"
    mv "dist/native/$2/.$program" "dist/native/$2/$program"
  done
}

if [ "${1:-}" = --release ]; then
  make -C runtime-native -s -j2
  install_programs build "$arch" strip
  if command -v "$cross-gcc" >/dev/null 2>&1; then
    make -C runtime-native -s -j2 BUILD="build/$other" CC="$cross-gcc"
    install_programs "build/$other" "$other" "$cross-strip"
  else
    say "without $cross-gcc this package is for $arch only"
  fi
else
  make -C runtime-native -s -j2
  install_programs build "$arch" ''
fi
node .ci/bundle.ts
