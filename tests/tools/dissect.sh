#!/bin/sh
# kith dissect: captures and pcap files, whole and damaged, in all views.
. "$SRCDIR/tests/tools/lib.sh"
COLUMNS=100
export COLUMNS
recording=$BUILDDIR/tests/tools/recording
cp "$here/talk.ssbcap" .
run 0 $recording
. ./out

golden() { # golden NAME ARGUMENT...: as it was looked at by eye once
	name=$1
	shift
	run 0 $kith dissect "$@"
	same "$here/golden/dissect-$name" out
}

prove a capture is told event by event, in every view
golden list talk.ssbcap
golden verbose --verbose talk.ssbcap
golden flow --flow talk.ssbcap
golden summary --summary talk.ssbcap
golden json --json --bodies talk.ssbcap
golden summary-json --json --summary talk.ssbcap

prove what is read from standard input or was packed is the same
run 0 $kith dissect <talk.ssbcap
same "$here/golden/dissect-list" out
if command -v gzip >/dev/null; then
	gzip -k talk.ssbcap
	run 0 $kith dissect talk.ssbcap.gz
	same "$here/golden/dissect-list" out
fi

prove filters let through what they name, and nothing else
count() { # count N ARGUMENT...: so many lines
	n=$1
	shift
	run 0 $kith dissect "$@" talk.ssbcap
	[ "$(wc -l <out)" = "$n" ] || fail "not $n: $*"
}
count 11 --name blobs
lacks out ebt
count 5 --name blobs.get
count 0 --name blob
count 8 --req 2
count 8 --req -2
count 1 --type end-err
has out room.metadata
count 9 --type call
count 7 --type call --dir in
count 0 --conn 2
count 29 --type frame
count 4 --feed @F+XMEu06
count 1 --feed @F+XMEu06 --type call
has out createHistoryStream
run 2 $kith dissect --dir up talk.ssbcap
run 2 $kith dissect --type nothing talk.ssbcap
run 2 $kith dissect --req 0 talk.ssbcap
run 2 $kith dissect --feed @F+ talk.ssbcap
run 2 $kith dissect --flow --summary talk.ssbcap

prove a pcap file is opened by a key log, or by a secret of either side
run 0 $kith dissect --keys talk.keys talk.pcap
cp out opened
has opened "ebt.replicate @iojj3XQJ… up to 3 here, more is wanted"
has opened "the blob that was asked for"
$kith dissect --json --keys talk.keys talk.pcap | grep '"what":"keys"' >out
has out "$(cat talk.keys)"
cat >client.secret <<'END'
{"curve":"ed25519","public":"iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519","private":"AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQGKiOPddAnxlf1S2y08ul1yymcJvx2UEhvzdIgBtA9vXA==.ed25519","id":"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"}
END
chmod 400 client.secret
server=@gTl3Dqh9F19Wo1Rmw0x+zMuNipG07jeiXfYPW4/Js5Q=.ed25519
run 0 $kith dissect --app-key "$app_key" --secret client.secret \
	--ephemeral "$client_ephemeral" --server $server talk.pcap
same opened out
run 0 $kith dissect --app-key "$app_key" --secret client.secret \
	--ephemeral "$server_ephemeral" --server $server talk.pcap
lacks out ebt.replicate
run 2 $kith dissect --secret client.secret talk.pcap
run 3 $kith dissect --keys talk.pcap talk.pcap

prove the same packets are told in whatever way they were recorded
# Times and places differ, and addresses where they are longer.
told() { # told FILE
	$kith dissect --json --bodies --keys talk.keys "$1" 2>err |
		sed 's/"time":[0-9.]*,"place":[0-9]*,//; s/"at":"[^"]*",*//'
}
told talk.pcap >want
[ "$(wc -l <want)" -gt 20 ] || fail "little to compare with"
[ "$(ls way-*.pcap | wc -l)" -ge 18 ] || fail "few ways"
for file in way-*.pcap; do
	told $file >got
	cmp -s want got || fail "$file: $(diff want got | head -n 5)"
	[ ! -s err ] || fail "$file: $(head -n 3 err)"
done
! cmp -s way-swapped.pcap way-ethernet.pcap || fail "nothing is swapped"
run 0 $kith dissect --keys talk.keys way-ipv6-hop.pcap
has out "[fd00::7]:40112 -> [fd00::1]:8008"

prove of links that nobody knows here it is said that they are left out
{
	head -c 23 talk.pcap
	printf i # 105, as of IEEE 802.11
	tail -c +25 talk.pcap
} >air.pcap
run 1 $kith dissect --keys talk.keys air.pcap
[ "$(wc -l <err)" = 1 ] || fail "not once"
has err "at byte 24: packets of link type 105, which is none that can be read"

prove without keys only sizes and times are told
run 0 $kith dissect --app-key "$app_key" talk.pcap
has out "proof, message 4 of 4, 80 bytes"
has out "101 bytes sealed"
lacks out "rpc"
run 0 $kith dissect talk.pcap
has out "no hello of this network"

prove that nothing is left of it is told
run 0 $kith dissect --conn 99 talk.ssbcap
[ ! -s out ] || fail
has err "no event of it is one that was asked for"

prove what a later version tells is skipped
{ cat talk.ssbcap; echo '{"t":1,"l":"new"}'; } >later.ssbcap
run 0 $kith dissect later.ssbcap
[ ! -s err ] || fail "a note"
rm later.ssbcap

