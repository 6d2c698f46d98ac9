#include "tests/views/facts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/views/view.h"

enum { CANON_BYTES_MAX = 8192 };

#define RECEIVED_US ((int64_t)1600000000000000)
#define CLAIMED_MS  1600000000000.0

const char *const fact_types[FACTS_TYPES] = { "post", "vote", "about",
					      "contact", "odd\\\"one", "x" };
const char *const fact_channels[FACTS_CHANNELS] = { "kith", "tea", "grün" };

uint32_t facts_pick(struct facts *f, uint32_t n)
{
	uint64_t x = f->state += 0x9e3779b97f4a7c15;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return (uint32_t)((x ^ x >> 31) % n);
}

static void fill(struct facts *f, uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)facts_pick(f, 256);
}

void facts_open(struct facts *f, uint64_t seed)
{
	memset(f, 0, sizeof(*f));
	f->state = seed;
	f->content.limit = CANON_BYTES_MAX;
	test_home_open(&f->home);
	test_home_store(&f->home, 0);
	for (unsigned i = 0; i < FACTS_TARGETS; i++) {
		struct kith_ref *r = &f->targets[i];

		r->kind = i < FACTS_AUTHORS ? KITH_REF_FEED :
			  i % 3		    ? KITH_REF_MSG :
					      KITH_REF_BLOB;
		if (r->kind != KITH_REF_BLOB)
			r->msg.format = KITH_CLASSIC;
		fill(f, r->kind == KITH_REF_BLOB ? r->blob.b : r->msg.b,
		     KITH_ID_BYTES);
		/* Two that the index cannot tell from each other. */
		if (i == 8)
			memcpy(r->msg.b, f->targets[i - 1].msg.b, 8);
		if (i < FACTS_AUTHORS)
			f->authors[i] = r->feed;
	}
}

void facts_close(struct facts *f)
{
	kith_buf_free(&f->content);
	test_home_close(&f->home);
}

/* --- contents --- */

static void text(struct facts *f, const char *s)
{
	kith_buf_text(&f->content, s);
}

void facts_put_target(const struct facts *f, unsigned target,
		      struct kith_buf *out)
{
	const struct kith_ref *r = &f->targets[target];
	char id[KITH_REF_TEXT_BYTES];

	if (r->kind == KITH_REF_FEED)
		kith_feed_print(&r->feed, id);
	else if (r->kind == KITH_REF_MSG)
		kith_msg_print(&r->msg, id);
	else
		kith_blob_print(&r->blob, id);
	json_put_text(out, id);
}

static void put_link(struct facts *f, struct fact *m, const char *member,
		     unsigned target)
{
	m->links[m->link_count].member = member;
	m->links[m->link_count++].target = target;
	facts_put_target(f, target, &f->content);
}

static unsigned any_target(struct facts *f)
{
	return facts_pick(f, FACTS_TARGETS);
}

/* A link as it is, in a list with another, or in an object. */
static void put_member(struct facts *f, struct fact *m, const char *name,
		       const char *counts_as)
{
	text(f, ",\"");
	text(f, name);
	text(f, "\":");
	switch (facts_pick(f, 3)) {
	case 0:
		put_link(f, m, counts_as, any_target(f));
		break;
	case 1:
		text(f, "[");
		put_link(f, m, counts_as, any_target(f));
		text(f, ",{\"name\":\"x\",\"link\":");
		put_link(f, m, counts_as, any_target(f));
		text(f, "}]");
		break;
	default:
		text(f, "{\"link\":");
		put_link(f, m, counts_as, any_target(f));
		text(f, ",\"value\":1}");
		break;
	}
}

static void put_channel(struct facts *f, struct fact *m)
{
	static const char *const spelled[FACTS_CHANNELS] = { "Kith!", "#tea",
							     "gr ün" };
	unsigned i = facts_pick(f, FACTS_CHANNELS);

	m->in[i] = true;
	text(f, ",\"channel\":\"");
	text(f, spelled[i]);
	text(f, "\"");
}

