#!/bin/sh
# How kith is used: help, misuse, and that the man page has every command and
# option of the table.
. "$SRCDIR/tests/tools/lib.sh"
page=$SRCDIR/doc/kith.1
# Pages that say more of some commands: kith.1 has each in a line or two.
pages=$(ls "$SRCDIR"/doc/kith.1 "$SRCDIR"/doc/kith-[a-z]*.1 |
	grep -v -e '/kith-sync\.1' -e '/kith-depot\.1')

prove help lists the commands, and each has its own
run 0 $kith help
grep '^  [a-z]' out | awk '{print $1}' >commands
[ "$(wc -l <commands)" -ge 20 ] || fail "few commands"
run 0 $kith --help
run 2 $kith
while read -r c; do
	run 0 $kith help "$c"
	has out "usage: kith $c"
	cp out with-help
	run 0 $kith "$c" --help
	same with-help out
done <commands

prove help fits a terminal of 80 columns
while read -r c; do
	$kith help "$c"
done <commands | grep -v -e '^usage: ' -e '^  kith ' | grep -E '.{80}| $' &&
	fail "too wide, or a blank at the end"

prove help of what is no command names the nearest
run 2 $kith help psot
has err 'did you mean `kith post`?'

prove the man page has each command and no other
sed -n 's/^\.It Cm \([a-z-]*\).*/\1/p' "$page" | sort >described
sort commands >listed
same listed described

prove the man page has each option of each command, and no other
while read -r c; do
	$kith help "$c" | sed '/^for every/,$d' |
		sed -n "s/^  -\(.\), --\([a-z0-9-]*\).*/$c \1 \2/p"
done <commands | sort >listed
# What many have is described once, and named in the first line of each.
for p in $pages; do
	sed '1,/^\.Sh COMMANDS/d' "$p" | awk '
	/^\.Sh|^\.Ss/ { exit }
	/^\.It Cm/ { c = $3 }
	/page options/ { print c, "I iso"; print c, "C color" }
	/list options/ { print c, "n limit"; print c, "r reverse"
		print c, "S since"; print c, "U until"
		print c, "i ids"; print c, "0 null" }
	/publish options/ { print c, "y yes"; print c, "n dry-run" }
	/^\.It Fl . , Fl Fl/ { print c, $3, $7 }'
done | sort -u >described
same listed described
awk '/^\.Sh/ { on = $2 == "READING" || $2 == "PUBLISHING" }
	on && /^\.It Fl . , Fl Fl/ { print $3, $7 }' "$page" | sort >described
printf 'C color\nI iso\nn dry-run\ny yes\n' >listed
same listed described
sed -n '/^\.Sh LISTS/,/^\.Sh COMMANDS/p' "$SRCDIR/doc/kith-inspect.1" |
	sed -n 's/^\.It Fl \(.\) , Fl Fl \([a-z]*\).*/\1 \2/p' | sort >described
printf '0 null\nS since\nU until\ni ids\nn limit\nr reverse\n' >listed
same listed described
$kith help id | sed '1,/^for every/d' |
	sed -n 's/^  -\(.\), --\([a-z0-9-]*\).*/\1 \2/p' | sort >listed
sed '/^\.Sh COMMANDS/,$d' "$page" |
	sed -n 's/^\.It Fl \(.\) , Fl Fl \([a-z0-9-]*\).*/\1 \2/p' |
	sort >described
same listed described

prove the man page has each member of the JSON output and no other
members() { # members FILE...: of the records that they print
	cat "$@" | tr '\n' ' ' |
		grep -o 'record_[a-z]*(\(&\?r\|&\?to\), *"[a-z0-9_]*"' |
		sed 's/.*"\(.*\)"/\1/' | sort -u
}
# Those of kith sync, kith depot and kith adopt stand in pages of their own.
members $(ls "$SRCDIR"/tools/*.c "$SRCDIR"/tools/*/*.c | grep -v '/\(sync\|depot\|adopt\)[a-z_]*\.c$') \
	"$SRCDIR"/tools/carry/sync_plan.c >listed
for p in $pages; do
	sed -n '/^\.Sh JSON OUTPUT/,/^\.Sh E/p' "$p"
