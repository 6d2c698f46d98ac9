#!/bin/sh
# One key in another place: kith init --secret and --first, kith feed unfreeze,
# and what status and refusals say.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

run 0 $kith --home one init
id=$(cat out)
run 0 $kith --home one post first
run 0 $kith --home one export
cp out feed

prove the secret of another program is adopted and stays as it is
mkdir ssb ssb/flume ssb/ebt
cp one/secret ssb/secret
chmod 644 ssb/secret
echo log >ssb/flume/log.offset
echo '{}' >ssb/gossip.json
find ssb -printf '%p %m %s %T@\n' | sort >before
run 0 $kith --home two init --secret ssb/secret
[ "$(cat out)" = "$id" ] || fail "another id"
has err "kith status"
find ssb -printf '%p %m %s %T@\n' | sort >after
same before after

prove the folder that it came from is explained
has err "flume/log.offset"
has err "gossip.json"
has err "do not let that program publish"
run 0 $kith --home three init --secret ssb
has err "changes nothing"
find ssb -printf '%p %m %s %T@\n' | sort >after
same before after

prove the folder of another program is not made a home
run 1 $kith --home ssb init
has err "init --secret"
[ ! -e ssb/store ] || fail "a store was made"
find ssb -printf '%p %m %s %T@\n' | sort >after
same before after

prove nothing writes in the folder of another program
echo sesame >passphrase
find ssb -printf '%p %m %s %T@\n' | sort >before
run 0 $kith --home ssb status
for c in "import feed" "post no" "passphrase -n passphrase" "compact" \
	"feed unfreeze $id"; do
	$kith --home ssb $c >out 2>err && fail "$c was done"
	has err "is the folder of another Scuttlebutt program"
done
$kithd --home ssb --listen 127.0.0.1:0 2>err && fail "kithd serves there"
has err "is the folder of another Scuttlebutt program"
find ssb -printf '%p %m %s %T@\n' | sort >after
same before after

prove what is no secret is not adopted, and nothing is made
run 3 $kith --home none init --secret before
has err "no secret file"
run 3 $kith --home none init --secret nowhere
[ ! -e none ] || fail "a home was made"
run 2 $kith --home none init --secret ssb --words
run 2 $kith --home none init --first "$id"

prove an adopted identity is refused with state, reason and remedy
run 1 $kith --home two post hello
has err "unconfirmed: "
has err "kith connect"
run 0 $kith --home two status
has out "publishing unconfirmed: the key was brought"
has out "kith feed unfreeze FEED"
run 0 $kith --home two status --json
has out '"state":"unconfirmed"'
has out '"advice":"'

prove the feed must be named whole, and be the own one
run 2 $kith --home two feed unfreeze "$(echo "$id" | cut -c 1-12)"
has err "$id"
run 2 $kith --home two feed unfreeze "$ada"
run 2 $kith --home two feed thaw "$id"
run 2 $kith --home two feed
run 1 $kith --home two post hello

prove messages that are known to be missing are not talked away
tail -n 1 feed >last
run 0 $kith --home one post second
run 0 $kith --home one export
tail -n 1 out >second
run 1 $kith --home two import second
run 1 $kith --home two feed unfreeze "$id"
has err "unconfirmed: of 2 messages"

prove with all messages here the user may say that nobody else writes
run 0 $kith --home two import feed second
run 0 $kith --home two feed unfreeze "$id"
has out "nobody else writes with this key"
run 0 $kith --home two status --json
has out '"state":"ok"'
run 0 $kith --home two post third
run 0 $kith --home two feed unfreeze "$id" --json
has out "{\"feed\":\"$id\",\"state\":\"ok\",\"changed\":false}"

prove the other place freezes when it hears of that, and reads on
run 0 $kith --home two export
cp out whole
run 0 $kith --home one import whole
run 1 $kith --home one post fourth
has err "frozen: message 3 was not written here"
run 0 $kith --home one status
has out "publishing frozen: message 3"
has out "stop that one for good"
run 0 $kith --home one export
same whole out

prove the word on a frozen feed makes it wait for a peer
run 0 $kith --home one feed unfreeze "$id"
has out "the other place does not write with this key"
run 1 $kith --home one post fourth
has err "unconfirmed: "
run 0 $kith --home one feed unfreeze "$id"
run 0 $kith --home one post fourth

prove a forked feed is not unfrozen
run 0 $kith --home two post "fourth, elsewhere"
run 0 $kith --home two export
tail -n 1 out >elsewhere
run 1 $kith --home one import elsewhere
run 1 $kith --home one feed unfreeze "$id"
has err "frozen for good"

prove a line of status is whole in a file, and on a terminal as wide as that
run 0 env COLUMNS=80 $kith --home one status
grep -q "^what to do .*tell your friends.\{20\}" out || fail "a broken line"
if script -qec true /dev/null >/dev/null 2>&1; then
	script -qec "COLUMNS=80 $kith --home one status" /dev/null \
		>typed 2>err </dev/null || fail "$(cat typed)"
	tr -d '\r' <typed | grep -v "^home" >out
	has out "tell your friends"
	! grep -q ".\{81\}" out || fail "a line is too long"
fi

prove --first takes the whole id of the adopted key only
run 2 $kith --home four init --secret ssb --first "$ada"
run 0 $kith --home four init --secret ssb --first "$id"
run 0 $kith --home four post hello

prove kithd says the same, and unfreezes
cp -r four five
run 0 $kith --home five status
has out "publishing unconfirmed: this store is a copy"
begin five
run 1 $kith --home five post more
has err "unconfirmed: "
run 0 $kith --home five status
has out "this store is a copy"
run 0 $kith --home five feed unfreeze "$id"
has out "nobody else writes with this key"
run 0 $kith --home five post more
run 0 $kith --home five stop
wait

prove two writers of one home take turns or are told who writes
for n in 1 2 3 4 5 6; do
	$kith --home five post "at once $n" >out.$n 2>err.$n &
done
wait
cat out.? | sort -u >ids
[ "$(wc -l <ids)" = 6 ] || fail "$(cat err.?)"
run 0 $kith --home five verify
