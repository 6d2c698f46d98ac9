#!/bin/sh
# kith lint: what peers would make of content, where, why and what to do.
. "$SRCDIR/tests/tools/lib.sh"
finds() { # finds CONTENT RULE PATH: that, and nothing else
	printf '%s\n' "$1" >content
	run 1 $kith lint content
	[ "$(wc -l <out)" = 1 ] || fail "not one finding"
	run 1 $kith lint --json - <content
	has out "\"rule\":\"$2\""
	has out '"why":"'
	has out '"advice":"'
	[ -z "${3-}" ] || has out "\"path\":\"$3\""
}
clean() {
	printf '%s\n' "$1" >content
	run 0 $kith lint content
	[ ! -s out ] || fail "findings"
}

prove what all peers take is clean, and needs no home
HOME=/nowhere clean '{"type":"post","text":"hello"}'
clean '{"1":2,"type":"post","text":"a","n":1.50,"l":[]}'
clean '"AAAA.box"'

prove each quirk is found with its path
finds '{"type":"post","a":[{"b":{}}]}' empty-object 'a[0].b'
finds '{"type":"post","text":"\ud800"}' lone-surrogate text
finds '{"type":"post","1":1}' index-order
finds '{"type":"post","a":1,"a":2}' duplicate a
finds '{"type":"post","__proto__":1}' proto __proto__
finds '{"type":"post","n":-0}' minus-zero n
finds '{"type":"post","n":1e400}' overflow n
finds '{"type":"post","n":9007199254740993}' big-integer n

prove types and boxes that not all take are found
finds '{"type":"pöst"}' shape type
finds '{"type":"ab"}' shape type
finds '{"text":"no type"}' shape
finds '"AAAA.box3"' shape

prove what does not fit into the next message is found
long=$(head -c 7900 /dev/zero | tr '\0' x)
finds "{\"type\":\"post\",\"text\":\"$long\"}" size
has out "8232/8192 units"

prove links and names that mentions lacks are found
finds "{\"type\":\"post\",\"text\":\"see $ada\"}" mention text
clean "{\"type\":\"post\",\"text\":\"see $ada\",\"mentions\":[{\"link\":\"$ada\"}]}"
finds '{"type":"post","text":"hi @bob."}' name text
clean '{"type":"post","text":"x@y.z `@code` 5 % & @"}'
clean "{\"type\":\"post\",\"text\":\"hi @bob\",\"mentions\":[{\"link\":\"$bob\",\"name\":\"bob\"}]}"

prove recipients in the open are found
finds "{\"type\":\"post\",\"recps\":[\"$ada\"]}" recps recps

prove messages are looked at too
run 0 $kith lint "$here/feeds.ndjson"
sed -n 1p "$here/feeds.ndjson" | sed 's/Hello/Hallo/' >message
run 1 $kith lint message
has out "signature: it does not verify;"
sed -n 1p "$here/feeds.ndjson" |
	sed 's/"timestamp":[0-9.]*/"timestamp":4102444800000/' >message
run 1 $kith lint message
has out "it claims 2100-01-01 00:00, which is to come"

prove the store can be asked
run 0 $kith --home h init
run 0 $kith --home h import "$here/feeds.ndjson"
run 0 $kith --home h lint "$bob"
run 4 $kith --home h lint %AAAAAAAAAA

prove what lint finds clean is published, and what it refuses is not
clean '{"type":"post","text":"é 漢 😀","list":[1,-2.5,true,null]}'
run 0 $kith --home h publish content
finds '{"type":"post","a":{}}' empty-object a
run 1 $kith --home h publish content

prove junk is said to be junk
printf 'junk\n\033[31m\n' >junk
run 1 $kith lint junk
has out "junk:1: not JSON"
lacks out "$(printf '\033')"
run 2 $kith lint /dev/null
run 3 $kith lint /nowhere
