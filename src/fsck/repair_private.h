/*
 * What the files of a repair share: repair.c (the whole), repair_log.c
 * (messages, feeds), repair_facts.c (what only this node knows), quarantine.c.
 */
#ifndef FSCK_REPAIR_PRIVATE_H
#define FSCK_REPAIR_PRIVATE_H

#include "src/fsck/check.h"
#include "src/fsck/repair.h"
#include "src/store/local.h"

/* One feed as it is written. */
struct mended_feed {
	struct feed_row row;
	uint64_t highest; /* sequence that was seen */
	uint64_t cut;  /* 0: not cut; else before this message */
	uint8_t class; /* why */
	bool is_cut;   /* nothing more of it is taken */
	struct repair_feed told;
};

struct repair {
	const struct repair_config *config;
	struct fsck_config quiet; /* of check: nobody listens */
	struct check check;	  /* feeds and pages of the old store */
	struct mended_feed *feeds; /* as check.feeds.feeds */
	struct store *to;
	struct txn *txn;
	bool has_self; /* a sound row of our own state was found */
	bool lost_facts;
	bool is_original;  /* the row KEY_COPY says so */
	uint64_t aside; /* the last key of the quarantine */
	uint64_t last_rx;
	struct repair_outcome outcome;
	enum kith_err err;
};

enum { REPAIR_FOLLOWS = 255 };

/* Commits when there is much, and goes on; the first error stays in r. */
void repair_step(struct repair *r);
/* Keeps err if it is the first. */
void repair_fail(struct repair *r, enum kith_err err);

struct mended_feed *repair_feed(struct repair *r, uint32_t number);

void repair_facts(struct repair *r);
/* A row of a page that no tree leads to: its seal tells whose it is. */
void repair_fact_astray(struct repair *r, const struct pages_row *row);
/* After the log: our own state, where it is damaged or the feed was cut. */
void repair_own(struct repair *r);

void repair_log(struct repair *r);

/* Sets a row aside as it is. */
void quarantine_put(struct repair *r, uint8_t class, int table, uint64_t rx,
		    struct kith_slice key, struct kith_slice value);
/* Puts back what follows its feed. */
void quarantine_return(struct repair *r);

#endif
