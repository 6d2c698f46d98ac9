#include "src/views/private.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/views/follow.h"
#include "src/views/inbox.h"
#include "src/views/search.h"
#include "src/views/thread.h"
#include "src/views/view.h"
#include "tests/support/home.h"
#include "tests/views/feed_log.h"
#include "tests/views/letters.h"
#include "tests/views/oracle.h"

struct scene {
	struct letters l;
	struct test_home h;
	struct keys *keys;
	struct follow *follow;
	struct txn *t;
	struct viewer public, private; /* both of authors[0] */
};

static void start(struct scene *s, const struct kith_signer *of)
{
	assert_int_equal(keys_new(of, &s->keys), KITH_OK);
	assert_int_equal(follow_open(s->h.store, &s->follow, NULL), KITH_OK);
	assert_int_equal(follow_private(s->follow, s->keys), KITH_OK);
}

static void stop(struct scene *s)
{
	follow_close(s->follow);
	keys_free(s->keys);
}

static void open_scene(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	letters_init(&s->l, 1);
	test_home_open(&s->h);
	test_home_store(&s->h, 0);
	start(s, s->l.authors[0].signer);
}

static void close_scene(struct scene *s)
{
	stop(s);
	test_home_close(&s->h);
	letters_clear(&s->l);
}

static void receive(struct scene *s, size_t author)
{
	bool more = true;

	feed_receive(s->h.store, &s->l.authors[author], UINT64_MAX);
	while (more)
		assert_int_equal(follow_some(s->follow, 50, &more, NULL),
				 KITH_OK);
}

static void look(struct scene *s)
{
	const struct kith_feed_id *self = author_id(&s->l.authors[0]);

	assert_int_equal(store_read(s->h.store, &s->t), KITH_OK);
	assert_int_equal(viewer_start(&s->public, s->t, self), KITH_OK);
	assert_int_equal(viewer_start(&s->private, s->t, self), KITH_OK);
	assert_int_equal(viewer_sees_private(&s->private, s->keys), KITH_OK);
}

static void look_away(struct scene *s)
{
	viewer_end(&s->public);
	viewer_end(&s->private);
	assert_int_equal(txn_error(s->t), KITH_OK);
	txn_end(s->t);
}

static size_t count(struct scene *s, const struct viewer *v, struct term term)
{
	struct postings p;
	size_t n = 0, back = 0;

	postings_open(&p, s->t, v, &term);
	for (bool more = postings_seek(&p, &POSTING_FIRST); more;
	     more = postings_next(&p))
		n++;
	for (bool more = postings_seek_back(&p, &POSTING_LAST); more;
	     more = postings_previous(&p))
		back++;
	postings_close(&p);
	assert_int_equal(n, back);
	return n;
}

static struct term posts(void)
{
	return term_type(KITH_SLICE("post"));
}

/* --- reading --- */

static void a_letter_is_seen_with_the_keys_only(void **state)
{
	struct view_message m;
	struct message_row row;
	struct scene s;
	(void)state;

	open_scene(&s);
	letter_direct(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\","
					     "\"text\":\"hush\"}"));
	receive(&s, 1);
	look(&s);
	assert_int_equal(count(&s, &s.public, posts()), 0);
	assert_int_equal(count(&s, NULL, posts()), 0);
	assert_int_equal(count(&s, &s.private, posts()), 1);
	assert_int_equal(count(&s, &s.private, term_all()), 1);
	assert_true(message_by_sequence(s.t, 1, 1, &row));
	assert_true(viewer_message(&s.public, s.t, &row, &m));
	assert_int_equal(m.boxed.n, 0);
	assert_int_equal(*m.content.p, '"');
	assert_true(viewer_message(&s.private, s.t, &row, &m));
	assert_true(kith_equal(json_get(m.content, "text"),
			       KITH_SLICE("\"hush\"")));
	assert_true(m.boxed.n > 0);
	look_away(&s);
	close_scene(&s);
}

static void clients_get_a_message_that_says_it_was_private(void **state)
{
	struct kith_buf out = { .limit = 1 << 16 };
	struct view_message m;
	struct message_row row;
	struct opened how;
	struct scene s;
	(void)state;

	open_scene(&s);
	letter_box1(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\"}"));
	receive(&s, 1);
	look(&s);
	assert_true(message_by_sequence(s.t, 1, 1, &row));
	assert_true(viewer_message(&s.private, s.t, &row, &m));
	assert_true(opened_get(s.t, s.keys, row.rx, &how));
	assert_int_equal(how.via, KITH_VIA_BOX1);
	view_message_put(&m, &how.key, &out);
	assert_true(json_is(json_get(json_get(kith_bytes(&out), "content"),
				     "type"), "post"));
	assert_true(kith_equal(json_get(kith_bytes(&out), "cyphertext"),
			       m.boxed));
	assert_true(json_says_true(json_get(json_get(kith_bytes(&out),
						     "meta"), "private")));
	kith_buf_reset(&out);
	assert_true(viewer_message(&s.public, s.t, &row, &m));
	view_message_put(&m, NULL, &out);
	assert_true(kith_equal(kith_bytes(&out), row.canon));
	kith_buf_free(&out);
	look_away(&s);
	close_scene(&s);
}