prove what is written as pcapng is read again, and keeps every packet
$kith dissect --json --bodies --keys talk.keys talk.pcap |
	grep '"layer":"rpc"' | sed 's/.*"dir"/"dir"/' >want
run 0 $kith dissect --keys talk.keys --pcapng talk.pcapng talk.pcap
has err "22 packets written to talk.pcapng"
[ "$(ls -l talk.pcapng | cut -c 1-10)" = -rw------- ] || fail "others may read it"
run 1 $kith dissect --keys talk.keys --pcapng talk.pcapng talk.pcap
has err "exists"
$kith dissect --json --bodies talk.pcapng | grep '"layer":"rpc"' |
	sed 's/.*"dir"/"dir"/' >got
same want got
run 0 $kith dissect --pcapng ours.pcapng talk.ssbcap
$kith dissect --json --bodies talk.ssbcap | grep '"layer":"rpc"' |
	sed 's/.*"dir"/"dir"/' >want
$kith dissect --json --bodies ours.pcapng | grep '"layer":"rpc"' |
	sed 's/.*"dir"/"dir"/' >got
same want got

prove Wireshark shows it with our script
if command -v tshark >/dev/null; then
	HOME=$work tshark -X "lua_script:$SRCDIR/tools/wireshark/ssb.lua" \
		-r talk.pcapng -Y 'ssb.request == -2' -T fields \
		-e ssb.conn -e ssb.stream -e ssb.end -e ssb.body \
		>out 2>err || fail
	cat >want <<'END'
1	1	0	{"@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519":6}
1	1	1	{"message":"enough","name":"Error"}
END
	sed 's/True/1/g; s/False/0/g' out >got
	same want got
else
	echo "tshark is not installed: not tried"
fi

prove of a file that is cut off all that stands before is shown
head -c 5000 talk.ssbcap >cut.ssbcap
run 1 $kith dissect cut.ssbcap
has err "at byte 4994: the last line is torn"
lines=$(wc -l <out)
head -n "$lines" "$here/golden/dissect-list" >want
same want out
head -c 5000 talk.pcap >cut.pcap
run 1 $kith dissect --keys talk.keys cut.pcap
has err "the file ends in the middle of a packet"
has out "blobs.createWants"

prove a line that is damaged is told with its place, and the rest shown
sed 's/"req":-4,/"req":-4/' talk.ssbcap >bad.ssbcap
run 1 $kith dissect bad.ssbcap
has err "a line that is damaged"
has out "the recording was ended"
lacks out "allowed methods"

prove what is neither is said to be neither
run 3 $kith dissect "$here/examples.ndjson"
has err "neither a capture nor pcap"
: >empty
run 3 $kith dissect empty
run 3 $kith dissect nowhere
has err "cannot read nowhere"

prove bytes that were not recorded are told, and seal one direction
head -c 935 talk.pcap >gap.pcap # without the record of the second call
tail -c +1135 talk.pcap >>gap.pcap
run 1 $kith dissect --keys talk.keys gap.pcap
has err "129 bytes of what the client said were not recorded"
has out "129 bytes were not recorded"
has out "+1 call blobs.createWants"
lacks out "call ebt.replicate"
has out "+1 call blobs.get"

prove texts of others cannot reach the terminal
printf '%s\n' '{"t":1,"l":"file","e":"start","ssbcap":1,"by":"x\u001b[2Jy"}' \
	'{"t":2,"c":1,"d":"in","l":"tcp","e":"accept","at":"\u202eevil"}' \
	'{"t":3,"c":1,"d":"in","l":"rpc","req":1,"type":"string","n":5,"b":"G1syShs="}' \
	'{"t":4,"c":1,"d":"in","l":"rpc","req":2,"type":"json","n":43,"j":{"name":["a\u001b[1m\u202e"],"args":["\u0007"]}}' \
	>evil.ssbcap
for view in --iso --verbose --flow --summary --json; do
	$kith dissect $view evil.ssbcap >out 2>err
	! LC_ALL=C grep -q "$(printf '[\001-\010\013-\037]')" out || fail $view
	! grep -q "$(printf '\342\200\256')" out || fail $view
done

prove a file that grows is followed
head -n 5 talk.ssbcap >grows
$kith dissect --follow grows >out 2>err &
pid=$!
shown() { [ "$(wc -l <out)" -ge "$1" ]; }
eventually shown 5 || fail "nothing shown"
tail -n +6 talk.ssbcap | head -c 700 >>grows
eventually shown 7 || fail "what was added is not shown"
tail -n +6 talk.ssbcap | tail -c +701 >>grows
eventually shown "$(wc -l <"$here/golden/dissect-list")" || fail "not all"
kill -INT $pid
wait $pid
[ $? = 0 ] || fail "not ended well"
same "$here/golden/dissect-list" out

prove damaged files of every kind neither crash it nor keep it busy
n=${DAMAGED:-40}
for file in talk.ssbcap talk.pcap talk.pcapng ours.pcapng talk.keys; do
	i=0
	while [ $i -lt "$n" ]; do
		i=$((i + 1))
		$recording $i $file damaged || fail "cannot damage $file"
		case $file in
		*.keys) set -- --keys damaged talk.pcap ;;
		*) set -- --keys talk.keys damaged ;;
		esac
		timeout 60 $kith dissect --verbose "$@" >out 2>err </dev/null
		case $? in
		0 | 1 | 3) ;;
		*) fail "exit $? for damage $i of $file" ;;
		esac
		lacks err Sanitizer
		lacks err "runtime error"
	done
done
