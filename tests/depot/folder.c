/*
 * What every folder does, on a disk and on the medium of the tests alike; then
 * what a disk alone has to bear.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/depot/folder_cases.h"
#include "tests/support/home.h"
#include "tests/support/medium.h"

struct place {
	struct test_home home; /* on a disk: a folder of its own */
	struct medium *medium;
	struct folder *folder;
};

static struct place place;

static int open_disk(void **state)
{
	place = (struct place){ 0 };
	test_home_open(&place.home);
	assert_int_equal(folder_disk_open(place.home.path, false,
					  &place.folder, NULL), KITH_OK);
	*state = place.folder;
	return 0;
}

static int close_disk(void **state)
{
	folder_free(*state);
	test_home_close(&place.home);
	return 0;
}

static int open_medium(void **state)
{
	place = (struct place){ .medium = medium_new() };
	place.folder = medium_folder(place.medium, FOLDER_WRITES |
				     FOLDER_APPENDS | FOLDER_LISTS);
	*state = place.folder;
	return 0;
}

static int close_medium(void **state)
{
	folder_free(*state);
	medium_free(place.medium);
	return 0;
}

/* --- of folders that append ----------------------------------------------- */

static void a_file_is_appended_to_and_cut(void **state)
{
	folder_case_write(*state, SEGMENT, 0, "one two three");
	folder_case_holds(*state, SEGMENT, "one two three");
	folder_case_write(*state, SEGMENT, 13, " four");
	folder_case_holds(*state, SEGMENT, "one two three four");
	folder_case_write(*state, SEGMENT, 4, "2");
	folder_case_holds(*state, SEGMENT, "one 2");
	folder_case_write(*state, SEGMENT, 0, "");
	folder_case_holds(*state, SEGMENT, "");
}

static void a_file_shorter_than_what_is_kept_is_not_written(void **state)
{
	struct folder_writer *w;

	assert_int_equal(folder_write(*state, SEGMENT, 1, &w, NULL),
			 KITH_EFORMAT);
	folder_case_write(*state, SEGMENT, 0, "one");
	assert_int_equal(folder_write(*state, SEGMENT, 4, &w, NULL),
			 KITH_EFORMAT);
	folder_case_holds(*state, SEGMENT, "one");
}

static void a_dropped_writer_leaves_no_more_than_was_put(void **state)
{
	struct kith_buf b = { .limit = 100 };
	struct folder_writer *w;

	folder_case_write(*state, SEGMENT, 0, "one");
	assert_int_equal(folder_write(*state, SEGMENT, 3, &w, NULL), KITH_OK);
	assert_int_equal(folder_writer_put(w, kith_text("two"), NULL),
			 KITH_OK);
	assert_int_equal(folder_writer_sync(w, NULL), KITH_OK);
	assert_int_equal(folder_writer_put(w, kith_text("three"), NULL),
			 KITH_OK);
	folder_writer_drop(w);
	assert_int_equal(folder_get(*state, SEGMENT, &b, NULL), KITH_OK);
	assert_in_range(b.n, 6, 11);
	assert_memory_equal(b.p, "onetwothree", b.n);
	kith_buf_free(&b);
}

static void a_file_cut_while_it_is_read_is_an_error(void **state)
{
	struct folder_reader *r;
	uint8_t bytes[4];
	size_t got;

	folder_case_write(*state, SEGMENT, 0, "0123456789");
	assert_int_equal(folder_read(*state, SEGMENT, 5, &r, NULL), KITH_OK);
	folder_case_write(*state, SEGMENT, 5, "");
	assert_int_equal(folder_reader_get(r, bytes, 4, &got, NULL), KITH_EIO);
	folder_reader_free(r);
}

/* --- of a disk ------------------------------------------------------------ */

/* Valid until the next call but one. */
static const char *path_of(const char *name)
{
	static char paths[2][512];
	static int turn;

	turn = !turn;
	snprintf(paths[turn], sizeof(paths[turn]), "%s/%s", place.home.path,
		 name);
	return paths[turn];
}

static void assert_not_there(struct folder *f, const char *name)
{
	struct kith_buf b = { .limit = 100 };
	struct folder_reader *r;
	struct folder_writer *w;
	uint64_t bytes;

	assert_int_equal(folder_size(f, name, &bytes, NULL), KITH_ENOENT);
	assert_int_equal(folder_read(f, name, 0, &r, NULL), KITH_ENOENT);
	assert_int_equal(folder_get(f, name, &b, NULL), KITH_ENOENT);
	assert_int_equal(folder_write(f, name, 0, &w, NULL), KITH_EDENIED);
	assert_int_equal(folder_put(f, name, kith_text("x"), NULL),
			 KITH_EDENIED);
}