/* Programs get such a content whole, people what is shown of it. */
static void hands_on(struct kith_slice content, struct kith_slice shown)
{
	struct kith_buf out = { .limit = 1 << 16 };
	struct view_message m;
	struct message_row row;
	struct opened how;
	struct scene s;

	open_scene(&s);
	letter_box1(&s.l, 1, 0, content);
	receive(&s, 1);
	look(&s);
	assert_true(message_by_sequence(s.t, 1, 1, &row));
	assert_true(viewer_message(&s.private, s.t, &row, &m));
	assert_true(opened_get(s.t, s.keys, row.rx, &how));
	view_message_put(&m, &how.key, &out);
	assert_true(kith_equal(json_get(kith_bytes(&out), "content"),
			       m.content));
	assert_true(kith_equal(m.content, content));
	kith_buf_reset(&out);
	view_message_put(&m, NULL, &out);
	assert_true(kith_equal(json_get(kith_bytes(&out), "content"), shown));
	kith_buf_free(&out);
	look_away(&s);
	close_scene(&s);
}

static void keys_that_a_letter_hands_on_are_for_programs(void **state)
{
	(void)state;

	hands_on(KITH_SLICE("{\"groupKey\":\"a\",\"type\":\"group/add-member\","
			    "\"oldSecrets\":[\"b\"],\"text\":\"c\"}"),
		 KITH_SLICE("{\"type\":\"group/add-member\",\"text\":\"c\"}"));
	hands_on(KITH_SLICE("{\"type\":\"fusion/entrust\",\"secretKey\":\"a\","
			    "\"rootId\":\"b\"}"),
		 KITH_SLICE("{\"type\":\"fusion/entrust\",\"rootId\":\"b\"}"));
}

/* A public root, a private answer to it. */
static void a_private_answer_is_in_its_thread(void **state)
{
	char id[KITH_REF_TEXT_BYTES], content[256];
	struct inbox_query q = { .reasons = INBOX_ALL,
				 .before = POSTING_LAST };
	struct inbox_item items[4];
	struct kith_msg_id root;
	struct thread th;
	struct scene s;
	size_t n;
	(void)state;

	open_scene(&s);
	author_post(&s.l.authors[0], 1);
	root = s.l.authors[0].tip.id;
	kith_msg_print(&root, id);
	snprintf(content, sizeof(content), "{\"type\":\"post\",\"text\":\"x\","
		 "\"root\":\"%s\",\"branch\":\"%s\"}", id, id);
	letter_direct(&s.l, 1, 0, kith_text(content));
	receive(&s, 0);
	receive(&s, 1);
	look(&s);
	assert_int_equal(thread_read(s.t, &s.public, &root, true, &th),
			 KITH_OK);
	assert_int_equal(th.count, 1);
	thread_free(&th);
	assert_int_equal(thread_read(s.t, &s.private, &root, true, &th),
			 KITH_OK);
	assert_int_equal(th.count, 2);
	assert_int_equal(th.messages[1].depth, 1);
	thread_free(&th);
	assert_int_equal(inbox_page(s.t, &s.public, &q, items, 4, &n),
			 KITH_OK);
	assert_int_equal(n, 0);
	assert_int_equal(inbox_page(s.t, &s.private, &q, items, 4, &n),
			 KITH_OK);
	assert_int_equal(n, 1);
	assert_true(items[0].reasons & INBOX_REPLY);
	look_away(&s);
	close_scene(&s);
}

/* --- groups --- */

static void a_key_that_comes_opens_what_was_there(void **state)
{
	struct private_status status;
	struct kith_feed_id *members;
	struct scene s;
	size_t n;
	(void)state;

	open_scene(&s);
	letter_found(&s.l, 1, 0);
	for (int i = 0; i < 5; i++)
		letter_to_group(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\"}"));
	receive(&s, 1);
	look(&s);
	private_status(s.t, &status);
	assert_int_equal(status.shut, 6);
	assert_int_equal(status.opened, 0);
	look_away(&s);

	letter_add(&s.l, 1, 0, 0);
	letter_add(&s.l, 1, 0, 2);
	letter_add(&s.l, 1, 0, 2);
	letter_add(&s.l, 1, 0, 0);
	receive(&s, 1);
	look(&s);
	private_status(s.t, &status);
	assert_int_equal(status.shut, 0);
	assert_int_equal(status.opened, 10);
	assert_int_equal(count(&s, &s.private, posts()), 5);
	assert_int_equal(group_members(s.t, &s.private,
				       &s.l.groups[0].key.group, &members, &n),
			 KITH_OK);
	assert_int_equal(n, 3);
	assert_true(kith_feed_equal(&members[0], author_id(&s.l.authors[1])));
	assert_true(kith_feed_equal(&members[1], author_id(&s.l.authors[0])));
	assert_true(kith_feed_equal(&members[2], author_id(&s.l.authors[2])));
	free(members);
	look_away(&s);
	assert_private_right(s.h.store, s.keys);
	close_scene(&s);
}

