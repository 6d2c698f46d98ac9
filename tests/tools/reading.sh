#!/bin/sh
# What a person reads: each command as it looks at 80 and at 200 columns,
# compared byte for byte.  conversation.js made what is read, and says what it
# holds.  KITH_GOLDEN=write makes the golden files anew, to be looked at.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
unset COLUMNS NO_COLOR PAGER KITH_PAGER LESS
k="$kith --home h"
run 0 $k init --secret "$here/ada.secret"
run 0 $k import "$here/conversation.ndjson"
esc=$(printf '\033') bidi=$(printf '\342\200\256') bell=$(printf '\007')
root=%+bKZFQ48 bob=@cTemtzlY carol=@niya3biM eve=@pp7pLvhP dan=@cSBFbbZ5

# What was received as the test began was so just now, however long ago that is:
# the column behind it stays where it is.
soon() {
	awk 'match($0, /[0-9]+ minutes? ago|(today|yesterday) ..:../) {
		gap = sprintf("%" RLENGTH - 8 "s", "")
		rest = substr($0, RSTART + RLENGTH)
		if (!sub(/  /, "  " gap, rest))
			rest = rest gap
		$0 = substr($0, 1, RSTART - 1) "just now" rest
	} { print }'
}

golden() { # golden NAME COMMAND...: its output is golden/reading/NAME-WIDTH
	name=$1
	shift
	for columns in 80 200; do
		COLUMNS=$columns
		export COLUMNS
		run 0 "$@"
		unset COLUMNS
		soon <out >steady
		mv steady out
		want=$here/golden/reading/$name-$columns
		[ "${KITH_GOLDEN-}" != write ] || cp out "$want"
		same "$want" out
		lacks out "$bidi"
		lacks out "$bell"
		lacks out "I am blocked"
	done
}

prove every command looks as it should
golden timeline $k timeline
golden timeline-all $k timeline --all --limit 3
golden thread $k thread $root
golden thread-answer $k thread %70bSEE3a
golden thread-missing $k thread %acgLiWFp
golden thread-warned $k thread %pbO6Hnyg
golden channel $k channel '#Garden'
golden channels $k channels
golden mentions $k mentions
golden inbox $k inbox
golden inbox-iso $k inbox --iso --limit 4
golden unread $k unread
golden profile $k profile
golden profile-carol $k profile carol
golden profile-eve $k profile $eve
golden profile-blocked $k profile $dan
golden whois $k whois bo
golden follows $k follows
golden followers $k follows @Carol --followers
golden blocks $k follows --blocks
golden search $k search 'peas OR beans OR future'

prove colour is asked for, and nothing else that a terminal obeys comes out
golden colour-thread $k thread $root --color always
golden colour-timeline $k timeline --color always --limit 8
sed "s/$esc\[[0-9;]*m//g" out >plain
lacks plain "$esc"
NO_COLOR='' run 0 $k timeline --color never
lacks out "$esc"
run 2 $k timeline --color blue

prove a record has the names of all listings, and what is its own
run 0 $k --json thread $root
[ "$(wc -l <out)" = 5 ] || fail "not five messages"
[ "$(grep -c '^{"feed":"@.*,"seq":.*,"id":"%.*"content":{.*}$' out)" = 5 ] ||
	fail
has out '"name":"Carol","depth":1,"parent":"%+bKZFQ48'
has out '"likes":3}'
lacks out "$bidi"
run 0 $k --json thread %acgLiWFp
has out '{"missing":"%dvdeYSn+'
run 0 $k --json timeline --limit all
[ "$(grep -c '"type":"post"' out)" = "$(wc -l <out)" ] || fail
lacks out "$esc"
run 0 $k --json channels
has out '{"channel":"garden","messages":2,"newest":'
run 0 $k --json inbox
has out '"reasons":["mention","reply","thread"],"unread":true}'
run 0 $k --json profile carol
has out '"name":"Carol",'
has out '"follows":2,"followers":1,"first":1,"seq":12,'
run 0 $k --json whois carol
has out '"name":"Carol","hops":1}'
run 0 $k --json follows
has out '"name":"Carol","edge":"follow","mutual":true,'

prove feeds are named by id, by the start of it, and by a name that one has
for name in carol @carol @Carol $carol \
	@niya3biMGqMYNmjayZYfjDZA2a/pR14MRkDuWIXTEGc=.ed25519; do
	run 0 $k profile $name
	has out "id          @niya3biMGqMY"
done

prove of two with one name the own word on it decides, else the id must
run 0 $k profile @Bob
has out "id          $bob"
run 0 $kith --home other init
run 0 $kith --home other import "$here/conversation.ndjson"
run 4 $kith --home other profile @Bob
has err "2 feeds are called @Bob"
has err "$bob"
has err "$eve"
run 0 $kith --home other timeline --all --limit all
has out "bob $bob"

prove what hangs on a hidden message says so
run 0 $kith --home other block $bob
run 0 $kith --home other timeline --all --limit all
has out "answers $root, whose author you block"
has out "answers %dvdeYSn+, which is not here"
run 0 $kith --home other thread $root
has out "by an author whom you block: $root"
run 0 $kith --home other --json thread $root
lacks out missing

