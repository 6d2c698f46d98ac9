#!/bin/sh
# Looking: selections, the forms of a message, lists, links, threads, abouts and
# trees, as text and as records.  look.js made what is looked at, and says what
# it holds.  KITH_GOLDEN=write makes the golden files anew, to be looked at.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
unset COLUMNS NO_COLOR PAGER KITH_PAGER LESS
k="$kith --home h"
run 0 $k init
run 0 $k import "$here/look.ndjson"
run 0 $k views
esc=$(printf '\033') bidi=$(printf '\342\200\256')
ann=@j3SrioXXRyV2dsVW20cqEE/Q0tCkIXdkMx2CZcHow28=.ed25519
ben=@dnYXc+QeMmEKysyH2OPYh4z4e2YVQ7JjuXwHkTl27Gg=.ed25519
cy=@fTs7OUum
post=%bbDZ8D9o

# What was received as the test ran is not the same each time.
golden() { # golden NAME CODE COMMAND...: its output is golden/look/NAME
	name=$1
	shift
	run "$@"
	sed -e 's/"received":[0-9.]*,*//' \
		-e 's/^received  [-0-9: ]* rx/received  then  rx/' out >steady
	mv steady out
	want=$here/golden/look/$name
	[ "${KITH_GOLDEN-}" != write ] || cp out "$want"
	same "$want" out
	lacks out "$bidi"
	lacks out "$esc"
}

prove every command looks as it should, as text and as records
golden log 0 $k log --limit all --until 2020
golden log.json 0 $k --json log --limit all --until 2020
golden log-oneline 0 $k log name:ann --oneline
golden log-full 0 $k log $post --full
golden log-links 0 $k log $post --links
golden log-links.json 0 $k --json log $post --links
golden feeds.json 0 $k --json feeds --sort id --where "messages>0"
golden cat.json 0 $k --json cat $post "$ben:5" "$ben:6"
golden cat-meta 0 $k cat --meta "$ben:6"
golden cat-bytes 0 $k cat --bytes $post
golden cat-bfe 0 $k cat --bfe $post "$ben:6"
golden links 0 $k links "$ann:2..4"
golden links.json 0 $k --json links $post
golden backlinks 0 $k backlinks $post
golden backlinks.json 0 $k --json backlinks $post
golden backlinks-missing.json 0 $k --json backlinks \
	%KDu53u8C5oQ6v7U476HspwgBvYpwHD+YGR4SNJYzkkc=.sha256
golden backlinks-channel.json 0 $k --json backlinks '#Look'
golden about 0 $k about name:ann
golden about.json 0 $k --json about name:ann
golden tree 0 $k tree $ann
golden tree.json 0 $k --json tree $ann
golden tree-bad.json 1 $k --json tree "$ben"
golden thread-graph 0 $k thread --graph $post
golden thread-graph.json 0 $k --json thread --graph $post
golden tail.json 0 $k --json tail --end -n 2 name:ann
golden who.json 0 $k --json who $ann
golden who-alias.json 0 $k --json who "$ben"
golden names.json 0 $k --json names ann

prove a feed is found by its name where only one has it
for name in name:ann @ann @Ann name:Ann:..6; do
	run 0 $k log "$name" -n 1
	[ -s out ] || fail "nothing of $name"
done
run 0 $k --json log @ann:3
has out "\"feed\":\"$ann\",\"seq\":3,"
run 0 $k --json log name:ann:-2
[ "$(wc -l <out)" = 2 ] || fail

for c in export verify lint "links" "about" "tree" "who"; do
	run 0 $k $c name:ann
	cp out want
	run 0 $k $c @ann
	same want out
done
run 0 $k export @ann
[ "$(wc -l <out)" = 7 ] || fail

prove a name that two have, or an id that two begin with, lists them
run 4 $k log name:twin
has err "$ben"
has err @5dVNdbyumVMzdhUr2bjgVC1Kv7TR8lFqEnZ0zHZ3hF4=.ed25519
run 4 $k log @twin
run 4 $k log @YWxpa2
has err @YWxpa2UhAQEB
has err @YWxpa2UhAgIC
run 4 $k cat %Ftx1mC
has err %Ftx1mCVZq1b/
has err %Ftx1mC+djrga
run 0 $k cat %Ftx1mCV
run 4 $k log name:nobody
run 4 $k log @nobody
run 4 $k links %AAAAAAAA
run 2 $k links %AAAA

