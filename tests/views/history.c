#include "tests/views/history.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"

enum { CONTENT_BYTES_MAX = 4096, CANON_BYTES_MAX = 8192 };

#define RECEIVED_US ((int64_t)1600000000000000)
#define CLAIMED_MS  1600000000000.0

static uint64_t scatter(uint64_t x)
{
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

uint32_t history_pick(struct history *h, uint32_t n)
{
	return (uint32_t)(scatter(h->state += 0x9e3779b97f4a7c15) % n);
}

struct kith_msg_id history_id(const struct history *h, size_t n)
{
	struct kith_msg_id id = { .format = KITH_CLASSIC };

	for (uint64_t i = 0; i < KITH_ID_BYTES / 8; i++)
		kith_put_be64(id.b + 8 * i,
			      scatter(scatter(h->seed) + 4 * n + i));
	return id;
}

static void fill(struct history *h, uint8_t *p, size_t n)
{
	while (n--)
		*p++ = (uint8_t)history_pick(h, 256);
}

/* --- what is said --- */

static void text(struct history *h, const char *s)
{
	kith_buf_text(&h->content, s);
}

static void put_feed(struct history *h)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&h->authors[history_pick(h, HISTORY_AUTHORS)], id);
	json_put_text(&h->content, id);
}

/* Any message, said or to be said or never. */
static void put_msg(struct history *h)
{
	char id[KITH_REF_TEXT_BYTES];
	struct kith_msg_id at;
	uint32_t near = (uint32_t)h->messages + 3;

	if (near > HISTORY_MESSAGES)
		near = HISTORY_MESSAGES;
	at = history_id(h, history_pick(h, near));
	kith_msg_print(&at, id);
	json_put_text(&h->content, id);
}

static void put_blob(struct history *h)
{
	struct kith_blob_id blob = { { (uint8_t)history_pick(h, 3) } };
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&blob, id);
	json_put_text(&h->content, id);
}

static const char *one_of(struct history *h, const char *const *list, size_t n)
{
	return list[history_pick(h, (uint32_t)n)];
}

#define ONE_OF(h, list) one_of(h, list, sizeof(list) / sizeof(*(list)))

#define LONG_NAME "\"carol who has a name that is longer than fifty units, " \
		  "as some have\""

static const char *const values[] = {
	"\"alice\"", "\"Alice\"", "\"bob\"", "\"@bob\"", "\" B o b \"",
	"\"al\\u202eice\"", "\"\"", "null", "42", "true", "[\"x\"]",
	"{\"remove\":true}", "{\"link\":\"alice\"}", "{\"remove\":false}",
	"\"\\n\"", LONG_NAME
};

static void put_value(struct history *h, const char *member)
{
	text(h, ",\"");
	text(h, member);
	text(h, "\":");
	if (history_pick(h, *member == 'i' ? 2 : 8))
		text(h, ONE_OF(h, values));
	else
		put_blob(h);
}

static void say_about(struct history *h)
{
	static const char *const members[] = { "name", "name", "name",
					       "image" };

	text(h, "{\"type\":\"about\",\"about\":");
	switch (history_pick(h, 8)) {
	case 0: text(h, "17"); break;
	case 1: case 2: put_msg(h); break;
	case 3:
		text(h, "{\"link\":");
		put_feed(h);
		text(h, "}");
		break;
	default: put_feed(h); break;
	}
	put_value(h, ONE_OF(h, members));
	if (!history_pick(h, 3))
		put_value(h, "title");
	text(h, "}");
}

static void say_contact(struct history *h)
{
	static const char *const words[] = {
		",\"following\":true", ",\"following\":true",
		",\"following\":true", ",\"following\":false",
		",\"blocking\":true", ",\"blocking\":false",
		",\"flagged\":true", ",\"following\":null", "",
		",\"following\":true,\"blocking\":true"
	};

	text(h, "{\"type\":\"contact\",\"contact\":");
	if (history_pick(h, 12))
		put_feed(h);
	else
		put_msg(h);
	text(h, ONE_OF(h, words));
	text(h, "}");
}

