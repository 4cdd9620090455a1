#!/usr/bin/env bash
# Makes the base image of this example, Node.js from Debian's packages. Does nothing when it is there already; with
# --fresh it makes it again from today's packages. $GANTRY is the command that imports it (../../bin/gantry; `docker`
# does as well).
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
. ../lib/images.sh

image=gantry-examples/node:local

# needed by installation only, or by what is not used here
without=(adduser debconf dpkg init-system-helpers perl tar nodejs-doc)

main() {
  local debs root
  images_open "${1:-}" $image -- build-images.sh
  apt_open "${1:-}"
  debs node busybox-static nodejs -- "${without[@]}"
  root=$work/node
  mapfile -t debs <"$work/node.debs"
  say "unpacking ${#debs[@]} packages"
  skeleton "$root"
  unpack "$root" "${debs[@]}"
  applets "$root"
  import "$root" $image 'CMD ["node"]' "ENV PATH=$image_path"
  say "made $image in $SECONDS s"
}

main "$@"