prove every spelling of an id is taken
key=$(printf %s "${ann#@}" | sed 's/\..*//' | base64 -d | od -An -tx1 |
	tr -d ' \n')
wide=$(printf '%s' "$key" | tr a-f A-F)
for name in $ann @j3SrioXX… "$key" "$wide" "@$key" \
	ssb:feed/classic/j3SrioXXRyV2dsVW20cqEE_Q0tCkIXdkMx2CZcHow28= \
	ssb:feed/classic/j3SrioXXRyV2 \
	ssb://feed/classic/j3SrioXXRyV2dsVW20cqEE_Q0tCkIXdkMx2CZcHow28=; do
	run 0 $k --json log "$name" -n 1
	has out "\"feed\":\"$ann\""
done
run 0 $k --json cat $post
id=$(sed 's/.*"id":"%\([^"]*\)".*/\1/' out)
hex=$(printf %s "${id%.*}" | base64 -d | od -An -tx1 | tr -d ' \n')
cp out want
for name in "%$id" "$hex" "%$hex" ssb:message/classic/bbDZ8D9o \
	"$ann:2" @ann:2 "%ONb7OrBb^" "%AyrGJZm2^^" "%AyrGJZm2^2" rx:7; do
	run 0 $k --json cat "$name"
	same want out
done
if command -v base32 >/dev/null; then
	wide=$(printf %s "${id%.*}" | base64 -d | base32 -w 0)
	for name in "$wide" "${wide%====}" \
		"$(printf %s "$wide" | tr A-Z a-z)"; do
		run 0 $k --json cat "$name"
		same want out
	done
fi
run 4 $k cat "$(printf '%064d' 0)"
run 4 $k cat "%AyrGJZm2^9"
run 2 $k cat "%AyrGJZm2^x"

prove ranges of receive numbers are as those of feeds
run 0 $k --json log rx:3..5
[ "$(sed 's/.*"rx":\([0-9]*\).*/\1/' out | tr '\n' ' ')" = "3 4 5 " ] || fail
run 0 $k --json log rx:-2
[ "$(sed 's/.*"rx":\([0-9]*\).*/\1/' out | tr '\n' ' ')" = "27 28 " ] || fail
run 4 $k log rx:90..99
run 2 $k log rx:5..3

prove ids are printed as they are asked for, and whole in records
run 0 $k log $post --ids full
has out " %$id"
run 0 $k log $post --ids uri
has out " ssb:message/classic/"
run 0 $k --json log @ann:3 --ids uri
has out '"feed":"ssb:feed/classic/j3SrioXX'
has out '"prev":"ssb:message/classic/'
run 0 $k --json log $post --ids short
has out "\"id\":\"%$id\""
run 2 $k log --ids long

prove bounds are half open, by number and by time
seqs() { # seqs OPTION...: the places in the feed that are left
	run 0 $k --json log $ann "$@"
	sed 's/.*"seq":\([0-9]*\).*/\1/' out | tr '\n' ' '
}
[ "$(seqs --since seq:3 --until seq:5)" = "3 4 " ] || fail
[ "$(seqs --since seq:6 --reverse)" = "7 6 " ] || fail
[ "$(seqs --until 2019-03-12T14:15)" = "1 " ] || fail
[ "$(seqs --since 2019-03-12T14:25)" = "6 7 " ] || fail
[ -z "$(seqs --since 2019-03-13)" ] || fail
run 0 $k --json log --since rx:27
[ "$(wc -l <out)" = 2 ] || fail
run 0 $k --json log --since rx:3 --until rx:4
[ "$(wc -l <out)" = 1 ] || fail
run 2 $k log --since yesterday
has err "rx:123, seq:42"
run 2 $k log --until rx:

