#include "src/source/unpack.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <zlib.h>
#include <zstd.h>

#include "tools/stream/target.h"

enum { PACKED_BYTES_MAX = 4 << 20, HUGE_WINDOW_LOG = 27 };

static char path[] = "/tmp/kith-source-XXXXXX";
static struct kith_buf text = { .limit = PACKED_BYTES_MAX };

/* Two megabytes that pack badly enough to fill several pieces. */
static int make_text(void **state)
{
	uint32_t x = 1;
	int fd = mkstemp(path);
	(void)state;

	assert_true(fd >= 0);
	close(fd);
	while (text.n < (2 << 20)) {
		x = x * 1664525 + 1013904223;
		kith_buf_uint(&text, x >> 8);
		kith_buf_byte(&text, '\n');
	}
	return 0;
}

static int drop_text(void **state)
{
	(void)state;
	unlink(path);
	kith_buf_free(&text);
	return 0;
}

static void write_file(struct kith_slice bytes)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

/* What the file gives; *why: how that ended, or empty. */
static struct kith_buf read_file(char why[static KITH_ERROR_TEXT_BYTES])
{
	struct kith_buf all = { .limit = PACKED_BYTES_MAX };
	struct unpack *u = unpack_open(path, NULL, NULL);
	struct kith_slice piece;

	assert_non_null(u);
	while (unpack_next(u, &piece)) {
		assert_in_range(piece.n, 1, UNPACK_PIECE_BYTES);
		kith_buf_put(&all, piece);
		assert_true(unpack_position(u) <= unpack_size(u));
	}
	*why = '\0';
	if (unpack_failed(u))
		snprintf(why, KITH_ERROR_TEXT_BYTES, "%s", unpack_failed(u));
	else
		assert_int_equal(unpack_position(u), unpack_size(u));
	assert_false(unpack_next(u, &piece));
	unpack_close(u);
	return all;
}

static void assert_file_gives(struct kith_slice want, const char *why)
{
	char got_why[KITH_ERROR_TEXT_BYTES];
	struct kith_buf got = read_file(got_why);

	assert_int_equal(got.n, want.n);
	if (want.n)
		assert_memory_equal(got.p, want.p, want.n);
	if (!strstr(got_why, why) || !*why != !*got_why)
		fail_msg("\"%s\" is not \"%s\"", got_why, why);
	kith_buf_free(&got);
}

/* Packs bytes into the file, as export does. */
static void pack(struct kith_slice bytes, enum target_packing packing)
{
	struct target *t = target_open(path, packing);

	assert_non_null(t);
	target_put(t, bytes);
	assert_true(target_finish(t));
}

static struct kith_buf file_bytes(void)
{
	struct kith_buf all = { .limit = PACKED_BYTES_MAX };
	FILE *f = fopen(path, "rb");
	uint8_t *at = kith_buf_reserve(&all, PACKED_BYTES_MAX);

	assert_non_null(f);
	assert_non_null(at);
	all.n = fread(at, 1, PACKED_BYTES_MAX, f);
	fclose(f);
	return all;
}

static void what_was_written_is_read_in_every_packing(void **state)
{
	(void)state;
	for (int packing = TARGET_PLAIN; packing <= TARGET_ZSTD; packing++) {
		pack(kith_bytes(&text), (enum target_packing)packing);
		assert_file_gives(kith_bytes(&text), "");
		pack(KITH_SLICE(""), (enum target_packing)packing);
		assert_file_gives(KITH_SLICE(""), "");
	}
}

