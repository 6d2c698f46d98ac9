/* A depot is a hostile peer: what somebody may have put there, against
 * depot_sync. */
#include "src/depot/session.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/ref.h"
#include "src/depot/leave.h"
#include "tests/support/host.h"
#include "tests/support/shell.h"

enum {
	CAN_ALL = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS,
	POSTS = 20,
	/* Feeds in one index, and in one node's words; with KITH_LONG all of
	 * the million. */
	MANY_FEEDS = 20000,
	MOST_FEEDS = 1000000,
	LARGE_POST = 8000 /* bytes, of which 800 are not text */
};

/* One honest node, which follows the author, and somebody who writes by
 * hand. */
struct fixture {
	struct host a;
	struct author author, stranger;
	struct medium *medium;
	struct folder *folder;
	struct depot depot;
	struct depot_writer_id other;
	struct depot_report report;
	struct kith_error e;
};

static enum kith_err try_sync(struct fixture *f, struct host *h)
{
	f->e = (struct kith_error){ 0 };
	return host_sync(h, f->folder, &f->report, &f->e);
}

static void sync_at(struct fixture *f, struct host *h)
{
	if (try_sync(f, h))
		fail_msg("%s", f->e.text);
}

/* --- what is written by hand ---------------------------------------------- */

static void enter(struct fixture *f)
{
	assert_int_equal(depot_enter(f->folder, NULL, NULL,
				     f->a.config.passphrase,
				     &f->depot, NULL), KITH_OK);
}

static void put_text(struct fixture *f, const char *name, const void *text,
		     size_t n)
{
	assert_int_equal(folder_put(f->folder, name,
				    (struct kith_slice){ text, n }, NULL),
			 KITH_OK);
}

/* A head of the other that names one segment. */
static void put_head_of(struct fixture *f, uint64_t generation, uint64_t round,
			const struct depot_segment *segment)
{
	struct depot_head *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	*h = (struct depot_head){ .generation = generation, .round = round,
				  .count = 1 };
	h->segments[0] = *segment;
	assert_int_equal(depot_head_write(&f->depot, &f->other, h, -1, NULL),
			 KITH_OK);
	free(h);
}

static void put_head(struct fixture *f, uint64_t generation, uint64_t round,
		     uint64_t bytes)
{
	put_head_of(f, generation, round,
		    &(struct depot_segment){ .number = 1, .bytes = bytes });
}

static void put_segment(struct fixture *f, const struct kith_buf *lines)
{
	char name[FOLDER_NAME_BYTES];

	assert_int_equal(lines->err, KITH_OK);
	depot_name_file(name, &f->other, DEPOT_SEGMENT, 1);
	put_text(f, name, lines->p, lines->n);
	put_head(f, 1, 2, lines->n);
}

static void put_messages(struct kith_buf *to, const struct author *a,
			 uint64_t first, uint64_t last)
{
	for (uint64_t i = first; i <= last; i++)
		depot_line_put(to, DEPOT_MESSAGE, author_message(a, i));
}

static uint64_t has(struct fixture *f)
{
	return host_has(&f->a, author_id(&f->author));
}

static int open_all(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	author_init(&f->author, 1);
	author_init(&f->stranger, 7);
	author_post(&f->author, POSTS);
	host_open(&f->a, 2);
	host_follow(&f->a, author_id(&f->author));
	f->medium = medium_new();
	f->folder = medium_folder(f->medium, CAN_ALL);
	f->other = depot_writer_of(author_id(&f->stranger), 0);
	sync_at(f, &f->a);
	enter(f);
	*state = f;
	return 0;
}

static int close_all(void **state)
{
	struct fixture *f = *state;

	depot_leave(&f->depot);
	folder_free(f->folder);
	medium_free(f->medium);
	host_close(&f->a);
	author_clear(&f->author);
	author_clear(&f->stranger);
	free(f);
	return 0;
}

/* --- lines ---------------------------------------------------------------- */

