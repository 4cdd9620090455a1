# Makes container images from this machine's Debian or Ubuntu release: resolves packages with an apt
# of its own (nothing is installed here), unpacks them without running their maintainer scripts, and
# hands the tree to `$GANTRY image import`. Sourced by the build-images.sh of each example.

lib=$(dirname "$(realpath "${BASH_SOURCE[0]}")")
cache=${XDG_CACHE_HOME:-$HOME/.cache}/gantry/examples
example=$(basename "$PWD")
release=unknown
apt=()      # apt-get with the private configuration, filled by apt_open
work=       # scratch folder of this run
engine=()   # the engine's command line client, from $GANTRY
image_path=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin
inputs=     # hash of everything an image of this example is made from

say() { echo "$example: $*"; }
fail() { echo "$example: $*" >&2; exit 1; }

# need COMMAND PACKAGE: the host must have COMMAND
need() { command -v "$1" >/dev/null || fail "$1 is missing; install it with: apt-get install $2"; }

# images_open FRESH IMAGE... -- FILE...: ends the script when each IMAGE was already made from the
# same FILEs (unless FRESH is --fresh); otherwise makes a scratch folder, and apt_open is next.
images_open() {
  local fresh=$1 images=() image current=yes
  shift
  while [[ $1 != -- ]]; do images+=("$1"); shift; done
  shift
  find_release
  find_engine
  inputs=$({ echo "$release"; cat "$lib/images.sh" "$lib/excludes" "$@"; } | sha256sum | cut -c1-32)
  mkdir -p "$cache"
  # one run at a time; the engine, which may be started by its client, must not inherit the lock
  exec 9>"$cache/lock"
  flock 9
  for image in "${images[@]}"; do
    [[ $("${engine[@]}" image inspect "$image" 2>/dev/null 9>&-) == *"\"$inputs\""* ]] || current=no
  done
  if [[ $current == yes && $fresh != --fresh ]]; then
    say "${images[*]}: nothing changed"
    exit 0
  fi
  need dpkg-deb dpkg
  need xz xz-utils
  work=$(mktemp -d "$cache/work.XXXXXX")
  mkdir -p "$work/none/partial"
  trap images_close EXIT
}

images_close() {
  local jobs
  jobs=$(jobs -p)
  # shellcheck disable=SC2086 # one word each
  [[ -z $jobs ]] || kill $jobs 2>/dev/null || :
  wait
  rm -rf "$work"
}

find_release() {
  command -v apt-get >/dev/null || fail "apt-get is missing; these images are made on Debian or Ubuntu only"
  # shellcheck source=/dev/null
  release=$(. /etc/os-release && echo "${UBUNTU_CODENAME:+ubuntu-}${UBUNTU_CODENAME:-$ID-${VERSION_CODENAME:-unknown}}")
  release+=-$(dpkg --print-architecture)
}

