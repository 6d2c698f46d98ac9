#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "src/wire/dissect.h"
#include "tests/support/alloc.h"
#include "tests/wire/overheard.h"

enum { ROOM = 1 << 20 };

/* What it heard, as text: a line an event. */
struct listener {
	struct dissect *d;
	const struct overheard *o;
	const struct capture_keys *keys; /* to be given; NULL: none */
	struct kith_buf heard;
	int asked;
};

static void note(struct listener *l, const struct dissect_event *e)
{
	const struct dissect_call *c = e->call;
	char line[160];

	snprintf(line, sizeof(line), "%s %s %d %.*s%s\n",
		 e->dir == DISSECT_OUT ? "out" : "in",
		 dissect_what_name(e->what), (int)e->packet.request,
		 c ? (int)c->name.n : 0,
		 c ? (const char *)c->name.p : "", c && c->over ? " over" : "");
	kith_buf_text(&l->heard, line);
	assert_int_equal(l->heard.err, KITH_OK);
}

static struct listener listen_to(const struct overheard *o,
				 const struct capture_keys *keys)
{
	const struct dissect_config config = { DISSECT_OUT, o->app_key };

	return (struct listener){ .d = dissect_new(&config), .o = o,
				  .keys = keys, .heard.limit = ROOM };
}

static void hang_up(struct listener *l)
{
	dissect_free(l->d);
	kith_buf_free(&l->heard);
}

static void hear(struct listener *l, bool client, struct kith_slice in)
{
	enum dissect_dir dir = client ? DISSECT_OUT : DISSECT_IN;
	struct dissect_event e;
	enum dissect_step step;

	while ((step = dissect_next(l->d, dir, 1, &in, &e)) != DISSECT_MORE) {
		if (step == DISSECT_EVENT)
			note(l, &e);
		else if (l->asked++ == 0 && l->keys)
			dissect_set_keys(l->d, l->keys);
	}
	assert_int_equal(in.n, 0);
}

/* All of it, in pieces of so many bytes at most. */
static void hear_all(struct listener *l, size_t most)
{
	for (size_t i = 0; i < l->o->pieces; i++) {
		struct kith_slice s = overheard_bytes(l->o, i);

		while (s.n) {
			size_t n = s.n < most ? s.n : most;

			hear(l, l->o->piece[i].client,
			     (struct kith_slice){ s.p, n });
			s.p += n;
			s.n -= n;
		}
	}
}

static void assert_heard(const struct listener *l, const char *text)
{
	assert_int_equal(l->heard.n, strlen(text));
	assert_memory_equal(l->heard.p, text, l->heard.n);
}

/* Without the frames, whose number a reader of packets does not mind. */
static const char usual[] =
	"out hello 0 \n"
	"in hello 0 \n"
	"out proof 0 \n"
	"in proof 0 \n"
	"out frame 0 \n"
	"out call 1 blobs.createWants\n"
	"out frame 0 \n"
	"out call 2 ebt.replicate\n"
	"in frame 0 \n"
	"in data -2 ebt.replicate\n"
	"out frame 0 \n"
	"out call 3 whoami\n"
	"in frame 0 \n"
	"in error -3 whoami over\n"
	"in frame 0 \n"
	"in call 1 blobs.get\n"
	"out frame 0 \n"
	"out frame 0 \n"
	"out frame 0 \n"
	"out data -1 blobs.get\n"
	"out frame 0 \n"
	"out data -1 blobs.get\n"
	"out frame 0 \n"
	"out end -1 blobs.get\n"
	"in frame 0 \n"
	"in end 1 blobs.get over\n"
	"in frame 0 \n"
	"in error -2 ebt.replicate\n"
	"out frame 0 \n"
	"out end 2 ebt.replicate over\n"
	"out frame 0 \n"
	"out goodbye 0 \n"
	"out farewell 0 \n"
	"in frame 0 \n"
	"in goodbye 0 \n"
	"in farewell 0 \n";