static void a_wrong_checksum_costs_its_line_alone(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	size_t bad;

	put_messages(&lines, &f->author, 1, 10);
	bad = lines.n;
	put_messages(&lines, &f->author, 3, 3);
	lines.p[bad + 4] ^= 1; /* of a digit of the checksum */
	put_messages(&lines, &f->author, 11, POSTS);
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(has(f), POSTS);
	assert_int_equal(f->report.damaged, 1);
	assert_non_null(strstr(f->a.findings, f->other.name));
	kith_buf_free(&lines);
}

static void a_length_beyond_all_limits_is_damage(void **state)
{
	static const char *const lengths[] = {
		"m 00000000 18446744073709551615 {\"",
		"m 00000000 99999999999999999999999999999 {\"",
		"m 00000000 -1 {\"", "m 00000000 131073 {\"",
		"m 00000000  {\"", "m", "m 0000",
	};
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	for (size_t i = 0; i < sizeof(lengths) / sizeof(*lengths); i++) {
		put_messages(&lines, &f->author, i + 1, i + 1);
		kith_buf_text(&lines, lengths[i]);
		kith_buf_byte(&lines, '\n');
	}
	put_messages(&lines, &f->author, 8, POSTS);
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(has(f), POSTS);
	assert_true(f->report.damaged > 0);
	kith_buf_free(&lines);
}

static void kinds_and_lines_of_later_versions_are_skipped(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	depot_line_put(&lines, 'q', KITH_SLICE("{\"later\":true}"));
	put_messages(&lines, &f->author, 1, POSTS);
	depot_line_put(&lines, DEPOT_MESSAGE,
		       KITH_SLICE("{\"f\":\"later-v9\",\"b\":\"AAAA\"}"));
	depot_line_put(&lines, DEPOT_MESSAGE, KITH_SLICE("17"));
	depot_line_put(&lines, DEPOT_RANGE, KITH_SLICE("{\"feed\":4}"));
	depot_line_put(&lines, DEPOT_FORK, KITH_SLICE("{\"proof\":[1,2]}"));
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(has(f), POSTS);
	assert_int_equal(f->a.proofs, 0);
	kith_buf_free(&lines);
}

static void what_does_not_verify_is_refused_once(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	struct kith_buf forged = { .limit = 1 << 20 };

	put_messages(&lines, &f->author, 1, 10);
	kith_buf_put(&forged, author_message(&f->author, 11));
	forged.p[forged.n - 40] ^= 3; /* of the signature */
	depot_line_put(&lines, DEPOT_MESSAGE, kith_bytes(&forged));
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(has(f), 10);
	assert_int_equal(f->report.refused, 1);
	sync_at(f, &f->a);
	assert_int_equal(f->report.refused, 0);
	kith_buf_free(&lines);
	kith_buf_free(&forged);
}

/* Also in a file that is closed, and under a head that stays as it is. */
static void what_is_behind_much_that_is_refused_comes_next_time(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };
	struct depot_segment segment = { .number = 1, .closed = true };

	for (int i = 0; i < 1500; i++)
		depot_line_put(&lines, DEPOT_MESSAGE, KITH_SLICE("{}"));
	put_messages(&lines, &f->author, 1, POSTS);
	put_segment(f, &lines);
	segment.bytes = lines.n;
	put_head_of(f, 2, 2, &segment);
	sync_at(f, &f->a);
	assert_int_equal(has(f), 0);
	sync_at(f, &f->a);
	assert_int_equal(has(f), POSTS);
	sync_at(f, &f->a);
	assert_int_equal(f->report.refused, 0);
	kith_buf_free(&lines);
}

static void a_fork_ends_its_feed_and_no_other(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	host_give(&f->a, &f->author, 1, 10);
	author_go_back(&f->author, 4);
	author_post(&f->author, 3);
	host_follow(&f->a, author_id(&f->stranger));
	author_post(&f->stranger, 5);
	/* The other branch has 5, 6 and 7. */
	for (size_t i = POSTS; i < POSTS + 3; i++)
		depot_line_put(&lines, DEPOT_MESSAGE,
			       (struct kith_slice){
				       f->author.bytes.p +
					       f->author.offsets[i],
				       (i + 1 < f->author.count
						? f->author.offsets[i + 1]
						: f->author.bytes.n) -
					       f->author.offsets[i] });
	put_messages(&lines, &f->stranger, 1, 5);
	put_segment(f, &lines);
	(void)!try_sync(f, &f->a);
	assert_int_equal(has(f), 10);
	assert_int_equal(host_has(&f->a, author_id(&f->stranger)), 5);
	kith_buf_free(&lines);
}

