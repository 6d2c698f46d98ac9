#!/bin/sh
# kith decode says what a token is, of every kind, whole and damaged; and of
# secrets nothing but whose they are.
. "$SRCDIR/tests/tools/lib.sh"
tokens=$SRCDIR/tests/fuzz/corpus/decode
KITH_HOME=$work/h
export KITH_HOME
ada=@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519

prove every kind of token is explained as it was
for f in "$tokens"/*; do
	$kith --json decode - <"$f" >json 2>err
	code=$?
	printf '%s %s ' "${f##*/}" $code
	[ $code != 4 ] || echo
	cat json
done >got
[ -z "${KITH_GOLDEN-}" ] || cp got "$here/golden/decode"
same "$here/golden/decode" got

prove the man page has each member of the readings
cat "$SRCDIR"/tools/wire/decode_*.c | tr '\n' ' ' |
	grep -o '\(decode\|put\)_[a-z]*(&\?d, *"[A-Za-z]*"' |
	sed 's/.*"\(.*\)"/\1/' | sort -u >listed
[ "$(wc -l <listed)" -ge 50 ] || fail "few members"
sed -n '/^\.Sh DECODING/,/^\.Sh JSON/p' "$SRCDIR/doc/kith-inspect.1" >described
while read -r member; do
	grep -qw "$member" described || fail "not $member"
done <listed
grep -o '^	{ "[A-Za-z0-9 -]*", OF_' "$SRCDIR/tools/wire/decode_token.c" |
	sed 's/.*{ "\(.*\)", OF_/\1/' >listed
[ -s listed ] || fail "no kinds"
while read -r kind; do
	has described "$kind"
done <listed

prove lines for people say the same
run 0 $kith decode $ada
has out "id: the id of a feed"
has out "  uri         ssb:feed/classic/iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w="
run 0 $kith decode '"%Tm7XUw5e772zqm0Snjl4u50HMkEu9RqkN1Fs3fI6H5w=.sha256"'
has out "the id of a message"

prove what is spelled on several lines is explained on one
printf '{"name":["a"],\n"type":"async","args":[\n1.0,\n2]}' >call
printf '\002\000\000\000%b\000\000\000\001' "\\0$(printf %o "$(wc -c <call)")" >frame
cat call >>frame
run 0 $kith --json decode - <frame
[ "$(wc -l <out)" = 1 ] || fail "not one line"
has out '"args":[1.0,2]'

prove what nothing is known of says what is known
run 4 $kith decode frobnicate
has err "known are: secret file"
[ ! -s out ] || fail
run 4 $kith decode - </dev/null

prove what is damaged is told as far as it goes, and where
run 1 $kith decode @iojj3XQJ8ZX9UtstPLpdcsp
has out "problem     id is too short"
has out "at          24"
head -c 200 "$tokens/bendybutt-1" >torn
run 1 $kith decode - <torn
has out "ssb:feed/bendybutt-v1/"
has out "ends inside a string"
has out "at          200"
head -c 100 "$tokens/frames" >torn
run 1 $kith decode - <torn
has out "ends inside a"
has out "at          100"
run 1 $kith decode "net:h:8008~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8d"
has out "its key is not 32 bytes"

prove of every kind it is told what is wrong, and at which byte
while IFS='|' read -r file cut at problem; do
	head -c $cut "$tokens/$file" >torn
	run 1 $kith decode - <torn
	has out "problem     $problem"
	has out "at          $at"
done <<-EOF
	id|26|26|id is too short
	id|49|45|unknown id suffix
	uri|63|22|URI data is not canonical base64 of 32 bytes
	uri-alias|195|0|its room is not the id of a feed
	address|70|70|address has no protocol name here
	tunnel|160|115|its key is not 32 bytes of base64
	invite|112|71|its seed is not 32 bytes of base64
	invite-peer|81|4|it names no message
	legacy|63|63|its key breaks off
	signed|69|25|not the id of a feed
	bencode|17|17|ends inside a string
	bendybutt-1|216|216|ends inside a string
	bfe-00|34|17|15 bytes of data where feed classic has 32
	buttwoo-0|192|0|not BIPF: a value is longer than what holds it
	gabby|95|95|ends inside a string
	frames|426|426|ends inside a header
	message|227|227|not JSON: a string has no end
	content|27|27|not JSON: a string has no end
	notes|100|100|not JSON: a string has no end
	pub|49|49|not JSON: a string has no end
	alias-answer|189|189|not JSON: a string has no end
