#include "src/client/capture_file.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cmocka.h>

enum { PATH_BYTES = 512 };

struct place {
	char folder[64], path[PATH_BYTES], aside[PATH_BYTES + 2];
	struct capture_file f;
};

/* How much is free on every disk, as far as a capture can see. */
static atomic_ullong free_bytes = CAPTURE_SPARE_BYTES;

int fstatvfs(int fd, struct statvfs *out)
{
	(void)fd;
	*out = (struct statvfs){ .f_frsize = 1, .f_blocks = 1,
				 .f_bavail = free_bytes };
	return 0;
}

int statvfs(const char *path, struct statvfs *out)
{
	return access(path, F_OK) ? -1 : fstatvfs(0, out);
}

static int set_up(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	assert_non_null(p);
	snprintf(p->folder, sizeof(p->folder), "/tmp/kith-capture-XXXXXX");
	assert_non_null(mkdtemp(p->folder));
	snprintf(p->path, sizeof(p->path), "%s/x", p->folder);
	snprintf(p->aside, sizeof(p->aside), "%s.1", p->path);
	p->f.fd = -1;
	p->f.spare_bytes = CAPTURE_SPARE_BYTES;
	*state = p;
	return 0;
}

static int tear_down(void **state)
{
	struct place *p = *state;

	capture_file_close(&p->f);
	unlink(p->path);
	unlink(p->aside);
	assert_int_equal(rmdir(p->folder), 0);
	free(p);
	return 0;
}

static void assert_holds(const char *path, const char *want)
{
	char text[4096] = "";
	FILE *f = fopen(path, "rb");
	struct stat st;

	assert_non_null(f);
	text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
	assert_int_equal(fstat(fileno(f), &st), 0);
	fclose(f);
	assert_string_equal(text, want);
	assert_int_equal(st.st_mode & 0777, 0600);
}

static void put(struct place *p, const char *lines)
{
	assert_int_equal(capture_file_put(&p->f, kith_text(lines), NULL),
			 KITH_OK);
}

static void lines_are_appended_to_a_file_of_our_own(void **state)
{
	struct place *p = *state;

	assert_int_equal(capture_file_create(&p->f, p->path, NULL), KITH_OK);
	put(p, "a\n");
	put(p, "bc\n");
	assert_int_equal(p->f.bytes, 5);
	assert_holds(p->path, "a\nbc\n");
	capture_file_close(&p->f);
	assert_int_equal(capture_file_create(&p->f, p->path, NULL),
			 KITH_EEXIST);
	assert_int_equal(capture_file_append(&p->f, p->path, NULL), KITH_OK);
	put(p, "d\n");
	assert_holds(p->path, "a\nbc\nd\n");
}

static void a_turn_puts_the_file_aside(void **state)
{
	struct place *p = *state;

	assert_int_equal(capture_file_begin(&p->f, p->path, NULL), KITH_OK);
	put(p, "a\n");
	assert_int_equal(capture_file_turn(&p->f, NULL), KITH_OK);
	put(p, "b\n");
	assert_holds(p->aside, "a\n");
	assert_holds(p->path, "b\n");
	capture_file_close(&p->f);
	assert_int_equal(capture_file_begin(&p->f, p->path, NULL), KITH_OK);
	assert_holds(p->aside, "b\n");
	assert_holds(p->path, "");
}

static void what_others_may_read_is_refused(void **state)
{
	struct place *p = *state;
	struct kith_error e = { 0 };
	FILE *f = fopen(p->path, "w");

	assert_non_null(f);
	fclose(f);
	assert_int_equal(chmod(p->path, 0644), 0);
	assert_int_equal(capture_file_append(&p->f, p->path, &e), KITH_EDENIED);
	assert_int_equal(p->f.fd, -1);
}

static void what_is_no_file_is_refused(void **state)
{
	struct place *p = *state;

	assert_int_equal(mkfifo(p->path, 0600), 0);
	assert_int_not_equal(capture_file_append(&p->f, p->path, NULL),
			     KITH_OK);
	assert_int_equal(unlink(p->path), 0);
	assert_int_equal(symlink(p->aside, p->path), 0);
	assert_int_equal(capture_file_append(&p->f, p->path, NULL),
			 KITH_EDENIED);
	assert_int_equal(capture_file_create(&p->f, p->path, NULL),
			 KITH_EEXIST);
	assert_int_equal(access(p->aside, F_OK), -1);
}

/* None of it is moved or replaced. */
static void what_is_not_ours_alone_is_not_put_aside(void **state)
{
	struct place *p = *state;
	const char *paths[] = { p->path, p->aside };
	FILE *f;

	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(mkdir(paths[i], 0700), 0);
		assert_int_equal(capture_file_begin(&p->f, p->path, NULL),
				 KITH_EDENIED);
		assert_int_equal(rmdir(paths[i]), 0);
		f = fopen(paths[i], "w");
		assert_non_null(f);
		assert_int_equal(fchmod(fileno(f), 0644), 0);
		fclose(f);
		assert_int_equal(capture_file_begin(&p->f, p->path, NULL),
				 KITH_EDENIED);
		assert_int_equal(p->f.fd, -1);
		assert_int_equal(unlink(paths[i]), 0);
	}
}

