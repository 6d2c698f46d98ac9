#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/support/bed.h"

enum { POSTS = 10, TEXT_BYTES = 4096 };

struct scene {
	struct bed bed;
	struct author other;
	char other_id[KITH_REF_TEXT_BYTES];
};

static int set_up(void **state)
{
	struct scene *b = calloc(1, sizeof(*b));

	bed_init(&b->bed);
	author_init(&b->other, 2);
	author_post(&b->other, POSTS);
	kith_feed_print(author_id(&b->other), b->other_id);
	bed_open(&b->bed, NULL);
	bed_start(&b->bed);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *b = *state;

	bed_close(&b->bed);
	author_clear(&b->other);
	free(b);
	return 0;
}

/* --- calls --- */

static enum kith_err add(struct scene *b, uint64_t sequence)
{
	return bed_add(b->bed.client, author_message(&b->other, sequence),
		       NULL);
}

static void add_all(struct scene *b)
{
	for (uint64_t n = 1; n <= POSTS; n++)
		assert_int_equal(add(b, n), KITH_OK);
}

/* What one item is, in a word: its sequence, "sync", "key". */
static void put_word(struct kith_buf *out, struct kith_slice item)
{
	struct kith_slice value = json_get(item, "value");

	if (out->n)
		kith_buf_byte(out, ' ');
	if (json_says_true(json_get(item, "sync")))
		kith_buf_text(out, "sync");
	else if (item.p[0] == '%')
		kith_buf_text(out, "key");
	else
		kith_buf_put(out, json_get(value.n ? value : item, "sequence"));
}

/* The items of a stream, in a word each; "..." where it stays open. */
static void assert_items(struct scene *b, const char *name, const char *args,
			 const char *expected)
{
	bed_streams(&b->bed, name, kith_text(args), put_word, expected);
}

/* As assert_items for createUserStream of the other author. */
static void assert_user(struct scene *b, const char *options,
			const char *expected)
{
	char args[TEXT_BYTES];

	snprintf(args, sizeof(args), "[{\"id\":\"%s\"%s}]", b->other_id,
		 options);
	assert_items(b, "createUserStream", args, expected);
}

static void assert_history(struct scene *b, const char *options,
			   const char *expected)
{
	char args[TEXT_BYTES];

	snprintf(args, sizeof(args), "[{\"id\":\"%s\"%s}]", b->other_id,
		 options);
	assert_items(b, "createHistoryStream", args, expected);
}

/* --- identity --- */

static void whoami_is_our_feed(void **state)
{
	struct scene *b = *state;
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(author_id(&b->bed.self), id);
	assert_true(json_is(json_get(bed_call(&b->bed, "whoami", "[]"), "id"),
			    id));
}

static void method_that_is_not_there_is_named(void **state)
{
	struct scene *b = *state;

	bed_refuses(&b->bed, "blobs.nope", "[]", "no async:blobs,nope");
	bed_refuses(&b->bed, "createLogStream", "[]",
		    "no async:createLogStream");
}

static void we_are_no_room(void **state)
{
	struct scene *b = *state;

	assert_true(kith_equal(bed_call(&b->bed, "tunnel.isRoom", "[]"),
			       KITH_SLICE("false")));
	assert_true(kith_equal(bed_call(&b->bed, "room.metadata", "[]"),
			       KITH_SLICE("false")));
}

/* --- writing --- */

static void published_message_is_there_by_its_key(void **state)
{
	struct scene *b = *state;
	struct kith_slice reply =
		bed_call(&b->bed, "publish",
			 "[{\"type\":\"post\",\"text\":\"a\"}]");
	struct kith_slice key = json_get(reply, "key");
	char args[TEXT_BYTES];

	assert_true(json_kind(json_get(reply, "timestamp")) ==
		    JSON_KIND_NUMBER);
	snprintf(args, sizeof(args), "[%.*s]", (int)key.n,
		 (const char *)key.p);
	reply = bed_call(&b->bed, "get", args);
	assert_true(json_is(json_get(json_get(reply, "content"), "text"), "a"));
}

