# Homes of several people who hand messages to each other; sourced behind lib.sh.

persons() { # persons HOME...: an identity in each, and a name
	for home; do
		run 0 $kith --home "$home" init
		run 0 $kith --home "$home" name "Person $home"
	done
}

give() { # give FROM TO: what FROM has
	run 0 $kith --home "$1" export -o messages
	run 0 $kith --home "$2" import messages
}

say() { # say TEXT COMMAND...: the text comes from a pipe
	text=$1
	shift
	printf '%s\n' "$text" >text
	"$@" <text >out 2>err || fail "exit $?: $*"
}