static void links_pipes_and_devices_are_not_there(void **state)
{
	folder_case_write(*state, "depot-b.txt", 0, "secret");
	assert_int_equal(symlink("depot-b.txt", path_of("depot-a.txt")), 0);
	assert_not_there(*state, "depot-a.txt");
	assert_int_equal(unlink(path_of("depot-a.txt")), 0);
	assert_int_equal(mkfifo(path_of("depot-a.txt"), 0600), 0);
	assert_not_there(*state, "depot-a.txt");
	assert_int_equal(unlink(path_of("depot-a.txt")), 0);
	if (!mknod(path_of("depot-a.txt"), S_IFCHR | 0600, 0x0101))
		assert_not_there(*state, "depot-a.txt");
	(void)unlink(path_of("depot-a.txt"));
	assert_int_equal(mkdir(path_of("depot-a.txt"), 0700), 0);
	assert_not_there(*state, "depot-a.txt");
	folder_case_holds(*state, "depot-b.txt", "secret");
}

static void a_folder_that_is_a_link_is_not_entered(void **state)
{
	struct folder_list l;

	folder_case_write(*state, SEGMENT, 0, "");
	assert_int_equal(rename(path_of("w"), path_of("v")), 0);
	assert_int_equal(symlink("v", path_of("w")), 0);
	assert_not_there(*state, SEGMENT);
	assert_int_equal(folder_list(*state, "w", &l, NULL), KITH_OK);
	assert_int_equal(l.count, 0);
	folder_list_free(&l);
}

static void a_file_with_two_names_is_not_written(void **state)
{
	struct folder_writer *w;

	folder_case_write(*state, "depot-b.txt", 0, "mine");
	assert_int_equal(link(path_of("depot-b.txt"), path_of("depot-a.txt")),
			 0);
	assert_int_equal(folder_write(*state, "depot-a.txt", 0, &w, NULL),
			 KITH_EDENIED);
	assert_int_equal(folder_put(*state, "depot-a.txt", kith_text("x"),
				    NULL), KITH_EDENIED);
	folder_case_holds(*state, "depot-b.txt", "mine");
}

static void names_that_are_none_lead_nowhere(void **state)
{
	static const char *const names[] = {
		"..", ".", "", "/etc/passwd", "../x", "w/../x", "w//x",
		"con", "A.txt", "w/abcdefghijklmnopqrstuvwxyz/",
	};

	folder_case_write(*state, SEGMENT, 0, "");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		assert_not_there(*state, names[i]);
}

static void foreign_files_are_not_listed(void **state)
{
	static const char *const foreign[] = {
		"w/.Trashes", "w/System Volume Information", "w/._000001.seg",
		"w/nul", "w/a b", "w/x\n", "w/B",
	};
	struct folder_list l;

	folder_case_write(*state, SEGMENT, 0, "");
	for (size_t i = 0; i < sizeof(foreign) / sizeof(*foreign); i++)
		assert_int_equal(mkdir(path_of(foreign[i]), 0700), 0);
	assert_int_equal(symlink("x", path_of("w/c")), 0);
	assert_int_equal(folder_list(*state, "w", &l, NULL), KITH_OK);
	assert_int_equal(l.count, 1);
	folder_list_free(&l);
}

static void a_file_of_two_gigabytes_is_not_made_longer(void **state)
{
	struct folder_writer *w;
	off_t bytes = INT32_MAX;

	folder_case_write(*state, SEGMENT, 0, "");
	if (truncate(path_of(SEGMENT), bytes))
		skip();
	assert_int_equal(folder_write(*state, SEGMENT, (uint64_t)bytes - 1, &w,
				      NULL), KITH_OK);
	assert_int_equal(folder_writer_put(w, kith_text("12"), NULL),
			 KITH_ETOOBIG);
	assert_int_equal(folder_writer_put(w, kith_text("1"), NULL), KITH_OK);
	folder_writer_drop(w);
	assert_int_equal(truncate(path_of(SEGMENT), 0), 0);
}

