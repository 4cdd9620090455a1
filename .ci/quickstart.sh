#!/bin/sh
# npm run quickstart: from a bare clone to a real Kafka and ZooKeeper that pass 10 messages. When Maven Central can't be
# reached, the web-db example is shown instead and the last line says what was not. Each phase says how long it took.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh

began=$(date +%s)
phase_began=$began
phase_done() {
  now=$(date +%s)
  say "$1: $((now - phase_began)) s"
  phase_began=$now
}

if [ "${1:-}" != built ]; then
  need_c
  need bash bash iptables iptables xz xz-utils dpkg-deb dpkg
  node_packages
  phase_done 'set-up'
  sh .ci/build.sh
  phase_done 'build'
  # where sudo is needed, what was built stays the user's own
  continue_as_root 'the engine needs root' sh .ci/quickstart.sh built
fi

show() { # EXAMPLE CHECK SERVICE
  say "bringing examples/$1 up"
  (cd "examples/$1" && ../../bin/gantry up -d --build --quiet-build)
  phase_done 'up'
  node "examples/$1/$2"
  phase_done 'check'
  (cd "examples/$1" && ../../bin/gantry ps)
  say "done in $(($(date +%s) - began)) s. It is still up; next, try:"
  printf '  cd examples/%s\n  ../../bin/gantry logs -f\n  ../../bin/gantry exec %s sh\n  ../../bin/gantry down -v\n' "$1" "$3"
}

say 'making the images of examples/kafka-zookeeper'
status=0
need mvn maven
bash examples/kafka-zookeeper/build-images.sh || status=$?
phase_done 'images'
case $status in
0)
  show kafka-zookeeper check/check.ts kafka
  ;;
3)
  say 'Maven Central could not be reached, so examples/web-db is shown instead'
  bash examples/web-db/build-images.sh
  phase_done 'images of examples/web-db'
  show web-db check.ts web
  say 'not shown: Kafka and ZooKeeper (examples/kafka-zookeeper needs Maven Central)'
  ;;
*)
  exit "$status"
  ;;
esac