static void feeds_out_of_reach_are_only_counted(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = 1 << 20 };

	author_post(&f->stranger, 5);
	put_messages(&lines, &f->stranger, 1, 5);
	put_messages(&lines, &f->author, 1, POSTS);
	put_segment(f, &lines);
	sync_at(f, &f->a);
	assert_int_equal(host_has(&f->a, author_id(&f->stranger)), 0);
	assert_int_equal(f->report.far, 5);
	assert_int_equal(has(f), POSTS);
	kith_buf_free(&lines);
}

/* --- a million feeds ------------------------------------------------------ */

static void put_many(struct kith_buf *to, char kind, uint32_t count,
		     const char *more)
{
	struct kith_feed_id feed = { .format = KITH_CLASSIC };
	char id[KITH_REF_TEXT_BYTES], json[256];
	struct crc32c crc;

	crc32c_init(&crc);

	for (uint32_t i = 0; i < count; i++) {
		kith_put_be32(feed.b, i * 2654435761u);
		kith_put_be32(feed.b + 8, i);
		kith_feed_print(&feed, id);
		snprintf(json, sizeof(json), "{\"feed\":\"%s\",%s}", id, more);
		depot_line_print(&crc, to, kind, kith_text(json));
	}
}

static void a_million_feeds_are_borne(void **state)
{
	struct fixture *f = *state;
	struct kith_buf lines = { .limit = (size_t)1 << 30 };
	struct depot_head *h = calloc(1, sizeof(*h));
	uint32_t many = getenv("KITH_LONG") ? MOST_FEEDS : MANY_FEEDS;
	char name[FOLDER_NAME_BYTES];
	uint64_t bytes;

	assert_non_null(h);
	put_many(&lines, DEPOT_RANGE, many, "\"first\":1,\"last\":9");
	depot_line_put(&lines, DEPOT_END, KITH_SLICE("{}"));
	depot_name_file(name, &f->other, DEPOT_INDEX, 1);
	put_text(f, name, lines.p, lines.n);
	kith_buf_reset(&lines);
	put_messages(&lines, &f->author, 1, POSTS);
	bytes = lines.n;
	depot_name_file(name, &f->other, DEPOT_SEGMENT, 1);
	put_text(f, name, lines.p, lines.n);
	kith_buf_reset(&lines);
	put_many(&lines, DEPOT_HAVE, many, "\"last\":9");
	depot_name_file(name, &f->other, DEPOT_NOTES, 1);
	put_text(f, name, lines.p, lines.n);
	*h = (struct depot_head){ .generation = 1, .round = 2, .count = 1,
				  .notes = 1, .notes_bytes = lines.n };
	h->segments[0] = (struct depot_segment){ .number = 1, .bytes = bytes,
						 .closed = true };
	assert_int_equal(depot_head_write(&f->depot, &f->other, h, -1, NULL),
			 KITH_OK);
	(void)!try_sync(f, &f->a);
	host_give(&f->a, &f->author, 1, POSTS);
	(void)!try_sync(f, &f->a);
	assert_int_equal(has(f), POSTS);
	free(h);
	kith_buf_free(&lines);
}

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
	struct fixture *f = *state;
	struct kith_slice bytes;
	const char *name, *slash;
	size_t i;

	host_give(&f->a, &f->author, 1, POSTS);
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
	struct fixture *f = *state;
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
	struct fixture *f = *state;
	char path[] = "/tmp/kith-hostile-XXXXXX";
	struct folder *kept = f->folder;
	struct host b;

	assert_non_null(mkdtemp(path));
	assert_int_equal(folder_disk_open(path, false, &f->folder, NULL),
			 KITH_OK);
	host_give(&f->a, &f->author, 1, POSTS);
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

