#!/bin/sh
# --from: reading commands read any source as they read the home's store.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
page=$SRCDIR/doc/kith-sources.7
TMPDIR=$work/tmp
export TMPDIR
mkdir "$TMPDIR"
k="$kith --home h"
alice=@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519
nothing_left() {
	[ -z "$(ls "$TMPDIR")" ]
}
# What differs with the way that a message came here.
plain() {
	sed 's/"rx":[0-9]*,//; s/"rts":[0-9.]*,//; s/"received":[0-9.]*,//
		s/liked by .*/liked/' | sort
}

run 0 $k init
run 0 $k import "$here/examples.ndjson"
for name in Alice Bob Carol; do
	run 0 $k follow $name
done
mkdir stick sealed
run 0 $k sync stick
echo "correct horse" >words
run 0 $k --passphrase-file words sync --sealed sealed
run 0 $k bundle create --all all.bundle
run 0 $k export --output all.ndjson
run 0 $k export --keys --output keys.ndjson
gzip -k all.ndjson
run 0 $k timeline # the views take in what was followed
run 0 $kith --home p init
run 0 $kith --home p import "$here/examples.ndjson"
run 0 $kith --home p follow Alice
run 0 $kith --home p follow Carol
run 0 $kith --home p export --output p.ndjson

prove what a source is is seen, or said by the word in front
for source in h store:h h/store stick stick/ssbstick depot:stick all.bundle \
	bundle:all.bundle all.ndjson lines:all.ndjson keys.ndjson \
	all.ndjson.gz; do
	run 0 $k --from "$source" log "$alice"
	[ "$(wc -l <out)" = 3 ] || fail "$source"
	[ ! -s err ] || fail "$source"
done
run 0 $k --from - log "$alice" <all.ndjson
[ "$(wc -l <out)" = 3 ] || fail
run 0 sh -c "cat all.ndjson.gz | $k log --from - $alice"
[ "$(wc -l <out)" = 3 ] || fail
nothing_left || fail

prove what can be read only once is read once, and whole
mkfifo once
through() { # through FILE SOURCE: as it comes out of the pipe
	cat "$1" >once &
	run 0 timeout 60 $k --from "$2" --json log --limit all
	wait $!
	plain <out >got
	same want got
}
run 0 $k --from all.ndjson --json log --limit all
plain <out >want
[ "$(wc -l <want)" -gt 9 ] || fail
through all.ndjson once
through all.ndjson.gz lines:once
through all.bundle bundle:once
gzip -k all.bundle
through all.bundle.gz bundle:once
run 0 sh -c "cat all.ndjson.gz | $k --from /dev/stdin --json log --limit all"
plain <out >got
same want got
run 0 sh -c "cat all.bundle | $k --from bundle:- --json log --limit all"
plain <out >got
same want got
run 0 $k --from bundle:- --json log --limit all <all.bundle
plain <out >got
same want got
run 3 sh -c "cat all.ndjson | $k --from bundle:- log"
has err "is no bundle"
nothing_left || fail

prove what is sealed needs its passphrase
run 0 $k --from sealed --passphrase-file words log "$alice"
[ "$(wc -l <out)" = 3 ] || fail
echo wrong >wrong
run 3 $kith --home none --from sealed --passphrase-file wrong log </dev/null
[ ! -s out ] || fail

prove no home is needed
(
	unset HOME
	run 0 $kith --from all.bundle timeline
	has out "What do you sow"
	KITH_HOME=$work/nowhere run 0 $kith --from all.bundle feeds
)

prove a command that does not read says so
for c in init id "post x" "follow Bob" stop "import all.ndjson" compact \
	"sync stick" peers; do
	run 2 $k --from all.ndjson $c
	has err "--from has no meaning with kith ${c%% *}"
done
run 2 $k --from all.ndjson views --rebuild names
run 2 $k --from h unread --mark

# --- the table of the page --------------------------------------------------