find_engine() {
  local here
  here=$(realpath -m "$lib/../../bin/gantry")
  if [[ -n ${GANTRY:-} ]]; then read -ra engine <<<"$GANTRY"; else engine=("$here"); fi
  # a relative path counts from where the script was called
  [[ ${engine[0]} != */* ]] || engine[0]=$(cd "${OLDPWD:-.}" && realpath -m "${engine[0]}")
  command -v "${engine[0]}" >/dev/null || fail "${engine[0]} is missing; build it with: npm run build"
}

# apt_open FRESH: apt's view of an empty machine of this release, with the archives this machine uses;
# --fresh reads the package lists again
apt_open() {
  local root=$cache/$release sources
  mkdir -p "$root/lists/partial" "$root/archives/partial"
  sources=$(archive_sources)
  [[ -n $sources ]] || fail "apt has no Debian or Ubuntu archive for $release; see /etc/apt/sources.list.d"
  apt=(apt-get -qq -y -o Dir::State::Lists="$root/lists" -o Dir::Cache="$root"
    -o Dir::Cache::archives="$root/archives" -o Dir::Etc::SourceList="$root/sources.list"
    -o Dir::Etc::SourceParts=/dev/null -o Dir::Etc::Preferences=/dev/null
    -o Dir::Etc::PreferencesParts=/dev/null -o Dir::Cache::pkgcache= -o Dir::Cache::srcpkgcache=src.bin
    -o Acquire::Languages=none -o Acquire::Retries=1 -o Acquire::http::Timeout=15 -o APT::Update::Error-Mode=any
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false
    -o APT::Sandbox::User= -o APT::Install-Recommends=false -o APT::Keep-Downloaded-Packages=true
    -o Debug::NoLocking=true)
  if [[ $1 == --fresh || $sources != "$(cat "$root/sources.list" 2>/dev/null)" || ! -e $root/updated ]]; then
    echo "$sources" >"$root/sources.list"
    apt_update
  fi
}

apt_update() {
  say "reading the package lists of $release"
  rm -f "$cache/$release/updated"
  "${apt[@]}" update >"$work/apt.log" 2>&1 || fail "cannot read the package lists: $(reason apt)"
  touch "$cache/$release/updated"
}

# the lines of a sources.list for this release only: third-party archives stay out
archive_sources() {
  local id name key signed=
  IFS=- read -r id name _ <<<"$release"
  key=/usr/share/keyrings/$id-archive-keyring.gpg
  [[ ! -r $key ]] || signed="[signed-by=$key] "
  # shellcheck disable=SC2016 # the dollars are apt's
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' |
    awk -v n="$name" '($2 == n || $2 == n "-updates" || $2 == n "-security") && ($3 == "main" || $3 == "universe")' |
    sort -u | sed "s|^|deb $signed|"
}

# empty_machine ABSENT...: a dpkg status file that says the ABSENT packages are there, so that apt
# leaves them, and all that only they need, out
empty_machine() {
  local package list=
  for package; do list+="${list:+, }$package (= 99:1)"; done
  printf 'Package: left-out\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n'
  printf 'Maintainer: none\nDescription: what the image does without\nProvides: %s\n\n' "$list"
}

# debs NAME PACKAGE... -- ABSENT...: downloads PACKAGEs with what they need; the paths of the .deb
# files go to $work/NAME.debs
debs() {
  local name=$1 packages=() status=$work/$1.status
  shift
  while [[ $1 != -- ]]; do packages+=("$1"); shift; done
  shift
  empty_machine "$@" >"$status"
  resolve "$name" "${packages[@]}" || fail "apt cannot resolve ${packages[*]}: $(reason "$name")"
  if ! download "$name" "${packages[@]}"; then
    # the archive has moved on since the lists were read
    apt_update
    resolve "$name" "${packages[@]}" && download "$name" "${packages[@]}" ||
      fail "cannot download ${packages[*]}: $(reason "$name")"
  fi
}

# reason NAME: the first error of the last apt-get of NAME
reason() { grep -m 1 '^E:' "$work/$1.log" || tail -n 1 "$work/$1.log"; }

resolve() {
  local name=$1
  shift
  # apt lists what it would download; with an empty archive folder that is everything
  "${apt[@]}" -o Dir::State::status="$work/$name.status" -o Dir::Cache::archives="$work/none" --print-uris install "$@" >"$work/$name.uris" 2>"$work/$name.log" &&
    sed -n "s|^'[^']*' \([^ ]*\) .*|$cache/$release/archives/\1|p" "$work/$name.uris" >"$work/$name.debs"
}

download() {
  local name=$1 deb missing=0
  shift
  while read -r deb; do [[ -s $deb ]] || missing=$((missing + 1)); done <"$work/$name.debs"
  ((missing == 0)) || say "downloading $missing packages for $name"
  "${apt[@]}" -o Dir::State::status="$work/$name.status" --download-only install "$@" >"$work/$name.log" 2>&1
}

# skeleton ROOT: the merged-/usr directories of a Debian system and the users every image has
skeleton() {
  local dir
  mkdir -p "$1"/{dev,etc,proc,sys,run,root,home,usr/{bin,sbin,lib,lib64},var/{lib,log,cache}}
  mkdir -m 1777 "$1/tmp" "$1/var/tmp"
  for dir in bin sbin lib lib64; do ln -s "usr/$dir" "$1/$dir"; done
  ln -s ../run "$1/var/run"
  echo 'hosts: files dns' >"$1/etc/nsswitch.conf"
  user "$1" root 0 /root
  user "$1" nobody 65534 /nonexistent
}

# user ROOT NAME ID HOME
user() {
  local shell=/bin/sh
  echo "$2:x:$3:$3::$4:$shell" >>"$1/etc/passwd"
  echo "$2:x:$3:" >>"$1/etc/group"
}

# unpack ROOT DEB...: without documentation (lib/excludes) and without maintainer scripts
unpack() {
  local root=$1
  shift
  (($# == 0)) || printf '%s\0' "$@" | xargs -0 -n 1 -P "$(nproc)" bash -c 'set -o pipefail
    dpkg-deb --fsys-tarfile "$2" | tar -x -C "$0" -X "$1" --no-same-owner --keep-directory-symlink' "$root" "$lib/excludes"
}

# applets ROOT: busybox under each of its names that no package took
applets() {
  local name
  "$1/bin/busybox" --list | while read -r name; do
    [[ -e $1/bin/$name || -L $1/bin/$name || -e $1/sbin/$name ]] || ln -s busybox "$1/bin/$name"
  done
}

# import ROOT IMAGE CHANGE...: CHANGEs are Dockerfile instructions, as `image import --change` takes
import() {
  local root=$1 image=$2 change changes=()
  shift 2
  for change; do changes+=(--change "$change"); done
  say "importing $image ($(du -sm "$root" | cut -f1) MB)"
  tar -c -C "$root" --sort=name --owner=0 --group=0 --numeric-owner . |
    "${engine[@]}" image import "${changes[@]}" --change "LABEL gantry.example.inputs=$inputs" - "$image" >/dev/null 9>&-
}
