/* How a capture ends: it has become large, or a disk full. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/client/link.h"
#include "tests/daemon/capture_scene.h"

enum { LIMIT = CAPTURE_LIMIT_BYTES_MIN };

/* Says something until the capture is over, and then that it is. */
static void talk_until_it_ends(struct scene *s)
{
	int64_t until_ms = link_now_ms() + BED_WAIT_MS;
	struct client *c = scene_dial(s, &s->ann);

	while (json_is(scene_status(s, "state"), "on")) {
		assert_true(link_now_ms() < until_ms);
		scene_call(c);
	}
	client_close(c);
	scene_wait_until_alone(s);
	scene_wait_until(s, "state", "\"off\"");
}

/* The capture ended by itself, so that only whole lines are in it. */
static void assert_ended(struct scene *s, const char *why)
{
	if (!json_is(scene_status(s, "why"), why))
		fail_msg("it ended so: %.*s", (int)scene_status(s, "why").n,
			 (const char *)scene_status(s, "why").p);
	scene_load(s, s->file);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_STOP, NULL), 1);
	assert_true(scene_holds(s, why));
}

static void the_limit_ends_it_in_a_whole_line(void **state)
{
	struct scene *s = *state;

	scene_start(s, ",\"limit\":65536");
	talk_until_it_ends(s);
	assert_ended(s, "the limit is reached");
	assert_true(s->text.n <= LIMIT);
	assert_true(s->text.n > LIMIT / 2);
	scene_start(s, ",\"limit\":65536,\"rotate\":true");
	scene_stop(s);
}

static void at_half_the_limit_it_begins_anew(void **state)
{
	int64_t until_ms = link_now_ms() + BED_WAIT_MS;
	char aside[CAPTURE_PATH_BYTES + 2];
	struct scene *s = *state;
	uint64_t bytes = 0;
	struct client *c;

	scene_start(s, ",\"limit\":65536,\"rotate\":true");
	c = scene_dial(s, &s->ann);
	/* So much is more than two files have. */
	while (bytes < 2 * LIMIT) {
		assert_true(link_now_ms() < until_ms);
		scene_call(c);
		assert_true(json_uint(scene_status(s, "bytes"), &bytes));
	}
	scene_stop(s);
	client_close(c);
	snprintf(aside, sizeof(aside), "%s.1", s->file);
	scene_load(s, aside);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_START, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_ONGOING, NULL), 1);
	assert_true(s->text.n >= LIMIT / 2);
	assert_true(s->text.n < LIMIT);
	scene_load(s, s->file);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_START, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_TCP, CAPTURE_ONGOING, NULL), 1);
	assert_int_equal(scene_count(s, CAPTURE_FILE, CAPTURE_LOST, NULL), 0);
	assert_true(s->text.n < LIMIT);
}

static void wait_until_written(struct scene *s, const char *path, off_t bytes)
{
	int64_t until_ms = link_now_ms() + BED_WAIT_MS;
	struct stat st;

	while (stat(path, &st) || st.st_size < bytes) {
		assert_true(link_now_ms() < until_ms);
		bed_call(&s->bed, "whoami", "[]");
	}
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
	struct kith_slice why;

	if (full < 0)
		skip();
	scene_start(s, "");
	scene_visit(s, &s->ann);
	/* What was written so far is; from here on the disk is full. */
	wait_until_written(s, s->file, 1);
	fd = descriptor_of(s->file);
	assert_true(fd > 0);
	assert_int_equal(dup2(full, fd), fd);
	talk_until_it_ends(s);
	why = scene_status(s, "why");
	assert_non_null(memmem(why.p, why.n, "No space", 8));
	scene_visit(s, &s->ben);
	bed_refuses(&s->bed, "kith.captureStop", "[]", "no capture is on");
	scene_load(s, s->file);
	assert_true(scene_count(s, CAPTURE_FILE, CAPTURE_START, NULL) == 1);
	close(full);
}

static void it_ends_while_the_store_has_room(void **state)
{
	const char *why = "its disk has less than 64 MiB left, and so much is "
			  "kept free";
	struct scene *s = *state;
	char args[SCENE_ARGS_BYTES];

	scene_start(s, "");
	scene_visit(s, &s->ann);
	scene_has_room(CAPTURE_SPARE_BYTES - 1, CAPTURE_SPARE_BYTES);
	talk_until_it_ends(s);
	assert_ended(s, why);
	snprintf(args, sizeof(args), "[{\"file\":\"%s.2\"}]", s->file);
	bed_refuses(&s->bed, "kith.captureStart", args, why);
	snprintf(args, sizeof(args), "[{\"keylog\":\"%s\"}]", s->keylog);
	bed_refuses(&s->bed, "kith.captureStart", args, why);
}

