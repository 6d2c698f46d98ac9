/* kith: look inside.  The rows of this room, and their options. */
#include "tools/look/commands.h"

#include "tools/look/listing.h"
#include "tools/rows.h"

static const struct option_row feeds_options[] = {
	{ 's', "sort", "WHAT", "by hops (default), bytes, messages, last, "
			       "state or id" },
	{ 'w', "where", "CONDITION", "only those: state=forked, hops<=1; may "
				     "be given again" },
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	{ 'r', "reverse", NULL, "the other way round" },
	IDS_OPTION,
	{ '0', "null", NULL, "end records with a NUL byte" },
	{ 0 },
};

static const struct option_row log_options[] = {
	{ 'f', "follow", NULL, "go on with each message that comes in" },
	LISTING_OPTIONS,
	LIST_OPTIONS,
	{ 0 },
};

static const struct option_row cat_options[] = {
	{ 'w', "wire", NULL, "the bytes as stored and sent, nothing added" },
	{ 'v', "value", NULL, "the message on one line" },
	{ 'c', "content", NULL, "what the author put in it" },
	{ 's', "signing", NULL, "the bytes that were signed" },
	{ 'i', "hash-input", NULL, "the bytes whose hash is the id" },
	{ 'm', "meta", NULL, "when it came, from whom, its size" },
	{ 'b', "bytes", NULL, "the bytes as stored, in hexadecimal" },
	{ 'B', "bfe", NULL, "with each value in its binary field encoding" },
	{ 'p', "private", NULL, "open what is private" },
	{ '0', "null", NULL, "a NUL byte behind each" },
	{ 0 },
};

static const struct option_row tail_options[] = {
	{ 'x', "rejected", NULL, "what kithd refused, from whom, and why" },
	{ 'e', "end", NULL, "print what is there, and wait for nothing" },
	LISTING_OPTIONS,
	LIST_OPTIONS,
	{ 0 },
};

static const struct option_row links_options[] = {
	{ 'm', "member", "NAME", "only what this member of the content holds: "
				 "root, mentions" },
	{ 'p', "private", NULL, "open what is private" },
	LIST_OPTIONS,
	{ 0 },
};

static const struct option_row tree_options[] = {
	LIST_OPTIONS,
	{ 0 },
};

static const struct option_row clock_options[] = {
	{ 'F', "feeds", "FEED", "only these: ids, starts of ids or names, with "
				"commas between; may be given again" },
	{ 0 },
};

static const struct option_row diff_options[] = {
	{ 'F', "feeds", "FEED", "only these: ids, starts of ids or names, with "
				"commas between; may be given again" },
	{ 'm', "messages", NULL, "list the messages that only one has" },
	{ 'b', "bytes", NULL, "say how many bytes they are" },
	{ 'a', "all", NULL, "list the feeds that are equal, too" },
	{ 'v', "views", NULL, "say where contacts and names differ, too" },
	{ 'k', "hmac", "KEY", "the network's message key, base64" },
	{ 0 },
};

static const struct option_row forks_options[] = {
	{ 'p', "proof", "PLACE", "print the proof for @ID:42 as two lines" },
	{ 'v', "verify", "FILE", "check such a proof; needs no home" },
	{ 'f', "find", NULL, "look where two sources contradict each other" },
	{ 'd', "drop", NULL, "take the feed again, in spite of its fork" },
	{ 'k', "hmac", "KEY", "the network's message key, base64" },
	{ 0 },
};

static const struct option_row verify_options[] = {
	{ 'a', "as", "LIST", "say what js, db2, rust, go, strict or all do" },
	{ 'r', "rules", NULL, "say of each rule and message how it went" },
	{ 'k', "hmac", "KEY", "the network's message key, base64" },
	{ 'w', "whole", NULL, "a feed in a file begins at its message 1" },
	{ 'x', "strict", NULL, "end at the first finding" },
	{ 'q', "quiet", NULL, "no output: the exit code tells" },
	{ 0 },
};

