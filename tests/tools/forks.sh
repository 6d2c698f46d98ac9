#!/bin/sh
# kith forks: what is kept of two branches of one feed, proofs, and where files
# disagree.
. "$SRCDIR/tests/tools/lib.sh"
a=$here/branch-a.ndjson
b=$here/branch-b.ndjson
feed=@NLTZBDFWy23PC+sKKUm3VZyUDSvLbb6MU6mzAnjjp0Y=.ed25519

prove a home without forks says so
run 0 $kith --home h init
run 0 $kith --home h forks
has err "no fork is known here"

prove importing the other branch is refused with its reason, and kept
run 0 $kith --home h import "$a"
run 1 $kith --home h import "$b"
has err "branch-b.ndjson:3: refused: a fork: contradicts message 3"
run 0 $kith --home h forks
has out "3  ours    %dtumaZVI…  %OgIf50QQ…"
has out "3  other   %iFmsrkKa…  %OgIf50QQ…"
[ "$(wc -l <out)" = 5 ] || fail "not two pairs"
run 0 $kith --home h forks --json
has out '"seq":3,"state":"ours","id":"%dtumaZVI'
has out '"seq":3,"state":"other","id":"%iFmsrkKa'
[ "$(wc -l <out)" = 4 ] || fail "not four messages"
run 0 $kith --home h forks "$feed"
has out "%dtumaZVI"
run 0 $kith --home h feeds
has out "forked "
run 0 $kith --home h verify
has out "4 ok, 0 bad"

prove the log marks what others are not given
run 0 $kith --home h log
[ "$(awk '{ print $2 }' out | tr '\n' ' ')" = "1 2 3Y 4Y " ] ||
	fail "not the third and fourth"
run 0 $kith --home h log --json
[ "$(grep -c '"state":"forked"' out)" = 2 ] || fail

prove both branches in one file give a proof too, in any order
cat "$b" "$a" | sort -r >both
run 0 $kith --home h2 init
run 1 $kith --home h2 import both
run 0 $kith --home h2 forks --proof "$feed:3"
cp out turned
run 0 $kith --home h2 forks -v turned

prove a proof is the two bare messages, ours first
run 0 $kith --home h forks --proof "$feed:3"
sed -n 3p "$a" >want
sed -n 3p "$b" >>want
same want out
cp out proof
run 0 $kith --home h forks --proof @NLTZBDFW
same want out
run 0 $kith --home h forks --proof "$feed:4"
run 4 $kith --home h forks --proof "$feed:2"
run 4 $kith --home h forks --proof "$feed:5"
run 4 $kith --home h forks --proof @AAAAAAAA:1
run 2 $kith --home h forks --proof "$feed:3x"

prove anybody can check it, without a home
run 0 env HOME=/nowhere $kith forks --verify proof
has out "$feed signed two messages 3"
has out "%dtumaZVI+VK"
has out "%iFmsrkKahR"
run 0 env HOME=/nowhere $kith forks --verify - <proof
run 0 env HOME=/nowhere $kith forks --verify proof --json
[ "$(grep -c '"seq":3,"state":"proven"' out)" = 2 ] || fail

no_proof() { # no_proof REASON: what stands in the file none is none
	run 1 $kith forks --verify none
	has err "no proof: "
	has err "$1"
	run 1 $kith forks --verify none --json
	has out '"state":"bad","problem":"'
}

prove what is no proof is refused with the reason
sed 1q proof | sed p >none
no_proof "both are the same message"
sed -n 3,4p "$a" >none
no_proof "different places: 3 and 4"
{ sed 1q "$a"; sed 1q "$here/feeds.ndjson"; } >none
no_proof "different authors"
sed 's/laptop/tablet/' proof >none
no_proof "message 2: the signature"
sed 's/telephone/tablet/' proof >none
no_proof "message 1: the signature"
sed 1q proof >none
no_proof "two lines"
cat proof proof >none
no_proof "two lines"
true >none
no_proof "two lines"
{ cat proof; echo; } >none
no_proof "two lines"
sed '2s/.*/junk/' proof >none
no_proof "message 2: "
sed '1s/.*/{}/' proof >none
no_proof "message 1: "
head -c 300000 /dev/urandom >none
no_proof ""
head -c 300000 /dev/zero >none
no_proof "longer than two messages"
run 1 $kith forks --verify proof -k AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
run 3 $kith forks --verify /nowhere/proof
run 3 $kith forks --verify .

prove files are searched for the lowest place where they disagree
run 1 env HOME=/nowhere $kith forks --find "$a" "$b"
has out "$feed signed two messages 3:"
has out "%dtumaZVI+VK/44m91oQ+Umhxsh/ACJVbvUrLLcC8DDk=.sha256  $a:3"
has out "%iFmsrkKahR/EsYPUyVOGJ0lMro4TKvDWQiM9q1V+GLk=.sha256  $b:3"
[ "$(wc -l <out)" = 3 ] || fail "not one place"
sort -r "$b" | gzip -c >b.gz
run 1 $kith forks --find b.gz "$a" --json
has out '"seq":3,"id":"%iFmsrkKa'
has out '"source":"b.gz","line":'
run 1 $kith forks --find both both
has out "$feed signed two messages 3:"
run 0 $kith forks --find "$a" "$here/feeds.ndjson"
has out "no fork"
run 0 $kith forks --find "$a" "$a"
lacks err "no message"
run 0 $kith forks --find "$a" /dev/null
has err "/dev/null: there is no message in it"

prove forgeries and junk in files neither accuse nor hide
sed '3s/telephone/tablet/; 4s/telephone/tablet/' "$a" >forged
run 0 $kith forks --find forged "$a"
run 0 $kith forks --find "$a" forged
{ echo junk; cat forged "$a"; head -c 10000 /dev/urandom; } >mixed
run 1 $kith forks --find mixed "$b"
has out "mixed:8"
run 1 $kith forks --find "$b" mixed
has out "mixed:8"

prove what is kept can be dropped, and the feed goes on
run 0 $kith --home h forks --drop "$feed"
has out "$feed is taken and given again"
run 0 $kith --home h forks
has err "no fork is known here"
run 0 $kith --home h feeds
lacks out "forked "
run 4 $kith --home h forks --proof "$feed"
run 1 $kith --home h forks --drop "$feed"
has err "no fork of this feed is known here"
run 1 $kith --home h import "$b"
run 0 $kith --home h forks "$feed"
has out "%iFmsrkKa"
run 2 $kith --home h forks --drop
run 2 $kith --home h forks --drop "$feed" --proof "$feed"

prove misuse is told
run 2 $kith forks --find "$a"
run 2 $kith forks --find - "$a"
run 2 $kith forks --find "$a" "$b" --verify proof
run 2 $kith --home h forks "$feed" "$feed"
run 3 $kith forks --find "$a" /nowhere/b
run 3 $kith --home /nowhere forks

prove a feed may be named as everywhere
run 0 $kith --home h name Twin --of "$feed"
run 0 $kith --home h forks @twin
has out "%dtumaZVI"
run 0 $kith --home h forks --proof @twin:3
has out "three on the laptop"
run 4 $kith --home h forks @nobody
has err "no feed here is called nobody"
run 2 $kith --home h forks nobody
has err "nobody is no feed"
