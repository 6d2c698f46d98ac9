#!/bin/sh
# Room: compaction, forgetting and limits, with and without kithd.
. "$SRCDIR/tests/tools/lib.sh"
trap '$kith --home one stop >/dev/null 2>&1; rm -rf "$work"' EXIT

# begin: starts kithd and waits until it listens, without sleeping.
begin() {
	mkfifo pipe
	$kithd --home one --listen 127.0.0.1:0 2>pipe &
	exec 9<pipe
	while read -r line <&9; do
		echo "$line" >>log
		case $line in
		*socket=*) break ;;
		esac
	done
	cat <&9 >>log &
	exec 9<&-
	rm pipe
	grep -q socket= log || fail "kithd did not start"
}
k="$kith --home one"
run 0 $k init
run 0 $k import "$here/feeds.ndjson"
run 0 $k export
cp out all

prove compaction without kithd keeps every message
run 0 $k compact
has out " before, "
has out " now"
run 0 $k export
same all out
[ ! -e one/store/data.mdb ] || fail "the old file is still there"
run 0 $k verify
run 0 $k --json compact
has out '"before":'
has out '"bytes":'

prove compaction through kithd keeps every message, and writing goes on
begin
run 0 $k compact
has out " now"
run 0 $k export
same all out
run 0 $k post "after that"
run 0 $k cat "$(cat out)"
has out "after that"
run 0 $k stop
run 0 $k verify

prove status counts what is there and has no advice to give
run 0 $k status
has out "11 messages"
lacks out "room  "
