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

prove packed input is read, from a file and from standard input
gzip -c "$here/feeds.ndjson" >feeds.gz
gzip -c "$here/feeds.ndjson" >>feeds.gz
fresh
run 0 $k import feeds.gz
has out "10 accepted, 10 known already"
run 0 $k export -o packed.zst
run 0 $k export --gz
mv out packed.gz
run 0 $k export
cp out plain
for packed in packed.zst packed.gz; do
	fresh
	run 0 $k import <$packed
	has out "10 accepted"
	run 0 $k export
	same plain out
done
gzip -dc packed.gz >out
same plain out

prove an export goes to a file whole or not at all
run 3 $k export -o /nowhere/out.gz
has err "cannot write /nowhere/out.gz: No such file"
run 0 $k export -o kept
cp kept before
(ulimit -f 2 && run 3 $k export -o kept) || exit 1
same before kept
[ ! -e kept.part ] || fail "a part is left"
run 2 $k export --gz --zstd
run 2 $k export --keys --canonical

prove an export in the hashed form is that of cat, with its lines escaped
run 0 $k export --canonical @QO9eIjWS:1
# shellcheck disable=SC2016
sed 's/\\n/\
/g; s/\\\\/\\/g' out >got
run 0 $k cat @QO9eIjWS:1
same out got

prove what is cut off is taken up to there, and where is said
fresh
size=$(wc -c <packed.gz)
head -c $((size - 200)) packed.gz >torn.gz
run 3 $k import torn.gz
has err "torn.gz behind line"
has err "it is cut off, at byte $((size - 200))"
lacks out "0 accepted"
run 0 $k import packed.gz
has out "0 behind a gap, 0 refused"
run 0 $k verify
has out "10 ok"

prove which messages are missing in front of a gap is said
fresh
run 1 $k import gap
has out "2  behind a gap: $ada lacks message 2"
run 1 $k --json import gap
has out '"gaps":[{"feed":"'$ada'","first":3,"messages":2,"missing":2}]'

prove a dry run says the same and changes nothing
fresh
cp -r h h.before
{
	cat mixed branch-one
	tail -1 "$here/feeds.ndjson"
	cat branch-two
} >all
run 1 $k import --dry-run all
has err "nothing was written"
cp out dry
cmp -s h.before/store/data.mdb h/store/data.mdb || fail "the store has changed"
(cd h.before && find .) >before
(cd h && find .) >after
same before after
run 1 $k import all
same dry out
has out "11 accepted, 1 known already, 0 behind a gap, 6 refused"
has out "a fork"
run 1 $k import -n all
has out "0 accepted, 12 known already, 0 behind a gap, 6 refused"
run 1 $kith --home one import -n branch-two
has out "a fork: contradicts message 1"
run 1 $k --json import -n all
has out '"dry":true'

prove --strict ends at the first refusal
fresh
run 1 $k import --strict mixed
has out "1 refused"
has err "ended at the first refusal"
lacks err "mixed:3"
run 0 $k import -x "$here/feeds.ndjson"

prove NUL bytes are junk like any other
fresh
{
	head -c 300 /dev/zero
	echo
	head -2 "$here/feeds.ndjson"
	printf '{"key":"\0","value":{"\0'
	echo
} >nul
run 1 $k import nul
has out "2 accepted, 0 known already, 0 behind a gap, 2 refused"
has err "nul:1: refused"
has err "nul:4: refused"

prove JSON over several lines is taken, as ssb-server prints it
fresh
{
	echo '{'
	# shellcheck disable=SC2016
	run 0 $kith --home h import "$here/feeds.ndjson"
	for n in 1 2; do
		run 0 $k cat --meta @QO9eIjWS:$n >/dev/null
		run 0 $k cat @QO9eIjWS:$n
		echo '{'
		echo '  "key": "%any",'
		sed 's/^/  /; 1s/ *{/  "value": {/; $s/}/},/' out
		echo '  "timestamp": 1'
		echo '}'
		echo
	done
	sed -n 3,10p "$here/feeds.ndjson"
} >several
fresh
run 1 $k import several
has out "10 accepted, 0 known already, 0 behind a gap, 1 refused"
has err "several:1: refused"

prove an interrupt ends with the sums, and the same goes on from there
fresh
mkfifo pipe
$k import pipe >out 2>err &
pid=$!
exec 9>pipe
cat "$here/feeds.ndjson" >&9
kill -INT $pid
wait $pid
[ $? = 1 ] || fail "interrupted, it did not exit with 1"
exec 9>&-
has out " accepted, 0 known already"
has err "interrupted"
run 0 $k import "$here/feeds.ndjson"
run 0 $k verify
has out "10 ok"