# Each command of the table, as it is run on every source; words in capitals
# stand for what is there.  Behind a ~ what it shows may differ, as it tells of
# the way that messages came.
lines() {
	cat <<-END
	about about FEED
	backlinks backlinks POST
	cat cat --value FEED
	channel channel CHANNEL
	channels channels
	clock clock SOURCE
	diff ~ diff SAME SOURCE
	explain ~ explain FEED
	export export FEED
	feeds feeds
	follows follows FEED
	forks ~ forks
	graph graph
	inbox ~ inbox
	links links FEED:1
	lint ~ lint POST
	log log --json
	mentions ~ mentions
	names names WHO
	profile profile FEED
	query query {"type":"post"}
	search search WORD
	space ~ space
	stats ~ stats
	sync-plan ~ sync-plan SOURCE
	thread thread POST
	timeline timeline --all
	tree ~ tree FEED
	unread ~ unread
	verify verify FEED
	who who WHO
	whois whois WHO
	END
}
begin p
fill() { # fill KIND: says what is there of it, in place of words in capitals
	post=%P5lj3I6f feed=$alice who=Alice word=bicycles same=store:h
	case $1 in
	store) source=store:h ;;
	depot) source=depot:stick ;;
	bundle) source=bundle:all.bundle ;;
	lines) source=lines:all.ndjson ;;
	peer) source=peer:$(address p) same=lines:p.ndjson ;;
	flume) others ssb-server legacy ;;
	bipf) others ssb-db2 modern ;;
	esac
}
others() { # others FOLDER NAME: of another program; held against its lines
	source=$kind:$here/$1 who=$2 word=all same=lines:$1.ndjson
	$k --from "$source" export >"$1.ndjson" 2>err || fail
	feed=$(sed -n '1s/.*"author":"\([^"]*\)".*/\1/p' "$1.ndjson")
	post=$($k --from "$same" --json log --type post |
		sed -n '1s/.*"id":"\([^"]*\)".*/\1/p')
}
# "command kind yes|-", a line each cell.
cells() {
	sed -n '/^\.Bl -column/,/^\.El/p' "$page" | awk '
		/^\.It Em/ { for (i = 5; i <= NF; i += 2) kind[i] = $i; next }
		/^\.It Ic/ { for (i = 5; i <= NF; i += 2)
				print $3, kind[i], $i }'
}

prove the page has each command that reads sources, and no other
cells | awk '$2 == "store" && $3 == "yes" { print $1 }' | sort >described
$kith help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' | sort | while read -r c; do
	$kith --from / "$c" >out 2>err </dev/null
	$kith help "$c" | sed 1q >usage
	grep -q "has no meaning" err && ! grep -q SOURCE usage || echo "$c"
done >listed
lines | awk '{ print $1 }' | sort >shown
same listed described
same shown described

on() { # on SOURCE COMMAND...: reads it, as the command is told of it
	at=$1
	shift
	# shellcheck disable=SC2046
	case " $* " in
	*" SOURCE "*) $k $(echo "$*" | sed "s|SOURCE|$at|; s|SAME|$same|") ;;
	*) $k --from "$at" $(echo "$*" | sed "s|FEED|$feed|; s|POST|$post|
		s|WHO|$who|; s|WORD|$word|; s|CHANNEL|gardening|") ;;
	esac
}

set -f
for kind in store depot bundle lines peer flume bipf; do
	prove each command shows of a "$kind" what is in it
	fill $kind
	lines | while read -r name line; do
		differs=${line%%[!~]*}
		line=${line#"~ "}
		cells | grep -q "^$name $kind yes$" || {
			run 2 on "$source" "$line"
			continue
		}
		on "$same" "$line" >out 2>err
		code=$?
		plain <out >want
		[ -s want ] || [ "$differs" ] || [ $kind = flume ] ||
			[ $kind = bipf ] || fail "nothing: $line"
		run $code on "$source" "$line"
		plain <out >got
		[ "$differs" ] || cmp -s want got || fail \
			"$line --from $source:" "$(diff want got)"
	done || exit 1
done
set +f
nothing_left || fail

# --- what is not as it should be --------------------------------------------

prove a gap is let in, forwards and backwards
sed '/"sequence":2,"author":"@rmJQ/d' all.ndjson >gap.ndjson
run 0 $k --from gap.ndjson log "$alice"
[ "$(wc -l <out)" = 2 ] || fail
run 0 $k --from gap.ndjson log --reverse "$alice"
[ "$(wc -l <out)" = 2 ] || fail
run 0 $k --from gap.ndjson feeds
has out "partial"
n=$(grep -c '"author":"@rmJQ' gap.ndjson)
run 0 $k --from gap.ndjson feeds --where messages=$n
has out "@rmJQ"
run 0 $k --from gap.ndjson profile "$alice"
has out " $n messages"
grep '"sequence":[3-9],' all.ndjson >late.ndjson
run 0 $k --from late.ndjson log "$alice:3"
has out " 3 "

prove any order is put right
run 0 $k --from all.ndjson --json log "$alice"
plain <out >want
tac all.ndjson >back.ndjson
run 0 $k --from back.ndjson --json log "$alice"
plain <out >got
same want got
run 0 $k --from back.ndjson verify "$alice"
has out "3 ok, 0 bad"
cat all.ndjson all.ndjson >twice.ndjson
run 0 $k --from twice.ndjson --json log "$alice"
plain <out >got
same want got

prove the times of receiving are those that the source tells
run 0 $k --from keys.ndjson --json log "$alice"
grep -o '"rts":[0-9.]*' out >got
run 0 $k --json log "$alice"
grep -o '"rts":[0-9.]*' out >want
same want got
tac keys.ndjson >back.keys
run 0 $k --from back.keys --json log "$alice"
grep -o '"rts":[0-9.]*' out >got
same want got

prove messages of other formats are counted, and no findings
{
	echo '{"previous":null,"author":"ssb:feed/bendybutt-v1/
		-oaWWDs8g73EZFUMfW37R_ULtFEjwKN_DczvdYihjbU=",
		"sequence":1,"timestamp":1,"content":{}}' | tr -d '\n\t'
	echo
	cat all.ndjson
} >other.ndjson
run 0 $k --from other.ndjson log "$alice"
[ "$(wc -l <out)" = 3 ] || fail
has err "other.ndjson: 1 messages of other formats were left out"
run 0 $k diff all.ndjson other.ndjson
has err "other.ndjson: 1 messages of other formats were left out"

