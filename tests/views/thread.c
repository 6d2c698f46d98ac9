#include "src/views/thread.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/signer.h"
#include "src/views/inbox.h"
#include "src/views/marks.h"
#include "tests/views/scene.h"

enum { LARGE = 9999 };

#define ROOT "{\"type\":\"post\",\"text\":\"root\",\"channel\":\"kith\"}"

static struct thread read_thread(struct scene *s, size_t root, bool nested)
{
	struct kith_msg_id id = history_id(&s->history, root);
	struct thread th;

	assert_int_equal(thread_read(s->history.txn, &s->viewer, &id, nested,
				     &th), KITH_OK);
	return th;
}

static bool is_message(const struct scene *s, const struct kith_msg_id *id,
		       size_t n)
{
	struct kith_msg_id want = history_id(&s->history, n);

	return kith_msg_equal(id, &want);
}

static struct thread_reply reply_to(struct scene *s, size_t to, bool fork)
{
	struct kith_msg_id id = history_id(&s->history, to);
	struct thread_reply r;

	assert_int_equal(thread_reply(s->history.txn, &s->viewer, &id, fork,
				      &r), KITH_OK);
	return r;
}

static void reply_carries_root_tips_and_channel(void **state)
{
	struct kith_buf out = { .limit = 4096 };
	struct thread_reply r;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, ROOT);
	scene_say(&s, 2, "{\"type\":\"post\",\"root\":%M,\"branch\":%M}", 0, 0);
	scene_say(&s, 3, "{\"type\":\"post\",\"root\":%M,\"branch\":%M}", 0, 0);
	r = reply_to(&s, 1, false);
	assert_true(is_message(&s, &r.root, 0));
	assert_int_equal(r.branch_count, 2);
	assert_false(r.forks);
	thread_reply_write(&r, &out);
	assert_true(json_is(r.channel, "kith"));
	assert_false(out.err);
	kith_buf_free(&out);
	scene_close(&s);
}

static void fork_begins_a_thread_and_is_answered_within_it(void **state)
{
	struct thread_reply r;
	struct thread th;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, ROOT);
	scene_say(&s, 2, "{\"type\":\"post\",\"root\":%M,\"branch\":%M}", 0, 0);
	r = reply_to(&s, 1, true);
	assert_true(r.forks);
	assert_true(is_message(&s, &r.root, 1));
	assert_true(is_message(&s, &r.fork, 0));
	scene_say(&s, 3, "{\"type\":\"post\",\"root\":%M,\"fork\":%M,"
		  "\"branch\":%M}", 1, 0, 1);
	r = reply_to(&s, 2, false);
	assert_true(is_message(&s, &r.root, 2));
	scene_say(&s, 1, "{\"type\":\"post\",\"root\":%M,\"branch\":%M}", 2, 2);
	th = read_thread(&s, 0, false);
	assert_int_equal(th.count, 3);
	thread_free(&th);
	th = read_thread(&s, 0, true);
	assert_int_equal(th.count, 4);
	assert_int_equal(th.messages[3].depth, 3);
	assert_true(th.messages[2].fork);
	thread_free(&th);
	scene_close(&s);
}

static void missing_messages_are_named(void **state)
{
	struct thread th;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, "{\"type\":\"post\",\"root\":%M,\"branch\":[%M,%M]}",
		  70, 71, 70);
	th = read_thread(&s, 70, false);
	assert_false(th.have_root);
	assert_int_equal(th.count, 1);
	assert_int_equal(th.missing_count, 2);
	assert_true(is_message(&s, &th.missing[0], 70));
	assert_true(is_message(&s, &th.missing[1], 71));
	thread_free(&th);
	scene_close(&s);
}

static void circles_end(void **state)
{
	struct kith_msg_id id, top;
	struct thread th;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, "{\"type\":\"post\",\"root\":%M}", 1);
	scene_say(&s, 2, "{\"type\":\"post\",\"root\":%M}", 0);
	id = history_id(&s.history, 0);
	thread_top(s.history.txn, NULL, &id, &top);
	th = read_thread(&s, 0, true);
	assert_int_equal(th.count, 2);
	thread_free(&th);
	scene_close(&s);
}