static void say_vote(struct history *h)
{
	static const char *const words[] = { ",\"value\":1", ",\"value\":1",
		",\"value\":0", ",\"value\":-1", ",\"value\":\"1\"", "",
		",\"value\":7", ",\"value\":null,\"expression\":\"dig\"" };

	text(h, "{\"type\":\"vote\",\"vote\":{\"link\":");
	switch (history_pick(h, 6)) {
	case 0: put_feed(h); break;
	case 1: put_blob(h); break;
	default: put_msg(h); break;
	}
	text(h, ONE_OF(h, words));
	text(h, "}");
	if (!history_pick(h, 3)) {
		text(h, ",\"root\":");
		put_msg(h);
	}
	text(h, "}");
}

static void say_channel(struct history *h)
{
	static const char *const words[] = {
		"\"kith\",\"subscribed\":true", "\"#Kith\",\"subscribed\":true",
		"\"kith\",\"subscribed\":false", "\"tea\",\"subscribed\":true",
		"\"tea\",\"subscribed\":\"yes\"", "\"tea\"", "null",
		"\"\",\"subscribed\":true", "[\"kith\"],\"subscribed\":true"
	};

	text(h, "{\"type\":\"channel\",\"channel\":");
	text(h, ONE_OF(h, words));
	text(h, "}");
}

static void put_branch(struct history *h)
{
	text(h, ",\"branch\":");
	switch (history_pick(h, 4)) {
	case 0: text(h, "[\"none\",7,{}]"); break;
	case 1:
		text(h, "{\"0\":");
		put_msg(h);
		text(h, "}");
		break;
	case 2:
		text(h, "[");
		put_msg(h);
		text(h, ",");
		put_msg(h);
		text(h, "]");
		break;
	default: put_msg(h); break;
	}
}

static void put_place(struct history *h)
{
	static const char *const names[] = { "thread", "group", "post" };

	switch (history_pick(h, 8)) {
	case 0: case 1: case 2: case 3:
		text(h, ",\"root\":");
		put_msg(h);
		break;
	case 4:
		text(h, ",\"root\":{\"link\":");
		put_msg(h);
		text(h, "}");
		break;
	case 5:
		text(h, ",\"tangles\":{\"");
		text(h, ONE_OF(h, names));
		text(h, "\":{\"root\":");
		put_msg(h);
		text(h, ",\"previous\":[");
		put_msg(h);
		text(h, "]}}");
		break;
	case 6: text(h, ",\"root\":null,\"tangles\":[]"); break;
	default: text(h, ",\"root\":[1]"); break;
	}
	if (history_pick(h, 2))
		put_branch(h);
	if (!history_pick(h, 4)) {
		text(h, ",\"fork\":");
		put_msg(h);
	}
	if (!history_pick(h, 4)) {
		text(h, ",\"reply\":{");
		put_msg(h);
		text(h, ":");
		put_feed(h);
		text(h, "}");
	}
}

static void put_mentions(struct history *h)
{
	static const char *const forms[] = {
		"[\"none\",{\"link\":7},null]", "false",
		"{\"0\":{\"link\":\"#tea\"}}",
		"[{\"link\":\"#Kith\"}]", "[\"#tea\",\"#\"]"
	};

	text(h, ",\"mentions\":");
	switch (history_pick(h, 4)) {
	case 0: text(h, ONE_OF(h, forms)); break;
	case 1:
		text(h, "{\"0\":{\"link\":");
		put_feed(h);
		text(h, "}}");
		break;
	case 2:
		text(h, "[");
		put_feed(h);
		text(h, ",");
		put_msg(h);
		text(h, "]");
		break;
	default:
		text(h, "[{\"name\":\"x\",\"link\":");
		put_feed(h);
		text(h, "}]");
		break;
	}
}

