#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/wire/capture.h"
#include "tests/support/alloc.h"

enum { ROOM = 1 << 16 };

#define ID "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"

/* What is written of a line, without its line feed; of the last such call. */
static struct kith_slice written(const struct capture_line *line)
{
	static uint8_t bytes[ROOM];
	struct kith_buf out = { .limit = ROOM };
	size_t n;

	capture_encode(line, &out);
	assert_int_equal(out.err, KITH_OK);
	n = out.n;
	memcpy(bytes, out.p, n);
	kith_buf_free(&out);
	assert_true(n);
	assert_int_equal(bytes[n - 1], '\n');
	assert_null(memchr(bytes, '\n', n - 1));
	bytes[n - 1] = 0;
	return (struct kith_slice){ bytes, n - 1 };
}

static void assert_written(const struct capture_line *line, const char *want)
{
	struct kith_slice got = written(line);

	assert_int_equal(got.n, strlen(want));
	assert_memory_equal(got.p, want, got.n);
}

static struct capture_line packet(enum muxrpc_type type, const char *body)
{
	return (struct capture_line){
		.t_us = 7,
		.layer = CAPTURE_RPC,
		.conn = 3,
		.type = type,
		.request = -5,
		.bytes = strlen(body),
		.has_body = true,
		.body = kith_text(body),
	};
}

/* Reads text and gives what it says; slices are of text or *room. */
static struct capture_line reads(const char *text, struct kith_buf *room)
{
	struct kith_error e = { 0 };
	struct capture_line line;

	room->limit = ROOM;
	if (capture_decode(kith_text(text), room, &line, &e))
		fail_msg("%s: %s", text, e.text);
	return line;
}

static void assert_refused(const char *text, const char *why)
{
	struct kith_buf room = { .limit = ROOM };
	struct kith_error e = { 0 };
	struct capture_line line;

	assert_int_equal(capture_decode(kith_text(text), &room, &line, &e),
			 KITH_EFORMAT);
	if (!strstr(e.text, why))
		fail_msg("%s: said \"%s\", not \"%s\"", text, e.text, why);
	kith_buf_free(&room);
}

/* --- writing --- */

static void lines_are_written_as_the_page_has_them(void **state)
{
	struct capture_line call = packet(MUXRPC_JSON,
					  "{\"name\":[\"a\"],\"args\":[]}");
	struct capture_line accept = { .t_us = 1, .layer = CAPTURE_TCP,
				       .event = CAPTURE_ACCEPT, .conn = 1,
				       .at = KITH_SLICE("192.0.2.7:40112") };
	struct capture_line frame = { .t_us = 2, .layer = CAPTURE_BOX,
				      .conn = 1, .out = true, .bytes = 101 };

	(void)state;
	call.stream = call.end = true;
	assert_written(&call, "{\"t\":7,\"c\":3,\"d\":\"in\",\"l\":\"rpc\","
			      "\"req\":-5,\"stream\":true,\"end\":true,"
			      "\"type\":\"json\",\"n\":24,"
			      "\"j\":{\"name\":[\"a\"],\"args\":[]}}");
	assert_written(&accept, "{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"tcp\","
				"\"e\":\"accept\",\"at\":\"192.0.2.7:40112\"}");
	assert_written(&frame, "{\"t\":2,\"c\":1,\"d\":\"out\",\"l\":\"box\","
			       "\"n\":101}");
}

/* Every body reads back as the bytes that it had, in whichever form. */
static void bodies_survive_whatever_they_are(void **state)
{
	static const char *const bodies[] = {
		"true", "{}", "[1,2]", "\"\\u0000\"", "1e400", "-0",
		" {}", "{} ", "{\n}", "{\t}", "", "1,\"x\":2", "1,\"j\":2",
		"}", "{}}", "\xff\xfe", "\"\xf0\x9f\x98\x80\"", "nul",
		"{\"j\":1,\"b\":\"\"}", "{\"a\":{\"j\":{}}}",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(*bodies); i++)
		for (int type = MUXRPC_BINARY; type <= MUXRPC_RESERVED;
		     type++) {
			struct capture_line line =
				packet((enum muxrpc_type)type, bodies[i]);
			struct kith_slice text = written(&line);
			struct kith_buf room = { .limit = ROOM };
			struct capture_line got;

			assert_int_equal(capture_decode(text, &room, &got,
							NULL), KITH_OK);
			assert_true(got.has_body);
			assert_int_equal(got.type, type);
			assert_int_equal(got.bytes, line.bytes);
			assert_true(kith_equal(got.body, line.body));
			kith_buf_free(&room);
		}
}

