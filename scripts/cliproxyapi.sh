#!/usr/bin/env bash
# Builds CLIProxyAPI of the version that images/cliproxyapi/go.mod pins, once, and prints the path of the program.
#
#   scripts/cliproxyapi.sh           build where the cache holds none, and print the path
#   scripts/cliproxyapi.sh --check   build nothing; fail where neither a built one nor a Go to build it with is there
# CLIPROXYAPI_VERSION   another version; what that one asks for is then checked against Go's checksum database alone
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
module=github.com/router-for-me/CLIProxyAPI/v6
# What the program says of itself: the makers set it when they link.
export GO_PROGRAM_VARIABLE=main.Version
export GO_PROGRAM_VERSION=${CLIPROXYAPI_VERSION:-}
exec "$here/go-program.sh" CLIProxyAPI "$here/../images/cliproxyapi" "$module" "$module/cmd/server" "$@"
