/* What kithd writes into a capture, and what it does not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/link.h"
#include "tests/daemon/capture_scene.h"

/* Says n bytes that are no handshake, and goes. */
static void annoy(struct scene *s, size_t n)
{
	const struct address a = bed_address(&s->bed);
	static struct link link;

	assert_int_equal(link_dial(&link, &a, link_now_ms() + BED_WAIT_MS,
				   NULL), KITH_OK);
	while (n--)
		kith_buf_byte(&link.out, 'x');
	assert_int_equal(link_push(&link, NULL), KITH_OK);
	link_clear(&link);
}

/* --- tests --- */

static void a_visit_is_written_from_its_first_byte_to_its_last(void **state)
{
	static const struct { enum capture_layer l; enum capture_event e; }
	begins[] = {
		{ CAPTURE_FILE, CAPTURE_START },
		{ CAPTURE_TCP, CAPTURE_ACCEPT },
		{ CAPTURE_SHS, CAPTURE_SAID },
		{ CAPTURE_SHS, CAPTURE_SAID },
		{ CAPTURE_SHS, CAPTURE_SAID },
		{ CAPTURE_SHS, CAPTURE_DONE },
		{ CAPTURE_SHS, CAPTURE_SAID },
		{ CAPTURE_BOX, CAPTURE_SAID },
	};
	struct scene *s = *state;
	struct capture_line line = { 0 };

	scene_start(s, "");
	scene_visit(s, &s->ann);
	scene_stop(s);
	scene_load(s, s->file);
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		assert_true(scene_next(s, &line));
		assert_int_equal(line.layer, begins[i].l);
		assert_int_equal(line.event, begins[i].e);
		if (line.event == CAPTURE_START)
			assert_true(kith_feed_equal(&line.id,
						    author_id(&s->bed.self)));
		if (line.event == CAPTURE_DONE)
			assert_true(kith_feed_equal(&line.id,
						    author_id(&s->ann)));
	}
	assert_true(scene_holds(s, "\"j\":{\"name\":[\"manifest\"],\"args\":[],"
			     "\"type\":\"async\"}}\n"));
	assert_true(scene_holds(s, "\"req\":-1,\"type\":\"json\""));
	assert_int_equal(scene_count(s, CAPTURE_RPC, CAPTURE_GOODBYE, NULL), 2);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_CLOSE, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_STOP, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_LOST, NULL), 0);
}

static void what_local_programs_say_is_never_written(void **state)
{
	struct scene *s = *state;
	struct client *c;

	scene_start(s, "");
	bed_call(&s->bed, "whoami", "[]");
	c = scene_dial(s, &s->bed.self);
	scene_call(c);
	client_close(c);
	scene_stop(s);
	scene_load(s, s->file);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_ACCEPT, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_CLOSE, NULL), 1);
	assert_true(scene_holds(s, "a local program, not recorded"));
	assert_int_equal(scene_count(s, CAPTURE_RPC, CAPTURE_SAID, NULL), 0);
	assert_int_equal(scene_count(s, CAPTURE_BOX, CAPTURE_SAID, NULL), 0);
}

static void no_remote_peer_has_a_say_in_it(void **state)
{
	static const char *const methods[] = {
		"kith.captureStart", "kith.captureStop", "kith.captureStatus"
	};
	struct scene *s = *state;
	struct client *c = scene_dial(s, &s->ann);
	char args[SCENE_ARGS_BYTES];
	struct kith_slice reply;

	snprintf(args, sizeof(args), "[{\"file\":\"%s\"}]", s->file);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(client_call(c, methods[i], kith_text(args),
					     &reply, NULL), KITH_EDENIED);
	client_close(c);
	assert_true(json_is(scene_status(s, "state"), "off"));
	assert_int_equal(access(s->file, F_OK), -1);
}

static void one_peer_alone_can_be_written(void **state)
{
	char id[KITH_REF_TEXT_BYTES], more[SCENE_ARGS_BYTES];
	struct scene *s = *state;
	struct capture_line line;

	kith_feed_print(author_id(&s->ann), id);
	snprintf(more, sizeof(more), ",\"peer\":\"%s\"", id);
	scene_start(s, more);
	scene_visit(s, &s->ben);
	scene_visit(s, &s->ann);
	scene_visit(s, &s->ben);
	scene_stop(s);
	scene_load(s, s->file);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_ACCEPT, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_SHS, CAPTURE_SAID, NULL), 4);
	assert_int_equal(scene_count(s, CAPTURE_SHS, CAPTURE_DONE, &line), 1);
	assert_true(kith_feed_equal(&line.id, author_id(&s->ann)));
	kith_feed_print(author_id(&s->ben), id);
	assert_false(scene_holds(s, id));
}

static void what_is_open_already_is_written_from_there_on(void **state)
{
	struct scene *s = *state;
	struct client *c = scene_dial(s, &s->ann);
	struct capture_line line;

	scene_call(c);
	scene_start(s, "");
	scene_call(c);
	client_close(c);
	scene_wait_until_alone(s);
	scene_stop(s);
	scene_load(s, s->file);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_ONGOING, &line),
			 1);
	assert_false(line.out);
	assert_true(kith_feed_equal(&line.id, author_id(&s->ann)));
	assert_int_equal(scene_count(s, CAPTURE_SHS, CAPTURE_SAID, NULL), 0);
	assert_true(scene_holds(s, "\"req\":2,\"type\":\"json\""));
	assert_false(scene_holds(s, "\"req\":1,\"type\":\"json\""));
}

