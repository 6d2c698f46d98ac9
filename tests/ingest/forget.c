#include "src/ingest/forget.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/store/local.h"
#include "src/views/contacts.h"
#include "tests/support/node.h"

enum { POSTS = 6, AUTHORS = 4, WORDS = 60, ROUNDS = 40, LARGE = 3000 };

static void take(struct node *n, const struct author *a)
{
	for (uint64_t s = 1; s <= a->count; s++)
		node_add(n, author_message(a, s), 0);
	node_collect(n, INGEST_ADDED);
}

static struct feed_row row_of(struct node *n, const struct author *a)
{
	struct feed_row row;
	struct txn *t;

	assert_int_equal(store_read(n->h.store, &t), KITH_OK);
	feed_get(t, author_id(a), &row);
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	return row;
}

/* All steps; how many there were.  The outcome in *out. */
static unsigned forget_all(struct node *n, const struct author *a,
			   uint64_t until, struct forgetting *out)
{
	struct kith_error e = { 0 };
	unsigned steps = 0;
	bool more = true;

	memset(out, 0, sizeof(*out));
	out->feed = *author_id(a);
	out->self = *author_id(&n->self);
	out->until = until;
	for (; more; steps++)
		if (forget_some(n->h.store, out, &more, &e))
			fail_msg("%s", e.text);
	return steps;
}

static enum kith_err try_forget(struct node *n, const struct kith_feed_id *feed,
				struct kith_error *e)
{
	struct forgetting f = { .feed = *feed, .self = *author_id(&n->self),
				.until = FORGET_ALL };
	bool more;

	*e = (struct kith_error){ 0 };
	return forget_some(n->h.store, &f, &more, e);
}

static void open_with_posts(struct node *n, struct author *a)
{
	node_open(n, 0);
	author_init(a, 1);
	author_post(a, POSTS);
	take(n, a);
}

static void close_both(struct node *n, struct author *a)
{
	author_clear(a);
	node_close(n);
}

static void forgotten_feed_leaves_its_mark_alone(void **state)
{
	struct forgetting f;
	struct feed_row row;
	struct author a;
	struct node n;
	(void)state;

	open_with_posts(&n, &a);
	row = row_of(&n, &a);
	assert_int_equal(forget_all(&n, &a, FORGET_ALL, &f), 1);
	assert_int_equal(f.messages, POSTS);
	assert_int_equal(f.total, POSTS);
	assert_int_equal(f.bytes, row.bytes);
	assert_int_equal(node_stored(&n), 0);
	row = row_of(&n, &a);
	assert_true(row.forgotten);
	assert_int_equal(row.first, 0);
	assert_int_equal(row.last, 0);
	assert_int_equal(row.bytes, 0);
	assert_int_equal(row.state, FEED_OK);
	close_both(&n, &a);
}

static void marked_feed_is_refused_until_it_is_undone(void **state)
{
	struct kith_error e = { 0 };
	struct ingest_result r;
	struct forgetting f;
	struct author a;
	struct node n;
	(void)state;

	open_with_posts(&n, &a);
	forget_all(&n, &a, FORGET_ALL, &f);
	r = node_try(&n, author_message(&a, 1));
	assert_int_equal(r.verdict, INGEST_INVALID);
	assert_int_equal(r.code, KITH_EDENIED);
	assert_non_null(strstr(r.why, "forgotten"));
	node_restart(&n);
	assert_int_equal(node_try(&n, author_message(&a, 1)).verdict,
			 INGEST_INVALID);

	assert_int_equal(forget_undo(n.h.store, author_id(&a), NULL), KITH_OK);
	assert_int_equal(row_of(&n, &a).number, 0);
	take(&n, &a);
	assert_chain(n.h.store, author_id(&a), POSTS);
	assert_int_equal(forget_undo(n.h.store, author_id(&a), &e),
			 KITH_ENOENT);
	assert_non_null(strstr(e.text, "not forgotten"));
	close_both(&n, &a);
}

/* Streams and queries that live remember it. */
static void number_of_a_feed_that_is_gone_is_not_given_again(void **state)
{
	struct forgetting f;
	struct author a, b;
	struct node n;
	uint32_t number;
	(void)state;

	open_with_posts(&n, &a);
	number = row_of(&n, &a).number;
	forget_all(&n, &a, FORGET_ALL, &f);
	assert_int_equal(forget_undo(n.h.store, author_id(&a), NULL), KITH_OK);
	author_init(&b, 2);
	author_post(&b, POSTS);
	take(&n, &b);
	assert_int_not_equal(row_of(&n, &b).number, number);
	take(&n, &a);
	assert_int_not_equal(row_of(&n, &a).number, row_of(&n, &b).number);
	assert_chain(n.h.store, author_id(&a), POSTS);
	assert_chain(n.h.store, author_id(&b), POSTS);
	author_clear(&b);
	close_both(&n, &a);
}

