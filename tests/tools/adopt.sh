#!/bin/sh
# kith adopt: what the stores of ssb-server and ssb-db2 hold comes over.  Both
# were written by those programs: ssb-server, with a group of ssb-tribes;
# and ssb-db2, with a message that was deleted.  ssb-keyring is a keystore alone.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
server=@/4fK6TMKtBjD0qY4DxNPKRJd0rja2rO2j/QnWrqmuhk=.ed25519
db2=@q5Vi0AHEJ0Tlzo1jUoyaBvfDngQHwtFe9cR02F+wW+E=.ed25519
group=%tviyTR6OpElU6+ECBeeO4pID7PWwLE+UGosjgM3wKt0=.cloaked
cp -r "$here/ssb-server" "$here/ssb-db2" "$here/ssb-keyring" .
chmod -R u+w ssb-server ssb-db2 ssb-keyring
state() { # state DIR: all that could change in it
	(cd "$1" && find . -printf '%p %m %s %T@\n' | sort &&
		find . -type f -exec cksum {} + | sort)
}
HOME=$work
export HOME

prove a dry run tells what would come, and makes nothing
state ssb-server >before
run 0 $kith --home h adopt --dry-run ssb-server
has out "identity: $server would be adopted"
has out "flume/log.offset: 6 messages, 0 deleted there, 0 damaged"
has out "6 accepted, 0 known already, 0 behind a gap, 0 refused"
has out "blobs: 1 taken, 0 here already, 0 left"
[ ! -e h ] || fail "a home was made"

prove the identity, messages, blobs, group keys of ssb-server come over
run 0 $kith --home h adopt ssb-server
has out "identity: $server adopted, unconfirmed"
has out "6 accepted"
has out "blobs: 1 taken"
has err "two programs must never write with one identity"
[ "$($kith --home h id)" = "$server" ] || fail "another identity"
state ssb-server >after
same before after

prove what was private can be read, that of a group too
run 0 $kith --home h --json inbox --private
has out "for me alone"
run 0 $kith --home h group log $group
has out "for the group"

# Of ssb-keyring 7: of three keys the second is the group's, and we were put out.
prove each key that a group had is tried
cp -r ssb-server rotated
rm -r rotated/tribes
mv ssb-keyring rotated/keyring
run 0 $kith --home rot --json adopt rotated
has out '{"part":"keys","taken":2,"known":0,"left":2}'
run 0 $kith --home rot group log $group
has out "for the group"

prove nothing can be published before a peer confirms
echo '{"type":"post","text":"too early"}' | run 1 $kith --home h publish
has err "unconfirmed"

prove again all is here
run 0 $kith --home h --json adopt ssb-server
has out '"part":"identity"'
has out '"state":"here already"'
has out '"accepted":0,"duplicate":6,'
has out '{"part":"blobs","taken":0,"known":1,"left":0}'

prove an address and all but what was deleted come over from ssb-db2
state ssb-db2 >before
run 0 $kith --home h2 --json adopt ssb-db2
has out "{\"part\":\"identity\",\"feed\":\"$db2\",\"state\":\"adopted, unconfirmed\"}"
has out '{"part":"peers","taken":1,"known":0,"left":0}'
has out '"source":"db2/log.bipf","messages":3,"deleted":1,"damaged":0'
run 0 $kith --home h2 verify
has out "3 ok, 0 bad"
state ssb-db2 >after
same before after

prove a home of another identity is left alone
run 1 $kith --home h2 adopt ssb-server
has err "nothing was taken"
lacks err "two programs"
run 0 $kith --home h2 feeds
lacks out "$server"
run 0 $kith --home h2 adopt --log-only ssb-server
has out "6 accepted"
lacks out "blobs:"
run 0 $kith --home h2 adopt --no-identity ssb-server
has out "blobs: 1 taken"
lacks out "keys:"

prove without a folder it is that of ssb-server, or what ssb_appname says
run 3 $kith --home h3 adopt
has err "$work/.ssb"
mv ssb-server .mine
ssb_appname=mine run 0 $kith --home h3 adopt
has out "6 accepted"
mv .mine ssb-server

prove no more addresses come over than kithd keeps
addresses() { # addresses FROM TO: a conn.json of them
	awk -v from="$1" -v to="$2" 'BEGIN {
		printf "{"
		for (i = from; i <= to; i++)
			printf("%s\"net:127.0.0.1:1~shs:%042dA=\":{}",
				i > from ? "," : "", i)
		print "}"
	}' >many/conn.json
}
mkdir many
cp ssb-server/secret many
addresses 1 600
run 0 $kith --home many-home adopt many
has out "peers: 600 taken, 0 here already, 0 left"
addresses 501 1001
run 0 $kith --home many-home adopt many
has out "peers: 400 taken, 100 here already, 1 left"

prove a torn log is told with the byte, and what is whole comes over
head -c 4000 "$here/ssb-server/flume/log.offset" >ssb-server/flume/log.offset
run 1 $kith --home h4 adopt ssb-server
has err "flume/log.offset, at byte "
has err "the last record is not whole"
has out "5 accepted"

