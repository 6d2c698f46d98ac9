#include "src/views/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/follow.h"
#include "src/views/keyring.h"
#include "src/views/postings.h"
#include "src/views/tangle.h"
#include "src/views/view.h"
#include "tests/support/home.h"
#include "tests/views/letters.h"

enum { READER = 0, WRITER = 1, RECEIVED_US = 1700000000, ROOM = 1 << 16 };

struct world {
	struct letters letters;
	struct test_home h;
	struct keys *keys;
	struct follow *follow;
};

static struct world w;

static int start(void **state)
{
	(void)state;
	letters_init(&w.letters, 1);
	test_home_open(&w.h);
	test_home_store(&w.h, 0);
	assert_int_equal(keys_new(w.letters.authors[READER].signer, &w.keys),
			 KITH_OK);
	assert_int_equal(follow_open(w.h.store, &w.follow, NULL), KITH_OK);
	assert_int_equal(follow_private(w.follow, w.keys), KITH_OK);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	follow_close(w.follow);
	keys_free(w.keys);
	test_home_close(&w.h);
	letters_clear(&w.letters);
	return 0;
}

static void append(struct txn *t, struct author *a, struct feed_row *feed)
{
	struct message_row row;
	struct kith_msg msg;

	kith_decoder_reset(a->decoder);
	assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
					 author_message(a, feed->last + 1),
					 &msg, NULL), KITH_OK);
	assert_int_equal(message_append(t, feed, &msg, RECEIVED_US, 1, &row),
			 KITH_OK);
}

static void append_all(size_t by)
{
	struct author *a = &w.letters.authors[by];
	struct feed_row feed;
	struct txn *t;

	assert_int_equal(store_write(w.h.store, &t), KITH_OK);
	feed_get(t, author_id(a), &feed);
	while (feed.last < a->count)
		append(t, a, &feed);
	feed_put(t, &feed);
	assert_int_equal(txn_commit(t), KITH_OK);
}

/* All that an author wrote comes, and is opened. */
static void receive(size_t by)
{
	bool more = true;

	append_all(by);
	while (more)
		assert_int_equal(follow_some(w.follow, 50, &more, NULL),
				 KITH_OK);
}

/* The newest message as the reader sees it. */
struct look {
	struct txn *txn;
	struct viewer viewer;
	struct message_row row;
	struct view_message m;
};

static void look_begin(struct look *l)
{
	assert_int_equal(store_read(w.h.store, &l->txn), KITH_OK);
	assert_int_equal(viewer_start(&l->viewer, l->txn,
				      author_id(&w.letters.authors[READER])),
			 KITH_OK);
	assert_int_equal(viewer_sees_private(&l->viewer, w.keys), KITH_OK);
	assert_true(message_to(l->txn, UINT64_MAX, &l->row));
	assert_true(viewer_message(&l->viewer, l->txn, &l->row, &l->m));
}

static void look_end(struct look *l)
{
	viewer_end(&l->viewer);
	txn_end(l->txn);
}

static void write_letter(const char *content)
{
	letter_box1(&w.letters, WRITER, READER, kith_text(content));
	receive(WRITER);
}

/* What an author puts between members would be lines of their own in what
 * programs read line by line. */
static void what_was_opened_is_shown_on_one_line(void **state)
{
	struct kith_buf out = { .limit = ROOM };
	struct look l;
	(void)state;

	write_letter("{\"type\":\"post\",\"a\":\n{\"key\":1}\n,\r\n\t"
		     "\"text\":\"b\"}\n");
	look_begin(&l);
	view_message_put(&l.m, NULL, &out);
	assert_true(kith_equal(l.m.content, KITH_SLICE(
		"{\"type\":\"post\",\"a\":{\"key\":1},\"text\":\"b\"}")));
	assert_null(memchr(out.p, '\n', out.n));
	assert_null(memchr(out.p, '\r', out.n));
	assert_int_equal(json_check(kith_bytes(&out), NULL, NULL), KITH_OK);
	kith_buf_free(&out);
	look_end(&l);
}

/* To open one costs as much, however many wait: a flood goes first. */
static void in_a_flood_the_views_go_on_and_opening_waits(void **state)
{
	struct follow_place place;
	bool more = true;
	(void)state;

	letter_box1(&w.letters, WRITER, READER,
		    kith_text("{\"type\":\"post\",\"text\":\"c\"}"));
	append_all(WRITER);
	while (more)
		assert_int_equal(follow_gather(w.follow, 50, &more, NULL),
				 KITH_OK);
	assert_int_equal(follow_place(w.follow, &place), KITH_OK);
	assert_int_equal(place.gathered, place.end);
	assert_true(place.position < place.end);
	receive(WRITER);
	assert_int_equal(follow_place(w.follow, &place), KITH_OK);
	assert_int_equal(place.position, place.end);
}