static void put_hashtag(struct facts *f, struct fact *m)
{
	m->in[1] = true;
	text(f, ",\"tags\":[{\"link\":\"#Tea\"}]");
}

static void put_contact(struct facts *f, struct fact *m)
{
	static const struct {
		const char *text;
		int edge;
	} words[] = { { "\"following\":true", 1 }, { "\"following\":true", 1 },
		      { "\"blocking\":true", -1 },
		      { "\"following\":false", -2 } };
	unsigned word = facts_pick(f, 4);

	m->to = facts_pick(f, FACTS_AUTHORS);
	m->edge = words[word].edge;
	text(f, ",\"contact\":");
	put_link(f, m, "contact", m->to);
	text(f, ",");
	text(f, words[word].text);
}

static void make_content(struct facts *f, struct fact *m, bool contacts)
{
	static const char *const members[] = { "root", "branch", "fork",
					       "mentions", "vote", "about" };

	kith_buf_reset(&f->content);
	m->boxed = !facts_pick(f, 8);
	if (m->boxed) {
		text(f, "\"c2VjcmV0.box\"");
		return;
	}
	do
		m->type = facts_pick(f, FACTS_TYPES);
	while (m->type == 3 && !contacts);
	text(f, "{\"type\":\"");
	text(f, fact_types[m->type]);
	text(f, "\"");
	if (m->type == 3)
		put_contact(f, m);
	for (unsigned i = 0; i < 6; i++)
		if (!facts_pick(f, 4) && m->link_count + 3 < FACTS_LINKS)
			put_member(f, m, members[i], members[i]);
	if (!facts_pick(f, 4) && m->link_count + 3 < FACTS_LINKS)
		put_member(f, m, "deep", "");
	if (!facts_pick(f, 3))
		put_channel(f, m);
	if (!facts_pick(f, 4))
		put_hashtag(f, m);
	text(f, "}");
}

/* --- the log --- */

static double claim(struct facts *f)
{
	switch (facts_pick(f, 12)) {
	case 0: return -5;
	case 1: return CLAIMED_MS * 2;
	case 2: return 0.5;
	default: return CLAIMED_MS + facts_pick(f, 60) / 2.0;
	}
}

static void write_message(const struct facts *f, const struct fact *m,
			  struct kith_buf *out)
{
	char author[KITH_REF_TEXT_BYTES], head[256];

	kith_feed_print(&f->authors[m->author], author);
	snprintf(head, sizeof(head), "{\"previous\":null,\"author\":\"%s\","
		 "\"sequence\":%u,\"timestamp\":", author,
		 (unsigned)m->sequence);
	kith_buf_text(out, head);
	json_put_number(out, m->claimed);
	kith_buf_text(out, ",\"hash\":\"sha256\",\"content\":");
	kith_buf_put(out, kith_bytes(&f->content));
	kith_buf_text(out, ",\"signature\":\"none\"}");
	assert_false(out->err);
}

static void append(struct facts *f, struct txn *t, struct fact *m)
{
	struct kith_buf canon = { .limit = CANON_BYTES_MAX };
	struct message_row row;
	struct view_message seen;
	struct feed_row feed;
	struct kith_msg msg;

	write_message(f, m, &canon);
	feed_get(t, &f->authors[m->author], &feed);
	feed.id = f->authors[m->author];
	msg = (struct kith_msg){ .author = feed.id, .sequence = m->sequence,
				 .first = m->sequence == 1, .id = m->id,
				 .claimed = m->claimed,
				 .units = (uint32_t)canon.n,
				 .canon = kith_bytes(&canon) };
	assert_int_equal(message_append(t, &feed, &msg, RECEIVED_US +
					facts_pick(f, 30000), 0, &row),
			 KITH_OK);
	feed_put(t, &feed);
	m->rx = row.rx;
	m->received_ms = (double)row.received_us / 1000;
	views_message(&row, &feed, &seen);
	views_fold(t, &seen, VIEW_ADDED);
	kith_buf_free(&canon);
}