static void every_layer_is_told_in_its_order(void **state)
{
	struct overheard *o = *state;
	struct listener l = listen_to(o, &o->keys);

	hear_all(&l, SIZE_MAX);
	assert_int_equal(l.asked, 1);
	assert_heard(&l, usual);
	assert_false(dissect_is_torn(l.d, DISSECT_IN));
	assert_false(dissect_is_torn(l.d, DISSECT_OUT));
	hang_up(&l);
}

static void pieces_of_any_size_tell_the_same(void **state)
{
	struct overheard *o = *state;

	for (size_t most = 1; most < 200; most += most < 40 ? 1 : 37) {
		struct listener l = listen_to(o, &o->keys);

		hear_all(&l, most);
		assert_heard(&l, usual);
		hang_up(&l);
	}
}

static void without_keys_only_sizes_are_told(void **state)
{
	struct overheard *o = *state;
	struct listener l = listen_to(o, NULL);
	const char *at;

	hear_all(&l, SIZE_MAX);
	assert_int_equal(l.asked, 1);
	kith_buf_byte(&l.heard, 0);
	at = (const char *)l.heard.p;
	assert_non_null(strstr(at, "in proof 0 \nout sealed 0 \n"));
	assert_null(strstr(at, "frame"));
	assert_null(strstr(at, "call"));
	hang_up(&l);
}

static void keys_of_another_session_break_off_one_direction_at_once(
	void **state)
{
	struct overheard *o = *state;
	struct capture_keys keys = o->keys;
	struct listener l;

	keys.to_server_nonce[5] ^= 1;
	l = listen_to(o, &keys);
	hear_all(&l, SIZE_MAX);
	kith_buf_byte(&l.heard, 0);
	assert_non_null(strstr((const char *)l.heard.p, "out broken 0 \n"));
	assert_null(strstr((const char *)l.heard.p, "out call"));
	/* The other direction is read, though its calls are unknown. */
	assert_non_null(strstr((const char *)l.heard.p, "in stray -2 \n"));
	assert_non_null(strstr((const char *)l.heard.p,
			       "in call 1 blobs.get\n"));
	hang_up(&l);
}

static void another_network_stays_sealed(void **state)
{
	struct overheard *o = *state;
	struct listener l = listen_to(o, &o->keys);
	struct dissect_config config = { DISSECT_OUT, o->client_secret };

	dissect_free(l.d);
	l.d = dissect_new(&config);
	hear_all(&l, SIZE_MAX);
	assert_int_equal(l.asked, 0);
	kith_buf_byte(&l.heard, 0);
	assert_null(strstr((const char *)l.heard.p, "hello"));
	hang_up(&l);
}

static void bytes_that_are_missing_seal_what_follows_in_their_direction(
	void **state)
{
	struct overheard *o = *state;
	struct listener l = listen_to(o, &o->keys);

	for (size_t i = 0; i < o->pieces; i++) {
		if (i == 5)
			dissect_skip(l.d, DISSECT_OUT, o->piece[i].n);
		else
			hear(&l, o->piece[i].client, overheard_bytes(o, i));
	}
	kith_buf_byte(&l.heard, 0);
	assert_non_null(strstr((const char *)l.heard.p,
			       "out call 1 blobs.createWants\n"));
	assert_null(strstr((const char *)l.heard.p, "out call 2"));
	assert_non_null(strstr((const char *)l.heard.p, "in call 1"));
	hang_up(&l);
}

