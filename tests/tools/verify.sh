#!/bin/sh
# kith verify: the first rule that a message breaks is named.
. "$SRCDIR/tests/tools/lib.sh"
first=$(sed 1q "$here/feeds.ndjson")
broken() { # broken RULE SED: the first message, changed, breaks that rule
	echo "$first" | sed "$2" >bad
	run 1 $kith verify bad
	has out "bad:1: "
	has out "$1"
	run 1 $kith verify --json bad
	has out '"state":"bad","problem":"'
	has out '"source":"bad","line":1'
	run 1 $kith verify -q bad
	[ ! -s out ] || fail "not quiet"
}

prove good messages are good, without any home
run 0 env HOME=/nowhere $kith verify "$here/feeds.ndjson"
has out "10 ok, 0 bad"
run 0 $kith verify - --json <"$here/feeds.ndjson"
[ "$(grep -c '"state":"ok"' out)" = 10 ] || fail

prove each broken rule is found and named
broken "signature: it does not verify" 's/Hello/Hallo/'
broken "hash" 's/"sha256","content"/"sha512","content"/'
broken "author" 's/"author":"@QO/"author":"QO/'
broken "previous" 's/"previous":null/"previous":7/'
broken "not JSON" 's/}$//'
broken "json: the line is no JSON object" 's/.*/17/'

prove another network does not verify
run 1 $kith verify "$here/feeds.ndjson" -k \
	AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
has out "0 ok, 10 bad"
run 2 $kith verify "$here/feeds.ndjson" -k short

prove the store is checked as chains
run 0 $kith --home h init
run 0 $kith --home h import "$here/feeds.ndjson"
run 0 $kith --home h verify
has out "10 ok, 0 bad"
run 0 $kith --home h verify "$bob:3..5"
has out "3 ok, 0 bad"
run 0 $kith --home h verify %sshqmEFd
has out "1 ok, 0 bad"
run 4 $kith --home h verify %AAAAAAAAAA
run 3 $kith verify /nowhere

prove a file that is no text does no harm
head -c 100000 /dev/urandom >noise
run 1 $kith verify noise
