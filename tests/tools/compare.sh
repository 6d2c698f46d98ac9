#!/bin/sh
# kith clock, diff and sync-plan on files and small stores: as a person reads
# them, and as a program does; and files that are torn, forged, or have holes.
. "$SRCDIR/tests/tools/lib.sh"
feed=@NLTZBDFWy23PC+sKKUm3VZyUDSvLbb6MU6mzAnjjp0Y=.ed25519
HOME=/nowhere
export HOME
cp "$here/branch-a.ndjson" a
cp "$here/branch-b.ndjson" b
cp "$here/feeds.ndjson" feeds

prove a clock has a line for each feed
run 0 $kith clock feeds
cat >want <<END
$(for f in $ada $bob; do echo "$f $(grep -c "\"author\":\"$f\"" feeds)"; done)
END
sort out >sorted
sort want | diff - sorted || fail

prove its records are as they ever were
run 0 $kith --json clock a
same "$here/golden/clock" out

prove records of a difference are as they ever were
run 1 $kith --json diff --all --messages --bytes a b
same "$here/golden/diff" out

prove a person reads where they part
run 1 $kith diff a b
has out "@NLTZBDFW…  diverged at 3: A %dtumaZVI…, B %iFmsrkKa…"
has out "A a: 2 messages that B lacks"
run 1 $kith diff --messages a b
[ "$(grep -c '^    [AB]  ' out)" = 6 ] || fail "not each message that one lacks"

prove many feeds are each compared once
"$BUILDDIR/tests/bench/generate" 12000 2400 feed 1 >many
sed '$d' many >fewer
n=$(grep -o '"author":"@[^"]*' many | sort -u | wc -l)
[ "$n" -gt 1100 ] || fail "only $n feeds"
run 1 $kith diff --all many fewer
[ "$(grep -c '^@' out)" = "$n" ] || fail
has out "$((n - 1)) feeds equal, 1 not"

prove what is the same is equal, and says so
run 0 $kith diff a a
[ "$(cat out)" = "1 feed equal" ] || fail
run 0 $kith diff - a <a
run 1 $kith diff - a <b

prove a feed of one only is named
run 1 $kith diff a feeds
has out "only A, 4 messages"
has out "only B, "
run 1 $kith diff --feeds "$feed" a feeds
has out "0 feeds equal, 1 not"
run 0 $kith diff --feeds @NLTZBDFW a a

prove holes and late beginnings are told
sed 3d a >hole
run 1 $kith diff hole a
has out "equal, up to 4; A lacks 1 of its messages 1 to 4"
sed -n 3,4p a >late
run 1 $kith diff a late
has out "equal, up to 4; B begins with message 3 only"
run 1 $kith diff late b
has out "diverged at 3"
run 0 $kith clock late
[ "$(cat out)" = "$feed 3..4" ] || fail

prove two halves of a feed meet where one names the other
sed 2q a >early
run 1 $kith diff early late
has out "B has 2 more; B begins with message 3 only"
sed -n 5,6p b >later
run 1 $kith diff early later
has out "unknown: no message of it is in both"

prove a forgery is a difference and no fork
sed '3s/telephone/tablet/; 3s/laptop/tablet/' a >forged
run 1 $kith diff forged b
has out "forged: the signature of message 3 is wrong"

prove what stands before a tear is compared, and the tear is told
gzip -c a | head -c 400 >torn
run 1 $kith diff torn a
has out "B has "
has err "it is cut off, at byte 400"
run 1 $kith clock torn
has out "$feed "
{ sed 1q a; echo junk; sed 1d a; } >junk
run 1 $kith diff junk a
has out "1 feed equal"
has err "junk:2: no JSON object"

prove a store, and what was read into it, are equal
run 0 $kith --home h init
run 0 $kith --home h import a
run 0 $kith --home h diff a
run 0 $kith --home h diff a store:h
has out "1 feed equal"
run 1 $kith --home h diff --views b
has out "diverged at 3"
has out "0 contacts and names differ"

prove a plan says what a file would bring
run 0 $kith --home p init
run 0 $kith --home p follow $feed
run 0 $kith --home p sync-plan a
has out "would take in: 4 messages of 1 feed"
run 0 $kith --home p sync-plan feeds
has out "not taken, for their feeds are out of reach"
run 0 $kith --home p --json sync-plan a
same "$here/golden/sync-plan" out
run 1 $kith --home p diff a
has out "only B, 4 messages"
has out "only A, 1 message"

prove feeds are named as everywhere, and else by what the source knows
run 0 $kith --home n init
run 0 $kith --home n import feeds
run 0 $kith --home n name Boris --of "$bob"
for name in @boris name:Boris @npL3aCri @npL3aCri… "$bob" \
	ssb:feed/classic/npL3aCri; do
	run 0 $kith --home n clock --feeds "$name" feeds
	[ "$(cut -d ' ' -f 1 out)" = "$bob" ] || fail "$name is not Bob"
done
run 0 $kith --home n clock --feeds "@ada,@boris"
[ "$(wc -l <out)" = 2 ] || fail "not both"
run 0 $kith --home n diff --feeds @boris feeds
has out "1 feed equal"
run 0 $kith --home n clock --feeds @NLTZBDFW a
has out "$feed 4"

prove an id in hexadecimal digits needs no store to be known by
hex=$(echo "$bob" | sed 's/^@//; s/\..*//' | base64 -d | od -An -v -tx1 |
	tr -d ' \n')
for name in "$hex" "@$hex"; do
	run 0 $kith clock --feeds "$name" feeds
	[ "$(cut -d ' ' -f 1 out)" = "$bob" ] || fail "$name is not Bob"
done

prove a feed that nobody knows is told of, here and there
run 4 $kith --home n clock --feeds @bo feeds
has err "no feed here is called bo"
run 4 $kith --home n clock --feeds @nobodyatall feeds
has err "no feed there begins with @nobodyatall, and none that you know"
run 2 $kith --home n clock --feeds boris feeds
has err "boris is no feed"
run 2 $kith clock --feeds @boris feeds
has err "no store to know names by"
