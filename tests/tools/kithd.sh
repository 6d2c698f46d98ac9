# Helpers of the tests that run kithd; sourced after lib.sh.
daemons=
trap 'for h in $daemons; do $kith --home $h stop >/dev/null 2>&1; done
	rm -rf "$work"' EXIT

# begin HOME [OPTION...]: starts kithd there, which logs to HOME.log from its
# start on, and waits until it listens.
begin() {
	home=$1
	shift
	daemons="$daemons $home"
	: >"$home.log"
	$kithd --home "$home" --listen 127.0.0.1:0 "$@" 2>>"$home.log" &
	echo $! >"$home.pid"
	eventually listens_or_ended && grep -q socket= "$home.log" ||
		fail "kithd did not start: $(cat "$home.log")"
}

listens_or_ended() {
	grep -q socket= "$home.log" || ! kill -0 "$(cat "$home.pid")"
}

# crash HOME: kills the kithd that was begun there, and waits for its end.
crash() {
	kill -9 "$(cat "$1.pid")" || fail "kithd had ended by itself"
	wait "$(cat "$1.pid")" 2>/dev/null
}

# address HOME: where its kithd listens.
address() {
	sed -n 's/.*listening address=//p' "$1.log"
}

# until_seen HOME TEXT: follows the log until a line has the text.
until_seen() {
	mkfifo follow
	timeout 60 $kith --home "$1" log --follow --limit all >follow 2>err &
	follower=$!
	grep -qm1 -F -e "$2" follow || fail "never seen: $2"
	kill $follower
	rm follow
}
