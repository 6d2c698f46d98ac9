#!/bin/sh
# kith sync: two people, then more, exchange feeds by a stick, with kithd and
# without; sealed sticks, full and read-only ones, damage, and trials.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

ann="$kith --home ann" ben="$kith --home ben" cat="$kith --home cat"
for home in ann ben cat; do
	run 0 $kith --home $home init
done
ann_id=$($ann id) ben_id=$($ben id) cat_id=$($cat id)

sums() { # sums DIR: what is there, to the byte
	(cd "$1" && find . -type f -exec cksum {} + | sort)
}

synced() { # synced DIR TEXT COMMAND...: what it says, nothing being wrong
	dir=$1
	text=$2
	shift 2
	run 0 "$@" sync "$dir"
	has out "$text"
}

prove a trial says what would be left and leaves nothing
run 0 $ann post "of the garden"
run 0 $ann follow "$ben_id"
mkdir stick
run 0 $ann sync --dry-run stick
has out "it would be made"
has out "would leave 2 messages of 1 feed"
run 4 $ann sync --dry-run --import-only stick
has err "there is no depot"
run 4 $ann sync nowhere
[ ! -e nowhere ] || fail "it was made"
[ -z "$(ls -A stick)" ] || fail "something was left"

prove the first who leaves something in the clear is told what it shows
run 0 $ann sync stick
has out "left 2 messages of 1 feed"
has out "the stick may be removed"
has err "who follows whom"
run 0 $ann post "of the cellar"
run 0 $ann sync --dry-run stick
has out "would leave 1 message of 1 feed"
lacks out "may be removed"
lacks err "who follows whom"
synced stick "left 1 message" $ann

prove another run at once writes nothing
sums stick >before
synced stick "nothing new" $ann
has out "the stick may be removed"
lacks out "was read back"
sums stick >after
same before after
[ "$(ls -A stick)" = ssbstick ] || fail "it is not in a folder of its own"

prove two who follow each other converge in one round
run 0 $ben follow "$ann_id"
run 0 $ben post "of the kitchen"
synced stick "took in 3 messages of 1 feed" $ben
has out "left 2 messages of 1 feed"
synced stick "took in 2 messages of 1 feed" $ann
run 0 $ann log
has out "of the kitchen"
run 0 $ben --json sync stick
has out '"nothing_new":true'
has out '"out":0'
for home in ann ben; do
	$kith --home $home export | sort >$home.all
done
same ann.all ben.all

prove what was left is lines of JSON
cat stick/ssbstick/w/*/*.seg | grep '^m' | cut -d' ' -f4- | sort >there
same ann.all there

prove strangers are not taken in, until they are followed
run 0 $cat post "of the street"
run 0 $cat sync stick
has out "out of reach: 5 messages of 2 feeds; to have them, \`kith follow\`"
has out "    $ann_id"
has out "left 1 message of 1 feed"
run 0 $cat follow "$ann_id"
synced stick "took in 5 messages of 2 feeds" $cat

prove import only leaves nothing
run 0 $ann follow "$cat_id"
sums stick >before
run 0 $ann sync --import-only stick
has out "took in 2 messages of 1 feed"
sums stick >after
same before after

prove blobs come along
head -c 100000 /dev/urandom >photo.png
run 0 $ann post --attach photo.png "look at this"
synced stick "and 1 blob" $ann
synced stick "and 1 blob" $ben
run 0 $ben blob get "$($ben blob ls | sed 's/ .*//')"
same photo.png out

prove kithd takes it in where it runs
begin ben
run 0 $ann post "while ben is up"
synced stick "left 1 message" $ann
synced stick "took in 1 message" $ben
run 0 $ben log
has out "while ben is up"
run 0 $ben post "by way of kithd"
synced stick "left 1 message" $ben
head -c 50000 /dev/urandom >other.png
run 0 $ann post --attach other.png "and this"
synced stick "and 1 blob" $ann
synced stick "and 1 blob" $ben
eventually sh -c "$ben blob ls | grep -q 50"
run 0 $ben stop
run 0 $ann log
has out "by way of kithd"

prove a full budget ends in good order, with our own messages first
mkdir small
head -c 6000 /dev/zero | tr '\0' x | run 0 $ann post -
run 1 $ann sync --budget 8K small
has err "no room for all"
has out "the stick may be removed"
run 0 $ann sync small
synced small "nothing new" $ann
run 2 $ann sync --budget much small
has err "is no size"

prove a passphrase opens a sealed stick, and a wrong one changes nothing
echo "nobody knows" >right
echo "nobody" >wrong
mkdir secret
run 0 $ann --passphrase-file right sync --sealed secret
has out "left"
sums secret >before
run 3 $ben --passphrase-file wrong sync secret
has err "wrong passphrase"
sums secret >after
same before after
run 3 $ben sync secret </dev/null
run 0 $ben --passphrase-file right sync secret
run 3 $ben sync secret </dev/null
run 0 $ben --passphrase-file right sync --remember secret
run 0 $ben sync secret </dev/null
run 0 $ben depot status secret </dev/null
run 0 $ben post "by a key that was kept"
synced secret "left 1 message" $ben </dev/null
grep -rqa -e garden -e "${ann_id#@}" -e previous secret && fail "it shows"
run 1 $ann sync --sealed stick
has err "is not sealed"

prove one that is sealed for somebody opens for them and for nobody else
mkdir two
run 0 $ann sync --for "$ben_id" two
run 0 $ben sync two
run 0 $ann sync two
run 3 $cat sync two </dev/null

prove a stick that cannot be written to is read all the same
mkdir ro
cp -r stick/ssbstick ro
if [ "$(id -u)" != 0 ]; then
	chmod -R a-w ro
	run 0 $cat sync ro
	has out "cannot be written to"
	chmod -R u+w ro
fi

prove damage is named, and what it hides is left again by who has it
seg=$(grep -l "of the garden" stick/ssbstick/w/*/000001.seg)
printf XXXX | dd of="$seg" bs=1 seek=1000 conv=notrunc 2>dd
run 0 $kith --home dan init
run 0 $kith --home dan follow "$ann_id"
run 1 $kith --home dan sync stick
has err "are damaged"
run 0 $ann sync stick
run 0 $ben sync stick
run 0 $kith --home dan sync stick
$kith --home dan export "$ann_id" | cksum >dan.ann
$ann export "$ann_id" | cksum >ann.ann
same ann.ann dan.ann

prove a copy of a home writes by another name and says so
cp -r ann twin
run 0 $ann post "here"
run 0 $ann sync stick
run 1 $kith --home twin sync stick
has err "somebody else wrote in your name"
run 0 $kith --home twin sync stick
lacks err "somebody else"