static void without_room_to_begin_anew_it_ends_in_the_same_file(void **state)
{
	char aside[CAPTURE_PATH_BYTES + 2];
	struct scene *s = *state;

	scene_start(s, ",\"limit\":65536,\"rotate\":true");
	scene_has_room(CAPTURE_SPARE_BYTES, CAPTURE_SPARE_BYTES - 1);
	talk_until_it_ends(s);
	assert_ended(s, "its disk has less than 64 MiB left, and so much is "
			"kept free");
	assert_true(s->text.n >= LIMIT / 2);
	snprintf(aside, sizeof(aside), "%s.1", s->file);
	assert_int_equal(access(aside, F_OK), -1);
}

/* As if so many bytes had been written into it. */
static void make_keylog(const struct scene *s, off_t bytes)
{
	int fd = open(s->keylog, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, bytes), 0);
	close(fd);
}

static void start_with_keys(struct scene *s, off_t bytes, const char *rotate)
{
	char more[SCENE_ARGS_BYTES];

	make_keylog(s, bytes);
	snprintf(more, sizeof(more), ",\"keylog\":\"%s\",\"rotate\":%s",
		 s->keylog, rotate);
	scene_start(s, more);
}

enum { KEYLOG_MOST = CAPTURE_KEYLOG_BYTES_MAX -
		     2 * CAPTURE_KEYS_WAITING_BYTES_MAX };

#define KEYLOG_FULL "the key log is full: it has the keys of 65025 sessions"

static void a_full_key_log_ends_alone(void **state)
{
	struct scene *s = *state;
	char args[SCENE_ARGS_BYTES];
	struct stat st;

	start_with_keys(s, KEYLOG_MOST - CAPTURE_KEYS_BYTES, "false");
	scene_visit(s, &s->ann);
	wait_until_written(s, s->keylog, KEYLOG_MOST);
	assert_true(json_is(scene_status(s, "why"), ""));
	scene_visit(s, &s->ann);
	scene_wait_until(s, "why",
			 "\"no more keys are written: " KEYLOG_FULL "\"");
	scene_visit(s, &s->ben);
	assert_true(json_is(scene_status(s, "state"), "on"));
	scene_stop(s);
	assert_ended(s, "asked to");
	assert_int_equal(scene_count(s, CAPTURE_SHS, CAPTURE_DONE, NULL), 3);
	assert_int_equal(stat(s->keylog, &st), 0);
	assert_int_equal(st.st_size, KEYLOG_MOST + CAPTURE_KEYS_BYTES);
	snprintf(args, sizeof(args), "[{\"keylog\":\"%s\"}]", s->keylog);
	bed_refuses(&s->bed, "kith.captureStart", args, "the key log is full");
}

static void a_key_log_without_a_capture_ends_when_it_is_full(void **state)
{
	struct scene *s = *state;
	char args[SCENE_ARGS_BYTES];

	make_keylog(s, KEYLOG_MOST);
	snprintf(args, sizeof(args), "[{\"keylog\":\"%s\"}]", s->keylog);
	bed_call(&s->bed, "kith.captureStart", args);
	scene_visit(s, &s->ann);
	scene_wait_until(s, "state", "\"off\"");
	assert_true(json_is(scene_status(s, "why"), KEYLOG_FULL));
}

static void a_full_key_log_is_put_aside_where_the_capture_is(void **state)
{
	char aside[CAPTURE_PATH_BYTES + 2];
	struct scene *s = *state;

	start_with_keys(s, KEYLOG_MOST, "true");
	scene_visit(s, &s->ann);
	wait_until_written(s, s->keylog, KEYLOG_MOST + CAPTURE_KEYS_BYTES);
	scene_visit(s, &s->ben);
	scene_stop(s);
	snprintf(aside, sizeof(aside), "%s.1", s->keylog);
	scene_load(s, aside);
	assert_int_equal(s->text.n, KEYLOG_MOST + CAPTURE_KEYS_BYTES);
	scene_load(s, s->keylog);
	assert_int_equal(s->text.n, CAPTURE_KEYS_BYTES);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, scene_open, scene_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_limit_ends_it_in_a_whole_line),
		TEST(at_half_the_limit_it_begins_anew),
		TEST(a_full_disk_ends_it_and_nothing_else),
		TEST(it_ends_while_the_store_has_room),
		TEST(without_room_to_begin_anew_it_ends_in_the_same_file),
		TEST(a_full_key_log_ends_alone),
		TEST(a_key_log_without_a_capture_ends_when_it_is_full),
		TEST(a_full_key_log_is_put_aside_where_the_capture_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
