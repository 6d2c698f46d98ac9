#!/bin/sh
# Man pages are well-formed mdoc.
command -v mandoc >/dev/null || {
	echo "mandoc is not installed: skipped"
	exit 77
}
bad=0
for page in "$SRCDIR"/doc/*.[1-9]; do
	mandoc -T lint -W warning "$page" || bad=1
done
exit $bad