/* However long it takes, whoever publishes waits for a slice only. */
static void a_slice_puts_what_its_time_allows(void **state)
{
	enum { LETTERS = 100 };
	struct private_status status;
	struct scene s;
	bool more = true;
	int slices = 0;
	(void)state;

	open_scene(&s);
	letter_found(&s.l, 1, 0);
	for (int i = 0; i < LETTERS; i++)
		letter_to_group(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\"}"));
	letter_add(&s.l, 1, 0, 0);
	feed_receive(s.h.store, &s.l.authors[1], UINT64_MAX);
	for (; more && slices < 10 * LETTERS; slices++)
		assert_int_equal(follow_some(s.follow, 1, &more, NULL),
				 KITH_OK);
	assert_false(more);
	assert_in_range(slices, LETTERS / 32, 10 * LETTERS);
	look(&s);
	private_status(s.t, &status);
	assert_int_equal(status.opened, LETTERS + 2);
	look_away(&s);
	assert_private_right(s.h.store, s.keys);
	close_scene(&s);
}

/* The claim of a group that its first message does not bear out. */
static void a_key_that_does_not_fit_its_group_is_not_kept(void **state)
{
	struct group_key g;
	struct scene s;
	(void)state;

	open_scene(&s);
	letter_found(&s.l, 1, 0);
	letter_found(&s.l, 2, 1);
	s.l.groups[0].key.root = s.l.groups[1].key.root;
	letter_add(&s.l, 1, 0, 0);
	receive(&s, 2);
	receive(&s, 1);
	look(&s);
	assert_false(keyring_get(s.t, s.keys, &s.l.groups[0].key.group, &g));
	assert_false(keyring_get(s.t, s.keys, &s.l.groups[1].key.group, &g));
	look_away(&s);
	close_scene(&s);
}

/* --- what makes no sense --- */

enum { CUTS = 40, CUT_BODIES = 13 };

/* A box that its reader opens, and no bytes of its end: with half of them, the
 * slots still open and the body does not. */
static void write_cut(struct scene *s)
{
	static const char content[] =
		"{\"type\":\"post\",\"text\":\"what is cut is no message, "
		"however little is missing at its end\"}";
	struct kith_buf cut = { .limit = 4096 };
	struct kith_buf whole = { .limit = 4096 };

	letter_box1(&s->l, 3, 0, kith_text(content));
	kith_buf_put(&whole, kith_bytes(&s->l.box));
	for (size_t i = 1; i <= CUTS; i++) {
		size_t n = (whole.n - sizeof("\".box\"")) / 4 * i / (CUTS + 1);

		kith_buf_reset(&cut);
		kith_buf_put(&cut, (struct kith_slice){ whole.p, 1 + 4 * n });
		kith_buf_text(&cut, ".box\"");
		author_write(&s->l.authors[1], kith_bytes(&cut));
	}
	kith_buf_free(&cut);
	kith_buf_free(&whole);
}

static void boxes_that_make_no_sense_are_counted(void **state)
{
	static const char *const contents[] = {
		"\"AAAA.box\"", "\"AAAA.box2\"",
	};
	struct private_status status;
	struct scene s;
	(void)state;

	open_scene(&s);
	for (size_t i = 0; i < sizeof(contents) / sizeof(*contents); i++)
		author_write(&s.l.authors[1], kith_text(contents[i]));
	letter_direct(&s.l, 1, 0, KITH_SLICE("no JSON"));
	letter_direct(&s.l, 1, 0, KITH_SLICE("[1,2]"));
	letter_box1(&s.l, 1, 0, KITH_SLICE("\"itself.box\""));
	letter_box1(&s.l, 1, 0, KITH_SLICE("{\"type\":\"group/add-member\"}"));
	write_cut(&s);
	/* For somebody else, and in a group whose key never comes. */
	letter_box1(&s.l, 1, 2, KITH_SLICE("{\"type\":\"post\"}"));
	letter_direct(&s.l, 1, 2, KITH_SLICE("{\"type\":\"post\"}"));
	letter_found(&s.l, 1, 0);
	receive(&s, 1);
	look(&s);
	private_status(s.t, &status);
	assert_int_equal(status.broken, 3 + CUT_BODIES);
	assert_int_equal(status.opened, 1);
	assert_int_equal(count(&s, &s.private, posts()), 0);
	look_away(&s);
	assert_private_right(s.h.store, s.keys);
	close_scene(&s);
}

