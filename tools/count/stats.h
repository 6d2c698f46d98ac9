/*
 * What `kith stats` counts in one walk over the log, and its forms.
 *
 * Bytes are three: as sent (wire), as signed (canonical), and as they lie in
 * the log (stored, with the header of each row).  What is boxed has no type.
 */
#ifndef TOOLS_COUNT_STATS_H
#define TOOLS_COUNT_STATS_H

#include "src/gossip/lookup.h"
#include "src/store/messages.h"
#include "tools/draw/quantiles.h"
#include "tools/print/reading.h"

struct keys;

enum {
	STATS_UNITS_STEP = 512,	/* of the histogram of sizes */
	STATS_TYPES_MAX = 65536 /* that differ; more are counted as one */
};

enum stats_by {
	STATS_AUTHOR, /* key: the feed's number */
	STATS_TYPE,   /* an index of types */
	STATS_DAY,    /* local days since 1970; STATS_NO_DAY */
	STATS_SIZE,   /* units / STATS_UNITS_STEP */
	STATS_FORMAT, /* enum kith_format */
	STATS_PEER,   /* who brought it, as message_row's source */
	STATS_BYS
};
#define STATS_NO_DAY UINT64_MAX

/* As --by has them. */
extern const char *const stats_by_names[STATS_BYS];

struct stats_sum {
	uint64_t messages, wire, canonical, stored;
	uint64_t boxed, boxed_wire; /* of these */
	double first_ms, last_ms;
};

struct stats_row {
	uint64_t key;
	struct stats_sum sum;
};

struct stats_table {
	struct stats_row *rows; /* owned; as they were met */
	size_t count, room;
	struct lookup by_key;
};

/* The type of content, or what stands in for it. */
struct stats_type {
	char *text; /* owned; as the JSON string has it, without quotes */
	const char *boxed; /* "box1", "box2": it is none; else NULL */
};

struct stats {
	struct stats_sum all;
	struct stats_table by[STATS_BYS];
	struct stats_type *types; /* owned */
	size_t type_count, type_room;
	struct lookup by_type;
	/* From written to received, ms, of what others wrote and of which is
	 * known when it came. */
	struct quantiles late;
	uint64_t ahead; /* claim to be written later than received */
};

/* What is counted. */
struct stats_range {
	double since_ms, until_ms; /* by view_time_ms; 0: open */
	const struct kith_feed_id *self; /* NULL: nobody */
	const struct keys *keys; /* NULL: what is boxed stays so */
};

/* Walks the log once, in transactions of 10,000 rows.  All zero before;
 * stats_clear in any case.  ENOMEM; EIO: counted up to a damaged row. */
KITH_CHECK enum kith_err stats_count(struct stats *s, struct store *store,
				     const struct stats_range *range);
void stats_clear(struct stats *s);

/* Numbers of the rows of a table in the order that is asked for; owned by the
 * caller, NULL: out of memory.  Days and sizes come by key, others the most
 * messages first. */
size_t *stats_order(const struct stats *s, enum stats_by by);

/* The heaviest n of them, in that order; gives how many stay. */
size_t stats_top(const struct stats *s, enum stats_by by, size_t *order,
		 uint64_t n);

/* --- what follows from it (stats_facts.c) --------------------------------- */

/* The first and the last day that has messages; false: none has. */
bool stats_days(const struct stats *s, uint64_t *first, uint64_t *last);

/* Messages a day, on average, in the last days up to the newest message. */
double stats_rate(const struct stats *s, uint64_t days);

/* The messages of the row that has most. */
uint64_t stats_most(const struct stats_table *t);

unsigned stats_percent(uint64_t part, uint64_t whole);

/* "2.3 hours": one number, as far as it matters.  Gives out. */
enum { STATS_SPAN_BYTES = 48 };
const char *stats_span(uint64_t ms, char out[static STATS_SPAN_BYTES]);

/* "from 2015-08-05 to 2016-05-09", "on 2026-11-21".  Gives out. */
enum { STATS_DATES_BYTES = 64 };
const char *stats_dates(const struct stats *s,
			char out[static STATS_DATES_BYTES]);

/* --- forms (stats_print.c, stats_records.c, stats_svg.c) ------------------ */

struct stats_look {
	struct reading *r;
	struct stats s;
	enum stats_by by; /* STATS_BYS: the whole page */
	uint64_t top;
	struct kith_buf refusals; /* what kithd says of them; empty: nothing */
};

/* "2026-11-21" of a day's key, "-" of none. */
enum { STATS_DAY_BYTES = 40 };
void stats_put_day(uint64_t key, char out[static STATS_DAY_BYTES]);

/* Appends what a row is called, safe: "Ada", "post", "(boxed)", "2026-11-21",
 * "512 to 1,023 units"... */
void stats_put_label(struct stats_look *l, enum stats_by by,
		     const struct stats_row *row, struct kith_buf *out);

int stats_print(struct stats_look *l);
int stats_records(struct stats_look *l);
int stats_svg(struct stats_look *l);

#endif
