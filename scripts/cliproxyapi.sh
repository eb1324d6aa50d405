#!/usr/bin/env bash
# Builds CLIProxyAPI of the version that images/cliproxyapi/go.mod pins, once, and prints the path of the program. Its modules
# come from the Go module proxy and are checked against images/cliproxyapi/go.sum.
#
#   scripts/cliproxyapi.sh           build where the cache holds none, and print the path
#   scripts/cliproxyapi.sh --check   build nothing; fail where neither a built one nor a Go to build it with is there
#
# It needs Go 1.26 or later. An older one (Debian's own, 1.19 or later) fetches that by itself, as a module with a checksum.
# Nothing but the program stays: modules and what the compiler keeps go to a folder that is removed.
# CLIPROXYAPI_VERSION   another version; what that one asks for is then checked against Go's checksum database alone
set -euo pipefail
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
source=$here/../images/cliproxyapi
module=github.com/router-for-me/CLIProxyAPI/v6
# The Go that is fetched where the machine's is older than go.mod asks for.
toolchain=1.26.8

say() { echo "cliproxyapi: $*" >&2; }
fail() {
  echo "switchyard: CLIProxyAPI is not built: $1" >&2
  echo "  Go 1.26 or later builds it (go.dev/dl), or one from 1.19 on, which fetches that (on Debian: apt-get install golang-go)." >&2
  exit 1
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}
pinned_version=$(awk -v module="$module" '$1 == module { print substr($2, 2) }' "$source/go.mod")
version=${CLIPROXYAPI_VERSION:-$pinned_version}
pinned=$(cat "$source/go.mod" "$source/go.sum" | digest | cut -c 1-12)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/switchyard
program=$cache/cliproxyapi-$version-$pinned
if [ -x "$program" ]; then
  echo "$program"
  exit 0
fi

# "1.26.8" as 126: what go.mod's line, the machine's Go and the toolchain are compared by.
minor_of() { echo "$1" | awk -F. '{ print $1 * 100 + $2 }'; }
version_of() { "$1" env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9][0-9.]*\).*/\1/p'; }
needed=$(awk '$1 == "go" { print $2 }' "$source/go.mod")

# The latest of those that are there: in the path, or where Go's own installer and Debian put it.
found=
latest=0
for candidate in "$(command -v go || true)" /usr/local/go/bin/go /usr/lib/go/bin/go; do
  [ -x "$candidate" ] || continue
  # In a folder without a go.mod, and of the candidate itself: neither may make it fetch another.
  minor=$(minor_of "$(cd / && GOTOOLCHAIN=local version_of "$candidate")")
  if [ "$minor" -gt "$latest" ]; then
    found=$candidate
    latest=$minor
  fi
done
[ -n "$found" ] || fail "Go is not installed."
[ "$latest" -ge 119 ] || fail "$found is older than 1.19."
[ "${1:-}" != --check ] || exit 0

mkdir -p "$cache"
work=$(mktemp -d "$cache/cliproxyapi.XXXXXX")
# Modules are written read-only unless told otherwise.
trap 'rm -rf "$work"' EXIT
export GOPATH=$work/go GOMODCACHE=$work/go/pkg/mod GOCACHE=$work/build GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
export GOFLAGS=-modcacherw
cp "$source/go.mod" "$source/go.sum" "$work/"
cd "$work"
say "building CLIProxyAPI $version (once, some minutes) …"
if [ "$latest" -lt "$(minor_of "$needed")" ]; then
  platform=$(cd / && "$found" env GOOS)-$(cd / && "$found" env GOARCH)
  name=golang.org/toolchain@v0.0.1-go$toolchain.$platform
  say "$found is older than $needed: Go $toolchain is fetched …"
  (cd / && "$found" mod download "$name") >&2 || fail "Go $toolchain cannot be fetched; the reason stands above."
  root=$GOMODCACHE/$name
  chmod -R u+x "$root/bin" "$root/pkg/tool"
  found=$root/bin/go
  unset GOROOT
fi
if [ "$version" != "$pinned_version" ]; then
  "$found" get "$module/cmd/server@v$version" >&2 || fail "there is no version $version, or it cannot be fetched; the reason stands above."
fi
"$found" build -mod=readonly -trimpath -buildvcs=false -ldflags="-s -w -X main.Version=$version" -o "$work/program" "$module/cmd/server" >&2 ||
  fail "the build failed; the reason stands above."
# Whole at once: another build may be at it, and the first to be done wins.
mv -f "$work/program" "$program"
say "built: $program"
echo "$program"
