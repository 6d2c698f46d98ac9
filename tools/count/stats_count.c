#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <sodium.h>

#include "feeds/boxed.h"
#include "feeds/json.h"
#include "feeds/json_scan.h"
#include "feeds/list.h"
#include "feeds/stored.h"
#include "src/store/local.h"
#include "src/store/row.h"
#include "src/store/scan.h"
#include "src/views/private.h"
#include "tools/count/stats.h"

enum { RENEW_ROWS = 10000, KEY_BYTES = 8, DAY_SECONDS = 86400 };

/* Claims beyond are no days. */
#define DAYS_MAX 80000

/* One walk; the viewer is that of the transaction. */
struct count {
	struct stats *s;
	const struct stats_range *range;
	struct viewer viewer;
	struct txn *txn;
	uint32_t self_number;
	uint64_t next; /* receive number */
	enum kith_err err;
};

/* --- tables --------------------------------------------------------------- */

static uint32_t find_row(const struct stats_table *t, uint32_t hash,
			 uint64_t key)
{
	uint32_t at = 0, n;

	while ((n = lookup_next(&t->by_key, hash, &at)) != LOOKUP_NONE)
		if (t->rows[n].key == key)
			return n;
	return LOOKUP_NONE;
}

/* NULL: out of memory. */
static struct stats_sum *sum_of(struct stats_table *t, uint64_t key)
{
	uint8_t bytes[KEY_BYTES];
	struct stats_row *more;
	uint32_t hash, n;

	kith_put_be64(bytes, key);
	hash = lookup_hash(&t->by_key, bytes, sizeof(bytes));
	n = find_row(t, hash, key);
	if (n != LOOKUP_NONE)
		return &t->rows[n].sum;
	more = list_room(t->rows, t->count, &t->room, sizeof(*more));
	if (!more)
		return NULL;
	t->rows = more;
	if (lookup_reserve(&t->by_key))
		return NULL;
	t->rows[t->count] = (struct stats_row){ .key = key };
	lookup_put(&t->by_key, hash, (uint32_t)t->count);
	return &t->rows[t->count++].sum;
}

/* --- types ---------------------------------------------------------------- */

/* What a type is known by: boxes are none, whatever somebody calls his. */
static uint32_t hash_type(const struct stats *s, struct kith_slice text,
			  const char *boxed)
{
	return lookup_hash(&s->by_type, boxed ? boxed : (const char *)text.p,
			   boxed ? strlen(boxed) : text.n);
}

static bool is_type(const struct stats_type *t, struct kith_slice text,
		    const char *boxed)
{
	return t->boxed || boxed ? t->boxed == boxed
				 : kith_equal(kith_text(t->text), text);
}

static bool add_type(struct stats *s, struct kith_slice text,
		     const char *boxed)
{
	struct stats_type *more;
	char *copy;

	more = list_room(s->types, s->type_count, &s->type_room, sizeof(*more));
	if (!more)
		return false;
	s->types = more;
	if (lookup_reserve(&s->by_type))
		return false;
	copy = calloc(1, text.n + 1);
	if (!copy)
		return false;
	if (text.n)
		memcpy(copy, text.p, text.n);
	s->types[s->type_count] = (struct stats_type){ copy, boxed };
	lookup_put(&s->by_type, hash_type(s, text, boxed),
		   (uint32_t)s->type_count++);
	return true;
}

/* False: out of memory. */
static bool type_key(struct stats *s, struct kith_slice text,
		     const char *boxed, uint64_t *key)
{
	uint32_t at = 0, n;
	uint32_t hash = hash_type(s, text, boxed);

	while ((n = lookup_next(&s->by_type, hash, &at)) != LOOKUP_NONE)
		if (is_type(&s->types[n], text, boxed)) {
			*key = n;
			return true;
		}
	if (s->type_count >= STATS_TYPES_MAX) {
		*key = STATS_TYPES_MAX;
		return true;
	}
	*key = s->type_count;
	return add_type(s, text, boxed);
}

/* The type without its quotes, as the JSON has it.  Almost always it stands
 * first; canonical text has no name twice. */