prove what is neither is refused, and a home of ours, and the home itself
mkdir nothing
run 3 $kith --home h5 adopt nothing
has err "not the folder of another Scuttlebutt program"
run 3 $kith --home h5 adopt h
has err "a home of kith"
run 3 $kith --home h5 adopt nowhere
[ ! -e h5 ] || fail "a home was made"
run 2 $kith --home ssb-db2 adopt ssb-db2
has err "cannot be its own new home"
state ssb-db2 >after
same before after

prove settings that mean the same come over, and a file of ours stays
echo '{ "friends": { "hops": 3 }, /* old */ "port": 1,
	"blobs": { "max": 6000000, "sympathy": 99 } }' >ssb-db2/config
run 0 $kith --home h6 adopt ssb-db2
has out "settings: 2 taken, 0 here already, 1 left"
has h6/config '"hops": 3'
has h6/config '"max": 6000000'
lacks h6/config port
echo '{ "friends": { "hops": 1 } }' >h6/config
cp h6/config kept
run 0 $kith --home h6 adopt ssb-db2
has err "friends.hops is 3 there: left"
same kept h6/config
key=MTIzNDU2Nzg5MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTI=
echo "{ \"caps\": { \"sign\": \"$key\" } }" >ssb-db2/config
run 0 $kith --home h6 adopt ssb-db2
has err "caps.sign is another there: left"
lacks err "$key"
echo '{ "friends"' >ssb-db2/config
run 1 $kith --home h6 adopt ssb-db2
has err "config is left"
rm ssb-db2/config

prove with messages only what the network is comes over, and into what is empty
echo "{ \"caps\": { \"shs\": \"$key\" }, \"friends\": { \"hops\": 3 },
	\"blobs\": { \"sympathy\": 99 } }" >ssb-db2/config
run 0 $kith --home empty init
run 0 $kith --home empty adopt --log-only ssb-db2
has out "settings: 1 taken, 0 here already, 0 left"
has out "3 accepted"
has empty/config "\"shs\": \"$key\""
lacks empty/config hops
rm h6/config
for how in --log-only --no-identity --dry-run; do
	run 1 $kith --home h6 adopt $how ssb-db2
	has err "ssb-db2 is of another network"
	lacks out taken
	[ ! -e h6/config ] || fail "the network is another now"
done
run 0 $kith --home adopted init --secret ssb-server/secret
run 1 $kith --home adopted adopt --no-identity ssb-db2
has err "ssb-db2 is of another network"
rm ssb-db2/config

prove a pipe in the place of a file is refused, and not waited for
mkfifo ssb-db2/config
run 3 $kith --home h6 adopt ssb-db2
has err "config is no file"
rm ssb-db2/config

prove a blob that is another than its name says is left and named
find ssb-db2/blobs -type f -exec sh -c 'echo another >"$1"' sh {} \;
run 1 $kith --home h7 adopt ssb-db2
has err "is left: it is not what its name says"
has out "blobs: 0 taken, 0 here already, 1 left"

prove a blob that cannot be written leaves those before it taken and noted
three=three/blobs/sha256
mkdir -p $three/4e $three/6b $three/d4
printf 3 >$three/4e/07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce
printf 1 >$three/6b/86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
printf 2 >$three/d4/735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35
cp ssb-server/secret three
in_the_way=h8/blobs/sha256/6b/86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b
run 0 $kith --home h8 init
mkdir -p $in_the_way
run 1 $kith --home h8 adopt --no-identity three
has out "blobs: 1 taken, 0 here already, 2 left"
rmdir $in_the_way
run 0 $kith --home h8 adopt --no-identity three
has out "blobs: 2 taken, 1 here already, 0 left"

prove a blob that came when it could not be noted is noted the next time
run 0 $kith --home h9 init
mkdir h9/blobs
cp -r $three h9/blobs
touch -t 200101010000 h9/blobs/sha256/*/*
run 0 $kith --home h9 --json blob ls
has out '"added":978307200000'
run 0 $kith --home h9 adopt --no-identity three
has out "blobs: 0 taken, 3 here already, 0 left"
run 0 $kith --home h9 --json blob ls
lacks out '"added":978307200000'

prove beside kithd keys and addresses are left, which is told once and no success
cp ssb-db2/conn.json rotated
cp -r ssb-server/tribes rotated
begin rot
run 1 $kith --home rot --json adopt rotated
[ "$(grep -c "^kith: keys are left, since kithd runs" err)" = 1 ] || fail
has out '{"part":"keys","taken":0,"known":0,"left":6}'
has out '{"part":"peers","taken":0,"known":0,"left":1}'
run 0 $kith --home rot stop
run 0 $kith --home rot --json adopt rotated
has out '{"part":"keys","taken":0,"known":3,"left":3}'
has out '{"part":"peers","taken":1,"known":0,"left":0}'

prove a damaged file of addresses is told, and no success
echo '{' >rotated/conn.json
run 1 $kith --home rot adopt rotated
has err "conn.json is left"
