/* kith: carry.  The rows of this room, and their options. */
#include "tools/carry/commands.h"

#include "tools/rows.h"

static const struct option_row sync_options[] = {
	{ 'n', "dry-run", NULL, "say what would come and go, and change "
				"nothing" },
	{ 'i', "import-only", NULL, "take in, and leave nothing" },
	{ 'b', "budget", "SIZE", "take at most so much room there: 10G" },
	{ 'o', "hops", "N", "as if friends.hops were N" },
	{ 's', "sealed", NULL, "a new depot is sealed with a passphrase" },
	{ 'f', "for", "WHOM", "a new depot is sealed for WHOM and you; may be "
			      "given again" },
	{ 'r', "remember", NULL, "keep the key of a sealed depot in the home, "
				 "for the next time and for kithd" },
	{ 'c', "create", NULL, "make a depot where there is none" },
	{ 0 },
};

static const struct option_row sync_plan_options[] = {
	{ 'o', "hops", "N", "as if friends.hops were N" },
	{ 0 },
};

static const struct option_row depot_options[] = {
	{ 'g', "signatures", NULL,
	  "verify, scrub: check every signature, too" },
	{ 'b', "budget", "SIZE", "gc: until messages there have at most SIZE: "
				 "10G" },
	{ 'F', "forget", NULL, "gc: remove what others still lack, too" },
	{ 'a', "adopt", "WRITER", "gc: take over what a dead writer left" },
	{ 'n', "dry-run", NULL, "scrub, gc: say what would be done, and change "
				"nothing" },
	{ 0 },
};

static const struct option_row bundle_options[] = {
	{ 'f', "feed", "FEED", "create, apply: only this feed; may be "
			       "repeated" },
	{ 'F', "for", "WHO", "create: only what WHO lacks: a peer, a file of "
			     "`kith bundle clock`, an earlier bundle, or those "
			     "of a depot; may be repeated" },
	{ 'a', "all", NULL, "every feed that is here, or in the bundle" },
	{ 'b', "blobs", NULL, "create: and the blobs that its messages name" },
	{ 'm', "max-size", "BYTES", "create: no larger than 25M, 700M or so" },
	{ 'Q', "qr", NULL, "create: draw it as a QR code" },
	{ 'n', "dry-run", NULL, "write nothing, say what would come of it" },
	{ 'k', "hmac", "KEY", "verify: the network's message key, base64" },
	{ 0 },
};

static const struct option_row import_options[] = {
	{ 'n', "dry-run", NULL, "verify and chain all, write nothing" },
	{ 'x', "strict", NULL, "end at the first line that is refused" },
	{ 's', "spill-limit", "MB", "disk for what comes too early (16384)" },
	{ 0 },
};

static const struct option_row export_options[] = {
	{ 'f', "format", "FORM", "ndjson (default), kvt, canonical, csv, "
				 "sqlite or depot" },
	{ 'k', "keys", NULL, "{key,value,timestamp} instead of bare values" },
	{ 'c', "canonical", NULL, "the text that is hashed, on one line" },
	{ 'p', "private", NULL, "open what is private: to be read, since it "
				"can be imported no more" },
	{ 'o', "output", "FILE", "write to FILE; .gz and .zst say how" },
	{ 'z', "gz", NULL, "packed by gzip" },
	{ 'Z', "zstd", NULL, "packed by zstd" },
	{ 0 },
};

const struct command carry_commands[] = {
	{ .name = "sync", .args = "DIR | URL",
	  .summary = "exchange what is new with a depot: a stick, or a URL",
	  .more = "Takes in what is new there, and leaves what others lack: "
		  "messages, blobs and what they want.  DIR is the folder of a "
		  "depot, or a stick or disk that has one in its folder "
		  "ssbstick; on an empty one it is made.  It may be pulled out "
		  "at any moment: nothing is lost, and the next run goes on.  "
		  "kith-sync(1) has it all.",
	  .example = "mkdir -p stick && kith sync stick",
	  .options = sync_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_sync },
	{ .name = "sync-plan", .args = "SOURCE",
	  .summary = "say what a sync would move each way, and move nothing",
	  .more = "SOURCE is a depot, as for `kith sync`, or a live peer; of "
		  "any other what could be taken in is said.",
	  .example = "kith sync-plan stick",
	  .options = sync_plan_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_sync_plan },
	{ .name = "depot", .args = "WORD DIR | URL",
	  .summary = "look after a depot: what is in it, is it whole, room",
	  .more = "WORD is status, verify, scrub or gc.  status says who "
		  "writes there, what is there, and what is new on either "
		  "side; verify reads all of it and names what is damaged; "
		  "scrub writes again what was lost, if it is here, and asks "
		  "the next node for the rest; gc makes room: of what you "
		  "wrote it removes the oldest that every node has.  "
		  "kith-depot(1) has it all.",
	  .example = "kith depot status stick\n"
		     "kith depot gc --budget 10G stick",
	  .options = depot_options, .least = 1, .most = 2,
	  .needs = NEEDS_HOME | NEEDS_SELF, .verbs = depot_verbs,
	  .run = verbs_run },
	{ .name = "bundle", .args = "WORD [FILE]",
	  .summary = "carry feeds in one file, by mail, disc or pipe",
	  .more = "create makes a bundle of what is in reach (friends.hops), "
		  "or less; clock makes one that only says what is here, for "
		  "somebody else's --for; verify checks one without a home; "
		  "apply takes one in, as from a peer.  \"-\" or nothing is "
		  "standard input or output.  A FILE that ends in .gz or .zst "
		  "is packed.  What a bundle begins with says who is in it: "
		  "it is not encrypted.",
	  .example = "kith bundle create --blobs friends.bundle\n"
		     "kith bundle verify friends.bundle\n"
		     "kith bundle apply friends.bundle",
	  .options = bundle_options, .least = 1, .most = 2,
	  .verbs = bundle_verbs, .run = verbs_run },
	{ .name = "import", .args = "[FILE...]",
	  .summary = "take messages from files, verifying each",
	  .more = "Each line is a message, or {key,value,timestamp} around "
		  "one.  \"-\" or nothing is standard input.  Lines need not "
		  "be in order.  What gzip or zstd packed is unpacked.  Of a "
		  "folder of another Scuttlebutt program the log is read.",
	  .example = "kith import friends.ndjson",
	  .options = import_options, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_import },
	{ .name = "export", .args = "[SELECTION...]",
	  .summary = "write messages to standard output or a file, one a line",
	  .more = "Without SELECTION: everything, in the order of receipt.  "
		  "What is private stays encrypted, unless --private opens "
		  "it.  " SELECTION,
	  .example = "kith export --output all.ndjson.gz",
	  .options = export_options, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME | READS_SOURCES,
	  .run = command_export },
	{ 0 },
};
