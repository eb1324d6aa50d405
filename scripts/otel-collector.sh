#!/usr/bin/env bash
# Builds the OpenTelemetry collector of the tests (test/e2e/collector), once, and prints the path of the program. --check as of
# cliproxyapi.sh.
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
exec "$here/go-program.sh" "OTel collector" "$here/../test/e2e/collector" go.opentelemetry.io/collector/otelcol . "$@"
