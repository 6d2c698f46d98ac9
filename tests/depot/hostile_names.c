/* A depot is a hostile peer: whose files somebody may say that they are, and
 * what may stand in their place, against depot_sync. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/depot/hostile_bed.h"
#include "tests/support/shell.h"

/* --- names ---------------------------------------------------------------- */

static bool is_plain_part(const char *from, size_t n)
{
	if (!n || n > 64 || from[0] == '.' || from[n - 1] == '.')
		return false;
	for (size_t i = 0; i < n; i++)
		if (!strchr("abcdefghijklmnopqrstuvwxyz0123456789.-", from[i]))
			return false;
	return true;
}

/* Acceptance test 5: what is never upper case is unique when case is
 * folded. */
static void every_name_is_plain_and_lower_case(void **state)
{
	struct hostile *f = *state;
	struct kith_slice bytes;
	const char *name, *slash;
	size_t i;

	host_give(&f->a, &f->author, 1, HOSTILE_POSTS);
	sync_at(f, &f->a);
	for (i = 0; medium_file(f->medium, i, &name, &bytes); i++) {
		while ((slash = strchr(name, '/'))) {
			assert_true(is_plain_part(name,
						  (size_t)(slash - name)));
			name = slash + 1;
		}
		assert_true(is_plain_part(name, strlen(name)));
	}
	assert_true(i >= 6);
}

static void names_of_writers_that_are_paths_are_ignored(void **state)
{
	static const char *const bad[] = {
		"{\"writer\":\"../../../../../../tmp/kith\",\"round\":1}",
		"{\"writer\":\"/etc/passwd\"}",
		"{\"writer\":\"con\"}",
		"{\"writer\":\"AAAAAAAAAAAAAAAAAAAAAAAAAA\"}",
		"{\"writer\":\"aaaaaaaaaaaaaaaaaaaaaaaaaaa\"}",
		"{\"writer\":\"\\u0000aaaaaaaaaaaaaaaaaaaaaaaaa\"}",
	};
	struct hostile *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	struct depot_head *h = calloc(1, sizeof(*h));
	char name[FOLDER_NAME_BYTES];

	assert_non_null(h);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		depot_line_put(&lines, DEPOT_WRITER, kith_text(bad[i]));
	}
	depot_name_file(name, &f->other, DEPOT_NOTES, 1);
	put_text(f, name, lines.p, lines.n);
	*h = (struct depot_head){ .generation = 1, .round = 2, .notes = 1,
				  .notes_bytes = lines.n };
	assert_int_equal(depot_head_write(&f->depot, &f->other, h, -1, NULL),
			 KITH_OK);
	sync_at(f, &f->a);
	assert_int_equal(f->report.writers, 1); /* others */
	free(h);
	kith_buf_free(&lines);
}

/* Of a folder of this machine: what is no regular file is not there. */
static void links_and_devices_are_never_followed(void **state)
{
	struct hostile *f = *state;
	char path[] = "/tmp/kith-hostile-XXXXXX";
	struct folder *kept = f->folder;
	struct host b;

	assert_non_null(mkdtemp(path));
	assert_int_equal(folder_disk_open(path, false, &f->folder, NULL),
			 KITH_OK);
	host_give(&f->a, &f->author, 1, HOSTILE_POSTS);
	sync_at(f, &f->a);
	/* All that A has lies outside, and links lead there. */
	shell_run("cd %s && mkdir out && mv w/* out/ "
		 "&& ln -s ../out/* w/ && mkdir b && ln -s ../out b/aa",
		 path);
	host_open(&b, 3);
	host_follow(&b, author_id(&f->author));
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), 0);
	/* Fifos and devices in the place of files block nobody. */
	shell_run("cd %s/w && mkdir %s && cd %s && "
		 "mkfifo head-a.txt && ln -s /dev/zero 000001.seg", path,
		 f->other.name, f->other.name);
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), 0);
	host_close(&b);
	folder_free(f->folder);
	f->folder = kept;
	shell_run("rm -rf %s", path);
}

/* --- heads ---------------------------------------------------------------- */

static void copy_file(struct hostile *f, struct medium *from,
		      const char *part)
{
	struct kith_slice bytes;
	const char *name;

	for (size_t i = 0; medium_file(from, i, &name, &bytes); i++)
		if (strstr(name, part))
			put_text(f, name, bytes.p, bytes.n);
}

