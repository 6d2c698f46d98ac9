/* Bundles: what is put comes out, and blobs are put together. */
#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/message.h"
#include "tests/depot/bundle_bed.h"
#include "tests/support/alloc.h"

static void what_is_put_comes_out_in_its_order(void **state)
{
	static const char want[] =
		"01\0021-1" "2\0015-9" "2\0021-1"
		"3{\"n\":0,\"text\":\"";
	struct kith_buf file = bundle_small();
	struct told t = told_all(&file);

	(void)state;
	assert_told_whole(&t);
	assert_int_equal(t.count, 1 + 3 + 3 + 1 + 1 + 1);
	assert_memory_equal(t.text.p, want, sizeof(want) - 1);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

static void its_bytes_are_these(void **state)
{
	static const char want[] =
		"h a34fad30 36 {\"format\":\"kith bundle\",\"version\":1}\n";
	static const char hello[] = "\"at\":0,\"size\":5,\"bytes\":\"";
	struct kith_buf file = bundle_small(), again = bundle_small();

	(void)state;
	assert_memory_equal(file.p, want, sizeof(want) - 1);
	assert_non_null(memmem(file.p, file.n, hello, sizeof(hello) - 1));
	assert_int_equal(file.n, again.n);
	assert_memory_equal(file.p, again.p, file.n);
	kith_buf_free(&again);
	kith_buf_free(&file);
}

static void the_last_line_has_the_hash_of_all_before_it(void **state)
{
	struct kith_buf file = bundle_small();
	uint8_t sha256[crypto_hash_sha256_BYTES];
	char hex[2 * sizeof(sha256) + 1];
	size_t at = file.n - 1;

	(void)state;
	while (file.p[at - 1] != '\n')
		at--;
	crypto_hash_sha256(sha256, file.p, at);
	sodium_bin2hex(hex, sizeof(hex), sha256, sizeof(sha256));
	assert_non_null(memmem(file.p + at, file.n - at, hex, sizeof(hex) - 1));
	kith_buf_free(&file);
}

static void pieces_of_any_size_make_no_difference(void **state)
{
	struct kith_buf file = bundle_small(), more = bundle_large();
	struct told want = told_all(&file), got;

	(void)state;
	for (size_t step = 1; step <= file.n; step++) {
		got = told_by(kith_bytes(&file), step);
		assert_told_whole(&got);
		assert_told_same(&got, &want);
		kith_buf_free(&got.text);
	}
	kith_buf_free(&want.text);
	want = told_all(&more);
	got = told_by(kith_bytes(&more), 4097);
	assert_told_whole(&got);
	assert_told_same(&got, &want);
	kith_buf_free(&got.text);
	kith_buf_free(&want.text);
	kith_buf_free(&more);
	kith_buf_free(&file);
}

static void what_mail_does_to_lines_costs_nothing(void **state)
{
	struct kith_buf mailed = { .limit = BUNDLE_FILE_BYTES_MAX };
	struct kith_buf file = bundle_small();
	struct told want = told_all(&file), got;

	(void)state;
	for (size_t i = 0; i < file.n; i++)
		if (file.p[i] == '\n')
			kith_buf_text(&mailed, "\r\n");
		else
			kith_buf_byte(&mailed, file.p[i]);
	kith_buf_text(&mailed, "\r\n \t\r\n");
	for (size_t step = 1; step < 100; step++) {
		got = told_by(kith_bytes(&mailed), step);
		assert_told_whole(&got);
		assert_told_same(&got, &want);
		kith_buf_free(&got.text);
	}
	kith_buf_free(&want.text);
	kith_buf_free(&mailed);
	kith_buf_free(&file);
}

static void the_last_line_feed_may_be_missing(void **state)
{
	struct kith_buf file = bundle_small();
	struct told t = told_by((struct kith_slice){ file.p, file.n - 1 }, 64);

	(void)state;
	assert_told_whole(&t);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

static void kinds_of_later_versions_are_skipped(void **state)
{
	struct kith_buf file = { .limit = BUNDLE_FILE_BYTES_MAX };
	struct told t;

	(void)state;
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"kith bundle\","
					      "\"version\":1,\"new\":[]}"));
	depot_line_put(&file, 'q', KITH_SLICE("{}"));
	t = told_all(&file);
	assert_null(t.none);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.damages, 0);
	assert_false(t.ended);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

