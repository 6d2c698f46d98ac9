/* kith: count and draw.  The rows of this room, and their options. */
#include "tools/count/commands.h"

#include "tools/print/page.h"
#include "tools/rows.h"

static const struct option_row stats_options[] = {
	{ 'b', "by", "WHAT", "author, type, day, size, format or peer, in "
			     "place of the whole page" },
	{ 'n', "top", "N", "only the N that have most messages" },
	{ 'S', "since", "DAY", "only what was written from then on: "
			       "2026-11-21, 2026-11 or 2026" },
	{ 'U', "until", "DAY", "only what was written before then" },
	{ 's', "svg", NULL, "as a picture" },
	{ 'p', "private", NULL, "open what is private, to count it by its "
				"type, too" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row graph_options[] = {
	{ 'd', "dot", NULL, "for Graphviz" },
	{ 't', "tsv", NULL, "a line for each edge, with tabs" },
	{ 's', "svg", NULL, "as a picture" },
	{ 'c', "center", "FEED", "around this feed, in place of yours" },
	{ 'o', "hops", "N", "within so many hops of it" },
	{ 'e', "edges", "WHICH", "follow (default), block or all" },
	{ 'm', "mutual", NULL, "only what both say of each other" },
	PAGE_OPTIONS, { 0 }
};

static const struct option_row space_options[] = {
	{ 'n', "top", "N", "so many of the largest feeds (10)" },
	PAGE_OPTIONS, { 0 }
};

const struct command count_commands[] = {
	{ .name = "stats", .args = "",
	  .summary = "count messages by author, type, day, size and peer",
	  .more = "Bytes are as sent, as signed and as stored.  What is boxed "
		  "has no type.  What kithd refused is counted by reason, "
		  "where it runs.",
	  .example = "kith stats\n"
		     "kith stats --by type\n"
		     "kith stats --svg >stats.svg",
	  .options = stats_options, .needs = READS, .run = command_stats },
	{ .name = "graph",
	  .args = "[path FEED FEED | why FEED | cut FEED]",
	  .summary = "show who follows and blocks whom, and what hangs on it",
	  .more = "path: the follows that lead from one feed to another.  why: "
		  "those because of which a feed is replicated here.  cut: what "
		  "would drop out if nobody nearer said so any more.  "
		  FEED_IS,
	  .example = "kith graph\n"
		     "kith graph --svg --hops 2 >friends.svg\n"
		     "kith graph why @bob\n"
		     "kith graph cut @alice",
	  .options = graph_options, .most = 3, .needs = READS,
	  .verbs = graph_verbs, .run = command_graph },
	{ .name = "space", .args = "",
	  .summary = "say what takes how much room, and what could go",
	  .example = "kith space --top 3",
	  .options = space_options, .needs = READS, .run = command_space },
	{ 0 },
};
