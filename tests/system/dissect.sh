#!/bin/sh
# What tcpdump records of two kithd on loopback, opened by a key log, is what
# the capture of one of them has, packet by packet.  Needs to be let record.
SRCDIR=$(cd "$(dirname "$0")/../.." && pwd)
BUILDDIR=$KITH_BUILD
export SRCDIR BUILDDIR
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
command -v tcpdump >/dev/null || {
	echo "tcpdump is not installed"
	exit 77
}

prove two kithd can be recorded
run 0 $kith --home alice init
run 0 $kith --home bob init
run 0 $kith --home alice post --yes "beans, recorded"
begin alice
port=$(address alice | sed 's/^net:[^:]*:\([0-9]*\)~.*/\1/')
tcpdump -i lo -B 16384 -U -w talk.pcap "tcp port $port" >tcpdump.log 2>&1 &
dump=$!
recording() { grep -q "listening on" tcpdump.log || ! kill -0 $dump 2>/dev/null; }
eventually recording
kill -0 $dump 2>/dev/null || {
	echo "tcpdump may not record: $(tail -n 1 tcpdump.log)"
	exit 77
}
run 0 $kith --home alice capture start --keylog "$work/talk.keys" \
	"$work/talk.ssbcap"
begin bob
id=$($kith --home alice id)
run 0 $kith --home bob follow --yes "$id"
run 0 $kith --home bob connect "$(address alice)"
until_seen bob "beans, recorded"
run 0 $kith --home bob stop
run 0 $kith --home alice capture stop
# Every connection that kithd saw end.
closes=$(grep -c '"e":"close"' talk.ssbcap)
ended() {
	[ "$($kith dissect --keys talk.keys talk.pcap 2>/dev/null |
		grep -c 'tcp  closed')" -ge "$closes" ]
}
eventually ended || fail "its end was not recorded"
kill -INT $dump
wait $dump
grep -q '^0 packets dropped by kernel' tcpdump.log || {
	echo "tcpdump could not keep up: $(grep dropped tcpdump.log)"
	exit 77
}

prove both tell the same packets in the same order
packets() { # packets DIR FILE...: what went that way, as it was said
	way=$1
	shift
	$kith dissect --json --bodies "$@" | grep '"layer":"rpc"' |
		grep "\"dir\":\"$way\"" | sed 's/.*"layer"/"layer"/'
}
# Alice was dialled: what comes in to her is what the client says.
packets in talk.ssbcap >in
packets out talk.ssbcap >out
[ "$(wc -l <in)" -ge 4 ] && [ "$(wc -l <out)" -ge 4 ] || fail "few packets"
packets out --keys talk.keys talk.pcap >client
packets in --keys talk.keys talk.pcap >server
same in client
same out server
echo "ok $(cat in out | wc -l) packets recorded by tcpdump are the same"
