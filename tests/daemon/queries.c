/* The methods that read from the views, on a log for which the answers of
 * another server are known; and kith.query. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/view.h"
#include "tests/support/bed.h"
#include "tests/support/data.h"

enum { ITEMS_BYTES_MAX = 1 << 20 };

struct scene {
	struct bed bed;
	struct kith_buf text; /* the vectors */
	struct kith_slice vectors;
};

/* --- the log --- */

static void append(struct scene *b, struct txn *t, struct kith_slice item)
{
	struct kith_slice value = json_get(item, "value");
	struct message_row row;
	struct view_message m;
	struct feed_row feed;
	struct kith_msg msg;
	double received_ms = 0;

	assert_int_equal(kith_msg_decode(b->bed.self.decoder, KITH_CLASSIC,
					 value, &msg, NULL), KITH_OK);
	assert_true(json_number(json_get(item, "timestamp"), &received_ms));
	feed_get(t, &msg.author, &feed);
	assert_int_equal(message_append(t, &feed, &msg,
					(int64_t)(received_ms * 1000 + 0.5), 0,
					&row), KITH_OK);
	feed_put(t, &feed);
	views_message(&row, &feed, &m);
	views_fold(t, &m, VIEW_ADDED);
}

static int set_up(void **state)
{
	struct scene *b = calloc(1, sizeof(*b));
	struct kith_slice item;
	size_t at = 0;
	struct txn *t;

	bed_init(&b->bed);
	b->text = data_read_json("protocol/api-views.json", &b->vectors);
	assert_int_equal(store_write(b->bed.h.store, &t), KITH_OK);
	while (json_next_element(json_get(b->vectors, "log"), &at, &item))
		append(b, t, item);
	assert_int_equal(txn_commit(t), KITH_OK);
	bed_open(&b->bed, NULL);
	bed_start(&b->bed);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *b = *state;

	bed_close(&b->bed);
	kith_buf_free(&b->text);
	free(b);
	return 0;
}

/* --- streams --- */

static void put_line(struct kith_buf *out, struct kith_slice item)
{
	kith_buf_put(out, item);
	kith_buf_byte(out, '\n');
}

static void assert_items(struct scene *b, const char *name, const char *args,
			 const char *expected)
{
	bed_streams(&b->bed, name, kith_text(args), put_line, expected);
}

static void assert_exchange(struct scene *b, struct kith_slice x)
{
	struct kith_buf expected = { .limit = ITEMS_BYTES_MAX };
	struct kith_slice item, args = json_get(x, "args");
	char name[64] = "";
	size_t at = 0;

	memcpy(name, json_plain(json_get(x, "name")).p,
	       json_plain(json_get(x, "name")).n);
	while (json_next_element(json_get(x, "items"), &at, &item)) {
		if (json_kind(item) == JSON_KIND_STRING)
			item = json_plain(item);
		put_line(&expected, item);
	}
	if (json_says_true(json_get(x, "open")))
		kith_buf_text(&expected, "...");
	kith_buf_byte(&expected, 0);
	assert_int_equal(expected.err, KITH_OK);
	bed_streams(&b->bed, name, args, put_line, (char *)expected.p);
	kith_buf_free(&expected);
}

static void answers_are_those_of_ssb_server(void **state)
{
	struct scene *b = *state;
	struct kith_slice x;
	size_t at = 0, n = 0;

	for (; json_next_element(json_get(b->vectors, "exchanges"), &at, &x);
	     n++)
		assert_exchange(b, x);
	assert_in_range(n, 15, 40);
}

static void limit_counts_items(void **state)
{
	struct scene *b = *state;

	assert_items(b, "query.read", "[{\"query\":[{\"$map\":[\"value\","
		     "\"sequence\"]}],\"limit\":2}]", "1\n2\n");
	assert_items(b, "query.read", "[{\"query\":[{\"$map\":[\"value\","
		     "\"sequence\"]}],\"limit\":2,\"reverse\":true}]",
		     "7\n6\n");
	assert_items(b, "query.read", "[{\"query\":[],\"limit\":0}]", "");
	assert_items(b, "messagesByType", "[{\"type\":\"post\",\"limit\":1,"
		     "\"keys\":false,\"live\":true,\"values\":false}]",
		     "%jQ7AGAE5/2VgYO6BdyU5JNCkvvAr1k7WlglyeqlNj/U=.sha256\n");
	assert_items(b, "messagesByType", "[{}]", "");
}

