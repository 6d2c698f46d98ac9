/*
 * A store to be damaged: some feeds that follow each other, a fork's proof,
 * peers, clocks and addresses, and a copy of its file to start from again.
 *
 * Failing is a failing test.
 */
#ifndef TESTS_FSCK_VICTIM_H
#define TESTS_FSCK_VICTIM_H

#include "src/fsck/child.h"
#include "src/fsck/fsck.h"
#include "src/fsck/repair.h"
#include "src/ingest/ingest.h"
#include "src/store/pages.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

enum { VICTIM_AUTHORS = 6, VICTIM_FINDINGS_MAX = 4096 };

/* How a row is damaged. */
enum { VICTIM_KINDS = 3, VICTIM_FEEDS_MAX = 64 };
extern const char *const victim_kinds[VICTIM_KINDS];

/* Where one row stands in the file. */
struct place {
	int table;
	struct kith_feed_id feed; /* that it concerns; format NONE: none */
	uint64_t sequence;	  /* 0: the whole feed */
	size_t node, node_bytes;  /* its node in the leaf: head, key, value */
	size_t value, value_bytes; /* of a long value; else 0 */
};

struct victim {
	struct test_home h;
	struct author authors[VICTIM_AUTHORS];
	char path[TEST_PATH_BYTES + 32]; /* of data.mdb */
	uint8_t *whole, *bytes;		 /* as it was, and as it is */
	size_t n;
	struct place *places;
	size_t place_count;

	struct fsck_finding findings[VICTIM_FINDINGS_MAX];
	size_t finding_count;
	struct fsck_summary summary;
	uint64_t window; /* as in fsck_config */
	bool in_child; /* victim_check starts a process */
};

/* posts: of each author.  The store is closed again, its file sound. */
void victim_open(struct victim *v, size_t posts);
void victim_close(struct victim *v);

/* Opens the store for a change by its own means; victim_settle closes it, and
 * what it is then is whole. */
void victim_change(struct victim *v);
void victim_settle(struct victim *v);

/* Writes v->bytes, or what was whole. */
void victim_write(struct victim *v);
/* The same where the file stands now, be it another generation. */
void victim_rewrite(struct victim *v);
void victim_restore(struct victim *v);

/* Looks up where every row stands. */
void victim_map(struct victim *v);

/* The same for a store of somebody else, whose data.mdb is at path; then
 * victim_damage and victim_write are all that v is good for. */
void victim_load(struct victim *v, const char *path);

/* A row, by chance: half of them are of a table by chance, however few rows it
 * has. */
const struct place *victim_choose(const struct victim *v, uint64_t *random);

/* Damages it in v->bytes. */
void victim_damage(struct victim *v, const struct place *p, unsigned kind,
		   uint64_t *random);

/* Flips a bit of a message in the log; the second looks it up before and writes
 * the file after. */
void victim_flip(struct victim *v, size_t author, uint64_t sequence);
void victim_flip_one(struct victim *v, size_t author, uint64_t sequence);

/* Zeroes the sector of 512 bytes that a byte of v->bytes is in. */
void victim_zero(struct victim *v, size_t at);

/* True if v->bytes has other bytes for it than v->whole. */
bool victim_is_hit(const struct victim *v, const struct place *p);

/* Checks; findings in v. */
void victim_check(struct victim *v, enum fsck_depth depth);

/* The same with more of the configuration; home and findings are v's. */
void victim_check_with(struct victim *v, const struct fsck_config *config);
/* The same in a child process, by any function that checks. */
void victim_run_with(struct victim *v, const struct fsck_config *config,
		     fsck_run_fn *run);

/* Repairs what the last check found, by the repair that mends all of it. */
struct repair_outcome victim_mend(struct victim *v);

/* Hands in all messages of all authors, as a peer that has them does, and sees
 * that each feed is whole. */
void victim_heal(struct victim *v);

/* The finding of a class about a message of an author; it must be there. */
const struct fsck_finding *victim_found(const struct victim *v,
					enum fsck_class class, size_t author,
					uint64_t sequence);

/* True if a finding names the row's feed and sequence, or, where it concerns
 * no feed, its table. */
bool victim_names(const struct victim *v, const struct place *p);

/* True if every row of the file is as it was, wherever it stands. */
bool victim_same_rows(struct victim *v);

/* A small generator, so that runs do not differ. */
uint32_t victim_below(uint64_t *state, size_t n);

#endif