static void content_that_peers_would_refuse_is_refused(void **state)
{
	struct scene *b = *state;

	bed_refuses(&b->bed, "publish", "[]", "Param 0 is required");
	bed_refuses(&b->bed, "publish", "[7]", "");
	bed_refuses(&b->bed, "publish", "[{\"text\":\"no type\"}]", "");
}

static void added_message_is_acknowledged_with_its_value(void **state)
{
	struct scene *b = *state;

	add_all(b);
	/* Again is no harm. */
	assert_int_equal(add(b, 3), KITH_OK);
}

static void refusal_of_a_message_has_its_name(void **state)
{
	struct scene *b = *state;

	assert_int_equal(add(b, 2), KITH_EDENIED);
	assert_true(kith_equal(client_error_name(b->bed.client),
			       KITH_SLICE("GapError")));
	bed_refuses(&b->bed, "add", "[{\"type\":\"post\"}]", "");
	assert_true(kith_equal(client_error_name(b->bed.client),
			       KITH_SLICE("InvalidError")));
	assert_int_equal(add(b, 1), KITH_OK);
}

/* --- reading --- */

static void absent_message_is_not_found_at_once(void **state)
{
	struct scene *b = *state;

	bed_refuses(&b->bed, "get",
		       "[\"%AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
		       ".sha256\"]",
		       "Key not found in database [%AAAA");
	bed_refuses(&b->bed, "get", "[17]", "msgId");
}

static void latest_sequence_counts_what_is_held(void **state)
{
	struct scene *b = *state;
	char args[TEXT_BYTES];

	snprintf(args, sizeof(args), "[\"%s\"]", b->other_id);
	bed_refuses(&b->bed, "latestSequence", args, "not found:@");
	add_all(b);
	assert_true(kith_equal(bed_call(&b->bed, "latestSequence", args),
			       KITH_SLICE("10")));
}

static void user_stream_obeys_its_options(void **state)
{
	static const struct {
		const char *options, *expected;
	} cases[] = {
		{ "", "1 2 3 4 5 6 7 8 9 10" },
		{ ",\"limit\":3", "1 2 3" },
		{ ",\"limit\":0", "" },
		{ ",\"limit\":-1,\"gt\":8", "9 10" },
		{ ",\"gte\":9", "9 10" },
		{ ",\"lt\":3", "1 2" },
		{ ",\"lte\":3", "1 2 3" },
		{ ",\"gt\":3,\"lt\":6", "4 5" },
		{ ",\"gt\":3.5,\"lte\":5.5", "4 5" },
		{ ",\"gt\":10", "" },
		{ ",\"lt\":1", "" },
		{ ",\"reverse\":true,\"limit\":2", "10 9" },
		{ ",\"reverse\":true,\"lt\":3", "2 1" },
		{ ",\"keys\":false,\"limit\":1", "1" },
		{ ",\"values\":false,\"limit\":2", "key key" },
		{ ",\"live\":true,\"gt\":9", "10 sync..." },
		{ ",\"live\":true,\"gt\":9,\"sync\":false", "10..." },
		{ ",\"live\":true,\"old\":false", "..." },
		{ ",\"live\":true,\"limit\":2", "1 2" },
	};
	struct scene *b = *state;

	add_all(b);
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++)
		assert_user(b, cases[i].options, cases[i].expected);
}

static void history_stream_begins_with_its_sequence(void **state)
{
	struct scene *b = *state;

	add_all(b);
	assert_history(b, "", "1 2 3 4 5 6 7 8 9 10");
	assert_history(b, ",\"seq\":9", "9 10");
	assert_history(b, ",\"sequence\":10,\"keys\":false", "10");
	assert_history(b, ",\"seq\":11", "");
	assert_history(b, ",\"seq\":10,\"live\":true", "10...");
}