/* json_check takes so many levels, and the line is one of them. */
static void a_body_that_nests_too_deep_for_a_line_is_base64(void **state)
{
	enum { DEPTH = 128 };
	char body[2 * DEPTH + 1];
	struct capture_line line;

	(void)state;
	memset(body, '[', DEPTH);
	memset(body + DEPTH, ']', DEPTH);
	body[(size_t)2 * DEPTH] = '\0';
	line = packet(MUXRPC_JSON, body);
	assert_non_null(strstr((const char *)written(&line).p, "\"b\":\""));
	line.body.p++;
	line.body.n = line.bytes = (size_t)2 * DEPTH - 2;
	assert_non_null(strstr((const char *)written(&line).p, "\"j\":[["));
}

static void a_body_that_was_cut_is_base64(void **state)
{
	struct capture_line line = packet(MUXRPC_JSON, "{}");
	struct kith_buf room = { 0 };
	struct capture_line got;

	(void)state;
	line.bytes = 3;
	got = reads((const char *)written(&line).p, &room);
	assert_int_equal(got.bytes, 3);
	assert_int_equal(got.body.n, 2);
	assert_memory_equal(got.body.p, "{}", 2);
	kith_buf_free(&room);
}

static void a_long_body_is_cut_at_the_limit(void **state)
{
	const size_t n = CAPTURE_BODY_BYTES_MAX + 1;
	struct capture_line line = packet(MUXRPC_BINARY, ""), got;
	struct kith_buf out = { .limit = CAPTURE_LINE_BYTES_MAX };
	struct kith_buf room = { .limit = CAPTURE_LINE_BYTES_MAX };
	uint8_t *body = calloc(1, n);

	(void)state;
	assert_non_null(body);
	line.bytes = line.body.n = n;
	line.body.p = body;
	capture_encode(&line, &out);
	assert_int_equal(out.err, KITH_OK);
	assert_int_equal(capture_decode((struct kith_slice){ out.p, out.n - 1 },
					&room, &got, NULL), KITH_OK);
	assert_int_equal(got.bytes, n);
	assert_int_equal(got.body.n, CAPTURE_BODY_BYTES_MAX);
	kith_buf_free(&out);
	kith_buf_free(&room);
	free(body);
}

static void long_texts_are_cut_between_characters(void **state)
{
	char why[CAPTURE_TEXT_BYTES_MAX + 3];
	struct capture_line line = { .layer = CAPTURE_FILE,
				     .event = CAPTURE_STOP }, got;
	struct kith_buf room = { .limit = ROOM };

	(void)state;
	memset(why, 'a', sizeof(why));
	memcpy(why + CAPTURE_TEXT_BYTES_MAX - 1, "\xc3\xa4", 2);
	line.why = (struct kith_slice){ (const uint8_t *)why, sizeof(why) };
	assert_int_equal(capture_decode(written(&line), &room, &got, NULL),
			 KITH_OK);
	assert_int_equal(got.why.n, CAPTURE_TEXT_BYTES_MAX - 1);
	kith_buf_free(&room);
}

static void a_line_without_room_leaves_nothing(void **state)
{
	const struct capture_line line = packet(MUXRPC_JSON, "{\"a\":1}");
	size_t n = written(&line).n + 1;

	(void)state;
	for (size_t limit = 1; limit <= n; limit++) {
		struct kith_buf out = { .limit = limit };

		capture_encode(&line, &out);
		assert_int_equal(out.n, limit < n ? 0 : n);
		assert_int_equal(out.err, limit < n ? KITH_ETOOBIG : KITH_OK);
		kith_buf_free(&out);
	}
}

