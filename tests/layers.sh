#!/bin/sh
# Fails when a file includes a layer that its own layer may not know, or a
# pure layer reaches for the system.  The table stands in README, "Where things
# are".
cd "$SRCDIR" || exit 1
bad=0
forbid() { # forbid FOLDER PATTERN [BUT]: extended regular expressions
	if grep -rnE --include='*.[ch]' "^#include [<\"]($2)" "$1" |
		grep -vE "#include \"(${3:-NONE})"; then
		echo "$1 may not include $2" >&2
		bad=1
	fi
}
others() { # others ALLOWED...: every folder of src but these
	for folder in wire gossip store views ingest depot url net web daemon \
		client fsck source; do
		case " $* " in
		*" $folder "*) ;;
		*) printf '%s|' "$folder" ;;
		esac
	done | sed 's/|$//'
}
layer() { # layer FOLDER ALLOWED...
	folder=$1
	shift
	forbid "src/$folder" "(src/($(others "$folder" "$@"))/|tools/|tests/)"
}
system='uv\.h|lmdb\.h|curl/|sys/|unistd\.h|time\.h|pthread\.h|fcntl\.h|netdb\.h|src/log\.h'

forbid feeds "src/|tools/|tests/|jansson\.h|$system"
layer wire
layer gossip wire
layer store
layer views store gossip
layer ingest views store
layer fsck ingest views store
layer url
layer depot ingest gossip store url
layer client wire
layer source depot store client wire url gossip
layer net
layer web views store
# Of gossip, views know the graph: hops have one rule in one place.
forbid src/views 'src/gossip/([^g]|g[^r])'
forbid src/wire "$system|stdio\.h|jansson\.h"
forbid src/gossip "$system|stdio\.h|jansson\.h"
forbid tools 'src/(daemon|web|net)/|tests/'
forbid tools 'src/views/search_(private|parse|text)'
# Rooms of commands know those that they share, and no other room of commands;
# what is shared knows none of them, and only what stands in front of it here.
commands='begin|say|read|people|carry|look|count|wire|keep'
for room in begin say read people carry look count wire keep; do
	others=$(echo "|$commands|" | sed "s/|$room|/|/; s/^|//; s/|\$//")
	case $room in
	# What contacts and profiles change is said like all else.
	people) forbid tools/$room "tools/($others)/" \
		'tools/say/(publish|attach)\.h' ;;
	*) forbid tools/$room "tools/($others)/" ;;
	esac
done
below=
for room in stream text draw pick print from pass complete; do
	below="$below|$room"
	forbid tools/$room "tools/[a-z]+/" "tools/(${below#|})/"
done
# Of tools one file writes tables of SQLite, for who looks with SQL.
if grep -rnlE --include='*.[ch]' '^#include <sqlite3' feeds src tests tools |
	grep -v -e '^src/views/search_' -e '^tools/carry/export_sqlite\.c$'; then
	echo "only src/views/search_* and tools/carry/export_sqlite.c may know" \
		"sqlite3.h" >&2
	bad=1
fi
if grep -rnlE --include='*.[ch]' '^#include <microhttpd' feeds src tests tools |
	grep -v '^src/web/'; then
	echo "only src/web may know microhttpd.h" >&2
	bad=1
fi
for folder in src/*/; do
	case $folder in
	src/store/) forbid "$folder" 'uv\.h|curl/' ;;
	src/net/) forbid "$folder" 'lmdb\.h|curl/' ;;
	src/url/) forbid "$folder" 'lmdb\.h|uv\.h' ;;
	*) forbid "$folder" 'lmdb\.h|uv\.h|curl/' ;;
	esac
done
exit $bad