static void parts_behind_each_other_are_one(void **state)
{
	static const uint8_t skippable[] = { 0x5a, 0x2a, 0x4d, 0x18,
					     3, 0, 0, 0, 'a', 'b', 'c' };
	struct kith_buf twice = { .limit = PACKED_BYTES_MAX };
	(void)state;

	for (int packing = TARGET_GZIP; packing <= TARGET_ZSTD; packing++) {
		struct kith_buf one;

		pack(KITH_SLICE("one, "), (enum target_packing)packing);
		one = file_bytes();
		kith_buf_reset(&twice);
		if (packing == TARGET_ZSTD)
			kith_buf_put(&twice, (struct kith_slice){ skippable,
						sizeof(skippable) });
		kith_buf_put(&twice, kith_bytes(&one));
		kith_buf_put(&twice, kith_bytes(&one));
		write_file(kith_bytes(&twice));
		assert_file_gives(KITH_SLICE("one, one, "), "");
		kith_buf_free(&one);
	}
	kith_buf_free(&twice);
}

static void zeros_behind_gzip_are_padding_and_other_bytes_are_not(void **state)
{
	struct kith_buf bytes;
	(void)state;

	pack(KITH_SLICE("text"), TARGET_GZIP);
	bytes = file_bytes();
	for (size_t i = 0; i < 1000; i++)
		kith_buf_byte(&bytes, 0);
	write_file(kith_bytes(&bytes));
	assert_file_gives(KITH_SLICE("text"), "");
	kith_buf_text(&bytes, "other");
	write_file(kith_bytes(&bytes));
	assert_file_gives(KITH_SLICE("text"), "something else follows");
	kith_buf_free(&bytes);
}

static void other_bytes_behind_zstd_are_told(void **state)
{
	struct kith_buf bytes;
	(void)state;

	pack(KITH_SLICE("text"), TARGET_ZSTD);
	bytes = file_bytes();
	kith_buf_text(&bytes, "other");
	write_file(kith_bytes(&bytes));
	assert_file_gives(KITH_SLICE("text"), "something else follows");
	kith_buf_free(&bytes);
}

/* Its front, and the byte where it ends. */
static void assert_cut(struct kith_slice packed, size_t n)
{
	char why[KITH_ERROR_TEXT_BYTES], want[KITH_ERROR_TEXT_BYTES];
	struct kith_buf got;

	write_file((struct kith_slice){ packed.p, n });
	got = read_file(why);
	assert_true(got.n <= text.n);
	if (got.n)
		assert_memory_equal(got.p, text.p, got.n);
	snprintf(want, sizeof(want), "it is cut off, at byte %zu", n);
	assert_string_equal(why, want);
	kith_buf_free(&got);
}

static void what_is_cut_off_is_given_up_to_there(void **state)
{
	(void)state;
	for (int packing = TARGET_GZIP; packing <= TARGET_ZSTD; packing++) {
		struct kith_buf packed;

		pack(kith_bytes(&text), (enum target_packing)packing);
		packed = file_bytes();
		for (size_t n = 4; n < 40; n++)
			assert_cut(kith_bytes(&packed), n);
		for (size_t n = 1; n < 40; n++)
			assert_cut(kith_bytes(&packed), packed.n - n);
		for (size_t n = 1; n < 10; n++)
			assert_cut(kith_bytes(&packed), packed.n * n / 10);
		kith_buf_free(&packed);
	}
}

static void a_flipped_bit_is_found(void **state)
{
	char why[KITH_ERROR_TEXT_BYTES];
	(void)state;

	for (int packing = TARGET_GZIP; packing <= TARGET_ZSTD; packing++) {
		struct kith_buf packed, got;

		pack(kith_bytes(&text), (enum target_packing)packing);
		packed = file_bytes();
		for (size_t n = 1; n < 10; n++) {
			packed.p[packed.n * n / 10] ^= 0x10;
			write_file(kith_bytes(&packed));
			got = read_file(why);
			assert_non_null(strstr(why, "damaged"));
			assert_non_null(strstr(why, "at byte"));
			kith_buf_free(&got);
			packed.p[packed.n * n / 10] ^= 0x10;
		}
		kith_buf_free(&packed);
	}
}

