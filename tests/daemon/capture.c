#include "src/daemon/capture.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/client/link.h"
#include "tests/support/bed.h"

enum { ARGS_BYTES = 4096, FILE_BYTES_MAX = 64 << 20, WAIT_MS = 60000,
       LIMIT = CAPTURE_LIMIT_BYTES_MIN };

struct scene {
	struct bed bed;
	struct author ann, ben;
	char file[CAPTURE_PATH_BYTES], keylog[CAPTURE_PATH_BYTES];
	struct kith_buf text, room; /* of a capture that is read */
	size_t at;
};

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	bed_init(&s->bed);
	author_init(&s->ann, 2);
	author_init(&s->ben, 3);
	bed_open(&s->bed, NULL);
	bed_start(&s->bed);
	snprintf(s->file, sizeof(s->file), "%s/x.ssbcap", s->bed.h.path);
	snprintf(s->keylog, sizeof(s->keylog), "%s/x.keys", s->bed.h.path);
	s->text.limit = s->room.limit = FILE_BYTES_MAX;
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	kith_buf_free(&s->text);
	kith_buf_free(&s->room);
	bed_close(&s->bed);
	author_clear(&s->ann);
	author_clear(&s->ben);
	free(s);
	return 0;
}

/* --- asking kithd --- */

static struct kith_slice ask(struct scene *s, const char *method,
			     const char *args)
{
	struct kith_error e = { 0 };
	struct kith_slice reply = { 0 };

	if (client_call(s->bed.client, method, kith_text(args), &reply, &e))
		fail_msg("%s%s: %s", method, args, e.text);
	return reply;
}

static void refused(struct scene *s, const char *method, const char *args,
		    const char *why)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	assert_int_equal(client_call(s->bed.client, method, kith_text(args),
				     &reply, &e), KITH_EDENIED);
	if (!strstr(e.text, why))
		fail_msg("%s: said \"%s\", not \"%s\"", args, e.text, why);
}

/* more: members behind the file's. */
static void start(struct scene *s, const char *more)
{
	char args[ARGS_BYTES];

	snprintf(args, sizeof(args), "[{\"file\":\"%s\"%s}]", s->file, more);
	assert_true(json_is(json_get(ask(s, "kith.captureStart", args),
				     "state"), "on"));
}

static void stop(struct scene *s)
{
	assert_true(json_is(json_get(ask(s, "kith.captureStop", "[]"), "state"),
			    "off"));
}

static struct kith_slice status(struct scene *s, const char *member)
{
	return json_get(ask(s, "kith.captureStatus", "[]"), member);
}

/* Until a member of the status is so. */
static void wait_until(struct scene *s, const char *member, const char *json)
{
	int64_t until_ms = link_now_ms() + WAIT_MS;

	while (!kith_equal(status(s, member), kith_text(json)))
		if (link_now_ms() > until_ms)
			fail_msg("%s does not become %s", member, json);
}

/* Until no remote peer is connected. */
static void wait_until_alone(struct scene *s)
{
	int64_t until_ms = link_now_ms() + WAIT_MS;
	struct kith_slice peers;

	do
		peers = json_get(ask(s, "status", "[]"), "peers");
	while (peers.n > 2 && link_now_ms() < until_ms);
	assert_int_equal(peers.n, 2);
}

/* --- remote peers --- */

static struct address address(const struct scene *s)
{
	const struct daemon *d = s->bed.daemon;
	struct address a = { .transport = ADDRESS_NET, .has_key = true,
			     .port = net_listener_port(d->tcp) };

	snprintf(a.host, sizeof(a.host), "127.0.0.1");
	memcpy(a.key, d->self.b, sizeof(a.key));
	return a;
}

static struct client *dial(const struct scene *s, const struct author *by)
{
	const struct address a = address(s);
	struct kith_error e = { 0 };
	struct client *c;

