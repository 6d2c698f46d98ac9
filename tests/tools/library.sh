#!/bin/sh
# The installed library and kith(3): each function is explained and in the header
# that the page names, headers stand alone, and the page's example works.  That
# it exports these functions and no others is for tests/exports.sh.
. "$SRCDIR/tests/tools/lib.sh"
page=$SRCDIR/doc/kith.3
library=$BUILDDIR/feeds/.libs/libkith.so
[ -e "$library" ] || {
	echo "no shared library was built: skipped"
	exit 77
}

sed -n '/^\.Sh SYNOPSIS/,/^\.Sh DESCRIPTION/p' "$page" |
	sed -n 's/^\.F[no] \(kith_[a-z0-9_]*\).*/\1/p' | sort >documented
[ -s documented ] || fail "no functions in the synopsis"

prove each function is explained
while read -r symbol; do
	sed '1,/^\.Sh DESCRIPTION/d' "$page" | grep -q "^\.Fn $symbol" ||
		fail "$symbol"
done <documented

prove each is declared in the header that the page names
sed '/^\.Sh DESCRIPTION/,$d' "$page" |
	awk '/^\.In /{h=$2} /^\.F[no] kith_/{print h, $2}' |
	while read -r header symbol; do
	grep -Eq "(^|[ *])$symbol\(" "$SRCDIR/$header" || {
		echo "$symbol is not in $header" >&2
		exit 1
	}
done || fail

command -v cc >/dev/null || exit 0

prove each header compiles alone
sed -n 's/^\.In //p' "$page" >headers
while read -r header; do
	echo "#include <$header>" >one.c
	cc -std=c11 -Wall -Wextra -Wpedantic -Werror -I"$SRCDIR" \
		-c one.c -o one.o >out 2>err || fail "$header"
done <headers

if nm -D "$library" | grep -Eq '__(asan|ubsan|tsan)_'; then
	echo "a library with sanitizers links to no plain program: the example" \
		"is skipped"
	exit 0
fi

prove the example of the page compiles and tells good from bad
sed -n '/^\.Sh EXAMPLES/,$p' "$page" | sed -n '/^\.Bd/,/^\.Ed/p' |
	sed '/^\./d; s/\\e/\\/g' >example.c
run 0 cc -std=c11 -Wall -Wextra -Werror -I"$SRCDIR" example.c "$library" \
	-Wl,-rpath,"$BUILDDIR/feeds/.libs" -o example
sed 1q "$here/feeds.ndjson" >good
sed 's/Hello/Hallo/' good >bad
run 0 ./example <good
has out " ok"
run 1 ./example <bad
has out "bad signature"
run 1 ./example </dev/null
