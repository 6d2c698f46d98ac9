#include "src/depot/notes.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/depot/rows.h"

enum {
	VALUE_BYTES = 8,
	FEED_BYTES = 1 + KITH_ID_BYTES, /* with its format */
	DISTANCE_MAX = 1000,
	JSON_BYTES = 256 /* over any that is made here */
};

/* Each a key and a number, which says the last word on it. */
enum table { HAVES, WANTS, METS, TABLE_COUNT };

static const struct {
	size_t key_bytes, max;
} tables[TABLE_COUNT] = {
	[HAVES] = { FEED_BYTES, DEPOT_NOTES_HAVES_MAX },
	[WANTS] = { KITH_ID_BYTES, DEPOT_NOTES_WANTS_MAX },
	[METS] = { DEPOT_WRITER_CHARS, DEPOT_WRITERS_MAX },
};

struct depot_notes {
	struct rows rows[TABLE_COUNT];
	struct depot_ranges *lacks;
};

struct depot_notes *depot_notes_new(void)
{
	struct depot_notes *n = malloc(sizeof(*n));

	if (!n)
		return NULL;
	for (int i = 0; i < TABLE_COUNT; i++)
		rows_init(&n->rows[i], tables[i].key_bytes + VALUE_BYTES,
			  tables[i].key_bytes, tables[i].max);
	n->lacks = depot_ranges_new();
	if (n->lacks)
		return n;
	depot_notes_free(n);
	return NULL;
}

void depot_notes_free(struct depot_notes *n)
{
	if (!n)
		return;
	for (int i = 0; i < TABLE_COUNT; i++)
		rows_clear(&n->rows[i]);
	depot_ranges_free(n->lacks);
	free(n);
}

/* --- the tables ----------------------------------------------------------- */

static uint64_t value_of(const struct rows *r, const uint8_t *row)
{
	return kith_be64(row + r->key_bytes);
}

static enum kith_err set(struct rows *r, const uint8_t *key, uint64_t value)
{
	rows_at at = rows_seek(r, key);
	void *row = rows_get(r, at);
	uint8_t *p;

	if (!rows_is(r, row, key)) {
		enum kith_err err = rows_insert(r, at, &row);

		if (err)
			return err;
	}
	p = row;
	memcpy(p, key, r->key_bytes);
	kith_put_be64(p + r->key_bytes, value);
	return KITH_OK;
}

static void unset(struct rows *r, const uint8_t *key)
{
	rows_at at = rows_seek(r, key);

	if (rows_is(r, rows_get(r, at), key))
		rows_remove(r, at);
}

static const uint8_t *next(const struct rows *r, size_t *at)
{
	const uint8_t *row = rows_get(r, *at);

	if (row)
		*at = rows_after(r, *at);
	return row;
}

/* --- feeds ---------------------------------------------------------------- */

static void key_of_feed(const struct kith_feed_id *feed,
			uint8_t key[static FEED_BYTES])
{
	key[0] = (uint8_t)feed->format;
	memcpy(key + 1, feed->b, KITH_ID_BYTES);
}

static struct kith_feed_id feed_of(const uint8_t *row)
{
	struct kith_feed_id feed = { .format = (enum kith_format)row[0] };

	memcpy(feed.b, row + 1, KITH_ID_BYTES);
	return feed;
}

uint64_t depot_notes_has(const struct depot_notes *n,
			 const struct kith_feed_id *feed)
{
	const struct rows *r = &n->rows[HAVES];
	uint8_t key[FEED_BYTES];
	const uint8_t *row;

	key_of_feed(feed, key);
	row = rows_get(r, rows_seek(r, key));
	return rows_is(r, row, key) ? value_of(r, row) : 0;
}

enum kith_err depot_notes_set(struct depot_notes *n,
			      const struct kith_feed_id *feed, uint64_t last)
{
	uint8_t key[FEED_BYTES];

	key_of_feed(feed, key);
	if (last)
		return set(&n->rows[HAVES], key, last);
	unset(&n->rows[HAVES], key);
	return KITH_OK;
}

bool depot_notes_next(const struct depot_notes *n, size_t *at,
		      struct kith_feed_id *feed, uint64_t *last)
{
	const struct rows *r = &n->rows[HAVES];
	const uint8_t *row = next(r, at);

	if (!row)
		return false;
	*feed = feed_of(row);
	*last = value_of(r, row);
	return true;
}

/* --- blobs ---------------------------------------------------------------- */

