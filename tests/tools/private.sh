#!/bin/sh
# Private messages and groups, as a person writes and reads them; without kithd
# and with it.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
. "$SRCDIR/tests/tools/persons.sh"
a="$kith --home a"
b="$kith --home b"
c="$kith --home c"
persons a b c
id_of() { # id_of HOME
	$kith --home "$1" id
}
first() { # first: the id in the first record
	sed -n '1s/.*"id":"\([^"]*\)".*/\1/p' out
}
give a b
give b a
give c a

prove who will read a message is said in full before it goes
say "meet at nine" $a dm "person b"
has err "for Person b $(id_of b)"
has err "for you $(id_of a)"
run 4 $a dm nobody
has err "nobody here is called nobody"
run 4 $a dm "person b" "meet at nine"
has err "what you write is no argument"
run 0 $a log
lacks out "meet at nine"
has out "(box)"

prove it is read by whom it is for, and shown as private
give a b
run 0 $b inbox
lacks out "at nine"
run 0 $b inbox --private
has out "Person a: meet at nine"
has out new
run 0 $b --json inbox --private
has out '"boxed":"box"'
letter=$(first)
run 0 $b thread "$letter"
has out "meet at nine"
has out "  private"
run 0 $b timeline --all
lacks out "at nine"
run 0 $b timeline --all --private
has out "meet at nine"
give a c
run 0 $c inbox --private
[ ! -s out ] || fail "read by another"
run 0 $c thread "$letter"
lacks out "at nine"

prove a box is opened by who asks for it and has the key, in every form but the bytes
run 0 $b cat "$letter"
lacks out "at nine"
run 0 $b --json cat "$letter"
has out '"content":{"boxed":"box","bytes":'
run 0 $b cat --private "$letter"
has out '"text": "meet at nine'
run 0 $b --json cat --private "$letter"
has out '"boxed":"box"'
has out '"text":"meet at nine'
run 0 $b cat --private --content "$letter"
has out '"recps"'
run 0 $b cat --private --wire "$letter"
cp out wire
lacks out "at nine"
$b cat --private <wire >out 2>err || fail "not from a pipe"
has out '"text": "meet at nine'
$c cat --private <wire >out 2>err || fail "not from a pipe"
lacks out "at nine"
has out '.box"'
run 0 $b log --private --type post "$(id_of a)"
has out "[private] meet at nine"
run 0 $b log --type post "$(id_of a)"
lacks out "at nine"
run 0 $b --json links --private "$letter"
has out '"path":"content.recps[0]"'
run 0 $b links "$letter"
[ ! -s out ] || fail "links of a box"
run 0 $b --json backlinks --private "$(id_of b)"
has out "$letter"
run 0 $b --json backlinks "$(id_of b)"
lacks out "$letter"
mv b/secret b/aside
run 3 $b cat --private "$letter"
mv b/aside b/secret

prove an answer and a like are for the same readers, and in the same scheme
say "at ten" $b reply "$letter" -
has err "for Person a $(id_of a)"
run 0 $b like "$letter"
give b a
run 0 $a thread "$letter"
has out "at ten"
has out "liked by Person b"
run 0 $a log "$(id_of b)"
lacks out "at ten"
[ "$(grep -c '(box) ' out)" = 2 ] || fail "not both boxed"
run 1 $c reply "$letter" no
has err "is private, and not for you"

prove the newer scheme takes more readers, and is answered in kind
say "all of you" $a dm --box2 "person b" "person c"
give a b
run 0 $b --json inbox --private -n 1
has out '"boxed":"box2"'
say "here" $b reply "$(first)" -
give b a
run 0 $a --json log "$(id_of b):-1"
has out '"boxed":"box2"'

prove what does not fit is refused with the room there is
head -c 7000 /dev/zero | tr '\0' x >long
"$kith" --home a dm "person b" <long >out 2>err && fail "it went"
has err "too long by"
lacks err xxx

prove a dry run signs nothing, and a terminal-less one says what it would be
run 0 $a --json log "$(id_of a)"
before=$(wc -l <out)
say "not sent" $a dm --dry-run "person b"
has out '"text":"not sent"'
has out '"recps":['
run 0 $a --json log "$(id_of a)"
[ "$(wc -l <out)" = "$before" ] || fail "it was signed"

