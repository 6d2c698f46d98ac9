#!/bin/sh
# kith export in every form, and kith redact.
. "$SRCDIR/tests/tools/lib.sh"
KITH_HOME=$work/h
export KITH_HOME
run 0 $kith init
run 0 $kith import "$here/examples.ndjson"
run 0 sh -c "echo 'for my eyes' | $kith dm --yes \$($kith id)"

prove the older names of two forms still do
run 0 $kith export --format kvt
cp out kvt
run 0 $kith export --keys
same kvt out
run 0 $kith export --format canonical
cp out canonical
run 0 $kith export --canonical
same canonical out
run 0 $kith export --format ndjson
cp out plain
run 0 $kith export
same plain out

prove a table has a line a message, and what is private in no cell
run 0 $kith export --format csv
head -n 1 out >names
echo "rx,author,seq,id,type,ts,rts,root,content" >want
same want names
[ "$(wc -l <out)" = $(($(wc -l <plain) + 1)) ] || fail "not all"
has out '{""boxed"":""box1"",""bytes"":'
lacks out "for my eyes"
has out '"post",1795286670483,1795286670483,,"{""type"":""post"",""text"":""What do you sow'
run 0 $kith export --format csv --private
has out "for my eyes"

prove a database has them all, and roots of threads
run 0 $kith export --format sqlite --output all.db
if command -v sqlite3 >/dev/null; then
	[ "$(sqlite3 all.db 'select count(*) from msg')" = \
		"$(wc -l <plain)" ] || fail "not all"
	[ "$(sqlite3 all.db "select count(*) from msg where root is not null")" \
		-gt 0 ] || fail "no root"
	[ "$(sqlite3 all.db "select content from msg where type is null" |
		cut -c1-15)" = '{"boxed":"box1"' ] || fail "private"
fi
head -c 15 all.db >magic
printf 'SQLite format 3' >want
same want magic

prove a file that is there is not written over, and none is left half
run 3 $kith export --format sqlite --output all.db
has err "there already"
run 2 $kith export --format sqlite
has err "name it with -o"
run 3 $kith export --format sqlite --output nowhere/all.db
[ ! -e all.db.part ] || fail

prove a depot is made of what is here, and can be taken in
run 0 $kith export --format depot --output stick
run 0 $kith depot verify stick
run 2 $kith export --format depot

prove forms that do not go together are misuse
run 2 $kith export --format csv --keys
run 2 $kith export --format sqlite --gz --output x.db
run 2 $kith export --format canonical --private
run 2 $kith export --format xml
has err "csv, sqlite or depot"

prove a redacted export has every byte in its place and no word of it
$kith redact <plain >redacted 2>err || fail
has err "signature"
tr -c '{}[]":,\\\n' . <plain >form
tr -c '{}[]":,\\\n' . <redacted >form2
same form form2
for word in Alice vegetables gardening rmJQG0B for; do
	lacks redacted "$word"
done
has redacted REDACTEDA=.ed25519
has redacted '"type":"post"'
[ "$(grep -o '"author":"[^"]*' redacted | sort -u | wc -l)" = \
	"$(grep -o '"author":"[^"]*' plain | sort -u | wc -l)" ] ||
	fail "one id became several, or several one"

prove what is redacted is taken in nowhere
run 0 $kith --home other init
run 1 $kith --home other import redacted
has err "refused"

prove damage is redacted as it is, and what is too long is told of
printf '{"text":"torn by \\u0041 \377' | $kith redact >out 2>err || fail
printf '{"text":"xxxx xx \\u0058 \377\n' >want
same want out
(head -c 200000 /dev/zero | tr '\0' x; echo; cat plain) >long
run 1 $kith redact long
has err "line 1 is longer"
[ "$(wc -l <out)" = "$(wc -l <plain)" ] || fail
run 3 $kith redact nowhere
