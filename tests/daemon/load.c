#include "src/daemon/load.h"

#include <setjmp.h>
#include <signal.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/link.h"
#include "src/gossip/dial.h"
#include "src/store/local.h"
#include "tests/support/bed.h"

enum { TEXT_BYTES = 256, ACQUAINTANCES = 100 };

/* A peer that has called. */
struct caller {
	struct link link;
	struct shs *shs;
};

/* A daemon that is open, so that it can be called, and does not run yet. */
struct scene {
	struct bed bed;
	struct author friend, foe;
	struct caller callers[2];
};

/* As if self had said so of an identity. */
static void say(struct scene *b, struct txn *t, const struct kith_feed_id *of,
		const char *what)
{
	char id[KITH_REF_TEXT_BYTES], text[TEXT_BYTES];
	struct message_row row = { .sequence = 1 };
	struct view_message m = { .row = &row,
				  .author = *author_id(&b->bed.self) };

	kith_feed_print(of, id);
	snprintf(text, sizeof(text),
		 "{\"type\":\"contact\",\"contact\":\"%s\",\"%s\":true}", id,
		 what);
	m.content = kith_text(text);
	view_contacts.fold(t, &m, VIEW_ADDED);
}

static void write_contacts(struct scene *b)
{
	struct kith_feed_id other = { .format = KITH_CLASSIC };
	struct txn *t;

	assert_int_equal(views_catch_up(b->bed.h.store, NULL), KITH_OK);
	assert_int_equal(store_write(b->bed.h.store, &t), KITH_OK);
	say(b, t, author_id(&b->friend), "following");
	say(b, t, author_id(&b->foe), "blocking");
	for (other.b[0] = 0; other.b[0] < ACQUAINTANCES; other.b[0]++)
		say(b, t, &other, "following");
	assert_int_equal(txn_commit(t), KITH_OK);
}

static int set_up(void **state)
{
	struct scene *b = calloc(1, sizeof(*b));

	bed_init(&b->bed);
	author_init(&b->friend, 2);
	author_init(&b->foe, 3);
	write_contacts(b);
	bed_open(&b->bed, NULL);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *b = *state;

	bed_close(&b->bed);
	author_clear(&b->friend);
	author_clear(&b->foe);
	free(b);
	return 0;
}

/* --- callers --- */

/* Connects and says hello, which waits for the daemon to read it. */
static void dial(struct scene *b, const struct author *by, struct caller *c)
{
	struct address a = bed_address(&b->bed);
	struct shs_config config = { .self = by->signer,
				     .server = b->bed.daemon->self.b };

	memcpy(config.app_key, b->bed.daemon->config.app_key,
	       sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	assert_int_equal(link_dial(&c->link, &a, link_now_ms() + BED_WAIT_MS,
				   NULL), KITH_OK);
	c->shs = shs_new(&config);
	assert_non_null(c->shs);
	assert_int_equal(shs_next(c->shs, &c->link.pending, &c->link.out),
			 SHS_MORE);
	assert_int_equal(link_push(&c->link, NULL), KITH_OK);
}

/* True if the daemon let it in. */
static bool is_welcome(struct caller *c)
{
	int64_t deadline_ms = link_now_ms() + BED_WAIT_MS;
	enum shs_step step = SHS_MORE;

	while (step == SHS_MORE && !c->link.ended) {
		if (link_move(&c->link, deadline_ms, NULL))
			break;
		step = shs_next(c->shs, &c->link.pending, &c->link.out);
	}
	shs_free(c->shs);
	link_clear(&c->link);
	return step == SHS_DONE;
}

/* --- tests --- */

static void nothing_of_others_is_read_before_the_loop_runs(void **state)
{
	struct scene *b = *state;
	size_t at = 0;
	struct kith_feed_id to;
	enum contact_edge edge;

	assert_false(load_over(b->bed.daemon));
	assert_false(graph_edges(b->bed.daemon->replicate.graph,
				 author_id(&b->bed.self), &at, &to, &edge));
}

static void peer_that_dials_before_all_is_loaded_is_served_after(void **state)
{
	struct scene *b = *state;
	struct caller *friend = &b->callers[0];

	dial(b, &b->friend, friend);
	bed_run(&b->bed);
	assert_true(is_welcome(friend));
	assert_int_equal(kill(getpid(), SIGTERM), 0);
	bed_join(&b->bed);
	assert_true(load_over(b->bed.daemon));
}

static void blocked_peer_that_dials_before_that_is_refused(void **state)
{
	struct scene *b = *state;
	struct caller *friend = &b->callers[0], *foe = &b->callers[1];

	dial(b, &b->foe, foe);
	dial(b, &b->friend, friend);
	bed_run(&b->bed);
	assert_false(is_welcome(foe));
	assert_true(is_welcome(friend));
}

static void call_that_needs_all_reads_the_rest_first(void **state)
{
	struct scene *b = *state;
	struct client *c = bed_dial(&b->bed);
	struct kith_slice reply, ebt;
	uint64_t feeds;
	void *user;

	assert_int_equal(client_start(c, "status", KITH_SLICE("[]"), b, NULL),
			 KITH_OK);
	bed_run(&b->bed);
	assert_int_equal(client_answer(c, &user, &reply, NULL), KITH_OK);
	ebt = json_get(reply, "ebt");
	assert_true(json_uint(json_get(ebt, "feeds"), &feeds));
	/* We, the friend and the acquaintances. */
	assert_int_equal(feeds, 2 + ACQUAINTANCES);
	client_close(c);
}

static void stop_before_all_is_loaded_is_clean(void **state)
{
	struct scene *b = *state;
	struct caller *friend = &b->callers[0];

	dial(b, &b->friend, friend);
	kill(getpid(), SIGTERM);
	bed_run(&b->bed);
	assert_false(is_welcome(friend));
	bed_join(&b->bed);
}

/* Nobody is dialled: they are paused. */
static void write_addresses(struct store *store, unsigned count)
{
	char text[ADDRESS_TEXT_BYTES];
	struct txn *t;

	assert_int_equal(store_write(store, &t), KITH_OK);
	for (unsigned i = 1; i <= count; i++) {
		struct address a = { .transport = ADDRESS_NET, .port = 1,
				     .host = "127.0.0.1", .has_key = true };
		struct address_row row = { .paused = true };

		a.key[0] = (uint8_t)i;
		a.key[1] = (uint8_t)(i >> 8);
		address_print(&a, false, text);
		memcpy(row.key, a.key, sizeof(row.key));
		row.text = kith_text(text);
		address_row_put(t, &row);
	}
	assert_int_equal(txn_commit(t), KITH_OK);
}

static void one_address_too_many_is_passed_over(void **state)
{
	size_t at = 0, known = 0;
	struct bed b;
	(void)state;

	bed_init(&b);
	write_addresses(b.h.store, DIAL_KNOWN_MAX + 1);
	bed_open(&b, NULL);
	while (dial_entry(b.daemon->dialer.dial, &at))
		known++;
	assert_int_equal(known, DIAL_KNOWN_MAX);
	bed_close(&b);
}

#define BED_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(nothing_of_others_is_read_before_the_loop_runs),
		BED_TEST(peer_that_dials_before_all_is_loaded_is_served_after),
		BED_TEST(blocked_peer_that_dials_before_that_is_refused),
		BED_TEST(call_that_needs_all_reads_the_rest_first),
		BED_TEST(stop_before_all_is_loaded_is_clean),
		cmocka_unit_test(one_address_too_many_is_passed_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