prove a group is founded, joined and read, also what was said before
run 0 $a group create
group=$(cat out)
say "first words" $a group post "$group" -
run 0 $a group invite --text "come in" "$group" "person b"
has err "for Person b $(id_of b)"
give a b
run 0 $b group list
has out "$group  2 members, by Person a"
run 0 $b group log "$group"
has out "first words"
has out "adds you to the group: come in"
lacks out groupKey
run 0 $b --json group log "$group"
lacks out groupKey
say "thanks" $b group post "$(printf %.9s "$group")" -
give b a
run 0 $a group log -l 1 "$group"
has out thanks
lacks out "first words"
run 0 $a group members "$group"
has out "$(id_of a)  Person a"
has out "$(id_of b)  Person b"
give a c
run 0 $c group list
[ ! -s out ] || fail "in a group of others"
run 4 $c group log "$group"
has err "you are in no group"
run 2 $a group
run 2 $a group dance
has err "create, invite, list, members, post and log"
run 2 $a group invite "$group"

prove an export leaves it closed, unless it is asked for, and keys always
run 0 $a export
lacks out "first words"
run 0 $a export --private
has out "first words"
has out "meet at nine"
lacks out groupKey
run 2 $a export --private --canonical
for form in ndjson sqlite; do
	run 0 $a export --private --format $form -o opened.$form
	[ "$(ls -l opened.$form | cut -c 1-10)" = -rw------- ] ||
		fail "others may read it: $(ls -l opened.$form)"
done

prove a query gives what was opened, and no key of a group
for emit in content value; do
	run 0 $a query --private '{"private": true, "emit": "'$emit'"}' -n all
	has out '"type":"group/add-member"'
	has out "first words"
	lacks out groupKey
done
run 0 $a --json query --private '{"private": true}' -n all
has out '"type":"group/add-member"'
lacks out groupKey

prove the seed of metafeeds is shown by nothing that lists
echo '{"type":"metafeed/seed","seed":"5eed5eed"}' | run 0 $a publish --yes
run 0 $a log
has out "metafeed/"
lacks out 5eed5eed

prove a file that goes with it is boxed, and its key is in the message alone
echo "a secret map" >map.txt
say "look at this" $a dm --attach map.txt "person b"
give a b
run 0 $b --json inbox --private --limit 1
link=$(sed -n 's/.*(\(&[^)]*boxs\)).*/\1/p' out)
has out '"query":{"unbox":"'
has out '"name":"map.txt","type":"text/plain","size":13'
! grep -rqF "a secret map" a/blobs || fail "it lies open"
mkdir -p b/blobs
cp -R a/blobs/sha256 b/blobs/
run 0 $b blob get "$link"
same map.txt out
run 0 $b blob get "${link%%\?*}" -o boxed
! cmp -s map.txt boxed || fail "it is not boxed"
run 3 $b blob get "${link%%\?*}?unbox=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=.boxs"
has err "does not open it"
say "and back" $b reply --attach map.txt "$letter"
say "to all of us" $a group post --attach map.txt "$group" -
run 0 $a --json group log "$group" --limit 1
has out '.boxs)'

prove what other clients boxed is opened
base64 -d >theirs <<'EOF'
6NwI1WHsv2hkwNLGx+/xRMN1ho09Tg7dRQLDqU99mbni+AGSnWAkQwVJUPRl6P/bNgCaj3DycNSyS36jhlYMxoiA5P11BEP9w/Q51w03U7aSja2HJRpFZjg=
EOF
run 0 $b blob add theirs
id="&mEESRt0onE+H9aJ41vFYpESIseffbcxe2fk1GXZLKpg=.sha256"
has out "$id"
run 0 $b blob get "$id?unbox=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=.boxs"
has out "hello from elsewhere"
head -c 80 theirs >cut
run 0 $b blob add cut
run 3 $b blob get "$(cat out)?unbox=BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=.boxs"
has err "it is cut"

prove a sealed secret is asked for where private things are, and only there
echo "correct horse" >passphrase
run 0 $b passphrase --new-file passphrase
run 0 $b inbox
run 3 $b inbox --private </dev/null
has err passphrase
run 0 $b --passphrase-file passphrase inbox --private
has out thanks

prove kithd does the same
begin a
say "by kithd" $a dm "person c"
say "by kithd too" $a dm --box2 "person c"
say "in the group" $a group post "$group" -
run 0 $a group create
second=$(cat out)
run 0 $a group invite "$second" "person c"
run 0 $a group list
has out "$second  2 members"
run 0 $a group log "$group"
has out "in the group"
run 0 $a rpc local kith.query '[{"private":true},{"private":true}]'
has out '"type":"group/add-member"'
lacks out groupKey
run 0 $a rpc local private.read
has out groupKey # programs of other people get what npm peers give
give a c
run 0 $c inbox --private
has out "by kithd"
has out "by kithd too"
run 0 $c group list
has out "$second  2 members, by Person a"

prove status says how much is open, and how much is not
run 0 $b status
has out "private "
has out "that a key to come may open"
run 0 $b --json status
has out '"opened":'
has out '"keys_dropped":0'
run 0 $kith --home new init
run 0 $kith --home new post "in the open"
run 0 $kith --home new status
lacks out "private "
lacks out "not tried"
