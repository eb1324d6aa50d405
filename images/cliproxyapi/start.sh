#!/bin/sh
# The CLIProxyAPI of a stack. Its configuration and the machine's network settings come as files of /run/secrets. What is given is added
# to its command: a login is one of its options.
set -eu
if [ -r /run/secrets/network.env ]; then
  set -a
  . /run/secrets/network.env
  set +a
fi
# The official image has it in a place of its own.
program=/opt/cliproxyapi/cliproxyapi
[ -x "$program" ] || program=/CLIProxyAPI/CLIProxyAPI
exec "$program" -config /run/secrets/cliproxyapi.yaml "$@"
