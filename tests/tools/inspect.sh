#!/bin/sh
# The chapter on inspection, doc/inspect.txt: each command that stands in it is
# run, and says what stands there.  UPDATE=FILE writes the chapter into FILE as
# it should be.
. "$SRCDIR/tests/tools/lib.sh"

prove the home of the chapter can be prepared
PATH=$BUILDDIR/tools:$PATH
KITH_HOME=$work/home
export KITH_HOME
cp "$here/examples.ndjson" friends.ndjson
cp "$here/branch-a.ndjson" phone.ndjson
cp "$here/branch-b.ndjson" laptop.ndjson
cp "$here/talk.ssbcap" "$here/edges.ndjson" .
run 0 kith init --secret "$here/alice.secret"
run 0 kith import friends.ndjson
run 0 kith import phone.ndjson

# Indented lines that begin with "$ " are commands; the indented ones behind
# them are what they say, empty ones among them too.  How fast it went is left
# out.
: >said
told=no empty=
while IFS= read -r line; do
	case $line in
	'') [ $told = no ] && echo >>said || empty="$empty
" ;;
	'    $ '*)
		printf '%s%s\n' "$empty" "$line" >>said
		empty=
		eval "${line#    \$ }" </dev/null >out 2>&1
		sed 's/([0-9.]* s, [0-9]* messages a second)/(in no time)/
			s/^/    /; s/ *$//' out >>said
		told=yes
		;;
	'    '*)
		empty=
		[ $told = yes ] || printf '%s\n' "$line" >>said
		;;
	*)
		printf '%s%s\n' "$empty" "$line" >>said
		told=no empty=
		;;
	esac
done <"$SRCDIR/doc/inspect.txt"
[ -z "${UPDATE-}" ] || cp said "$UPDATE"

prove each command of the chapter says what stands there
[ "$(grep -c '^    \$ ' said)" -ge 20 ] || fail "few commands"
same "$SRCDIR/doc/inspect.txt" said