static struct kith_slice type_of(struct kith_slice content)
{
	static const char head[] = "{\"type\":\"";
	struct kith_slice type;
	size_t n = sizeof(head) - 1, run;

	if (content.n > n && !memcmp(content.p, head, n)) {
		run = json_plain_run(content.p + n, content.p + content.n);
		if (run < content.n - n && content.p[n + run] == '"')
			return (struct kith_slice){ content.p + n, run };
	}
	type = json_get(content, "type");
	if (json_kind(type) != JSON_KIND_STRING || type.n < 2)
		return (struct kith_slice){ NULL, 0 };
	return (struct kith_slice){ type.p + 1, type.n - 2 };
}

static const char *box_name(struct kith_slice content)
{
	switch (kith_box_scheme(content)) {
	case KITH_BOX1:
		return "box1";
	case KITH_BOX2:
		return "box2";
	default:
		return content.n && content.p[0] == '"' ? "unknown" : NULL;
	}
}

/* --- one message ---------------------------------------------------------- */

/* What all tables are told of it. */
struct facts {
	uint64_t wire, canonical, stored;
	double time_ms; /* view_time_ms */
	bool boxed;
};

/* UTF-16 units of UTF-8: a byte that begins a character is one, and of four
 * bytes two. */
static uint64_t units_of(struct kith_slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += (uint64_t)((s.p[i] & 0xc0) != 0x80) +
		     (uint64_t)(s.p[i] >= 0xf0);
	return n;
}

/* The signed form has white space more, which is ASCII: so many units more are
 * as many bytes. */
static uint64_t canonical_bytes(const struct message_row *row)
{
	uint64_t units = units_of(row->canon);

	if (row->format != KITH_CLASSIC || row->units < units)
		return row->canon.n;
	return row->canon.n + row->units - units;
}

static void add(struct stats_sum *sum, const struct facts *f)
{
	if (!sum->messages || f->time_ms < sum->first_ms)
		sum->first_ms = f->time_ms;
	if (!sum->messages || f->time_ms > sum->last_ms)
		sum->last_ms = f->time_ms;
	sum->messages++;
	sum->wire += f->wire;
	sum->canonical += f->canonical;
	sum->stored += f->stored;
	sum->boxed += f->boxed;
	sum->boxed_wire += f->boxed ? f->wire : 0;
}

/* Days since 1970 of a date of our calendar. */
static int64_t days_of(const struct tm *tm)
{
	int64_t y = (int64_t)tm->tm_year + 1900 - (tm->tm_mon < 2);
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year = y - era * 400;
	int64_t month = (tm->tm_mon + 10) % 12; /* from March on */
	int64_t day = (153 * month + 2) / 5 + tm->tm_mday - 1;

	return era * 146097 + year * 365 + year / 4 - year / 100 + day -
	       719468;
}

static uint64_t day_of(double ms)
{
	struct tm local;
	time_t t;
	int64_t day;

	if (!(ms >= 0 && ms < (double)DAYS_MAX * DAY_SECONDS * 1000))
		return STATS_NO_DAY;
	t = (time_t)floor(ms / 1000);
	if (!localtime_r(&t, &local))
		return STATS_NO_DAY;
	day = days_of(&local);
	return day < 0 ? STATS_NO_DAY : (uint64_t)day;
}

static void take_latency(struct count *c, const struct message_row *row,
			 double claimed_ms)
{
	double late = (double)row->received_us / 1000 - claimed_ms;

	if (row->source == PEER_UNKNOWN ||
	    (c->self_number && row->feed_number == c->self_number))
		return;
	if (late >= 0 && late < 1e15)
		quantiles_add(&c->s->late, (uint64_t)late);
	else
		c->s->ahead++;
}

static void add_to_all(struct count *c, const struct message_row *row,
		       uint64_t type, const struct facts *f)
{
	const uint64_t keys[STATS_BYS] = {
		[STATS_AUTHOR] = row->feed_number,
		[STATS_TYPE] = type,
		[STATS_DAY] = day_of(f->time_ms),
		[STATS_SIZE] = row->units / STATS_UNITS_STEP,
		[STATS_FORMAT] = (uint64_t)row->format,
		[STATS_PEER] = row->source,
	};

	for (int by = 0; by < STATS_BYS; by++) {
		struct stats_sum *sum = sum_of(&c->s->by[by], keys[by]);

		if (!sum) {
			c->err = KITH_ENOMEM;
			return;
		}
		add(sum, f);
	}
	add(&c->s->all, f);
}

