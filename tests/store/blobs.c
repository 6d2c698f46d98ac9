#include "src/store/blobs.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "src/store/wall.h"
#include "tests/store/blob_case.h"

enum { LIMIT = 100000, MANY = 600 };

/* --- helpers -------------------------------------------------------------- */

/* Bytes that differ by seed. */
static struct kith_slice bytes(unsigned seed, size_t n)
{
	static uint8_t all[2 * LIMIT];

	assert_in_range(n, 0, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		all[i] = (uint8_t)(seed >> 16);
	}
	return (struct kith_slice){ all, n };
}

static struct kith_blob_id id_of(struct kith_slice s)
{
	struct kith_blob_id id;

	crypto_hash_sha256(id.b, s.p, s.n);
	return id;
}

static bool same(const struct kith_blob_id *a, const struct kith_blob_id *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static const char *part_of(const struct blob_case *f,
			   const struct kith_blob_id *id)
{
	static char path[BLOB_CASE_PATH_BYTES];
	char hex[65];

	sodium_bin2hex(hex, sizeof(hex), id->b, sizeof(id->b));
	snprintf(path, sizeof(path), "%s/blobs/tmp/%s.part", f->home.path, hex);
	return path;
}

static bool exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

static size_t files_in_tmp(const struct blob_case *f)
{
	struct blob_parts parts = { 0 };

	assert_int_equal(blobs_tidy(f->blobs, 0, UINT64_MAX, &parts), KITH_OK);
	return (size_t)parts.count;
}

static struct blob_writer *begin(struct blob_case *f,
				 const struct kith_blob_id *id, bool resume)
{
	struct blob_write how = { .id = id, .limit = LIMIT, .resume = resume };
	struct blob_writer *w;

	assert_int_equal(blob_writer_new(f->blobs, &how, &w, NULL), KITH_OK);
	return w;
}

static void put(struct blob_writer *w, struct kith_slice s)
{
	assert_int_equal(blob_writer_put(w, s, NULL), KITH_OK);
}

static struct kith_blob_id add(struct blob_case *f, struct kith_slice s)
{
	struct blob_writer *w = begin(f, NULL, false);
	struct kith_blob_id id;

	put(w, s);
	assert_int_equal(blob_writer_finish(w, &id, NULL), KITH_OK);
	return id;
}

static void write_by_hand(const char *path, struct kith_slice s)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(s.p, 1, s.n, file), s.n);
	assert_int_equal(fclose(file), 0);
}

static void assert_absent(struct blob_case *f, const struct kith_blob_id *id)
{
	struct blob_file *file;
	uint64_t size;

	assert_int_equal(blob_size(f->blobs, id, &size), KITH_ENOENT);
	assert_int_equal(blob_open(f->blobs, id, &file), KITH_ENOENT);
}

/* --- writing -------------------------------------------------------------- */

static void bytes_become_a_file_where_other_peers_look(void **state)
{
	/* SHA-256 of "abc", FIPS 180-2 B.1. */
	static const char place[] = "/blobs/sha256/ba/7816bf8f01cfea414140de5"
				    "dae2223b00361a396177a9cb410ff61f20015ad";
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, KITH_SLICE("abc"));
	char path[BLOB_CASE_PATH_BYTES];
	uint64_t size;

	snprintf(path, sizeof(path), "%s%s", f->home.path, place);
	assert_true(exists(path));
	assert_string_equal(blob_case_path(f, &id), path);
	assert_int_equal(blob_size(f->blobs, &id, &size), KITH_OK);
	assert_int_equal(size, 3);
	assert_int_equal(files_in_tmp(f), 0);
}

static void nothing_is_visible_before_the_end(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(1, 5000);
	struct kith_blob_id id = id_of(s);
	struct blob_writer *w = begin(f, &id, false);

	for (size_t i = 0; i < s.n; i += 500) {
		put(w, (struct kith_slice){ s.p + i, 500 });
		assert_absent(f, &id);
		assert_int_equal(blob_writer_bytes(w), i + 500);
	}
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void what_is_another_blob_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = id_of(bytes(1, 100));
	struct kith_blob_id got = { { 7 } };

	for (int resume = 0; resume < 2; resume++) {
		struct blob_writer *w = begin(f, &id, resume);

		put(w, bytes(2, 100));
		assert_int_equal(blob_writer_finish(w, &got, NULL),
				 KITH_EFORMAT);
		assert_int_equal(got.b[0], 7);
		assert_absent(f, &id);
		assert_int_equal(files_in_tmp(f), 0);
	}
}