static void a_line_without_memory_leaves_nothing(void **state)
{
	const struct capture_line line = packet(MUXRPC_BINARY,
						"some bytes of a body");

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_buf out = { .limit = ROOM };

		capture_encode(&line, &out);
		assert_true(out.err ? !out.n : out.p[out.n - 1] == '\n');
		kith_buf_free(&out);
	}
}

/* --- reading --- */

static void each_member_is_read(void **state)
{
	struct kith_buf room = { 0 };
	struct capture_line line;

	(void)state;
	line = reads("{\"t\":9007199254740991,\"l\":\"file\",\"e\":\"start\","
		     "\"ssbcap\":1,\"by\":\"k \\u00e4\",\"of\":\"node\","
		     "\"id\":\"" ID "\",\"own\":5,\"feeds\":6}", &room);
	assert_true(line.t_us == 9007199254740991);
	assert_int_equal(line.layer, CAPTURE_FILE);
	assert_int_equal(line.event, CAPTURE_START);
	assert_int_equal(line.version, 1);
	assert_true(kith_equal(line.by, KITH_SLICE("k \xc3\xa4")));
	assert_true(kith_equal(line.of, KITH_SLICE("node")));
	assert_true(line.has_id);
	assert_int_equal(line.own, 5);
	assert_int_equal(line.feeds, 6);
	line = reads("{\"t\":1,\"c\":4294967295,\"d\":\"out\",\"l\":\"tcp\","
		     "\"e\":\"connect\",\"pair\":2,\"at\":\"[::1]:8008\","
		     "\"id\":\"" ID "\"}", &room);
	assert_true(line.out);
	assert_true(line.conn == UINT32_MAX);
	assert_int_equal(line.pair, 2);
	assert_true(kith_equal(line.at, KITH_SLICE("[::1]:8008")));
	line = reads("{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"rpc\","
		     "\"req\":-2147483648,\"end\":true,\"type\":\"string\","
		     "\"n\":2,\"b\":\"aGk=\"}", &room);
	assert_true(line.request == INT32_MIN);
	assert_true(line.end);
	assert_false(line.stream);
	assert_int_equal(line.type, MUXRPC_STRING);
	assert_true(kith_equal(line.body, KITH_SLICE("hi")));
	kith_buf_free(&room);
}

static void what_is_not_known_is_passed_over(void **state)
{
	struct kith_buf room = { 0 };
	struct capture_line line;

	(void)state;
	line = reads(" {\"new\":{\"t\":3},\"t\":1,\"c\":1,\"d\":\"in\","
		     "\"l\":\"box\",\"n\":5,\"more\":[1]}\r", &room);
	assert_int_equal(line.t_us, 1);
	assert_int_equal(line.bytes, 5);
	kith_buf_free(&room);
}