const struct command look_commands[] = {
	{ .name = "feeds", .args = "",
	  .summary = "list the feeds in the store",
	  .example = "kith feeds --sort bytes",
	  .options = feeds_options, .needs = LISTS,
	  .run = command_feeds },
	{ .name = "log", .args = "[SELECTION]",
	  .summary = "list messages, one a line",
	  .more = "Without SELECTION: all feeds, in the order of receipt.  "
		  SELECTION,
	  .example = "kith log --type post -n 5",
	  .options = log_options, .most = 1,
	  .needs = LISTS, .run = command_log },
	{ .name = "cat", .args = "[SELECTION...]",
	  .summary = "print messages whole",
	  .more = "By default in the canonical form that is signed and "
		  "hashed.  \"-\" or nothing is standard input, which holds "
		  "messages.  " SELECTION,
	  .example = "kith cat %P5lj3I6f\n"
		     "kith cat %P5lj3I6f --wire | kith cat --meta",
	  .options = cat_options, .most = ANY_NUMBER,
	  .needs = READS_SOURCES, .run = command_cat },
	{ .name = "tail", .args = "[SELECTION]",
	  .summary = "show messages as they come in, or as they are refused",
	  .more = "SELECTION is a feed; without it all feeds.  --rejected asks "
		  "kithd, which keeps the newest 256; all else goes without it.",
	  .example = "kith tail --end -n 3\nkith tail --rejected --end",
	  .options = tail_options, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_STORE, .run = command_tail },
	{ .name = "links", .args = "SELECTION",
	  .summary = "list what a message refers to, and where in it",
	  .more = SELECTION,
	  .example = "kith links %P5lj3I6f",
	  .options = links_options, .least = 1, .most = 1,
	  .needs = LISTS, .run = command_links },
	{ .name = "backlinks", .args = "%ID | FEED | &ID | #NAME",
	  .summary = "list the messages that refer to something, and where",
	  .more = "Newest first.  What is referred to need not be here.",
	  .example = "kith backlinks %P5lj3I6f",
	  .options = links_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_backlinks },
	{ .name = "tree", .args = "FEED",
	  .summary = "show the feeds of one identity, by its metafeed",
	  .more = "The store keeps classic feeds: what is here of a tree are "
		  "the announcements on them, and what is missing is said.",
	  .example = "kith tree @alice",
	  .options = tree_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_tree },
	{ .name = "clock", .args = "[SOURCE]",
	  .summary = "say how far a source has each feed",
	  .more = "One line a feed, in the same order everywhere, for "
		  "comparing; a \"?\" where a peer does not say.  Without "
		  "SOURCE: this home.  " SOURCE_IS,
	  .example = "kith clock",
	  .options = clock_options, .most = 1, .run = command_clock },
	{ .name = "diff", .args = "[SOURCE] SOURCE",
	  .summary = "say where two sources differ, feed by feed",
	  .more = "A is the first, or this home, and B the other.  Of each "
		  "feed that is not equal: who has more, or at which message "
		  "they part, which is a fork.  What a peer does not tell is "
		  "unknown, not missing.  " SOURCE_IS,
	  .example = "kith export --output mine.ndjson\n"
		     "kith diff mine.ndjson",
	  .options = diff_options, .least = 1, .most = 2,
	  .run = command_diff },
	{ .name = "forks", .args = "[FEED | SOURCE SOURCE]",
	  .summary = "list forked feeds, and print, check and find proofs",
	  .more = "A fork is two messages of one author for one place of its "
		  "feed; the signed pair proves it to anybody.  --find looks "
		  "for them in two sources, as `kith diff` does.  " FEED_IS,
	  .example = "kith forks",
	  .options = forks_options, .most = 2, .needs = READS_SOURCES,
	  .run = command_forks },
	{ .name = "verify", .args = "[FILE | SELECTION]...",
	  .summary = "check messages against every rule of their format",
	  .more = "\"-\" is standard input, nothing is the whole store.  A "
		  "FILE has a message a line, or is one.  Messages that follow "
		  "each other are checked as links of their chain too.  With "
		  "--as it also says whether other implementations would take "
		  "a message, and why not: js is ssb-validate and ssb-classic, "
		  "strict what all of them take.  " SELECTION,
	  .example = "kith verify @rmJQG0B+",
	  .options = verify_options, .most = ANY_NUMBER,
	  .needs = READS_SOURCES, .run = command_verify },
	{ 0 },
};