static void headers_alone_hold_nothing_that_was_said(void **state)
{
	struct scene *s = *state;

	scene_start(s, ",\"headers\":true");
	scene_visit(s, &s->ann);
	scene_stop(s);
	scene_load(s, s->file);
	assert_true(scene_holds(s, "\"req\":1,\"type\":\"json\",\"n\":46}"));
	assert_false(scene_holds(s, "manifest"));
}

static void keys_of_each_session_are_written_on_request(void **state)
{
	struct scene *s = *state;
	struct capture_keys keys;
	char more[SCENE_ARGS_BYTES];

	snprintf(more, sizeof(more), ",\"keylog\":\"%s\"", s->keylog);
	scene_start(s, more);
	scene_visit(s, &s->ann);
	scene_visit(s, &s->ben);
	scene_stop(s);
	scene_load(s, s->keylog);
	assert_int_equal(s->text.n, 2 * CAPTURE_KEYS_BYTES);
	for (size_t at = 0; at < s->text.n; at += CAPTURE_KEYS_BYTES)
		assert_true(capture_keys_decode(
			(struct kith_slice){ s->text.p + at,
					     CAPTURE_KEYS_BYTES - 1 }, &keys));
}

static void keys_can_be_had_without_a_capture(void **state)
{
	struct scene *s = *state;
	char args[SCENE_ARGS_BYTES];

	snprintf(args, sizeof(args), "[{\"keylog\":\"%s\"}]", s->keylog);
	bed_call(&s->bed, "kith.captureStart", args);
	scene_visit(s, &s->ann);
	scene_stop(s);
	scene_load(s, s->keylog);
	assert_int_equal(s->text.n, CAPTURE_KEYS_BYTES);
}

static void whoever_breaks_off_leaves_whole_lines(void **state)
{
	static const size_t lengths[] = { 0, 1, 63, 64, 65, 200, 5000 };
	struct scene *s = *state;
	struct client *c;

	scene_start(s, "");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		annoy(s, lengths[i]);
	scene_visit(s, &s->ann);
	c = scene_dial(s, &s->ann);
	scene_wait_until(s, "connections", "9");
	scene_stop(s);
	client_close(c);
	scene_load(s, s->file);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_ACCEPT, NULL), 9);
	assert_int_equal(scene_count(s, CAPTURE_SHS, CAPTURE_DONE, NULL), 2);
	assert_true(scene_count(s, CAPTURE_SHS, CAPTURE_FAIL, NULL) >= 4);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_STOP, NULL), 1);
}

static void refuses_to_start(struct scene *s, const char *args,
			     const char *why)
{
	bed_refuses(&s->bed, "kith.captureStart", args, why);
}

static void nonsense_is_refused(void **state)
{
	struct scene *s = *state;
	char args[SCENE_ARGS_BYTES];

	refuses_to_start(s, "[]", "must have");
	refuses_to_start(s, "[{\"file\":\"x\"}]", "from /");
	refuses_to_start(s, "[{\"file\":7}]", "from /");
	refuses_to_start(s, "[{\"file\":\"/\\u0000\"}]", "from /");
	refuses_to_start(s, "[{\"file\":\"/nowhere/x\"}]", "No such");
	snprintf(args, sizeof(args), "[{\"file\":\"%s\",\"limit\":65535}]",
		 s->file);
	refuses_to_start(s, args, "limit");
	snprintf(args, sizeof(args), "[{\"file\":\"%s\",\"peer\":\"@me\"}]",
		 s->file);
	refuses_to_start(s, args, "peer");
	snprintf(args, sizeof(args), "[{\"keylog\":\"/dev/null\"}]");
	refuses_to_start(s, args, "no plain file");
	bed_refuses(&s->bed, "kith.captureStop", "[]", "no capture is on");
	assert_true(json_is(scene_status(s, "state"), "off"));
}

static void no_file_is_written_over(void **state)
{
	struct scene *s = *state;
	char args[SCENE_ARGS_BYTES];

	scene_start(s, "");
	snprintf(args, sizeof(args), "[{\"file\":\"%s\"}]", s->file);
	refuses_to_start(s, args, "on already");
	scene_stop(s);
	refuses_to_start(s, args, "exists");
}

static void the_configuration_can_want_one(void **state)
{
	struct scene *s = *state;
	char aside[CAPTURE_PATH_BYTES + 2];
	struct config c;

	config_init(&c);
	assert_int_equal(config_set(&c, "capture.file", s->file, NULL),
			 KITH_OK);
	assert_int_equal(config_set(&c, "capture.keylog", s->keylog, NULL),
			 KITH_OK);
	bed_restart(&s->bed, &c);
	scene_visit(s, &s->ann);
	bed_restart(&s->bed, &c);
	scene_visit(s, &s->ben);
	scene_stop(s);
	snprintf(aside, sizeof(aside), "%s.1", s->file);
	scene_load(s, aside);
	assert_true(scene_holds(s, "\"why\":\"kithd ends\""));
	assert_true(scene_holds(s, "manifest"));
	scene_load(s, s->file);
	assert_true(scene_holds(s, "manifest"));
	scene_load(s, s->keylog);
	assert_int_equal(s->text.n, 2 * CAPTURE_KEYS_BYTES);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scene_open, scene_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_visit_is_written_from_its_first_byte_to_its_last),
		TEST(what_local_programs_say_is_never_written),
		TEST(no_remote_peer_has_a_say_in_it),
		TEST(one_peer_alone_can_be_written),
		TEST(what_is_open_already_is_written_from_there_on),
		TEST(headers_alone_hold_nothing_that_was_said),
		TEST(keys_of_each_session_are_written_on_request),
		TEST(keys_can_be_had_without_a_capture),
		TEST(whoever_breaks_off_leaves_whole_lines),
		TEST(nonsense_is_refused),
		TEST(no_file_is_written_over),
		TEST(the_configuration_can_want_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
