#!/bin/sh
# kith query: what is asked, what is shown, page by page and as it comes in.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
KITH_HOME=$work/home
export KITH_HOME
run 0 $kith init
self=$(cat out)
for n in 1 2 3 4 5 6 7; do
	echo "{\"type\":\"post\",\"text\":\"number $n\",\"channel\":\"c$((n % 2))\"}" >post
	run 0 $kith publish post
done
echo '{"type":"note","text":"number 8"}' >post
run 0 $kith publish post

prove the newest come first, as kith log shows them
run 0 $kith query '{"type": "post"}' -n 2
sed -n 1p out | grep -q "number 7" || fail
[ "$(wc -l <out)" = 2 ] || fail

prove a page tells how the next is had, until there is none
has err "there may be more: --after 1td"
: >pages
run 0 $kith query '{"type": "post"}' -n 3
cat out >>pages
while grep -q -e "--after" err; do
	cursor=$(sed 's/.*--after //' err)
	run 0 $kith query '{"type": "post"}' -n 3 --after "$cursor"
	cat out >>pages
done
run 0 $kith query '{"type": "post"}' -n all
same out pages

prove a cursor of another order is stale
run 2 $kith query '{"order": "rx"}' --after "$cursor"
has err "stale cursor: start again without it"

prove filters of all sorts
run 0 $kith query '{"channel": "c0", "author": "'"$self"'"}'
[ "$(wc -l <out)" = 3 ] || fail
run 0 $kith query '{"or": [{"type": "note"}, {"channel": "c1"}]}'
[ "$(wc -l <out)" = 5 ] || fail
run 0 $kith query '{"type": "post", "seq": {"gt": 2, "lte": 4}}'
[ "$(wc -l <out)" = 2 ] || fail
run 0 $kith query '{"text": "number", "not": {"channel": "c0"}}'
[ "$(wc -l <out)" = 4 ] || fail
run 0 $kith query '{"hops": {"lte": 0}, "type": "note"}'
has out "number 8"

prove answers in other forms
run 0 $kith query '{"type": "note", "emit": "content"}'
echo '{"type":"note","text":"number 8"}' >want
same want out
run 0 $kith query '{"type": ["post", "note"], "emit": "count"}'
[ "$(cat out)" = 8 ] || fail
run 0 $kith query --scan '{"emit": {"group-count": "type"}}'
printf '7\tpost\n1\tnote\n' >want
same want out
run 0 $kith query --json '{"type": "note"}'
has out '"seq":8,'
has out '"cursor":"1td'

prove the plan is told, not carried out
run 0 $kith query --explain '{"type": "post", "private": false}'
has out '{"reads":{"type":"post","has":7},"checks":["private"]'

prove what would read everything is refused, and says what to add
run 2 $kith query '{"private": false}'
has err 'or say "scan": true'
run 0 $kith query --scan '{"private": false}' -n 1

prove errors point into the query
run 2 $kith query '{"filter": {"autor": "x"}}'
has err 'unknown operator "autor", at filter.autor'
has err '  {"filter": {"autor": "x"}}'
has err '              ^'
run 2 $kith query '{"type": '
has err '^'
run 2 $kith query '{"type": "post", "live": "both"}'
has err "for what comes in there is --follow"

prove what comes in is told beside kithd, once, and only what is asked for
begin home
$kith query '{"channel": "c1"}' -n 2 --follow >followed 2>&1 &
query=$!
eventually grep -q "number 7" followed || fail
for n in 9 10 11; do
	echo "{\"type\":\"post\",\"text\":\"number $n\",\"channel\":\"c$((n % 2))\"}" >post
	run 0 $kith publish post
done
eventually grep -q "number 11" followed || fail
kill $query
wait $query 2>/dev/null
sed 's/.*\(number [0-9]*\).*/\1/' followed >got
printf 'number 5\nnumber 7\nnumber 9\nnumber 11\n' >want
same want got