static void less_than_the_limit_fits_and_no_more(void **state)
{
	struct blob_case *f = *state;
	struct kith_error e = { 0 };
	struct blob_writer *w = begin(f, NULL, false);

	put(w, bytes(1, LIMIT - 1));
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	w = begin(f, NULL, false);
	put(w, bytes(2, LIMIT - 1));
	assert_int_equal(blob_writer_put(w, bytes(3, 1), &e), KITH_ETOOBIG);
	assert_int_equal(blob_writer_put(w, bytes(3, 0), NULL), KITH_ETOOBIG);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_ETOOBIG);
	assert_int_equal(files_in_tmp(f), 0);
}

static void a_cut_is_taken_up_where_it_ended(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(4, 90000);
	struct kith_blob_id id = id_of(s);

	for (size_t at = 0; at < s.n; at += 9000) {
		struct blob_writer *w = begin(f, &id, true);

		assert_int_equal(blob_writer_bytes(w), at);
		put(w, (struct kith_slice){ s.p + at, 9000 });
		assert_absent(f, &id);
		if (at + 9000 < s.n)
			blob_writer_cut(w);
		else
			assert_int_equal(blob_writer_finish(w, NULL, NULL),
					 KITH_OK);
	}
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
	assert_int_equal(files_in_tmp(f), 0);
}

static void a_part_in_use_is_left_alone(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(5, 1000);
	struct kith_blob_id id = id_of(s);
	struct blob_writer *one = begin(f, &id, true), *two;
	struct blob_parts parts;

	put(one, (struct kith_slice){ s.p, 400 });
	two = begin(f, &id, true);
	assert_int_equal(blob_writer_bytes(two), 0);
	put(two, s);
	assert_int_equal(blobs_tidy(f->blobs, INT64_MAX, 0, &parts), KITH_OK);
	assert_int_equal(parts.removed, 0);
	assert_int_equal(parts.count, 2);
	assert_int_equal(parts.bytes, 1400);
	assert_int_equal(blob_writer_finish(two, NULL, NULL), KITH_OK);
	put(one, (struct kith_slice){ s.p + 400, 600 });
	assert_int_equal(blob_writer_finish(one, NULL, NULL), KITH_OK);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void a_part_that_was_changed_by_hand_is_found_out(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(6, 1000);
	struct kith_blob_id id = id_of(s);
	struct blob_writer *w = begin(f, &id, true);

	put(w, (struct kith_slice){ s.p, 600 });
	blob_writer_cut(w);
	write_by_hand(part_of(f, &id), (struct kith_slice){ s.p + 1, 600 });
	w = begin(f, &id, true);
	assert_int_equal(blob_writer_bytes(w), 600);
	put(w, (struct kith_slice){ s.p + 600, 400 });
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_EFORMAT);
	assert_int_equal(files_in_tmp(f), 0);

	/* While it is written to. */
	w = begin(f, &id, true);
	put(w, s);
	assert_int_equal(truncate(part_of(f, &id), 10), 0);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_EIO);
	assert_absent(f, &id);
	w = begin(f, &id, true);
	put(w, s);
	assert_int_equal(unlink(part_of(f, &id)), 0);
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_EIO);
	assert_absent(f, &id);
}

static void a_part_over_the_limit_is_begun_anew(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(7, LIMIT);
	struct kith_blob_id id = id_of((struct kith_slice){ s.p, 10 });
	struct blob_writer *w = begin(f, &id, true);

	put(w, (struct kith_slice){ s.p, 1 });
	blob_writer_cut(w);
	write_by_hand(part_of(f, &id), s);
	w = begin(f, &id, true);
	assert_int_equal(blob_writer_bytes(w), 0);
	put(w, (struct kith_slice){ s.p, 10 });
	assert_int_equal(blob_writer_finish(w, NULL, NULL), KITH_OK);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void what_is_dropped_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = id_of(bytes(8, 10));
	struct blob_writer *w = begin(f, &id, true);

	put(w, bytes(8, 5));
	blob_writer_drop(w);
	blob_writer_cut(begin(f, &id, true));
	blob_writer_cut(begin(f, NULL, false));
	blob_writer_drop(begin(f, NULL, false));
	assert_int_equal(files_in_tmp(f), 0);
}

static void a_blob_that_is_here_already_may_come_again(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, bytes(9, 100)), again;

	/* What was damaged is made good by that. */
	write_by_hand(blob_case_path(f, &id), bytes(10, 50));
	again = add(f, bytes(9, 100));
	assert_true(same(&id, &again));
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
}

