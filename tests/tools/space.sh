#!/bin/sh
# Room: compaction, forgetting and limits, with and without kithd.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

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
begin one
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
	has out "2 messages of @npL3aCri forgotten"
	run 0 $k feeds
	grep -F "$bob" out | grep -q partial || fail "$bob is not partial"
	run 0 $k export "$bob"
	tail -n +3 bob | cmp -s - out || fail "not what was left"
	run 0 $k verify
	run 0 $k forget "$bob"
	has out "4 messages of @npL3aCri forgotten"
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
begin one
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

prove a feed to be forgotten may be named, blocked or not
run 0 $k name Boris --of "$bob"
run 0 $k forget --dry-run @boris:..2
has out "2 messages of Boris @npL3aCri would be forgotten"
run 0 $k block @boris
run 0 $k forget --dry-run name:Boris
has out "6 messages of Boris @npL3aCri would be forgotten"
run 1 $k forget --undo @boris
has err "not forgotten"
run 0 $k unblock @boris
# Whom we blocked we follow no longer, and what is far grows old below.
run 0 $k follow @boris

prove what is old of distant feeds goes, by the rule, with and without kithd
run 0 $k retention
has err "no rule"
cat >one/config <<-X
	{ "retention": { "days": 1000, "hops": 2 } }
X
run 0 $k retention
has out "0 messages of 0 feeds removed"
# Ada is out of reach, and Bob is followed; what day it is, Bob says.
sed -i s/1000/1/ one/config
run 0 $k --json retention --dry-run
has out '"dry":true'
run 0 $k export "$bob"
same bob out
begin one
run 0 $k retention --dry-run
run 0 $k --json retention
has out '"hops":2'
run 0 $k stop
run 0 $k export "$bob"
same bob out
run 0 $k verify
rm one/config

prove a forgotten feed does not come back from peers until it is taken back
run 0 $kith --home two init
two=$(cat out)
run 0 $kith --home two post "of the first day"
run 0 $kith --home two import bob
run 0 $kith --home two follow "$bob"
begin one
begin two
run 0 $k forget "$bob"
run 0 $k forget --undo "$bob"
run 0 $k unfollow "$bob"
run 0 $k follow "$two"
run 0 $k connect "$(address two)"
until_seen one "of the first day"
run 0 $k forget "$two"
run 4 $k log "$two"
run 0 $kith --home two post "of the second day"
# What comes by the same way afterwards has passed it by.
run 0 $k follow "$bob"
until_seen one @npL3aCri
run 4 $k log "$two"
run 0 $k disconnect "$two"
run 0 $k connect "$(address two)"
run 0 $k forget --undo "$two"
until_seen one "of the second day"
$kith --home two export "$two" >want
$k export "$two" >got
same want got
run 0 $kith --home two stop

prove a feed whose start was forgotten goes on
run 0 $k forget "$two:..1"
run 0 $kith --home two post "of the third day"
begin two
run 0 $k connect "$(address two)"
until_seen one "of the third day"
run 0 $k feeds
grep -F "$two" out | grep -q partial || fail "$two is not partial"
run 0 $kith --home two stop
run 0 $k stop
run 0 $k verify

prove status counts what is there and has no advice to give
run 0 $k status
lacks out "room  "
