#!/bin/sh
# kith backup and restore: a home in one file, while kithd runs, and back.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

same_log() { # same_log HOME HOME: every byte of every message
	$kith --home "$1" export >want
	$kith --home "$2" export >got
	same want got
}

prove a backup is one file for its owner only, and says what it holds
run 0 $kith --home h init
id=$(cat out)
run 0 $kith --home h import "$here/feeds.ndjson"
for i in 1 2 3; do
	run 0 $kith --home h post "number $i"
done
echo '{ "friends": { "hops": 1 } }' >h/config
run 0 $kith --home h backup b.kith
has out "$id up to its message 3, in all 13 messages of 3 feeds"
has err "holds your secret key, and is not sealed"
[ "$(stat -c %a b.kith)" = 600 ] || fail "others can read it"
[ ! -e b.kith.part ] || fail "something was left"
has b.kith "holds the secret key"
run 0 $kith --home h --json backup b.kith
has out '"messages":13'
has out '"sealed":false'

prove a restore makes the same home, which may not publish yet
run 0 $kith --home r restore b.kith
has out "restored $id up to its message 3"
has err "kithd --home r"
run 0 $kith --home r verify
has out "13 ok, 0 bad"
same_log h r
same h/secret r/secret
same h/config r/config
[ "$(stat -c %a r/secret)" = 400 ] || fail "secret is not private"
[ ! -e r/restore.unfinished ] || fail "it says that it is not finished"
run 0 $kith --home r status
has out "unconfirmed"
has out "restored from a backup"
run 1 $kith --home r post "too early"
has err "unconfirmed"
run 0 $kith --home h log -n all "$id"
cp out want
run 0 $kith --home r log -n all "$id"
same want out

prove a home that is there is never written over
run 1 $kith --home h restore b.kith
has err "has an identity already"
run 1 $kith --home r restore b.kith
mkdir -m 700 other && echo '{}' >other/config
run 1 $kith --home other restore b.kith
has err "has a configuration already"
[ "$(cat other/config)" = '{}' ] || fail
run 0 $kith --home bare init
rm -f bare/secret
run 1 $kith --home bare restore b.kith
has err "has a store already"

prove what is no whole backup changes nothing, and the reason is told
refused() { # refused FILE TEXT
	run 3 $kith --home new restore "$1"
	has err "$2"
	[ ! -e new ] || fail "something was made"
}
size=$(stat -c %s b.kith)
for n in 0 1 100 368 369 1000 $((size - 1)); do
	head -c $n b.kith >cut
	[ $n -ge 368 ] && why="ends too early" || why="no backup"
	refused cut "$why"
done
flip() { # flip N: one bit of byte N of b.kith, in the file flipped
	cp b.kith flipped
	byte=$(dd if=b.kith bs=1 skip="$1" count=1 2>/dev/null |
		od -An -tu1 | tr -d ' ')
	printf "\\$(printf %o $((byte ^ 4)))" |
		dd of=flipped bs=1 seek="$1" conv=notrunc 2>/dev/null
}
for n in 20 256 330 340 368 375 380 700 2000 $((size - 1)); do
	flip $n
	refused flipped "flipped: it "
done
sed '1s/1/2/' b.kith >newer
refused newer "newer kith"
(cat b.kith; echo) >longer
refused longer "follows its end"
truncate -s 4G junk
refused junk "no backup"
refused "$here/feeds.ndjson" "no backup"
refused nowhere "nowhere"
refused . ""
run 3 $kith --home new restore /dev/stdin <<-X
	$(head -1 b.kith)
X
mkfifo pipe
cat b.kith >pipe &
refused pipe "only once"

prove what is no backup is told first, and what it seems to be
: >empty
gzip -c "$here/feeds.ndjson" >packed
cp h/store/data.mdb data.mdb
takes() { # takes FILE TEXT: into a home with an identity, which is not the point
	run 3 $kith --home h restore "$1"
	has err "no backup"
	has err "$2"
	has err "nothing was changed"
	lacks err "already"
}
takes junk "no backup that kith made; nothing"
takes empty "it is empty"
takes h/secret "kith init --secret FILE"
takes "$here/feeds.ndjson" "kith import FILE"
takes packed "packed by gzip"
takes data.mdb "kith --home DIR backup FILE"
takes h "kith --home DIR"
run 1 $kith --home h restore b.kith
has err "already"