static void bad_lines_are_refused_with_the_reason(void **state)
{
#define BOX "\"c\":1,\"d\":\"in\",\"l\":\"box\""
#define RPC "{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"rpc\","
	static const char *const bad[][2] = {
		{ "", "" },
		{ "[]", "object" },
		{ "{}", "\"t\" is missing" },
		{ "{\"t\":-1," BOX ",\"n\":1}", "\"t\"" },
		{ "{\"t\":1,\"l\":\"file\"}", "\"e\"" },
		{ "{\"t\":1,\"l\":\"file\",\"e\":\"close\"}", "another" },
		{ "{\"t\":1,\"l\":\"file\",\"e\":\"start\",\"ssbcap\":2}",
		  "version" },
		{ "{\"t\":1,\"c\":0,\"d\":\"in\",\"l\":\"box\",\"n\":1}",
		  "\"c\"" },
		{ "{\"t\":1,\"c\":4294967296,\"d\":\"in\",\"l\":\"box\"}",
		  "\"c\"" },
		{ "{\"t\":1,\"c\":1,\"d\":\"on\",\"l\":\"box\",\"n\":1}",
		  "\"d\"" },
		{ "{\"t\":1," BOX "}", "\"n\" is missing" },
		{ "{\"t\":1," BOX ",\"e\":\"done\"}", "another" },
		{ "{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"shs\",\"msg\":5,"
		  "\"n\":1}", "\"msg\"" },
		{ "{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"shs\",\"msg\":0,"
		  "\"n\":1}", "\"msg\"" },
		{ "{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"shs\","
		  "\"e\":\"done\",\"id\":\"@me\"}", "\"id\"" },
		{ RPC "\"type\":\"json\",\"n\":1}", "\"req\"" },
		{ RPC "\"req\":2147483648,\"type\":\"json\",\"n\":1}",
		  "\"req\"" },
		{ RPC "\"req\":1.5,\"type\":\"json\",\"n\":1}", "\"req\"" },
		{ RPC "\"req\":1,\"type\":\"text\",\"n\":1}", "\"type\"" },
		{ RPC "\"req\":1,\"type\":\"json\",\"n\":1,\"j\":12}",
		  "longer" },
		{ RPC "\"req\":1,\"type\":\"binary\",\"n\":1,\"b\":\"aGk=\"}",
		  "longer" },
		{ RPC "\"req\":1,\"type\":\"binary\",\"n\":9,\"b\":\"aGk\"}",
		  "base64" },
		{ RPC "\"req\":1,\"type\":\"binary\",\"n\":9,\"b\":7}",
		  "base64" },
		{ "{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"tcp\","
		  "\"e\":\"close\",\"why\":7}", "\"why\"" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_refused(bad[i][0], bad[i][1]);
}

static void what_a_later_version_tells_is_no_damage(void **state)
{
	static const char *const later[] = {
		"{\"t\":1,\"l\":\"foo\"}",
		"{\"t\":1,\"c\":1,\"d\":\"in\",\"l\":\"tcp\",\"e\":\"foo\"}",
	};
	struct kith_buf room = { .limit = ROOM };
	struct capture_line line;

	(void)state;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(capture_decode(kith_text(later[i]), &room,
						&line, NULL), KITH_ENOENT);
	kith_buf_free(&room);
}

static void an_error_names_the_place(void **state)
{
	const char *text = "{\"t\":1,\"l\":7}";
	struct kith_buf room = { .limit = ROOM };
	struct kith_error e = { 0 };
	struct capture_line line;

	(void)state;
	assert_int_equal(capture_decode(kith_text(text), &room, &line, &e),
			 KITH_EFORMAT);
	assert_int_equal(e.offset, strstr(text, "7") - text);
	kith_buf_free(&room);
}

static void a_line_over_the_limit_is_refused(void **state)
{
	const size_t n = CAPTURE_LINE_BYTES_MAX + 1;
	uint8_t *text = malloc(n);
	struct kith_buf room = { .limit = n };
	struct capture_line line;

	(void)state;
	assert_non_null(text);
	memset(text, ' ', n);
	assert_int_equal(capture_decode((struct kith_slice){ text, n }, &room,
					&line, NULL), KITH_ETOOBIG);
	free(text);
}

static void reading_without_memory_says_so(void **state)
{
	const char *text = "{\"t\":1,\"l\":\"file\",\"e\":\"stop\"}";
	struct capture_line line;

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct kith_buf room = { .limit = ROOM };
		enum kith_err err = capture_decode(kith_text(text), &room,
						   &line, NULL);

		assert_true(err == KITH_ENOMEM || err == KITH_OK);
		kith_buf_free(&room);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lines_are_written_as_the_page_has_them),
		cmocka_unit_test(bodies_survive_whatever_they_are),
		cmocka_unit_test(
			a_body_that_nests_too_deep_for_a_line_is_base64),
		cmocka_unit_test(a_body_that_was_cut_is_base64),
		cmocka_unit_test(a_long_body_is_cut_at_the_limit),
		cmocka_unit_test(long_texts_are_cut_between_characters),
		cmocka_unit_test(a_line_without_room_leaves_nothing),
		cmocka_unit_test(a_line_without_memory_leaves_nothing),
		cmocka_unit_test(each_member_is_read),
		cmocka_unit_test(what_is_not_known_is_passed_over),
		cmocka_unit_test(bad_lines_are_refused_with_the_reason),
		cmocka_unit_test(what_a_later_version_tells_is_no_damage),
		cmocka_unit_test(an_error_names_the_place),
		cmocka_unit_test(a_line_over_the_limit_is_refused),
		cmocka_unit_test(reading_without_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
