/* A live peer as a source, with real connections: what it is asked for. */
#include "src/source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/source/kind.h"
#include "src/source/part.h"
#include "tests/source/peer_scene.h"

enum { FORK = 601 };

static void assert_refused(enum mood mood, enum kith_err err, const char *text)
{
	struct scene *c = scene_open(BY_CLOCK, mood);
	struct source_message m;
	struct kith_error e;

	assert_int_equal(scene_get(c, 500, &m, &e), err);
	if (!strstr(e.text, text))
		fail_msg("%s", e.text);
	scene_close(c);
}

/* --- the clock ------------------------------------------------------------ */

struct heard {
	unsigned feeds;
	struct source_feed last;
};

static bool hear(void *arg, const struct source_feed *f)
{
	struct heard *h = arg;

	h->feeds++;
	h->last = *f;
	return true;
}

static void assert_clock(enum telling telling)
{
	struct scene *c = scene_open(telling, HONEST);
	struct kith_feed_id stranger = { .format = KITH_CLASSIC, .b = { 9 } };
	struct heard h = { 0 };
	struct source_feed f;
	struct kith_error e = { 0 };

	if (source_peer.clock(c->source, hear, &h, &e))
		fail_msg("%s", e.text);
	assert_int_equal(h.feeds, 2);
	assert_int_equal(source_peer.feed(c->source, author_id(&c->author), &f,
					  &e), KITH_OK);
	assert_true(f.known);
	assert_int_equal(f.first, 1);
	assert_int_equal(f.last, MESSAGES);
	assert_int_equal(source_peer.feed(c->source, author_id(&c->other), &f,
					  &e), KITH_OK);
	assert_false(f.known);
	assert_int_equal(source_peer.feed(c->source, &stranger, &f, &e),
			 KITH_OK);
	assert_false(f.known);
	scene_close(c);
}

static void clock_comes_by_ebt_clock(void **state)
{
	(void)state;
	assert_clock(BY_CLOCK);
}

static void clock_comes_by_replicate_upto(void **state)
{
	(void)state;
	assert_clock(BY_UPTO);
}

static void clock_comes_by_the_notes_of_ebt(void **state)
{
	(void)state;
	assert_clock(BY_NOTES);
}

static void who_tells_nothing_has_nothing_known(void **state)
{
	struct scene *c = scene_open(BY_NOTHING, HONEST);
	struct heard h = { 0 };
	struct source_feed f;
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(source_peer.clock(c->source, hear, &h, &e), KITH_OK);
	assert_int_equal(h.feeds, 0);
	assert_int_equal(source_peer.feed(c->source, author_id(&c->author), &f,
					  &e), KITH_OK);
	assert_false(f.known);
	scene_gives(c, 7);
	scene_close(c);
}

static void who_never_tells_is_an_error(void **state)
{
	struct scene *c = scene_open(NEVER, HONEST);
	struct heard h = { 0 };
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(source_peer.clock(c->source, hear, &h, &e), KITH_EIO);
	assert_non_null(strstr(e.text, "no answer within"));
	scene_close(c);
}

/* --- messages ------------------------------------------------------------- */

static void messages_come_by_place(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, HONEST);
	struct source_message m;
	struct kith_error e;

	(void)state;
	scene_gives(c, 1);
	scene_gives(c, MESSAGES);
	scene_gives(c, 500);
	assert_int_equal(scene_get(c, 500, &m, &e), KITH_OK);
	assert_int_equal(m.received_us, 1700000000000500);
	assert_int_equal(scene_get(c, MESSAGES + 1, &m, &e), KITH_ENOENT);
	assert_int_equal(source_peer.at(c->source, author_id(&c->other), 1, &m,
					&e), KITH_ENOENT);
	scene_gives(c, 2);
	scene_close(c);
}

static void messages_may_come_bare(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, BARE);

	(void)state;
	scene_gives(c, 3);
	scene_gives(c, 4);
	scene_close(c);
}

static void who_reads_on_asks_rarely(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, HONEST);

	(void)state;
	for (uint64_t i = 1; i <= MESSAGES; i++)
		scene_gives(c, i);
	assert_true(c->counts->histories <= 10);
	scene_close(c);
}

/* Asks for as many messages, from one on. */
static enum kith_err ask_ahead(struct scene *c, uint64_t from,
			       struct kith_error *e)
{
	struct source_place places[AT_ONCE];

	for (size_t i = 0; i < AT_ONCE; i++)
		places[i] = (struct source_place){ *author_id(&c->author),
						   from + i };
	*e = (struct kith_error){ 0 };
	return source_peer.ahead(c->source, places, AT_ONCE, e);
}