	if (client_open(&a, by->signer, s->bed.daemon->config.app_key, &c, &e))
		fail_msg("%s", e.text);
	return c;
}

static void call_manifest(struct client *c)
{
	struct kith_slice reply;

	assert_int_equal(client_call(c, "manifest", KITH_SLICE("[]"), &reply,
				     NULL), KITH_OK);
}

static void visit(struct scene *s, const struct author *by)
{
	struct client *c = dial(s, by);

	call_manifest(c);
	client_close(c);
	wait_until_alone(s);
}

/* Says n bytes that are no handshake, and goes. */
static void annoy(struct scene *s, size_t n)
{
	const struct address a = address(s);
	static struct link link;

	assert_int_equal(link_dial(&link, &a, link_now_ms() + WAIT_MS, NULL),
			 KITH_OK);
	while (n--)
		kith_buf_byte(&link.out, 'x');
	assert_int_equal(link_push(&link, NULL), KITH_OK);
	link_clear(&link);
}

/* --- reading what was written --- */

static void load(struct scene *s, const char *path)
{
	FILE *f = fopen(path, "rb");
	uint8_t chunk[4096];
	struct stat st;
	size_t n;

	if (!f)
		fail_msg("%s is not there", path);
	assert_int_equal(fstat(fileno(f), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	kith_buf_reset(&s->text);
	s->at = 0;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		kith_buf_put(&s->text, (struct kith_slice){ chunk, n });
	fclose(f);
	assert_int_equal(s->text.err, KITH_OK);
}

/* The next line; false at the end.  All of them can be read. */
static bool next(struct scene *s, struct capture_line *out)
{
	struct kith_slice rest = { s->text.p + s->at, s->text.n - s->at };
	const uint8_t *end = rest.n ? memchr(rest.p, '\n', rest.n) : NULL;
	struct kith_error e = { 0 };

	if (!rest.n)
		return false;
	assert_non_null(end);
	rest.n = (size_t)(end - rest.p);
	s->at += rest.n + 1;
	if (capture_decode(rest, &s->room, out, &e))
		fail_msg("%s", e.text);
	return true;
}

/* How many lines of the loaded file are such; the last of them in *out, whose
 * texts are gone. */
static size_t count(struct scene *s, enum capture_layer layer,
		    enum capture_event event, struct capture_line *out)
{
	struct capture_line line;
	size_t n = 0;

	s->at = 0;
	while (next(s, &line)) {
		if (line.layer != layer || line.event != event)
			continue;
		if (out)
			*out = line;
		n++;
	}
	return n;
}

static bool holds(const struct scene *s, const char *text)
{
	return memmem(s->text.p, s->text.n, text, strlen(text));
}

/* --- tests --- */

static void a_visit_is_written_from_its_first_byte_to_its_last(void **state)
{
	static const struct { enum capture_layer l; enum capture_event e; }
	begins[] = {
		{ CAPTURE_FILE, CAPTURE_START }, { CAPTURE_TCP, CAPTURE_ACCEPT },
		{ CAPTURE_SHS, CAPTURE_SAID },	 { CAPTURE_SHS, CAPTURE_SAID },
		{ CAPTURE_SHS, CAPTURE_SAID },	 { CAPTURE_SHS, CAPTURE_DONE },
		{ CAPTURE_SHS, CAPTURE_SAID },	 { CAPTURE_BOX, CAPTURE_SAID },
	};
	struct scene *s = *state;
	struct capture_line line = { 0 };

	start(s, "");
	visit(s, &s->ann);
	stop(s);
	load(s, s->file);
	for (size_t i = 0; i < sizeof(begins) / sizeof(*begins); i++) {
		assert_true(next(s, &line));
		assert_int_equal(line.layer, begins[i].l);
		assert_int_equal(line.event, begins[i].e);
		if (line.event == CAPTURE_START)
			assert_true(kith_feed_equal(&line.id,
						    author_id(&s->bed.self)));
		if (line.event == CAPTURE_DONE)
			assert_true(kith_feed_equal(&line.id,
						    author_id(&s->ann)));
	}
	assert_true(holds(s, "\"j\":{\"name\":[\"manifest\"],\"args\":[],"
			     "\"type\":\"async\"}}\n"));
	assert_true(holds(s, "\"req\":-1,\"type\":\"json\""));
	assert_int_equal(count(s, CAPTURE_RPC, CAPTURE_GOODBYE, NULL), 2);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_CLOSE, NULL), 1);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_STOP, NULL), 1);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_LOST, NULL), 0);
}

