#include "tests/fsck/victim.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "src/ingest/ingest.h"
#include "src/store/keys.h"
#include "src/store/local.h"
#include "src/store/page.h"
#include "src/store/proofs.h"
#include "src/store/row.h"
#include "src/views/view.h"

enum {
	CONTENT_BYTES = 9000,
	PLACES_MAX = 1 << 16,
	FORKER = 77,
	SECTOR_BYTES = 512
};

uint32_t victim_below(uint64_t *state, size_t n)
{
	*state ^= *state << 13;
	*state ^= *state >> 7;
	*state ^= *state << 17;
	return (uint32_t)((*state >> 11) % n);
}

/* --- the store ------------------------------------------------------------ */

/* Now and then a contact, and a post that takes a page of its own. */
static void write_one(struct victim *v, size_t author, size_t i)
{
	struct author *a = &v->authors[author];
	char content[CONTENT_BYTES], id[KITH_REF_TEXT_BYTES];
	int n = i % 17 == 3 ? 5000 : 10;

	kith_feed_print(author_id(&v->authors[(author + 1 + i) %
					      VICTIM_AUTHORS]), id);
	if (i % 5 == 1)
		snprintf(content, sizeof(content), "{\"type\":\"contact\","
			 "\"contact\":\"%s\",\"following\":%s}", id,
			 i % 2 ? "true" : "false");
	else
		snprintf(content, sizeof(content), "{\"type\":\"post\","
			 "\"text\":\"%0*zu\"}", n, i);
	author_write(a, kith_text(content));
}

static void append(struct txn *t, struct author *a, uint64_t sequence)
{
	struct view_message seen;
	struct message_row row;
	struct kith_msg m;
	struct feed_row f;

	feed_get(t, author_id(a), &f);
	kith_decoder_reset(a->decoder);
	assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
					 author_message(a, sequence), &m,
					 NULL), KITH_OK);
	assert_int_equal(message_append(t, &f, &m, 0, 1, &row), KITH_OK);
	feed_put(t, &f);
	seen = (struct view_message){ &row, m.author, m.claimed, m.content };
	views_fold(t, &seen, VIEW_ADDED);
}

static void put_clock(struct victim *v, struct txn *t, size_t author)
{
	struct kith_clock_entry entries[VICTIM_AUTHORS];

	for (size_t i = 0; i < VICTIM_AUTHORS; i++) {
		entries[i].feed = *author_id(&v->authors[i]);
		entries[i].sequence = (int64_t)(10 * author + i);
	}
	clock_put(t, author_id(&v->authors[author]), entries, VICTIM_AUTHORS);
}

/* Two messages of somebody else for one place. */
static void put_proof(struct txn *t)
{
	struct proof_row row = { .sequence = 1, .count = 2 };
	struct author other;

	author_init(&other, FORKER);
	row.feed = *author_id(&other);
	author_write(&other, KITH_SLICE("{\"type\":\"one\"}"));
	author_go_back(&other, 0);
	author_write(&other, KITH_SLICE("{\"type\":\"another\"}"));
	for (uint8_t i = 0; i < 2; i++) {
		row.messages[i].id = (struct kith_msg_id){ KITH_CLASSIC,
							   { i } };
		row.messages[i].canon = author_message(&other, i + 1U);
	}
	assert_true(proof_put(t, &row));
	author_clear(&other);
}

static void put_facts(struct victim *v)
{
	struct publish_row publish = { .state = PUBLISH_OK };
	struct address_row address = { .text = KITH_SLICE("net:a.b:8008") };
	struct txn *t;

	assert_int_equal(store_write(v->h.store, &t), KITH_OK);
	publish_put(t, author_id(&v->authors[0]), &publish);
	for (size_t i = 0; i < VICTIM_AUTHORS; i++) {
		peer_number(t, author_id(&v->authors[i]));
		put_clock(v, t, i);
		memcpy(address.key, author_id(&v->authors[i])->b, 32);
		address_row_put(t, &address);
	}
	put_proof(t);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void read_file(struct victim *v)
{
	struct stat st;
	int fd = open(v->path, O_RDONLY);

	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &st), 0);
	free(v->whole);
	free(v->bytes);
	v->n = (size_t)st.st_size;
	v->whole = malloc(v->n);
	v->bytes = malloc(v->n);
	assert_non_null(v->whole);
	assert_non_null(v->bytes);
	assert_int_equal(read(fd, v->whole, v->n), v->n);
	memcpy(v->bytes, v->whole, v->n);
	close(fd);
}

