/* kith: keep house.  The rows of this room, and their options. */
#include "tools/keep/commands.h"
#include "tools/rows.h"

static const struct option_row fsck_options[] = {
	{ 'Q', "quick", NULL, "only feeds and the index of sequences" },
	{ 'L', "links", NULL, "all but signatures and views (default)" },
	{ 'F', "full", NULL, "all there is" },
	{ 'J', "jobs", "N", "threads that check messages (one a core)" },
	{ 'u', "resume", NULL, "only what came since the last such check" },
	{ 'w', "write", NULL, "mend it, by one of the following" },
	{ 'b', "rebuild", NULL, "make indexes and views anew from the log" },
	{ 'r', "refetch", NULL,
	  "and drop damaged messages, to get them again" },
	{ 'a', "quarantine", NULL, "and set them aside" },
	{ 's', "salvage", NULL, "and take what damaged pages still hold" },
	{ 'q', "quiet", NULL, "no output: the exit code tells" },
	{ 0 },
};

static const struct option_row views_options[] = {
	{ 'r', "rebuild", "VIEW", "make this one anew from the log" },
	{ 0 },
};

static const struct option_row blob_options[] = {
	{ 'p', "pin", NULL, "add: and never remove it to make room" },
	{ 'o', "output", "FILE", "get: write to FILE" },
	{ 'w', "wanted", NULL, "ls: those that are wanted, and why they are "
			       "not here" },
	{ 'm', "missing", NULL, "ls: all that messages refer to and that are "
				"not here" },
	{ 'O', "orphans", NULL, "ls: those to which no message refers" },
	{ 'u', "undo", NULL, "want: not any more" },
	{ 'n', "dry-run", NULL, "gc: say what would go, and change nothing" },
	{ 'f', "full", NULL, "gc: read every file, and check its hash" },
	{ 0 },
};

static const struct option_row blobs_options[] = {
	{ 'w', "wanted", NULL, "those that are wanted, and why they are not "
			       "here" },
	{ 'm', "missing", NULL, "all that messages refer to and that are not "
				"here" },
	{ 'O', "orphans", NULL, "those to which no message refers" },
	{ 0 },
};

static const struct option_row forget_options[] = {
	{ 'n', "dry-run", NULL, "say what would go, and change nothing" },
	{ 'u', "undo", NULL, "let the feed be fetched again" },
	{ 0 },
};

static const struct option_row retention_options[] = {
	{ 'n', "dry-run", NULL, "say what would go, and change nothing" },
	{ 0 },
};

static const struct option_row passphrase_options[] = {
	{ 'n', "new-file", "FILE", "its first line is the new passphrase" },
	{ 'r', "remove", NULL, "take the passphrase away" },
	{ 0 },
};

static const struct option_row backup_options[] = {
	{ 'p', "passphrase", NULL, "ask for a passphrase, twice, and seal the "
				   "file with it" },
	{ 0 },
};