static void what_local_programs_say_is_never_written(void **state)
{
	struct scene *s = *state;
	struct client *c;

	start(s, "");
	ask(s, "whoami", "[]");
	c = dial(s, &s->bed.self);
	call_manifest(c);
	client_close(c);
	stop(s);
	load(s, s->file);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_ACCEPT, NULL), 1);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_CLOSE, NULL), 1);
	assert_true(holds(s, "a local program, not recorded"));
	assert_int_equal(count(s, CAPTURE_RPC, CAPTURE_SAID, NULL), 0);
	assert_int_equal(count(s, CAPTURE_BOX, CAPTURE_SAID, NULL), 0);
}

static void no_remote_peer_has_a_say_in_it(void **state)
{
	static const char *const methods[] = {
		"kith.captureStart", "kith.captureStop", "kith.captureStatus"
	};
	struct scene *s = *state;
	struct client *c = dial(s, &s->ann);
	char args[ARGS_BYTES];
	struct kith_slice reply;

	snprintf(args, sizeof(args), "[{\"file\":\"%s\"}]", s->file);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(client_call(c, methods[i], kith_text(args),
					     &reply, NULL), KITH_EDENIED);
	client_close(c);
	assert_true(json_is(status(s, "state"), "off"));
	assert_int_equal(access(s->file, F_OK), -1);
}

static void one_peer_alone_can_be_written(void **state)
{
	char id[KITH_REF_TEXT_BYTES], more[ARGS_BYTES];
	struct scene *s = *state;
	struct capture_line line;

	kith_feed_print(author_id(&s->ann), id);
	snprintf(more, sizeof(more), ",\"peer\":\"%s\"", id);
	start(s, more);
	visit(s, &s->ben);
	visit(s, &s->ann);
	visit(s, &s->ben);
	stop(s);
	load(s, s->file);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_ACCEPT, NULL), 1);
	assert_int_equal(count(s, CAPTURE_SHS, CAPTURE_SAID, NULL), 4);
	assert_int_equal(count(s, CAPTURE_SHS, CAPTURE_DONE, &line), 1);
	assert_true(kith_feed_equal(&line.id, author_id(&s->ann)));
	kith_feed_print(author_id(&s->ben), id);
	assert_false(holds(s, id));
}

static void what_is_open_already_is_written_from_there_on(void **state)
{
	struct scene *s = *state;
	struct client *c = dial(s, &s->ann);
	struct capture_line line;

	call_manifest(c);
	start(s, "");
	call_manifest(c);
	client_close(c);
	wait_until_alone(s);
	stop(s);
	load(s, s->file);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_ONGOING, &line), 1);
	assert_false(line.out);
	assert_true(kith_feed_equal(&line.id, author_id(&s->ann)));
	assert_int_equal(count(s, CAPTURE_SHS, CAPTURE_SAID, NULL), 0);
	assert_true(holds(s, "\"req\":2,\"type\":\"json\""));
	assert_false(holds(s, "\"req\":1,\"type\":\"json\""));
}

static void headers_alone_hold_nothing_that_was_said(void **state)
{
	struct scene *s = *state;

	start(s, ",\"headers\":true");
	visit(s, &s->ann);
	stop(s);
	load(s, s->file);
	assert_true(holds(s, "\"req\":1,\"type\":\"json\",\"n\":46}"));
	assert_false(holds(s, "manifest"));
}

