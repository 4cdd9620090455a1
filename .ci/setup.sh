# Shared set-up of the scripts here, sourced by them: installs what is missing, saying so first. Needs no package itself.
# Afterwards the packages of package.json are installed and `node` on PATH is new enough for everything.

say() { printf '%s\n' "gantry: $*"; }

# sudo asks for a password once at most: it remembers it for the rest of a script
need_sudo() {
  command -v sudo >/dev/null 2>&1 || {
    say "root is needed, and there is no sudo here; run this as root"
    exit 1
  }
}

as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  else
    need_sudo
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

# A C compiler with its headers, which gcc only recommends.
need_c() {
  need gcc gcc make make
  [ -e /usr/include/stdio.h ] || install_packages libc6-dev
}

install_packages() {
  command -v apt-get >/dev/null 2>&1 || {
    say "these packages are missing, and there is no apt-get to install them with:$(printf ' %s' "$@")"
    exit 1
  }
  say "installing with apt:$(printf ' %s' "$@")"
  as_root sh -c 'export DEBIAN_FRONTEND=noninteractive
    apt-get -o DPkg::Lock::Timeout=300 -qq update
    apt-get -o DPkg::Lock::Timeout=300 -qq -y --no-install-recommends install "$@" >/dev/null' sh "$@"
}

# iptables is in a folder that is not on every user's PATH.
PATH=$PATH:/usr/sbin:/sbin

# npm's own marker is older than the lock file when packages were added or changed.
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
  case :$PATH: in
  *:"$PWD/node_modules/.bin":*) ;;
  *) PATH=$PWD/node_modules/.bin:$PATH ;;
  esac
  export PATH
}

# continue_as_root WHY COMMAND...: the rest of a script as root; the variables that steer it go along.
continue_as_root() {
  [ "$(id -u)" != 0 ] || return 0
  need_sudo
  say "$1, hence the rest runs with sudo"
  shift
  for name in PATH HOME GANTRY_REQUIRE GANTRY_DATA GANTRY_RUN; do
    eval "value=\${$name-}"
    [ -z "$value" ] || set -- "$name=$value" "$@"
  done
  exec sudo env "$@"
}
