/*
 * What the files of kith fsck share: fsck.c (the check), fsck_print.c (what it
 * says), fsck_repair.c (what mends it).
 */
#ifndef TOOLS_KEEP_FSCK_H
#define TOOLS_KEEP_FSCK_H

#include "src/fsck/fsck.h"
#include "src/fsck/repair.h"
#include "tools/network.h"
#include "tools/text/progress.h"
#include "tools/tool.h"

enum { FSCK_FEEDS_MAX = 64 };

struct fsck_command {
	struct tool *tool;
	struct progress progress;
	struct network network;
	struct kith_feed_id feeds[FSCK_FEEDS_MAX];
	size_t feed_count;
	enum fsck_depth depth;
	unsigned threads;
	uint64_t told; /* bytes that progress knows of */
	double started;
	uint64_t first_bad; /* the lowest rx of a finding; UINT64_MAX: none */
	struct fsck_progress seen;
	/* --resume */
	uint64_t verified;
	struct kith_msg_id verified_id;
	int64_t saved_s;

	uint64_t findings[FSCK_CLASSES];
	struct fsck_summary summary;
	/* For a repair: where to cut feeds, the lowest place of each. */
	struct repair_cut *cuts;
	size_t cut_count, cut_capacity;
	bool no_memory;
};

/* Checks the store; findings go out as they come.  EXIT_DONE, or an exit code
 * after an error text: the check could not be made. */
int fsck_check(struct fsck_command *c);

/* How many findings have this repair. */
uint64_t fsck_count(const struct fsck_command *c, enum fsck_repair repair);

void fsck_print_finding(const struct fsck_command *c,
			const struct fsck_finding *f);
void fsck_print_summary(const struct fsck_command *c);
void fsck_print_feed(const struct fsck_command *c,
		     const struct repair_feed *f);
void fsck_print_outcome(const struct fsck_command *c, enum fsck_repair repair,
			const struct repair_outcome *o);

/* Where the last check of this depth came to; nothing where there was none. */
void fsck_resume_read(struct fsck_command *c);
/* Notes how far the check has come, now and then, or at its end. */
void fsck_resume_write(struct fsck_command *c, bool end);

/* --write: an exit code. */
int fsck_mend(struct fsck_command *c);

#endif