static void copy_file(struct fixture *f, struct medium *from,
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
	struct fixture *f = *state;
	struct medium *old;
	struct host b;

	host_open(&b, 3);
	host_follow(&b, author_id(&f->author));
	host_give(&f->a, &f->author, 1, 10);
	sync_at(f, &f->a);
	medium_settle(f->medium);
	old = medium_copy(f->medium);
	host_give(&f->a, &f->author, 11, POSTS);
	sync_at(f, &f->a);
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), POSTS);
	copy_file(f, old, "head-");
	sync_at(f, &b);
	sync_at(f, &f->a);
	host_close(&b);
	host_open(&b, 4);
	host_follow(&b, author_id(&f->author));
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), POSTS);
	host_close(&b);
	medium_free(old);
}

/* Written as no encoder of ours would. */
static void put_raw_head(struct fixture *f, const struct depot_writer_id *w,
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
	struct fixture *f = *state;
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
	struct fixture *f = *state;
	struct depot_writer_id ours = depot_writer_of(author_id(&f->a.self),
						      0);
	struct host b;

	put_raw_head(f, &ours, "9007199254740000", "4");
	host_give(&f->a, &f->author, 1, POSTS);
	sync_at(f, &f->a);
	assert_true(f->report.renamed);
	assert_non_null(strstr(f->a.findings, "in your name"));
	host_open(&b, 3);
	host_follow(&b, author_id(&f->author));
	sync_at(f, &b);
	assert_int_equal(host_has(&b, author_id(&f->author)), POSTS);
	host_close(&b);
}

static void a_later_version_is_refused_and_not_touched(void **state)
{
	static const char text[] = "kith depot 2\ngeneration 9\n";
	struct fixture *f = *state;
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
	host_give(&f->a, &f->author, 1, POSTS);
	assert_int_equal(try_sync(f, &f->a), KITH_EDENIED);
	assert_true(medium_equal(before, f->medium));
	medium_free(before);
}

/* --- sizes ---------------------------------------------------------------- */

static void write_much(struct fixture *f, struct author *a, size_t posts)
{
	char content[LARGE_POST];
	int n = snprintf(content, sizeof(content),
			 "{\"type\":\"post\",\"text\":\"");

	memset(content + n, 'a', sizeof(content) - (size_t)n - 800);
	memcpy(content + sizeof(content) - 800, "\"}", 3);
	for (size_t i = 0; i < posts; i++)
		author_write(a, kith_text(content));
	host_give(&f->a, a, 1, a->count);
}

/* Acceptance test 6: no file comes near to what FAT can hold. */
static void files_end_long_before_fat_does(void **state)
{
	struct fixture *f = *state;
	size_t posts = LEAVE_SEGMENT_BYTES / (LARGE_POST - 800) / 2 + 10;
	struct kith_slice bytes;
	size_t segments = 0;
	const char *name;

	host_follow(&f->a, author_id(&f->stranger));
	write_much(f, &f->author, posts);
	write_much(f, &f->stranger, posts);
	sync_at(f, &f->a);
	for (size_t i = 0; medium_file(f->medium, i, &name, &bytes); i++) {
		assert_true(bytes.n <= LEAVE_SEGMENT_BYTES);
		segments += strstr(name, ".seg") != NULL;
	}
	assert_int_equal(segments, 2);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(a_wrong_checksum_costs_its_line_alone),
		CASE(a_length_beyond_all_limits_is_damage),
		CASE(kinds_and_lines_of_later_versions_are_skipped),
		CASE(what_does_not_verify_is_refused_once),
		CASE(what_is_behind_much_that_is_refused_comes_next_time),
		CASE(a_fork_ends_its_feed_and_no_other),
		CASE(feeds_out_of_reach_are_only_counted),
		CASE(a_million_feeds_are_borne),
		CASE(every_name_is_plain_and_lower_case),
		CASE(names_of_writers_that_are_paths_are_ignored),
		CASE(links_and_devices_are_never_followed),
		CASE(an_old_head_that_is_played_again_loses_nothing),
		CASE(numbers_from_the_far_future_do_no_harm),
		CASE(who_writes_in_our_name_makes_us_take_another),
		CASE(a_later_version_is_refused_and_not_touched),
		CASE(files_end_long_before_fat_does),
	};

	if (sodium_init() < 0)
		return 1;
	host_in_memory();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
