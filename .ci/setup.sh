# Shared set-up of the scripts here, sourced by them: installs what is missing, saying so first. Needs no package itself.
# Afterwards the packages of package.json are installed and `node` on PATH is new enough for everything.

say() { printf '%s\n' "gantry: $*"; }

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    sudo "$@"
  fi
}

# PROGRAM PACKAGE pairs; only what is missing is installed.
need() {
  missing=
  while [ $# -gt 0 ]; do
    command -v "$1" >/dev/null 2>&1 || missing="$missing $2"
    shift 2
  done
  [ -z "$missing" ] || install_packages $missing
}

install_packages() {
  command -v apt-get >/dev/null 2>&1 || {
    say "these programs are missing, and there is no apt-get to install them with:$*"
    exit 1
  }
  say "installing with apt:$(printf ' %s' "$@")"
  as_root sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 -qq update
    apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install "$@" >/dev/null' sh "$@"
}

# iptables is in a folder that is not on every user's PATH.
PATH=$PATH:/usr/sbin:/sbin

node_packages() {
  command -v npm >/dev/null 2>&1 || {
    say 'npm is missing: install Node.js (any version that has npm), then run this again'
    exit 1
  }
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    say 'installing the packages of package.json'
    npm ci --no-audit --no-fund --loglevel=error
    touch node_modules/.package-lock.json
  fi
  PATH=$PWD/node_modules/.bin:$PATH
}
