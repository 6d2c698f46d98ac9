#!/bin/sh
# kith depot: what lies there, whether it is whole, and room; as people run it.
. "$SRCDIR/tests/tools/lib.sh"
ann="$kith --home $work/ann"
ben="$kith --home $work/ben"
stick=$work/stick
mkdir "$stick"
run 0 $ann init
run 0 $ben init
run 0 $ann post "the first"
run 0 $ann post "the second"
run 0 $ann post "the third"
printf 'a picture' >photo
run 0 $ann post --attach photo "see"
run 0 $ben follow "$($ann id)"
run 0 $ann sync "$stick"
run 0 $ben sync "$stick"
run 0 $ann sync "$stick"

prove status tells who writes there, and what lies there
run 0 $ann depot status "$stick"
has out "a depot, plain"
has out "messages of 2 feeds"
has out "1 blob"
has out "  you "
has out "  live "
has out "new here: 0 messages"
run 0 $ann --json depot status "$stick"
has out '"sealed":false'
has out '"writers":2'
has out '"ours":true'
has out '"lost":0'
[ "$(wc -l <out)" = 3 ] || fail

prove status tells what is new on either side
run 0 $ann post "the fourth"
run 0 $ann depot status "$stick"
has out "new there: 1 message,"
run 0 $ben depot status "$stick"
has out "new there: 0 messages"

prove a whole depot is clean, its signatures too
run 0 $ben depot verify "$stick"
has out "clean"
run 0 $ben depot verify --signatures "$stick"
has out " signatures: clean"
run 0 $ben --json depot verify "$stick"
has out '"state":"clean"'

# Overwrites bytes in the middle of the segment that Ann wrote.
segment=$(grep -l "the second" "$stick"/ssbstick/w/*/*.seg)
damage() {
	at=$(grep -abo "the second" "$segment" | head -1 | cut -d: -f1)
	dd if=/dev/zero of="$segment" bs=1 seek="$at" count=8 conv=notrunc \
		2>/dev/null
}
damage

prove damage is named by writer, file, bytes, feed and sequence
run 1 $ben depot verify "$stick"
has out "000001.seg: bytes "
has out "these bytes are damaged"
has out "$($ann id):2: "
has out "1 message lost there"
has err "kith --home $work/ben depot scrub $stick"
run 1 $ben --json depot verify "$stick"
has out '"state":"lost"'
has out '"seq":2,"last":2'
run 1 $ben depot scrub --dry-run "$stick"
run 1 $ben depot verify "$stick"

prove the next node that has it writes it again
run 0 $ben depot scrub "$stick"
has out "written again: 1 message"
run 0 $kith --home "$work/cai" init
run 0 $kith --home "$work/cai" follow "$($ann id)"
$kith --home "$work/cai" sync "$stick" >out 2>err
has out "took in"
run 0 $kith --home "$work/cai" verify "$($ann id)"
has out "4 ok, 0 bad"

prove who does not have it leaves the word for the next
stick=$work/other
mkdir "$stick"
run 0 $ann sync "$stick"
segment=$(grep -l "the second" "$stick"/ssbstick/w/*/*.seg)
damage
run 0 $kith --home "$work/dora" init
run 1 $kith --home "$work/dora" depot scrub "$stick"
has out "still lost: 1 message"
run 1 $kith --home "$work/dora" depot status "$stick"
has out "1 message lost there"
run 0 $ann sync "$stick"
has out "left 1 message"

prove a blob that is damaged is written again
blob=$(find "$stick/ssbstick/b" -type f)
printf 'b picture' >"$blob"
run 1 $ann depot verify "$stick"
has out "its bytes are not those of the blob"
run 1 $ben depot scrub --dry-run "$stick"
run 0 $ann depot scrub "$stick"
has out "1 blob"
grep -q "a picture" "$blob" || fail

prove gc keeps what somebody may need
run 0 $ann depot gc "$stick"
has out "of messages there"
run 1 $ann depot gc --budget 1 "$stick"
run 2 $ann depot gc --budget lots "$stick"
has err "is no size"
run 2 $ann depot gc --budget " -5" "$stick"
has err "is no size"
run 0 $ann --json depot gc --dry-run "$stick"
has out '"dry_run":true'

prove who is live is not adopted, nor who is nobody
live=$($ann --json depot status "$stick" | grep '"ours":false' |
	sed 's/.*"writer":"\([a-z0-9]*\)".*/\1/' | head -1)
run 3 $ann depot gc --adopt "$live" "$stick"
has err "may come again"
run 2 $ann depot gc --adopt nobody "$stick"
run 4 $ann depot gc --adopt aaaaaaaaaaaaaaaaaaaaaaaaaa "$stick"

prove a depot that is sealed is read with its passphrase alone
echo "correct horse" >pass
echo "battery staple" >wrong
stick=$work/sealed
mkdir "$stick"
run 0 $ann --passphrase-file pass sync --sealed "$stick"
run 0 $ann --passphrase-file pass depot status "$stick"
has out "a depot, sealed"
has out "5 messages of 1 feed"
run 0 $ann --passphrase-file pass depot verify --signatures "$stick"
has out "clean"
run 3 $ann --passphrase-file wrong depot verify "$stick"
! grep -rq "the second" "$stick" || fail

prove a depot that cannot be written to is read all the same
stick=$work/stick
if [ "$(id -u)" != 0 ]; then
	chmod -R a-w "$stick"
	run 0 $ann depot status "$stick"
	has out "read only"
	run 3 $ann depot gc "$stick"
	has err "cannot be written to"
	chmod -R u+w "$stick"
fi

prove misuse says how it is done
mkdir empty
run 4 $ann depot status empty
has err "there is no depot"
[ -z "$(ls -A empty)" ] || fail "one was made"
run 4 $ann depot verify nowhere
run 2 $ann depot
run 2 $ann depot status
run 2 $ann depot heal "$stick"
has err "status, verify, scrub and gc"
run 2 $ann depot status --budget 1 "$stick"
has err "takes no --budget"
