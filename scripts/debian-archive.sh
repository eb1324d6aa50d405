# shellcheck shell=bash
# Which Debian archive this machine uses, read from apt itself: both forms of its sources are understood, and no address is
# written down anywhere in the project. To be sourced.

# All "SUITE CODENAME URI" of the machine's binary package indexes in the main component.
apt_indexes() {
  apt-get indextargets --format '$(SUITE) $(CODENAME) $(COMPONENT) $(REPO_URI)' 'Created-By: Packages' |
    awk '$3 == "main" { print $1, $2, $4 }'
}

# The address of the archive of this machine's own release.
debian_archive() {
  local codename
  codename=$(. /etc/os-release && echo "${VERSION_CODENAME:-}")
  apt_indexes | awk -v name="$codename" '$1 == name || $2 == name { print $3; exit }'
}

# Lines of a sources.list for release $1 from the same places: the archive, its updates, and the security archive where there is one.
debian_sources() {
  local release=$1 archive security
  archive=$(debian_archive)
  [ -n "$archive" ] || return 1
  security=$(apt_indexes | awk '$2 ~ /-security$/ { print $3; exit }')
  echo "deb $archive $release main"
  echo "deb $archive $release-updates main"
  [ -z "$security" ] || echo "deb $security $release-security main"
}
