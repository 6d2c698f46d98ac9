#include "src/views/contacts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/views/place.h"
#include "tests/support/author.h"
#include "tests/support/home.h"

struct world {
	struct test_home h;
	struct author a, b, c;
};

static void world_open(struct world *w)
{
	test_home_open(&w->h);
	test_home_store(&w->h, 0);
	author_init(&w->a, 1);
	author_init(&w->b, 2);
	author_init(&w->c, 3);
}

static void world_close(struct world *w)
{
	author_clear(&w->a);
	author_clear(&w->b);
	author_clear(&w->c);
	test_home_close(&w->h);
}

/* Appends the newest message of who, folded or not. */
static void append(struct world *w, struct author *who, bool fold)
{
	struct message_row row;
	struct view_message m;
	struct feed_row feed;
	struct kith_msg msg;
	struct txn *t;

	kith_decoder_reset(who->decoder);
	assert_int_equal(kith_msg_decode(who->decoder, KITH_CLASSIC,
					 author_message(who, who->count),
					 &msg, NULL), KITH_OK);
	assert_int_equal(store_write(w->h.store, &t), KITH_OK);
	feed_get(t, author_id(who), &feed);
	assert_int_equal(message_append(t, &feed, &msg, 1, 0, &row), KITH_OK);
	feed_put(t, &feed);
	views_message(&row, &feed, &m);
	assert_true(m.claimed == msg.claimed);
	assert_true(kith_equal(m.content, msg.content));
	if (fold)
		views_fold(t, &m, VIEW_ADDED);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void say(struct world *w, struct author *from, const struct author *to,
		enum contact_edge edge)
{
	struct kith_buf content = { .limit = 4096 };

	contact_write(&content, author_id(to), edge);
	author_write(from, kith_bytes(&content));
	kith_buf_free(&content);
	append(w, from, true);
}

static enum contact_edge edge(struct world *w, const struct author *from,
			      const struct author *to)
{
	struct contact c = { .from = *author_id(from) };
	enum contact_edge found = CONTACT_NONE;
	struct txn *t;

	assert_int_equal(store_read(w->h.store, &t), KITH_OK);
	while (contacts_of(t, &c))
		if (kith_feed_equal(&c.to, author_id(to)))
			found = c.edge;
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	return found;
}

static void newest_word_counts(void **state)
{
	struct world w;
	(void)state;

	world_open(&w);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_NONE);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_FOLLOW);
	assert_int_equal(edge(&w, &w.b, &w.a), CONTACT_NONE);
	say(&w, &w.a, &w.b, CONTACT_BLOCK);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_BLOCK);
	say(&w, &w.a, &w.b, CONTACT_UNFOLLOW);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_UNFOLLOW);
	world_close(&w);
}

static void all_edges_are_walked_once(void **state)
{
	struct contact c = { .sequence = 0 };
	struct world w;
	struct txn *t;
	size_t n = 0;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	say(&w, &w.a, &w.c, CONTACT_FOLLOW);
	say(&w, &w.b, &w.c, CONTACT_BLOCK);
	say(&w, &w.b, &w.c, CONTACT_FOLLOW);
	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	for (; contacts_next(t, &c); n++)
		assert_int_equal(c.edge, CONTACT_FOLLOW);
	assert_int_equal(n, 3);
	txn_end(t);
	world_close(&w);
}

static void other_messages_are_no_contacts(void **state)
{
	struct contact c = { .sequence = 0 };
	struct world w;
	struct txn *t;
	(void)state;

	world_open(&w);
	author_post(&w.a, 1);
	append(&w, &w.a, true);
	author_write(&w.a, KITH_SLICE("{\"type\":\"contact\",\"following\":"
				      "true,\"contact\":\"@nobody\"}"));
	append(&w, &w.a, true);
	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	assert_false(contacts_next(t, &c));
	txn_end(t);
	world_close(&w);
}

/* Folds message sequence of who once more, as another event. */
static void fold_again(struct world *w, const struct author *who,
		       uint64_t sequence, enum view_event event)
{
	struct message_row row;
	struct view_message m;
	struct feed_row feed;
	struct txn *t;

	assert_int_equal(store_write(w->h.store, &t), KITH_OK);
	assert_true(feed_get(t, author_id(who), &feed));
	assert_true(message_by_sequence(t, feed.number, sequence, &row));
	views_message(&row, &feed, &m);
	views_fold(t, &m, event);
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void word_that_goes_uncovers_the_one_before(void **state)
{
	struct world w;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	say(&w, &w.a, &w.c, CONTACT_FOLLOW);
	say(&w, &w.a, &w.b, CONTACT_BLOCK);
	/* Not the newest: no effect. */
	fold_again(&w, &w.a, 1, VIEW_GONE);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_BLOCK);
	fold_again(&w, &w.a, 3, VIEW_GONE);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_FOLLOW);
	fold_again(&w, &w.a, 1, VIEW_GONE);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_NONE);
	assert_int_equal(edge(&w, &w.a, &w.c), CONTACT_FOLLOW);
	world_close(&w);
}

