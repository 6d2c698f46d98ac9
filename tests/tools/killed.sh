#!/bin/sh
# Killed before each change that they make to files, restore, passphrase and
# backup leave what was there, or what they were to make, and can run again.
# In memory where that is possible: a kill loses nothing that was written.
[ -n "${TMPDIR:-}" ] || [ ! -w /dev/shm ] || export TMPDIR=/dev/shm
. "$SRCDIR/tests/tools/lib.sh"
disk=$BUILDDIR/tests/support/.libs/disk_io.so
[ -e "$disk" ] || {
	echo "$disk is not built: skipped"
	exit 77
}
# killed N FOLDER COMMAND...: true if it was, before its Nth change there
killed() {
	n=$1
	root=$2
	shift 2
	env ASAN_OPTIONS=verify_asan_link_order=0 LD_PRELOAD="$disk" \
		KITH_IO_ROOT="$root" KITH_IO_KILL="$n" "$@" >out 2>err
	code=$?
	[ $code = 137 ] && return 0
	[ $code = 0 ] || fail "exit $code: $*"
	return 1
}

run 0 $kith --home h init
id=$(cat out)
run 0 $kith --home h import "$here/feeds.ndjson"
run 0 $kith --home h post hello
echo '{ "port": 8009 }' >h/config
run 0 $kith --home h backup b.kith
$kith --home h export >want

prove a killed restore leaves no home, or the whole one, and runs again
whole() { # whole HOME: it has all that the backup has
	run 0 $kith --home "$1" export
	same want out
	same h/secret "$1/secret"
	same h/config "$1/config"
	run 0 $kith --home "$1" status
	has out "unconfirmed"
	has out "restored from a backup"
	run 1 $kith --home "$1" post "too early"
}
n=1
none=0
while killed $n "$work/k" $kith --home k restore b.kith; do
	if [ -e k/secret ]; then
		whole k
	else
		none=$((none + 1))
		run 3 $kith --home k id
		if [ -e k/restore.unfinished ]; then
			run 1 $kith --home k init
			has err 'run the same `kith restore` again'
		fi
		run 0 $kith --home k restore b.kith
		whole k
		[ ! -e k/restore.unfinished ] || fail "the mark is left"
	fi
	rm -rf k
	n=$((n + 1))
done
[ $n -gt 20 ] && [ $none -gt 15 ] || fail "killed only $n times"
whole k

prove a passphrase that is set, changed or removed is the old or the new one
echo one >one
echo two >two
opens() { # opens FILE...: with one of these passphrases, or without
	for p; do
		$kith --home h -P "$p" words >out 2>err </dev/null && return
	done
	fail "none of $* opens the secret"
}
change() { # change OLD NEW ARGUMENT...: of kith passphrase
	old=$1
	new=$2
	shift 2
	cp -p h/secret before
	n=1
	while killed $n "$work/h" $kith --home h -P "$old" passphrase "$@"; do
		opens "$old" "$new"
		[ "$(stat -c %a h/secret)" = 400 ] ||
			[ "$(stat -c %a h/secret)" = 600 ] || fail "not private"
		rm -f h/secret
		cp -p before h/secret
		n=$((n + 1))
	done
	[ $n -gt 4 ] || fail "killed only $n times"
	opens "$new"
	[ ! -e h/secret.new ] || fail "half a secret is left"
	run 0 $kith --home h id
	[ "$(cat out)" = "$id" ] || fail "another identity"
}
change /dev/null one -n one
change one two -n two
run 3 $kith --home h -P one words
change two /dev/null --remove
run 0 $kith --home h words

prove a killed backup leaves the one before, and the next one is whole
cp b.kith before
run 0 $kith --home h post "since then"
$kith --home h export >want
mkdir to
cp b.kith to/b.kith
n=1
while killed $n "$work/to" $kith --home h backup to/b.kith; do
	cmp -s before to/b.kith || {
		run 0 $kith --home k2 restore to/b.kith
		whole k2
		rm -rf k2
	}
	n=$((n + 1))
done
[ $n -gt 4 ] || fail "killed only $n times"
[ ! -e to/b.kith.part ] || fail "something was left"
run 0 $kith --home k2 restore to/b.kith
whole k2
