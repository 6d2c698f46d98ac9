#!/bin/sh
# The example in the help of each command, run as it stands there, and shown by
# the man page too.  A new command's example may speak of what
# tests/tools/examples.ndjson holds: Alice, Bob and Carol, who talk about
# gardening; and of the files that are made here.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
example() { # example COMMAND: its lines
	$kith help "$1" | sed -n '/^for example:$/,/^$/s/^  //p'
}

HOME=$work
KITH_HOME=$work/.kith
export HOME KITH_HOME
PATH=$BUILDDIR/tools:$PATH
alice=@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519
cp "$here/examples.ndjson" friends.ndjson
cp "$here/talk.ssbcap" .
echo "correct horse" >passphrase.txt
cp -r "$here/ssb-server" .ssb
printf '\211PNG\r\n\032\n\0\0\0\rIHDR\0\0\3\40\0\0\2\130\10\2\0\0\0' >photo.png
prove the home of the examples can be prepared
run 0 $kith --home alice init --secret "$here/alice.secret"
run 0 $kith init
run 0 $kith import friends.ndjson
run 0 $kith follow $alice
begin alice
port=$(address alice | sed 's/^net:[^:]*:\([0-9]*\)~.*/\1/')
begin .kith

$kith help | sed -n 's/^  \([a-z-]*\)  .*/\1/p' >commands
[ "$(wc -l <commands)" -ge 30 ] || fail "few commands"
# Others need kithd: it is stopped last.
grep -vx stop commands >order
echo stop >>order
mv order commands
while read -r c; do
	prove kith help "$c" has an example that can be run
	example "$c" >example
	[ -s example ] || fail "no example"
	sed "s/:8009:/:$port:/" example >lines
	while read -r line; do
		run 0 eval "$line" </dev/null
	done <lines
done <commands

prove the man pages show the same examples
command -v mandoc >/dev/null || {
	echo "mandoc is not installed: not compared"
	exit 0
}
for page in "$SRCDIR"/doc/kith.1 "$SRCDIR"/doc/kith-*.1; do
	mandoc -T ascii -O width=200 "$page" | sed 's/.\x08//g'
done >page
while read -r c; do
	example "$c" >example
	while read -r line; do
		has page "$line"
	done <example
done <commands