/* --- blobs ---------------------------------------------------------------- */

static struct bundle_piece piece_of(struct kith_slice blob, size_t at, size_t n)
{
	return (struct bundle_piece){ .blob = blob_of(blob), .at = at,
				      .size = blob.n,
				      .bytes = { blob.p + at, n } };
}

static void take(struct bundle_blob *b, const struct bundle_piece *p,
		 enum bundle_blob_step want)
{
	assert_int_equal(bundle_blob_take(b, p), want);
}

static void a_blob_is_put_together_from_its_pieces(void **state)
{
	struct bundle_blob b = { .bytes.limit = 10 };
	struct kith_slice blob = KITH_SLICE("0123456789");
	struct bundle_piece one = piece_of(blob, 0, 4);
	struct bundle_piece two = piece_of(blob, 4, 6);

	(void)state;
	take(&b, &one, BUNDLE_BLOB_MORE);
	assert_true(bundle_blob_is_torn(&b, NULL));
	assert_false(bundle_blob_is_torn(&b, &two.blob));
	take(&b, &two, BUNDLE_BLOB_WHOLE);
	assert_true(kith_equal(kith_bytes(&b.bytes), blob));
	assert_false(bundle_blob_is_torn(&b, NULL));
	/* Once more from its beginning. */
	take(&b, &one, BUNDLE_BLOB_MORE);
	take(&b, &two, BUNDLE_BLOB_WHOLE);
	bundle_blob_clear(&b);
}

static void a_blob_that_lacks_a_piece_is_told_once(void **state)
{
	struct bundle_blob b = { .bytes.limit = 10 };
	struct kith_slice blob = KITH_SLICE("0123456789");
	struct kith_slice next = KITH_SLICE("next");
	struct bundle_piece first = piece_of(blob, 0, 2);
	struct bundle_piece third = piece_of(blob, 4, 2);
	struct bundle_piece fourth = piece_of(blob, 6, 4);
	struct bundle_piece other = piece_of(next, 0, 4);

	(void)state;
	take(&b, &first, BUNDLE_BLOB_MORE);
	take(&b, &third, BUNDLE_BLOB_TORN);
	take(&b, &fourth, BUNDLE_BLOB_MORE);
	assert_false(bundle_blob_is_torn(&b, NULL));
	take(&b, &third, BUNDLE_BLOB_MORE);
	take(&b, &other, BUNDLE_BLOB_WHOLE);
	take(&b, &third, BUNDLE_BLOB_TORN);
	/* The same blob with another size. */
	take(&b, &first, BUNDLE_BLOB_MORE);
	third.at = 2;
	third.size = 9;
	take(&b, &third, BUNDLE_BLOB_TORN);
	bundle_blob_clear(&b);
}

static void a_blob_over_the_limit_takes_no_memory(void **state)
{
	struct bundle_blob b = { .bytes.limit = 9 };
	struct kith_slice blob = KITH_SLICE("0123456789");
	struct bundle_piece one = piece_of(blob, 0, 4);
	struct bundle_piece two = piece_of(blob, 4, 6);

	(void)state;
	take(&b, &one, BUNDLE_BLOB_TOO_BIG);
	take(&b, &two, BUNDLE_BLOB_MORE);
	assert_null(b.bytes.p);
	one.size = UINT64_MAX;
	take(&b, &one, BUNDLE_BLOB_TOO_BIG);
	bundle_blob_clear(&b);
}

static void a_blob_that_is_another_is_told(void **state)
{
	struct bundle_blob b = { .bytes.limit = 10 };
	struct bundle_piece p = piece_of(KITH_SLICE("0123456789"), 0, 10);

	(void)state;
	p.bytes = KITH_SLICE("012345678_");
	take(&b, &p, BUNDLE_BLOB_FALSE);
	assert_int_equal(b.bytes.n, 0);
	bundle_blob_clear(&b);
}

/* --- sizes and memory ----------------------------------------------------- */

