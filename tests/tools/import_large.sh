#!/bin/sh
# kith import: files that do not fit into memory, in the worst orders.
. "$SRCDIR/tests/tools/lib.sh"
generate=$BUILDDIR/tests/bench/generate
k="$kith --home h"
fresh() {
	rm -rf h
	run 0 $k init
}
"$generate" 12000 40 mixed 7 >all || fail "no messages to import"
fresh
run 0 $k import all
has out "12000 accepted, 0 known already, 0 behind a gap, 0 refused"
run 0 $k export
sort out >sorted

# imports_whole FILE: what gets in is all.
imports_whole() {
	fresh
	run 0 $k import "$1"
	has out "12000 accepted, 0 known already, 0 behind a gap, 0 refused"
	run 0 $k export
	sort out | cmp -s sorted - || fail "something else got in"
}

prove a file that is backwards gets in whole in one go
tac all >backwards
imports_whole backwards

prove one that is shuffled as well, and temporary files leave nothing behind
awk 'BEGIN { srand(7) } { print rand() "\t" $0 }' all | sort -n |
	cut -f 2- >shuffled
mkdir tmp
TMPDIR=$work/tmp
export TMPDIR
imports_whole shuffled
[ -z "$(ls tmp)" ] || fail "$(ls tmp)"

prove one that has everything three times is no worse
cat shuffled backwards all | gzip -1 >thrice.gz
fresh
run 0 $k import thrice.gz
has out "12000 accepted, 24000 known already, 0 behind a gap, 0 refused"

prove a limit for temporary files is kept, and what to do is said
fresh
run 1 $k import --spill-limit 1 backwards
has err "--spill-limit"
has err "could not be kept"
run 0 $k import backwards
has out "0 behind a gap, 0 refused"
run 0 $k verify
has out "12000 ok, 0 bad"

prove a folder for temporary files that is not there is named
fresh
TMPDIR=/nowhere/at/all
run 1 $k import backwards
has err "/nowhere/at/all"
unset TMPDIR

prove a forged message in front of a feed does not hold it back
fresh
feed=$(head -1 all | sed 's/.*"author":"\([^"]*\)".*/\1/')
{
	grep -F "\"author\":\"$feed\"" all | sed 's/"timestamp":1/"timestamp":2/;2q'
	cat all
} >forged
run 1 $k import forged
has out "12000 accepted, 0 known already, 0 behind a gap, 2 refused"

prove a file that may not grow any more ends it with what to do
fresh
(
	ulimit -f 10000
	run 3 $k import all
	has err "what was accepted is written"
	has err "make room and import the same again"
) || exit 1
run 0 $k import all
has out "0 behind a gap, 0 refused"
run 0 $k verify
has out "12000 ok, 0 bad"

prove a dry run of it says the same
fresh
run 0 $k import -n backwards
has out "12000 accepted, 0 known already, 0 behind a gap, 0 refused"
run 0 $k export
[ ! -s out ] || fail "something was written"