static void a_damaged_blob_is_refused_however_it_is_read(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, bytes(9, 100));
	struct blob_file *file;
	uint8_t to[100];
	size_t got;

	write_by_hand(blob_case_path(f, &id), bytes(10, 100));
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_read(file, 0, to, 30, &got), KITH_OK);
	assert_int_equal(blob_read(file, 0, to, 60, &got), KITH_OK);
	assert_int_equal(blob_read(file, 60, to, 60, &got), KITH_EFORMAT);
	assert_int_equal(blob_read(file, 0, to, 100, &got), KITH_EFORMAT);
	assert_int_equal(blob_read(file, 0, to, 99, &got), KITH_OK);
	blob_close(file);
}

static void a_full_disk_is_said_and_leaves_nothing(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(11, 60000);
	struct kith_blob_id id = id_of(s);
	struct rlimit before, little;
	struct kith_error e = { 0 };

	signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
	little = before;
	little.rlim_cur = 30000;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
	for (int i = 0; i < 2; i++) {
		struct blob_writer *w = begin(f, &id, true);

		put(w, (struct kith_slice){ s.p, 20000 });
		assert_int_equal(
			blob_writer_put(w, (struct kith_slice){ s.p + 20000,
								40000 }, &e),
			KITH_EFULL);
		assert_int_not_equal(e.text[0], '\0');
		if (i)
			blob_writer_cut(w);
		else
			assert_int_equal(blob_writer_finish(w, NULL, NULL),
					 KITH_EFULL);
		assert_absent(f, &id);
		assert_int_equal(files_in_tmp(f), 0);
	}
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
}

static void the_folder_may_go_away_and_come_back(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, bytes(12, 100)), other;
	char from[BLOB_CASE_PATH_BYTES], to[BLOB_CASE_PATH_BYTES];

	snprintf(from, sizeof(from), "%s/blobs", f->home.path);
	snprintf(to, sizeof(to), "%s/elsewhere", f->home.path);
	assert_int_equal(rename(from, to), 0);
	assert_absent(f, &id);
	other = add(f, bytes(13, 100));
	assert_int_equal(blob_verify(f->blobs, &other), KITH_OK);
}

/* --- reading -------------------------------------------------------------- */

static void the_empty_blob_is_always_here(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = id_of((struct kith_slice){ 0 });
	struct blob_file *file;
	uint64_t size = 1;
	uint8_t byte;
	size_t got = 1;

	assert_true(same(&id, &blob_empty));
	assert_true(blob_is_empty(&id));
	assert_int_equal(blob_size(f->blobs, &id, &size), KITH_OK);
	assert_int_equal(size, 0);
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_read(file, 0, &byte, 1, &got), KITH_OK);
	assert_int_equal(got, 0);
	blob_close(file);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_ENOENT);
	id = add(f, (struct kith_slice){ 0 });
	assert_true(blob_is_empty(&id));
	assert_false(exists(blob_case_path(f, &id)));
	assert_int_equal(blob_writer_finish(begin(f, &blob_empty, true), NULL,
					    NULL), KITH_OK);
	assert_int_equal(files_in_tmp(f), 0);
}

static void slices_are_read(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(14, 5000);
	struct kith_blob_id id = add(f, s);
	struct blob_file *file;
	uint8_t to[300];
	size_t got;

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_file_size(file), s.n);
	for (size_t at = s.n + 10; at-- > 0; at -= at > 37 ? 37 : 0) {
		size_t want = at >= s.n ? 0 : s.n - at < 300 ? s.n - at : 300;

		assert_int_equal(blob_read(file, at, to, 300, &got), KITH_OK);
		assert_int_equal(got, want);
		assert_memory_equal(to, s.p + at, want);
	}
	assert_int_equal(blob_read(file, UINT64_MAX, to, 300, &got), KITH_OK);
	assert_int_equal(got, 0);
	blob_close(file);
}

static void who_reads_it_all_is_told_of_damage_before_the_end(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(15, 1000);
	struct kith_blob_id id = add(f, s);
	struct blob_file *file;
	uint8_t to[250];
	size_t got;

	write_by_hand(blob_case_path(f, &id), bytes(16, 1000));
	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	for (size_t at = 0; at < 750; at += 250)
		assert_int_equal(blob_read(file, at, to, 250, &got), KITH_OK);
	assert_int_equal(blob_read(file, 750, to, 250, &got), KITH_EFORMAT);
	blob_close(file);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_EFORMAT);
}

static void a_file_that_is_cut_while_it_is_read_is_an_error(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, bytes(17, 1000));
	struct blob_file *file;
	uint8_t to[1000];
	size_t got;

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(truncate(blob_case_path(f, &id), 900), 0);
	assert_int_equal(blob_read(file, 0, to, 900, &got), KITH_OK);
	assert_int_equal(blob_read(file, 900, to, 100, &got), KITH_EIO);
	blob_close(file);
}

