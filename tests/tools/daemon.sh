#!/bin/sh
# Every command with kithd running: reading beside it, writing through it; then
# two daemons that exchange feeds, told so by kith alone.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

k="$kith --home one"
run 0 $k init
id=$(cat out)
begin one

prove writing goes through the daemon
run 0 $k post "by way of the daemon"
msg=$(cat out)
run 0 $k cat "$msg" --meta
has out "source    this node"
run 0 $k publish <<-X
	{"type":"about","about":"$id","name":"One"}
X
run 0 $k --json post second
has out '"seq":3'
run 1 $k publish <<-X
	{"type":"post","x":{}}
X
has err "not signed (empty-object)"
run 0 $k status
has out "kithd      running"

prove what is too long is refused before it is sent, or by the daemon
for size in 8500 48000 60000 200000; do
	head -c $size /dev/zero | tr '\0' x | run 1 $k post
	has err 8192
done

prove import through the daemon tells new, known, gap and refused apart
sed 2d "$here/feeds.ndjson" >gap
run 1 $k import gap
has out "7 accepted, 0 known already, 2 behind a gap, 0 refused"
sed 's/first post/worst post/;1q' "$here/feeds.ndjson" >forged
cat "$here/feeds.ndjson" >>forged
run 1 $k import forged
has out "3 accepted, 7 known already, 0 behind a gap, 1 refused"
tac "$here/feeds.ndjson" | run 0 $k import
has out "0 accepted, 10 known already"
run 0 $k verify
has out "13 ok, 0 bad"

prove a line that no call has room for is refused and the next ones go in
{
	sed "s/first post/$(head -c 65400 /dev/zero | tr '\0' x)/;1q" \
		"$here/feeds.ndjson"
	cat "$here/feeds.ndjson"
} >long
run 1 $k import long
has out "0 accepted, 10 known already, 0 behind a gap, 1 refused"

prove import of another branch through the daemon says what it says without
run 0 $kith --home direct init
for h in direct one; do
	run 0 $kith --home $h import "$here/branch-a.ndjson"
	run 1 $kith --home $h --json import "$here/branch-b.ndjson"
	grep -v '"source"' out >$h.summary
done
same direct.summary one.summary
has one.summary '"forks":3,"own":0,"invalid":0'

prove a second writer goes through the daemon, many at once
before=$($k export | wc -l)
posts=
for i in 1 2 3 4 5 6 7 8; do
	$k post "at once $i" >>ids 2>>busy &
	posts="$posts $!"
done
wait $posts
run 0 $k export
[ "$(wc -l <out)" = $((before + 8)) ] || fail "not eight more"
[ ! -s busy ] || fail "$(cat busy)"

prove a second daemon on the same home is refused
run 1 $kithd --home one
has err "process"

prove peers meet, and what one publishes the other has
run 0 $kith --home two init
two=$(cat out)
begin two
run 0 $kith --home two follow "$id"
run 0 $k follow "$two"
run 0 $k connect "$(address two)"
has out "connected to $two"
run 0 $k peers
has out "connected      $two"
until_seen two "at once 8"
run 0 $kith --home two post "answer over the wire"
until_seen one "answer over the wire"
run 0 $k log "$two" --json -n 1
has out "\"source\":\"$two\""
$k export "$id" >want
$kith --home two export "$id" >got
same want got

prove a peer that is known may be called by its name, or the start of its id
run 0 $k name Zwei --of "$two"
run 0 $k connect @zwei
has out "connected to $two"
run 0 $k connect "$(echo "$two" | cut -c -9)"
has out "connected to $two"
run 0 $k connect "$two"
run 1 $k connect "$bob"
has err "no address of it is known; \`kith peers\`"
run 4 $k connect @nobody

prove a line says what is known once, and names who has a name
run 0 $k peers
has out "connected      $two (Zwei)  net:127.0.0.1:"
lacks out "~shs:"
run 0 $k peers --ids short
has out "connected      $(echo "$two" | cut -c -9)… (Zwei)"
run 0 $k --json peers
has out "~shs:"
has out "\"peer\":\"$two\",\"name\":\"Zwei\""

prove disconnecting lasts until the next connect
run 0 $k disconnect @zwei
peers_say() {
	$k peers | grep -qF "$1"
}
until_state() {
	eventually peers_say "$1" || fail "not $1: $($k peers)"
}
until_state "paused         $two"
run 0 $k connect "$(address two)"
until_state "connected      $two"

prove so it does for a peer that came by itself
run 0 $k disconnect @zwei
until_state "paused         $two"
run 0 $kith --home two connect "$(address one)"
until_state "connected      $two"
run 0 $k connect @zwei
visits() {
	grep -c "connected peer=$id.*accepted" two.log
}
before=$(visits)
run 0 $kith --home two disconnect "$id"
comes_again() {
	[ "$(visits)" -gt "$before" ]
}
eventually comes_again || fail "it is not dialled again"
run 0 $k disconnect "$(address two)"
run 4 $k disconnect "$bob"

prove a peer is asked by its name, too
run 0 $k peer @zwei ping
run 0 $k peer @zwei feed --verify @zwei
has out "0 bad"
run 4 $k peer "$bob" ping
has err "no address of $bob is known"
run 4 $k peer net:127.0.0.1:1~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w= \
	feed @nobody
has err "no feed here is called nobody"

prove a blob is asked for as shells complete it, without its sigil
echo "a blob" >blob
run 0 $k blob add blob
run 0 $k peer local blobs has "$(cut -c 2- out)"
has out "it has the blob"
run 2 $k peer local blobs hasnt x
has err "blobs has &BLOB"

prove who cannot be reached is named, and why
run 2 $k connect nonsense
run 1 $k connect "net:127.0.0.1:1~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
has err "cannot connect to net:127.0.0.1:1~shs:iojj"
wrong=$(address two | sed 's/shs:.*/shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=/')
run 1 $k connect "$wrong"
has err "another key"

prove stop waits until the daemon is gone, and all is kept
run 0 $k stop
has out "kithd has stopped"
run 0 $k status
has out "not running"
run 0 $k verify
has out " 0 bad"
run 0 $k post "without the daemon"
run 0 $k stop
has err "not running"

prove when the daemon was killed commands write themselves, and it starts again
begin one
run 0 $k --json status
has out "\"pid\":$(cat one.pid),"
crash one
run 0 $k post "after the kill"
run 0 $k peers
has out "paused         $two"
begin one
run 0 $k post "after the restart"
run 0 $k status
has out "kithd      running"
run 0 $k verify
has out " 0 bad"
