#include "src/fsck/fsck.h"

#include <inttypes.h>
#include <stdlib.h>

#include "src/fsck/check.h"
#include "src/store/keys.h"
#include "src/views/view.h"

enum { SCHEMA_MAX = 1000 };

/* The version of the store, from its row; 0: there is none that can be read. */
static uint32_t read_schema(struct check *c)
{
	struct pages_damage damage;
	struct pages_walk *w = pages_walk_new(c->pages, TABLE_LOCAL);
	struct pages_row row;
	enum pages_step step;
	uint32_t version = 0;

	while (w && !version &&
	       ((step = pages_next(w, &row, &damage)) == PAGES_ROW ||
		step == PAGES_DAMAGE))
		if (step == PAGES_ROW && row.key.n == 1 &&
		    row.key.p[0] == KEY_SCHEMA && row.value.n == 4)
			version = kith_be32(row.value.p);
	pages_walk_free(w);
	pages_forget(c->pages);
	return version;
}

/* A damaged number is one that no kith has written. */
static enum kith_err check_version(struct check *c, struct kith_error *e)
{
	uint32_t version = read_schema(c);

	if (version && version < STORE_SCHEMA)
		return kith_fail(e, KITH_EFORMAT, 0, "an older kith wrote this "
				 "store: start kithd once to bring it up");
	if (version > STORE_SCHEMA && version < SCHEMA_MAX)
		return kith_fail(e, KITH_EFORMAT, 0, "the store has schema "
				 "%" PRIu32 " and this kith knows %d: use the "
				 "kith that wrote it, or a newer one", version,
				 STORE_SCHEMA);
	return KITH_OK;
}

static void check_head(struct check *c)
{
	const char *damage = pages_head_damage(c->pages);

	if (damage)
		check_find(c, (struct fsck_finding){ .class = FSCK_BAD_PAGE,
						     .table = -1 },
			   "data.mdb: %s", damage);
	for (int i = 0; i < TABLE_COUNT; i++)
		if (!pages_has(c->pages, i))
			check_find(c, (struct fsck_finding){
				.class = FSCK_BAD_PAGE, .table = i,
			}, "the table %s cannot be found",
				   store_table_name((enum store_table)i));
}

/* A walk for the sake of the pages alone. */
static void check_pages(struct check *c, int tree)
{
	struct rows w;

	rows_start(&w, c, tree);
	while (rows_next(&w))
		continue;
	rows_end(&w);
}

/* Pages that went astray without damage cost room and nothing else. */
static void count_astray(struct check *c)
{
	uint64_t count = c->config->skip_tables ? 0 : pages_count(c->pages);

	for (uint64_t i = 2; i < count; i++)
		c->summary.astray += pages_used_as(c->pages, i) ==
				     PAGES_ASTRAY;
}

static void check_all(struct check *c)
{
	check_head(c);
	check_pages(c, PAGES_MAIN);
	local_find_unindexed(c);
	feeds_read(c);
	if (c->config->depth == FSCK_FULL)
		views_begin(c);
	if (c->config->depth == FSCK_QUICK)
		indexes_check_quick(c);
	else
		log_check(c);
	feeds_compare(c);
	local_check(c);
	check_pages(c, TABLE_VIEWS);
	if (c->config->depth == FSCK_FULL)
		views_check(c);
	for (size_t i = 0; c->config->depth != FSCK_FULL &&
			   views_tables[i] != TABLE_COUNT; i++)
		check_pages(c, (int)views_tables[i]);
	private_check(c);
	if (c->config->depth != FSCK_QUICK) {
		check_pages(c, PAGES_FREE);
		count_astray(c);
	}
	check_settle(c);
}

enum kith_err fsck_run(const struct fsck_config *config,
		       struct fsck_summary *out, struct kith_error *e)
{
	struct check *c = calloc(1, sizeof(*c));
	enum kith_err err;

	if (!c)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	c->config = config;
	crc32c_init(&c->crc);
	c->last_received_us = INT64_MIN;
	err = pages_open(config->home, &c->pages, e);
	if (!err) {
		if (config->progress)
			config->progress->total_messages =
				pages_rows(c->pages, TABLE_LOG);
		c->summary.pages = pages_count(c->pages);
		c->summary.txn = pages_txn(c->pages);
		c->summary.pinned = pages_pinned(c->pages);
		err = check_version(c, e);
	}
	if (!err) {
		check_all(c);
		err = c->err ? kith_fail(e, c->err, 0, "%s",
					 c->why.code ? c->why.text
						     : kith_strerror(c->err))
			     : KITH_OK;
	}
	if (!err)
		*out = c->summary;
	views_free(c);
	feeds_free(c);
	pages_close(c->pages);
	free(c);
	return err;
}