void victim_change(struct victim *v)
{
	test_home_store(&v->h, 0);
}

void victim_settle(struct victim *v)
{
	struct kith_error e = { 0 };

	store_close(v->h.store);
	v->h.store = NULL;
	home_close(v->h.home);
	assert_int_equal(home_open(v->h.path, false, &v->h.home, &e), KITH_OK);
	read_file(v);
}

void victim_open(struct victim *v, size_t posts)
{
	struct txn *t;

	*v = (struct victim){ 0 };
	for (size_t i = 0; i < VICTIM_AUTHORS; i++)
		author_init(&v->authors[i], (uint8_t)(i + 1));
	test_home_open(&v->h);
	snprintf(v->path, sizeof(v->path), "%s/store/data.mdb", v->h.path);
	victim_change(v);
	assert_int_equal(views_catch_up(v->h.store, NULL), KITH_OK);
	for (size_t i = 0; i < posts; i++) {
		assert_int_equal(store_write(v->h.store, &t), KITH_OK);
		for (size_t k = 0; k < VICTIM_AUTHORS; k++) {
			write_one(v, k, i);
			append(t, &v->authors[k], i + 1);
		}
		assert_int_equal(txn_commit(t), KITH_OK);
	}
	put_facts(v);
	victim_settle(v);
}

void victim_close(struct victim *v)
{
	for (size_t i = 0; i < VICTIM_AUTHORS; i++)
		author_clear(&v->authors[i]);
	free(v->whole);
	free(v->bytes);
	free(v->places);
	test_home_close(&v->h);
}

