/*
 * What the files of search share and nobody else sees: the only headers and
 * files that know SQLite.
 *
 * The file:
 *
 *	state      a row for each part: part, live, position, the message there,
 *		   posts, count
 *	words1, 2  FTS5 of a part, without the texts: text, who
 *	rows1, 2   of each row of words: id, receive number, message
 *
 * One part is live, and answers.  Messages that are gone from the log cannot
 * be taken out of it, since nobody has their words any more; so the other part
 * is filled anew, takes its place, and the old one is dropped.
 *
 * id is the time of the message in ms, or where that is taken the next one
 * that search_slot gives: never less.  So words of a part lie by time, and the
 * newest are found without a look at the others.  message is the first 8 bytes
 * of the id: by it a row is known to mean the message that the log has.
 * Where it is private, position is the number of an opening, and what is said
 * here of the log means what was opened.
 * position is the receive number up to which the part has folded the log, and
 * count how many messages the log had up to there: if it has fewer now, some
 * are gone.
 */
#ifndef VIEWS_SEARCH_PRIVATE_H
#define VIEWS_SEARCH_PRIVATE_H

#include <sqlite3.h>

#include "src/store/scan.h"
#include "src/views/search.h"
#include "src/views/search_parse.h"

enum { SEARCH_PATH_BYTES = 4096, SEARCH_VERSION = 2,
       SEARCH_SLOTS = 64, SEARCH_SLOT_BITS = 22 };

/* Of the file; the last bytes of each page are its checksum. */
enum { SEARCH_PAGE_BYTES = 4096, SEARCH_SUM_BYTES = 8 };
#define SEARCH_VFS "kith-search"

/* "kith" */
#define SEARCH_APPLICATION 0x6b697468

/* No time of a message is later: the year 2109. */
#define SEARCH_TIME_MAX (((uint64_t)1 << 42) - 1)
/* How far an id may lie behind the time it stands for. */
#define SEARCH_SLOT_MAX ((uint64_t)1 << SEARCH_SLOT_BITS)

struct search {
	char path[SEARCH_PATH_BYTES], lock_path[SEARCH_PATH_BYTES];
	const struct keys *keys; /* of what is private; NULL: of the log */
	struct viewer reader;	 /* who sees what they opened */
	sqlite3 *db;
	int lock;     /* held while the file is opened or replaced */
	bool in_memory; /* there is no file, and nobody else */
	bool writes;  /* else it is read as it is */
	bool damaged; /* to be made anew */
	bool checked; /* it was compared with the log */
	unsigned readers; /* answers in the making */
	const char *why;  /* it is filled from the start */
	int64_t spent_us; /* on that, so far */
	fts5_tokenizer tokenizer;
	Fts5Tokenizer *tokens;
	struct kith_buf scratch;
};

/* --- search_db.c: SQLite's calls, and its errors as ours --- */

/* What rc means; of damage s takes note. */
enum kith_err search_error(struct search *s, int rc, struct kith_error *e);

/* Runs statements without a result, which may be cut by %d to a part. */
KITH_CHECK enum kith_err search_run(struct search *s, struct kith_error *e,
				    const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Prepares one; NULL on error. */
sqlite3_stmt *search_prepare(struct search *s, struct kith_error *e,
			     const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* The first column of the first row, 0 if there is none. */
KITH_CHECK enum kith_err search_number(struct search *s, int64_t *out,
				       struct kith_error *e,
				       const char *format, ...)
	__attribute__((format(printf, 4, 5)));

/* --- search_vfs.c --- */

/* Makes SEARCH_VFS known to SQLite, once in a process.  ENOMEM. */
KITH_CHECK enum kith_err search_vfs_register(void);

/* --- search_file.c --- */

/* Opens the file again where it was damaged or replaced. */
KITH_CHECK enum kith_err search_refresh(struct search *s,
					struct kith_error *e);

/* --- search_part.c --- */

/* A part as its row says. */
struct search_part {
	int number; /* 0: there is none */
	uint64_t position, posts, count;
	int64_t message; /* the one at position */
	/* By the log at hand: */
	bool at_end;  /* of it */
	bool stale;   /* messages of the part are gone from it */
	bool foreign; /* it is another log */
};

/* Empty tables of a part, and its row. */
KITH_CHECK enum kith_err search_part_make(struct search *s, int part,
					  struct kith_error *e);
KITH_CHECK enum kith_err search_part_drop(struct search *s, int part,
					  struct kith_error *e);

/* The live part, or else the other one. */
KITH_CHECK enum kith_err search_part_read(struct search *s, bool live,
					  struct search_part *out,
					  struct kith_error *e);
KITH_CHECK enum kith_err search_part_write(struct search *s,
					   const struct search_part *p,
					   struct kith_error *e);

/* True if the message that p says stands at its position does, or none does any
 * more. */
bool search_part_fits(const struct search *s, struct txn *t,
		      const struct search_part *p);
/* It has folded all there is, and nothing that is gone. */
bool search_part_is_current(const struct search *s, struct txn *t,
			    const struct search_part *p);
/* Whether some rows, evenly spread, mean the messages that the log has. */
KITH_CHECK enum kith_err search_part_compare(struct search *s, struct txn *t,
					     const struct search_part *p,
					     bool *same, struct kith_error *e);

/* --- search_source.c --- */

/* How many there are, the message at a position, and the last position. */
uint64_t search_source_count(const struct search *s, struct txn *t);
bool search_source_at(const struct search *s, struct txn *t, uint64_t position,
		      struct message_row *out);
uint64_t search_source_end(const struct search *s, struct txn *t);

/* Walks from after a position; at is that of the last. */
struct search_walk {
	const struct search *search;
	struct txn *txn;
	struct scan log;
	uint64_t at;
};
void search_walk_start(struct search_walk *w, const struct search *s,
		       struct txn *t, uint64_t after);
bool search_walk_next(struct search_walk *w, struct message_row *out);
void search_walk_end(struct search_walk *w);

/* --- search_row.c --- */

/* What stands in a row of rows1 or rows2. */
struct search_row {
	uint64_t id, rx;
	int64_t message;
};

/* The k-th id to try for a message, k < SEARCH_SLOTS. */
uint64_t search_slot(uint64_t time_ms, uint64_t rx, unsigned k);
int64_t search_message_word(const struct kith_msg_id *id);
/* When it was written, from 0 to SEARCH_TIME_MAX. */
uint64_t search_time_of(const struct view_message *m);

/* --- search_mark.c --- */

/* The words of a phrase, as SQLite folds them. */
struct search_words {
	struct kith_buf text;
	struct {
		size_t at, n;
	} *word;
	size_t count;
};

KITH_CHECK enum kith_err search_words_read(struct search *s,
					   struct kith_slice text,
					   struct search_words *out);
void search_words_clear(struct search_words *w);

/* The answer: search_find.c. */
struct search_pending {
	struct posting at;
	struct search_row row;
	double rank;
};

struct search_hits {
	struct search *s;
	struct txn *t;
	const struct viewer *viewer;
	struct search_parsed parsed;
	struct search_words words[SEARCH_PHRASES_MAX];
	enum search_sort sort;
	int part;
	bool begun, over;
	uint64_t after_ms, before_ms;
	sqlite3_stmt *rows, *slot, *has;
	uint64_t read_id; /* of the row read last */
	struct search_pending *pending; /* NEWEST: by time, the next one last;
					 * BEST: by rank, the next one last */
	size_t pending_count, pending_room;
	enum kith_err err;
	struct kith_error error;
};

#endif
