/*
 * A depot in memory with one segment, plain or sealed: each test of streams
 * runs with both.  Failing is a failing test.
 */
#ifndef DEPOT_STREAM_BED_H
#define DEPOT_STREAM_BED_H

#include "src/depot/stream.h"
#include "tests/support/medium.h"

enum { STREAM_ROOM = 4 << 20, STREAM_MANY = 3000 };

struct stream_bed {
	struct medium *medium;
	struct depot depot;
};

/* Whose it is, and the name of its file. */
extern const struct depot_writer_id stream_us;
extern const char stream_segment[];

/* Gives; stream_bed_close. */
struct stream_bed *stream_bed_open(bool sealed);
void stream_bed_close(struct stream_bed *b);

/* A line of its own for each n, some of them long; given. */
struct kith_buf stream_json(uint32_t n);

struct depot_writer *stream_write_from(struct stream_bed *b, uint64_t keep);
void stream_put(struct depot_writer *w, uint32_t from, uint32_t to);
uint64_t stream_finish(struct depot_writer *w);

/* at: NULL for the beginning. */
struct depot_reader *stream_read_from(struct stream_bed *b,
				      const struct depot_place *at);
/* From the beginning: a header and so many lines. */
struct depot_reader *stream_read_lines(struct stream_bed *b, uint32_t count);
enum depot_read stream_step(struct depot_reader *r, struct depot_line *line);
void stream_expect(struct depot_reader *r, uint32_t n);
void stream_expect_header(struct depot_reader *r);
void stream_expect_end(struct depot_reader *r);

/* Each test for a plain depot and for a sealed one. */
#define EACH(check)                                                         \
	static void check##_plain(void **state)                             \
	{                                                                   \
		(void)state;                                                \
		check(false);                                               \
	}                                                                   \
	static void check##_sealed(void **state)                            \
	{                                                                   \
		(void)state;                                                \
		check(true);                                                \
	}
#define BOTH(check) \
	cmocka_unit_test(check##_plain), cmocka_unit_test(check##_sealed)

#endif