static void a_missing_folder_is_made_only_where_asked(void **state)
{
	struct kith_error e = { 0 };
	struct folder *f;
	char path[512];

	(void)state;
	memcpy(path, path_of("new"), sizeof(path));
	assert_int_equal(folder_disk_open(path, false, &f, &e), KITH_ENOENT);
	assert_non_null(strstr(e.text, "mounted"));
	assert_int_equal(folder_disk_open(path, true, &f, NULL), KITH_OK);
	assert_true(f->can & FOLDER_WRITES);
	folder_free(f);
	folder_case_write(*state, "depot-a.txt", 0, "");
	assert_int_equal(folder_disk_open(path_of("depot-a.txt"), true, &f,
					  NULL), KITH_EDENIED);
	assert_int_equal(folder_disk_open(path_of("no/new"), true, &f, NULL),
			 KITH_ENOENT);
}

static bool mount_over(const char *options, unsigned long flags)
{
	return !mount("none", place.home.path, "tmpfs", flags, options);
}

static void a_read_only_medium_is_read(void **state)
{
	struct folder_writer *w;
	struct folder *f;

	if (!mount_over("size=1m", 0)) {
		print_message("cannot mount here\n");
		skip();
	}
	assert_int_equal(folder_disk_open(place.home.path, false, &f, NULL),
			 KITH_OK);
	folder_case_write(f, SEGMENT, 0, "one");
	assert_int_equal(mount("none", place.home.path, "tmpfs",
			       MS_REMOUNT | MS_RDONLY, NULL), 0);
	assert_true(f->can & FOLDER_WRITES);
	assert_int_equal(folder_write(f, SEGMENT, 3, &w, NULL), KITH_EDENIED);
	assert_false(f->can & FOLDER_WRITES);
	folder_free(f);
	assert_int_equal(folder_disk_open(place.home.path, false, &f, NULL),
			 KITH_OK);
	assert_false(f->can & FOLDER_WRITES);
	folder_case_holds(f, SEGMENT, "one");
	folder_free(f);
	assert_int_equal(umount(place.home.path), 0);
	(void)state;
}

static void a_full_medium_says_so(void **state)
{
	struct folder_writer *w;
	static uint8_t bytes[1 << 20];
	enum kith_err err;
	struct folder *f;

	if (!mount_over("size=512k", 0)) {
		print_message("cannot mount here\n");
		skip();
	}
	assert_int_equal(folder_disk_open(place.home.path, false, &f, NULL),
			 KITH_OK);
	assert_in_range(folder_room(f), 400 << 10, 512 << 10);
	assert_int_equal(folder_put(f, "depot-a.txt", kith_text("head 1"),
				    NULL), KITH_OK);
	assert_int_equal(folder_write(f, SEGMENT, 0, &w, NULL), KITH_OK);
	err = folder_writer_put(w, (struct kith_slice){ bytes, sizeof(bytes) },
				NULL);
	assert_int_equal(err, KITH_EFULL);
	folder_writer_drop(w);
	/* A head has its room. */
	assert_int_equal(folder_put(f, "depot-a.txt", kith_text("head 2"),
				    NULL), KITH_OK);
	folder_case_holds(f, "depot-a.txt", "head 2");
	folder_free(f);
	assert_int_equal(umount(place.home.path), 0);
	(void)state;
}

#define ON_DISK(test)                                                          \
	cmocka_unit_test_setup_teardown(test, open_disk, close_disk)
#define ON_MEDIUM(test)                                                        \
	{                                                                      \
		#test "_of_the_tests", test, open_medium, close_medium, NULL   \
	}
#define ON_BOTH(test) ON_DISK(test), ON_MEDIUM(test)

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_BOTH(a_file_is_appended_to_and_cut),
		ON_BOTH(a_file_shorter_than_what_is_kept_is_not_written),
		ON_BOTH(a_dropped_writer_leaves_no_more_than_was_put),
		ON_BOTH(a_file_is_read_from_any_byte_in_pieces),
		ON_BOTH(a_file_cut_while_it_is_read_is_an_error),
		ON_BOTH(a_missing_file_is_missing),
		ON_BOTH(a_small_file_is_put_whole_over_any_other),
		ON_BOTH(a_file_over_the_limit_is_not_got),
		ON_BOTH(a_file_is_renamed_only_to_a_name_that_is_free),
		ON_BOTH(names_are_listed_in_order),
		ON_DISK(links_pipes_and_devices_are_not_there),
		ON_DISK(a_folder_that_is_a_link_is_not_entered),
		ON_DISK(a_file_with_two_names_is_not_written),
		ON_DISK(names_that_are_none_lead_nowhere),
		ON_DISK(foreign_files_are_not_listed),
		ON_DISK(a_file_of_two_gigabytes_is_not_made_longer),
		ON_DISK(long_writes_pass_whole),
		ON_DISK(a_missing_folder_is_made_only_where_asked),
		ON_DISK(a_read_only_medium_is_read),
		ON_DISK(a_full_medium_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