static void many_are_asked_for_at_once(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, TOGETHER);
	struct kith_error e;

	(void)state;
	if (ask_ahead(c, 40, &e))
		fail_msg("%s", e.text);
	for (uint64_t i = 0; i < AT_ONCE; i++)
		scene_gives(c, 40 + i);
	assert_int_equal(c->counts->histories, AT_ONCE);
	scene_close(c);
}

static void what_is_asked_for_ahead_is_checked_as_well(void **state)
{
	static const struct {
		enum mood mood;
		enum kith_err err;
	} cases[] = {
		{ OF_ANOTHER_FEED, KITH_EFORMAT },
		{ ONE_TOO_EARLY, KITH_EFORMAT },
		{ FORGED, KITH_ESIGN },
		{ JUNK, KITH_EFORMAT },
		{ TOO_LONG, KITH_EFORMAT },
		{ REFUSES, KITH_ENOENT },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct scene *c = scene_open(BY_CLOCK, cases[i].mood);
		struct source_message m;
		struct kith_error e;

		assert_int_equal(ask_ahead(c, 500, &e), KITH_OK);
		assert_int_equal(scene_get(c, 500, &m, &e), cases[i].err);
		assert_int_equal(c->counts->histories, AT_ONCE);
		scene_close(c);
	}
}

static void order_by_time_hides_nothing_ahead_either(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, BY_TIME);
	struct kith_error e;

	(void)state;
	assert_int_equal(ask_ahead(c, 7, &e), KITH_OK);
	for (uint64_t i = 7; i < 7 + AT_ONCE; i++)
		scene_gives(c, i);
	scene_close(c);
}

static void silence_ahead_is_a_hole_once_and_then_an_error(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, SILENT);
	struct source_message m;
	struct kith_error e;

	(void)state;
	assert_int_equal(ask_ahead(c, 1, &e), KITH_OK);
	assert_int_equal(scene_get(c, 1, &m, &e), KITH_ENOENT);
	assert_int_equal(ask_ahead(c, 1, &e), KITH_EIO);
	assert_non_null(strstr(e.text, "does not answer"));
	scene_close(c);
}

static void feed_that_is_never_answered_costs_only_itself(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, MUTE_OF_ONE);
	const struct source_place places[] = {
		{ *author_id(&c->other), 5 }, { *author_id(&c->author), 9 }
	};
	struct heard h = { 0 };
	struct source_message m;
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(source_peer.clock(c->source, hear, &h, &e), KITH_OK);
	assert_int_equal(source_peer.ahead(c->source, places, 2, &e), KITH_OK);
	scene_gives(c, 9);
	for (uint64_t i = 5; i > 0; i--) {
		assert_int_equal(source_peer.ahead(c->source, places, 1, &e),
				 KITH_OK);
		assert_int_equal(source_peer.at(c->source, author_id(&c->other),
						i, &m, &e), KITH_ENOENT);
	}
	assert_int_equal(c->counts->histories, 2);
	scene_gives(c, 10);
	scene_close(c);
}

/* Silence may begin earlier than the peer means it. */
static void stream_before_ends_when_many_are_asked_for(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, STALLS);
	struct source_place place = { *author_id(&c->author), 3 };
	struct source_message m;
	struct kith_error e;

	(void)state;
	(void)!scene_get(c, 1, &m, &e);
	(void)!source_peer.ahead(c->source, &place, 1, &e);
	assert_in_range(c->counts->open, 0, 1);
	scene_close(c);
}

static void order_by_time_hides_nothing(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, BY_TIME);

	(void)state;
	for (uint64_t i = 1; i <= 20; i++)
		scene_gives(c, i);
	scene_gives(c, 700);
	scene_close(c);
}

static void message_of_another_feed_is_refused(void **state)
{
	(void)state;
	assert_refused(OF_ANOTHER_FEED, KITH_EFORMAT, "another feed");
}

static void message_of_an_earlier_place_is_refused(void **state)
{
	(void)state;
	assert_refused(ONE_TOO_EARLY, KITH_EFORMAT,
		       "asked for message 500 and sent 499");
}

static void forged_message_is_refused(void **state)
{
	(void)state;
	assert_refused(FORGED, KITH_ESIGN, "500 whose signature is wrong");
}

static void junk_is_refused(void **state)
{
	(void)state;
	assert_refused(JUNK, KITH_EFORMAT, "no message");
}

/* It would come at last. */
static void later_messages_without_end_are_given_up(void **state)
{
	(void)state;
	assert_refused(ALWAYS_LATER, KITH_ENOENT, "");
}

