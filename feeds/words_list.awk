# Makes feeds/words_list.h out of the English list of BIP 39, one word a line:
#
#	awk -f .../feeds/words_list.awk english.txt

BEGIN {
	print "/*"
	print " * The English words of BIP 39: made by feeds/words_list.awk,"
	print " * which says how.  Only feeds/words.c includes it."
	print " */"
	print "#ifndef FEEDS_WORDS_LIST_H"
	print "#define FEEDS_WORDS_LIST_H"
	print ""
	print "enum { WORDS_LISTED = 2048, WORDS_LETTERS_MAX = 8 };"
	print ""
	print "/* Sorted; no two begin with the same four letters. */"
	printf "static const char " \
		"words_list[WORDS_LISTED][WORDS_LETTERS_MAX + 1] = {"
}

{
	word = "\"" $1 "\","
	if (!column || column + 1 + length(word) > 80) {
		printf "\n\t"
		column = 8
	} else {
		printf " "
		column++
	}
	printf "%s", word
	column += length(word)
}

END {
	print "\n};\n\n#endif"
}