static void keys_of_each_session_are_written_on_request(void **state)
{
	struct scene *s = *state;
	struct capture_keys keys;
	char more[ARGS_BYTES];

	snprintf(more, sizeof(more), ",\"keylog\":\"%s\"", s->keylog);
	start(s, more);
	visit(s, &s->ann);
	visit(s, &s->ben);
	stop(s);
	load(s, s->keylog);
	assert_int_equal(s->text.n, 2 * CAPTURE_KEYS_BYTES);
	for (size_t at = 0; at < s->text.n; at += CAPTURE_KEYS_BYTES)
		assert_true(capture_keys_decode(
			(struct kith_slice){ s->text.p + at,
					     CAPTURE_KEYS_BYTES - 1 }, &keys));
}

static void keys_can_be_had_without_a_capture(void **state)
{
	struct scene *s = *state;
	char args[ARGS_BYTES];

	snprintf(args, sizeof(args), "[{\"keylog\":\"%s\"}]", s->keylog);
	ask(s, "kith.captureStart", args);
	visit(s, &s->ann);
	stop(s);
	load(s, s->keylog);
	assert_int_equal(s->text.n, CAPTURE_KEYS_BYTES);
}

/* Says something until the capture is over, or has been going on for long. */
static bool talk_until_it_ends(struct scene *s)
{
	struct client *c = dial(s, &s->ann);
	bool on = true;

	for (int i = 0; i < 400 && on; i++) {
		call_manifest(c);
		on = json_is(status(s, "state"), "on");
	}
	client_close(c);
	wait_until_alone(s);
	return !on;
}

static void the_limit_ends_it_in_a_whole_line(void **state)
{
	struct scene *s = *state;

	start(s, ",\"limit\":65536");
	talk_until_it_ends(s);
	wait_until(s, "state", "\"off\"");
	assert_true(json_is(status(s, "why"), "the limit is reached"));
	load(s, s->file);
	assert_true(s->text.n <= LIMIT);
	assert_true(s->text.n > LIMIT / 2);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_STOP, NULL), 1);
	start(s, ",\"limit\":65536,\"rotate\":true");
	stop(s);
}

static void at_half_the_limit_it_begins_anew(void **state)
{
	struct scene *s = *state;
	char aside[CAPTURE_PATH_BYTES + 2];

	start(s, ",\"limit\":65536,\"rotate\":true");
	assert_false(talk_until_it_ends(s));
	stop(s);
	snprintf(aside, sizeof(aside), "%s.1", s->file);
	load(s, aside);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_START, NULL), 1);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_ONGOING, NULL), 1);
	assert_true(s->text.n >= LIMIT / 2);
	assert_true(s->text.n < LIMIT);
	load(s, s->file);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_START, NULL), 1);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_ONGOING, NULL), 1);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_LOST, NULL), 0);
	assert_true(s->text.n < LIMIT);
}

/* That of kithd, which runs in this process; -1: there is none. */
static int descriptor_of(const char *path)
{
	struct stat want, got;

	assert_int_equal(stat(path, &want), 0);
	for (int fd = 3; fd < 1024; fd++)
		if (!fstat(fd, &got) && got.st_ino == want.st_ino &&
		    got.st_dev == want.st_dev)
			return fd;
	return -1;
}

static void a_full_disk_ends_it_and_nothing_else(void **state)
{
	struct scene *s = *state;
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC), fd;
	int64_t until_ms;
	struct stat st;

	if (full < 0)
		skip();
	start(s, "");
	visit(s, &s->ann);
	/* What was written so far is; from here on the disk is full. */
	until_ms = link_now_ms() + WAIT_MS;
	while ((stat(s->file, &st) || !st.st_size) && link_now_ms() < until_ms)
		ask(s, "whoami", "[]");
	fd = descriptor_of(s->file);
	assert_true(fd > 0);
	assert_int_equal(dup2(full, fd), fd);
	talk_until_it_ends(s);
	wait_until(s, "state", "\"off\"");
	assert_non_null(strstr((const char *)status(s, "why").p, "No space"));
	visit(s, &s->ben);
	refused(s, "kith.captureStop", "[]", "no capture is on");
	load(s, s->file);
	assert_true(count(s, CAPTURE_FILE, CAPTURE_START, NULL) == 1);
	close(full);
}

