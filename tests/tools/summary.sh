#!/bin/sh
# Counting and drawing: kith stats, space, graph and explain, on the stores of
# examples.ndjson (Alice, Bob and Carol) and feeds.ndjson.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
alice=@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519
friend=@ruS6aI23nEZ0O1aEyqf21aAscSM85p+63g00MPVfP3w=.ed25519
k="$kith --home h"
run 0 $k init --secret "$here/alice.secret"
run 0 $k import "$here/examples.ndjson"

prove what is counted and drawn does not change
# When it was received is no part of the log.
unreceived() {
	sed -E 's/"latency":\{[^}]*\},?//; s/,\}/}/' out >shown
	mv shown out
}
run 0 $k stats --json
unreceived
same "$here/golden/stats" out
for by in author type day size format peer; do
	golden "stats-$by" $k stats --by "$by" --json
done
golden graph $k graph --json
golden graph-all $k graph --edges all --json
golden graph-tsv $k graph --tsv
golden graph-dot $k graph --dot
golden graph-why $k graph why @bob --json
golden graph-path $k graph path @carol @bob --json
golden graph-cut $k graph cut @bob --json
golden explain $k explain @bob --json
golden space-feeds sh -c "$k space --json | grep '\"feed\"'"

prove bytes are those of the messages: as sent, and as signed
run 0 $k export
tr -d '\n' <out | wc -c | tr -d ' ' >want
run 0 $k stats --json
sed 's/.*"bytes":\([0-9]*\),"canonical.*/\1/' out >got
same want got
for n in 1 2 3 4 5 6 7 8 9 10 11 12 13; do
	$k cat "rx:$n" | sed '$a\' >form
	# Without the line end that is put behind it.
	echo $(($(wc -c <form) - 1))
done | awk '{ n += $1 } END { print n }' >want
sed 's/.*"canonical":\([0-9]*\),.*/\1/' out >got
same want got

prove days, months and years narrow what is counted
run 0 $k stats --json --since 2026-11-22
has out '"messages":0,'
run 0 $k stats --json --until 2026-11-22 --since 2026
has out '"messages":13,'
run 2 $k stats --since tomorrow
run 2 $k stats --by colour
has err "author, type, day, size, format or peer"

prove the top are those that have most
run 0 $k stats --by type --top 1 --json
[ "$(wc -l <out)" = 1 ] || fail "not one"
has out '"type":"post"'
run 0 $k stats --by author --top 2
has out "and 1 more: --by author lists all"

prove a person reads charts, in what the terminal can show
run 0 $k stats
has out "13 messages of 3 feeds"
has out "###"
run 0 $k space --top 1
has out "largest feeds"
run 0 $k graph
has out "most followed"
has out "around you"

# A picture is XML that stands alone, and within its frame.
picture() {
	lacks out "<script"
	lacks out "href"
	has out 'viewBox="0 0 1000 '
	has out "prefers-color-scheme: dark"
	has out "<title id="
	has out "<desc id="
	command -v xmllint >/dev/null || return 0
	xmllint --noout out 2>err || fail "no XML"
}

prove pictures are drawn of all and of one
run 0 $k stats --svg
picture
for by in author type day size format peer; do
	run 0 $k stats --by $by --svg
	picture
done
run 0 $k graph --svg
picture
has out ">Bob</text>"
run 0 $k graph --svg --center @carol --hops 1 --edges all
picture
has out "around Carol"
lacks out ">both follow</text>" # nobody drawn here does, but on the way
has out ">shortest way</text>"
run 2 $k graph --svg --dot
run 2 $k stats --svg --json

prove the way to a feed ends where somebody blocks it nearer
run 0 $k graph why @bob
has out "replicated"
run 1 $k graph why @carol
run 4 $k graph path @alice @carol
has err "no follows lead from Alice to Carol"
run 0 $k graph path @alice @alice
run 4 $k graph cut @carol
run 2 $k graph why
run 2 $k graph path @alice
run 2 $k graph why --svg @bob
run 4 $k graph --center @F+XMEu06a4sSBYH8FJ4FY6V0xN45z9SobL3FwkCXyEN=.ed25519

prove far feeds are counted by their hops, and the farthest together
next=$alice
for i in 1 2 3 4 5 6 7 8 9 10 11; do
	run 0 $kith --home "far$i" init
	run 0 $kith --home "far$i" follow "$next"
	run 0 $kith --home "far$i" export -o "far$i.ndjson"
	next=$($kith --home "far$i" id)
done
cat far*.ndjson >all.ndjson
run 0 $kith --home far11 import all.ndjson
run 0 $kith --home far11 graph
grep -q '^8  .* 1  *1$' out || fail "not one at 8 hops"
grep -q '^9 or more  .* 3  *2$' out || fail "not three farther"
lacks out "out of reach"

prove what somebody calls himself can harm no file and no terminal
run 0 $kith --home evil init
me=$($kith --home evil id)
cat >about <<EOF
{"type":"about","about":"$me","name":"\"/><script>x</script>&\u001b[31m\u202e\ttab\\\\"}
EOF
cat >contact <<EOF
{"type":"contact","contact":"$alice","following":true}
EOF
cat >typed <<EOF
{"type":"<b>&amp;","text":""}
EOF
for f in about contact typed; do
	run 0 $kith --home evil publish $f
