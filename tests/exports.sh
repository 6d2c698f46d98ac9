#!/bin/sh
# The library's exported symbols are exactly the functions of kith(3), and
# start with kith_; installed headers declare no others.
page=$SRCDIR/doc/kith.3
library=$BUILDDIR/feeds/.libs/libkith.so
scratch=$(mktemp -d) || exit 1
trap 'rm -rf "$scratch"' EXIT

sed -n 's/^\.F[no] \([a-z0-9_]*\).*/\1/p' "$page" | sort -u >"$scratch/page"
nm -D --defined-only "$library" | awk '$2 == "T" || $2 == "D" || $2 == "R" \
	|| $2 == "B" { print $3 }' | sort -u >"$scratch/library"

[ -s "$scratch/library" ] || { echo "no symbols in $library"; exit 1; }
if grep -v '^kith_' "$scratch/library"; then
	echo "exported, but not kith_" >&2
	exit 1
fi
diff -u "$scratch/page" "$scratch/library" || exit 1

# A prototype begins at the margin; its first line says whether it is exported.
sed -n 's/^\.In //p' "$page" | while read -r header; do
	awk -v name="$header" '
	/^[a-zA-Z].*\(/ && !/^static / && !/^KITH_API / &&
		(!/^kith_/ || before !~ /^KITH_API /) {
		print name ": " $0
	}
	{ before = $0 }' "$SRCDIR/$header"
done >"$scratch/hidden"
if grep . "$scratch/hidden"; then
	echo "in an installed header, but not exported" >&2
	exit 1
fi