static void thread_of_ten_thousand_is_whole_and_one_more_is_not(void **state)
{
	struct thread th;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, ROOT);
	for (int i = 0; i < LARGE; i++)
		scene_say(&s, (size_t)i % 5, "{\"type\":\"post\",\"root\":%M,"
			  "\"branch\":[%M,%M]}", 0, i, i ? i - 1 : 0);
	th = read_thread(&s, 0, false);
	assert_int_equal(th.count, LARGE + 1);
	assert_true(th.whole);
	for (size_t i = 0; i < th.count; i++)
		assert_true(is_message(&s, &th.messages[i].id, i));
	thread_free(&th);
	scene_say(&s, 1, "{\"type\":\"post\",\"root\":%M}", 0);
	th = read_thread(&s, 0, true);
	assert_int_equal(th.count, THREAD_MESSAGES_MAX);
	assert_false(th.whole);
	thread_free(&th);
	scene_close(&s);
}

static void mark_goes_forward_only(void **state)
{
	const struct mark inbox = { .kind = MARK_INBOX };
	struct mark thread = { .kind = MARK_THREAD };
	struct scene s;
	(void)state;

	scene_open(&s);
	thread.root = history_id(&s.history, 0);
	assert_int_equal(mark_get(s.history.txn, &inbox), 0);
	mark_put(s.history.txn, &inbox, 7);
	mark_put(s.history.txn, &inbox, 5);
	assert_int_equal(mark_get(s.history.txn, &inbox), 7);
	assert_int_equal(mark_get(s.history.txn, &thread), 0);
	mark_put(s.history.txn, &thread, 9);
	assert_int_equal(mark_get(s.history.txn, &thread), 9);
	assert_int_equal(mark_get(s.history.txn, &inbox), 7);
	scene_close(&s);
}

static void what_others_posted_since_the_mark_is_unread(void **state)
{
	struct message_row row;
	uint64_t rx = 0, n = 0;
	struct scene s;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, ROOT);
	scene_say(&s, 0, "{\"type\":\"post\",\"root\":%M}", 0);
	scene_say(&s, 2, "{\"type\":\"post\",\"root\":%M}", 0);
	scene_say(&s, 3, "{\"type\":\"post\",\"root\":%M}", 0);
	scene_say(&s, 2, "{\"type\":\"vote\",\"vote\":{\"link\":%M}}", 0);
	scene_say(&s, 0, "{\"type\":\"contact\",\"contact\":%F,\"blocking\":"
		  "true}", 3);
	scene_look(&s);
	while (mark_next_unread(s.history.txn, &s.viewer, &rx, &row))
		n++;
	assert_int_equal(n, 2);
	scene_close(&s);
}

static void inbox_of_nobody_is_empty(void **state)
{
	const struct viewer nobody = { .known = false };
	struct inbox_query q = { INBOX_ALL, POSTING_LAST, 0 };
	struct inbox_item item;
	struct scene s;
	size_t n = 1;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, "{\"type\":\"post\",\"mentions\":[%F]}", 0);
	assert_int_equal(inbox_page(s.history.txn, &nobody, &q, &item, 1, &n),
			 KITH_OK);
	assert_int_equal(n, 0);
	assert_int_equal(inbox_page(s.history.txn, &s.viewer, &q, &item, 1,
				    &n), KITH_OK);
	assert_int_equal(n, 1);
	assert_int_equal(item.reasons, INBOX_MENTION);
	scene_close(&s);
}

static void inbox_looks_past_what_concerns_nobody(void **state)
{
	struct inbox_query q = { INBOX_ALL, POSTING_LAST, 0 };
	struct inbox_item item;
	struct scene s;
	size_t n = 0;
	(void)state;

	scene_open(&s);
	scene_say(&s, 1, "{\"type\":\"post\",\"mentions\":[%F]}", 0);
	for (int i = 0; i < 200; i++)
		scene_say(&s, 2, "{\"type\":\"post\",\"see\":%F}", 0);
	assert_int_equal(inbox_page(s.history.txn, &s.viewer, &q, &item, 1,
				    &n), KITH_OK);
	assert_int_equal(n, 1);
	assert_int_equal(item.reasons, INBOX_MENTION);
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reply_carries_root_tips_and_channel),
		cmocka_unit_test(
			fork_begins_a_thread_and_is_answered_within_it),
		cmocka_unit_test(missing_messages_are_named),
		cmocka_unit_test(circles_end),
		cmocka_unit_test(
			thread_of_ten_thousand_is_whole_and_one_more_is_not),
		cmocka_unit_test(mark_goes_forward_only),
		cmocka_unit_test(what_others_posted_since_the_mark_is_unread),
		cmocka_unit_test(inbox_of_nobody_is_empty),
		cmocka_unit_test(inbox_looks_past_what_concerns_nobody),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
