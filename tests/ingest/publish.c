/* Publishing, and what keeps our own feed from forking. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/ingest/ingest.h"
#include "src/store/local.h"
#include "tests/support/node.h"

static void published_messages_follow_each_other(void **state)
{
	enum { MESSAGES = 50 };
	struct ingest_done done;
	uint64_t sequence = 0;
	struct node n;
	(void)state;

	node_open(&n, 0);
	for (uint64_t i = 1; i <= 3; i++) {
		done = node_publish(&n, "{\"type\":\"post\",\"text\":\"one\"}");
		assert_int_equal(done.code, KITH_OK);
		assert_int_equal(done.sequence, i);
		assert_int_equal(done.rx, i);
	}
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(
			ingest_publish(n.in,
				       KITH_SLICE("{\"type\":\"post\"}"),
				       NULL), KITH_OK);
	ingest_wait(n.in);
	while (ingest_done(n.in, &done)) {
		assert_int_equal(done.code, KITH_OK);
		assert_int_equal(done.sequence, ++sequence + 3);
	}
	assert_int_equal(sequence, MESSAGES);
	node_restart(&n);
	done = node_publish(&n, "{\"type\":\"post\"}");
	assert_int_equal(done.sequence, MESSAGES + 4);
	assert_chain(n.h.store, author_id(&n.self), MESSAGES + 4);
	node_close(&n);
}

static void publish_does_not_wait_for_what_came_before(void **state)
{
	enum { MESSAGES = 3000 };
	struct ingest_done done;
	struct author a;
	uint64_t rx = 0;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, MESSAGES);
	for (uint64_t s = 1; s <= MESSAGES; s++)
		node_add(&n, author_message(&a, s), 0);
	ingest_flush(n.in);
	assert_int_equal(ingest_publish(n.in, KITH_SLICE("{\"type\":\"post\"}"),
					NULL), KITH_OK);
	ingest_wait(n.in);
	while (ingest_done(n.in, &done))
		if (!done.results)
			rx = done.rx;
	assert_in_range(rx, 1, MESSAGES);
	assert_int_equal(node_stored(&n), MESSAGES + 1);
	author_clear(&a);
	node_close(&n);
}

static enum kith_err do_nothing(struct store *s, void *arg,
				struct kith_error *e)
{
	(void)s;
	(void)arg;
	(void)e;
	return KITH_OK;
}

static void what_is_done_is_told_in_its_order(void **state)
{
	struct ingest_done done;
	struct author a;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_post(&a, 2);
	node_add(&n, author_message(&a, 1), 0);
	ingest_wait(n.in);
	assert_int_equal(ingest_run(n.in, do_nothing, NULL, NULL), KITH_OK);
	ingest_wait(n.in);
	node_add(&n, author_message(&a, 2), 0);
	ingest_wait(n.in);
	assert_int_equal(ingest_publish(n.in, KITH_SLICE("{\"type\":\"post\"}"),
					NULL), KITH_OK);
	ingest_wait(n.in);
	assert_true(ingest_done(n.in, &done));
	assert_true(done.results && done.results[0].sequence == 1);
	assert_true(ingest_done(n.in, &done));
	assert_true(done.task);
	assert_true(ingest_done(n.in, &done));
	assert_true(done.results && done.results[0].sequence == 2);
	assert_true(ingest_done(n.in, &done));
	assert_int_equal(done.rx, 3);
	assert_false(ingest_done(n.in, &done));
	author_clear(&a);
	node_close(&n);
}

static void bad_content_is_refused_and_harms_nothing(void **state)
{
	static char big[KITH_MSG_UNITS_MAX + 64];
	struct ingest_done done;
	struct node n;
	(void)state;

	node_open(&n, 0);
	done = node_publish(&n, "{\"type\":\"po\"}");
	assert_int_equal(done.code, KITH_EFORMAT);
	assert_true(*done.error.text);
	done = node_publish(&n, "no JSON");
	assert_int_equal(done.code, KITH_EFORMAT);
	snprintf(big, sizeof(big), "{\"type\":\"post\",\"text\":\"%0*d\"}",
		 KITH_MSG_UNITS_MAX, 0);
	done = node_publish(&n, big);
	assert_int_equal(done.code, KITH_ETOOBIG);
	assert_int_equal(node_stored(&n), 0);
	done = node_publish(&n, "{\"type\":\"post\"}");
	assert_int_equal(done.code, KITH_OK);
	assert_int_equal(done.sequence, 1);
	node_close(&n);
}

static void key_that_was_not_made_here_does_not_publish(void **state)
{
	struct ingest_done done;
	struct author other;
	struct node n;
	(void)state;

	node_open(&n, 0);
	ingest_stop(n.in);
	/* A found secret: no row says that this store made it. */
	other = n.self;
	author_init(&n.self, NODE_SEED + 1);
	node_start(&n);
	done = node_publish(&n, "{\"type\":\"post\"}");
	assert_int_equal(done.code, KITH_EDENIED);
	assert_non_null(strstr(done.error.text,
			       "unconfirmed: this key may be in use"));
	assert_int_equal(node_stored(&n), 0);
	/* Its messages come in like anybody's, to restore it. */
	author_post(&n.self, 2);
	node_add(&n, author_message(&n.self, 1), 0);
	node_add(&n, author_message(&n.self, 2), 0);
	assert_int_equal(node_collect(&n, INGEST_ADDED), 2);
	done = node_publish(&n, "{\"type\":\"post\"}");
	assert_int_equal(done.code, KITH_EDENIED);
	author_clear(&other);
	node_close(&n);
}

