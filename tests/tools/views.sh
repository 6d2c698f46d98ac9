#!/bin/sh
# Views: how far they are, what catches up when, and making one anew.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"

k="$kith --home one"
run 0 $k init

# up_to_date: no view is behind, and each is ready; but for what is private,
# which follows only where the secret is at hand.
up_to_date() {
	$k --json views >views.all || return 1
	grep -v '"view":"private"' views.all >views.json
	! grep -qv '"behind":0' views.json &&
		! grep -qv '"state":"ready"' views.json
}
rows() { # rows VIEW: how many it has
	$k --json views | sed -n "s/.*\"view\":\"$1\".*\"rows\":\([0-9]*\).*/\1/p"
}

prove an import leaves no view behind
run 0 $k import "$here/feeds.ndjson"
up_to_date || fail "$(cat views.json)"
types=$(rows types)
[ "$types" -gt 0 ] || fail "no rows"

prove views are listed for people
run 0 $k views
has out "types"
has out "behind"

prove what was published without kithd is there for whoever reads
run 0 $k post "something #new"
run 0 $k --json query '{"channel":"new"}'
has out "something #new"
up_to_date || fail "$(cat views.json)"

prove a view is made anew without kithd
run 0 $k views --rebuild types
up_to_date || fail "$(cat views.json)"
[ "$(rows types)" = $((types + 3)) ] || fail "$(rows types) rows, not $types and 3"
run 4 $k views --rebuild nothing
has err '`kith views`'

prove a view that is folded with each message is not cleared while it is needed
run 1 $k views --rebuild contacts
has err "fsck --rebuild"

prove kithd lets whoever reads find what was written before
begin one
for i in 1 2 3 4 5; do
	run 0 $k post "number $i of #many"
	run 0 $k --json query '{"channel":"many"}'
	[ "$(wc -l <out)" = $i ] || fail "not $i"
done

prove kithd catches up by itself
run 0 $k post "and no more"
eventually up_to_date || fail "$(cat views.json)"

prove a view is made anew beside kithd
types=$(rows types)
run 0 $k views --rebuild types
run 0 $k views --rebuild links
up_to_date || fail "$(cat views.json)"
[ "$(rows types)" = "$types" ] || fail "other rows"

prove a forgotten feed leaves its rows, and the views right
run 0 $k forget "$bob"
[ "$(rows types)" -lt "$types" ] || fail "as many rows"
run 0 $k stop
run 0 $k fsck --full

prove compaction keeps the views
types=$(rows types)
run 0 $k compact
[ "$(rows types)" = "$types" ] || fail "other rows"
up_to_date || fail "$(cat views.json)"

prove a backup comes back with views that are right
run 0 $k backup one.kith
run 0 $kith --home two restore one.kith
run 0 $kith --home two --json query '{"channel":"many"}'
[ "$(wc -l <out)" = 5 ] || fail "not five"
run 0 $kith --home two fsck --full
