# Makes feeds/casing.h out of the Unicode Character Database:
#
#	cd /usr/share/unicode   # Debian's package unicode-data
#	awk -f .../feeds/casing.awk DerivedCoreProperties.txt UnicodeData.txt

BEGIN {
	FS = "[;#]"
	for (i = 0; i < 16; i++)
		digit[substr("0123456789ABCDEF", i + 1, 1)] = i
}

function hex(text,    n, i)
{
	for (i = 1; i <= length(text); i++)
		n = n * 16 + digit[substr(text, i, 1)]
	return n
}

# Adds first..last to the ranges of a property; neighbours become one.
function add_range(property, first, last,    n)
{
	n = count[property]
	if (n && first == range_last[property, n] + 1) {
		range_last[property, n] = last
		return
	}
	n = ++count[property]
	range_first[property, n] = first
	range_last[property, n] = last
}

# Adds a lower-case mapping to the run before it if it goes on in the same
# steps, of one or of two, over the same distance.
function add_mapping(from, to,    n, gap)
{
	n = runs
	gap = from - run_last[n]
	if (n && to - from == run_delta[n] && gap <= 2 &&
	    (run_first[n] == run_last[n] || gap == run_step[n])) {
		run_step[n] = gap
		run_last[n] = from
		return
	}
	n = ++runs
	run_first[n] = run_last[n] = from
	run_delta[n] = to - from
	run_step[n] = 1
}

FILENAME ~ /DerivedCoreProperties/ {
	if (FNR == 1)
		version = substr($2, index($2, "-") + 1)
	gsub(/ /, "", $1)
	gsub(/ /, "", $2)
	if ($2 == "Cased" || $2 == "Case_Ignorable") {
		n = split($1, ends, "[.][.]")
		add_range($2, hex(ends[1]), hex(ends[n]))
	}
}

FILENAME ~ /UnicodeData/ && $14 != "" {
	add_mapping(hex($1), hex($14))
}

function print_ranges(property, name,    i)
{
	printf "\nstatic const struct casing_range %s[] = {", name
	for (i = 1; i <= count[property]; i++)
		printf "%s{ 0x%04x, 0x%04x },", i % 3 == 1 ? "\n\t" : " ",
			range_first[property, i], range_last[property, i]
	print "\n};"
}

END {
	sub(/[.]txt.*/, "", version)
	print "/*"
	print " * Letter case, Unicode " version ": made by feeds/casing.awk, which says"
	print " * how.  Only feeds/channel.c includes it."
	print " */"
	print "#ifndef FEEDS_CASING_H"
	print "#define FEEDS_CASING_H"
	print ""
	print "#include <stdint.h>"
	print ""
	print "/* Every step-th character from first to last has its lower case delta"
	print " * further on.  In order, as are the ranges. */"
	print "struct casing_run {"
	print "\tuint32_t first, last;"
	print "\tint32_t delta;"
	print "\tuint32_t step;"
	print "};"
	print ""
	print "struct casing_range {"
	print "\tuint32_t first, last;"
	print "};"
	printf "\nstatic const struct casing_run casing_lower[] = {"
	for (i = 1; i <= runs; i++)
		printf "%s{ 0x%04x, 0x%04x, %d, %d },", i % 2 == 1 ? "\n\t" : " ",
			run_first[i], run_last[i], run_delta[i], run_step[i]
	print "\n};"
	print_ranges("Cased", "casing_cased")
	print_ranges("Case_Ignorable", "casing_ignorable")
	print "\n#endif"
}
