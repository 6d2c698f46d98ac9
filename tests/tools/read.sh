#!/bin/sh
# Reading: listings and messages as they look, compared byte for byte.
. "$SRCDIR/tests/tools/lib.sh"
k="$kith --home h"
run 0 $k init
run 0 $k import "$here/feeds.ndjson"

prove listings look as they should
golden log $k log
golden log-feed $k log "$bob"
golden log-reverse $k log -r -n 3
golden log-type $k log --type contact
golden log-range $k log "$bob:2..4"
golden log-last $k log "$bob:-2"

prove the forms of one message are what they should be
golden cat $k cat "$bob:2"
golden cat-value $k cat "$bob:2" --value
golden cat-content $k cat "$bob:2" --content
golden cat-signing $k cat "$bob:2" --signing
$k cat "$bob:1" --hash-input | sha256sum | cut -c1-64 >hash
run 0 $k --json cat "$bob:1"
id=$(sed 's/.*"id":"%\([^.]*\)\..*/\1/' out)
printf %s "$id" | base64 -d | od -An -tx1 | tr -d ' \n' >want
echo >>want
same want hash

prove --wire gives the stored bytes and nothing else
run 0 $k cat "$bob:2" --wire
printf '\n' >>out
sed -n 6p "$here/feeds.ndjson" >want
same want out

prove export gives back what was imported
run 0 $k export
same "$here/feeds.ndjson" out
run 0 $k export "$ada"
head -4 "$here/feeds.ndjson" >want
same want out
run 0 $k export -k "$ada:2"
has out '{"key":"%NW7fZpIn'
has out '"timestamp":'

prove nothing that a terminal obeys comes out of a listing
esc=$(printf '\033') bidi=$(printf '\342\200\256')
for what in log "log --json" "cat $bob:2" "cat $bob:2 -v" "cat $bob:2 -c" \
	"cat $bob:2 --json"; do
	run 0 $k $what
	lacks out "$esc"
	lacks out "$bidi"
done

prove messages are found by every form of id
for name in "$bob:2" @npL3aCri:2 @npL3aCri…:2 %sshqmEFd %sshqmEFd… \
	%sshqmEFdZ4b7rMzpI75f6wIZfC70Y/4NMxQMNY99hB0=.sha256 \
	ssb:message/classic/sshqmEFdZ4b7rMzpI75f6wIZfC70Y_4NMxQMNY99hB0= \
	%MVIzbe4F^ rx:6; do
	run 0 $k cat "$name" -m
	has out "id        %sshqmEFdZ4b7"
done
run 0 $k log ssb:feed/classic/npL3aCricgudw-ZmIu2HHZC-b3IjtjQBraF1E48gms4=
[ "$(wc -l <out)" = 6 ] || fail "not six messages"

prove what is not here is not found, and nonsense is misuse
for name in %AAAAAAAAAA @AAAAAAAAAA @AAA "$bob:7" rx:11 \
	%AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256 "$bob:1..0"; do
	run 4 $k cat "$name"
	[ -s err ] || fail "no reason for $name"
done
for name in %AAA hello "$bob:x" "$bob:1..x" "$bob:2..1" rx:x ""; do
	run 2 $k cat "$name"
	[ -s err ] || fail "no reason for $name"
done
run 4 $k cat "%PVgo8tRC^"
run 2 $k cat -w -v rx:1

prove feeds and status count what is here
run 0 $k feeds --json
grep -F "\"feed\":\"$ada\"" out >line || fail
has line '"state":"ok","first":1,"seq":4'
run 2 $k feeds --sort colour
run 0 $k feeds --sort messages
sed -n 2p out >line
has line "$bob"
run 0 $k --json status
has out '"messages":10,'
has out '"running":false'
run 0 $k status
has out "kithd      not running"

prove a reader needs no right to write
chmod 500 h h/store
run 0 $k log -n 1
chmod 700 h h/store
