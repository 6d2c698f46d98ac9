/* kith: say something.  The rows of this room, and their options. */
#include "tools/say/commands.h"

#include "tools/print/page.h"
#include "tools/rows.h"
#include "tools/say/publish.h"

static const struct option_row post_options[] = {
	{ 'a', "attach", "FILE", "put a file with it; may be given again" },
	{ 'c', "channel", "CHANNEL", "put it into this channel" },
	{ 'w', "warning", "TEXT", "readers see this first, and then choose" },
	PUBLISH_OPTIONS,
	{ 0 },
};

static const struct option_row reply_options[] = {
	{ 'a', "attach", "FILE", "put a file with it; may be given again" },
	{ 'f', "fork", NULL, "begin a thread of its own under the message" },
	{ 'w', "warning", "TEXT", "readers see this first, and then choose" },
	PUBLISH_OPTIONS,
	{ 0 },
};

static const struct option_row like_options[] = {
	{ 'u', "undo", NULL, "take it back" },
	PUBLISH_OPTIONS,
	{ 0 },
};

static const struct option_row dm_options[] = {
	{ 'a', "attach", "FILE", "put a file with it, boxed; may be given "
				 "again" },
	{ 'b', "box2", NULL, "the newer scheme, which fewer programs read, for "
			     "up to 15 others" },
	{ 'w', "warning", "TEXT", "readers see this first, and then choose" },
	PUBLISH_OPTIONS,
	{ 0 },
};

static const struct option_row group_options[] = {
	{ 't', "text", "TEXT", "invite: say this to those who are invited" },
	{ 'l', "limit", "N", "log: the newest N messages (20), or \"all\"" },
	{ 'a', "attach", "FILE", "post: put a file with it, boxed" },
	{ 'w', "warning", "TEXT", "post: readers see this first" },
	PUBLISH_OPTIONS,
	PAGE_OPTIONS, { 0 }
};

static const struct option_row publish_options[] = {
	PUBLISH_OPTIONS,
	{ 0 },
};

static const struct option_row name_options[] = {
	{ 'o', "of", "WHOM", "of another feed, or of a message %ID" },
	{ 'd', "description", "TEXT", "say who or what it is" },
	{ 'i', "image", "FILE", "a picture, or the id of one: &BLOB" },
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct command say_commands[] = {
	{ .name = "post", .args = "[TEXT...]",
	  .summary = "publish a post",
	  .more = "The words become the text; without any an editor is opened "
		  "($VISUAL, $EDITOR), and with \"-\" or without a terminal "
		  "the text is read from standard input.  It is Markdown: "
		  "@name becomes a link where one feed is called so, and "
		  "#word puts it into a channel.  At a terminal you see what "
		  "will be public, and are asked.",
	  .example = "kith post \"hello, world\"\n"
		     "kith post --channel bicycles \"Does @carol repair "
		     "brakes?\"\n"
		     "kith post --attach photo.png \"Look at this.\"",
	  .options = post_options, .most = ANY_NUMBER, .needs = NEEDS_HOME,
	  .run = command_post },
	{ .name = "reply", .args = "%ID [TEXT...]",
	  .summary = "answer a message",
	  .more = "The text is given as for `kith post`.  The answer goes "
		  "into the thread and the channel of the message; where that "
		  "is private, it is for the same readers.",
	  .example = "kith reply %P5lj3I6f \"And spinach, @alice.\"",
	  .options = reply_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_reply },
	{ .name = "like", .args = "%ID",
	  .summary = "say that you like a message",
	  .example = "kith like %P5lj3I6f\nkith like --undo %P5lj3I6f",
	  .options = like_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_like },
	{ .name = "dm", .args = "WHOM...",
	  .summary = "write to people in private",
	  .more = "The text is read from standard input, or written in an "
		  "editor, so that it stands in no history of a shell.  WHOM "
		  "is a feed's id, or the name that it has here.  Who will "
		  "read it is shown before it is sent; nobody else can, and "
		  "neither can it be taken back.",
	  .example = "echo \"Shall we meet at nine?\" | kith dm carol\n"
		     "echo \"And bring the seeds.\" | kith dm --box2 alice "
		     "carol",
	  .options = dm_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_dm },
	{ .name = "group",
	  .args = "create | list | invite GROUP WHOM... | members GROUP | post "
		  "GROUP [TEXT...] | log GROUP",
	  .summary = "make private groups, and read and write in them",
	  .more = "GROUP is the id of a group, or the start of it.  Whoever is "
		  "invited reads all that was and will be written in it; "
		  "nobody can be taken out again.",
	  .example = "kith group create\n"
		     "kith group list",
	  .options = group_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .verbs = group_verbs, .run = verbs_run },
	{ .name = "publish", .args = "[FILE]",
	  .summary = "publish content given as JSON",
	  .more = "FILE or standard input holds one JSON object with a "
		  "\"type\".",
	  .example = "echo '{\"type\":\"post\",\"text\":\"hello\"}' "
		     "| kith publish",
	  .options = publish_options, .most = 1, .needs = NEEDS_HOME,
	  .run = command_publish },
	{ .name = "name", .args = "[TEXT]",
	  .summary = "give yourself a name, or another feed",
	  .more = "Everybody may name everybody; readers go by their own word "
		  "first, then by that of whom it is about, then by what "
		  "most say.  WHOM is a feed's id or the name that it has.",
	  .example = "kith name \"Zoe\"\n"
		     "kith name --of carol --description \"mends bicycles\"",
	  .options = name_options, .most = 1, .needs = NEEDS_HOME,
	  .run = command_name },
	{ .name = "subscribe", .args = "CHANNEL",
	  .summary = "follow a hashtag",
	  .more = "Of CHANNEL neither case nor the # matters, which the shell "
		  "takes for a comment unless it is quoted.",
	  .example = "kith subscribe '#bicycles'",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_subscribe },
	{ .name = "unsubscribe", .args = "CHANNEL",
	  .summary = "stop following a hashtag",
	  .example = "kith unsubscribe bicycles",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_unsubscribe },
	{ .name = "lint", .args = "[FILE | SELECTION]",
	  .summary = "say what peers would make of it before you publish it",
	  .more = "FILE or standard input holds content as for `kith publish`, "
		  "or messages.  Each finding says where it is, why it "
		  "matters, and what to do.  " SELECTION,
	  .example = "echo '{\"type\":\"post\",\"text\":\"hello\"}' "
		     "| kith lint",
	  .most = 1, .needs = READS_SOURCES, .run = command_lint },
	{ 0 },
};