prove what is refused is told with its place, and ends with 1
{
	head -2 all.ndjson
	echo junk
	sed -n 3p all.ndjson | sed 's/"sequence":\([0-9]*\)/"sequence":7\1/'
	echo '{"a":1}'
	sed 1,3d all.ndjson
} >bad.ndjson
run 1 $k --from bad.ndjson log "$alice"
has err "bad.ndjson:3: no JSON object"
has err "bad.ndjson:4: the signature does not verify"
has err "bad.ndjson:5: no message"
run 1 $k --from bad.ndjson --json log "$alice"
has err '{"source":"bad.ndjson","at":3,"problem":"no JSON object"}'
grep -q '"at":4,"feed":"@.*","seq":7[0-9]*,"problem":"the signature' err || fail
seq 100 | cat - all.ndjson >many.ndjson
run 1 $k --from many.ndjson log "$alice"
has err "more are only counted"
has err "many.ndjson: 100 findings"
[ "$(wc -l <err)" -lt 15 ] || fail "too many lines"

prove what stands before a tear is shown
head -c 3000 all.bundle >torn.bundle
run 1 $k --from torn.bundle log
[ -s out ] || fail
has err "cut off"
head -c 1500 all.ndjson.gz >torn.gz
run 1 $k --from torn.gz log
[ -s out ] || fail
has err "cut off, at byte 1500"
segment=$(ls stick/ssbstick/w/*/*.seg)
cp -R stick hurt
dd if=/dev/zero of="hurt/${segment#stick/}" bs=1 seek=1000 count=8 \
	conv=notrunc 2>/dev/null
run 1 $k --from hurt log
[ -s out ] || fail
has err "000001.seg:"
has err "damaged"

prove a file of a depot that cannot be read costs only itself
mkdir two
run 0 $kith --home p sync two
run 0 $k sync two
[ "$(find two -name '*.seg' | wc -l)" -gt 1 ] || fail "one file"
run 0 $k --from two log --limit all
all=$(wc -l <out)
find two -name '*.seg' | sort | sed 1q >first
rm "$(cat first)"
mkdir "$(cat first)"
run 1 $k --from two log --limit all
[ -s out ] && [ "$(wc -l <out)" -lt "$all" ] || fail
has err "$(basename "$(cat first)"):"

prove of a fork the first branch is shown, and the proof kept
cat "$here/branch-a.ndjson" "$here/branch-b.ndjson" >fork.ndjson
run 1 $k --from fork.ndjson log
[ -s out ] || fail
has err "fork"
run 1 $k --from fork.ndjson forks
[ -s out ] || fail "no proof"
feed=$(sed -n 's/.*"author":"\([^"]*\)".*/\1/p' fork.ndjson | sed 1q)

prove a whole id needs no views, where none can be written
run 0 $kith --home behind init
run 1 $kith --home behind import fork.ndjson
run 0 $kith --home behind post "in no view until somebody reads"
run 0 $k --from behind forks "$feed"
[ -s out ] && [ ! -s err ] || fail
run 0 $k --from behind forks --proof "$feed"
[ "$(wc -l <out)" = 2 ] && [ ! -s err ] || fail

prove what holds nothing that can be read is unreadable
run 3 $k --from /nowhere/at/all log
run 3 $k --from / log
has err "holds messages"
mkdir lone
echo 1 >lone/current
run 3 $k --from lone log
has err "holds messages"
run 3 $k --from "$kith" log
has err "no message can be read"
run 3 $k --from store: log
run 3 $k --from store:stick log
run 3 $k --from bundle:all.ndjson log
run 3 $k --from depot:all.ndjson log
run 0 $k --from /dev/null log
[ ! -s out ] || fail

prove a store that was compacted lends its identity, and no more
run 0 $k compact
run 0 $k --from all.ndjson log
[ -s out ] || fail

prove nothing stays behind, whatever ends the command
nothing_left || fail "$(ls "$TMPDIR")"
mkfifo slow
# A shell lets what it starts in the background not hear of INT.
for signal in HUP TERM KILL; do
	sh -c "kill -$signal \$\$" && continue # not heard of below nohup
	$k --from all.ndjson timeline --follow >out 2>err <slow &
	pid=$!
	exec 3>slow
	eventually [ -s out ] || fail "it shows nothing"
	kill -$signal $pid
	wait $pid
	exec 3>&-
	eventually nothing_left || fail "$signal: $(ls "$TMPDIR")"
done