prove blogs and gatherings are read as posts are, and count in their channel
echo '{"type":"blog","title":"My *trip*","summary":"We went.","channel":"Trips"}' |
	$kith --home other publish >/dev/null || fail
id=$(echo '{"type":"gathering"}' | $kith --home other publish) || fail
echo "{\"type\":\"about\",\"about\":\"$id\",\"title\":\"Tea\"}" |
	$kith --home other publish >/dev/null || fail
run 0 $kith --home other subscribe trips
run 0 $kith --home other timeline
has out "blog: My trip"
has out "  We went."
has out "gathering: Tea"
run 0 $kith --home other --json channel trips
[ "$(wc -l <out)" = 1 ] || fail
run 0 $kith --home other channels
has out "#trips                               1 message   just now  subscribed"

prove who or what is nowhere is said to be
run 4 $k profile nobody
run 4 $k profile @nobody1
run 4 $k whois zzz
run 4 $k thread %AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256
run 4 $k thread %AAAAAAAA
run 2 $k thread $bob
run 2 $k channel '#?!'
run 2 $k timeline --limit 0

prove what is read can be marked, and is read then
run 0 $k unread --mark --limit 2
has out "15 unread posts, 9 unread items in your inbox"
run 0 $k --json unread
[ "$(wc -l <out)" = 13 ] || fail "more was marked than listed"
run 0 $k unread --mark
[ "$(grep -c ' %........$' out)" = 13 ] || fail "not listed"
run 0 $k unread
[ ! -s out ] || fail
has err "all is read"
run 0 $k --json inbox
has out '"unread":false}'
run 0 $k timeline
lacks out "  new"

prove where there is nothing it is said what to do
run 0 $kith --home fresh init
for c in timeline 'timeline --all' 'channel x' channels mentions inbox \
	follows 'follows --followers'; do
	run 0 $kith --home fresh $c
	[ ! -s out ] || fail
	[ -s err ] || fail "$c says nothing"
	run 0 $kith --home fresh --json $c
	[ ! -s err ] || fail "$c says something"
done
run 0 $kith --home fresh timeline
has err "kith follow"
run 0 $kith --home fresh profile
has out "it is you"

prove beside kithd what is read is marked by it, and live output is its news
run 0 $kith --home fresh post "one"
begin fresh
run 0 $kith --home fresh unread --mark
run 0 $kith --home fresh import "$here/conversation.ndjson"
run 0 $kith --home fresh follow $carol
run 0 $kith --home fresh unread --mark --limit 1
run 0 $kith --home fresh --json unread
[ "$(wc -l <out)" = 4 ] || fail
until_live() { # until_live TEXT: reads the live output up to a line with it
	while read -r line <&3; do
		case $line in *"$1"*) return ;; esac
	done
	fail "never seen: $1"
}
mkfifo live
timeout 60 $kith --home fresh timeline --follow >live 2>err &
follower=$!
exec 3<live
until_live one
run 0 $kith --home fresh post "two, while somebody reads"
until_live "two, while"
run 0 $kith --home fresh publish <<'EOF'
{"type":"vote","vote":{"link":"%AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256","value":1}}
EOF
run 0 $kith --home fresh post "three"
until_live you
until_live three
kill $follower
exec 3<&-
run 0 $kith --home fresh stop

prove without kithd live output sees what another kith writes
timeout 60 $kith --home fresh timeline --follow >live 2>err &
follower=$!
exec 3<live
until_live one
run 0 $kith --home fresh post "four"
until_live four
kill $follower
exec 3<&-

prove live output can be ended also where the views had to come up first
run 0 $kith --home fresh post "five"
run 0 $kith --home fresh --json views
has out '"behind":2'
$kith --home fresh timeline --follow >live 2>err &
follower=$!
exec 3<live
until_live five
kill -TERM $follower
wait $follower
[ $? = 143 ] || fail "it went on"
exec 3<&-

prove what is private comes without kithd, too: the reader opens it himself
timeout 60 $kith --home fresh timeline --private --follow >live 2>err &
follower=$!
exec 3<live
until_live five
run 0 $kith --home fresh post "six"
until_live six
kill $follower
exec 3<&-

prove a pager is used on a terminal only, and gets no json
script -qec true /dev/null >/dev/null 2>&1 || exit 0
pager='tr a-z A-Z'
KITH_PAGER=$pager run 0 $k channels
has out "#garden"
on_terminal() { # on_terminal COMMAND...: as a person at 100 columns runs it
	script -qec "stty cols 100; TERM=xterm $*" /dev/null >out 2>err \
		</dev/null
}
export KITH_PAGER="$pager"
on_terminal $k channels || fail
has out "#GARDEN"
on_terminal $k --json channels || fail
has out '"channel":"garden"'
export KITH_PAGER=cat
on_terminal $k channels || fail
has out "#garden"
has out "$esc["
NO_COLOR=1 on_terminal $k channels || fail
lacks out "$esc["

prove leaving the pager early is no fault, and a failure stays one
export KITH_PAGER=true
on_terminal $k timeline --all --limit all || fail "exit $?"
on_terminal $k profile nobody
[ $? = 4 ] || fail "the pager hid the failure"
unset KITH_PAGER