done >sections
[ -s listed ] || fail "no members"
while read -r member; do
	grep '^\.It\|^\.Li' sections | grep -qw "$member" ||
		fail "not $member"
done <listed
# Some are written without those functions, in lists and by kithd.
sed -n '/^\.It/s/Li //gp' sections | sed 's/^\.It //' | tr -d ' ' |
	tr , '\n' | sort -u >described
cat "$SRCDIR"/tools/*.c "$SRCDIR"/tools/*/*.c "$SRCDIR"/src/*/*.c >sources
while read -r member; do
	grep -q "\"[{,\\]*\"*$member\\\\*\"" sources || fail "no $member"
done <described

prove the man page has each state of explain and no other
sed -n '/explain_states\[EXPLAIN/,/^};/p' "$SRCDIR/tools/people/explain.c" |
	grep -o '"[a-z]*"' | tr -d '"' | sort >listed
[ -s listed ] || fail "no states"
awk '/^\.It/ { on = 0 } on && /^\.Cm/ { print $2 }
	/^\.It Li state$/ { state = NR }
	/^\.Cm explain :$/ && state == NR - 1 { on = 1 }' \
	"$SRCDIR/doc/kith-inspect.1" | sort >described
same listed described

for c in sync depot adopt; do
	prove the man page of kith $c has each member of its JSON output
	members $(ls "$SRCDIR"/tools/*/$c*.c | grep -v sync_plan) >listed
	[ -s listed ] || fail "no members"
	sed -n '/JSON/,$p' "$SRCDIR/doc/kith-$c.1" >described
	while read -r member; do
		grep -qw "$member" described || fail "not $member"
	done <listed
done

prove the page of kithd has each option of kithd and of its configuration
page=$SRCDIR/doc/kithd.8
$kithd --help-config | sed -n 's/^\([a-z][a-z.]*\)  (.*/\1/p' | sort >listed
sed '1,/^\.Sh CONFIGURATION/d' "$page" |
	sed -n 's/^\.It Cm \([a-z.]*\)$/\1/p' | sort >described
[ -s listed ] || fail "no options"
same listed described
$kithd --help | grep -o -e '--[a-z-]*' | sort -u >listed
sed -n '/^\.It/s/Fl Fl /--/gp' "$page" | grep -o -e '--[a-z-]*' |
	sort -u >described
same listed described

prove misuse exits with 2 and says what would be right
run 2 $kith psot
has err 'did you mean `kith post`?'
run 2 $kith frobnicate
has err 'kith help'
run 2 $kith help frobnicate
run 2 $kith log --nope
has err "no option --nope"
run 2 $kith log --limit
has err "lacks its value"
run 2 $kith id extra
has err "without arguments"
run 2 $kith follow
has err "usage: kith follow WHOM"
run 0 $kith --home h init
run 2 $kith --home h log -n 0
run 2 $kith --home h log -n 5x
run 2 $kith --home h log -n 99999999999999999999999
run 2 $kith --home h fsck --rebuild
has err "--write"
run 2 $kith --home h fsck @QO9eIjWS
has err "whole id"

prove an empty argument is misuse
run 2 $kith --home h import ""
has err 'argument 1 is empty; see `kith help import`'
run 2 $kith --home h post one ""

prove the version is printed
run 0 $kith --version
grep -Eqx 'kith [0-9.]+' out || fail
run 0 $kith log -V
grep -Eqx 'kith [0-9.]+' out || fail
run 2 $kith --home
has err '`kith help`'

prove output that cannot be written is an error
if [ -w /dev/full ]; then
	$kith help >/dev/full 2>err && fail "no error"
	has err "cannot write"
fi

prove without kithd the commands that need it say so
for c in "connect net:localhost:8008~shs:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=" \
	"disconnect @iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"; do
	run 1 $kith --home h $c
	has err "kithd is not running"
	has err "kithd --home h"
done
run 2 $kith --home h connect nonsense
has err "no address"
has err "@NAME"
run 2 $kith --home h disconnect nonsense
has err "kith peers"
run 4 $kith --home h connect @nobody
has err "no feed here is called nobody"
run 0 $kith --home h stop
has err "not running"
run 0 $kith --home h peers
[ ! -s out ] || fail "peers from nowhere"
