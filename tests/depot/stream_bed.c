#include "tests/depot/stream_bed.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static const unsigned can_all = FOLDER_WRITES | FOLDER_APPENDS | FOLDER_LISTS;
const struct depot_writer_id stream_us = { "mzuhvlpymk6xo3epygfy5h4oea" };
const char stream_segment[] = "w/mzuhvlpymk6xo3epygfy5h4oea/000001.seg";

struct stream_bed *stream_bed_open(bool sealed)
{
	static const struct kith_seal_cost cheap = { 1, 8192 };
	struct depot_seal_for who = { KITH_SLICE("p"), &cheap, NULL, 0 };
	struct kith_buf json = { .limit = STREAM_ROOM };
	struct stream_bed *b = calloc(1, sizeof(*b));
	struct depot *d;

	assert_non_null(b);
	d = &b->depot;
	b->medium = medium_new();
	d->medium = d->folder = medium_folder(b->medium, can_all);
	if (sealed) {
		assert_int_equal(depot_seal_new(&who, &json, &d->seal, NULL),
				 KITH_OK);
		d->folder = depot_seal_folder(d->medium, d->seal);
		assert_non_null(d->folder);
	}
	kith_buf_free(&json);
	return b;
}

void stream_bed_close(struct stream_bed *b)
{
	if (b->depot.seal)
		folder_free(b->depot.folder);
	folder_free(b->depot.medium);
	depot_seal_free(b->depot.seal);
	kith_buf_free(&b->depot.info_text);
	medium_free(b->medium);
	free(b);
}

struct depot_writer *stream_write_from(struct stream_bed *b, uint64_t keep)
{
	struct depot_writer *w = NULL;

	assert_int_equal(depot_writer_new(&b->depot, &stream_us, DEPOT_SEGMENT,
					  1, keep, &w, NULL),
			 KITH_OK);
	return w;
}

struct kith_buf stream_json(uint32_t n)
{
	struct kith_buf json = { .limit = STREAM_ROOM };

	kith_buf_text(&json, "{\"n\":");
	kith_buf_uint(&json, n);
	kith_buf_text(&json, ",\"text\":\"");
	for (uint32_t i = 0; i < n * 7919 % (n % 50 ? 300 : 9000); i++)
		kith_buf_byte(&json, (uint8_t)('a' + (i + n) % 26));
	kith_buf_text(&json, "\"}");
	return json;
}

void stream_put(struct depot_writer *w, uint32_t from, uint32_t to)
{
	for (uint32_t n = from; n < to; n++) {
		struct kith_buf json = stream_json(n);

		assert_int_equal(depot_writer_put(w, DEPOT_MESSAGE,
						  kith_bytes(&json), NULL),
				 KITH_OK);
		kith_buf_free(&json);
	}
}

uint64_t stream_finish(struct depot_writer *w)
{
	uint64_t bytes = 0;

	assert_int_equal(depot_writer_finish(w, &bytes, NULL), KITH_OK);
	return bytes;
}

struct depot_reader *stream_read_from(struct stream_bed *b,
				      const struct depot_place *at)
{
	static const struct depot_place start = { .number = 1 };
	struct depot_reader *r = NULL;

	assert_int_equal(depot_reader_new(&b->depot, &stream_us, DEPOT_SEGMENT,
					  at ? at : &start, &r, NULL),
			 KITH_OK);
	return r;
}

enum depot_read stream_step(struct depot_reader *r, struct depot_line *line)
{
	enum depot_read what = DEPOT_READ_END;

	assert_int_equal(depot_reader_next(r, &what, line, NULL), KITH_OK);
	return what;
}

void stream_expect(struct depot_reader *r, uint32_t n)
{
	struct kith_buf json = stream_json(n);
	struct depot_line line;

	assert_int_equal(stream_step(r, &line), DEPOT_READ_LINE);
	assert_int_equal(line.kind, DEPOT_MESSAGE);
	assert_true(kith_equal(line.json, kith_bytes(&json)));
	kith_buf_free(&json);
}

void stream_expect_header(struct depot_reader *r)
{
	struct depot_line line;

	assert_int_equal(stream_step(r, &line), DEPOT_READ_LINE);
	assert_int_equal(line.kind, DEPOT_HEADER);
	assert_true(kith_equal(
		line.json,
		KITH_SLICE("{\"depot\":1,\"file\":\"segment\",\"number\":1,"
			   "\"writer\":\"mzuhvlpymk6xo3epygfy5h4oea\"}")));
}

void stream_expect_end(struct depot_reader *r)
{
	struct depot_line line;

	assert_int_equal(stream_step(r, &line), DEPOT_READ_END);
	assert_int_equal(stream_step(r, &line), DEPOT_READ_END);
}

struct depot_reader *stream_read_lines(struct stream_bed *b, uint32_t count)
{
	struct depot_reader *r = stream_read_from(b, NULL);

	stream_expect_header(r);
	for (uint32_t n = 0; n < count; n++)
		stream_expect(r, n);
	return r;
}