static bool is_listed(const struct look *l, struct kith_slice type)
{
	struct term term = term_type(type);
	struct postings p;
	bool is;

	postings_open(&p, l->txn, &l->viewer, &term);
	is = postings_seek(&p, &POSTING_FIRST) && p.at.rx == l->row.rx;
	postings_close(&p);
	return is;
}

/* As in JavaScript, the last of several members of one name counts. */
static void views_have_what_is_shown(void **state)
{
	struct look l;
	(void)state;

	write_letter("{\"type\":\"vote\",\"text\":\"c\","
		     "\"\\u0074ype\":\"post\"}");
	look_begin(&l);
	assert_true(json_is(json_get(l.m.content, "type"), "post"));
	assert_true(is_listed(&l, KITH_SLICE("post")));
	assert_false(is_listed(&l, KITH_SLICE("vote")));
	look_end(&l);
}

static bool has_key(const struct kith_msg_id *group)
{
	struct group_key g;
	struct txn *t;
	bool has;

	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	has = keyring_get(t, w.keys, group, &g);
	txn_end(t);
	return has;
}

static uint64_t count_dropped(void)
{
	struct txn *t;
	uint64_t n;

	assert_int_equal(store_read(w.h.store, &t), KITH_OK);
	n = keyring_dropped(t);
	txn_end(t);
	return n;
}

/* Keys of groups that never begin are kept for a while, but not so many that
 * those of others have no room. */
static void one_author_takes_no_room_from_others(void **state)
{
	enum { MADE_UP, REAL, FOUNDER = 2, MEMBER = 3 };
	struct letter_group *made_up = &w.letters.groups[MADE_UP];
	const struct letter_group *real = &w.letters.groups[REAL];
	(void)state;

	made_up->key.root.format = KITH_CLASSIC;
	made_up->key.group.format = KITH_CLOAKED;
	for (uint32_t i = 0; i < KEYRING_WAITING_MAX; i++) {
		kith_put_be32(made_up->key.root.b, i);
		letter_add(&w.letters, WRITER, MADE_UP, READER);
	}
	receive(WRITER);
	assert_int_equal(count_dropped(),
			 KEYRING_WAITING_MAX - KEYRING_BY_AUTHOR_MAX);
	letter_found(&w.letters, FOUNDER, REAL);
	letter_add(&w.letters, MEMBER, REAL, READER);
	receive(MEMBER);
	assert_false(has_key(&real->key.group));
	receive(FOUNDER);
	assert_true(has_key(&real->key.group));
}

/* Where the next message would stand: behind one. */
static struct kith_msg_id behind(const char *name,
				 const struct kith_msg_id *root)
{
	struct kith_tangle tangle;
	struct look l;

	look_begin(&l);
	assert_int_equal(tangle_end(l.txn, &l.viewer, name, root, &tangle),
			 KITH_OK);
	look_end(&l);
	assert_int_equal(tangle.n, 1);
	return tangle.previous[0];
}

/* Whoever knows the id of its first message, which is no secret, could lead
 * the group to follow what nobody in it reads. */
static void what_is_public_stands_in_no_tangle_of_a_group(void **state)
{
	enum { GROUP, STRANGER = 2 };
	const struct kith_msg_id *root = &w.letters.groups[GROUP].key.root;
	char id[KITH_REF_TEXT_BYTES], content[512];
	struct kith_msg_id added, found;
	(void)state;

	letter_found(&w.letters, WRITER, GROUP);
	letter_add(&w.letters, WRITER, GROUP, READER);
	added = w.letters.authors[WRITER].tip.id;
	receive(WRITER);
	kith_msg_print(root, id);
	snprintf(content, sizeof(content), "{\"type\":\"group/add-member\","
		 "\"tangles\":{\"group\":{\"root\":\"%s\",\"previous\":"
		 "[\"%s\"]},\"members\":{\"root\":\"%s\",\"previous\":"
		 "[\"%s\"]}}}", id, id, id, id);
	author_write(&w.letters.authors[STRANGER], kith_text(content));
	receive(STRANGER);
	found = behind("group", root);
	assert_true(kith_msg_equal(&found, &added));
	found = behind("members", root);
	assert_true(kith_msg_equal(&found, &added));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			what_was_opened_is_shown_on_one_line, start, stop),
		cmocka_unit_test_setup_teardown(
			in_a_flood_the_views_go_on_and_opening_waits, start,
			stop),
		cmocka_unit_test_setup_teardown(views_have_what_is_shown,
						start, stop),
		cmocka_unit_test_setup_teardown(
			one_author_takes_no_room_from_others, start, stop),
		cmocka_unit_test_setup_teardown(
			what_is_public_stands_in_no_tangle_of_a_group, start,
			stop),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