static void assert_frozen(struct node *n, const char *sequence)
{
	uint64_t before = node_stored(n);
	struct publish_row row;
	struct ingest_done done;
	struct txn *t;

	done = node_publish(n, "{\"type\":\"post\"}");
	assert_int_equal(done.code, KITH_EDENIED);
	assert_non_null(strstr(done.error.text, sequence));
	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	publish_get(t, author_id(&n->self), &row);
	txn_end(t);
	assert_int_equal(row.state, PUBLISH_FROZEN);
	assert_non_null(strstr(row.reason, sequence));
	assert_int_equal(node_stored(n), before);
}

static void higher_message_of_ours_freezes_publishing(void **state)
{
	struct ingest_result r;
	struct node n;
	(void)state;

	node_open(&n, 0);
	node_publish(&n, "{\"type\":\"post\"}");
	/* The same key writes in another place, too. */
	author_post(&n.self, 5);
	r = node_try(&n, author_message(&n.self, 5));
	assert_int_equal(r.verdict, INGEST_GAP);
	assert_frozen(&n, "message 5 ");
	/* The first reason stays, and it outlives the process. */
	assert_int_equal(node_try(&n, author_message(&n.self, 3)).verdict,
			 INGEST_GAP);
	node_restart(&n);
	assert_frozen(&n, "message 5 ");
	assert_chain(n.h.store, author_id(&n.self), 1);
	node_close(&n);
}

static void different_message_of_ours_freezes_publishing(void **state)
{
	struct node n;
	(void)state;

	node_open(&n, 0);
	node_publish(&n, "{\"type\":\"post\",\"text\":\"here\"}");
	author_post(&n.self, 1);
	assert_int_equal(node_try(&n, author_message(&n.self, 1)).verdict,
			 INGEST_OWN);
	assert_frozen(&n, "message 1 ");
	assert_chain(n.h.store, author_id(&n.self), 1);
	node_close(&n);
}

static void next_message_of_ours_from_outside_freezes_publishing(void **state)
{
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_post(&n.self, 2);
	assert_int_equal(node_try(&n, author_message(&n.self, 1)).verdict,
			 INGEST_ADDED);
	assert_frozen(&n, "message 1 ");
	/* It goes on as a reader of what is written elsewhere. */
	assert_int_equal(node_try(&n, author_message(&n.self, 2)).verdict,
			 INGEST_ADDED);
	assert_chain(n.h.store, author_id(&n.self), 2);
	node_close(&n);
}

static void own_message_that_comes_back_is_known(void **state)
{
	struct message_row row;
	uint8_t copy[KITH_MSG_CANON_BYTES_MAX];
	struct txn *t;
	struct node n;
	size_t size;
	(void)state;

	node_open(&n, 0);
	node_publish(&n, "{\"type\":\"post\",\"text\":\"one\"}");
	node_publish(&n, "{\"type\":\"post\",\"text\":\"two\"}");
	for (uint64_t rx = 1; rx <= 2; rx++) {
		assert_int_equal(store_read(n.h.store, &t), KITH_OK);
		assert_true(message_get(t, rx, &row));
		size = row.canon.n;
		memcpy(copy, row.canon.p, size);
		txn_end(t);
		assert_int_equal(node_try(&n, (struct kith_slice){ copy,
							      size }).verdict,
				 INGEST_KNOWN);
	}
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code, KITH_OK);
	node_close(&n);
}