/* What repairs have left. */
static void remove_generations(struct victim *v)
{
	char path[TEST_PATH_BYTES + 64];

	snprintf(path, sizeof(path), "%s/store/current", v->h.path);
	unlink(path);
	for (int i = 0; i < 4; i++) {
		snprintf(path, sizeof(path), "%s/store/%d/data.mdb",
			 v->h.path, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/store/%d/lock.mdb",
			 v->h.path, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/store/%d", v->h.path, i);
		rmdir(path);
		snprintf(path, sizeof(path), "%s/store/damaged-%d/data.mdb",
			 v->h.path, i);
		unlink(path);
		snprintf(path, sizeof(path), "%s/store/damaged-%d", v->h.path,
			 i);
		rmdir(path);
	}
}

void victim_rewrite(struct victim *v)
{
	int fd = open(v->path, O_WRONLY | O_TRUNC | O_CREAT, 0600);


	assert_true(fd >= 0);
	assert_int_equal(write(fd, v->bytes, v->n), v->n);
	close(fd);
}

void victim_write(struct victim *v)
{
	remove_generations(v);
	victim_rewrite(v);
}

void victim_restore(struct victim *v)
{
	memcpy(v->bytes, v->whole, v->n);
	victim_write(v);
}

/* --- where rows are ------------------------------------------------------- */

struct map {
	struct victim *v;
	struct pages *pages;
	struct crc32c crc;
	struct kith_feed_id feeds[VICTIM_FEEDS_MAX]; /* by number */
	struct pages_walk *walk;
};

static void find_node(struct map *m, const struct pages_row *r,
		      struct place *out)
{
	size_t bytes = pages_bytes(m->pages), start = r->page * bytes;
	struct page page = { m->v->whole + start, bytes };
	struct page_node n;

	for (size_t i = 0; i < page_count(page); i++) {
		page_node(page, i, &n);
		if (!kith_equal(n.key, r->key))
			continue;
		out->node = (size_t)(n.key.p - m->v->whole) - PAGE_NODE_BYTES;
		out->node_bytes = PAGE_NODE_BYTES + n.key.n + n.value.n;
		if (n.flags & NODE_LONG) {
			out->value = n.child * bytes + PAGE_HEAD_BYTES;
			out->value_bytes = n.value_bytes;
		}
		return;
	}
	fail_msg("no node");
}

static void name_message(struct map *m, uint64_t rx, struct place *p)
{
	struct pages_walk *w = pages_walk_new(m->pages, TABLE_LOG);
	struct pages_damage damage;
	struct message_row row;
	struct pages_row r;

	while (pages_next(w, &r, &damage) == PAGES_ROW)
		if (kith_be64(r.key.p) == rx) {
			assert_true(row_decode(&m->crc, rx, r.value, &row));
			p->feed = m->feeds[row.feed_number];
			p->sequence = row.sequence;
			break;
		}
	pages_walk_free(w);
}

static void name_row(struct map *m, const struct pages_row *r, struct place *p)
{
	switch (p->table) {
	case TABLE_LOG:
		name_message(m, kith_be64(r->key.p), p);
		break;
	case TABLE_BY_ID:
		name_message(m, kith_be64(r->value.p), p);
		break;
	case TABLE_BY_FEED:
		p->feed = m->feeds[kith_be32(r->key.p)];
		p->sequence = kith_be64(r->key.p + 4);
		break;
	case TABLE_FEED_NUMBERS:
		assert_in_range(kith_be32(r->key.p), 1, VICTIM_FEEDS_MAX - 1);
		p->feed = key_read_feed(r->value.p);
		m->feeds[kith_be32(r->key.p)] = p->feed;
		break;
	case TABLE_CONTACTS:
		p->sequence = kith_be64(r->value.p + 1);
		p->feed = key_read_feed(r->key.p);
		break;
	case TABLE_FEEDS:
	case TABLE_CLOCKS:
	case TABLE_PROOFS:
		p->feed = key_read_feed(r->key.p);
		break;
	case TABLE_LOCAL:
		if (r->key.n == 1 + KEY_FEED_BYTES)
			p->feed = key_read_feed(r->key.p + 1);
		break;
	default:
		break;
	}
}

static void map_table(struct map *m, int table)
{
	struct pages_walk *w = pages_walk_new(m->pages, table);
	struct pages_damage damage;
	struct pages_row row;

	assert_non_null(w);
	while (pages_next(w, &row, &damage) == PAGES_ROW) {
		struct place *p = &m->v->places[m->v->place_count++];

		assert_in_range(m->v->place_count, 1, PLACES_MAX - 1);
		p->table = table;
		name_row(m, &row, p);
		find_node(m, &row, p);
	}
	pages_walk_free(w);
}

void victim_map(struct victim *v)
{
	struct map m = { .v = v };

	crc32c_init(&m.crc);
	v->place_count = 0;
	free(v->places);
	v->places = calloc(PLACES_MAX, sizeof(*v->places));
	assert_non_null(v->places);
	assert_int_equal(pages_open_file(v->path, &m.pages, NULL), KITH_OK);
	map_table(&m, TABLE_FEED_NUMBERS);
	for (int i = 0; i < TABLE_COUNT; i++)
		if (i != TABLE_FEED_NUMBERS)
			map_table(&m, i);
	pages_close(m.pages);
}

void victim_load(struct victim *v, const char *path)
{
	*v = (struct victim){ 0 };
	snprintf(v->path, sizeof(v->path), "%s", path);
	read_file(v);
	victim_map(v);
}

const struct place *victim_choose(const struct victim *v, uint64_t *random)
{
	int table = (int)victim_below(random, TABLE_COUNT), tries = 10000;
	bool any = victim_below(random, 2);
	const struct place *p;

	do {
		p = &v->places[victim_below(random, v->place_count)];
	} while (!any && p->table != table && tries--);
	return p;
}

const char *const victim_kinds[VICTIM_KINDS] = {
	"flipped bit", "overwritten bytes", "zeroed sector",
};

void victim_zero(struct victim *v, size_t at)
{
	size_t start = at / SECTOR_BYTES * SECTOR_BYTES, left = v->n - start;

	memset(v->bytes + start, 0, left < SECTOR_BYTES ? left : SECTOR_BYTES);
}

bool victim_is_hit(const struct victim *v, const struct place *p)
{
	return memcmp(v->bytes + p->node, v->whole + p->node, p->node_bytes) ||
	       (p->value_bytes &&
		memcmp(v->bytes + p->value, v->whole + p->value,
		       p->value_bytes));
}

void victim_damage(struct victim *v, const struct place *p, unsigned kind,
		   uint64_t *random)
{
	bool in_value = p->value_bytes && victim_below(random, 2);
	size_t start = in_value ? p->value : p->node;
	size_t n = in_value ? p->value_bytes : p->node_bytes;
	size_t at = start + victim_below(random, n), end = start + n;

	switch (kind) {
	case 0:
		v->bytes[at] ^= (uint8_t)(1 << victim_below(random, 8));
		break;
	case 1:
		for (int i = 0; i < 8 && at < end; i++, at++)
			v->bytes[at] = (uint8_t)victim_below(random, 256);
		break;
	default:
		victim_zero(v, at);
	}
}

/* --- checks --------------------------------------------------------------- */

static void find(void *arg, const struct fsck_finding *f)
{
	struct victim *v = arg;

	if (v->finding_count < VICTIM_FINDINGS_MAX)
		v->findings[v->finding_count++] = *f;
}

static enum kith_err in_child(const struct fsck_config *config,
			      struct fsck_summary *out, struct kith_error *e)
{
	return child_run(fsck_run, config, out, e);
}

static void check_by(struct victim *v, const struct fsck_config *given,
		     fsck_run_fn *run)
{
	struct fsck_config config = *given;
	struct kith_error e = { 0 };

	config.home = v->h.home;
	config.finding = find;
	config.arg = v;
	v->finding_count = 0;
	if (run(&config, &v->summary, &e))
		fail_msg("%s", e.text);
}

void victim_check_with(struct victim *v, const struct fsck_config *config)
{
	check_by(v, config, fsck_run);
}

void victim_run_with(struct victim *v, const struct fsck_config *config,
		     fsck_run_fn *run)
{
	struct fsck_config child = *config;
	struct kith_error e = { 0 };

	child.home = v->h.home;
	child.finding = find;
	child.arg = v;
	if (child_run(run, &child, &v->summary, &e))
		fail_msg("%s", e.text);
}

void victim_check(struct victim *v, enum fsck_depth depth)
{
	check_by(v, &(struct fsck_config){ .depth = depth, .threads = 2,
						   .window = v->window },
		 v->in_child ? in_child : fsck_run);
	assert_in_range(v->summary.findings, v->finding_count,
			v->finding_count == VICTIM_FINDINGS_MAX
				? UINT32_MAX
				: v->finding_count);
}

bool victim_names(const struct victim *v, const struct place *p)
{
	bool facts = p->table == TABLE_LOCAL || p->table == TABLE_CLOCKS ||
		     p->table == TABLE_ADDRESSES || p->table == TABLE_PROOFS ||
		     p->table == TABLE_VIEWS;

	for (size_t i = 0; i < v->finding_count; i++) {
		const struct fsck_finding *f = &v->findings[i];

		if (p->feed.format != KITH_FORMAT_NONE &&
		    kith_feed_equal(&f->feed, &p->feed) &&
		    (!p->sequence || (f->sequence <= p->sequence &&
				      p->sequence <= f->last)))
			return true;
		/* What concerns no message has no other name. */
		if (facts && f->table == p->table)
			return true;
	}
	return false;
}

/* --- repairs -------------------------------------------------------------- */

static void told(void *arg, const struct repair_feed *f)
{
	(void)arg;
	assert_true(f->dropped || f->aside);
}

static size_t find_cuts(const struct victim *v, struct repair_cut *cuts)
{
	size_t n = 0;

	for (size_t i = 0; i < v->finding_count; i++) {
		const struct fsck_finding *f = &v->findings[i];

		if (fsck_classes[f->class].repair == FSCK_REFETCH &&
		    f->sequence && f->feed.format != KITH_FORMAT_NONE)
			cuts[n++] = (struct repair_cut){
				f->sequence, f->feed, f->class };
	}
	return n;
}

static enum fsck_repair find_repair(const struct victim *v)
{
	bool needs[4] = { false };

	for (size_t i = 0; i < v->finding_count; i++)
		needs[fsck_classes[v->findings[i].class].repair] = true;
	if (needs[FSCK_SALVAGE])
		return FSCK_SALVAGE;
	if (needs[FSCK_QUARANTINE])
		return FSCK_QUARANTINE;
	return needs[FSCK_REFETCH] ? FSCK_REFETCH : FSCK_REBUILD;
}

struct repair_outcome victim_mend(struct victim *v)
{
	static struct repair_cut cuts[VICTIM_FINDINGS_MAX];
	struct repair_config config = {
		.home = v->h.home,
		.repair = find_repair(v),
		.self = author_id(&v->authors[0]),
		.cuts = cuts,
		.cut_count = find_cuts(v, cuts),
		.now_us = 1,
		.told = told,
	};
	struct repair_outcome outcome;
	struct kith_error e = { 0 };

	assert_int_equal(home_lock_writer(v->h.home, &e), KITH_OK);
	if (repair_run(&config, &outcome, &e))
		fail_msg("%s", e.text);
	return outcome;
}

void victim_heal(struct victim *v)
{
	struct ingest_config config = { .signer = v->authors[0].signer };
	struct ingest_done done;
	struct ingest *in;

	victim_change(v);
	config.store = v->h.store;
	assert_int_equal(ingest_start(&config, &in, NULL), KITH_OK);
	for (size_t k = 0; k < VICTIM_AUTHORS; k++)
		for (size_t i = 1; i <= v->authors[k].count; i++)
			assert_int_equal(ingest_add(in,
				author_message(&v->authors[k], i), 0, 1),
				KITH_OK);
	ingest_wait(in);
	while (ingest_done(in, &done))
		for (size_t i = 0; i < done.count; i++)
			if (done.results[i].verdict > INGEST_KNOWN)
				fail_msg("%s", done.results[i].why);
	ingest_stop(in);
	for (size_t k = 0; k < VICTIM_AUTHORS; k++)
		assert_chain(v->h.store, author_id(&v->authors[k]),
			     v->authors[k].count);
	store_close(v->h.store);
	v->h.store = NULL;
}

static struct pages_walk *walk(struct pages *p, int table)
{
	struct pages_walk *w = pages_walk_new(p, table);

	assert_non_null(w);
	return w;
}

static bool same_table(struct pages *a, struct pages *b, int table)
{
	struct pages_walk *left = walk(a, table), *right = walk(b, table);
	struct pages_row x, y;
	struct pages_damage damage;
	enum pages_step step;
	bool same = true;

	do {
		step = pages_next(left, &x, &damage);
		same = step == pages_next(right, &y, &damage) &&
		       (step != PAGES_ROW ||
			(kith_equal(x.key, y.key) &&
			 kith_equal(x.value, y.value)));
	} while (same && step == PAGES_ROW);
	pages_walk_free(left);
	pages_walk_free(right);
	return same;
}

bool victim_same_rows(struct victim *v)
{
	char other[TEST_PATH_BYTES + 32];
	struct pages *a, *b;
	bool same = true;
	int fd;

	snprintf(other, sizeof(other), "%s/whole", v->h.path);
	fd = open(other, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, v->whole, v->n), v->n);
	close(fd);
	assert_int_equal(pages_open_file(other, &a, NULL), KITH_OK);
	assert_int_equal(pages_open_file(v->path, &b, NULL), KITH_OK);
	for (int i = 0; same && i < TABLE_COUNT; i++)
		same = same_table(a, b, i);
	pages_close(a);
	pages_close(b);
	unlink(other);
	return same;
}