static void private_words_have_no_public_effect(void **state)
{
	struct world w;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	fold_again(&w, &w.a, 1, VIEW_GONE);
	fold_again(&w, &w.a, 1, VIEW_OPENED);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_NONE);
	world_close(&w);
}

/* The row of a view that has folded the log up to rx. */
static void put_view(struct world *w, const char *name, uint32_t version,
		     uint64_t rx)
{
	uint8_t row[12];
	struct txn *t;

	kith_put_be32(row, version);
	kith_put_be64(row + 4, rx);
	assert_int_equal(store_write(w->h.store, &t), KITH_OK);
	txn_put(t, TABLE_VIEWS, kith_text(name),
		(struct kith_slice){ row, sizeof(row) });
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void view_that_is_behind_catches_up(void **state)
{
	struct kith_buf content = { .limit = 4096 };
	struct world w;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	contact_write(&content, author_id(&w.c), CONTACT_BLOCK);
	author_write(&w.a, kith_bytes(&content));
	append(&w, &w.a, false);
	assert_int_equal(edge(&w, &w.a, &w.c), CONTACT_NONE);
	put_view(&w, view_contacts.name, view_contacts.version, 1);
	assert_int_equal(views_catch_up(w.h.store, NULL), KITH_OK);
	assert_int_equal(edge(&w, &w.a, &w.c), CONTACT_BLOCK);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_FOLLOW);
	kith_buf_free(&content);
	world_close(&w);
}

static void view_of_another_version_is_rebuilt(void **state)
{
	struct contact stale = { .sequence = 0 };
	struct world w;
	struct txn *t;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	assert_int_equal(store_write(w.h.store, &t), KITH_OK);
	txn_clear(t, TABLE_CONTACTS);
	txn_put(t, TABLE_CONTACTS, KITH_SLICE("of another layout"),
		KITH_SLICE("row"));
	assert_int_equal(txn_commit(t), KITH_OK);
	put_view(&w, view_contacts.name, 99, 1);
	assert_int_equal(views_catch_up(w.h.store, NULL), KITH_OK);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_FOLLOW);
	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	assert_true(contacts_next(t, &stale));
	assert_int_equal(txn_count(t, TABLE_CONTACTS), 1);
	txn_end(t);
	world_close(&w);
}

static void view_of_a_newer_kith_is_not_called_up_to_the_log(void **state)
{
	struct kith_slice row;
	struct world w;
	struct txn *t;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	put_view(&w, "of the future", 1, UINT64_MAX);
	assert_int_equal(views_catch_up(w.h.store, NULL), KITH_OK);
	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	assert_false(txn_get(t, TABLE_VIEWS, KITH_SLICE("of the future"),
			     &row));
	assert_true(txn_get(t, TABLE_VIEWS, kith_text(view_contacts.name),
			    &row));
	txn_end(t);
	assert_int_equal(edge(&w, &w.a, &w.b), CONTACT_FOLLOW);
	world_close(&w);
}

static uint64_t count_of_term(struct store *s, const struct term *term)
{
	struct postings p;
	struct txn *t;
	uint64_t n = 0;

	assert_int_equal(store_read(s, &t), KITH_OK);
	postings_open(&p, t, NULL, term);
	for (bool more = postings_seek(&p, &POSTING_FIRST); more;
	     more = postings_next(&p))
		n++;
	postings_close(&p);
	txn_end(t);
	return n;
}

static void view_beyond_the_end_of_the_log_is_made_anew(void **state)
{
	struct view_place place = { .state = VIEW_READY, .position = 1000 };
	const struct term all = term_all();
	struct world w;
	struct txn *t;
	(void)state;

	world_open(&w);
	say(&w, &w.a, &w.b, CONTACT_FOLLOW);
	assert_int_equal(store_write(w.h.store, &t), KITH_OK);
	place_put(t, &view_types, &place);
	assert_int_equal(txn_commit(t), KITH_OK);
	say(&w, &w.a, &w.c, CONTACT_FOLLOW);
	assert_int_equal(views_catch_up(w.h.store, NULL), KITH_OK);
	assert_int_equal(count_of_term(w.h.store, &all), 2);
	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	place_get(t, &view_types, &place);
	assert_int_equal(place.position, message_end(t));
	txn_end(t);
	world_close(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(view_beyond_the_end_of_the_log_is_made_anew),
		cmocka_unit_test(newest_word_counts),
		cmocka_unit_test(all_edges_are_walked_once),
		cmocka_unit_test(other_messages_are_no_contacts),
		cmocka_unit_test(word_that_goes_uncovers_the_one_before),
		cmocka_unit_test(private_words_have_no_public_effect),
		cmocka_unit_test(view_that_is_behind_catches_up),
		cmocka_unit_test(view_of_another_version_is_rebuilt),
		cmocka_unit_test(
			view_of_a_newer_kith_is_not_called_up_to_the_log),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
