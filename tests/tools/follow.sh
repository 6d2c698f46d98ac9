#!/bin/sh
# --follow of what is private and of what concerns you: what comes while
# somebody reads; with kithd and without.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
. "$SRCDIR/tests/tools/persons.sh"
a="$kith --home a"
b="$kith --home b"
persons a b
reads() { # reads COMMAND...: from now on, into the file live
	: >live
	timeout 100 $b "$@" >live 2>err </dev/null &
	follower=$!
}
sees() {
	eventually grep -qF -e "$1" live || fail "never seen: $1: $(cat live)"
}
done_reading() {
	kill $follower
	wait $follower 2>/dev/null
}
give b a
run 0 $b follow "$($a id)"
say "an old letter" $a dm "person b"
run 0 $a group create
group=$(cat out)
say "before the key" $a group post "$group" -
give a b

hears_it_all() { # hears_it_all N: what comes, each under its number
	reads timeline --follow --private
	sees "an old letter"
	lacks live "letter $1"
	say "letter $1" $a dm "person b"
	give a b
	sees "letter $1"
	done_reading
	reads inbox --follow --private
	sees "an old letter"
	say "again $1" $a dm "person b"
	give a b
	sees "again $1"
	done_reading
	reads inbox --follow
	run 0 $a post "hello [@b]($($b id)), $1"
	run 0 $a post "hello nobody, $1"
	give a b
	sees "mention"
	eventually grep -q "mention.*hello.*$1" live || fail "$(cat live)"
	lacks live "nobody"
	done_reading
	reads query '{"text": "raspberry*"}' --private --follow
	say "raspberry $1" $a dm "person b"
	give a b
	sees "raspberry $1"
	done_reading
}

prove without kithd what is private is opened as it comes
hears_it_all 1

prove with kithd it is heard as soon as that has opened it
begin b
hears_it_all 2

prove what a later key opens is heard too
reads timeline --follow --private
sees "an old letter"
lacks live "before the key"
run 0 $a group invite "$group" "person b"
give a b
sees "before the key"
done_reading
run 0 $b stop

prove a query finds words in private where it is to look there, and not else
run 0 $b query '{"text": "raspberry*", "emit": "content"}'
[ ! -s out ] || fail
run 0 $b query --private '{"text": "raspberry*", "emit": "content"}'
has out "raspberry 1"
has out "raspberry 2"
run 0 $b query --private '{"private": true, "text": "letter"}'
has out "letter 1"
run 0 $b query --private '{"private": false, "text": "letter OR hello"}'
has out "hello"
lacks out "letter"
run 0 $b query --private '{"type": "post", "not": {"text": "hello"}}' -n all
has out "before the key"
lacks out "hello"
