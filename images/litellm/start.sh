#!/bin/sh
# The LiteLLM of a stack. Its configuration, its keys and the machine's network settings come as files of /run/secrets, and its
# keys reach it on stdin: they stand in no environment and on no command line. What is given is added to the command.
set -eu
if [ -r /run/secrets/network.env ]; then
  set -a
  . /run/secrets/network.env
  set +a
fi
# The official image has a Python of its own.
python=/opt/litellm/venv/bin/python
[ -x "$python" ] || python=python3
exec "$python" /opt/litellm/start.py --config /run/secrets/litellm.yaml --port 4000 "$@" </run/secrets/litellm-keys.json
