#!/bin/sh
# Shells complete commands, options, and what the store knows.
. "$SRCDIR/tests/tools/lib.sh"
PATH=$BUILDDIR/tools:$PATH
KITH_HOME=$work/h
export KITH_HOME
# Not one that is drawn, which may begin as a word that is completed.
run 0 kith init --secret "$here/ada.secret" \
	--first @ALdwSKY+g6lXszxVpmzAUKJCVOO/MN0+jwMRsFwvKaA=.ed25519
run 0 kith import "$here/examples.ndjson"
run 0 kith name "Zoe Q. \$HOME"
run 0 kith whois zoe # the views take it in
words() { # words KIND [PREFIX]
	run 0 kith help --complete "$1" -- ${2:+"$2"}
	[ ! -s err ] || fail "not silent"
}

prove words of the store are found by their beginning
words whom al
[ "$(cat out)" = "Alice	Alice" ] || fail
words whom
[ "$(cut -f1 out | head -n 3 | tr '\n' ' ')" = "Alice Bob Carol " ] || fail
words text @bO
[ "$(cat out)" = "@Bob	Bob" ] || fail
words feeds @al
[ "$(cat out)" = "@rmJQG0B+	Alice" ] || fail
words feeds @rmJ
[ "$(cat out)" = "@rmJQG0B+	Alice" ] || fail
words messages
[ "$(wc -l <out)" = 4 ] || fail "not all posts"
grep -q "^%8DoqT+Pt	Carol: The repair" out || fail
words messages %O40
[ "$(cut -f1 out)" = "%O40zV3CK" ] || fail
words channels Gard
[ "$(cat out)" = gardening ] || fail
words text "#bi"
[ "$(cat out)" = bicycles ] || fail

prove a name that a shell would take for something else becomes an id
words whom zoe
grep -q '^@[A-Za-z0-9+/]\{8\}	Zoe Q. ' out || fail
lacks out '$HOME	'

prove where nothing can be said, nothing is
words channels nowhere
[ ! -s out ] || fail
run 0 kith --home nowhere help --complete whom
[ ! -s out ] && [ ! -s err ] || fail
run 2 kith help --complete csh
has err "bash, zsh and fish"

prove bash completes commands, options, and what the store knows
run 0 kith help --complete bash
if command -v bash >/dev/null; then
	cp out complete
	completed() { # completed WORD... -- what the last may become, in a line
		bash -c '. ./complete; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
			_kith; echo "${COMPREPLY[@]}"' bash "$@" >out
	}
	completed kith for
	has out "forks forget"
	completed kith --home words pass
	has out "passphrase"
	completed kith -j export --o
	has out "--output"
	completed kith id --w
	lacks out "--w"
	completed kith init --w
	has out "--words"
	completed kith help ver
	has out "verify"
	completed kith follow b
	[ "$(cat out)" = Bob ] || fail
	completed kith reply %O4
	[ "$(cat out)" = %O40zV3CK ] || fail
	completed kith post --channel ga
	[ "$(cat out)" = gardening ] || fail
	completed kith post hello @car
	[ "$(cat out)" = @Carol ] || fail
	(unset KITH_HOME; completed kith -H "$work/h" cat @al)
	[ "$(cat out)" = @rmJQG0B+ ] || fail
	completed kith about @al
	[ "$(cat out)" = @Alice ] || fail
	completed kith links %O4
	[ "$(cat out)" = %O40zV3CK ] || fail
	completed kith backlinks "#gard"
	[ "$(cat out)" = gardening ] || fail
	completed kith tail --rej
	has out "--rejected"
	completed kith follow ""
	has out "Alice Bob Carol"
	completed kith group ""
	[ "$(cat out)" = "create invite list members post log" ] || fail
	completed kith graph --hops 2 ""
	[ "$(cat out)" = "path why cut" ] || fail
	completed kith graph why al
	[ "$(cat out)" = @rmJQG0B+ ] || fail "$(cat out)"
	completed kith blob un
	[ "$(cat out)" = unpin ] || fail
	completed kith depot status ""
	[ "$(cat out)" = "" ] || fail "words in place of folders"
	completed kith feed ""
	[ "$(cat out)" = unfreeze ] || fail
	completed kith capture ""
	[ "$(cat out)" = "start status stop" ] || fail
	completed kith peer ""
	[ "$(cat out)" = "" ] || fail "words in place of an address"
	completed kith peer local ""
	[ "$(cat out)" = "ping clock feed blobs" ] || fail
	completed kith peer --timeout 5 ""
	[ "$(cat out)" = "" ] || fail "a value in place of an address"
	completed kith peer --timeout 5 --home "$work/h" local pi
	[ "$(cat out)" = ping ] || fail
	completed kith --from x peer local pi
	[ "$(cat out)" = ping ] || fail
	completed kith peer --verify local fe
	[ "$(cat out)" = feed ] || fail
	completed kith peer local feed @al
	[ "$(cat out)" = @rmJQG0B+ ] || fail
fi

prove fish does
run 0 kith help --complete fish
if command -v fish >/dev/null; then
	cp out complete
	completed() { # completed LINE
		HOME=$work fish -N -c 'source complete; complete -C $argv[1]' \
			"$1" >out 2>err
		[ ! -s err ] || fail "$1"
	}
	completed "kith pos"
	has out "post	publish a post"
	completed "kith post --ch"
	has out "--channel	"
	completed "kith post --channel ga"
	has out "gardening"
	completed "kith follow "
	has out "Alice"
	completed "kith reply %O4"
	has out "%O40zV3CK	Bob: Broad beans"
	completed "kith help ver"
	has out "verify"
	completed "kith group "
	has out "invite"
	lacks out "Alice"
	completed "kith group invite X Al"
	has out "Alice"
	completed "kith capture "
	has out "status"
	completed "kith peer pi"
	lacks out "ping"
	completed "kith peer local pi"
	has out "ping"
	completed "kith --home $work/h peer pi"
	lacks out "ping"
	completed "kith peer --timeout 5 pi"
	lacks out "ping"
	completed "kith peer --verify --timeout 5 local pi"
	has out "ping"
	(unset KITH_HOME; completed "kith --home $work/h post hello @car")
	has out "@Carol"
fi

prove zsh does
run 0 kith help --complete zsh
if command -v zsh >/dev/null; then
	cp out _kith
	cat >keys <<'END'
zmodload zsh/zpty
typed() { # typed KEYS PATTERN: what the line becomes
	local screen
	zpty -w -n z $'\C-u'"$1"$'\t'
	zpty -r -m z screen "*$2*" || { print -r -- "$1: $screen"; exit 1 }
}
zpty z zsh -f -i
zpty -w z 'PS1="ready> "; fpath=($PWD $fpath); autoload -U compinit'
zpty -w z 'compinit -u -D; setopt no_beep; print "be""gin"'
zpty -r -m z screen '*begin*'
typed 'kith pos' 'kith post '
typed 'kith post --ch' '--channel '
typed 'kith post --channel ga' 'gardening'
typed 'kith follow Bo' 'Bob'
typed 'kith follow @rmJ' '@rmJQG0B+'
typed 'kith reply %O4' '%O40zV3CK'
typed 'kith help veri' 'verify'
typed 'kith group inv' 'invite '
typed 'kith graph why Al' '@rmJQG0B+'
typed 'kith capture sto' 'stop '
typed 'kith peer local pi' 'ping '
zpty -d z
print done
END
	TERM=dumb timeout 60 zsh -f keys >out 2>err </dev/null
	has out done
fi
