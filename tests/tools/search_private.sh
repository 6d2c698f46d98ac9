#!/bin/sh
# kith search --private: who finds what was said in private, and where its words
# lie.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
. "$SRCDIR/tests/tools/persons.sh"
a="$kith --home a"
b="$kith --home b"
persons a b
finds() { # finds N COMMAND...: so many hits
	hits=$1
	shift
	run 0 "$@"
	[ "$(grep -c '^    ' out)" = "$hits" ] || fail "not $hits: $*"
}
lies_open() { # lies_open WORD PATH...
	word=$1
	shift
	grep -rqaF -e "$word" "$@"
}
give a b
give b a
say "a xylophone and a raspberry for you" $a dm "person b"
run 0 $a post "a raspberry for all"
run 0 $a group create
group=$(cat out)
say "a raspberry among us" $a group post "$group" -
give a b

prove what is private is found with --private alone, and then nothing else
finds 1 $b search raspberry
has out "for all"
finds 1 $b search --private raspberry
has out "a raspberry for you"
has out "Person a"
finds 2 $a search --private raspberry
lacks out "for all"
run 0 $b --json search --private raspberry
has out '"boxed":"box"'
has out '"text":"a xylophone and a raspberry for you"'
lies_open xylophone b/store/private-words* || fail "no such index"
! lies_open xylophone b/store/search* || fail "the public index has it"

prove it is asked as all search is
finds 1 $b search --private "rasp*" --author "person a"
finds 0 $b search --private "rasp*" NOT you
finds 0 $b search --private raspberry --until 2020
finds 1 $a search --private --sort rank raspberry -n 1

prove what is opened late is found
run 0 $a group invite --text "come in" "$group" "person b"
give a b
finds 2 $b search --private raspberry
has out "among us"

prove who asks does so beside kithd, which does not read it
rm b/store/private-words*
begin b
finds 2 $b search --private raspberry
say "blueberries" $b dm "person a"
finds 1 $b search --private blueberries
run 0 $b stop

prove a damaged or missing index is made anew
for damage in "head -c 5000" "tr a b"; do
	$damage <b/store/private-words >damaged
	cat damaged >b/store/private-words
	finds 2 $b search --private raspberry
done
rm b/store/private-words*
mkdir b/store/private-words
finds 2 $b search --private raspberry

prove what is forgotten is found no more, and its words are gone
lies_open xylophone b/store/private-words || fail "no such words"
id=$($a id)
run 0 $b forget "$id"
[ ! -e b/store/private-words ] || fail "its words are there"
finds 0 $b search --private raspberry
finds 1 $b search --private blueberries

prove kithd removes an index that may hold words of what it removed
finds 1 $a search raspberry
begin a
run 0 $a follow "$($b id)"
run 0 $a forget "$($b id)"
finds 2 $a search --private raspberry
gone() {
	[ ! -e a/store/private-words ]
}
swept() {
	grep -q "search: the index was made anew, since messages are gone" a.log
}
# On a slow machine it is done already.
swept || eventually gone || fail "it is there"
eventually swept || fail "kithd did not"
finds 2 $a search --private raspberry

prove a sealed secret leaves no words open
echo "correct horse" >passphrase
[ -e b/store/private-words ] || fail "there is no index"
run 0 $b passphrase --new-file passphrase
[ ! -e b/store/private-words ] || fail "the words are open"
run 3 $b search --private blueberries </dev/null
has err passphrase
finds 1 $b --passphrase-file passphrase search --private blueberries
! lies_open blueberries b || fail "the words are open"
run 0 $b search nothing