/* The content to be counted by its type: of what is private that of the box,
 * where we may open it. */
static struct kith_slice shown_content(struct count *c,
				       const struct message_row *row,
				       struct kith_slice content, bool boxed)
{
	return boxed && c->range->keys
		       ? viewer_content(&c->viewer, c->txn, row)
		       : content;
}

static bool is_asked(const struct count *c, double ms)
{
	return !(c->range->since_ms > ms) &&
	       (c->range->until_ms == 0 || ms < c->range->until_ms);
}

static void take(struct count *c, const struct message_row *row)
{
	double received_ms = (double)row->received_us / 1000, claimed_ms;
	struct kith_slice content;
	struct msg_stored m;
	struct facts f = { .wire = row->canon.n };
	const char *box;
	uint64_t type;

	if (!msg_stored(row->canon, &m) ||
	    !json_number(m.timestamp, &claimed_ms))
		return;
	f.time_ms = claimed_ms < received_ms ? claimed_ms : received_ms;
	if (!is_asked(c, f.time_ms))
		return;
	f.boxed = box_name(m.content) != NULL;
	f.canonical = canonical_bytes(row);
	f.stored = ROW_HEADER_BYTES + row->canon.n;
	content = shown_content(c, row, m.content, f.boxed);
	box = box_name(content);
	if (!type_key(c->s, box ? (struct kith_slice){ 0 } : type_of(content),
		      box, &type)) {
		c->err = KITH_ENOMEM;
		return;
	}
	take_latency(c, row, claimed_ms);
	add_to_all(c, row, type, &f);
}

/* --- the walk ------------------------------------------------------------- */

static enum kith_err look_as(struct count *c)
{
	enum kith_err err = viewer_start(&c->viewer, c->txn, c->range->self);

	return !err && c->range->keys
		       ? viewer_sees_private(&c->viewer, c->range->keys)
		       : err;
}

/* Some rows in a transaction; false: these were the last. */
static bool count_some(struct count *c)
{
	struct message_row row;
	struct scan scan;
	unsigned n = 0;

	scan_log(&scan, c->txn, c->next);
	while (!c->err && n < RENEW_ROWS && scan_next(&scan, &row)) {
		take(c, &row);
		c->next = row.rx + 1;
		n++;
	}
	scan_end(&scan);
	if (!c->err)
		c->err = txn_error(c->txn);
	return n == RENEW_ROWS;
}

/* Keys of what others choose: nobody can know which fall together. */
static void key_tables(struct stats *s)
{
	uint8_t key[LOOKUP_KEY_BYTES];

	randombytes_buf(key, sizeof(key));
	lookup_set_key(&s->by_type, key);
	for (int by = 0; by < STATS_BYS; by++)
		lookup_set_key(&s->by[by].by_key, key);
}

enum kith_err stats_count(struct stats *s, struct store *store,
			  const struct stats_range *range)
{
	struct count c = { .s = s, .range = range };
	struct feed_row self;
	bool more = true;

	key_tables(s);
	while (more && !c.err) {
		c.err = store_read(store, &c.txn);
		if (c.err)
			break;
		c.viewer = (struct viewer){ 0 };
		if (range->self && feed_get(c.txn, range->self, &self))
			c.self_number = self.number;
		if (range->keys)
			c.err = look_as(&c);
		more = !c.err && count_some(&c);
		viewer_end(&c.viewer);
		txn_end(c.txn);
	}
	return c.err;
}

void stats_clear(struct stats *s)
{
	for (int by = 0; by < STATS_BYS; by++) {
		free(s->by[by].rows);
		lookup_clear(&s->by[by].by_key);
	}
	for (size_t i = 0; i < s->type_count; i++)
		free(s->types[i].text);
	free(s->types);
	lookup_clear(&s->by_type);
	*s = (struct stats){ 0 };
}
