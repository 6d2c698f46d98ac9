#!/bin/sh
# kith bundle: made here, checked without a home, applied there.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

home() { # home NAME: a new one; its identity is in $NAME_id
	run 0 $kith --home "$1" init
	eval "$1_id=\$($kith --home "$1" id)"
}

post() { # post HOME TEXT...
	who=$1
	shift
	run 0 $kith --home "$who" post "$@"
}

# shellcheck disable=SC2154 # set by home
prove "one home's posts, a picture and a proof of a fork go into one file"
home alice
home bob
head -c 200000 /dev/urandom >picture
post alice "hello"
post alice "a picture" --attach picture
run 0 $kith --home alice bundle create --blobs one
has err "2 messages of 1 feed, 0 proofs of forks, 1 blob"
run 0 $kith --home bob follow "$alice_id"

prove "anybody can check it, without a home"
run 0 env HOME=/nowhere $kith bundle verify one
has out "$alice_id  1 to 2"
has out "2 messages of 1 feed, 0 proofs of forks, 1 blob: whole"
run 0 env HOME=/nowhere $kith bundle verify <one
run 0 $kith bundle verify one --json
has out '"first":1,"last":2,"needs":0'
has out '"whole":true'

prove "the last line has the hash of all before it"
tail -n 1 one >want
has want "$(sed '$d' one | sha256sum | cut -d ' ' -f 1)"

prove "its messages are lines that jq and kith import read"
grep '^m' one | cut -d ' ' -f 4- >bare
run 0 $kith verify bare
home carol
run 0 $kith --home carol import bare
has out "2 accepted"

prove "the same store gives the same bytes"
run 0 $kith --home alice bundle create --blobs again
same one again

prove "a trial writes nothing"
run 0 $kith --home bob bundle apply --dry-run one
has out "2 accepted"
has out "1 blob, 200 kB"
run 0 $kith --home bob log
lacks out "hello"

prove "what it holds comes in, and twice is once"
run 0 $kith --home bob bundle apply one
has out "2 accepted, 0 known already"
has out "1 blob, 200 kB; 0 known"
run 0 $kith --home bob blob get "$($kith --home bob blob ls | cut -d ' ' -f 1)" \
	-o got
same picture got
run 0 $kith --home bob blob ls
lacks out " own"
run 0 $kith --home bob bundle apply - <one
has out "0 accepted, 2 known already"
has out "1 known already"

prove "a clock says what is there, and the next bundle goes on from it"
run 0 $kith --home bob bundle clock bobs
run 0 $kith bundle verify bobs
has out "a clock of 2 feeds"
post alice "third"
run 0 $kith --home alice bundle create --for bobs two
has err "1 message of 1 feed"
run 0 $kith bundle verify two
has out "$alice_id  3 to 3, to be put behind 2"

prove "an earlier bundle says the same, or several of them"
run 0 $kith --home alice bundle create --for one three
same two three
post alice "fourth"
run 0 $kith --home alice bundle create --for one --for two four
run 0 $kith bundle verify four
has out "$alice_id  4 to 4, to be put behind 3"

prove "who lacks what stands before is told what, and what to do"
run 1 $kith --home bob bundle apply four
has out "0 accepted, 0 known already, 1 behind a gap"
has out "$alice_id lacks message 3"
has err "kith bundle clock"
run 1 $kith --home bob bundle apply --json four
has out '"missing":3'
run 0 $kith --home bob bundle apply two
run 0 $kith --home bob bundle apply four
has out "1 accepted"

prove "packed bundles are read as they are"
run 0 $kith --home alice bundle create all.gz
run 0 $kith --home alice bundle create all.zst
run 0 $kith --home alice bundle create all
run 0 gzip -t all.gz
run 0 $kith bundle verify all.gz
run 0 $kith bundle verify all.zst
run 0 $kith --home bob bundle apply all.zst
$kith --home alice bundle create 2>err | cmp - all || fail

prove "nothing new is a bundle that holds nothing"
run 0 $kith --home alice bundle create --for all none
has err "0 messages of 0 feeds"
run 0 $kith --home bob bundle apply none

prove "a torn bundle gives all in front of the tear"
home dan
run 0 $kith --home dan follow "$alice_id"
head -n 4 all | head -c -20 >torn
run 1 $kith bundle verify torn
has err "torn"
has err "it should hold, and does not: 2 to 4 of $alice_id"
run 1 $kith --home dan bundle apply torn
has out "1 accepted"
has err "torn is torn: all in front of the tear is taken"
run 1 $kith --home dan bundle apply --json torn
has out '"torn":true,"whole":false'

prove "a damaged one gives all that is whole, and says what lacks"
sed '4s/picture/PICTURE/' all >bad
run 1 $kith bundle verify bad
has err "bad:4: bytes "
has err "it should hold, and does not: 2 to 2 of $alice_id"
run 1 $kith --home dan bundle apply bad
has out "2 behind a gap"
has out "$alice_id lacks message 2"
has err "bad is damaged: what is whole in it is taken"
run 0 $kith --home dan bundle apply all
has out "3 accepted, 1 known"

prove "a message that was changed with its checksum is found out all the same"
sed '4s/^m [0-9a-f]* /m 00000000 /' all >bad
run 1 $kith bundle verify bad
sed 's/"text":"hello"/"text":"hullo"/' bare |
	while read -r line; do
		printf '{"previous":%s\n' "${line#*previous\":}"
	done >forged
run 1 $kith verify forged

prove "what is no bundle is refused, and so is one of a later version"
run 3 $kith bundle verify bare
has err "is no bundle"
run 3 $kith --home dan bundle apply picture
has err "is no bundle"
run 3 $kith bundle verify /dev/null
run 3 $kith bundle verify /nowhere/x
run 3 $kith bundle verify .