static void say_post(struct history *h)
{
	static const char *const channels[] = { "\"kith\"", "\"#tea\"", "7",
						"\"Kith!\"", "null" };
	static const char *const texts[] = {
		"\",\"text\":\"hello #tea\"", "\",\"text\":\"#tea\"",
		"\",\"text\":\"# Kith\\n\\nA text.\"", "\",\"text\":7",
		"\",\"text\":\"#tea#kith\""
	};
	static const char *const types[] = { "post", "post", "post", "blog",
					     "gathering" };

	text(h, "{\"type\":\"");
	text(h, ONE_OF(h, types));
	text(h, ONE_OF(h, texts));
	if (history_pick(h, 4))
		put_place(h);
	if (!history_pick(h, 3))
		put_mentions(h);
	if (!history_pick(h, 4)) {
		text(h, ",\"channel\":");
		text(h, ONE_OF(h, channels));
	}
	text(h, "}");
}

static void say_nonsense(struct history *h)
{
	static const char *const forms[] = {
		"{\"type\":\"post\"}", "{\"type\":7}", "{\"type\":\"about\"}",
		"{\"type\":\"vote\",\"vote\":\"up\"}", "\"c2VjcmV0.box\"",
		"{\"type\":\"contact\",\"contact\":null,\"following\":true}",
		"{\"type\":\"post\",\"root\":[[[[[]]]]],\"mentions\":[[{}]]}"
	};

	text(h, ONE_OF(h, forms));
}

static void make_content(struct history *h)
{
	kith_buf_reset(&h->content);
	switch (history_pick(h, 12)) {
	case 0: case 1: case 2: say_about(h); break;
	case 3: case 4: say_contact(h); break;
	case 5: case 6: say_vote(h); break;
	case 7: say_channel(h); break;
	case 8: case 9: case 10: say_post(h); break;
	default: say_nonsense(h); break;
	}
	assert_false(h->content.err);
}

/* --- the log --- */

static double claim(struct history *h)
{
	switch (history_pick(h, 10)) {
	case 0: return -5;
	case 1: return CLAIMED_MS * 2;
	case 2: return 0.5;
	default: return CLAIMED_MS + history_pick(h, 20);
	}
}

static void write_message(const struct feed_row *feed, double claimed,
			  struct kith_slice content, struct kith_buf *out)
{
	char author[KITH_REF_TEXT_BYTES], previous[KITH_REF_TEXT_BYTES] = "";
	char head[2 * KITH_REF_TEXT_BYTES + 128];

	kith_feed_print(&feed->id, author);
	if (feed->last)
		kith_msg_print(&feed->last_id, previous);
	snprintf(head, sizeof(head), "{\"previous\":%s%s%s,\"author\":\"%s\","
		 "\"sequence\":%u,\"timestamp\":",
		 feed->last ? "\"" : "", feed->last ? previous : "null",
		 feed->last ? "\"" : "", author, (unsigned)feed->last + 1);
	kith_buf_text(out, head);
	json_put_number(out, claimed);
	kith_buf_text(out, ",\"hash\":\"sha256\",\"content\":");
	kith_buf_put(out, content);
	kith_buf_text(out, ",\"signature\":\"none\"}");
}

static void append(struct history *h, size_t author, struct kith_slice content,
		   struct message_row *row)
{
	struct kith_buf canon = { .limit = CANON_BYTES_MAX };
	struct feed_row feed;
	struct kith_msg m;
	double claimed = claim(h);

	feed_get(h->txn, &h->authors[author], &feed);
	feed.id = h->authors[author];
	write_message(&feed, claimed, content, &canon);
	assert_false(canon.err);
	m = (struct kith_msg){
		.author = feed.id,
		.sequence = feed.last + 1,
		.first = !feed.last,
		.previous = feed.last_id,
		.id = history_id(h, h->messages),
		.claimed = claimed,
		.units = (uint32_t)canon.n,
		.canon = kith_bytes(&canon),
	};
	assert_int_equal(message_append(h->txn, &feed, &m, RECEIVED_US +
					history_pick(h, 30000), 0, row),
			 KITH_OK);
	feed_put(h->txn, &feed);
	kith_buf_free(&canon);
	h->messages++;
}