static void wrong_queries_end_in_an_error(void **state)
{
	struct scene *b = *state;

	assert_items(b, "query.read", "[{\"query\":[{\"$bogus\":1}]}]",
		     "unknown function:\"$bogus\"");
	assert_items(b, "query.read", "[{\"query\":\"[\"}]",
		     "query must be a list of stages");
	assert_items(b, "query.read",
		     "[{\"query\":[{\"$filter\":{\"x\":{\"$near\":1}}}]}]",
		     "unknown operator \"$near\"");
	assert_items(b, "messagesByType", "[{\"type\":\"x\",\"gt\":\"y\"}]",
		     "gt must be a number");
	assert_items(b, "links", "[{\"dest\":\"nothing\"}]",
		     "source and dest must be an id or a kind of ids");
	assert_items(b, "kith.query", "[{\"autor\":1}]",
		     "unknown operator \"autor\", at autor");
	assert_items(b, "kith.query", "[{\"private\":false}]",
		     "this reads every message: add an author, type, channel "
		     "or link, or a range of rts or rx; or say \"scan\": "
		     "true");
	assert_items(b, "kith.query", "[]", "a query is an object");
}

static void native_queries_are_served(void **state)
{
	struct scene *b = *state;

	assert_items(b, "kith.query",
		     "[{\"type\":[\"vote\",\"about\"],\"emit\":\"id\"}]",
		     "%bok1y4rA8If9TlRabO1WqNJ+5nKyG76GRP8HnfXcbJs=.sha256\n"
		     "%XATGKD4O8kPSFGzWAua1L4pmw0TaKDRG7SMu0z5Lrg4=.sha256\n");
	assert_items(b, "kith.query",
		     "[{\"scan\":true,\"emit\":{\"group-count\":\"type\"}}]",
		     "{\"type\":\"post\",\"count\":3}\n"
		     "{\"type\":\"\",\"count\":1}\n"
		     "{\"type\":\"about\",\"count\":1}\n"
		     "{\"type\":\"contact\",\"count\":1}\n"
		     "{\"type\":\"vote\",\"count\":1}\n");
	assert_items(b, "kith.query",
		     "[\"{\\\"type\\\":\\\"about\\\",\\\"emit\\\":"
		     "\\\"content\\\"}\"]",
		     "{\"type\":\"about\",\"about\":\"@gTl3Dqh9F19Wo1Rmw0x+zM"
		     "uNipG07jeiXfYPW4/Js5Q=.ed25519\",\"name\":\"bob\"}\n");
}

static void words_are_looked_up(void **state)
{
	struct scene *b = *state;

	assert_items(b, "kith.query",
		     "[{\"text\":\"SECOND\",\"emit\":\"id\"}]",
		     "%fbMxXfOBt0oJw0jGPB0g3V7KEYvQqi67Mto9+l0fUpc=.sha256\n");
	assert_items(b, "kith.query",
		     "[{\"type\":\"post\",\"or\":[{\"text\":\"hello\"},"
		     "{\"text\":\"repl*\"}],\"emit\":\"id\"}]",
		     "%HgW2ZX/btDudP9CIpN5WV4iXQjayR0yTStkp7+MpTAE=.sha256\n"
		     "%jQ7AGAE5/2VgYO6BdyU5JNCkvvAr1k7WlglyeqlNj/U=.sha256\n");
	assert_items(b, "kith.query",
		     "[{\"type\":\"post\",\"not\":{\"text\":\"hello\"},"
		     "\"emit\":\"count\"}]", "{\"count\":2}\n");
	assert_items(b, "kith.query", "[{\"text\":\"absent\"}]", "");
	assert_items(b, "kith.query", "[{\"text\":\"hello\",\"live\":"
		     "\"both\"}]", "a live query cannot have text: it finds "
		     "what is there");
}

