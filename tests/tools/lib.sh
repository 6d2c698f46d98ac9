# Helpers of the command tests; sourced.  Each test runs real binaries in a
# temporary folder, names what it proves with `prove`, and fails at once.
set -u
kith=$BUILDDIR/tools/kith
kithd=$BUILDDIR/src/kithd
here=$SRCDIR/tests/tools
TZ=UTC LC_ALL=C
export TZ LC_ALL
unset KITH_HOME
work=$(mktemp -d "${TMPDIR:-/tmp}/kith-test.XXXXXX") || exit 99
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 99
prove=start

prove() { # prove SENTENCE: what the next lines show
	prove=$*
}

fail() {
	echo "FAIL: $prove" >&2
	[ $# -eq 0 ] || echo "$*" >&2
	for f in out err; do
		[ ! -s $f ] || sed "s/^/  $f: /" $f >&2
	done
	exit 1
}

# run CODE COMMAND...: its output in out and err; the exit code must be CODE.
run() {
	want=$1
	shift
	"$@" >out 2>err
	got=$?
	[ $got = "$want" ] || fail "exit $got, not $want: $*"
}

# has FILE TEXT: the file holds the text.
has() {
	grep -qF -e "$2" "$1" || fail "$1 does not say: $2"
}

lacks() {
	! grep -qF -e "$2" "$1" || fail "$1 says: $2"
}

same() { # same WANT GOT
	cmp -s "$1" "$2" || fail "$(diff "$1" "$2")"
}

# golden NAME COMMAND...: its output is golden/NAME.
golden() {
	name=$1
	shift
	run 0 "$@"
	same "$here/golden/$name" out
}

# eventually COMMAND...: repeats it until it is true, for a minute at most: by
# the clock, since a slow machine makes few tries.
eventually() {
	give_up=$(($(date +%s) + 60))
	until "$@"; do
		[ "$(date +%s)" -lt $give_up ] || return 1
		sleep 0.01
	done
}

# until_asked TEXT: waits until it stands in the typescript of script(1).
until_asked() {
	eventually grep -qsF "$1" typescript || fail "never asked: $1"
}

# The two feeds that the tests read: Ada's and Bob's.
# shellcheck disable=SC2034
ada=@QO9eIjWS37RDTcv4s2SdGoEhBWPlRV1CPznUIHMPqKs=.ed25519
# shellcheck disable=SC2034
bob=@npL3aCricgudw+ZmIu2HHZC+b3IjtjQBraF1E48gms4=.ed25519