static void paths_are_not_cut(void **state)
{
	struct place *p = *state;
	char path[CAPTURE_PATH_BYTES + 1];

	memset(path, 'a', sizeof(path) - 1);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(capture_file_create(&p->f, path, NULL), KITH_EFORMAT);
	assert_int_equal(capture_file_begin(&p->f, path, NULL), KITH_EFORMAT);
}

/* At every place where the room may end, what is there are whole lines. */
static void a_full_disk_leaves_whole_lines(void **state)
{
	static const char lines[] = "one\ntwo two\nthree\n";
	struct place *p = *state;
	struct rlimit before, small;
	struct kith_error e;

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	for (size_t room = 0; room < strlen(lines); room++) {
		small = before;
		small.rlim_cur = 2 + room;
		e = (struct kith_error){ 0 };
		assert_int_equal(capture_file_create(&p->f, p->path, NULL),
				 KITH_OK);
		put(p, "0\n");
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
		assert_int_equal(capture_file_put(&p->f, kith_text(lines), &e),
				 KITH_EFULL);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
		assert_holds(p->path, room < 4 ? "0\n"
				      : room < 12 ? "0\none\n"
						  : "0\none\ntwo two\n");
		capture_file_close(&p->f);
		assert_int_equal(unlink(p->path), 0);
	}
}

static void a_disk_with_little_room_is_left_alone(void **state)
{
	struct place *p = *state;

	free_bytes = CAPTURE_SPARE_BYTES - 1;
	assert_int_equal(capture_file_create(&p->f, p->path, NULL),
			 KITH_EFULL);
	assert_int_equal(p->f.fd, -1);
	assert_int_equal(access(p->path, F_OK), -1);
	free_bytes = CAPTURE_SPARE_BYTES;
	assert_int_equal(capture_file_create(&p->f, p->path, NULL), KITH_OK);
	assert_true(capture_file_has_room(&p->f, NULL));
	free_bytes = CAPTURE_SPARE_BYTES - 1;
	assert_false(capture_file_has_room(&p->f, NULL));
	p->f.spare_bytes = free_bytes;
	assert_true(capture_file_has_room(&p->f, NULL));
	free_bytes = CAPTURE_SPARE_BYTES;
}

static void without_room_nothing_is_put_aside(void **state)
{
	struct place *p = *state;

	assert_int_equal(capture_file_begin(&p->f, p->path, NULL), KITH_OK);
	put(p, "a\n");
	assert_int_equal(capture_file_turn(&p->f, NULL), KITH_OK);
	put(p, "b\n");
	free_bytes = CAPTURE_SPARE_BYTES - 1;
	assert_int_equal(capture_file_turn(&p->f, NULL), KITH_EFULL);
	put(p, "c\n");
	capture_file_close(&p->f);
	assert_int_equal(capture_file_begin(&p->f, p->path, NULL), KITH_EFULL);
	assert_int_equal(p->f.fd, -1);
	free_bytes = CAPTURE_SPARE_BYTES;
	assert_holds(p->aside, "a\n");
	assert_holds(p->path, "b\nc\n");
}

/* It ends so early that what waits then still finds room. */
static void a_key_log_has_no_more_sessions_than_are_read(void **state)
{
	const off_t most = CAPTURE_KEYLOG_BYTES_MAX -
			   2 * CAPTURE_KEYS_WAITING_BYTES_MAX;
	struct place *p = *state;

	assert_int_equal(capture_file_append(&p->f, p->path, NULL), KITH_OK);
	assert_int_equal(ftruncate(p->f.fd, most), 0);
	capture_file_close(&p->f);
	assert_int_equal(capture_file_append(&p->f, p->path, NULL), KITH_OK);
	assert_true(capture_file_has_room(&p->f, NULL));
	assert_false(capture_file_is_full(&p->f));
	put(p, "k\n");
	assert_false(capture_file_has_room(&p->f, NULL));
	assert_true(capture_file_is_full(&p->f));
	assert_int_equal(capture_file_turn(&p->f, NULL), KITH_OK);
	assert_false(capture_file_is_full(&p->f));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(lines_are_appended_to_a_file_of_our_own),
		TEST(a_turn_puts_the_file_aside),
		TEST(what_others_may_read_is_refused),
		TEST(what_is_no_file_is_refused),
		TEST(what_is_not_ours_alone_is_not_put_aside),
		TEST(paths_are_not_cut),
		TEST(a_full_disk_leaves_whole_lines),
		TEST(a_disk_with_little_room_is_left_alone),
		TEST(without_room_nothing_is_put_aside),
		TEST(a_key_log_has_no_more_sessions_than_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
