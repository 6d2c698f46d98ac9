#!/bin/sh
# What the commands that publish sign: names, posts, replies, likes,
# subscriptions; and what they refuse.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
alice=@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519
bobs=@ruS6aI23nEZ0O1aEyqf21aAscSM85p+63g00MPVfP3w=.ed25519
carol=@F+XMEu06a4sSBYH8FJ4FY6V0xN45z9SobL3FwkCXyEM=.ed25519
root=%P5lj3I6f1N9DXCISn3GACiqAXTJYWUHCIu3a0qi0XPw=.sha256
first=%O40zV3CKrw1QQoOc9TLIZlffc/tWMIiB5FPZP3SCRAw=.sha256
second=%a0GVPiNpZ8QFAUaTKy+TlHfvyQfJj40/mkonZ5a7+ig=.sha256
blob='&P5lj3I6f1N9DXCISn3GACiqAXTJYWUHCIu3a0qi0XPw=.sha256'
k="$kith --home h"
run 0 $k init
me=$(cat out)
run 0 $k import "$here/examples.ndjson"

signs() { # signs CONTENT COMMAND...: dry, and then for real
	content=$1
	shift
	printf '%s\n' "$content" >want
	before=$($k log --json -n all | wc -l)
	run 0 $k "$@" --dry-run
	same want out
	[ "$($k log --json -n all | wc -l)" = "$before" ] ||
		fail "a dry run signed"
	run 0 $k "$@"
	$k cat --content "$me:-1" | tr -d ' \n' >got
	printf '%s' "$content" | tr -d ' \n' >want
	same want got
}
refuses() { # refuses CODE TEXT COMMAND...: with the text, and signs nothing
	code=$1 text=$2
	shift 2
	before=$($k log --json -n all | wc -l)
	run "$code" $k "$@"
	has err "$text"
	[ "$($k log --json -n all | wc -l)" = "$before" ] || fail "signed"
}

prove names are about messages
signs "{\"type\":\"about\",\"about\":\"$me\",\"name\":\"Zoe\"}" name Zoe
signs "{\"type\":\"about\",\"about\":\"$carol\",\"name\":\"Carol P.\",\"description\":\"plumber\",\"image\":\"$blob\"}" \
	name "Carol P." --of carol --description plumber --image "$blob"
signs "{\"type\":\"about\",\"about\":\"$root\",\"name\":\"Autumn\"}" \
	name --of %P5lj3I6f Autumn
refuses 2 "a name is needed" name
refuses 2 "no blob" name --image '&cat'
refuses 3 "cannot read cat.png" name --image cat.png
refuses 4 "nobody here is called nobody" name --of nobody Nick
refuses 2 "UTF-8" name "$(printf 'a\377')"

prove a post says whom it mentions, and is put into channels
signs "{\"type\":\"post\",\"text\":\"[@alice]($alice): see $root, #autumn :leaf:\",\"mentions\":[{\"link\":\"$alice\",\"name\":\"alice\"},{\"link\":\"$root\"},{\"link\":\"#autumn\"},{\"emoji\":true,\"name\":\"leaf\"}],\"channel\":\"fall\",\"contentWarning\":\"leaves\"}" \
	post "@alice: see $root, #autumn :leaf:" --channel '#Fall' \
	--warning leaves
signs "{\"type\":\"post\",\"text\":\"[@carolp]($carol) and a@b.org \`@x\` \\\\@y\",\"mentions\":[{\"link\":\"$carol\",\"name\":\"carolp\"}]}" \
	post '@carolp and a@b.org `@x` \@y'
refuses 4 "nobody here is called nobody; write \\@" post hello @nobody
refuses 2 "no name of a channel" post --channel '#' hello
refuses 2 "a warning is some text" post --warning= hello

prove a name of several names them all, unless one of them is known
run 0 $kith --home other init
other=$(cat out)
run 0 $kith --home other name Bob
$kith --home other export >other.ndjson
run 0 $k import other.ndjson
refuses 4 "2 feeds are called bob" post hello @bob
has err "$bobs"
has err "$other"
run 0 $k follow @ruS6aI23
signs "{\"type\":\"post\",\"text\":\"hello [@bob]($bobs)\",\"mentions\":[{\"link\":\"$bobs\",\"name\":\"bob\"}]}" \
	post hello @bob

prove a name that is the start of an id means neither
run 0 $kith --home other name rmJQG0B
$kith --home other export >other.ndjson
run 0 $k import other.ndjson
refuses 4 "2 feeds are called @rmJQG0B" follow @rmJQG0B
run 0 $k follow @rmJQG0B+
has out "$alice (Alice)"

prove a reply goes into the thread and its channel, behind all that is there
signs "{\"type\":\"post\",\"text\":\"leek\",\"root\":\"$root\",\"branch\":[\"$second\"],\"channel\":\"gardening\"}" \
	reply %P5lj3I6f leek
