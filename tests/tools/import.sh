#!/bin/sh
# kith import: all that is valid gets in whatever its order, nothing else.
. "$SRCDIR/tests/tools/lib.sh"
k="$kith --home h"
fresh() {
	rm -rf h
	run 0 $k init
}

prove messages in order are accepted, again they are known
fresh
run 0 $k import "$here/feeds.ndjson"
has out "10 accepted, 0 known already, 0 behind a gap, 0 refused"
run 0 $k import - <"$here/feeds.ndjson"
has out "0 accepted, 10 known already"

prove backwards they get in as well
fresh
tac "$here/feeds.ndjson" | run 0 $k import
has out "10 accepted"
run 0 $k verify
has out "10 ok, 0 bad"

prove messages wrapped with key and timestamp are unwrapped
run 0 $k export --keys
cp out wrapped
fresh
run 0 $k import wrapped
has out "10 accepted"

prove a gap is a gap, is said, and exits with 1
fresh
sed 2d "$here/feeds.ndjson" >gap
run 1 $k import gap
has out "7 accepted, 0 known already, 2 behind a gap, 0 refused"
has err "behind a gap"
run 0 $k import "$here/feeds.ndjson"
has out "3 accepted, 7 known already"

prove junk and forgeries are refused with line and reason, the rest gets in
fresh
{
	echo junk
	echo '[]'
	sed 's/first post/worst post/;1q' "$here/feeds.ndjson"
	head -c 200000 /dev/zero | tr '\0' x
	echo
	echo
	cat "$here/feeds.ndjson"
} >mixed
run 1 $k import mixed
has out "10 accepted, 0 known already, 0 behind a gap, 4 refused"
has err "mixed:1: refused: no JSON object"
has err "mixed:3: refused"
has err "mixed:4: refused: longer than any message"
run 1 $k --json import mixed
tail -1 out >line
has line '{"accepted":0,"duplicate":10,"gap":0,"refused":4,"forks":0,"own":0,"invalid":4,'
has out '"problem":"no JSON object","source":"mixed","line":1'

prove a fork is refused and the first branch stays
run 0 $kith --home one init
id=$(cat out)
cp -r one two
run 0 $kith --home two feed unfreeze "$id"
run 0 $kith --home one post one
run 0 $kith --home two post two
run 0 $kith --home two post "two, again"
run 0 $kith --home one export
cp out branch-one
run 0 $kith --home two export
cp out branch-two
fresh
run 0 $k import branch-one
run 1 $k import branch-two
has out "0 accepted"
run 0 $k export
same branch-one out

prove a message of our own that we did not write freezes publishing
run 1 $kith --home one import branch-two
run 1 $kith --home one post more
has err "frozen for good"
run 0 $kith --home one status
has out "frozen"
run 0 $kith --home one export
same branch-one out

prove a file that is not there exits with 3, and what was read before is taken
run 3 $k import /nowhere
has err "cannot read /nowhere"
[ ! -s out ] || fail "a summary of nothing"
fresh
run 3 $k import "$here/feeds.ndjson" /nowhere
has out "10 accepted"

prove input without a line end at its end is whole
fresh
printf %s "$(cat "$here/feeds.ndjson")" | run 0 $k import
has out "10 accepted"
