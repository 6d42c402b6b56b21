#!/bin/bash
# docker-compose.yml from nothing to two people who talk, without a registry:
# the base image is made from this machine's own package sources.  Needs root,
# and Debian; installs what is missing; leaves nothing behind.
#
# Images are built with the machine's network, and run in a network namespace of
# their own, so that neither firewall nor ports of the machine are touched.
# NATTER_KEEP_LOG=FILE keeps what docker said.
set -euo pipefail
export PATH=/usr/sbin:/usr/bin:/sbin:/bin
exec 3>&1
cd "$(dirname "$0")/.."

say() {
	printf '[%3d s] %s\n' $SECONDS "$*"
}

fail() {
	say "$*"
	echo '0 passed, 1 failed'
	exit 1
}

[ "$(id -u)" = 0 ] || fail 'this test needs root, for a docker of its own'

w= ns=natter$$ dockerd=0 job=0 policy=

docker_stop() {
	[ $dockerd != 0 ] || return 0
	kill $dockerd 2>/dev/null || true
	wait $dockerd 2>/dev/null || true
	dockerd=0
}

clean() {
	local status=$?
	exec >&3		# a step may have been writing elsewhere
	trap '' EXIT INT TERM HUP
	[ -z "$policy" ] || rm -f "$policy"
	if [ $job != 0 ]; then
		kill -- -$job 2>/dev/null || true
		wait $job 2>/dev/null || true
	fi
	if [ -n "$w" ]; then
		if [ $dockerd != 0 ] && docker version >/dev/null 2>&1; then
			docker-compose down -v --remove-orphans -t 5 >/dev/null 2>&1 || true
		fi
		docker_stop
		umount "$w"/exec/netns/* 2>/dev/null || true
		ip netns del $ns 2>/dev/null || true
		[ -z "${NATTER_KEEP_LOG-}" ] || cat "$w"/*.log >"$NATTER_KEEP_LOG" 2>/dev/null || true
		rm -rf --one-file-system "$w" "$shm"
		say 'cleaned up'
	fi
	[ -z "${counts-}" ] || echo "$counts"
	exit $status
}
trap clean EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# In a group of its own and in the background, so that an interruption is heard
# at once and ends all of it.
step() {
	local status=0
	setsid "$@" &
	job=$!
	wait $job || status=$?
	job=0
	return $status
}

# docker_start COMMAND...: with what dockerd is run, or nothing; options after --
docker_start() {
	local how=()
	while [ "$1" != -- ]; do
		how+=("$1")
		shift
	done
	shift
	"${how[@]}" setsid dockerd -H "$DOCKER_HOST" --data-root "$w/data" --exec-root "$w/exec" \
		--pidfile "$w/dockerd.pid" --storage-driver=overlay2 "$@" >>"$w/dockerd.log" 2>&1 &
	dockerd=$!
	for _ in $(seq 300); do
		docker version >/dev/null 2>&1 && return
		kill -0 $dockerd 2>/dev/null || break
		sleep 0.1
	done
	tail -20 "$w/dockerd.log"
	fail 'docker does not start'
}

# Packages whose services nobody wants started here.
if [ ! -e /usr/sbin/policy-rc.d ]; then
	policy=/usr/sbin/policy-rc.d
	printf '#!/bin/sh\nexit 101\n' >$policy
	chmod +x $policy
fi
step scripts/packages compose build || fail 'packages are missing'
[ -z "$policy" ] || rm -f "$policy"
policy=
step scripts/vendor all || fail 'the libraries of the page are missing'

w=$(mktemp -d /var/tmp/natter-compose.XXXXXX)
shm=$(mktemp -d /dev/shm/natter-compose.XXXXXX)
export DOCKER_HOST=unix://$w/docker.sock HOME=$w COMPOSE_HTTP_TIMEOUT=180
export COMPOSE_PROJECT_NAME=natter$$ COMPOSE_FILE=docker-compose.yml
export DOCKER_BUILDKIT=1 COMPOSE_DOCKER_CLI_BUILD=1
export NATTER_DB_PASSWORD_FILE=$w/db_password NATTER_PORT=8080 NATTER_URL=http://127.0.0.1:8080/
head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n' >"$NATTER_DB_PASSWORD_FILE"

sources=${APT_SOURCES:-}
for file in /etc/apt/sources.list.d/debian.sources /etc/apt/sources.list; do
	[ -n "$sources" ] || [ ! -s $file ] || sources=$file
done
TMPDIR=$shm step mmdebstrap --quiet --variant=apt --aptopt='Acquire::Languages "none"' \
	--dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-exclude=/usr/share/man/*' \
	--dpkgopt='path-exclude=/usr/share/locale/*' bookworm "$w/base.tar" "$sources" \
	>"$w/base.log" 2>&1 || { tail -20 "$w/base.log"; fail 'no base image'; }
say 'base image made'

docker_start -- --bridge=none --iptables=false --ip6tables=false --ip-forward=false
docker import "$w/base.tar" debian:bookworm-slim >/dev/null
rm "$w/base.tar"
# Two of the services: the others have the image of web.
step docker-compose -f docker-compose.yml -f docker-compose.ci.yml build web db >"$w/build.log" 2>&1 ||
	{ tail -60 "$w/build.log"; fail 'the images do not build'; }
docker_stop
say 'images built'

ip netns add $ns
ip -n $ns link set lo up
docker_start nsenter --net=/run/netns/$ns --
step docker-compose up -d --no-build >"$w/up.log" 2>&1 ||
	{ cat "$w/up.log"; docker-compose ps; docker-compose logs --no-color --tail=30; fail 'it does not start'; }
say 'started'

status=0
step nsenter --net=/run/netns/$ns node --test --test-reporter=spec \
	--test-reporter-destination=stdout --test-reporter=tap \
	--test-reporter-destination="$w/tap" tests/compose/compose.test.js || status=1
[ $status = 0 ] || { docker-compose ps; docker-compose logs --no-color --tail=40; } || true
passed=$(sed -n 's/^# pass //p' "$w/tap" | tail -1)
failed=$(awk '/^# (fail|cancelled) /{n += $3} END {print n + 0}' "$w/tap")
counts="${passed:-0} passed, ${failed:-1} failed"
exit $status