/* The child: begins to read, says so, and waits to be killed. */
static int read_for_ever(const char *path)
{
	struct store_options o = { .write = false };
	struct home *home;
	struct store *s;
	struct txn *t;

	if (home_open(path, false, &home, NULL) ||
	    store_open(home, &o, &s, NULL) || store_read(s, &t) ||
	    write(1, "reads", 5) != 5)
		return 1;
	pause();
	return 1;
}

static void pages_of_a_dead_reader_are_used_again(void **state)
{
	enum { MESSAGES = 60, GROWTH_MAX = 400 * 1024 };
	uint64_t before;
	struct node n;
	char said[5];
	int out;
	long pid;
	(void)state;

	node_open(&n, 0);
	pid = test_spawn((const char *[]){ "read", n.h.path, NULL }, &out);
	assert_int_equal(read(out, said, sizeof(said)), 5);
	close(out);
	test_kill(pid, 0);
	before = store_bytes(n.h.store);
	for (int i = 0; i < MESSAGES; i++)
		assert_int_equal(node_publish(&n, "{\"type\":\"test\"}").code,
				 KITH_OK);
	assert_true(store_bytes(n.h.store) - before < GROWTH_MAX);
	node_close(&n);
}

struct hooked {
	struct kith_tip tip;
	bool written;
	uint64_t stored; /* in the transaction, behind the append */
};

static enum kith_err hook_write(void *arg, const struct ingest_writing *w,
				struct kith_slice given, struct kith_buf *out,
				struct kith_error *e)
{
	struct hooked *h = arg;

	h->tip = w->tip;
	if (kith_equal(given, KITH_SLICE("refuse")))
		return kith_fail(e, KITH_EFORMAT, 0, "it is refused");
	kith_buf_text(out, "{\"type\":\"");
	kith_buf_put(out, given);
	kith_buf_text(out, "\"}");
	return KITH_OK;
}

static void hook_written(void *arg, const struct ingest_writing *w,
			 const struct kith_msg *m)
{
	struct hooked *h = arg;

	h->written = kith_equal(m->content,
				KITH_SLICE("{\"type\":\"hooked\"}"));
	h->stored = message_count(w->txn);
}

static struct ingest_done publish_hooked(struct node *n, const char *given,
					 struct hooked *h)
{
	static const struct ingest_hook hook = { hook_write, hook_written };
	struct ingest_done done;

	assert_int_equal(ingest_publish_by(n->in, kith_text(given), &hook, h,
					   NULL), KITH_OK);
	ingest_wait(n->in);
	assert_true(ingest_done(n->in, &done));
	return done;
}

static void hook_makes_the_content_for_the_place_it_gets(void **state)
{
	struct ingest_done done;
	struct hooked h = { 0 };
	struct node n;
	(void)state;

	node_open(&n, 0);
	done = publish_hooked(&n, "refuse", &h);
	assert_int_equal(done.code, KITH_EFORMAT);
	assert_string_equal(done.error.text, "it is refused");
	assert_false(h.written);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code,
			 KITH_OK);
	done = publish_hooked(&n, "hooked", &h);
	assert_int_equal(done.code, KITH_OK);
	assert_int_equal(done.sequence, 2);
	assert_int_equal(h.tip.sequence, 1);
	assert_true(h.written);
	assert_int_equal(h.stored, 2);
	assert_chain(n.h.store, author_id(&n.self), 2);
	node_close(&n);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_messages_follow_each_other),
		cmocka_unit_test(publish_does_not_wait_for_what_came_before),
		cmocka_unit_test(what_is_done_is_told_in_its_order),
		cmocka_unit_test(bad_content_is_refused_and_harms_nothing),
		cmocka_unit_test(key_that_was_not_made_here_does_not_publish),
		cmocka_unit_test(higher_message_of_ours_freezes_publishing),
		cmocka_unit_test(different_message_of_ours_freezes_publishing),
		cmocka_unit_test(
			next_message_of_ours_from_outside_freezes_publishing),
		cmocka_unit_test(own_message_that_comes_back_is_known),
		cmocka_unit_test(pages_of_a_dead_reader_are_used_again),
		cmocka_unit_test(hook_makes_the_content_for_the_place_it_gets),
	};

	if (argc == 3 && !strcmp(argv[1], "read"))
		return read_for_ever(argv[2]);
	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
