#!/usr/bin/env bash
# Makes the three images of this example from Debian's packages: nginx, a Python web application and
# PostgreSQL. Does nothing when they are there already; with --fresh it makes them again from today's
# packages. $GANTRY is the command that imports them (../../bin/gantry; `docker` does as well).
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
. ../lib/images.sh

proxy_image=gantry-examples/nginx:local
web_image=gantry-examples/web:local
db_image=gantry-examples/postgres:local

# needed by installation only, by a machine rather than a container, or by what is not used here
without=(adduser debconf dpkg init-system-helpers iproute2 libllvm14 libllvm17t64 libllvm19 locales lsb-base
  mailcap media-types mime-support netbase perl postgresql-client-common postgresql-common readline-common
  ssl-cert sysvinit-utils tar ucf)

main() {
  # a bind of one file needs the file; it is the application's to fill, so git ignores it
  touch hits.log
  images_open "${1:-}" $proxy_image $web_image $db_image -- build-images.sh web/* db/*
  apt_open "${1:-}"
  debs proxy busybox-static nginx -- "${without[@]}"
  debs web busybox-static python3 python3-psycopg2 -- "${without[@]}"
  debs db busybox-static postgresql -- "${without[@]}"
  make_db &
  local db=$!
  make_proxy
  make_web
  wait $db
  say "made $proxy_image, $web_image and $db_image in $SECONDS s"
}

make_proxy() {
  local root=$work/proxy
  rootfs proxy
  user "$root" www-data 33 /var/www
  import "$root" $proxy_image 'CMD ["nginx", "-g", "daemon off;"]' 'EXPOSE 80' "ENV PATH=$image_path"
}

make_web() {
  local root=$work/web
  rootfs web
  install -D -m 755 -t "$root/usr/local/bin" web/app.py
  mkdir -p "$root/var/log/web"
  import "$root" $web_image 'CMD ["app.py"]' 'EXPOSE 8000' "ENV PATH=$image_path"
}

make_db() {
  local root=$work/db
  rootfs db
  user "$root" postgres 70 /var/lib/postgresql
  install -D -m 755 -t "$root/usr/local/bin" db/start-db
  # SIGTERM would let PostgreSQL wait until its last client leaves
  import "$root" $db_image 'CMD ["start-db"]' 'EXPOSE 5432' 'STOPSIGNAL SIGINT' 'VOLUME /var/lib/postgresql' \
    "ENV PATH=$image_path"
}

# rootfs NAME: a tree from the packages of `debs NAME`
rootfs() {
  local root=$work/$1 debs
  mapfile -t debs <"$work/$1.debs"
  say "unpacking ${#debs[@]} packages for $1"
  skeleton "$root"
  unpack "$root" "${debs[@]}"
  applets "$root"
}

main "$@"
