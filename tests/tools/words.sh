#!/bin/sh
# kith words, and kith init --words: the key on paper and back.
. "$SRCDIR/tests/tools/lib.sh"
words="legal winner thank year wave sausage worth useful legal winner thank \
year wave sausage worth useful legal winner thank year wave sausage worth title"
id=@YV1LJOCx9P4Zp7zdWWr3z16mrhgn1XfsIQZPKvxHHCY=.ed25519

prove words make the identity that they are of
echo "$words" | run 0 $kith --home h init --words
cp out id
run 0 $kith --home h id
same id out
[ "$(stat -c %a h/secret)" = 400 ] || fail "secret is not private"
run 0 $kith --home h words
[ "$(cat out)" = "$words" ] || fail "other words"
has err "can write in your name"
run 0 $kith --home h words --json
has out "\"words\":\"$words\""

prove the same words give the same identity, however they were typed
echo "$words" | tr 'a-z ' 'A-Z\n' | run 0 $kith --home upper init -w
same id out
echo "$words" | sed 's/\([a-z]\{4\}\)[a-z]*/\1/g;s/^/  /' |
	run 0 $kith --home short init -w
same id out

prove an adopted identity may not publish before a peer has confirmed it
run 1 $kith --home h post hello
run 0 $kith --home h status
has out "unconfirmed"
run 0 $kith --home h log
[ ! -s out ] || fail "something was published"

prove who says that it never published anything may at once
echo "$words" | run 2 $kith --home first init -w --first "$ada"
has err "is that of $(cat id)"
[ ! -e first/secret ] || fail "a secret was made"
echo "$words" | run 0 $kith --home first init -w --first "$(cat id)"
run 0 $kith --home first post hello

prove a word that is none is named, and nothing is made
echo "$words" | sed 's/sausage/suasage/' | run 3 $kith --home none init -w
has err 'word 6, "suasage": did you mean "sausage"?'
echo "$words" | sed 's/title/tiger/' | run 3 $kith --home none init -w
has err "one is probably another word"
echo "$words" | cut -d ' ' -f 1-12 | run 3 $kith --home none init -w
has err "12 words, and a key has 24"
run 3 $kith --home none init -w </dev/null
head -c 100000 /dev/zero | tr '\0' x | run 3 $kith --home none init -w
has err "longer than"
run 2 $kith --home none init -w legal winner thank
[ ! -e none ] || fail "a home was made"

prove where there is an identity the words are not even read
echo "$words" | run 1 $kith --home h init --words
has err "already"
run 3 $kith --home empty words
[ ! -e empty ] || fail "a home was made"

prove on a terminal the words are asked for, over lines, and not shown
script -qec true /dev/null >/dev/null 2>&1 || exit 0
{
	until_asked "from number 1 on"
	echo "$words" | cut -d ' ' -f 1-10
	until_asked "from number 11 on"
	echo "$words" | cut -d ' ' -f 11-
} | script -qefc "$kith --home typed init --words" typescript >out 2>err
run 0 $kith --home typed id
same id out
lacks typescript sausage