/* A frame that asks for a window of 2^log bytes. */
static void pack_with_window(int log)
{
	static uint8_t out[PACKED_BYTES_MAX];
	ZSTD_CCtx *c = ZSTD_createCCtx();
	ZSTD_inBuffer in = { text.p, text.n, 0 };
	ZSTD_outBuffer to = { out, sizeof(out), 0 };

	assert_non_null(c);
	ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, log);
	while (in.pos < in.size)
		assert_false(ZSTD_isError(ZSTD_compressStream2(
			c, &to, &in, ZSTD_e_continue)));
	assert_int_equal(ZSTD_compressStream2(c, &to, &in, ZSTD_e_end), 0);
	ZSTD_freeCCtx(c);
	write_file((struct kith_slice){ out, to.pos });
}

static void a_frame_may_not_ask_for_more_than_its_window(void **state)
{
	(void)state;
	pack_with_window(UNPACK_ZSTD_WINDOW_LOG);
	assert_file_gives(kith_bytes(&text), "");
	pack_with_window(UNPACK_ZSTD_WINDOW_LOG + 1);
	assert_file_gives(KITH_SLICE(""), "zstd -d --long=31");
	pack_with_window(HUGE_WINDOW_LOG);
	assert_file_gives(KITH_SLICE(""), "zstd -d --long=31");
}

static void a_folder_has_no_bytes(void **state)
{
	struct kith_slice piece;
	struct unpack *u = unpack_open("/", NULL, NULL);
	(void)state;

	assert_non_null(u);
	assert_false(unpack_next(u, &piece));
	assert_non_null(strstr(unpack_failed(u), "directory"));
	unpack_close(u);
	assert_null(unpack_open("/nowhere/at/all", NULL, NULL));
}

static void a_target_that_is_dropped_leaves_the_file_alone(void **state)
{
	char part[sizeof(path) + 8];
	struct target *t;
	(void)state;

	write_file(KITH_SLICE("before"));
	t = target_open(path, TARGET_GZIP);
	assert_non_null(t);
	target_put(t, kith_bytes(&text));
	snprintf(part, sizeof(part), "%s.part", path);
	assert_int_equal(access(part, F_OK), 0);
	target_drop(t);
	assert_int_not_equal(access(part, F_OK), 0);
	assert_file_gives(KITH_SLICE("before"), "");
}

static void a_target_tells_that_it_is_full(void **state)
{
	struct target *t = target_open("/dev/full", TARGET_PLAIN);
	(void)state;

	if (!t)
		skip();
	target_put(t, kith_bytes(&text));
	assert_true(target_failed(t));
	assert_false(target_finish(t));
	assert_null(target_open("/nowhere/at/all", TARGET_PLAIN));
}

static void names_say_how_to_pack(void **state)
{
	(void)state;
	assert_int_equal(target_packing_of("a.gz"), TARGET_GZIP);
	assert_int_equal(target_packing_of("a.gz.zst"), TARGET_ZSTD);
	assert_int_equal(target_packing_of("a.ndjson"), TARGET_PLAIN);
	assert_int_equal(target_packing_of("gz"), TARGET_PLAIN);
	assert_int_equal(target_packing_of(NULL), TARGET_PLAIN);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_read_in_every_packing),
		cmocka_unit_test(parts_behind_each_other_are_one),
		cmocka_unit_test(
			zeros_behind_gzip_are_padding_and_other_bytes_are_not),
		cmocka_unit_test(other_bytes_behind_zstd_are_told),
		cmocka_unit_test(what_is_cut_off_is_given_up_to_there),
		cmocka_unit_test(a_flipped_bit_is_found),
		cmocka_unit_test(a_frame_may_not_ask_for_more_than_its_window),
		cmocka_unit_test(a_folder_has_no_bytes),
		cmocka_unit_test(
			a_target_that_is_dropped_leaves_the_file_alone),
		cmocka_unit_test(a_target_tells_that_it_is_full),
		cmocka_unit_test(names_say_how_to_pack),
	};

	return cmocka_run_group_tests(tests, make_text, drop_text);
}
