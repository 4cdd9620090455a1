#!/bin/sh
# npm run quickstart: from a bare clone to a real Kafka and ZooKeeper that pass 10 messages. When Maven Central can't be
# reached, the web-db example is shown instead and the last line says what was not.
set -eu
cd "$(dirname "$0")/.."
. .ci/setup.sh

began=$(date +%s)
need gcc gcc make make iptables iptables xz xz-utils
node_packages
say 'building'
sh .ci/build.sh
if [ "$(id -u)" != 0 ]; then
  say 'the engine needs root, hence the rest runs with sudo'
  exec sudo env "PATH=$PATH" sh .ci/quickstart.sh
fi

show() { # EXAMPLE CHECK
  say "bringing examples/$1 up"
  (cd "examples/$1" && ../../bin/gantry up -d)
  node "examples/$1/$2"
  (cd "examples/$1" && ../../bin/gantry ps)
  say "done in $(($(date +%s) - began)) s. It is still up; next, try:"
  printf '  cd examples/%s\n  ../../bin/gantry logs -f\n  ../../bin/gantry exec %s sh\n  ../../bin/gantry down -v\n' "$1" "$3"
}

say 'making the images of examples/kafka-zookeeper'
status=0
need mvn maven
bash examples/kafka-zookeeper/build-images.sh || status=$?
case $status in
0)
  show kafka-zookeeper check/check.ts kafka
  ;;
3)
  say 'Maven Central could not be reached, so examples/web-db is shown instead'
  bash examples/web-db/build-images.sh
  show web-db check.ts web
  say 'not shown: Kafka and ZooKeeper (examples/kafka-zookeeper needs Maven Central)'
  ;;
*)
  exit "$status"
  ;;
esac