static void a_secret_of_either_side_opens_it(void **state)
{
	struct overheard *o = *state;

	for (int client = 0; client < 2; client++) {
		struct listener l = listen_to(o, NULL);
		struct dissect_secret s = {
			.self = client ? o->client : o->server,
			.server = client ? kith_signer_id(o->server)->b : NULL,
		};
		struct capture_keys keys;

		memcpy(s.app_key, o->app_key, sizeof(s.app_key));
		memcpy(s.ephemeral,
		       client ? o->client_secret : o->server_secret,
		       sizeof(s.ephemeral));
		hear_all(&l, SIZE_MAX);
		assert_true(dissect_derive(l.d, &s, &keys));
		assert_memory_equal(&keys, &o->keys, sizeof(keys));
		s.ephemeral[0] ^= 8;
		assert_false(dissect_derive(l.d, &s, &keys));
		s.ephemeral[0] ^= 8;
		s.app_key[0] ^= 1;
		assert_false(dissect_derive(l.d, &s, &keys));
		hang_up(&l);
	}
}

static void where_a_side_ends_in_the_middle_is_known(void **state)
{
	struct overheard *o = *state;

	for (size_t last = 0; last < 6; last++) {
		struct listener l = listen_to(o, &o->keys);
		struct kith_slice s = overheard_bytes(o, last);
		enum dissect_dir dir = o->piece[last].client ? DISSECT_OUT
							     : DISSECT_IN;

		for (size_t i = 0; i < last; i++)
			hear(&l, o->piece[i].client, overheard_bytes(o, i));
		assert_false(dissect_is_torn(l.d, dir));
		hear(&l, o->piece[last].client,
		     (struct kith_slice){ s.p, s.n - 1 });
		assert_true(dissect_is_torn(l.d, dir));
		hang_up(&l);
	}
}

static void flipped_bytes_never_do_more_than_break_off(void **state)
{
	struct overheard *o = *state;
	size_t n = o->bytes.n;

	for (size_t at = 0; at < n; at += 1 + at / 40) {
		struct listener l = listen_to(o, &o->keys);

		o->bytes.p[at] ^= 0x40;
		hear_all(&l, SIZE_MAX);
		o->bytes.p[at] ^= 0x40;
		assert_true(l.heard.n < ROOM);
		hang_up(&l);
	}
}

static void any_allocation_may_fail(void **state)
{
	struct overheard *o = *state;

	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct listener l = { .o = o, .keys = &o->keys,
				      .heard.limit = ROOM };
		const struct dissect_config config = { DISSECT_OUT, NULL };
		struct dissect_event e;

		l.d = dissect_new(&config);
		for (size_t i = 0; l.d && i < o->pieces; i++) {
			struct kith_slice in = overheard_bytes(o, i);
			enum dissect_step step;

			while ((step = dissect_next(
					l.d, o->piece[i].client ? DISSECT_OUT
								: DISSECT_IN,
					1, &in, &e)) != DISSECT_MORE)
				if (step == DISSECT_ASK)
					dissect_set_keys(l.d, l.keys);
		}
		hang_up(&l);
	}
}

int main(void)
{
	static struct overheard o;
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_layer_is_told_in_its_order),
		cmocka_unit_test(pieces_of_any_size_tell_the_same),
		cmocka_unit_test(without_keys_only_sizes_are_told),
		cmocka_unit_test(
			keys_of_another_session_break_off_one_direction_at_once),
		cmocka_unit_test(another_network_stays_sealed),
		cmocka_unit_test(
			bytes_that_are_missing_seal_what_follows_in_their_direction),
		cmocka_unit_test(a_secret_of_either_side_opens_it),
		cmocka_unit_test(where_a_side_ends_in_the_middle_is_known),
		cmocka_unit_test(flipped_bytes_never_do_more_than_break_off),
		cmocka_unit_test(any_allocation_may_fail),
	};
	struct CMUnitTest with[sizeof(tests) / sizeof(*tests)];
	int failed;

	overheard_start(&o);
	overheard_usual(&o);
	memcpy(with, tests, sizeof(with));
	for (size_t i = 0; i < sizeof(with) / sizeof(*with); i++)
		with[i].initial_state = &o;
	failed = cmocka_run_group_tests(with, NULL, NULL);
	overheard_clear(&o);
	return failed;
}
