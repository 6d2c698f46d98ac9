/*
 * fsck: is the store what it should be?
 *
 * Reads the file page by page (src/store/pages.h), so that no damage can take
 * it down, and says of each thing that is wrong which message it concerns and
 * which repair mends it.  Never writes to the store.  Beside a running writer
 * it looks at one snapshot.  Blocking; starts threads of its own.
 *
 *	quick	the tables of feeds and the index of sequences against each
 *		other, local facts; not the log
 *	links	and every row of the log: its checksum, canonical form and id,
 *		its link to the one before, every index against it, all pages
 *	full	and every signature, the proofs of forks, and all views made
 *		anew and compared
 *
 * Memory is bounded: some 24 bytes a message up to FSCK_WINDOW, after that
 * the indexes are read once more for every such window of the log.
 * Source: protocol/16 section 3.2.
 */
#ifndef FSCK_FSCK_H
#define FSCK_FSCK_H

#include "src/store/messages.h"
#include "src/store/store.h"

enum { FSCK_WINDOW = 1 << 20, FSCK_TEXT_BYTES = 160 };

enum fsck_depth { FSCK_QUICK, FSCK_LINKS, FSCK_FULL };

/* What is wrong; classes.c says each in words. */
enum fsck_class {
	FSCK_CORRUPT, FSCK_BADSIG, FSCK_BADCHAIN, FSCK_GAP, FSCK_NONCANONICAL,
	FSCK_UNDECODABLE, FSCK_INDEX_STALE, FSCK_INDEX_WRONG, FSCK_VIEW_WRONG,
	FSCK_LOCAL_WRONG, FSCK_BAD_PAGE,
	FSCK_CLASSES
};

/* What mends it; repair.h does. */
enum fsck_repair { FSCK_REFETCH, FSCK_REBUILD, FSCK_QUARANTINE, FSCK_SALVAGE };

struct fsck_class_row {
	const char *name, *meaning;
	enum fsck_repair repair;
};

extern const struct fsck_class_row fsck_classes[FSCK_CLASSES];
const char *fsck_repair_name(enum fsck_repair repair);

struct fsck_finding {
	enum fsck_class class;
	int table;		  /* enum store_table, or -1 */
	struct kith_feed_id feed; /* format NONE: not known */
	uint64_t sequence, last;  /* of messages, both 0: of none */
	uint64_t rx;		  /* of the first; 0: not known */
	uint64_t page;		  /* 0: none in particular */
	char text[FSCK_TEXT_BYTES];
};

/* What is being looked at; may lie in memory that processes share. */
struct fsck_progress {
	int table; /* or PAGES_MAIN and so on; -1: not started */
	uint64_t rx, messages, bytes, total_messages;
	/* Rows up to this rx were looked into; the id of that message. */
	uint64_t verified;
	struct kith_msg_id verified_id;
};

struct fsck_summary {
	uint64_t messages, feeds, pages, bytes; /* looked at */
	uint64_t signatures;
	uint64_t astray;   /* sound pages that nothing uses or notes as free */
	uint64_t findings; /* in all */
	uint64_t txn;	   /* the snapshot */
	uint64_t last_rx;
	bool resumed; /* the row that `verified` names is still there */
	bool pinned; /* else a writer may have changed pages meanwhile */
};

struct fsck_config {
	const struct home *home;
	enum fsck_depth depth;
	unsigned threads;	  /* 0: one a core */
	const uint8_t *hmac;	  /* 32 bytes or NULL */
	uint64_t window;	  /* 0: FSCK_WINDOW; less takes longer */
	/* Rows up to it need no second look, if it is this message. */
	uint64_t verified;
	struct kith_msg_id verified_id;
	uint64_t skip_rx;	  /* rows up to it are not looked into */
	uint64_t skip_tables;	  /* bit 1 << table: not walked */
	const struct kith_feed_id *feeds; /* NULL: all */
	size_t feed_count;
	/* Called for each finding, in no particular order. */
	void (*finding)(void *arg, const struct fsck_finding *f);
	void *arg;
	struct fsck_progress *progress; /* or NULL */
	/* child_run: called some times a second; false: give up. */
	bool (*tick)(void *arg, const struct fsck_progress *p);
};

/* ENOENT, EFORMAT, EDENIED: there is no store that can be looked at, e says
 * what to do.  ENOMEM.  Findings are no error. */
KITH_CHECK enum kith_err fsck_run(const struct fsck_config *config,
				  struct fsck_summary *out,
				  struct kith_error *e);

#endif
