/* kith: begin, and move in.  The rows of this room, and their options. */
#include "tools/begin/commands.h"

static const struct option_row init_options[] = {
	{ 'w', "words", NULL, "adopt the identity of 24 words, which are asked "
			      "for or read from standard input" },
	{ 's', "secret", "FILE", "adopt the identity in the secret file of "
				 "another program, which stays as it is" },
	{ 'f', "first", "FEED", "nobody else writes to the adopted feed, and "
				"all of it is here" },
	{ 0 },
};

static const struct option_row adopt_options[] = {
	{ 'n', "dry-run", NULL, "say what would be taken, and write nothing" },
	{ 'l', "log-only", NULL, "take messages, and nothing else" },
	{ 'N', "no-identity", NULL, "leave the identity and its keys" },
	{ 0 },
};

const struct command begin_commands[] = {
	{ .name = "init", .args = "",
	  .summary = "make a home folder and an identity",
	  .more = "Creates the folder if need be, a new key pair in its file "
		  "`secret`, and an empty store.  An identity that is there "
		  "already is never touched.",
	  .example = "kith --home ~/other init",
	  .options = init_options, .run = command_init },
	{ .name = "adopt", .args = "[DIR]",
	  .summary = "move in from another Scuttlebutt program",
	  .more = "DIR is that program's folder, ~/.ssb if none is named.  Its "
		  "identity, messages, blobs, addresses of peers, keys of "
		  "groups and what settings mean the same here are taken, "
		  "each verified; nothing there is changed.  What is not made "
		  "yet of a home is made.  Again, it takes what is new.  Two "
		  "programs must not write with one identity: kith-adopt(1) "
		  "tells how to move.",
	  .example = "kith --home ~/new adopt ~/.ssb",
	  .options = adopt_options, .most = 1, .run = command_adopt },
	{ .name = "id", .args = "",
	  .summary = "print your identity",
	  .example = "kith id",
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_id },
	{ .name = "words", .args = "",
	  .summary = "print your key as 24 words, to be kept on paper",
	  .more = "Whoever has the words can write in your name.  `kith init "
		  "--words` makes an identity of them again.",
	  .example = "kith words",
	  .needs = NEEDS_HOME, .run = command_words },
	{ .name = "status", .args = "",
	  .summary = "identity, store, daemon and connections at a glance",
	  .example = "kith status",
	  .needs = NEEDS_HOME, .run = command_status },
	{ 0 },
};
