#include "tests/fsck/victim.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/store/keys.h"
#include "src/store/page.h"
#include "src/store/row.h"
#include "src/views/opinions.h"
#include "src/views/postings.h"

enum { PLACES_MAX = 1 << 16, SECTOR_BYTES = 512 };

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
	struct posting posting;
	struct opinion opinion;

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
	case TABLE_POSTINGS:
		if (posting_read(r->key, &posting))
			name_message(m, posting.rx, p);
		break;
	case TABLE_OPINIONS:
		if (opinion_read(r->key, r->value, &opinion)) {
			p->feed = m->feeds[opinion.author];
			p->sequence = opinion.sequence;
		}
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
	return memcmp(v->bytes + p->node, v->whole + p->node, p->node_bytes) !=
		       0 ||
	       (p->value_bytes &&
		memcmp(v->bytes + p->value, v->whole + p->value,
		       p->value_bytes) != 0);
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

void victim_flip(struct victim *v, size_t author, uint64_t sequence)
{
	for (size_t i = 0; i < v->place_count; i++) {
		const struct place *p = &v->places[i];

		if (p->table == TABLE_LOG && p->sequence == sequence &&
		    kith_feed_equal(&p->feed, author_id(&v->authors[author])))
			v->bytes[p->node + p->node_bytes / 2] ^= 1;
	}
}

void victim_flip_one(struct victim *v, size_t author, uint64_t sequence)
{
	victim_map(v);
	victim_flip(v, author, sequence);
	victim_write(v);
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