prove "mail may change the ends of lines"
sed 's/$/\r/' all >mailed
run 0 $kith bundle verify mailed
has out "whole"

prove "whom a friend follows comes in with what the friend says"
home erin
post erin "I am erin"
post erin "and still erin"
run 0 $kith --home erin bundle create erins
run 0 $kith --home alice follow "$erin_id"
run 0 $kith --home alice bundle apply erins
has out "2 accepted"
run 0 $kith --home alice bundle create both
home fay
run 0 $kith --home fay bundle apply both
has out "0 accepted"
has out "7 messages of feeds out of reach"
has err "out of reach: follow who wrote them"
run 0 $kith --home fay follow "$alice_id"
# The friend's friend stands in front of the friend.
{ sed -n 1p both; grep '^m' both | grep "author\":\"$erin_id"
  grep '^m' both | grep "author\":\"$alice_id"; } >turned
run 1 $kith --home fay bundle apply turned
has out "7 accepted, 0 known already, 0 behind a gap, 0 refused"
run 0 $kith --home fay bundle apply both
has out "0 accepted, 7 known"

prove "whom we block is neither taken nor given, unless named"
home gus
run 0 $kith --home gus follow "$alice_id"
run 0 $kith --home gus block "$erin_id"
run 0 $kith --home gus bundle apply both
has out "5 accepted"
has out "2 messages of feeds out of reach"
run 0 $kith --home gus bundle apply --feed "$erin_id" both
has out "2 accepted"
run 0 $kith --home gus bundle create gusses
run 0 $kith bundle verify gusses
lacks out "$erin_id"
run 0 $kith --home gus bundle create --feed "$erin_id" gusses
run 0 $kith bundle verify gusses
has out "2 messages of 1 feed"
run 0 $kith --home gus bundle create --all gusses
run 0 $kith bundle verify gusses
has out "$erin_id"
home hal
run 0 $kith --home hal bundle apply --all gusses
has out "9 accepted"

prove "who is blocked by an author is not given that author"
run 0 $kith --home erin block "$gus_id"
run 0 $kith --home erin bundle create erins
run 0 $kith --home alice bundle apply erins
run 0 $kith --home alice bundle create --for "$gus_id" hers
has err "left out: 1 feed whose authors block the reader"
run 0 $kith bundle verify hers
lacks out "$erin_id"

prove "a depot says what those have who wrote to it"
mkdir stick
run 0 $kith --home bob sync --create stick
run 0 $kith --home alice bundle create --feed "$alice_id" --for stick rest
run 0 $kith bundle verify rest
has out "$alice_id  5 to 5, to be put behind 4"
run 0 $kith --home alice sync stick
run 0 $kith --home alice bundle create --feed "$alice_id" --for stick same
same rest same

prove "what does not fit goes into the next"
run 0 $kith --home alice bundle create --max-size 2k part1
has err "did not fit"
[ "$(wc -c <part1)" -le 2048 ] || fail "too large"
run 0 $kith bundle verify part1
run 0 $kith --home alice bundle create --max-size 3k --for part1 part2
run 0 $kith --home alice bundle create --for part1 --for part2 part3
home ian
run 0 $kith --home ian follow "$alice_id"
for part in part1 part2 part3; do
	run 0 $kith --home ian bundle apply $part
done
run 0 $kith --home ian bundle apply both
has out "0 accepted"
run 2 $kith --home alice bundle create --max-size 2q x
run 2 $kith --home alice bundle create --max-size 0 x
run 2 $kith --home alice bundle create --max-size -1 x

prove "a proof of a fork goes along, and what lies behind it does not"
home jo
run 1 $kith --home jo import "$here/branch-a.ndjson" "$here/branch-b.ndjson"
run 0 $kith --home jo bundle create --all forked
has err "2 proofs of forks"
run 0 $kith bundle verify forked
has out "  1 to 2"
home kim
run 0 $kith --home kim import "$here/branch-a.ndjson"
run 0 $kith --home kim bundle apply --all forked
has out "2 proofs of forks"
run 0 $kith --home kim forks
has out "other"
sed 's/telephone/tablet/' forked >bad
run 1 $kith bundle verify bad

prove "a small one is drawn as a QR code, and a large one is not, kindly"
post erin "short"
run 0 $kith --home erin bundle create --for erins --qr
has out "█▀▀▀▀▀█"
run 1 $kith --home alice bundle create --blobs --qr
has err "a QR code holds no more than 2953 bytes"
has err "--feed"
run 2 $kith --home alice bundle create --qr x

prove "what it cannot do it says"
run 2 $kith bundle
run 2 $kith bundle tie
has err "knows create, verify, apply and clock"
run 2 $kith bundle verify --blobs one
run 4 $kith --home alice bundle create --for nobody x
has err "there is no such file"
run 4 $kith --home alice bundle create --feed nobody x
run 3 $kith --home /nowhere bundle create x
run 3 $kith --home alice bundle create /nowhere/x

prove "kithd takes it while it runs"
begin alice
home lea
run 0 $kith --home lea follow "$alice_id"
post lea "to alice"
run 0 $kith --home alice follow "$lea_id"
head -c 100000 /dev/urandom >other
post lea "see" --attach other
run 0 $kith --home lea bundle create --blobs leas
run 0 $kith --home alice bundle apply leas
has out "3 accepted"
has out "1 blob, 100 kB; 0 known"
run 0 $kith --home alice bundle apply leas
has out "0 accepted, 3 known"
has out "1 known already"
run 0 $kith --home alice bundle create --for leas more
run 0 $kith --home alice stop