static void prefix_goes_and_the_feed_goes_on(void **state)
{
	struct message_row message;
	struct forgetting f;
	struct feed_row row;
	struct author a;
	struct txn *t;
	struct node n;
	(void)state;

	open_with_posts(&n, &a);
	forget_all(&n, &a, 4, &f);
	assert_int_equal(f.messages, 4);
	row = row_of(&n, &a);
	assert_false(row.forgotten);
	assert_int_equal(row.state, FEED_PARTIAL);
	assert_int_equal(row.first, 5);
	assert_int_equal(row.last, POSTS);
	assert_int_equal(node_stored(&n), POSTS - 4);
	assert_int_equal(store_read(n.h.store, &t), KITH_OK);
	assert_false(message_by_sequence(t, row.number, 4, &message));
	assert_true(message_by_sequence(t, row.number, 5, &message));
	assert_int_equal(message.canon.n, author_message(&a, 5).n);
	txn_end(t);

	/* What is gone is no fork when it comes again, and no news. */
	assert_int_equal(node_try(&n, author_message(&a, 2)).verdict,
			 INGEST_KNOWN);
	author_post(&a, 1);
	assert_int_equal(node_try(&n, author_message(&a, POSTS + 1)).verdict,
			 INGEST_ADDED);
	/* Twice is as good as once. */
	forget_all(&n, &a, 4, &f);
	assert_int_equal(f.messages, 0);
	assert_int_equal(row_of(&n, &a).state, FEED_PARTIAL);
	/* And then the rest. */
	forget_all(&n, &a, FORGET_ALL, &f);
	assert_int_equal(f.messages, 3);
	assert_int_equal(node_stored(&n), 0);
	assert_int_equal(row_of(&n, &a).state, FEED_OK);
	close_both(&n, &a);
}

static void own_feed_is_never_forgotten(void **state)
{
	struct kith_feed_id second = { KITH_CLASSIC, { 42 } };
	struct publish_row adopted = { .state = PUBLISH_UNCONFIRMED };
	struct kith_error e;
	struct author a;
	struct txn *t;
	struct node n;
	(void)state;

	open_with_posts(&n, &a);
	assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code,
			 KITH_OK);
	assert_int_equal(try_forget(&n, author_id(&n.self), &e),
			 KITH_EDENIED);
	assert_non_null(strstr(e.text, "your own"));
	/* Nor one that was ours once, or may be. */
	assert_int_equal(store_write(n.h.store, &t), KITH_OK);
	publish_put(t, &second, &adopted);
	assert_int_equal(txn_commit(t), KITH_OK);
	assert_int_equal(try_forget(&n, &second, &e), KITH_EDENIED);
	assert_int_equal(node_stored(&n), POSTS + 1);
	close_both(&n, &a);
}

static void unknown_feed_cannot_be_forgotten(void **state)
{
	struct kith_feed_id unknown = { KITH_CLASSIC, { 42 } };
	struct kith_error e;
	struct author a;
	struct node n;
	(void)state;

	open_with_posts(&n, &a);
	assert_int_equal(try_forget(&n, &unknown, &e), KITH_ENOENT);
	close_both(&n, &a);
}

static void large_feed_goes_in_steps_between_which_others_write(void **state)
{
	static char content[8000] = "{\"type\":\"post\",\"text\":\"";
	size_t start = strlen(content);
	struct forgetting f = { .until = FORGET_ALL };
	unsigned steps = 0;
	struct author a;
	struct node n;
	bool more;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	memset(content + start, 'x', 3000);
	memcpy(content + start + 3000, "\"}", sizeof("\"}"));
	for (int i = 0; i < LARGE; i++)
		author_write(&a, kith_text(content));
	take(&n, &a);
	assert_int_equal(node_stored(&n), LARGE);
	f.feed = *author_id(&a);
	do {
		assert_int_equal(forget_some(n.h.store, &f, &more, NULL),
				 KITH_OK);
		assert_int_equal(node_publish(&n, "{\"type\":\"post\"}").code,
				 KITH_OK);
		steps++;
		assert_int_equal(node_stored(&n), LARGE - f.messages + steps);
		assert_int_equal(f.total, LARGE);
	} while (more);
	assert_true(steps > 1);
	assert_int_equal(f.messages, LARGE);
	close_both(&n, &a);
}

/* --- views --- */