prove filters leave what they say
run 0 $k --json log --type about
[ "$(wc -l <out)" = 6 ] || fail
run 0 $k --json log --channel '#Look'
[ "$(wc -l <out)" = 1 ] || fail
has out "%$id"
run 0 $k --json feeds --where 'messages>=7' --where state=ok
[ "$(wc -l <out)" = 3 ] || fail
run 0 $k --json feeds --where hops!=0 --limit 1 --reverse --sort messages
has out '"seq":1,'
for bad in hops 'hops~1' state=good 'state<ok' size=1 'hops=x'; do
	run 2 $k feeds --where "$bad"
	has err "state=STATE"
done
run 0 $k backlinks $post --member nobody
has err "nothing that refers to it was found"
run 0 $k --json backlinks $post --member branch
[ "$(wc -l <out)" = 2 ] || fail
run 0 $k --json backlinks $post --reverse --limit 1
has out '"paths":["content.root","content.branch"]'
run 0 $k --json links "$ann" --member mentions
[ "$(wc -l <out)" = 3 ] || fail

prove exact bytes are exact, and records may end with a NUL
run 0 $k log --raw --limit all
same "$here/look.ndjson" out
$k log --raw --limit all --null | tr '\0' '\n' >out
same "$here/look.ndjson" out
$k --json log --null -n 2 | tr -dc '\0' | wc -c >out
[ "$(tr -d ' ' <out)" = 2 ] || fail
$k cat --wire --null $post | tr '\0' '\n' >out
sed -n 7p "$here/look.ndjson" >want
same want out
run 2 $k --json log --raw
run 2 $k log --raw --full
run 2 $k cat --wire --bytes $post

prove messages are read from a pipe, whatever form they have
$k cat $post --wire | $k cat --meta >out 2>err || fail
has out "id        %$id"
lacks out rx:
$k cat $post | $k --json cat - >out 2>err || fail
has out "\"id\":\"%$id\""
lacks out '"rx":'
$k export --keys $post | $k cat --hash-input | sha256sum | cut -c1-64 >out
echo "$hex" >want
same want out
printf '%s\nnonsense\n{"a":1}\n%s\n' "$(cat "$here/look.ndjson" | head -1)" \
	"$(sed -n 2p "$here/look.ndjson")" | $k --json cat >out 2>err
[ $? = 1 ] || fail "nonsense is no finding"
[ "$(wc -l <out)" = 2 ] || fail
has err "line 2 is no message"
has err "line 3 is no message"
$kith --home nowhere cat <"$here/look.ndjson" >out 2>err || fail "needs a home"
run 0 $k cat --content - $post <"$here/look.ndjson"

