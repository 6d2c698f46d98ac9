#!/bin/sh
# Two new users exchange posts, a picture and a letter by a stick, from the
# README alone: each of its commands is run in its order, and prints what stands
# there, but for ids and sizes.  Where the machine can, without any network.
if [ -z "${KITH_NO_NETWORK:-}" ] && unshare -n true 2>/dev/null; then
	KITH_NO_NETWORK=1 exec unshare -n "$0"
fi
. "$SRCDIR/tests/tools/lib.sh"
PATH=$BUILDDIR/tools:$PATH COLUMNS=80
export PATH COLUMNS
stick=$work/stick
mkdir "$stick" ann ben
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\0\001\0\0\0\001\b\006\0\0\0' \
	>ann/photo.png

# The chapter, its commands as "ann COMMAND", and what they print as "> LINE".
awk '/^Carry your feeds by hand/ { on = 1 }
	/^Where things are/ { on = 0 }
	on && /^\t(ann|ben)\$ / {
		sub(/^\t/, ""); sub(/\$/, ""); print; shown = 1; next }
	on && shown && /^\t/ { sub(/^\t/, "> "); print; next }
	/^[^\t]/ { shown = 0 }' "$SRCDIR/README" >chapter
prove the README has a chapter of commands
[ "$(grep -c '^ann ' chapter)" -ge 8 ] && [ "$(grep -c '^ben ' chapter)" -ge 8 ]  || fail

# shape: what does not differ from one run to the next.
shape() {
	sed 's/[@%&][A-Za-z0-9+\/=]\{8,\}\(\.[a-z0-9]*\)*/ID/g
		s/just now\|a minute ago\|[0-9]* seconds ago/NOW/
		s/[0-9.]* k\{0,1\}B$/SIZE/; s/  */ /g; s/^ //; s/ $//; /^$/d'
}

# here COMMAND: with the stick and the ids of this run.
here() {
	printf '%s\n' "$1" | sed "s|/media/stick|$stick|g; s|%R8lDOhbw|$post|
		s|cf3jhWop|$picture|"
}

# In the README's order; ids are learnt from what was printed.
post='' picture=''
expect() { # expect: what the last command printed stands in the README
	shape <out >got
	shape <want.raw >want
	same want got
	: >want.raw
}
: >want.raw
: >out
exec 3<chapter
while read -r who line <&3; do
	if [ "$who" = ">" ]; then
		printf '%s\n' "$line" >>want.raw
		continue
	fi
	expect
	prove "$who: $line"
	typed=$(here "$line")
	(cd $who && HOME=$work/$who sh -c "$typed") >out 2>err </dev/null ||
		fail "exit $?: $typed"
	case $line in
	*--attach*) post=$(cut -c1-9 out) ;;
	"kith timeline"*) picture=$(sed -n 's/.*photo.png &\([^]]*\)].*/\1/p' \
		out) ;;
	esac
done
expect

prove the picture is the same
cmp ann/photo.png ben/balcony.png || fail

prove the letter is in nobody\'s reach who finds the stick
! grep -rq "at nine" "$stick" || fail "it can be read there"
grep -rq "What grows there" "$stick" || fail "what is public cannot"

prove one round trip was enough: there is nothing new on either side
for who in ann ben ann ben; do
	(cd $who && HOME=$work/$who kith sync "$stick") >out 2>err || fail
done
grep -qx "nothing new" out || fail
HOME=$work/ben kith depot verify --signatures "$stick" >out || fail
grep -q "clean" out || fail