static void log_stream_pages_by_receive_time(void **state)
{
	struct scene *b = *state;
	struct kith_slice item;
	double last = 0, time;
	char args[TEXT_BYTES];
	int n = 0;

	add_all(b);
	for (;;) {
		snprintf(args, sizeof(args), "[{\"gt\":%.3f,\"limit\":3}]",
			 last);
		assert_int_equal(client_source(b->bed.client, "createLogStream",
					       kith_text(args), NULL),
				 KITH_OK);
		if (client_next(b->bed.client, BED_WAIT_MS, &item, NULL))
			break;
		do {
			assert_true(json_number(json_get(item, "timestamp"),
						&time));
			assert_true(time > last);
			last = time;
			n++;
		} while (!client_next(b->bed.client, BED_WAIT_MS, &item, NULL));
	}
	assert_int_equal(n, POSTS);
	assert_items(b, "createLogStream", "[{\"reverse\":true,\"limit\":2}]",
		     "10 9");
	assert_items(b, "createLogStream", "[{\"lt\":1}]", "");
	assert_items(b, "createLogStream", "[]", "1 2 3 4 5 6 7 8 9 10");
}

static void wrong_options_end_with_an_error(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	struct kith_slice item;

	assert_int_equal(client_source(b->bed.client, "createLogStream",
				       KITH_SLICE("[{\"limit\":\"x\"}]"), &e),
			 KITH_OK);
	assert_int_equal(client_next(b->bed.client, BED_WAIT_MS, &item, &e),
			 KITH_EDENIED);
	assert_non_null(strstr(e.text, "limit"));
}

/* --- state --- */

static uint64_t number(struct kith_slice object, const char *name)
{
	uint64_t n;

	assert_true(json_uint(json_get(object, name), &n));
	return n;
}

static void refused_messages_are_counted_and_explained(void **state)
{
	struct kith_slice said, one = { NULL, 0 };
	char args[TEXT_BYTES];
	struct scene *b = *state;
	size_t at = 0;

	assert_int_equal(number(bed_call(&b->bed, "kith.refusals", "[]"),
				"count"), 0);
	assert_int_equal(add(b, 1), KITH_OK);
	assert_int_not_equal(add(b, 3), KITH_OK);
	said = bed_call(&b->bed, "kith.refusals", "[]");
	assert_int_equal(json_check(said, NULL, NULL), KITH_OK);
	assert_int_equal(number(said, "count"), 1);
	assert_true(json_next_element(json_get(said, "reasons"), &at, &one));
	assert_true(json_is(json_get(one, "state"), "gap"));
	assert_int_equal(number(one, "messages"), 1);
	said = bed_call(&b->bed, "kith.refusals", "[{\"gt\":1}]");
	assert_true(kith_equal(json_get(said, "refused"), KITH_SLICE("[]")));

	snprintf(args, sizeof(args), "[{\"feed\":\"%s\"}]", b->other_id);
	said = bed_call(&b->bed, "kith.explain", args);
	assert_int_equal(json_check(said, NULL, NULL), KITH_OK);
	assert_false(json_says_true(json_get(said, "wanted")));
	at = 0;
	assert_true(json_next_element(json_get(said, "refused"), &at, &one));
	assert_int_equal(number(one, "seq"), 3);
	assert_true(json_is(json_get(one, "feed"), b->other_id));
	assert_false(json_next_element(json_get(said, "refused"), &at, &one));
	bed_refuses(&b->bed, "kith.explain", "[]", "feedId");
}

static void status_counts_what_is_committed(void **state)
{
	struct scene *b = *state;
	struct kith_slice status, progress;

	add_all(b);
	status = bed_call(&b->bed, "status", "[]");
	assert_int_equal(json_check(status, NULL, NULL), KITH_OK);
	assert_int_equal(number(status, "messages"), POSTS);
	assert_int_equal(number(status, "waiting"), 0);
	assert_int_equal(number(status, "feeds"), 1);
	assert_true(json_is(json_get(json_get(status, "publish"), "state"),
			    "ok"));
	progress = json_get(json_get(status, "progress"), "indexes");
	assert_int_equal(number(progress, "current"),
			 number(progress, "target"));
}

static void addresses_are_checked_before_they_are_dialled(void **state)
{
	struct scene *b = *state;
	char args[TEXT_BYTES];

	bed_refuses(&b->bed, "conn.connect", "[]", "address is required");
	bed_refuses(&b->bed, "conn.connect", "[\"nonsense\"]", "");
	snprintf(args, sizeof(args), "[\"net:127.0.0.1:1~shs:%.44s\"]",
		 b->other_id + 1);
	bed_refuses(&b->bed, "conn.connect", args, "refused");
}

