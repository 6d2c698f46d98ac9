#!/bin/sh
# Publishing without a daemon: straight to the store, with the rules of all
# known peers.
. "$SRCDIR/tests/tools/lib.sh"
k="$kith --home h"
run 0 $k init

prove post prints the id and takes words or standard input
run 0 $k post hello world
id=$(cat out)
run 0 $k cat "$id" --content
has out '"text": "hello world"'
echo "from a pipe" | run 0 $k post
run 0 $k log --json -n 1
has out '"content":{"type":"post","text":"from a pipe"}'
has out '"seq":2'

prove publish takes JSON from a file or standard input
echo '{"type":"about","name":"x"}' >content
run 0 $k publish content
run 0 $k --json publish - <content
has out '"seq":4'

prove what peers would not take is refused with the reason, and nothing written
echo '{"type":"x"' >bad
run 1 $k publish bad
has err "not JSON: "
for content in '{"type":"ab"}' '{"a":1}' '{"type":"post","x":{}}' '[1]' 7 \
	'{"type":"post","x":-0}' '{"type":"post","a":1,"a":2}' \
	'{"type":"post","x":"\ud800"}'; do
	echo "$content" >bad
	run 1 $k publish bad
	[ -s err ] || fail "no reason for $content"
done
printf '\377' >bad
run 1 $k post <bad
has err UTF-8
head -c 9000 /dev/zero | tr '\0' x | run 1 $k post
has err 8192
head -c 900000 /dev/zero | tr '\0' x | run 1 $k post
has err 8192
run 2 $k post ""
run 3 $k publish /nowhere
run 3 $k publish /
has err "Is a directory"
run 2 $k publish '{"type":"post"}'
has err "standard input"
run 0 $k log --json -n 1
has out '"seq":4'

prove follow, unfollow, block and unblock publish contacts, once
run 0 $k follow "$ada"
has out "you now follow $ada"
run 0 $k log -n 1
has out "follows @QO9eIjWS"
run 0 $k follow "$ada"
has err "already follow"
run 0 $k feeds
has out "wanted"
has out "$ada"
run 0 $k unfollow @QO9eIjWS
has out "no longer follow $ada"
run 0 $k unfollow "$ada"
has err "do not follow"
run 0 $k block "$ada"
run 0 $k block "$ada"
has err "already block"
run 0 $k unblock "$ada"
run 0 $k unblock "$ada"
has err "do not block"
run 0 $k log -t contact --json
[ "$(wc -l <out)" = 4 ] || fail "not four contacts"

prove nonsense for a feed is refused
run 4 $k follow nonsense
has err "nobody here is called nonsense"
run 4 $k follow @abc
has err "six characters"
run 4 $k follow @abcdefgh
run 2 $k follow "$($k id)"
has err yourself

prove writers at once wait for each other and make one chain
before=$($k export | wc -l)
for i in 1 2 3 4 5 6 7 8; do
	$k post "at once $i" >>ids 2>>busy &
done
wait
same /dev/null busy
run 0 $k export
[ "$(wc -l <out)" = $((before + 8)) ] || fail "a post was lost"
run 0 $k verify
has out "$((before + 8)) ok, 0 bad"

prove the message key of another network is taken from the configuration
key=AQIDBAUGBwgBAgMEBQYHCAECAwQFBgcIAQIDBAUGBwg=
run 0 $kith --home other init
cat >other/config <<X
// comments "may" stand here, /* and
{ /* here { */ "caps": { "sign": "$key" }, // and here
  "text": "no // comment" }
X
run 0 $kith --home other post "on another network"
run 0 $kith --home other verify
has out "1 ok, 0 bad"
run 0 $kith --home other export
cp out other.ndjson
run 1 $kith verify other.ndjson
has out "signature"
run 0 $kith verify other.ndjson --hmac $key
run 1 $k import other.ndjson
has out "1 refused"

prove a configuration that cannot be read stops writing, not reading
echo '{"caps":' >other/config
run 3 $kith --home other post more
has err "config: not JSON: "
echo '{"caps":{"sign":"short"}}' >other/config
run 3 $kith --home other post more
has err "caps.sign"
run 0 $kith --home other log
[ "$(wc -l <out)" = 1 ] || fail "not one message"
