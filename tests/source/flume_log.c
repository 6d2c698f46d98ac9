#include "src/source/flume_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

enum { LOG_BYTES_MAX = 1 << 20 };

static const size_t widths[] = { 4, 6, 8 };

static const struct kith_slice records[] = {
	{ (const uint8_t *)"{\"value\":{}}", 12 },
	{ (const uint8_t *)"\0\0\0", 3 },
	{ (const uint8_t *)"", 0 },
	{ (const uint8_t *)"{\"key\":\"%a\"}", 12 },
};

enum { RECORDS = sizeof(records) / sizeof(*records) };

static void put_number(struct kith_buf *log, uint64_t n, size_t width)
{
	while (width--)
		kith_buf_byte(log, (uint8_t)(n >> 8 * width));
}

static void put_record(struct kith_buf *log, struct kith_slice record,
		       size_t width)
{
	put_number(log, record.n, 4);
	kith_buf_put(log, record);
	put_number(log, record.n, 4);
	put_number(log, log->n + width, width);
}

static struct kith_buf write_log(size_t width)
{
	struct kith_buf log = { .limit = LOG_BYTES_MAX };

	for (size_t i = 0; i < RECORDS; i++)
		put_record(&log, records[i], width);
	return log;
}

/* The next step with data given in pieces; MORE: that was all. */
static enum flume_log_step step(struct flume_log *f, struct kith_slice *data,
			    struct kith_slice *in, size_t piece,
			    struct kith_slice *out)
{
	enum flume_log_step s;

	while ((s = flume_log_next(f, in, out)) == FLUME_LOG_MORE && data->n) {
		assert_int_equal(in->n, 0);
		in->p = data->p;
		in->n = data->n < piece ? data->n : piece;
		data->p += in->n;
		data->n -= in->n;
	}
	return s;
}

static void assert_records(struct kith_slice data, size_t piece)
{
	struct kith_slice in = { NULL, 0 }, out;
	struct flume_log f;

	flume_log_init(&f);
	assert_true(flume_log_is_whole(&f));
	for (size_t i = 0; i < RECORDS; i++) {
		assert_int_equal(step(&f, &data, &in, piece, &out),
				 i == 1 ? FLUME_LOG_ERASED : FLUME_LOG_RECORD);
		assert_true(kith_equal(out, records[i]));
	}
	assert_int_equal(step(&f, &data, &in, piece, &out), FLUME_LOG_MORE);
	assert_true(flume_log_is_whole(&f));
	flume_log_clear(&f);
}

static void records_come_in_pieces_of_every_size(void **state)
{
	(void)state;
	for (size_t w = 0; w < 3; w++) {
		struct kith_buf log = write_log(widths[w]);

		for (size_t piece = 1; piece <= log.n; piece++)
			assert_records(kith_bytes(&log), piece);
		kith_buf_free(&log);
	}
}

static void a_torn_end_is_seen_at_every_byte(void **state)
{
	struct kith_buf log = write_log(4);
	(void)state;

	for (size_t n = 0; n < log.n; n++) {
		struct kith_slice in = { log.p, n }, out;
		struct flume_log f;
		enum flume_log_step s;

		flume_log_init(&f);
		while ((s = flume_log_next(&f, &in, &out)) != FLUME_LOG_MORE)
			assert_int_not_equal(s, FLUME_LOG_BAD);
		assert_int_equal(flume_log_is_whole(&f), f.offset == n);
		assert_true(f.offset <= n);
		flume_log_clear(&f);
	}
	kith_buf_free(&log);
}

static void assert_bad(struct kith_slice in, uint64_t offset, const char *why)
{
	struct kith_slice out;
	struct flume_log f;
	enum flume_log_step s;

	flume_log_init(&f);
	do
		s = flume_log_next(&f, &in, &out);
	while (s == FLUME_LOG_RECORD || s == FLUME_LOG_ERASED);
	assert_int_equal(s, FLUME_LOG_BAD);
	assert_int_equal(f.offset, offset);
	assert_non_null(strstr(f.why, why));
	assert_false(flume_log_is_whole(&f));
	assert_int_equal(flume_log_next(&f, &in, &out), FLUME_LOG_BAD);
	flume_log_clear(&f);
}

static void a_damaged_frame_ends_it_and_what_came_before_is_given(void **state)
{
	struct kith_buf log = write_log(4);
	size_t second = 8 + records[0].n + 4;
	(void)state;

	log.p[second - 1] ^= 1;
	assert_bad(kith_bytes(&log), 0, "does not end");
	log.p[second - 1] ^= 1;
	log.p[4 + records[0].n + 3] ^= 1;
	assert_bad(kith_bytes(&log), 0, "lengths differ");
	log.p[4 + records[0].n + 3] ^= 1;
	log.p[second + 2] ^= 1;
	kith_buf_reset(&log);
	log.n = second + 400;
	assert_non_null(kith_buf_reserve(&log, 400));
	memset(log.p + second + 4, 'x', log.n - second - 4);
	assert_bad(kith_bytes(&log), second, "does not end");
	log.p[second] = 0xff;
	assert_bad(kith_bytes(&log), second, "longer than any");
	kith_buf_free(&log);
}

static void records_have_a_limit(void **state)
{
	static uint8_t large[FLUME_LOG_RECORD_BYTES_MAX + 1];
	struct kith_buf log = { .limit = LOG_BYTES_MAX };
	struct kith_slice in, out;
	struct flume_log f;
	(void)state;

	memset(large, 'x', sizeof(large));
	put_record(&log, (struct kith_slice){ large, sizeof(large) - 1 }, 4);
	in = kith_bytes(&log);
	flume_log_init(&f);
	assert_int_equal(flume_log_next(&f, &in, &out), FLUME_LOG_RECORD);
	assert_int_equal(out.n, FLUME_LOG_RECORD_BYTES_MAX);
	flume_log_clear(&f);
	kith_buf_reset(&log);
	put_record(&log, (struct kith_slice){ large, sizeof(large) }, 4);
	assert_bad(kith_bytes(&log), 0, "longer than any");
	kith_buf_free(&log);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(records_come_in_pieces_of_every_size),
		cmocka_unit_test(a_torn_end_is_seen_at_every_byte),
		cmocka_unit_test(
			a_damaged_frame_ends_it_and_what_came_before_is_given),
		cmocka_unit_test(records_have_a_limit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