done
run 0 $kith --home evil graph --svg
picture
has out "&lt;script&gt;"
run 0 $kith --home evil graph --json
has out '"name":"\"/><script>x</script>&[31m tab\\"'
run 0 $kith --home evil stats --by author --json
has out '"name":"\"/><script>x</script>&[31m tab\\"'
run 0 $kith --home evil stats --svg
picture
has out "&lt;b&gt;&amp;amp;"
run 0 $kith --home evil graph --dot
grep -v '^	*"[^"\\]*\(\\.[^"\\]*\)*" \(->\|\[\)' out |
	grep -vq '^digraph kith {$\|^	[a-z]*=[a-z]*;$\|^	node \[\|^}$' &&
	fail "a name broke out"
run 0 $kith --home evil graph --tsv
awk -F '\t' 'NF != 6 { exit 1 }' out || fail "a tab in a name"
esc=$(printf '\033') bidi=$(printf '\342\200\256')
for what in "graph" "graph --dot" "graph --tsv" "graph --svg" "graph --json" \
	"stats" "stats --by type" "stats --by author --json" "stats --svg" \
	"explain $me" "space"; do
	run 0 $kith --home evil $what
	lacks out "$esc"
	lacks out "$bidi"
done

prove private messages count as boxed, and by type only when asked for
run 0 $k feed unfreeze "$alice"
run 0 sh -c "echo secret | $k dm --yes bob"
run 0 $k stats --by type --json
has out '{"boxed":"box1","messages":1,'
has out '"type":"post","messages":4,'
run 0 $k stats --by type --json --private
lacks out '"boxed":"box1"'
has out '"type":"post","messages":5,'
run 0 $k stats --json --private
has out '"private":{"messages":1,'

prove every form works on another source, without a home
HOME=$work/nobody
export HOME
cp "$here/examples.ndjson" lines.ndjson
for what in "stats" "stats --by day" "stats --svg" "space" "graph" \
	"graph --svg" "graph path @carol @bob" "graph why @bob --center @carol"; do
	run 0 $kith --from lines:lines.ndjson $what
done
run 0 $kith --from lines:lines.ndjson stats --json
lacks out '"latency"'
run 0 $kith --from lines:lines.ndjson stats --by peer --json
has out '"state":"unknown"'
run 2 $kith --from lines:lines.ndjson graph why @bob
has err "no identity here"

prove explain says what is the matter
run 1 $k explain @carol
has out "no follows that count lead to it"
has out '`kith follow @F+XMEu06a4sSBYH8FJ4FY6V0xN45z9SobL3FwkCXyEM=.ed25519`'
run 0 $kith --home held init --secret "$here/alice.secret"
run 1 $kith --home held explain "$alice"
has out "nothing can be published to it now"
has out "publishing  unconfirmed"
run 1 $kith --home held --json explain "$alice"
has out "kith feed unfreeze $alice"
has out '"state":"held"'
has out '"publishing":"unconfirmed","reason":"the key was brought'

prove where one may write is no matter of another source
for source in h held store:held "$here/examples.ndjson"; do
	run 0 $kith --home held --from "$source" explain "$alice"
	has out "it is your own feed"
	has out "what to do  nothing"
done

prove explain says what would bring more where all that is known is here
run 0 $k explain @bob
has out 'what to do  nothing; for more of it: start `kithd`'

prove explain says what is the matter with feeds of others
run 0 $kith --home far11 explain "$($kith --home far11 id)"
has out "it is your own feed"
has out "what to do  nothing"
run 1 $kith --home far11 explain "$alice"
has out "farther than feeds are replicated"
has out "or a higher friends.hops"
run 1 $kith --home far11 --json explain "$alice"
has out '"state":"beyond"'
run 0 $k block @carol
run 1 $k explain @carol
has out "you block it"
has out "blocked by  you"
run 1 $k graph why @carol
has out "blocked"
run 0 $k forget "$friend"
run 1 $k explain "$friend"
has out "forgotten by hand"
run 4 $k explain @nobody-is-called-so

prove with kithd it knows the peers, and what was refused and why
run 0 $kith --home other init
run 0 $kith --home other import "$here/branch-a.ndjson"
run 0 $k forget --undo "$friend"
begin h
begin other
forked=$(sed -n '1s/.*"author":"\([^"]*\)".*/\1/p' "$here/branch-a.ndjson")
run 1 $kith --home other import "$here/branch-b.ndjson"
run 0 $kith --home other stats
has out "since kithd was started"
has out "fork"
run 0 $kith --home other stats --json
has out '"refused":'
run 1 $kith --home other explain "$forked" --json
has out '"state":"fork"'
run 1 $k explain "$friend"
has out "no peer is connected that could have it"
run 0 $k connect "$(address other)"

prove with kithd it knows what peers have, and what they do not want
explains() { # explains HOME FEED STATE: it comes to that, or ended with more
	$kith --home "$1" --json explain "$2" >out 2>err
	grep -q "\"state\":\"$3\",\"problem\"" out
}
eventually explains h "$friend" unwanted || fail "not unwanted"
run 0 $kith --home other follow "$friend"
eventually explains h "$friend" unknown || fail "not unknown"
run 1 $k explain "$friend"
has out "no connected peer says that it has it"
has out "connect to somebody who follows it"
me=$($kith --home other id)
own=$($kith --home h id)
eventually explains h "$own" unwanted || fail "not unwanted"
run 1 $k explain "$own"
has out "no connected peer wants it"
has out "connect to somebody who follows it"
has out "does not want it"
run 0 $k follow "$me"
run 0 $kith --home other post hello
eventually explains h "$me" whole || fail "not whole"
run 0 $k explain "$me"
has out "as far as any connected peer has it"
has out "what to do  nothing"