static void write_word(struct author *from, const struct kith_feed_id *to,
		       enum contact_edge edge)
{
	struct kith_buf b = { .limit = SIZE_MAX };

	contact_write(&b, to, edge);
	author_write(from, kith_bytes(&b));
	kith_buf_free(&b);
}

static size_t list_contacts(struct store *s, struct contact *out, size_t room)
{
	struct contact c = { 0 };
	struct txn *t;
	size_t n = 0;

	assert_int_equal(store_read(s, &t), KITH_OK);
	while (contacts_next(t, &c)) {
		assert_true(n < room);
		out[n++] = c;
	}
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	return n;
}

static void rebuild_views(struct store *s)
{
	struct txn *t;

	assert_int_equal(store_write(s, &t), KITH_OK);
	txn_clear(t, TABLE_VIEWS);
	assert_int_equal(txn_commit(t), KITH_OK);
	assert_int_equal(views_catch_up(s, NULL), KITH_OK);
}

static void assert_views_are_those_of_a_rebuild(struct store *s)
{
	static struct contact folded[AUTHORS * AUTHORS],
		built[AUTHORS * AUTHORS];
	size_t n = list_contacts(s, folded, AUTHORS * AUTHORS);

	rebuild_views(s);
	assert_int_equal(list_contacts(s, built, AUTHORS * AUTHORS), n);
	for (size_t i = 0; i < n; i++) {
		assert_true(kith_feed_equal(&folded[i].from, &built[i].from));
		assert_true(kith_feed_equal(&folded[i].to, &built[i].to));
		assert_int_equal(folded[i].edge, built[i].edge);
		assert_int_equal(folded[i].sequence, built[i].sequence);
	}
}

static void random_words(struct author *authors, int from)
{
	static const enum contact_edge edges[] = {
		CONTACT_FOLLOW, CONTACT_UNFOLLOW, CONTACT_BLOCK
	};

	for (int i = 0; i < WORDS; i++) {
		if (rand() % 3 == 0)
			author_post(&authors[from], 1);
		else
			write_word(&authors[from],
				   author_id(&authors[rand() % AUTHORS]),
				   edges[rand() % 3]);
	}
}

static void views_after_forgetting_are_those_of_a_rebuild(void **state)
{
	struct author authors[AUTHORS];
	struct forgetting f;
	struct node n;
	(void)state;

	srand(7);
	node_open(&n, 0);
	for (int i = 0; i < AUTHORS; i++)
		author_init(&authors[i], (uint8_t)(i + 1));
	for (int i = 0; i < AUTHORS; i++) {
		random_words(authors, i);
		take(&n, &authors[i]);
	}
	for (int round = 0; round < ROUNDS; round++) {
		const struct author *a = &authors[rand() % AUTHORS];
		struct feed_row row = row_of(&n, a);

		if (!row.last) {
			assert_int_equal(forget_undo(n.h.store, &row.id, NULL),
					 KITH_OK);
			take(&n, a);
		} else {
			forget_all(&n, a, row.first + (uint64_t)(rand() % 12),
				   &f);
		}
		assert_views_are_those_of_a_rebuild(n.h.store);
	}
	for (int i = 0; i < AUTHORS; i++)
		author_clear(&authors[i]);
	node_close(&n);
}

static void edge_goes_with_the_word_that_made_it(void **state)
{
	struct contact held[AUTHORS];
	struct forgetting f;
	struct author a, b;
	struct node n;
	(void)state;

	node_open(&n, 0);
	author_init(&a, 1);
	author_init(&b, 2);
	write_word(&a, author_id(&b), CONTACT_FOLLOW);
	author_post(&a, 1);
	take(&n, &a);
	assert_int_equal(list_contacts(n.h.store, held, AUTHORS), 1);
	forget_all(&n, &a, 1, &f);
	assert_int_equal(list_contacts(n.h.store, held, AUTHORS), 0);
	author_clear(&b);
	close_both(&n, &a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(forgotten_feed_leaves_its_mark_alone),
		cmocka_unit_test(marked_feed_is_refused_until_it_is_undone),
		cmocka_unit_test(
			number_of_a_feed_that_is_gone_is_not_given_again),
		cmocka_unit_test(prefix_goes_and_the_feed_goes_on),
		cmocka_unit_test(own_feed_is_never_forgotten),
		cmocka_unit_test(unknown_feed_cannot_be_forgotten),
		cmocka_unit_test(
			large_feed_goes_in_steps_between_which_others_write),
		cmocka_unit_test(views_after_forgetting_are_those_of_a_rebuild),
		cmocka_unit_test(edge_goes_with_the_word_that_made_it),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