static void a_peer_is_dialled_by_its_id_where_its_address_is_known(
	void **state)
{
	struct scene *b = *state;
	char args[TEXT_BYTES], id[TEXT_BYTES];

	snprintf(id, sizeof(id), "[\"%s\"]", b->other_id);
	bed_refuses(&b->bed, "conn.connect", id, "no address");
	snprintf(args, sizeof(args), "[\"net:127.0.0.1:1~shs:%.44s\"]",
		 b->other_id + 1);
	bed_refuses(&b->bed, "conn.connect", args, "refused");
	bed_refuses(&b->bed, "conn.connect", id, "refused");
}

static void our_own_address_is_not_dialled(void **state)
{
	struct scene *b = *state;
	char id[KITH_REF_TEXT_BYTES], args[TEXT_BYTES];

	kith_feed_print(author_id(&b->bed.self), id);
	snprintf(args, sizeof(args), "[\"net:127.0.0.1:1~shs:%.44s\"]",
		 id + 1);
	bed_refuses(&b->bed, "conn.connect", args, "our own");
}

/* Asks for clocks, and then for one thing more: whether that was answered
 * before all of the clocks. */
static bool overtakes_clocks(struct client *c)
{
	enum { CLOCKS = 100 };
	struct kith_slice reply;
	int clock, other;
	void *which = NULL;
	bool early = false;

	for (int i = 0; i < CLOCKS; i++)
		assert_int_equal(client_start(c, "ebt.clock", KITH_SLICE("[]"),
					      &clock, NULL), KITH_OK);
	assert_int_equal(client_start(c, "whoami", KITH_SLICE("[]"), &other,
				      NULL), KITH_OK);
	for (int i = 0; i <= CLOCKS; i++) {
		assert_int_equal(client_answer(c, &which, &reply, NULL),
				 KITH_OK);
		early = early || (which == &other && i < CLOCKS);
	}
	return early;
}

/* A clock is made when its turn comes, not while the calls are read.  Where
 * the daemon has made them all before we come to ask, we ask again. */
static void clocks_asked_for_in_a_row_do_not_hold_up_the_rest(void **state)
{
	struct scene *b = *state;
	int tries = 1;

	while (!overtakes_clocks(b->bed.client))
		assert_in_range(++tries, 1, 1000);
}

static void log_survives_a_restart(void **state)
{
	struct scene *b = *state;

	add_all(b);
	bed_call(&b->bed, "publish", "[{\"type\":\"post\",\"text\":\"a\"}]");
	bed_restart(&b->bed, NULL);
	assert_int_equal(number(bed_call(&b->bed, "status", "[]"), "messages"),
			 POSTS + 1);
	assert_int_equal(number(bed_call(&b->bed, "status", "[]"), "feeds"), 2);
	assert_user(b, ",\"gt\":8", "9 10");
}

#define BED_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(whoami_is_our_feed),
		BED_TEST(method_that_is_not_there_is_named),
		BED_TEST(we_are_no_room),
		BED_TEST(published_message_is_there_by_its_key),
		BED_TEST(content_that_peers_would_refuse_is_refused),
		BED_TEST(added_message_is_acknowledged_with_its_value),
		BED_TEST(refusal_of_a_message_has_its_name),
		BED_TEST(absent_message_is_not_found_at_once),
		BED_TEST(latest_sequence_counts_what_is_held),
		BED_TEST(user_stream_obeys_its_options),
		BED_TEST(history_stream_begins_with_its_sequence),
		BED_TEST(log_stream_pages_by_receive_time),
		BED_TEST(wrong_options_end_with_an_error),
		BED_TEST(refused_messages_are_counted_and_explained),
		BED_TEST(status_counts_what_is_committed),
		BED_TEST(
			a_peer_is_dialled_by_its_id_where_its_address_is_known),
		BED_TEST(addresses_are_checked_before_they_are_dialled),
		BED_TEST(our_own_address_is_not_dialled),
		BED_TEST(clocks_asked_for_in_a_row_do_not_hold_up_the_rest),
		BED_TEST(log_survives_a_restart),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