static void what_is_no_file_is_no_blob(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, bytes(18, 10));
	char path[BLOB_CASE_PATH_BYTES];

	snprintf(path, sizeof(path), "%s", blob_case_path(f, &id));
	assert_int_equal(truncate(path, 0), 0);
	assert_absent(f, &id);
	assert_int_equal(unlink(path), 0);
	assert_absent(f, &id);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_absent(f, &id);
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_absent(f, &id);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_absent(f, &id);
	assert_int_equal(blob_verify(f->blobs, &id), KITH_ENOENT);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_ENOENT);
}

static void what_is_removed_stays_readable_while_it_is_open(void **state)
{
	struct blob_case *f = *state;
	struct kith_slice s = bytes(19, 100);
	struct kith_blob_id id = add(f, s);
	struct blob_file *file;
	uint8_t to[100];
	size_t got;

	assert_int_equal(blob_open(f->blobs, &id, &file), KITH_OK);
	assert_int_equal(blob_remove(f->blobs, &id), KITH_OK);
	assert_absent(f, &id);
	assert_int_equal(blob_read(file, 0, to, 100, &got), KITH_OK);
	assert_memory_equal(to, s.p, 100);
	blob_close(file);
}

/* --- all of them ---------------------------------------------------------- */

static void a_walk_gives_all_in_order_from_anywhere(void **state)
{
	static struct kith_blob_id seen[MANY];
	struct blob_case *f = *state;
	struct blob_entry entry;
	struct blob_walk *w = blob_walk_new(f->blobs, NULL);
	struct kith_blob_id last = { { 0 } };
	char path[BLOB_CASE_PATH_BYTES + 1];
	size_t n = 0;

	assert_false(blob_walk_next(w, &entry));
	assert_int_equal(blob_walk_error(w), KITH_OK);
	blob_walk_free(w);
	for (unsigned i = 0; i < MANY; i++)
		last = add(f, bytes(100 + i, 8 + i % 7));
	snprintf(path, sizeof(path), "%s/blobs/sha256/zz", f->home.path);
	write_by_hand(path, KITH_SLICE("stray"));
	snprintf(path, sizeof(path), "%s0", blob_case_path(f, &last));
	write_by_hand(path, KITH_SLICE("stray"));
	w = blob_walk_new(f->blobs, NULL);
	while (blob_walk_next(w, &entry)) {
		assert_in_range(n, 0, MANY - 1);
		seen[n] = entry.id;
		assert_in_range(entry.size, 8, 14);
		assert_in_range(entry.added_us, wall_us() - 60000000,
				wall_us());
		assert_true(!n || memcmp(&seen[n - 1], &seen[n],
					 sizeof(*seen)) < 0);
		n++;
	}
	assert_int_equal(blob_walk_error(w), KITH_OK);
	assert_int_equal(n, MANY);
	assert_int_equal(blob_walk_strays(w), 2);
	blob_walk_free(w);
	for (size_t i = 0; i < MANY; i += 7) {
		w = blob_walk_new(f->blobs, &seen[i]);
		if (i + 1 == MANY) {
			assert_false(blob_walk_next(w, &entry));
		} else {
			assert_true(blob_walk_next(w, &entry));
			assert_true(same(&entry.id, &seen[i + 1]));
		}
		blob_walk_free(w);
	}
}

static void what_goes_while_it_is_walked_is_left_out(void **state)
{
	struct blob_case *f = *state;
	struct kith_blob_id id = add(f, bytes(20, 5));
	struct blob_walk *w = blob_walk_new(f->blobs, NULL);
	struct blob_entry entry;

	add(f, bytes(21, 5));
	assert_true(blob_walk_next(w, &entry));
	id = same(&entry.id, &id) ? id_of(bytes(21, 5)) : id;
	assert_int_equal(blob_remove(f->blobs, &id), KITH_OK);
	assert_false(blob_walk_next(w, &entry));
	assert_int_equal(blob_walk_error(w), KITH_OK);
	blob_walk_free(w);
}

static void leave_part(struct blob_case *f, unsigned seed, size_t n,
		       time_t touched)
{
	struct timespec times[2] = { { .tv_sec = touched },
				     { .tv_sec = touched } };
	struct kith_blob_id id = id_of(bytes(seed, n + 1));
	struct blob_writer *w = begin(f, &id, true);

	put(w, bytes(seed, n));
	blob_writer_cut(w);
	assert_int_equal(utimensat(AT_FDCWD, part_of(f, &id), times, 0), 0);
}

