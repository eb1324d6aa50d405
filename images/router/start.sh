#!/bin/sh
# Starts the stack's router. Its secrets are files of a folder that compose mounts: neither its command line nor its environment holds a
# key, and a reload finds the files that were written meanwhile.
set -eu
secrets=/run/secrets

# Proxies and CA bundle of the machine, as lines NAME='value'.
if [ -r "$secrets/network.env" ]; then
  set -a
  . "$secrets/network.env"
  set +a
fi

# Cooldowns outlive the container where a folder is mounted for them.
set --
if [ -d /state ]; then set -- --state /state; fi

# SIGUSR1 would open Node's debugger to whoever may send it. The others: see bin/switchyard.
exec node --disable-sigusr1 --disable-warning=ExperimentalWarning --max-semi-space-size=8 --no-parallel-scavenge --no-allocation-site-pretenuring --heap-growing-percent=200 /opt/switchyard/src/cli/main.ts \
  router --config "$secrets/switchyard.yaml" --host 0.0.0.0 --port 3000 --keys-file "$secrets/router-keys.json" "$@"