static void the_sizes_that_are_foretold_are_enough(void **state)
{
	struct kith_buf file = { .limit = BUNDLE_FILE_BYTES_MAX };
	struct bundle_writer *w = bundle_writer_new();
	struct depot_range range = { feed_of(255), KITH_SEQUENCE_MAX - 1,
				     KITH_SEQUENCE_MAX };
	struct kith_slice some;
	size_t blobs[] = { 1, 2, 3, BUNDLE_PIECE_BYTES - 1, BUNDLE_PIECE_BYTES,
			   BUNDLE_PIECE_BYTES + 1, BUNDLE_BLOB_BYTES };

	(void)state;
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	bundle_put_range(w, &range);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	assert_true(some.n <= bundle_range_bytes());
	bundle_put_message(w, filler_of(0));
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	assert_true(some.n <= bundle_message_bytes(0));
	for (size_t i = 0; i < sizeof(blobs) / sizeof(*blobs); i++) {
		file.n = 0;
		put_blob(w, &file, filler_of(blobs[i]));
		assert_true(file.n <= bundle_blob_bytes(blobs[i]));
	}
	bundle_put_end(w);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	assert_true(some.n + sizeof("h a34fad30 36 {\"format\":\"kith bundle\","
				    "\"version\":1}\n") <=
		    bundle_frame_bytes());
	bundle_writer_free(w);
	kith_buf_free(&file);
}

static void what_fits_no_line_is_refused_at_the_end(void **state)
{
	static uint8_t long_text[DEPOT_LINE_JSON_MAX + 1];
	struct bundle_writer *w = bundle_writer_new();
	struct kith_slice some;

	(void)state;
	bundle_put_message(w, (struct kith_slice){ long_text,
						   sizeof(long_text) });
	assert_int_equal(bundle_writer_take(w, &some), KITH_ETOOBIG);
	bundle_put_end(w);
	assert_int_equal(bundle_writer_take(w, &some), KITH_ETOOBIG);
	bundle_writer_free(w);
	w = bundle_writer_new();
	bundle_put_message(w, KITH_SLICE("{\n}"));
	assert_int_equal(bundle_writer_take(w, &some), KITH_EFORMAT);
	bundle_writer_free(w);
}

/* Writes and reads a little; false: memory failed, and was said to. */
static bool write_and_read(const struct kith_buf *file)
{
	struct bundle_writer *w = bundle_writer_new();
	struct bundle_reader *r = bundle_reader_new();
	struct bundle_blob b = { .bytes.limit = 10 };
	struct bundle_piece p = piece_of(KITH_SLICE("hello"), 0, 5);
	struct kith_slice some, in = kith_bytes(file);
	struct bundle_item item;
	bool fine = w && r;

	if (w) {
		bundle_put_piece(w, &p);
		bundle_put_end(w);
		fine = !bundle_writer_take(w, &some) && fine;
	}
	while (r && bundle_next(r, &in, &item) == BUNDLE_ITEM)
		continue;
	fine = bundle_blob_take(&b, &p) == BUNDLE_BLOB_WHOLE && fine;
	fine = r && bundle_ended(r) && fine;
	bundle_blob_clear(&b);
	bundle_writer_free(w);
	bundle_reader_free(r);
	return fine;
}

static void each_allocation_may_fail(void **state)
{
	struct kith_buf file = bundle_small();

	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++)
		(void)write_and_read(&file);
	alloc_reset();
	assert_true(write_and_read(&file));
	kith_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_put_comes_out_in_its_order),
		cmocka_unit_test(its_bytes_are_these),
		cmocka_unit_test(
			the_last_line_has_the_hash_of_all_before_it),
		cmocka_unit_test(pieces_of_any_size_make_no_difference),
		cmocka_unit_test(what_mail_does_to_lines_costs_nothing),
		cmocka_unit_test(the_last_line_feed_may_be_missing),
		cmocka_unit_test(kinds_of_later_versions_are_skipped),
		cmocka_unit_test(a_blob_is_put_together_from_its_pieces),
		cmocka_unit_test(a_blob_that_lacks_a_piece_is_told_once),
		cmocka_unit_test(a_blob_over_the_limit_takes_no_memory),
		cmocka_unit_test(a_blob_that_is_another_is_told),
		cmocka_unit_test(the_sizes_that_are_foretold_are_enough),
		cmocka_unit_test(what_fits_no_line_is_refused_at_the_end),
		cmocka_unit_test(each_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
