#include "src/fsck/check.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/store/keys.h"

enum { KEY_TEXT_BYTES = 48, SHORT_ID = 9 };

void *list_add(struct check *c, struct list *l, size_t size)
{
	uint8_t *items;

	if (l->count == LIST_MAX) {
		l->missed++;
		return NULL;
	}
	items = list_room(l->items, l->count, &l->capacity, size);
	if (!items) {
		c->err = KITH_ENOMEM;
		return NULL;
	}
	l->items = items;
	return items + size * l->count++;
}

static bool is_chosen(const struct check *c, const struct kith_feed_id *feed)
{
	if (!c->config->feeds || feed->format == KITH_FORMAT_NONE)
		return true;
	for (size_t i = 0; i < c->config->feed_count; i++)
		if (kith_feed_equal(&c->config->feeds[i], feed))
			return true;
	return false;
}

void check_settle(struct check *c)
{
	if (!c->has_held)
		return;
	c->has_held = false;
	c->summary.findings++;
	c->config->finding(c->config->arg, &c->held);
}

/* One line for many messages in a row with the same trouble. */
static bool continues(const struct fsck_finding *held,
		      const struct fsck_finding *f)
{
	return held->class == f->class && held->table == f->table &&
	       held->page == f->page && held->last &&
	       f->sequence == held->last + 1 &&
	       kith_feed_equal(&held->feed, &f->feed) &&
	       !strcmp(held->text, f->text);
}

void check_find(struct check *c, struct fsck_finding f, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(f.text, sizeof(f.text), format, args);
	va_end(args);
	/* Without memory the check ends early, and much seems to be missing. */
	if (c->err || !is_chosen(c, &f.feed))
		return;
	if (f.sequence && !f.last)
		f.last = f.sequence;
	if (c->has_held && continues(&c->held, &f)) {
		c->held.last = f.last;
		return;
	}
	check_settle(c);
	c->held = f;
	c->has_held = true;
}

static void feed_words(const struct kith_feed_id *id, uint64_t sequence,
		       char out[static KEY_TEXT_BYTES])
{
	char text[KITH_REF_TEXT_BYTES] = "?";

	if (id->format != KITH_FORMAT_NONE)
		kith_feed_print(id, text);
	if (sequence)
		snprintf(out, KEY_TEXT_BYTES, "%.*s:%" PRIu64, SHORT_ID, text,
			 sequence);
	else
		snprintf(out, KEY_TEXT_BYTES, "%.*s", SHORT_ID, text);
}

/* A key of a table in words, and in *f whose it is, as far as it tells. */
static void key_words(const struct check *c, int table, struct kith_slice key,
		      struct fsck_finding *f, char out[static KEY_TEXT_BYTES])
{
	const struct feed_check *feed;
	size_t at = table == TABLE_LOCAL ? 1 : 0;

	if (!key.n) {
		snprintf(out, KEY_TEXT_BYTES, "the end");
	} else if (table == TABLE_LOG && key.n == 8) {
		f->rx = kith_be64(key.p);
		snprintf(out, KEY_TEXT_BYTES, "rx:%" PRIu64, f->rx);
	} else if (table == TABLE_BY_FEED && key.n == 12) {
		feed = feeds_find(c, kith_be32(key.p));
		f->sequence = kith_be64(key.p + 4);
		if (feed)
			f->feed = feed->row.id;
		feed_words(&f->feed, f->sequence, out);
	} else if ((table == TABLE_FEEDS || table == TABLE_CLOCKS ||
		    table == TABLE_PROOFS || table == TABLE_LOCAL ||
		    table == TABLE_CONTACTS) && key.n >= at + KEY_FEED_BYTES) {
		f->feed = key_read_feed(key.p + at);
		feed_words(&f->feed, 0, out);
	} else {
		snprintf(out, KEY_TEXT_BYTES, "%02x%02x...", key.p[0],
			 key.n > 1 ? key.p[1] : 0);
	}
}

static const char *tree_name(int table)
{
	switch (table) {
	case PAGES_FREE: return "the list of free pages";
	case PAGES_MAIN: return "the list of tables";
	case PAGES_LOST: return "no table";
	default: return store_table_name((enum store_table)table);
	}
}

static void note_lost(struct check *c, const struct pages_damage *d)
{
	bool one = d->low.n && kith_equal(d->low, d->high);
	struct lost *lost = list_add(c, &c->lost, sizeof(*lost));

	if (!lost)
		return;
	lost->page = d->page;
	lost->low = d->low.n == 8 ? kith_be64(d->low.p) : 0;
	lost->high = d->high.n == 8 ? kith_be64(d->high.p) : UINT64_MAX;
	if (one)
		lost->high = lost->low + 1;
}

void check_damage(struct check *c, int table, const struct pages_damage *d)
{
	struct fsck_finding f = { .class = FSCK_BAD_PAGE, .table = -1,
				  .page = d->page };
	char low[KEY_TEXT_BYTES] = "", high[KEY_TEXT_BYTES] = "";
	struct fsck_finding other = { 0 };
	bool one = d->low.n && kith_equal(d->low, d->high);

	if (table < TABLE_COUNT)
		f.table = table;
	if (table == TABLE_LOG && d->lost)
		note_lost(c, d);
	if (!d->page) {
		check_find(c, f, "%s: %s", tree_name(table), d->what);
		return;
	}
	if (d->low.n)
		key_words(c, table, d->low, &f, low);
	else
		snprintf(low, sizeof(low), "the start");
	key_words(c, table, d->high, &other, high);
	if (!one && !kith_feed_equal(&f.feed, &other.feed))
		f.sequence = 0;
	if (!one && f.sequence && other.sequence)
		f.last = other.sequence - 1;
	if (one)
		check_find(c, f, "%s, row %s: %s", tree_name(table), low,
			   d->what);
	else
		check_find(c, f, "%s from %s to %s: %s", tree_name(table), low,
			   high, d->what);
}

void check_at(struct check *c, int table)
{
	if (c->config->progress)
		c->config->progress->table = table;
}

bool check_skips(const struct check *c, int table)
{
	return c->config->skip_tables >> table & 1;
}

void rows_start(struct rows *w, struct check *c, int table)
{
	*w = (struct rows){ .check = c, .table = table };
	check_at(c, table);
	if (check_skips(c, table) || c->err)
		return;
	w->pages = pages_walk_new(c->pages, table);
	if (!w->pages)
		c->err = KITH_ENOMEM;
	w->again = c->walked >> table & 1;
	c->walked |= UINT64_C(1) << table;
}

bool rows_next(struct rows *w)
{
	struct pages_damage damage;
	enum pages_step step;

	while (w->pages && !w->check->err) {
		step = pages_next(w->pages, &w->row, &damage);
		if (step == PAGES_ROW)
			return true;
		if (step == PAGES_END)
			return false;
		if (step == PAGES_NO_MEMORY)
			w->check->err = KITH_ENOMEM;
		else if (!w->again)
			check_damage(w->check, w->table, &damage);
	}
	return false;
}

void rows_end(struct rows *w)
{
	if (w->pages)
		w->check->summary.bytes += pages_walk_bytes(w->pages);
	pages_walk_free(w->pages);
	w->pages = NULL;
}
