#!/bin/sh
# kithd syncs depots by itself: folders that appear and go, without a network.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

home() { # home NAME: a new one; its identity is in $NAME_id
	run 0 $kith --home "$1" init
	eval "$1_id=\$($kith --home "$1" id)"
}

config() { # config HOME JSON
	echo "$2" >"$1/config"
}

says() { # says HOME TEXT: its kithd does, in time
	eventually grep -qsF -e "$2" "$1.log" ||
		fail "$1 never said: $2: $(cat "$1.log")"
}

holds() { # holds HOME TEXT: the log does
	$kith --home "$1" log --limit all | grep -qF -e "$2"
}

prove "two kithds exchange through one folder, which appears while they run"
for h in ann ben; do
	home $h
	config $h "{\"depots\":[{\"path\":\"$work/stick\",\"every\":1}]}"
done
# shellcheck disable=SC2154 # set by home
run 0 $kith --home ann follow "$ben_id"
# shellcheck disable=SC2154
run 0 $kith --home ben follow "$ann_id"
head -c 100000 /dev/urandom >picture
run 0 $kith --home ann post "from ann" --attach picture
run 0 $kith --home ben post "from ben"
for h in ann ben; do
	begin $h
done
run 0 $kith --home ann status
has out "depot      $work/stick: not there"
home maker
mkdir stick
run 0 $kith --home maker sync --create stick
for h in ann ben; do
	says $h "there depot=$work/stick"
	says $h "synced depot=$work/stick"
done
eventually holds ann "from ben" || fail "ann never heard of ben"
eventually holds ben "from ann" || fail "ben never heard of ann"
blob=$($kith --home ann blob ls | cut -d ' ' -f 1)
has_picture() {
	$kith --home ben blob get "$blob" -o got 2>/dev/null
}
eventually has_picture || fail "no picture came"
same picture got

prove "kith status says how it went"
synced() {
	$kith --home ben status | grep -q "depot      $work/stick: synced just"
}
eventually synced || fail "$($kith --home ben status)"
run 0 $kith --home ben status
has out "; messages in 2, out 2"
run 0 $kith --home ben status --json
has out "\"depots\":[{\"place\":\"$work/stick\",\"state\":\"waiting\""
has out '"blobs_in":1'

prove "what is published later goes there by itself"
run 0 $kith --home ann post "later"
eventually holds ben "later" || fail "it never came"

prove "a folder that goes is one line, and one that comes back is synced again"
mv stick/ssbstick drawer
rmdir stick
says ann "gone depot=$work/stick"
says ben "gone depot=$work/stick"
run 0 $kith --home ann status
has out "not there"
run 0 $kith --home ann post "meanwhile"
mkdir stick
mv drawer stick/ssbstick
eventually holds ben "meanwhile" || fail "it never came"
[ "$(grep -c 'gone depot' ben.log)" = 1 ] || fail "said more than once"
[ "$(grep -c 'not synced' ben.log)" = 0 ] || fail "a storm"
for h in ann ben; do
	run 0 $kith --home $h stop
done

prove "a depot that is sealed for others says so, once"
home owner
mkdir sealed
run 0 $kith --home owner sync --create --for "$ann_id" sealed
config ben "{\"depots\":[{\"path\":\"$work/sealed\",\"every\":1}]}"
begin ben
says ben "not synced depot=$work/sealed: "
grep "not synced" ben.log >said
has said "sealed"
run 0 $kith --home ben status
has out "not synced: "
has out "sealed"
run 0 $kith --home ben stop
config ann "{\"depots\":[{\"path\":\"$work/sealed\",\"every\":1}]}"
begin ann
says ann "synced depot=$work/sealed"
run 0 $kith --home ann stop

prove "one with a passphrase opens to kithd where its key was kept"
echo "between us" >words
mkdir shut
run 0 $kith --home owner --passphrase-file words sync --create --sealed shut
config ben "{\"depots\":[{\"path\":\"$work/shut\",\"every\":1}]}"
begin ben
says ben "not synced depot=$work/shut: "
grep "not synced" ben.log >said
has said "sync --remember"
run 0 $kith --home ben stop
run 0 $kith --home ben --passphrase-file words sync --remember shut
run 0 $kith --home ben post "by a key that was kept"
begin ben
says ben "synced depot=$work/shut"
lacks ben.log "not synced"
run 0 $kith --home ben stop

prove "a folder without a depot is left alone"
mkdir plain
config ben "{\"depots\":[{\"path\":\"$work/plain\"}]}"
begin ben
run 0 $kith --home ben status
has out "depot      $work/plain: not there"
run 0 $kith --home ben stop
[ -z "$(ls plain)" ] || fail "something was written"

prove "kithd stops in the middle of a session, and the next one goes on"
home big
"$BUILDDIR/tests/bench/generate" 20000 20 mixed 7 >many
run 0 $kith --home big import many
mkdir large
$kith --home big feeds --json | sed 's/.*"feed":"\([^"]*\)".*/\1/' >feeds
grep -vxF "$big_id" feeds >others
while read -r feed; do
	run 0 $kith --home big follow "$feed"
done <others
run 0 $kith --home big sync --create large
home cut
run 0 $kith --home cut follow "$big_id"
config cut "{\"depots\":[{\"path\":\"$work/large\",\"every\":1}]}"
begin cut
says cut "there depot=$work/large"
kill "$(cat cut.pid)"
wait "$(cat cut.pid)" || fail "it did not end well"
grep -q "not synced" cut.log && fail "it calls that trouble"
begin cut
whole() {
	[ "$($kith --home cut feeds --json | grep -c '"state":"ok"')" -ge 21 ] &&
		grep -q "synced depot=" cut.log
}
eventually whole || fail "$(cat cut.log)"
run 0 $kith --home cut stop
run 0 $kith --home cut verify
has out " 0 bad"

refuse() { # refuse JSON TEXT: as the option depots
	config cut "{\"depots\":$1}"
	run 2 timeout 20 $kithd --home cut --listen 127.0.0.1:0
	has err "cut/config: "
	has err "$2"
}
prove "what the configuration cannot mean is said with its place"
refuse '{}' "depots must be a list"
refuse '"x"' "depots must be a list"
refuse '[7]' 'depots[0] must be as {"path": "/media/stick"}'
refuse '[{}]' "depots[0] has neither path nor url"
refuse '[{"path":"stick"}]' "depots[0] path must be that of a folder, from / on"
refuse '[{"path":7}]' "depots[0] path must be a text"
refuse '[{"url":"host/x"}]' "depots[0] url must begin with https://"
refuse '[{"path":"/a","url":"https://b/"}]' "depots[0] names two places"
refuse '[{"path":"/a"},{"path":"/a"}]' "depots[1] is there twice"
refuse '[{"path":"/a","every":0}]' "depots[0] every must be from 1 to"
refuse '[{"path":"/a","hops":-1}]' "depots[0] hops must be from 0 to 100"
refuse '[{"path":"/a","write":1}]' "depots[0] write must be true or false"
refuse '[{"path":"/a","often":1}]' "it takes path or url, every, hops"