static void an_old_head_that_is_played_again_loses_nothing(void **state)
{
	struct hostile *f = *state;
	struct medium *old;
	struct host b;

	host_open(&b, 3);
	host_follow(&b, author_id(&f->author));
	host_give(&f->a, &f->author, 1, 10);
	sync_at(f, &f->a);
	medium_settle(f->medium);
	old = medium_copy(f->medium);
	host_give(&f->a, &f->author, 11, HOSTILE_POSTS);
	sync_at(f, &f->a);
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), HOSTILE_POSTS);
	copy_file(f, old, "head-");
	sync_at(f, &b);
	sync_at(f, &f->a);
	host_close(&b);
	host_open(&b, 4);
	host_follow(&b, author_id(&f->author));
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), HOSTILE_POSTS);
	host_close(&b);
	medium_free(old);
}

/* Written as no encoder of ours would. */
static void put_raw_head(struct hostile *f, const struct depot_writer_id *w,
			 const char *generation, const char *round)
{
	char name[FOLDER_NAME_BYTES], text[256];
	struct crc32c c;
	size_t n;

	n = (size_t)snprintf(text, sizeof(text), "kith depot head 1\n"
			     "generation %s\nround %s\n", generation, round);
	crc32c_init(&c);
	snprintf(text + n, sizeof(text) - n, "end %08x\n",
		 crc32c(&c, 0, kith_text(text)));
	depot_name_head(name, w, 0);
	put_text(f, name, text, strlen(text));
	depot_name_head(name, w, 1);
	put_text(f, name, text, strlen(text));
}

static void numbers_from_the_far_future_do_no_harm(void **state)
{
	static const char *const numbers[] = {
		"9007199254740991", "9223372036854775808",
		"18446744073709551615", "18446744073709551616",
	};
	struct hostile *f = *state;
	struct host b;
	uint64_t next = 1;

	for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); i++) {
		put_raw_head(f, &f->other, numbers[i], numbers[i]);
		host_give(&f->a, &f->author, next, next + 1);
		next += 2;
		sync_at(f, &f->a);
		host_open(&b, 3);
		host_follow(&b, author_id(&f->author));
		sync_at(f, &b);
		assert_int_equal(host_has(&b, author_id(&f->author)),
				 next - 1);
		host_close(&b);
	}
}

static void who_writes_in_our_name_makes_us_take_another(void **state)
{
	struct hostile *f = *state;
	struct depot_writer_id ours = depot_writer_of(author_id(&f->a.self),
						      0);
	struct host b;

	put_raw_head(f, &ours, "9007199254740000", "4");
	host_give(&f->a, &f->author, 1, HOSTILE_POSTS);
	sync_at(f, &f->a);
	assert_true(f->report.renamed);
	assert_non_null(strstr(f->a.findings, "in your name"));
	host_open(&b, 3);
	host_follow(&b, author_id(&f->author));
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), HOSTILE_POSTS);
	host_close(&b);
}

static void a_later_version_is_refused_and_not_touched(void **state)
{
	static const char text[] = "kith depot 2\ngeneration 9\n";
	struct hostile *f = *state;
	struct medium *before;
	struct crc32c c;
	char all[128];

	crc32c_init(&c);
	snprintf(all, sizeof(all), "%send %08x\n", text,
		 crc32c(&c, 0, kith_text(text)));
	put_text(f, "depot-a.txt", all, strlen(all));
	put_text(f, "depot-b.txt", all, strlen(all));
	medium_settle(f->medium);
	before = medium_copy(f->medium);
	host_give(&f->a, &f->author, 1, HOSTILE_POSTS);
	assert_int_equal(try_sync(f, &f->a), KITH_EDENIED);
	assert_true(medium_equal(before, f->medium));
	medium_free(before);
}

#define CASE(test)                                                             \
	cmocka_unit_test_setup_teardown(test, hostile_open, hostile_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(every_name_is_plain_and_lower_case),
		CASE(names_of_writers_that_are_paths_are_ignored),
		CASE(links_and_devices_are_never_followed),
		CASE(an_old_head_that_is_played_again_loses_nothing),
		CASE(numbers_from_the_far_future_do_no_harm),
		CASE(who_writes_in_our_name_makes_us_take_another),
		CASE(a_later_version_is_refused_and_not_touched),
	};

	if (sodium_init() < 0)
		return 1;
	host_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