EOF
printf %s 'AQEBAQ==.box' >torn
run 1 $kith decode - <torn
has out "problem     4 bytes: a box1 has at least 123"
printf %s 'AQE*BAQ==.box2' >torn
run 1 $kith decode - <torn
has out "no canonical base64 up to its suffix"

prove every beginning of every token ends with a code of its own
for f in id uri uri-alias address invite invite-room legacy link signed box1 \
	alias-answer notes bfe-00; do
	n=$(wc -c <"$tokens/$f")
	while [ $n -gt 0 ]; do
		n=$((n - 7))
		[ $n -gt 0 ] || break
		head -c $n "$tokens/$f" | $kith decode - >out 2>err
		case $? in
		0 | 1 | 4) ;;
		*) fail "$f up to $n" ;;
		esac
	done
done

prove of secrets only the public half is said, whole or damaged
seed=AQEBAQEB
words="abandon"
for f in secret secret-bare pair words; do
	run 0 $kith decode - <"$tokens/$f"
	lacks out $seed
	lacks out $words
	$kith --json decode - <"$tokens/$f" >json
	! grep -q -e $seed -e $words -e 0101010101 json || fail "$f in JSON"
done
run 0 $kith decode - <"$tokens/secret"
has out $ada
for n in 20 60 150 200 240; do
	head -c $n "$tokens/secret" | $kith decode - >out 2>err
	code=$?
	[ $code = 1 ] || [ $code = 4 ] || fail "exit $code of $n bytes"
	cat out err >both
	lacks both $seed
done
run 0 $kith init
run 0 $kith decode - <h/secret
has out "$($kith id)"
lacks out "$(sed -n 's/.*"private": *"\([A-Za-z0-9+/]\{20\}\).*/\1/p' h/secret)"
printf 'sesame\nsesame\n' >pass
run 0 $kith passphrase --new-file pass
run 0 $kith decode - <h/secret
has out "sealed"
has out "$($kith id)"
run 0 $kith decode \
	"net:h:8008~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=:CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk="
has out "@/RckOFqgx1tk+3jNYC+h2ZH96/drE8WO1wLqyDXp9hg=.ed25519"
lacks out CQkJ

prove what is private opens with --private alone
KITH_HOME=$work/bob
run 0 $kith init
run 0 sh -c "echo 'the code is 1234' | $kith dm --yes \$($kith id)"
id=$(cat out)
$kith cat --content "$id" | tr -d '"\n' >box
$kith export "$id" >message
for f in box message; do
	run 0 $kith decode - <$f
	lacks out "code is"
	has out "boxed"
	run 0 $kith decode --private - <$f
	has out "the code is 1234"
done

prove what a terminal would obey is shown escaped
printf '{"type":"\\u001b]0;x\342\200\256","text":""}' | $kith decode - >out
! grep -q "$(printf '\033')\|$(printf '\342\200\256')" out || fail
has out '\u202e'
printf 'net:\342\200\256x:1~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=' |
	$kith decode - >out && fail "no character of an address"
! grep -q "$(printf '\342\200\256')" out || fail
has out '\u202ex:1'

prove an alias that its user signed is good, and another is not
run 0 $kith decode - <"$tokens/uri-alias"
has out "signature   good"
sed s/alias=alice/alias=alicf/ "$tokens/uri-alias" >forged
run 1 $kith decode - <forged
has out "signature   bad"

prove the id beside a message is compared whole
$kith export --format kvt >with-id 2>err || fail "no message with its id"
head -n 1 with-id >one
run 0 $kith decode - <one
has out "verdict     accepted"
for cut in 's/\(%[^"]*\)"/%&/' 's/"key":"%[^"]\{20\}/"key":"%/' \
	's/\("key":"%[^"]\{9\}\)[^"]*/\1/' 's/"key":"%/&A/'; do
	sed "$cut" one >forged
	! cmp -s one forged || fail "$cut changes nothing"
	run 1 $kith decode - <forged
	has out "the key beside it is of another message"
	has out "at          7"
done

prove what nests without end, and texts that break off, end where they must
for open in '{"a":' '[' l d1:a 81 a101 d9041a; do
	head -c 60000 /dev/zero | sed "s/\x00/$open/g" >deep
	$kith decode - <deep >out 2>err
	code=$?
	[ $code = 1 ] || [ $code = 4 ] || fail "exit $code of $open"
	[ $(wc -c <out) -lt 200000 ] || fail "$open is told at length"
done

prove a text of no end is refused
head -c 1100000 /dev/zero | tr '\0' a >long
run 3 $kith decode - <long
has err "at most"
