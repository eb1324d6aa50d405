#!/usr/bin/env bash
# Gives a bare Debian machine a Docker Engine with the Compose and Buildx plugins, and starts it. Called by `make engine`.
#
#   scripts/engine.sh          install what is missing, start the engine where none answers
#   scripts/engine.sh --stop   stop the engine, if this script started it
#
# Does nothing that is not needed: where an engine answers, only missing plugins are added.
# SWITCHYARD_DOCKER_DATA   where the engine keeps images and volumes (default: the engine's own, /var/lib/docker)
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$here/debian-archive.sh"

state=/run/switchyard
pid_file=$state/dockerd.pid
unit_mark=$state/dockerd.unit
log=/var/log/switchyard-dockerd.log
wait_seconds=60

say() { echo "engine: $*" >&2; }
fail() {
  echo "switchyard engine: $1" >&2
  [ -z "${2:-}" ] || echo "  $2" >&2
  exit "${3:-1}"
}

# An engine answers when the client can read its version.
answers() { docker version --format '{{.Server.Version}}' >/dev/null 2>&1; }
has_plugin() { docker "$1" version >/dev/null 2>&1; }

is_debian() { grep -qE '^ID(_LIKE)?=("?|.* )debian' /etc/os-release 2>/dev/null && command -v apt-get >/dev/null; }

need_root_on_debian() {
  is_debian || fail "this machine is not Debian: nothing was installed." \
    "Install Docker Engine, Compose v2 and Buildx as docs.docker.com says for this system, or use --runtime host." 2
  [ "$(id -u)" = 0 ] || fail "installing and starting an engine needs root: nothing was done." "Run: sudo make engine" 2
}

# True when $1 is a running dockerd: a pid file outlives its process, and the number may have been given to another.
is_dockerd() { [ -n "$1" ] && [ "$(cat "/proc/$1/comm" 2>/dev/null)" = dockerd ]; }

stop() {
  if [ -e "$unit_mark" ]; then
    systemctl stop docker.service docker.socket
    rm -f "$unit_mark"
    say "stopped."
    return
  fi
  local pid
  pid=$(cat "$pid_file" 2>/dev/null || true)
  if ! is_dockerd "$pid"; then
    rm -f "$pid_file"
    say "nothing to stop: this script started no engine that still runs."
    return
  fi
  kill -TERM "$pid"
  for _ in $(seq "$wait_seconds"); do
    is_dockerd "$pid" || break
    sleep 1
  done
  ! is_dockerd "$pid" || fail "the engine (pid $pid) did not stop within $wait_seconds s." "Its log: $log"
  rm -f "$pid_file"
  say "stopped (pid $pid)."
}

# Downloads the packages "$@" of suite $1's current index into folder $2. Apt checks the suite's signature and the
# packages' hashes; its own lists and settings on this machine are not touched.
download_from_suite() {
  local suite=$1 folder=$2 uri keyring=/usr/share/keyrings/debian-archive-keyring.gpg
  shift 2
  uri=$(debian_archive)
  [ -n "$uri" ] || return 1
  [ -e "$keyring" ] || keyring=
  mkdir -p "$folder/lists/partial" "$folder/cache/archives/partial"
  echo "deb ${keyring:+[signed-by=$keyring]} $uri $suite main" >"$folder/sources.list"
  local options=(-qq -o "Dir::Etc::SourceList=$folder/sources.list" -o Dir::Etc::SourceParts=/dev/null
    -o "Dir::State::Lists=$folder/lists" -o "Dir::Cache=$folder/cache" -o APT::Sandbox::User=root
    -o Acquire::Languages=none -o Acquire::IndexTargets::deb::Contents-deb::DefaultEnabled=false
    -o Acquire::IndexTargets::deb::DEP-11::DefaultEnabled=false)
  apt-get "${options[@]}" update || return 1
  (cd "$folder" && apt-get "${options[@]}" download "$@")
}

# Compose v2 and Buildx are not in Debian 12. Unstable's packages need nothing but libc; stable's are older and the fallback.
install_plugins() {
  local suite
  folder=$(mktemp -d)
  trap 'rm -rf "$folder"' EXIT
  for suite in unstable stable; do
    if download_from_suite "$suite" "$folder/$suite" "$@" && dpkg -i "$folder/$suite"/*.deb >"$folder/dpkg.log" 2>&1; then
      for name in "$@"; do say "installed $name $(dpkg-query -W -f '${Version}' "$name") ($suite)"; done
      return
    fi
    say "the $suite suite's packages do not fit here; trying the next."
    # A package that was unpacked but cannot be configured would block apt later.
    for name in "$@"; do dpkg --remove --force-depends "$name" >/dev/null 2>&1 || true; done
  done
  cat "$folder/dpkg.log" >&2 2>/dev/null || true
  fail "Compose and Buildx could not be installed." "Read the lines above; is the package archive reachable?"
}

add_missing_plugins() {
  local missing=()
  has_plugin compose || missing+=(docker-compose)
  has_plugin buildx || missing+=(docker-buildx)
  [ ${#missing[@]} -gt 0 ] || return 0
  need_root_on_debian
  install_plugins "${missing[@]}"
}

install_engine() {
  local missing=()
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v iptables >/dev/null || missing+=(iptables)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  [ ${#missing[@]} -gt 0 ] || return 0
  say "installing ${missing[*]} …"
  apt-get -qq update || fail "the package lists cannot be read." "Read apt's words above."
  DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null ||
    fail "apt could not install ${missing[*]}." "Read apt's words above."
  say "installed ${missing[*]}"
}

start_engine() {
  mkdir -p "$state"
  if [ -d /run/systemd/system ] && [ -z "${SWITCHYARD_DOCKER_DATA:-}" ]; then
    systemctl start docker.service
    touch "$unit_mark"
  else
    # setsid: the engine outlives this shell and does not get its Ctrl-C.
    setsid dockerd ${SWITCHYARD_DOCKER_DATA:+--data-root "$SWITCHYARD_DOCKER_DATA"} >"$log" 2>&1 </dev/null &
    echo $! >"$pid_file"
  fi
  for _ in $(seq $((wait_seconds * 2))); do
    if answers; then
      return 0
    fi
    if [ -e "$pid_file" ] && ! kill -0 "$(cat "$pid_file")" 2>/dev/null; then
      tail -n 20 "$log" >&2
      rm -f "$pid_file"
      fail "the engine ended at once." "Its log: $log"
    fi
    sleep 0.5
  done
  fail "the engine does not answer after $wait_seconds s." "Its log: $log"
}

case "${1:-}" in
  --stop)
    stop
    exit
    ;;
  "") ;;
  *) fail "unknown argument: $1" "Use: scripts/engine.sh [--stop]" 2 ;;
esac

started=
if ! answers; then
  [ -z "${DOCKER_HOST:-}" ] || fail "no engine answers at DOCKER_HOST=$DOCKER_HOST." "Start it there, or unset DOCKER_HOST." 1
  need_root_on_debian
  install_engine
  # Installing may have started it already, where the machine has an init system.
  answers || { start_engine && started=yes; }
fi
add_missing_plugins
say "Docker Engine $(docker version --format '{{.Server.Version}}') ${started:+started, }answers; Compose $(docker compose version --short), Buildx $(docker buildx version | awk '{print $2}')."
