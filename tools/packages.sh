# Sourced by quickstart and check: makes sure that what kith is built and
# tested with is there.  Debian and Ubuntu get what lacks from apt; elsewhere
# the missing packages are named.

# Lines of PROBE PACKAGE; a probe is a command, a path, or pc:NAME for
# pkg-config.
packages_build='
cc gcc
make make
autoreconf autoconf
automake automake
libtoolize libtool
pkg-config pkg-config
pc:libsodium libsodium-dev
pc:lmdb liblmdb-dev
pc:jansson libjansson-dev
pc:libcurl libcurl4-openssl-dev
pc:libuv libuv1-dev
pc:libmicrohttpd libmicrohttpd-dev
pc:sqlite3 libsqlite3-dev
pc:zlib zlib1g-dev
pc:libzstd libzstd-dev
pc:md4c libmd4c-dev
pc:libqrencode libqrencode-dev'

packages_test="$packages_build
pc:cmocka libcmocka-dev
gcc gcc
clang clang
clang-tidy clang-tidy
cppcheck cppcheck
mandoc mandoc
node nodejs
npm npm
strace strace
zsh zsh
fish fish
tcpdump tcpdump
tshark tshark
/usr/sbin/mkfs.vfat dosfstools
/usr/sbin/mkfs.exfat exfatprogs
/usr/sbin/mount.exfat-fuse exfat-fuse"

# Servers of tests/system/urls.js.  Debian starts what it installs, so they are
# only installed where nothing is started, as in a container; elsewhere the test
# uses those that are there.
packages_servers='
/usr/sbin/nginx nginx-light
/usr/share/doc/libnginx-mod-http-dav-ext libnginx-mod-http-dav-ext
/usr/sbin/sshd openssh-server
ssh-agent openssh-client
openssl openssl'

as_root() {
	if [ "$(id -u)" = 0 ]; then
		"$@"
	elif command -v sudo >/dev/null; then
		sudo "$@"
	else
		echo "this needs root or sudo: $*" >&2
		return 1
	fi
}

packages_missing() { # packages_missing LIST: the packages, a line each
	echo "$1" | while read -r probe package; do
		case $probe in
		'') ;;
		pc:*) pkg-config --exists "${probe#pc:}" 2>/dev/null ||
			echo "$package" ;;
		/*) [ -e "$probe" ] || echo "$package" ;;
		*) command -v "$probe" >/dev/null || echo "$package" ;;
		esac
	done
}

packages_apt() { # packages_apt PACKAGE...: silent unless it fails
	apt_log=$(mktemp) || return 1
	export DEBIAN_FRONTEND=noninteractive
	if as_root apt-get update >"$apt_log" 2>&1 </dev/null &&
		as_root apt-get install -y --no-install-recommends "$@" \
			>>"$apt_log" 2>&1 </dev/null; then
		rm -f "$apt_log"
		return 0
	fi
	tail -n 20 "$apt_log" >&2
	rm -f "$apt_log"
	return 1
}

packages_need() { # packages_need LIST
	missing=$(packages_missing "$1" | sort -u | tr '\n' ' ')
	[ -n "$missing" ] || return 0
	if ! command -v apt-get >/dev/null; then
		echo "please install what these Debian packages hold: $missing" >&2
		return 1
	fi
	echo "installing $missing"
	# shellcheck disable=SC2086 # one word a package
	packages_apt $missing || return 1
	missing=$(packages_missing "$1" | sort -u | tr '\n' ' ')
	[ -z "$missing" ] || {
		echo "still missing after apt-get install: $missing" >&2
		return 1
	}
}
