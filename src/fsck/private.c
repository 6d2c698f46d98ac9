/*
 * What was opened of private messages: its rows are sealed, and nobody here has
 * the key.  But each says which rows the views have of it, so that these can be
 * held against each other.
 */
#include <sodium.h>

#include "src/fsck/check.h"
#include "src/views/private_parts.h"
#include "src/views/row_sum.h"

/* Rows by what tells them apart: as the messages say, and as they are there. */
struct sums {
	struct row_sum said, there;
	bool doubt; /* a page is damaged, which was told */
};

static void add(struct row_sum *s, enum store_table table,
		struct kith_slice key, struct kith_slice value)
{
	row_sum_add(s, row_sum_hash(s, key, value) * (2 * (uint64_t)table + 1));
}

static void malformed(struct check *c, int table, const struct pages_row *r)
{
	struct fsck_finding f = { .class = FSCK_VIEW_WRONG, .table = table,
				  .page = r->page };

	if (r->key.n == 8 && table == TABLE_OPENED)
		f.rx = kith_be64(r->key.p);
	check_find(c, f, "a row of what was opened is malformed: `kith views "
		   "--rebuild private` makes all of them anew");
}

/* A number of the order in which messages were opened, and its message. */
static void add_opening(struct row_sum *s, uint64_t number,
			struct kith_slice rx)
{
	uint8_t key[8];

	kith_put_be64(key, number);
	add(s, TABLE_OPENINGS, (struct kith_slice){ key, sizeof(key) }, rx);
}

static bool add_said(struct sums *s, const struct pages_row *r)
{
	enum store_table table;
	struct opened_row row;
	struct kith_slice key;

	if (r->key.n != 8 || !opened_decode(r->value, &row))
		return false;
	if (row.state != OPENED_OPEN)
		return true;
	add_opening(&s->said, row.number, r->key);
	while (opened_row_next(&row.rows, &table, &key))
		add(&s->said, table, key, (struct kith_slice){ 0 });
	return !row.rows.n;
}

static bool add_there(struct sums *s, enum store_table table,
		      const struct pages_row *r)
{
	if (table != TABLE_OPENINGS) {
		add(&s->there, table, r->key, (struct kith_slice){ 0 });
		return true;
	}
	if (r->key.n != 8 || r->value.n != 8)
		return false;
	add_opening(&s->there, kith_be64(r->key.p), r->value);
	return true;
}

static void read_table(struct check *c, struct sums *s, enum store_table table)
{
	struct rows w;
	bool good;

	rows_start(&w, c, (int)table);
	while (rows_next(&w)) {
		good = table == TABLE_OPENED ? add_said(s, &w.row)
					     : add_there(s, table, &w.row);
		s->doubt = s->doubt || !good || w.row.doubtful;
		if (!good && !w.row.doubtful)
			malformed(c, (int)table, &w.row);
	}
	rows_end(&w);
}

void private_check(struct check *c)
{
	static const enum store_table tables[] = {
		TABLE_OPENED, TABLE_OPENINGS, TABLE_PRIVATE_POSTINGS,
		TABLE_PRIVATE_OPINIONS,
	};
	struct sums s = { 0 };

	randombytes_buf(s.said.key, sizeof(s.said.key));
	memcpy(s.there.key, s.said.key, sizeof(s.there.key));
	for (size_t i = 0; i < sizeof(tables) / sizeof(*tables); i++) {
		s.doubt = s.doubt || check_skips(c, (int)tables[i]);
		if (!check_skips(c, (int)tables[i]))
			read_table(c, &s, tables[i]);
	}
	if (!s.doubt && !row_sum_equal(&s.said, &s.there))
		check_find(c, (struct fsck_finding){
			.class = FSCK_VIEW_WRONG, .table = TABLE_OPENED,
		}, "the rows of private messages are not those that were "
			   "opened: `kith views --rebuild private` makes them "
			   "anew");
}