/* Nobody waits for the worker that looks the words up. */
static void who_asks_for_words_may_go_at_once(void **state)
{
	struct scene *b = *state;
	static const char *const calls[][2] = {
		{ "search.query", "[\"hello\"]" },
		{ "kith.query", "[{\"text\":\"hello\"}]" },
	};

	for (int i = 0; i < 20; i++) {
		struct client *other = bed_dial(&b->bed);

		assert_int_equal(client_source(other, calls[i % 2][0],
					       kith_text(calls[i % 2][1]),
					       NULL), KITH_OK);
		client_close(other);
	}
	words_are_looked_up(state);
}

/* Each publish is heard once, in its order, by a stream that was open. */
static void live_streams_hear_what_is_published(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	struct kith_slice item, reply;
	struct client *other = bed_dial(&b->bed);
	char text[200];

	assert_int_equal(client_source(b->bed.client, "kith.query",
			 KITH_SLICE("[{\"type\":\"live\",\"live\":\"both\","
				    "\"emit\":\"content\"}]"), &e), KITH_OK);
	assert_true(kith_equal(bed_next(&b->bed),
			       KITH_SLICE("{\"sync\":true}")));
	for (int i = 0; i < 20; i++) {
		snprintf(text, sizeof(text), "[{\"type\":\"%s\",\"n\":%d}]",
			 i % 4 ? "live" : "other", i);
		assert_int_equal(client_call(other, "publish", kith_text(text),
					     &reply, &e), KITH_OK);
		if (!(i % 4))
			continue;
		item = bed_next(&b->bed);
		assert_true(item.n + 2 == strlen(text) &&
			    !memcmp(item.p, text + 1, item.n));
	}
	bed_is_calm(&b->bed);
	client_close(other);
	assert_items(b, "kith.query", "[{\"type\":\"live\",\"emit\":"
		     "\"count\"}]", "{\"count\":15}\n");
}

/* The next edge of the stream is of by, to b's own feed, and says value. */
static void assert_edge(struct scene *b, const struct author *by,
			const char *value)
{
	char from[KITH_REF_TEXT_BYTES], to[KITH_REF_TEXT_BYTES];
	char expected[400];

	kith_feed_print(author_id(by), from);
	kith_feed_print(author_id(&b->bed.self), to);
	snprintf(expected, sizeof(expected),
		 "{\"from\":\"%s\",\"to\":\"%s\",\"value\":%s}", from, to,
		 value);
	assert_true(kith_equal(bed_next(&b->bed), kith_text(expected)));
}

static void streams_of_friends_hear_what_is_forgotten(void **state)
{
	struct scene *b = *state;
	struct client *other = bed_dial(&b->bed);
	char text[400], id[KITH_REF_TEXT_BYTES];
	struct author friend;

	author_init(&friend, 9);
	kith_feed_print(author_id(&b->bed.self), id);
	snprintf(text, sizeof(text), "{\"type\":\"contact\",\"contact\":"
		 "\"%s\",\"following\":true}", id);
	author_write(&friend, kith_text(text));
	assert_int_equal(client_source(b->bed.client, "friends.stream",
				       KITH_SLICE("[]"), NULL), KITH_OK);
	bed_next(&b->bed);
	assert_int_equal(bed_add(other, author_message(&friend, 1), NULL),
			 KITH_OK);
	assert_edge(b, &friend, "true");
	kith_feed_print(author_id(&friend), id);
	snprintf(text, sizeof(text), "[{\"feed\":\"%s\"}]", id);
	assert_int_equal(client_source(other, "kith.forget", kith_text(text),
				       NULL), KITH_OK);
	assert_edge(b, &friend, "null");
	client_close(other);
	author_clear(&friend);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_are_those_of_ssb_server),
		cmocka_unit_test(limit_counts_items),
		cmocka_unit_test(wrong_queries_end_in_an_error),
		cmocka_unit_test(native_queries_are_served),
		cmocka_unit_test(words_are_looked_up),
		cmocka_unit_test(who_asks_for_words_may_go_at_once),
		cmocka_unit_test(live_streams_hear_what_is_published),
		cmocka_unit_test(streams_of_friends_hear_what_is_forgotten),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
