#!/usr/bin/env bash
# Builds a Go program whose modules a go.mod pins, once, and prints its path. Its modules come from the Go module proxy and are
# checked against the go.sum beside. Called by the scripts of those programs (cliproxyapi.sh, otel-collector.sh).
#
#   scripts/go-program.sh NAME SOURCE MODULE PACKAGE           build where the cache holds none, and print the path
#   scripts/go-program.sh NAME SOURCE MODULE PACKAGE --check   build nothing; fail where neither a built one nor a Go is there
#
# NAME is for people, SOURCE the folder of go.mod, MODULE the one whose version the program bears, PACKAGE what is built.
#
# It needs the Go that go.mod names. An older one (Debian's own, 1.19 or later) fetches that by itself, as a module with a checksum.
# Nothing but the program stays: modules and what the compiler keeps go to a folder that is removed. With SWITCHYARD_GO_CACHE they
# go there, and the next program takes them from there. GO_PROGRAM_VERSION has another version of MODULE built than the one pinned;
# GO_PROGRAM_VARIABLE names a variable of the program that is given the version.
set -euo pipefail
name=$1
source=$(CDPATH='' cd -- "$2" && pwd)
module=$3
package=$4
file=$(echo "$name" | tr '[:upper:] ' '[:lower:]-')
# The Go that is fetched where the machine's is older than go.mod asks for.
toolchain=1.26.8
needed=$(awk '$1 == "go" { print $2 }' "$source/go.mod")

say() { echo "$file: $*" >&2; }
fail() {
  echo "switchyard: $name is not built: $1" >&2
  echo "  Go ${needed%.*} or later builds it (go.dev/dl), or one from 1.19 on, which fetches that (on Debian: apt-get install golang-go)." >&2
  exit 1
}

digest() {
  if command -v sha256sum >/dev/null; then sha256sum; else shasum -a 256; fi
}
pinned_version=$(awk -v module="$module" '$1 == module { print substr($2, 2) }' "$source/go.mod")
version=${GO_PROGRAM_VERSION:-$pinned_version}
pinned=$(find "$source" -maxdepth 1 -name 'go.mod' -o -maxdepth 1 -name 'go.sum' -o -maxdepth 1 -name '*.go' | LC_ALL=C sort | xargs cat | digest | cut -c 1-12)
cache=${XDG_CACHE_HOME:-${HOME:?}/.cache}/switchyard
program=$cache/$file-$version-$pinned
if [ -x "$program" ]; then
  echo "$program"
  exit 0
fi

# "1.26.8" as 126: what go.mod's line, the machine's Go and the toolchain are compared by.
minor_of() { echo "$1" | awk -F. '{ print $1 * 100 + $2 }'; }
version_of() { "$1" env GOVERSION 2>/dev/null | sed -n 's/^go\([0-9][0-9.]*\).*/\1/p'; }

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
[ "${5:-}" != --check ] || exit 0

mkdir -p "$cache"
work=$(mktemp -d "$cache/$file.XXXXXX")
# Modules are written read-only unless told otherwise.
trap 'rm -rf "$work"' EXIT
kept=${SWITCHYARD_GO_CACHE:-$work}
export GOPATH=$kept/go GOMODCACHE=$kept/go/pkg/mod GOCACHE=$kept/build GOTOOLCHAIN=local GOWORK=off CGO_ENABLED=0
export GOFLAGS=-modcacherw
find "$source" -maxdepth 1 -type f \( -name 'go.mod' -o -name 'go.sum' -o -name '*.go' \) -exec cp {} "$work/" \;
cd "$work"
say "building $name $version (once, some minutes) …"
if [ "$latest" -lt "$(minor_of "$needed")" ]; then
  platform=$(cd / && "$found" env GOOS)-$(cd / && "$found" env GOARCH)
  fetched=golang.org/toolchain@v0.0.1-go$toolchain.$platform
  say "$found is older than $needed: Go $toolchain is fetched …"
  (cd / && "$found" mod download "$fetched") >&2 || fail "Go $toolchain cannot be fetched; the reason stands above."
  root=$GOMODCACHE/$fetched
  chmod -R u+x "$root/bin" "$root/pkg/tool"
  found=$root/bin/go
  unset GOROOT
fi
if [ "$version" != "$pinned_version" ]; then
  "$found" get "$package@v$version" >&2 || fail "there is no version $version, or it cannot be fetched; the reason stands above."
fi
"$found" build -mod=readonly -trimpath -buildvcs=false -ldflags="-s -w${GO_PROGRAM_VARIABLE:+ -X $GO_PROGRAM_VARIABLE=$version}" -o "$work/program" "$package" >&2 ||
  fail "the build failed; the reason stands above."
# Whole at once: another build may be at it, and the first to be done wins.
mv -f "$work/program" "$program"
say "built: $program"
echo "$program"
