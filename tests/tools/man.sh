#!/bin/sh
# Man pages are well-formed mdoc, and what the table of features names is there.
bad=0
for name in $(grep -o '\(feeds\|src\|tools\|tests\)/[a-z0-9_./-]*' \
	"$SRCDIR/doc/features.txt"); do
	case $name in
	*.sh | *.c | *.js) [ -e "$SRCDIR/$name" ] ;;
	*) ls -d "$SRCDIR/$name"* >/dev/null 2>&1 ;;
	esac || {
		echo "doc/features.txt: there is no $name"
		bad=1
	}
done
[ $bad = 0 ] || exit 1
command -v mandoc >/dev/null || {
	echo "mandoc is not installed: skipped"
	exit 77
}
for page in "$SRCDIR"/doc/*.[1-9]; do
	mandoc -T lint -W warning "$page" || bad=1
	# What stands literally, and macros, are as long as they are.
	awk '/^\.Bd/ { literal = 1 } /^\.Ed/ { literal = 0 }
		!literal && !/^\./ && length > 82 {
			print FILENAME ":" FNR ": a line of " length " columns"
			bad = 1
		}
		END { exit bad }' "$page" || bad=1
done
exit $bad