static void rows_of_another_identity_are_made_anew(void **state)
{
	struct private_status status;
	struct opened how;
	struct scene s;
	uint64_t number = 0, rx = 0;
	(void)state;

	open_scene(&s);
	letter_direct(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\"}"));
	receive(&s, 1);
	stop(&s);
	start(&s, s.l.authors[2].signer);
	look(&s);
	assert_true(opened_next(s.t, &number, &rx));
	assert_false(opened_get(s.t, s.keys, rx, &how));
	look_away(&s);
	receive(&s, 1);
	look(&s);
	private_status(s.t, &status);
	assert_int_equal(status.opened, 0);
	look_away(&s);
	assert_private_right(s.h.store, s.keys);
	close_scene(&s);
}

/* --- words --- */

static size_t hits(struct scene *s, struct search *search, const char *word)
{
	struct search_query q = { .text = kith_text(word) };
	struct search_hits *hits;
	struct search_hit hit;
	size_t n = 0;

	look(s);
	assert_int_equal(search_find(search, s->t, &q, &s->private, &hits,
				     NULL), KITH_OK);
	while (search_next(hits, &hit))
		n++;
	search_hits_end(hits);
	look_away(s);
	return n;
}

static void index_all(struct scene *s, struct search *search)
{
	struct search_slice slice = { .messages = 4, .sweep = true,
				      .more = true };

	while (slice.more)
		assert_int_equal(search_catch_up(search, s->h.store, &slice,
						 NULL), KITH_OK);
}

static bool file_holds(struct scene *s, const char *name, const char *word)
{
	struct kith_buf bytes = { .limit = 1 << 26 };
	size_t n = strlen(word);
	bool found = false;

	if (home_read(s->h.home, name, &bytes, NULL))
		return false;
	for (size_t i = 0; i + n <= bytes.n && !found; i++)
		found = !memcmp(bytes.p + i, word, n);
	kith_buf_free(&bytes);
	return found;
}

static void private_words_are_found_in_their_own_file_only(void **state)
{
	struct search *public, *private;
	struct scene s;
	(void)state;

	open_scene(&s);
	letter_found(&s.l, 1, 0);
	letter_to_group(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\","
					    "\"text\":\"raspberry\"}"));
	letter_direct(&s.l, 1, 0, KITH_SLICE("{\"type\":\"post\","
					     "\"text\":\"hazelnut\"}"));
	author_write(&s.l.authors[1], KITH_SLICE("{\"type\":\"post\","
						 "\"text\":\"daylight\"}"));
	receive(&s, 1);
	assert_int_equal(search_open(s.h.home, &public, NULL), KITH_OK);
	assert_int_equal(search_open_private(s.h.home, s.keys, &private, NULL),
			 KITH_OK);
	index_all(&s, public);
	index_all(&s, private);
	assert_int_equal(hits(&s, public, "hazelnut"), 0);
	assert_int_equal(hits(&s, public, "daylight"), 1);
	assert_int_equal(hits(&s, private, "hazelnut"), 1);
	assert_int_equal(hits(&s, private, "daylight"), 0);
	assert_int_equal(hits(&s, private, "raspberry"), 0);

	letter_add(&s.l, 1, 0, 0);
	receive(&s, 1);
	index_all(&s, private);
	assert_int_equal(hits(&s, private, "raspberry"), 1);
	search_close(public);
	search_close(private);
	assert_false(file_holds(&s, "store/search", "hazelnut"));
	assert_false(file_holds(&s, "store/search-wal", "hazelnut"));
	assert_true(file_holds(&s, "store/private-words", "hazelnut"));
	close_scene(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_letter_is_seen_with_the_keys_only),
		cmocka_unit_test(
			clients_get_a_message_that_says_it_was_private),
		cmocka_unit_test(keys_that_a_letter_hands_on_are_for_programs),
		cmocka_unit_test(a_private_answer_is_in_its_thread),
		cmocka_unit_test(a_key_that_comes_opens_what_was_there),
		cmocka_unit_test(a_slice_puts_what_its_time_allows),
		cmocka_unit_test(a_key_that_does_not_fit_its_group_is_not_kept),
		cmocka_unit_test(boxes_that_make_no_sense_are_counted),
		cmocka_unit_test(rows_of_another_identity_are_made_anew),
		cmocka_unit_test(
			private_words_are_found_in_their_own_file_only),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