const struct command keep_commands[] = {
	{ .name = "fsck", .args = "[FEED...]",
	  .summary = "check that the store is what it should be",
	  .more = "Reads only, but for --write.  --links, the default, checks "
		  "every message but its signature, and every index against "
		  "the log; --quick the indexes alone, in seconds; --full "
		  "signatures and views too.  Each finding says whose message "
		  "it concerns, and what would mend it.",
	  .example = "kith fsck --full",
	  .options = fsck_options, .most = ANY_NUMBER, .needs = NEEDS_HOME,
	  .run = command_fsck },
	{ .name = "views", .args = "",
	  .summary = "show how far the views are, or make one anew",
	  .more = "Views are what lists, threads and searches are read from: "
		  "they fall out of the log, and nothing is lost with them.  "
		  "What a view could make nothing of is counted as skipped.  "
		  "One that is made anew is filled while kithd runs on.",
	  .example = "kith views",
	  .options = views_options, .needs = NEEDS_HOME | NEEDS_STORE,
	  .run = command_views },
	{ .name = "blob", .args = "WORD [FILE... | &BLOB...]",
	  .summary = "add, read, pin and remove files that messages refer to",
	  .more = "WORD is add, get, ls, want, why, pin, unpin, rm, gc or "
		  "space.  &BLOB is the id of a blob, or a start of one that "
		  "is known here.  What you add yourself, what your messages "
		  "refer to and what you pin is never removed to make room.  "
		  "gc looks for files that were lost, damaged or put there by "
		  "hand, and removes what is over the limits; space says how "
		  "much there is; why says who refers to a blob, who offered "
		  "it, and why it is not here.",
	  .example = "kith blob add --pin photo.png\n"
		     "kith blob ls\n"
		     "kith blob space",
	  .options = blob_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .verbs = blob_verbs, .run = command_blob },
	{ .name = "blobs", .args = "",
	  .summary = "list the blobs that are here, or that are not",
	  .example = "kith blobs --missing",
	  .options = blobs_options, .needs = NEEDS_HOME,
	  .run = command_blobs },
	{ .name = "forget", .args = "FEED | FEED:..N",
	  .summary = "remove a feed, or the start of one, from this node",
	  .more = "What you wrote yourself is never removed.  A feed that is "
		  "forgotten whole is not fetched again until you follow it "
		  "or type --undo.  Nobody else is told.  " FEED_IS,
	  .example = "kith forget --dry-run @F+XMEu06",
	  .options = forget_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_STORE | NEEDS_SELF | NEEDS_VIEWS,
	  .run = command_forget },
	{ .name = "retention", .args = "",
	  .summary = "remove what is old of distant feeds, by the rule",
	  .more = "The rule stands in the configuration: retention.days and "
		  "retention.hops.  kithd follows it by itself, every hour.",
	  .example = "kith retention --dry-run",
	  .options = retention_options,
	  .needs = NEEDS_HOME | NEEDS_STORE | NEEDS_SELF,
	  .run = command_retention },
	{ .name = "compact", .args = "",
	  .summary = "give room back that the store does not need",
	  .more = "Copies what the store holds into a new file, which then "
		  "takes the place of the old one.  There must be room for "
		  "both.  Publishing waits meanwhile; a crash at any moment "
		  "leaves the store whole.",
	  .example = "kith compact",
	  .needs = NEEDS_HOME, .run = command_compact },
	{ .name = "passphrase", .args = "",
	  .summary = "seal your key with a passphrase, or change or remove it",
	  .more = "A sealed key is asked for when kithd starts, and when a "
		  "command writes without it.  The file is replaced as a "
		  "whole: at no moment is there none.",
	  .example = "kith passphrase --new-file passphrase.txt",
	  .options = passphrase_options, .needs = NEEDS_HOME,
	  .run = command_passphrase },
	{ .name = "backup", .args = "FILE",
	  .summary = "write identity, configuration and store into one file",
	  .more = "Also while kithd runs.  FILE may be \"-\", standard output; "
		  "an older backup there is replaced once the new one is "
		  "whole.",
	  .example = "kith backup kith.backup",
	  .options = backup_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_SELF | NEEDS_STORE,
	  .run = command_backup },
	{ .name = "restore", .args = "FILE",
	  .summary = "make a home of a backup file",
	  .more = "Into a folder that is empty or not there; the file is "
		  "checked before anything is written.  The identity may "
		  "publish when a peer has confirmed how far its feed goes.",
	  .example = "kith --home ~/again restore kith.backup",
	  .least = 1, .most = 1, .run = command_restore },
	{ .name = "feed", .args = "unfreeze FEED",
	  .summary = "say that no other place writes to your feed any more",
	  .more = "FEED is your own whole id, so that it is not said by "
		  "mistake.  Of an unconfirmed feed it also says that all that "
		  "was ever written is here, and publishing goes on at once.  "
		  "Of a frozen one it says that the other place has stopped "
		  "for good: what that wrote is fetched from peers first.  If "
		  "it is not true, the feed forks, and no peer can mend "
		  "that.",
	  .example = "kith feed unfreeze $(kith id)",
	  .least = 2, .most = 2, .needs = NEEDS_HOME | NEEDS_SELF,
	  .verbs = feed_verbs, .run = verbs_run },
	{ 0 },
};