static void old_parts_go_and_then_the_oldest_down_to_the_limit(void **state)
{
	struct blob_case *f = *state;
	struct blob_parts parts;

	leave_part(f, 30, 100, 1000);
	leave_part(f, 31, 200, 3000);
	leave_part(f, 32, 300, 4000);
	leave_part(f, 33, 400, 5000);
	assert_int_equal(blobs_tidy(f->blobs, 2000000000, 1000, &parts),
			 KITH_OK);
	assert_int_equal(parts.count, 3);
	assert_int_equal(parts.bytes, 900);
	assert_int_equal(parts.removed, 1);
	assert_int_equal(parts.removed_bytes, 100);
	assert_int_equal(blobs_tidy(f->blobs, 0, 400, &parts), KITH_OK);
	assert_int_equal(parts.count, 1);
	assert_int_equal(parts.bytes, 400);
	assert_int_equal(parts.removed_bytes, 500);
}

static void what_a_crash_left_goes_and_others_files_stay(void **state)
{
	struct blob_case *f = *state;
	struct timespec old[2] = { { .tv_sec = 1 }, { .tv_sec = 1 } };
	char left[BLOB_CASE_PATH_BYTES], others[BLOB_CASE_PATH_BYTES];
	struct blob_parts parts;

	add(f, bytes(40, 1));
	snprintf(left, sizeof(left), "%s/blobs/tmp/new-0123456789ab",
		 f->home.path);
	snprintf(others, sizeof(others), "%s/blobs/tmp/notes", f->home.path);
	write_by_hand(left, bytes(41, 10));
	write_by_hand(others, bytes(41, 10));
	/* It may be one that was just made, and is not locked yet. */
	assert_int_equal(blobs_tidy(f->blobs, INT64_MAX, 0, NULL), KITH_OK);
	assert_true(exists(left));
	assert_int_equal(utimensat(AT_FDCWD, left, old, 0), 0);
	assert_int_equal(utimensat(AT_FDCWD, others, old, 0), 0);
	assert_int_equal(blobs_tidy(f->blobs, 0, UINT64_MAX, &parts), KITH_OK);
	assert_int_equal(parts.removed, 1);
	assert_false(exists(left));
	assert_true(exists(others));
}

static void in_the_folder_of_another_program_nothing_is_written(void **state)
{
	struct blob_write how = { .limit = LIMIT };
	struct kith_error e = { 0 };
	struct blob_writer *w;
	struct test_home h;
	struct blobs *b;
	char path[BLOB_CASE_PATH_BYTES];
	(void)state;

	test_home_open(&h);
	snprintf(path, sizeof(path), "%s/ebt", h.path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(blobs_open(h.home, &b, NULL), KITH_OK);
	assert_int_equal(blob_writer_new(b, &how, &w, &e), KITH_EDENIED);
	assert_int_equal(blobs_tidy(b, 0, 0, NULL), KITH_EDENIED);
	assert_int_equal(blob_remove(b, &(struct kith_blob_id){ { 1 } }),
			 KITH_EDENIED);
	blobs_close(b);
	test_home_close(&h);
}

#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, blob_case_open, blob_case_close)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(bytes_become_a_file_where_other_peers_look),
		TEST(nothing_is_visible_before_the_end),
		TEST(what_is_another_blob_leaves_nothing),
		TEST(less_than_the_limit_fits_and_no_more),
		TEST(a_cut_is_taken_up_where_it_ended),
		TEST(a_part_in_use_is_left_alone),
		TEST(a_part_that_was_changed_by_hand_is_found_out),
		TEST(a_part_over_the_limit_is_begun_anew),
		TEST(what_is_dropped_leaves_nothing),
		TEST(a_blob_that_is_here_already_may_come_again),
		TEST(a_damaged_blob_is_refused_however_it_is_read),
		TEST(a_full_disk_is_said_and_leaves_nothing),
		TEST(the_folder_may_go_away_and_come_back),
		TEST(the_empty_blob_is_always_here),
		TEST(slices_are_read),
		TEST(who_reads_it_all_is_told_of_damage_before_the_end),
		TEST(a_file_that_is_cut_while_it_is_read_is_an_error),
		TEST(what_is_no_file_is_no_blob),
		TEST(what_is_removed_stays_readable_while_it_is_open),
		TEST(a_walk_gives_all_in_order_from_anywhere),
		TEST(what_goes_while_it_is_walked_is_left_out),
		TEST(old_parts_go_and_then_the_oldest_down_to_the_limit),
		TEST(what_a_crash_left_goes_and_others_files_stay),
		cmocka_unit_test(
			in_the_folder_of_another_program_nothing_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