leek=$($k log --json -n 1 | sed 's/.*"id":"\([^"]*\)".*/\1/')
signs "{\"type\":\"post\",\"text\":\"and onions\",\"root\":\"$root\",\"branch\":[\"$leek\"],\"channel\":\"gardening\"}" \
	reply "$first" and onions
signs "{\"type\":\"post\",\"text\":\"beans?\",\"root\":\"$first\",\"fork\":\"$root\",\"branch\":[\"$second\"],\"channel\":\"gardening\"}" \
	reply "$first" --fork 'beans?'
refuses 4 "no message" reply %AAAAAAAAAA hello
refuses 2 "needs some text" reply "$root" - </dev/null
refuses 2 "needs some text" reply "$root" "  "

prove a like is a vote, which can be taken back, and is not said twice
signs "{\"type\":\"vote\",\"vote\":{\"link\":\"$root\",\"value\":1,\"expression\":\"Like\"}}" \
	like %P5lj3I6f
run 0 $k like %P5lj3I6f
has err "already"
signs "{\"type\":\"vote\",\"vote\":{\"link\":\"$root\",\"value\":0,\"expression\":\"Unlike\"}}" \
	like --undo %P5lj3I6f
run 0 $k like --undo %P5lj3I6f
has err "do not like"

prove subscriptions go by the name as it is compared
signs '{"type":"channel","channel":"gardening","subscribed":true}' \
	subscribe '#Gardening'
run 0 $k subscribe gardening
has err "already"
signs '{"type":"channel","channel":"gardening","subscribed":false}' \
	unsubscribe gardening
refuses 2 "no name of a channel" subscribe '#'

prove who is blocked is found by name only to be unblocked
run 0 $k block carolp
has out "you now block $carol"
refuses 4 "nobody here is called carol" post hello @carol
run 0 $k unblock carol
has out "you no longer block $carol"
run 2 $k block zoe
has err "yourself"

prove nothing is signed that lint refuses, and the rule is named
content() {
	printf '%s' "$1" >content
}
content "{\"type\":\"post\",\"text\":\"see $root\"}"
refuses 1 "not signed (mention): text: $root is in the text" publish content
content '{"type":"post","text":"hello @alice"}'
refuses 1 "not signed (name): text: @alice links to nobody" publish content
content "{\"type\":\"post\",\"text\":\"x\",\"recps\":[\"$alice\"]}"
refuses 1 "not signed (recps)" publish content
content '{"type":"post","text":"x","more":{}}'
refuses 1 "not signed (empty-object): more" publish content
content '{"type":"no"}'
refuses 1 "not signed (shape)" publish content
head -c 9000 /dev/zero | tr '\0' x >long
refuses 1 "not signed (size)" post - <long
refuses 1 "not signed (size)" post --dry-run - <long

prove kithd signs the same
begin h
signs '{"type":"channel","channel":"gardening","subscribed":true}' \
	subscribe gardening
signs "{\"type\":\"post\",\"text\":\"hello [@alice]($alice)\",\"mentions\":[{\"link\":\"$alice\",\"name\":\"alice\"}]}" \
	post hello @alice
run 0 $k --json like %P5lj3I6f
has out '"feed":"'
run 0 $k stop

prove a text from an editor is published, and kept where it is not
script -qec true /dev/null >/dev/null 2>&1 || exit 0
asks() { # asks ANSWER COMMAND: types it at the question
	rm -f typescript
	{ until_asked "[y/n]"; echo "$1"; } |
		script -qefc "$2" typescript >out 2>err
}
cat >editor <<'END'
#!/bin/sh
grep -q "$1" "$2" || exit 1
{ printf 'written\n\nhere\n\n'; cat "$2"; } >"$2.new" && mv "$2.new" "$2"
END
chmod +x editor
VISUAL="./editor Markdown" TMPDIR=$work
export VISUAL TMPDIR
asks y "$k post"
has typescript "This will be public:"
$k cat --content "$me:-1" >got
has got '"written\n\nhere"'
VISUAL="./editor sow"
asks n "$k reply %P5lj3I6f"
has typescript "by @Alice: What do you sow"
has typescript "nothing was published"
kept=$(sed -n 's/.*your text is kept in \([^ ]*\.md\).*/\1/p' typescript)
has "$kept" written
VISUAL="./editor nonsense"
script -qefc "$k post" typescript >out 2>err && fail "the editor failed"
has typescript "EDITOR"
VISUAL=true
script -qefc "$k post" typescript >out 2>err && fail "nothing was written"
has typescript "the text is empty"

prove without a terminal, or when told, nobody is asked
run 0 $k post "not asked"
script -qefc "$k post --yes told" typescript >out 2>err || fail
lacks typescript "[y/n]"
script -qefc "$k --json post told" typescript >out 2>err || fail
lacks typescript "[y/n]"