static void whoever_breaks_off_leaves_whole_lines(void **state)
{
	static const size_t lengths[] = { 0, 1, 63, 64, 65, 200, 5000 };
	struct scene *s = *state;
	struct client *c;

	start(s, "");
	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++)
		annoy(s, lengths[i]);
	visit(s, &s->ann);
	c = dial(s, &s->ann);
	wait_until(s, "connections", "9");
	stop(s);
	client_close(c);
	load(s, s->file);
	assert_int_equal(count(s, CAPTURE_TCP, CAPTURE_ACCEPT, NULL), 9);
	assert_int_equal(count(s, CAPTURE_SHS, CAPTURE_DONE, NULL), 2);
	assert_true(count(s, CAPTURE_SHS, CAPTURE_FAIL, NULL) >= 4);
	assert_int_equal(count(s, CAPTURE_FILE, CAPTURE_STOP, NULL), 1);
}

static void nonsense_is_refused(void **state)
{
	struct scene *s = *state;
	char args[ARGS_BYTES];

	refused(s, "kith.captureStart", "[]", "must have");
	refused(s, "kith.captureStart", "[{\"file\":\"x\"}]", "from /");
	refused(s, "kith.captureStart", "[{\"file\":7}]", "from /");
	refused(s, "kith.captureStart", "[{\"file\":\"/\\u0000\"}]", "from /");
	refused(s, "kith.captureStart", "[{\"file\":\"/nowhere/x\"}]", "No such");
	snprintf(args, sizeof(args), "[{\"file\":\"%s\",\"limit\":65535}]",
		 s->file);
	refused(s, "kith.captureStart", args, "limit");
	snprintf(args, sizeof(args), "[{\"file\":\"%s\",\"peer\":\"@me\"}]",
		 s->file);
	refused(s, "kith.captureStart", args, "peer");
	snprintf(args, sizeof(args), "[{\"keylog\":\"/dev/null\"}]");
	refused(s, "kith.captureStart", args, "no plain file");
	refused(s, "kith.captureStop", "[]", "no capture is on");
	assert_true(json_is(status(s, "state"), "off"));
}

static void no_file_is_written_over(void **state)
{
	struct scene *s = *state;
	char args[ARGS_BYTES];

	start(s, "");
	snprintf(args, sizeof(args), "[{\"file\":\"%s\"}]", s->file);
	refused(s, "kith.captureStart", args, "on already");
	stop(s);
	refused(s, "kith.captureStart", args, "exists");
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
	visit(s, &s->ann);
	bed_restart(&s->bed, &c);
	visit(s, &s->ben);
	stop(s);
	snprintf(aside, sizeof(aside), "%s.1", s->file);
	load(s, aside);
	assert_true(holds(s, "\"why\":\"kithd ends\""));
	assert_true(holds(s, "manifest"));
	load(s, s->file);
	assert_true(holds(s, "manifest"));
	load(s, s->keylog);
	assert_int_equal(s->text.n, 2 * CAPTURE_KEYS_BYTES);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

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
		TEST(the_limit_ends_it_in_a_whole_line),
		TEST(at_half_the_limit_it_begins_anew),
		TEST(a_full_disk_ends_it_and_nothing_else),
		TEST(whoever_breaks_off_leaves_whole_lines),
		TEST(nonsense_is_refused),
		TEST(no_file_is_written_over),
		TEST(the_configuration_can_want_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
