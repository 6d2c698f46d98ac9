#!/bin/sh
# kith init and id: an identity is made once, and never touched again.
. "$SRCDIR/tests/tools/lib.sh"

prove without a home every command says what to do and exits with 3
run 3 $kith --home h id
has err "kith --home h init"
run 3 $kith --home h log
has err "kith --home h init"
run 3 $kithd --home h
has err "kith init"
[ ! -e h ] || fail "the folder was made"
mkdir empty
run 3 $kith --home empty post hello
has err "kith --home empty init"
run 3 $kithd --home empty
has err "kith init"
run 0 $kith --home empty status
has out "kith --home empty init"

prove a configuration that cannot be read is not taken for an empty one
run 3 $kithd --home empty --config /nowhere
run 3 $kithd --home empty --config /
has err "Is a directory"
echo '{"friends":' >config
run 2 $kithd --home empty --config config
has err "config: line "
long=$(head -c 200 /dev/zero | tr '\0' d)
mkdir "$long"
cp config "$long"
run 2 $kithd --home empty --config "$long/config"
has err "d/config: line "
run 3 $kithd --home empty --config "$long/none"
has err "d/none: No such file"

prove init makes home, secret and store, and prints the id
run 0 $kith --home h init
id=$(cat out)
echo "$id" | grep -Eqx '@[A-Za-z0-9+/]{43}=\.ed25519' || fail "id: $id"
[ "$(stat -c %a h)" = 700 ] || fail "home is not private"
[ "$(stat -c %a h/secret)" = 400 ] || fail "secret is not private"
has h/secret "$id"
run 0 $kith --home h id
[ "$(cat out)" = "$id" ] || fail "another id"
run 0 $kith --home h id --json
[ "$(cat out)" = "{\"feed\":\"$id\"}" ] || fail

prove a second init changes nothing and says so
cp h/secret before
run 1 $kith --home h init
has err "$id already"
same before h/secret

prove KITH_HOME names the home
run 0 env KITH_HOME="$work/h" $kith id
[ "$(cat out)" = "$id" ] || fail "another id"

prove a secret that cannot be read is never replaced
mkdir -m 700 broken
echo junk >broken/secret
chmod 400 broken/secret
run 3 $kith --home broken init
[ "$(cat broken/secret)" = junk ] || fail
[ -s err ] || fail "no reason given"

prove an identity from elsewhere may not publish
run 0 $kith --home other init
rm -f other/secret
cp h/secret other/secret
run 1 $kith --home other post hello
has err "unconfirmed: this key may be in use elsewhere"
run 0 $kith --home other log
[ ! -s out ] || fail "something was published"