enum kith_err depot_notes_want(struct depot_notes *n,
			       const struct kith_blob_id *blob,
			       unsigned distance)
{
	if (distance)
		return set(&n->rows[WANTS], blob->b, distance);
	unset(&n->rows[WANTS], blob->b);
	return KITH_OK;
}

bool depot_notes_next_want(const struct depot_notes *n, size_t *at,
			   struct kith_blob_id *blob, unsigned *distance)
{
	const struct rows *r = &n->rows[WANTS];
	const uint8_t *row = next(r, at);

	if (!row)
		return false;
	memcpy(blob->b, row, KITH_ID_BYTES);
	*distance = (unsigned)value_of(r, row);
	return true;
}

/* --- messages that are lost, and other writers ---------------------------- */

struct depot_ranges *depot_notes_lacks(struct depot_notes *n)
{
	return n->lacks;
}

enum kith_err depot_notes_met(struct depot_notes *n,
			      const struct depot_writer_id *writer,
			      uint64_t round)
{
	return set(&n->rows[METS], (const uint8_t *)writer->name, round);
}

bool depot_notes_next_met(const struct depot_notes *n, size_t *at,
			  struct depot_writer_id *writer, uint64_t *round)
{
	const struct rows *r = &n->rows[METS];
	const uint8_t *row = next(r, at);

	if (!row)
		return false;
	memcpy(writer->name, row, DEPOT_WRITER_CHARS);
	writer->name[DEPOT_WRITER_CHARS] = '\0';
	*round = value_of(r, row);
	return true;
}

size_t depot_notes_lines(const struct depot_notes *n)
{
	size_t lines = depot_ranges_count(n->lacks);

	for (int i = 0; i < TABLE_COUNT; i++)
		lines += n->rows[i].count;
	return lines;
}

/* --- reading lines -------------------------------------------------------- */

static enum kith_err take_have(struct depot_notes *n, struct kith_slice value)
{
	struct kith_feed_id feed;
	uint64_t last;

	if (kith_feed_parse(json_plain(json_get(value, "feed")), &feed) ||
	    !json_uint(json_get(value, "last"), &last))
		return KITH_EFORMAT;
	return depot_notes_set(n, &feed, last);
}

static enum kith_err take_want(struct depot_notes *n, struct kith_slice value)
{
	struct kith_blob_id blob;
	uint64_t distance;

	if (kith_blob_parse(json_plain(json_get(value, "blob")), &blob) ||
	    !json_uint(json_get(value, "distance"), &distance) ||
	    distance > DISTANCE_MAX)
		return KITH_EFORMAT;
	return depot_notes_want(n, &blob, (unsigned)distance);
}

static enum kith_err take_lack(struct depot_notes *n, struct kith_slice value)
{
	struct depot_range range;
	enum kith_err err = depot_range_decode(value, &range);

	if (err)
		return err;
	if (json_says_true(json_get(value, "found")))
		return depot_ranges_remove(n->lacks, &range);
	if (depot_ranges_count(n->lacks) >= DEPOT_NOTES_LACKS_MAX)
		return KITH_ETOOBIG;
	return depot_ranges_add(n->lacks, &range);
}

static bool read_writer(struct kith_slice value, struct depot_writer_id *out)
{
	struct kith_slice name = json_plain(json_get(value, "writer"));

	if (name.n != DEPOT_WRITER_CHARS)
		return false;
	memcpy(out->name, name.p, name.n);
	out->name[name.n] = '\0';
	return depot_writer_is(out->name);
}

static enum kith_err take_writer(struct depot_notes *n,
				 struct kith_slice value)
{
	struct depot_writer_id writer;
	uint64_t round;

	if (!read_writer(value, &writer) ||
	    !json_uint(json_get(value, "round"), &round))
		return KITH_EFORMAT;
	return depot_notes_met(n, &writer, round);
}

enum kith_err depot_notes_take(struct depot_notes *n,
			       const struct depot_line *line)
{
	static const struct {
		char kind;
		enum kith_err (*take)(struct depot_notes *n,
				      struct kith_slice value);
	} kinds[] = {
		{ DEPOT_HAVE, take_have },     { DEPOT_WANT, take_want },
		{ DEPOT_LACK, take_lack },     { DEPOT_WRITER, take_writer },
	};
	struct kith_slice value;

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (kinds[i].kind == line->kind)
			return json_check(line->json, &value, NULL)
				       ? KITH_EFORMAT
				       : kinds[i].take(n, value);
	return KITH_OK;
}