struct fact *facts_add(struct facts *f, size_t n, bool contacts)
{
	struct fact *first = &f->all[f->n];
	struct txn *t;

	assert_true(n <= FACTS_MAX - f->n);
	assert_int_equal(store_write(f->home.store, &t), KITH_OK);
	for (size_t i = 0; i < n; i++) {
		struct fact *m = &f->all[f->n++];

		m->author = facts_pick(f, FACTS_AUTHORS);
		m->sequence = ++f->sequences[m->author];
		m->claimed = claim(f);
		m->id.format = KITH_CLASSIC;
		fill(f, m->id.b, KITH_ID_BYTES);
		make_content(f, m, contacts);
		append(f, t, m);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
	return first;
}

static void forget_one(struct txn *t, struct feed_row *feed, uint64_t sequence)
{
	uint8_t canon[CANON_BYTES_MAX];
	struct message_row row;
	struct view_message m;
	struct message_place at = { .feed_number = feed->number,
				    .sequence = sequence };

	assert_true(message_by_sequence(t, feed->number, sequence, &row));
	at.rx = row.rx;
	memcpy(at.id, row.id.b, sizeof(at.id));
	/* What stands in the store moves when it is written to. */
	memcpy(canon, row.canon.p, row.canon.n);
	row.canon.p = canon;
	views_message(&row, feed, &m);
	views_fold(t, &m, VIEW_GONE);
	message_delete(t, &at);
}

void facts_forget(struct facts *f, unsigned author)
{
	struct feed_row feed;
	uint64_t last;
	struct txn *t;

	assert_int_equal(store_write(f->home.store, &t), KITH_OK);
	if (feed_get(t, &f->authors[author], &feed) && feed.last) {
		last = feed.last;
		for (uint64_t s = feed.first; s <= last; s++) {
			feed.first = s + 1;
			feed_put(t, &feed);
			forget_one(t, &feed, s);
		}
		feed.first = feed.last = feed.bytes = 0;
		feed_put(t, &feed);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
	for (size_t i = 0; i < f->n; i++)
		if (f->all[i].author == author)
			f->all[i].gone = true;
	f->sequences[author] = 0;
}

void facts_catch_up(struct facts *f)
{
	struct kith_error e = { 0 };

	if (views_catch_up(f->home.store, &e))
		fail_msg("%s", e.text);
}

/* --- the graph --- */

int facts_edge(const struct facts *f, unsigned from, unsigned to)
{
	int edge = 0;

	for (size_t i = 0; i < f->n; i++) {
		const struct fact *m = &f->all[i];

		if (!m->gone && m->edge && m->author == from && m->to == to)
			edge = m->edge;
	}
	return edge;
}

/* What one at a distance claims of another, if that is nearer. */
static void claim_hops(const struct facts *f, int *at, unsigned a, unsigned b)
{
	int edge = facts_edge(f, a, b);
	int way = edge > 0 ? at[a] + 1 : edge - at[a];

	if (a != b && edge && (abs(way) < abs(at[b]) ||
			       (abs(way) == abs(at[b]) && way > at[b])))
		at[b] = way;
}

/* As protocol/13 section 7 says. */
int facts_hops(const struct facts *f, unsigned from, unsigned to)
{
	int at[FACTS_AUTHORS];

	for (unsigned i = 0; i < FACTS_AUTHORS; i++)
		at[i] = i == from ? 0 : -100;
	for (int level = 0; level < FACTS_AUTHORS; level++)
		for (unsigned a = 0; a < FACTS_AUTHORS; a++)
			for (unsigned b = 0; b < FACTS_AUTHORS; b++)
				if (at[a] == level)
					claim_hops(f, at, a, b);
	return at[to];
}

double fact_time(const struct fact *m)
{
	double ms = m->claimed < m->received_ms ? m->claimed : m->received_ms;

	return ms > 0 ? (double)(uint64_t)ms : 0;
}
