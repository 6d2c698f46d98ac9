/* kith: read.  The rows of this room, and their options. */
#include "tools/read/commands.h"

#include "tools/print/page.h"
#include "tools/rows.h"

static const struct option_row timeline_options[] = {
	{ 'a', "all", NULL, "of everybody, not only of those you follow" },
	{ 'c', "channel", "CHANNEL", "only what is in a channel" },
	{ 'n', "limit", "N", "the newest N threads (20), or \"all\"" },
	{ 'f', "follow", NULL, "go on with each post that comes in" },
	{ 'p', "private", NULL, "with what they wrote to you in private" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row thread_options[] = {
	{ 'p', "private", NULL, "with what was answered in private" },
	{ 'g', "graph", NULL, "as lanes, the newest first, with heads marked" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row channel_options[] = {
	{ 'n', "limit", "N", "the newest N threads (20), or \"all\"" },
	{ 'f', "follow", NULL, "go on with each post that comes in" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row list_options[] = {
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row inbox_options[] = {
	{ 'p', "private", NULL, "private conversations in place of them" },
	{ 'f', "follow", NULL, "go on with each that comes in" },
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row unread_options[] = {
	{ 'm', "mark", NULL, "and mark as read what came up to the newest "
			     "listed" },
	{ 'n', "limit", "N", "the oldest N (20), or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row search_options[] = {
	{ 's', "sort", "HOW", "time (default), newest first, or rank, best "
			      "first" },
	{ 'a', "author", "WHO", "only what WHO wrote: a name or @ID" },
	{ 'c', "channel", "CHANNEL", "only what is in this channel" },
	{ 'S', "since", "DAY", "only from then on: 2026-11-21, 2026-11 or "
			       "2026" },
	{ 'U', "until", "DAY", "only before then" },
	{ 'p', "private", NULL, "what was said in private, in place of it" },
	{ 'n', "limit", "N", "at most N (20), or \"all\"" },
	PAGE_OPTIONS,
	{ 0 },
};

static const struct option_row query_options[] = {
	{ 'n', "limit", "N", "N messages (20), or \"all\"" },
	{ 'a', "after", "CURSOR", "go on behind the end of an earlier page" },
	{ 's', "scan", NULL, "read every message if need be" },
	{ 'p', "private", NULL, "open what is private, and look into it" },
	{ 'f', "follow", NULL, "go on with each message that comes in" },
	{ 'e', "explain", NULL, "print what would be read, and read nothing" },
	{ 0 },
};

const struct command read_commands[] = {
	{ .name = "timeline", .args = "",
	  .summary = "read what those you follow wrote, newest first",
	  .more = "Each thread once, with its first message and its newest.",
	  .example = "kith timeline --limit 5",
	  .options = timeline_options, .needs = READS,
	  .run = command_timeline },
	{ .name = "thread", .args = "%ID",
	  .summary = "read a thread, each message under what it answers",
	  .more = "%ID is any message of the thread.  Of a private one it "
		  "shows the private thread.",
	  .example = "kith thread %P5lj3I6f",
	  .options = thread_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_thread },
	{ .name = "channel", .args = "CHANNEL",
	  .summary = "read what is in a channel, newest first",
	  .example = "kith channel gardening",
	  .options = channel_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_channel },
	{ .name = "channels", .args = "",
	  .summary = "list the channels, the busiest lately first",
	  .example = "kith channels",
	  .options = list_options, .needs = READS, .run = command_channels },
	{ .name = "mentions", .args = "",
	  .summary = "list messages that mention you",
	  .example = "kith mentions",
	  .options = list_options, .needs = READS, .run = command_mentions },
	{ .name = "inbox", .args = "",
	  .summary = "list mentions, replies, likes and follows of yours",
	  .more = "With --private: each private conversation once, with its "
		  "newest message.",
	  .example = "kith inbox --limit all\nkith inbox --private",
	  .options = inbox_options, .needs = READS, .run = command_inbox },
	{ .name = "unread", .args = "",
	  .summary = "list posts that came in since you last read",
	  .example = "kith unread",
	  .options = unread_options, .needs = READS, .run = command_unread },
	{ .name = "search", .args = "[WORDS...]",
	  .summary = "find what was said, by its words",
	  .more = "All WORDS are to be there, in any case and with or without "
		  "accents; \"a phrase\" in this order; beginn* is what begins "
		  "so; a OR b one of them; NOT a none of it; ( ) what belongs "
		  "together.  author:WHO channel:NAME after:DAY before:DAY "
		  "narrow it as the options do.  The best (--sort rank) are "
		  "those among the newest 10,000.  With --private: what was "
		  "said in private to you or by you, or in your groups, and "
		  "nothing public.",
	  .example = "kith search garden OR tomato\n"
		     "kith search --private garden",
	  .options = search_options, .most = ANY_NUMBER,
	  .needs = READS,
	  .run = command_search },
	{ .name = "query", .args = "QUERY",
	  .summary = "show the messages that a query in JSON asks for",
	  .more = "QUERY is an object: author, type, channel, root, fork, "
		  "branch, vote, about, contact, mentions or link with a "
		  "value or a list of them; private, hops, text; rx, seq, ts, "
		  "rts with {\"gte\": ...}; and, or, not; order, emit, "
		  "page.  kith(1) has it all.",
	  .example = "kith query '{\"type\": \"post\", \"channel\": "
		     "\"gardening\"}'",
	  .options = query_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_VIEWS | NEEDS_SELF | READS_SOURCES,
	  .run = command_query },
	{ 0 },
};
