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

# forgets: what must be so with and without kithd.
forgets() {
	run 0 $k --json forget --dry-run "$bob"
	has out '"messages":6'
	has out '"dry":true'
	run 0 $k export "$bob"
	cp out bob
	run 0 $k forget "$bob:..2"
	has out "2 messages forgotten"
	run 0 $k feeds
	grep -F "$bob" out | grep -q partial || fail "$bob is not partial"
	run 0 $k export "$bob"
	tail -n +3 bob | cmp -s - out || fail "not what was left"
	run 0 $k verify
	run 0 $k forget "$bob"
	has out "4 messages forgotten"
	has err "--undo"
	run 4 $k log "$bob"
	run 0 $k feeds
	grep -F "$bob" out | grep -q forgotten || fail "$bob is not forgotten"
	run 1 $k import bob
	has err "forgotten"
	run 0 $k forget --undo "$bob"
	run 1 $k forget --undo "$bob"
	has err "not forgotten"
	run 0 $k import bob
	has out "6 accepted"
	run 0 $k export "$bob"
	same bob out
	run 0 $k verify
}

prove feeds are forgotten and taken back without kithd
forgets

prove feeds are forgotten and taken back through kithd
begin
forgets
run 0 $k forget "$bob"
run 0 $k follow "$bob"
run 0 $k import bob
has out "6 accepted"
run 0 $k stop

prove only the start of a feed of others can be forgotten
run 2 $k forget "$bob:3..4"
has err "from its start"
run 1 $k forget "$($k id)"
has err "your own"
run 2 $k forget rx:1
run 4 $k forget @AAAAAAAAAAAA

prove status counts what is there and has no advice to give
run 0 $k status
has out "12 messages"
lacks out "room  "