prove what is boxed is not shown
for c in "log --limit all" "cat $ben:5 $ben:6" "links $ben" "log --full $ben"; do
	run 0 $k --json ${c#--full}
	lacks out VVVVVV
	lacks out qqqqqq
done
run 0 $k --json cat "$ben:6"
has out '"content":{"boxed":"box2","bytes":133}'
run 0 $k log "$ben:5" --full
lacks out VVVVVV

prove nothing that a terminal obeys comes out
for c in "log --limit all" "log --limit all --full" "log --oneline" \
	"log --links --limit all" "feeds" \
	"cat --content $cy:7" "cat --bytes $cy:7" "links $cy" "backlinks $post" \
	"about $cy" "thread --graph $post" "who $cy" "names cy" "tail --end"; do
	run 0 $k $c
	lacks out "$esc"
	lacks out "$bidi"
	run 0 $k --json $c
	lacks out "$esc"
	lacks out "$bidi"
done

prove output that nobody reads ends a command quietly
for c in "log --limit all" "--json log --limit all" "cat $ann" "links $ann" \
	"feeds" "backlinks $post"; do
	$k $c 2>err | head -n 1 >out
	[ -s out ] || fail "nothing of $c"
	[ ! -s err ] || fail "$c says something"
done

prove what is nowhere is said to be, and nonsense is misuse
run 4 $k about %AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256
run 0 $k backlinks %AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256
[ ! -s out ] || fail
run 2 $k backlinks '#?!'
run 2 $k backlinks "$ann:2..3"
run 2 $k about "$ann:2..3"
run 2 $k tree $post
run 2 $k tail $post
run 2 $k tail --reverse --end
run 2 $k log --follow --reverse
run 1 $k tail --rejected --end
has err "kithd is not running"

prove strangers do not push out the announcement that holds
run 0 $kith --home announced init
run 0 $kith --home announced import "$here/announced.ndjson"
dan=$(sed -n '$s/.*"author":"\([^"]*\)".*/\1/p' "$here/announced.ndjson")
meta=$(sed -n '$s/.*"metafeed":"\([^"]*\)".*/\1/p' "$here/announced.ndjson")
run 1 $kith --home announced --json tree "$meta"
has err "2 announcements more are not listed"
grep '"state":"announced"' out >held
has held "$dan"

prove blobs are told apart by who refers to them
echo "nobody knows" >file
run 0 $k blob add file
mine=$(cat out)
run 0 $k blobs --orphans
[ "$(cut -d' ' -f1 out)" = "$mine" ] || fail
run 0 $k blobs --missing
run 0 $k --json blob "$mine"
has out '"state":"here","bytes":13,"type":"text/plain"'
has out '"refers":[]'
run 2 $k blobs --missing --orphans
echo "{\"type\":\"post\",\"text\":\"x\",\"mentions\":[{\"link\":\"$mine\"}]}" |
	$k publish >id 2>err || fail
run 0 $k blobs --orphans
[ ! -s out ] || fail "it is referred to"
run 0 $k --json blob "$mine"
has out "\"refers\":[\"$(cat id)\"]"
run 0 $k --json backlinks "$mine"
has out '"paths":["content.mentions[0].link"]'

prove on a terminal lines are as wide as that, through a pager, in colour or not
if script -qec true /dev/null >/dev/null 2>&1; then
	on_terminal() { # on_terminal COLUMNS COMMAND...
		columns=$1
		shift
		script -qec "stty cols $columns; TERM=xterm $*" /dev/null \
			</dev/null 2>err | tr -d '\r' >out
	}
	KITH_PAGER=cat
	export KITH_PAGER
	for c in "log --limit all" "log --links $post" "feeds" \
		"backlinks $post" "links $ann:1..5" "log --oneline --limit all" \
		"tree $ann" "about name:ann"; do
		on_terminal 80 $k $c
		[ -s out ] || fail "nothing of $c"
		sed 's/…/./g; s/├/+/g; s/└/+/g; s/│/|/g; s/─/-/g' out |
			grep '^.\{81\}' >wide
		[ ! -s wide ] || fail "$c: $(cat wide)"
	done
	KITH_PAGER='tr a-z A-Z'
	on_terminal 80 $k log --type about
	has out "ABOUT"
	on_terminal 80 $k --json log --type about
	has out '"type":"about"'
	on_terminal 80 $k feeds
	has out "STATE"
	KITH_PAGER=true
	on_terminal 80 $k log --limit all
	unset KITH_PAGER
fi

prove beside kithd what comes in is seen as it comes, and what is refused
begin h
mkfifo live
timeout 60 $k --json tail >live 2>err &
follower=$!
exec 3<live
until_live() { # until_live TEXT: reads the live output up to a line with it
	while read -r line <&3; do
		case $line in *"$1"*) return ;; esac
	done
	fail "never seen: $1"
}
until_live '"type":"post"'
run 0 $k post "while somebody looks"
until_live "while somebody looks"
kill $follower
exec 3<&-
grep '"text":"left"' "$here/look.ndjson" | sed 's/"left"/"forged"/' >forged
timeout 60 $k --json tail --rejected >live 2>err &
follower=$!
exec 3<live
run 1 $k import forged
until_live "\"feed\":\"$ben\",\"seq\":3,"
case $line in *'"state":"'*'"problem":"'*) ;; *) fail "$line" ;; esac
kill $follower
exec 3<&-
run 0 $k tail --rejected --end
has out "@dnYXc+Qe…:3  from no peer"
run 0 $k --json tail --rejected --end "$ann"
[ ! -s out ] || fail "of another feed"
# Nothing of it is here.
sed '1!d; s/"timestamp":1/"timestamp":2/' "$here/branch-a.ndjson" >forged
stranger=$(sed -n 's/.*"author":"\([^"]*\)".*/\1/p' forged)
run 1 $k import forged
run 0 $k --json tail --rejected --end "$stranger"
has out "\"feed\":\"$stranger\",\"seq\":1,"
run 0 $k stop
