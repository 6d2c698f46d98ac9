/* kith: people.  The rows of this room, and their options. */
#include "tools/people/commands.h"

#include "tools/print/list.h"
#include "tools/print/page.h"
#include "tools/rows.h"
#include "tools/say/publish.h"

static const struct option_row publish_options[] = {
	PUBLISH_OPTIONS,
	{ 0 },
};

static const struct option_row follows_options[] = {
	{ 'r', "followers", NULL, "the other way: who follows the feed" },
	{ 'b', "blocks", NULL, "whom it blocks; with -r: who blocks it" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row profile_options[] = {
	{ 'i', "image", "FILE", "give yourself this picture, or that of an id: "
				"&BLOB" },
	{ 'p', "private", NULL, "with the groups that you have in common" },
	PUBLISH_OPTIONS,
	PAGE_OPTIONS, { 0 }
};

static const struct option_row list_options[] = {
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row who_options[] = {
	{ 'p', "private", NULL, "with the groups that you have in common" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row about_options[] = {
	{ 'p', "private", NULL, "with what was said in private" },
	IDS_OPTION,
	{ 0 },
};

static const struct option_row explain_options[] = { PAGE_OPTIONS, { 0 } };

const struct command people_commands[] = {
	{ .name = "follow", .args = "WHOM",
	  .summary = "follow a feed: replicate it and what it follows",
	  .more = "WHOM is a feed's id, a unique prefix of it of six "
		  "characters or more, or the name that it has here.",
	  .example = "kith follow bob",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_follow },
	{ .name = "unfollow", .args = "WHOM",
	  .summary = "stop following a feed",
	  .example = "kith unfollow bob",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_unfollow },
	{ .name = "block", .args = "WHOM",
	  .summary = "block a feed: neither take from it nor give to it",
	  .example = "kith block carol",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_block },
	{ .name = "unblock", .args = "WHOM",
	  .summary = "take a block back, without following",
	  .example = "kith unblock carol",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_unblock },
	{ .name = "follows", .args = "[FEED]",
	  .summary = "list whom a feed follows or blocks, or who does it",
	  .more = "Without FEED: you.  " FEED_IS,
	  .example = "kith follows @alice --followers",
	  .options = follows_options, .most = 1, .needs = READS,
	  .run = command_follows },
	{ .name = "profile", .args = "[FEED]",
	  .summary = "say all that is known of a feed, and why it is here",
	  .more = "Without FEED: of your own.  " FEED_IS,
	  .example = "kith profile @alice\n"
		     "kith profile --image photo.png",
	  .options = profile_options, .most = 1, .needs = READS,
	  .run = command_profile },
	{ .name = "whois", .args = "WHOM",
	  .summary = "list the feeds whose name begins so",
	  .example = "kith whois ali",
	  .options = list_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_whois },
	{ .name = "who", .args = "[FEED]",
	  .summary = "the same as profile",
	  .example = "kith who @alice",
	  .options = who_options, .most = 1, .needs = READS,
	  .run = command_profile },
	{ .name = "names", .args = "WHOM",
	  .summary = "the same as whois",
	  .example = "kith names ali",
	  .options = list_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_whois },
	{ .name = "about", .args = "FEED | %ID | &ID",
	  .summary = "list what is said about something, and which word counts",
	  .example = "kith about @alice",
	  .options = about_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_about },
	{ .name = "explain", .args = "FEED",
	  .summary = "say why a feed is here or not, and what to do",
	  .more = FEED_IS "  It ends with 1 where something is to be done.",
	  .example = "kith explain @alice",
	  .options = explain_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_explain },
	{ 0 },
};
