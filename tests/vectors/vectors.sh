#!/bin/sh
# Runs the vectors of others, where they lie beside the tree; our own copies
# are what the runner takes by itself.
public=$SRCDIR/../shared/vectors/public
if ! [ -d "$public" ]; then
	echo "skipped: $public is not here"
	exit 77
fi
exec "$BUILDDIR/tests/vectors/run" "$public"