static void refusal_is_a_hole(void **state)
{
	(void)state;
	assert_refused(REFUSES, KITH_ENOENT, "");
}

static void lost_connection_is_an_error(void **state)
{
	(void)state;
	assert_refused(GONE, KITH_EIO, "closed the connection");
}

/* Once it may be the silence that blocked readers get. */
static void silence_is_a_hole_once_and_then_an_error(void **state)
{
	struct scene *c = scene_open(BY_CLOCK, SILENT);
	struct source_message m;
	struct kith_error e;

	(void)state;
	assert_int_equal(scene_get(c, 1, &m, &e), KITH_ENOENT);
	assert_int_equal(scene_get(c, 2, &m, &e), KITH_EIO);
	assert_non_null(strstr(e.text, "does not answer"));
	scene_close(c);
}

static void without_an_identity_nothing_is_dialled(void **state)
{
	const struct source_with with = { .app_key = app_key };
	struct kith_error e = { 0 };
	void *source = NULL;

	(void)state;
	assert_int_equal(source_peer.open("net:127.0.0.1:1~shs:"
					  "rmJQG0B+2l40cPK9M5dZH0jReVk7X/"
					  "dahwEa2/jeptE=",
					  &with, &source, &e), KITH_EDENIED);
	assert_non_null(strstr(e.text, "kith init"));
	assert_null(source);
}

/* --- the search ----------------------------------------------------------- */

struct both {
	struct scene *scene;
	struct author ours;
};

static enum part_answer ask(void *arg, int copy, uint64_t sequence,
			    struct kith_msg_id *out)
{
	struct both *b = arg;
	struct source_message m = { 0 };
	struct kith_error e = { 0 };
	struct kith_msg message;

	if (copy == 0)
		m.value = author_message(&b->ours, sequence);
	else if (scene_get(b->scene, sequence, &m, &e))
		fail_msg("%s", e.text);
	kith_decoder_reset(b->ours.decoder);
	assert_int_equal(kith_msg_decode(b->ours.decoder, KITH_CLASSIC, m.value,
					 &message, NULL), KITH_OK);
	*out = message.id;
	return PART_HAS;
}

static void fork_is_found_in_few_requests(void **state)
{
	const struct part_span spans[2] = { { 1, MESSAGES }, { 1, MESSAGES } };
	struct both b = { .scene = scene_open(BY_CLOCK, HONEST) };
	struct part found = { .asked = 0 };

	(void)state;
	author_init(&b.ours, 1);
	author_post(&b.ours, FORK - 1);
	author_write(&b.ours, KITH_SLICE("{\"type\":\"fork\"}"));
	author_post(&b.ours, MESSAGES - FORK);
	assert_true(part_find(spans, ask, &b, &found));
	assert_int_equal(found.verdict, PART_DIVERGED);
	assert_int_equal(found.until, FORK);
	assert_int_equal(found.same, FORK - 1);
	assert_true(b.scene->counts->histories <= 11);
	author_clear(&b.ours);
	scene_close(b.scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(clock_comes_by_ebt_clock),
		cmocka_unit_test(clock_comes_by_replicate_upto),
		cmocka_unit_test(clock_comes_by_the_notes_of_ebt),
		cmocka_unit_test(who_tells_nothing_has_nothing_known),
		cmocka_unit_test(who_never_tells_is_an_error),
		cmocka_unit_test(messages_come_by_place),
		cmocka_unit_test(messages_may_come_bare),
		cmocka_unit_test(who_reads_on_asks_rarely),
		cmocka_unit_test(order_by_time_hides_nothing),
		cmocka_unit_test(many_are_asked_for_at_once),
		cmocka_unit_test(what_is_asked_for_ahead_is_checked_as_well),
		cmocka_unit_test(order_by_time_hides_nothing_ahead_either),
		cmocka_unit_test(
			silence_ahead_is_a_hole_once_and_then_an_error),
		cmocka_unit_test(feed_that_is_never_answered_costs_only_itself),
		cmocka_unit_test(stream_before_ends_when_many_are_asked_for),
		cmocka_unit_test(message_of_another_feed_is_refused),
		cmocka_unit_test(message_of_an_earlier_place_is_refused),
		cmocka_unit_test(forged_message_is_refused),
		cmocka_unit_test(junk_is_refused),
		cmocka_unit_test(later_messages_without_end_are_given_up),
		cmocka_unit_test(refusal_is_a_hole),
		cmocka_unit_test(lost_connection_is_an_error),
		cmocka_unit_test(silence_is_a_hole_once_and_then_an_error),
		cmocka_unit_test(without_an_identity_nothing_is_dialled),
		cmocka_unit_test(fork_is_found_in_few_requests),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
