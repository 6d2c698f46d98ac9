#!/bin/sh
# kith search: what is asked, what is shown, and how the index follows the log.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
KITH_HOME=$work/home
export KITH_HOME
run 0 $kith init
self=$(cat out)
for text in "The garden grows" "A tomato in the GARDEN" \
	"[@Ada]($ada) *waters*, the garden: https://e.org/secret, (**too**)" \
	"Ein Café im Grünen"; do
	run 0 $kith post "$text"
done

prove all words are to be there, and the newest comes first
run 0 $kith search garden
[ "$(grep -c garden out)" -ge 2 ] || fail
has out "@Ada waters, the garden: (too)"
lacks out secret
sed -n 2p out | grep -q waters || fail "not the newest"
run 0 $kith search garden tomato
has out "A tomato in the GARDEN"
[ "$(wc -l <out)" = 2 ] || fail

prove neither case nor accents matter
run 0 $kith search CAFE grunen
has out "Ein Café im Grünen"

prove phrases, beginnings, choices and negations
run 0 $kith search '"the garden" -grows -waters'
has out tomato
run 0 $kith search 'tom* OR grow*'
[ "$(wc -l <out)" = 4 ] || fail
run 0 $kith search '"garden the"'
has err "nothing is found"
[ ! -s out ] || fail

prove filters
run 0 $kith search --author "$self" garden -n 1
[ "$(wc -l <out)" = 2 ] || fail
run 0 $kith search --author "$ada" garden
[ ! -s out ] || fail
run 4 $kith search --author nobody garden
run 0 $kith search --since 2020 --until 2100 garden
has out waters
run 0 $kith search --until 2020 garden
[ ! -s out ] || fail
run 0 $kith search "garden author:$self after:2020-01 before:2100-01-02"
has out waters
run 2 $kith search --since yesterday garden
run 2 $kith search --sort size garden
echo '{"type":"post","text":"weeds","channel":"#Plants"}' >post
run 0 $kith publish post
run 0 $kith search --channel plants
has out weeds
run 0 $kith search --channel plants garden
[ ! -s out ] || fail

prove records for scripts, with a rank where that is asked for
run 0 $kith search --json --sort rank garden
[ "$(grep -c '"rank":[0-9.]' out)" = 3 ] || fail
run 0 $kith search --json garden
lacks out '"rank"'
has out '"content":{"type":"post","text":"The garden grows"}'
run 0 $kith name Zoe
run 0 $kith search --json --author zoe garden
[ "$(grep -c '"name":"Zoe"' out)" = 3 ] || fail
run 0 $kith search garden
has out "you  just now"

prove queries take words, too
run 0 $kith query --json '{"filter":{"text":"garden -grows"},"emit":"id"}'
[ "$(wc -l <out)" = 2 ] || fail
run 0 $kith query --json '{"filter":{"type":"post","not":{"text":"garden"}},"emit":"content"}'
has out Café
lacks out garden
run 2 $kith query '{"filter":{"text":"garden ("}}'
has err "a word is missing"

prove marks are shown where there is colour
run 0 $kith search --color always tomato
grep -q "$(printf '\033')\[1mtomato" out || fail

prove what is no question is said, and where
run 2 $kith search 'a AND (b'
has err "the bracket at 7 is not closed"
run 2 $kith search
run 2 $kith search '!!!'

prove a damaged index is made anew
for damage in "head -c 5000" "tr a b"; do
	$damage <home/store/search >damaged
	cat damaged >home/store/search
	run 0 $kith search garden
	has out waters
done
rm home/store/search*
mkdir home/store/search
run 0 $kith search garden
has out waters

prove kithd follows the log by itself, and does not disturb others who ask
rm home/store/search*
begin home
posts() {
	[ -s home/store/search ]
}
eventually posts || fail "there is no index"
run 0 $kith post "a garden again"
run 0 $kith search garden
has out "a garden again"
[ "$(grep -c '^    ' out)" = 4 ] || fail
