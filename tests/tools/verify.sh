#!/bin/sh
# kith verify: each rule that a message breaks is named, with where and why.
. "$SRCDIR/tests/tools/lib.sh"
first=$(sed 1q "$here/feeds.ndjson")
broken() { # broken RULE SED: the first message, changed, breaks that rule
	echo "$first" | sed "$2" >bad
	run 1 $kith verify bad
	has out "bad:1: "
	has out "$1"
	run 1 $kith verify --json bad
	has out '"state":"bad","rule":"'
	has out '"source":"bad","line":1'
	run 1 $kith verify -q bad
	[ ! -s out ] || fail "not quiet"
}
as() { # as LIST CODE MESSAGE TEXT...: what is said of it
	list=$1 code=$2
	printf '%s\n' "$3" >one
	shift 3
	run "$code" $kith verify --as "$list" one
	for text; do
		has out "$text"
	done
}

prove good messages are good, without any home
run 0 env HOME=/nowhere $kith verify "$here/feeds.ndjson"
has out "10 ok, 0 bad"
run 0 $kith verify - --json <"$here/feeds.ndjson"
[ "$(grep -c '"state":"ok"' out)" = 10 ] || fail

prove of a single message each rule is told
echo "$first" >one
run 0 $kith verify one
has out '  ok    content: type "post"'
has out "/8192 units"
has out "  ok    signature"
[ "$(grep -c '^  ok' out)" = 10 ] || fail
run 0 $kith verify --json one
has out '{"rule":"size","state":"pass","detail":"'

prove of many only with --rules
run 0 $kith verify --rules "$here/feeds.ndjson"
[ "$(grep -c '^  ok' out)" = 100 ] || fail

prove each broken rule is found and named
broken "signature: it does not verify" 's/Hello/Hallo/'
broken "hash" 's/"sha256","content"/"sha512","content"/'
broken "author is not a classic feed id" 's/"author":"@QO/"author":"QO/'
broken "previous is neither null nor" 's/"previous":null/"previous":7/'
broken "keys: member 1 of the message" 's/"previous"/"precious"/'
broken "json: not JSON: a comma or the end" 's/}$//'
broken "json: it is JSON but no object" 's/.*/17/'
broken "timestamp is not a number at timestamp (byte " \
	's/"timestamp":[0-9.]*/"timestamp":"x"/'

prove rules behind the one that is broken are checked all the same
echo "$first" | sed 's/"sha256","content"/"sha512","content"/' >bad
run 1 $kith verify bad
has out "  FAIL  hash"
has out "  ok    size"
has out "  FAIL  signature"

prove another network does not verify
run 1 $kith verify "$here/feeds.ndjson" -k \
	AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=
has out "0 ok, 10 bad"
run 2 $kith verify "$here/feeds.ndjson" -k short

prove what is said of each edge case is what it was
cp "$here/edges.ndjson" edges
golden() { # golden NAME COMMAND...: its output is golden/NAME
	name=$1
	shift
	"$@" >out 2>err
	same "$here/golden/$name" out
}
golden verify $kith verify edges
golden verify-as $kith verify --as all --rules edges
golden verify-json $kith verify --as go,js --json edges
golden lint $kith lint edges

prove what others would say of it is said
run 0 $kith verify --as all "$here/feeds.ndjson"
has out "go: 10 accepted, 0 refused"
run 2 $kith verify --as perl "$here/feeds.ndjson"
edge=$SRCDIR/tests/vectors/protocol/classic-edge-cases.json
wire() { # wire NAME: an edge case as received
	jq -r --arg name "$1" '.cases[] | select(.name == $name).wire' "$edge"
}
if command -v jq >/dev/null; then
	as go,js 1 "$(wire empty-containers)" "  js: accept" \
		"  go: REJECT empty object" "at content.a (byte"
	as js 1 "$(wire box3)" "js: they differ: ssb-validate: accept; db2: REJECT"
	as rust,go 1 "$(wire lone-surrogate-hi)" "rust: REJECT" "go: REJECT"
	as go 1 "$(wire type-case)" "  go: accept"
fi

prove a message over many lines is one
run 0 $kith --home h init
run 0 $kith --home h import "$here/feeds.ndjson"
$kith --home h cat rx:1 >many
[ "$(wc -l <many)" -gt 5 ] || fail
run 0 $kith verify many
has out "1 ok, 0 bad"

prove the store is checked as chains
run 0 $kith --home h verify
has out "10 ok, 0 bad"
run 0 $kith --home h verify "$bob:3..5"
has out "3 ok, 0 bad"
run 0 $kith --home h verify %sshqmEFd
has out "1 ok, 0 bad"
run 0 $kith --home h verify "$bob:2" "$ada" "$here/feeds.ndjson"
run 4 $kith --home h verify %AAAAAAAAAA
run 3 $kith verify /nowhere

prove a fork in a file is seen
{ cat "$here/branch-a.ndjson" && sed -n 5p "$here/branch-b.ndjson"; } >fork
run 1 $kith verify fork
has out "fork:5: "
has out "previous is not the message before: a fork"

prove what is missing before is taken as unknown, but not with --whole
sed 1d "$here/branch-a.ndjson" >part
run 0 $kith verify part
run 1 $kith verify --whole part
has out "messages before this one are missing"

prove junk is told by line, and does not hold up what follows
printf '\0\0\n%s\n\033[31m{"a":\n[1]\n{}\n%s\n' "$first" "$first" >junk
run 1 $kith verify junk
has out "junk:1: json: "
has out "junk:3: json: "
has out "junk:4: json: it is JSON but no object"
has out "junk:5: keys: "
has out "2 ok, 4 bad"
lacks out "$(printf '\033')"
run 1 $kith verify --strict junk
has out "0 ok, 1 bad"

prove a line without end takes no memory
mkfifo pipe
$kith verify - <pipe >out 2>err &
pid=$!
exec 3>pipe
head -c 400000000 /dev/zero | tr '\0' x >&3
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' /proc/$pid/status 2>/dev/null)
exec 3>&-
wait $pid && fail "no finding"
has out "standard input:1: size: the line is longer than any message"
[ "${peak:-0}" -lt 250000 ] || fail "$peak kB"

prove a file that is no text does no harm
head -c 100000 /dev/urandom >noise
run 1 $kith verify noise