/* --- writing what changed ------------------------------------------------- */

/* The lines so far. */
struct turn {
	struct kith_buf *out;
	struct crc32c crc;
	size_t count;
};

static void put_line(struct turn *t, char kind, const struct kith_buf *json)
{
	depot_line_print(&t->crc, t->out, kind, kith_bytes(json));
	t->count++;
}

static void put_member(struct kith_buf *json, const char *name,
		       const char *text, const char *number, uint64_t n)
{
	kith_buf_text(json, "{\"");
	kith_buf_text(json, name);
	kith_buf_text(json, "\":\"");
	kith_buf_text(json, text);
	kith_buf_text(json, "\",\"");
	kith_buf_text(json, number);
	kith_buf_text(json, "\":");
	kith_buf_uint(json, n);
	kith_buf_byte(json, '}');
}

/* One row: with 0 it is taken back. */
static void put_row(struct turn *t, enum table table, const uint8_t *key,
		    uint64_t n)
{
	uint8_t room[JSON_BYTES];
	struct kith_buf json = { .p = room, .cap = sizeof(room),
				 .limit = sizeof(room) };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id feed;
	struct kith_blob_id blob;

	switch (table) {
	case HAVES:
		feed = feed_of(key);
		kith_feed_print(&feed, text);
		put_member(&json, "feed", text, "last", n);
		put_line(t, DEPOT_HAVE, &json);
		break;
	case WANTS:
		memcpy(blob.b, key, KITH_ID_BYTES);
		kith_blob_print(&blob, text);
		put_member(&json, "blob", text, "distance", n);
		put_line(t, DEPOT_WANT, &json);
		break;
	case METS:
	case TABLE_COUNT:
		memcpy(text, key, DEPOT_WRITER_CHARS);
		text[DEPOT_WRITER_CHARS] = '\0';
		put_member(&json, "writer", text, "round", n);
		put_line(t, DEPOT_WRITER, &json);
		break;
	}
}

/* Walks both tables side by side. */
static void turn_table(struct turn *t, enum table table,
		       const struct rows *from, const struct rows *to)
{
	size_t old_at = 0, new_at = 0;
	const uint8_t *old = from ? next(from, &old_at) : NULL;
	const uint8_t *new = next(to, &new_at);

	while (old || new) {
		int order = !old ? 1 : !new ? -1 : memcmp(old, new,
							  to->key_bytes);

		if (order < 0 && table != METS) /* once met is met for good */
			put_row(t, table, old, 0);
		else if (order > 0 ||
			 (!order && memcmp(old, new, to->row_bytes) != 0))
			put_row(t, table, new, value_of(to, new));
		if (order <= 0)
			old = next(from, &old_at);
		if (order >= 0)
			new = next(to, &new_at);
	}
}

static void put_lack(struct turn *t, const struct depot_range *range,
		     bool found)
{
	uint8_t room[JSON_BYTES];
	struct kith_buf json = { .p = room, .cap = sizeof(room),
				 .limit = sizeof(room) };

	depot_range_encode(&json, range);
	if (found) {
		json.n--; /* its last brace */
		kith_buf_text(&json, ",\"found\":true}");
	}
	put_line(t, DEPOT_LACK, &json);
}

/* All of a that is not in b, which may be NULL. */
static void put_lacks(struct turn *t, const struct depot_ranges *a,
		      const struct depot_ranges *b, bool found)
{
	struct depot_range range, piece;

	for (size_t at = 0; depot_ranges_next(a, &at, &range);) {
		if (!b) {
			put_lack(t, &range, found);
			continue;
		}
		while (depot_ranges_lack(b, &range, &piece)) {
			put_lack(t, &piece, found);
			if (piece.last == range.last)
				break;
			range.first = piece.last + 1;
		}
	}
}

enum kith_err depot_notes_turn(const struct depot_notes *from,
			       const struct depot_notes *to,
			       struct kith_buf *out, size_t *count)
{
	struct turn t = { .out = out };

	crc32c_init(&t.crc);
	for (int i = 0; i < TABLE_COUNT; i++)
		turn_table(&t, (enum table)i, from ? &from->rows[i] : NULL,
			   &to->rows[i]);
	if (from)
		put_lacks(&t, from->lacks, to->lacks, true);
	put_lacks(&t, to->lacks, from ? from->lacks : NULL, false);
	if (!out->err)
		*count = t.count;
	return out->err;
}