/* Its rows, in views that are folded with the log and that follow it. */
static void add_rows(struct history *h, const struct view_message *m)
{
	for (size_t i = 0; views[i]; i++)
		if (views[i]->rows)
			assert_true(filler_add(h->filler, views[i], m));
	views_fold(h->txn, m, VIEW_ADDED);
}

static void fold(struct history *h, uint64_t rx, bool gone)
{
	uint8_t canon[CANON_BYTES_MAX];
	struct message_row row;
	struct view_message m;
	struct feed_row feed;

	if (!message_get(h->txn, rx, &row) ||
	    !feed_by_number(h->txn, row.feed_number, &feed))
		return;
	/* What stands in the store moves when it is written to. */
	memcpy(canon, row.canon.p, row.canon.n);
	row.canon.p = canon;
	views_message(&row, &feed, &m);
	if (gone)
		views_fold(h->txn, &m, VIEW_GONE);
	else
		add_rows(h, &m);
}

static void put_rows(struct history *h)
{
	assert_true(filler_put(h->filler, h->txn));
}

void history_start(struct history *h, struct txn *t, uint64_t seed)
{
	*h = (struct history){ .txn = t, .seed = seed, .state = seed,
			       .filler = filler_new(),
			       .content = { .limit = CONTENT_BYTES_MAX } };
	assert_non_null(h->filler);
	for (size_t i = 0; i < HISTORY_AUTHORS; i++) {
		h->authors[i].format = KITH_CLASSIC;
		fill(h, h->authors[i].b, KITH_ID_BYTES);
	}
}

void history_say(struct history *h, size_t author, const char *content)
{
	struct message_row row;

	append(h, author, kith_text(content), &row);
	fold(h, row.rx, false);
	put_rows(h);
}

void history_forget(struct history *h, size_t author)
{
	struct message_row row;
	struct feed_row feed;

	if (!feed_get(h->txn, &h->authors[author], &feed) || !feed.last)
		return;
	for (uint64_t s = feed.first; s <= feed.last; s++) {
		struct feed_row going = feed;
		struct message_place at = { .feed_number = feed.number,
					    .sequence = s };

		assert_true(message_by_sequence(h->txn, feed.number, s, &row));
		at.rx = row.rx;
		memcpy(at.id, row.id.b, sizeof(at.id));
		going.first = feed.last + 1;
		feed_put(h->txn, &going);
		fold(h, row.rx, true);
		message_delete(h->txn, &at);
	}
	feed.first = feed.last = feed.bytes = 0;
	feed_put(h->txn, &feed);
}

void history_make(struct history *h, struct txn *t, uint64_t seed)
{
	uint64_t order[HISTORY_MESSAGES];
	struct message_row row;
	size_t n;

	history_start(h, t, seed);
	n = 4 + history_pick(h, HISTORY_MESSAGES - 4);
	for (size_t i = 0; i < n; i++) {
		make_content(h);
		append(h, history_pick(h, HISTORY_AUTHORS),
		       kith_bytes(&h->content), &row);
		order[i] = row.rx;
	}
	for (size_t i = n; i; i--) {
		size_t k = history_pick(h, (uint32_t)i);
		uint64_t rx = order[k];

		order[k] = order[i - 1];
		fold(h, rx, false);
		if (!history_pick(h, 8))
			put_rows(h);
		if (!history_pick(h, 8))
			fold(h, rx, false);
	}
	put_rows(h);
	if (!history_pick(h, 4))
		history_forget(h, history_pick(h, HISTORY_AUTHORS));
	assert_int_equal(txn_error(t), KITH_OK);
}

void history_clear(struct history *h)
{
	filler_free(h->filler);
	kith_buf_free(&h->content);
}
