#!/bin/sh
# kith capture and kith tap as a person uses them.
. "$SRCDIR/tests/tools/lib.sh"
. "$SRCDIR/tests/tools/kithd.sh"
run 0 $kith --home a init
run 0 $kith --home b init
ann=$(cat a/secret | sed -n 's/.*"id": "\(@[^"]*\)".*/\1/p')

prove without kithd there is no capture
run 1 $kith --home a capture
has err "kithd"

begin a
begin b

prove misuse says what would be right
run 2 $kith --home a capture stop now
has err "usage: kith capture"
run 2 $kith --home a capture one two
run 2 $kith --home a capture stop --rotate
has err "takes no --rotate"
run 2 $kith --home a capture --limit 1K x.ssbcap
has err "at least 64K"
run 2 $kith --home a capture --limit much x.ssbcap
run 4 $kith --home a capture --peer @abc x.ssbcap
has err "no feed here is called abc"
run 1 $kith --home a capture stop
has err "no capture is on"
run 2 $kith --home a capture statsu
has err "neither start, status nor stop"
run 2 $kith --home a capture status now
has err "usage: kith capture"
[ ! -e x.ssbcap ] || fail "made in vain"

prove a capture begins and ends, says how it is, and warns
run 0 $kith --home a capture start x.ssbcap --keylog x.keys --limit 1M
has out "$work/x.ssbcap"
has err "whoever reads it knows it"
grep -q "warn.*capture begins.*x.ssbcap" a.log || fail "no warning in the log"
run 1 $kith --home a capture y.ssbcap
has err "on already"
run 0 $kith --home b connect "$(address a)"
run 0 $kith --home b disconnect "$(address a)"
run 0 $kith --home a --json capture
grep -q '^{"state":"on","file":"'"$work"'/x.ssbcap","keylog":"'"$work"'/x.keys","bytes":[0-9]*,"limit":1048576,"connections":1,"lost":0,"why":""}$' out ||
	fail "not so"
run 0 $kith --home a capture stop
has out "capture  off"
has out "1 connection"
run 0 $kith --home a capture status
has out "asked to"
run 0 $kith --home a capture
has out "asked to"
[ "$(ls -l x.ssbcap x.keys | cut -c 1-10 | sort -u)" = -rw------- ] ||
	fail "others may read it"
grep -q '^SSB1 ' x.keys || fail "no keys"
lacks x.ssbcap "$(sed -n 's/.*"private": "\([^"]*\)\.ed25519".*/\1/p' a/secret)"
run 0 $kith dissect --summary x.ssbcap
has out ebt.replicate

prove no file is written over, but a key log is gone on with
run 1 $kith --home a capture x.ssbcap
has err "exists"
run 0 $kith --home a capture --keylog x.keys y.ssbcap
run 0 $kith --home a capture stop
chmod 644 x.keys
run 1 $kith --home a capture --keylog x.keys z.ssbcap
has err "not yours alone"

prove without a name it goes into the home
run 0 $kith --home a capture start
run 0 $kith --home a capture stop
ls a/capture-*.ssbcap >/dev/null || fail "not there"

prove a tap says what it lacks
run 2 $kith tap x
has err "--listen and --to"
run 2 $kith tap --listen here --to 127.0.0.1:1 t.ssbcap
has err "HOST:PORT"
run 2 $kith tap --listen 127.0.0.1:0 --to 127.0.0.1:1 --key a/secret t.ssbcap
has err "who the server is"
run 2 $kith tap --listen 127.0.0.1:0 --to "$(address a)" --key b/secret t.ssbcap
has err "no --key is that of the server"
run 2 $kith tap --listen 127.0.0.1:0 --to "$(address a)" --app-key x t.ssbcap
has err "base64"
run 3 $kith tap --listen 127.0.0.1:0 --to "$(address a)" --key nowhere t.ssbcap
run 1 $kith tap --listen 127.0.0.1:0 --to "$(address a)" x.ssbcap
has err "exists"
run 1 $kith tap --listen 127.0.0.1:0 --to "$(address a)" --key a/secret \
	--key b/secret --keylog x.keys t.ssbcap
has err "not yours alone"
[ ! -e t.ssbcap ] || fail "made in vain"

prove a tap between two kithds shows each the other, and writes to a pipe
mkfifo pipe
$kith tap --listen 127.0.0.1:0 --to "$(address a)" --key a/secret \
	--key b/secret - >pipe 2>tap.err &
tap=$!
cat pipe >t.ssbcap &
reader=$!
eventually grep -q listening tap.err || fail "it does not listen"
grep -q "clients with 1 other key$" tap.err || fail "$(cat tap.err)"
at=$(sed -n 's/.*listening on \([^ ]*\) .*/\1/p' tap.err)
run 0 $kith --home b connect "$at"
has out "connected to $ann"
run 0 $kith --home b disconnect "$at"
kill $tap
wait $tap $reader
run 0 $kith dissect --name ebt t.ssbcap
has out "call ebt.replicate"

prove a tap whose key log cannot be written fails when it ends
head -c 4096 /dev/zero | tr '\0' '#' >long.keys
chmod 600 long.keys
sh -c "trap '' XFSZ; ulimit -f 2; exec $kith tap --listen 127.0.0.1:0 \
	--to $(address a) --key a/secret --key b/secret \
	--keylog long.keys -" >pipe 2>keys.err &
tap=$!
cat pipe >/dev/null &
eventually grep -qs listening keys.err || fail "it does not listen"
at=$(sed -n 's/.*listening on \([^ ]*\) .*/\1/p' keys.err)
run 0 $kith --home b connect "$at"
eventually grep -q "no more keys are written: long.keys" keys.err ||
	fail "$(cat keys.err)"
run 0 $kith --home b disconnect "$at"
kill $tap
wait $tap && fail "it did not fail"

prove a tap says whom it lets go, and why
$kith tap --listen 127.0.0.1:0 --to 127.0.0.1:1 gone.ssbcap 2>tap.err &
tap=$!
eventually grep -q listening tap.err || fail "it does not listen"
at=$(sed -n 's/.*listening on \([^ ,]*\).*/\1/p' tap.err)
$kith --home b rpc "net:$at~shs:$(echo "$ann" | cut -c 2-45)" whoami 2>err &&
	fail "somebody answered"
eventually grep -q "had to go: the server cannot be reached" tap.err ||
	fail "$(cat tap.err)"
kill $tap
wait $tap || fail "the tap failed"

prove a tap whose capture cannot be written fails when it ends
[ ! -w /dev/full ] ||
	run 1 sh -c "$kith tap --listen 127.0.0.1:0 --to 127.0.0.1:1 \
		--duration 1 - >/dev/full"
