#!/usr/bin/env bash
# Makes what the Dockerfiles of this example begin with: a base image with Java from Debian's packages, and the releases
# they add to it (release.tar), ZooKeeper from Debian's packages, Kafka from Maven Central.
# Does nothing when all is there already; with --fresh it makes it again from today's packages.
# $GANTRY is the command that imports the image (../../bin/gantry; `docker` does as well).
# Ends with 3 when Maven Central cannot be reached.
set -euo pipefail
cd "$(dirname "$(realpath "$0")")"
. ../lib/images.sh

java_image=gantry-examples/java:local
unreachable=3

# needed by graphics, sound and printing, by installation, or by ZooKeeper's web admin server
java_without=(adduser debconf ca-certificates-java java-common util-linux fontconfig-config
  libasound2 libasound2t64 libcups2 libcups2t64 libfontconfig1 libfreetype6 libharfbuzz0b
  libjpeg62-turbo libjpeg8 libjpeg-turbo8 liblcms2-2 libnss3 libpcsclite1)
zookeeper_without=(default-jre default-jre-headless junit4 libfindbugs-annotations-java libguava-java
  libjetty9-java libjetty9-extra-java libnetty-tcnative-java)

main() {
  local again=${1:-}
  [[ -e zookeeper/release.tar && -e kafka/release.tar ]] || again=--fresh
  images_open "$again" $java_image -- build-images.sh pom.xml
  need mvn maven
  apt_open "${1:-}"
  fetch_jars &
  local jars=$! status=0
  debs java busybox-static "$(java_package)" -- "${java_without[@]}"
  debs zookeeper zookeeper busybox-static "$(java_package)" -- "${java_without[@]}" "${zookeeper_without[@]}"
  make_java &
  local java=$!
  make_zookeeper &
  local zookeeper=$!
  wait $jars || status=$?
  ((status == 0)) || exit $status
  make_kafka
  wait $zookeeper
  wait $java
  say "made $java_image and the releases in $SECONDS s"
}

# the newest Java this Kafka is made for that the release has
java_package() {
  local version
  for version in 21 17; do
    if [[ -n $("${apt[@]}" --print-uris download "openjdk-$version-jre-headless" 2>/dev/null) ]]; then
      echo "openjdk-$version-jre-headless"
      return
    fi
  done
  fail "$release has neither openjdk-21-jre-headless nor openjdk-17-jre-headless, which Kafka 3.9 needs"
}

# Kafka's jars, kept in the cache under the hash of pom.xml. Maven checks each against its checksum.
fetch_jars() {
  local target
  target=$(jar_folder)
  [[ ! -d $target ]] || return 0
  say "downloading Kafka from Maven Central"
  mkdir -p "$cache/maven"
  touch "$work/mvn.begin"
  mvn_quiet -DoutputDirectory="$work/jars" \
    org.apache.maven.plugins:maven-dependency-plugin:copy-dependencies &
  local mvn=$!
  # shellcheck disable=SC2064 # the process known now
  trap "kill $mvn" TERM
  watch_arrival $mvn
  wait $mvn || maven_failed
  mkdir -p "$(dirname "$target")"
  mv -T "$work/jars" "$target"
}

jar_folder() { echo "$cache/kafka-jars/$(sha256sum pom.xml | cut -c1-32)"; }

# takes its process over, so that ending it ends Maven; -U: tries again what failed last time
mvn_quiet() {
  export MAVEN_OPTS="${MAVEN_OPTS:-} -XX:TieredStopAtLevel=1"
  exec mvn -B -q -C -U -Dstyle.color=never -f pom.xml -Dmaven.repo.local="$cache/maven" \
    -Dmaven.wagon.rto=20000 -Dmaven.wagon.http.retryHandler.count=1 \
    -Daether.connector.connectTimeout=10000 -Daether.connector.requestTimeout=20000 "$@" >"$work/mvn.log" 2>&1
}

# watch_arrival PID: ends Maven when not one file has come within 20 s
watch_arrival() {
  local second
  for ((second = 0; second < 20; second++)); do
    kill -0 "$1" 2>/dev/null || return 0
    [[ -z $(find "$cache/maven" -newer "$work/mvn.begin" -name '*.sha1' -print -quit 2>/dev/null) ]] || return 0
    sleep 1
  done
  kill "$1" 2>/dev/null || :
}

maven_failed() {
  local reason
  reason=$(sed -n '/\[ERROR\]/{ s/.*\[ERROR\] //; s/ -> \[Help.*//; p; q; }' "$work/mvn.log")
  echo "$example: cannot get Kafka from Maven Central: ${reason:-no answer in 20 s}" >&2
  exit $unreachable
}

make_java() {
  local debs
  mapfile -t debs <"$work/java.debs"
  say "unpacking ${#debs[@]} packages"
  skeleton "$work/java"
  unpack "$work/java" "${debs[@]}"
  applets "$work/java"
  (cd "$work/java/usr/bin" && ln -s ../lib/jvm/java-[0-9][0-9]-openjdk-*/bin/java java)
  user "$work/java" zookeeper 1000 /var/lib/zookeeper
  user "$work/java" kafka 1001 /var/lib/kafka
  import "$work/java" $java_image "ENV PATH=$image_path"
}

# ZooKeeper's packages without what the base image has
make_zookeeper() {
  local root=$work/zookeeper debs
  mapfile -t debs < <(grep -vxFf "$work/java.debs" "$work/zookeeper.debs")
  skeleton "$root"
  unpack "$root" "${debs[@]}"
  release zookeeper "$root" etc/zookeeper usr var/lib
}

make_kafka() { release kafka "$(jar_folder)" .; }

# release SERVICE FOLDER PATH...: the archive that the Dockerfile of SERVICE adds, whole or not at all
release() {
  local service=$1 folder=$2 path paths=()
  shift 2
  for path; do [[ ! -e $folder/$path ]] || paths+=("$path"); done
  say "packing the release of $service"
  tar -cf "$service/release.tar.$$" -C "$folder" --sort=name --owner=0 --group=0 --numeric-owner "${paths[@]}"
  mv "$service/release.tar.$$" "$service/release.tar"
}

main "$@"