prove a sealed backup opens with its passphrase only
echo correct horse >pass
echo wrong horse >wrong
run 0 $kith --home h --passphrase-file pass backup sealed.kith
has out ", sealed"
lacks err "not sealed"
lacks sealed.kith "private"
run 3 $kith --home new -P wrong restore sealed.kith
has err "wrong passphrase"
[ ! -e new ] || fail "something was made"
setsid $kith --home new restore sealed.kith </dev/null >out 2>err &&
	fail "nobody gave a passphrase"
has err "passphrase is needed"
: >empty
run 3 $kith --home new -P empty restore sealed.kith
has err "empty"
run 0 env KITH_PASSPHRASE_FILE=pass $kith --home new restore sealed.kith
same_log h new
head -c 3000 sealed.kith >cut
run 3 $kith --home new2 -P pass restore cut
has err "ends too early"

prove on a terminal the error has a line of its own, not that of progress
if script -qec true /dev/null >/dev/null 2>&1; then
	mkfifo typed
	{
		sleep 0.3 # from when on progress is shown
		cat wrong
	} >typed &
	script -qec "$kith --home none -P typed restore sealed.kith" /dev/null \
		>out 2>err </dev/null && fail "it was restored"
	# What is left on the screen of each line.
	tr '\r' '\n' <out | sed "s/.*$(printf '\033')\[K//" >screen
	grep -q '^kith: .*: wrong passphrase' screen || fail "$(cat screen)"
	has screen "; nothing was changed"
fi

prove a backup goes to standard output, and replaces none but a backup
$kith --home h backup - >piped 2>err
run 0 $kith --home r2 restore piped
same_log h r2
echo precious >precious
run 1 $kith --home h backup precious
[ "$(cat precious)" = precious ] || fail "it was written over"
run 3 $kith --home h backup nowhere/b.kith
run 3 $kith --home nobody backup x.kith
[ ! -e x.kith ] || fail "a backup of nothing"
if [ -w /dev/full ]; then
	run 3 sh -c "$kith --home h backup - >/dev/full"
	has err "No space left"
fi

prove a backup that is made while kithd publishes is of one moment
begin h
{
	for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
		$kith --home h post "meanwhile $i" >/dev/null || echo "no $i"
	done
} >posts 2>&1 &
posts=$!
for i in 1 2 3 4; do
	run 0 $kith --home h backup "while$i.kith"
	cp out "while$i.out"
done
wait $posts
[ ! -s posts ] || fail "$(cat posts)"
for i in 1 2 3 4; do
	run 0 $kith --home "while$i" restore "while$i.kith"
	run 0 $kith --home "while$i" verify
	has out " 0 bad"
	last=$(sed 's/.* its message \([0-9]*\),.*/\1/' "while$i.out")
	has out "$((last + 10)) ok"
	run 1 $kith --home "while$i" post "too early"
done
run 0 $kith --home h log -n all "$id"
[ "$(wc -l <out)" = 23 ] || fail "not all was published"

prove a peer that has the rest gives it, confirms, and then it may publish
run 0 $kith --home witness init
begin witness
run 0 $kith --home witness follow "$id"
run 0 $kith --home h follow "$($kith --home witness id)"
run 0 $kith --home h connect "$(address witness)"
until_seen witness "follows $(printf %.9s "$($kith --home witness id)")"
run 0 $kith --home h stop
begin r
run 0 $kith --home r connect "$(address witness)"
until_seen r "meanwhile 20"
confirmed() {
	$kith --home r status | grep -q '^publishing *ok'
}
eventually confirmed || fail "never confirmed: $($kith --home r status)"
run 0 $kith --home r post "after the restore"
until_seen witness "after the restore"
run 0 $kith --home r verify
has out " 0 bad"
run 0 $kith --home witness verify
has out " 0 bad"
