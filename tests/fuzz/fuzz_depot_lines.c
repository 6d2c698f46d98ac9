#include <stdlib.h>

#include "src/depot/line.h"
#include "tests/fuzz/replay.h"

/* The first byte says in which pieces the rest is read. */

enum { ROOM = 4 << 20 };

/* A good line is written anew as the bytes that it was read from. */
static void check_line(struct kith_slice file, const struct depot_line *line)
{
	struct kith_buf again = { .limit = ROOM };
	struct kith_slice was = { file.p + line->offset,
				  (size_t)(line->next - line->offset) };

	depot_line_put(&again, line->kind, line->json);
	if (!kith_equal(kith_bytes(&again), was))
		abort();
	kith_buf_free(&again);
}

/* Steps come in order, and what lies between them is empty lines. */
static void note(struct kith_slice file, enum depot_step step,
		 const struct depot_line *line, uint64_t *end,
		 struct kith_buf *seen)
{
	if (line->offset < *end || line->next <= line->offset ||
	    line->next > file.n)
		abort();
	for (uint64_t i = *end; i < line->offset; i++)
		if (file.p[i] != '\n')
			abort();
	*end = line->next;
	if (step == DEPOT_LINE)
		check_line(file, line);
	kith_buf_byte(seen, step == DEPOT_LINE ? (uint8_t)line->kind : '!');
	kith_buf_uint(seen, line->offset);
	kith_buf_byte(seen, ' ');
	kith_buf_uint(seen, line->next);
}

static void read_all(struct kith_slice file, size_t piece,
		     struct kith_buf *seen)
{
	struct depot_lines *l = depot_lines_new(0);
	struct kith_slice in = file;
	struct depot_line line;
	enum depot_step step;
	uint64_t end = 0;

	while (l && in.n) {
		struct kith_slice part = { in.p, in.n < piece ? in.n : piece };

		in.p += part.n;
		in.n -= part.n;
		while ((step = depot_lines_next(l, &part, &line)) !=
		       DEPOT_MORE)
			note(file, step, &line, &end, seen);
	}
	while (l && (step = depot_lines_end(l, &line)) != DEPOT_MORE)
		note(file, step, &line, &end, seen);
	for (; end < file.n; end++)
		if (file.p[end] != '\n')
			abort();
	depot_lines_free(l);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf whole = { .limit = ROOM }, cut = { .limit = ROOM };
	struct kith_slice file;

	if (!size)
		return 0;
	file = (struct kith_slice){ data + 1, size - 1 };
	read_all(file, size, &whole);
	read_all(file, (size_t)data[0] + 1, &cut);
	if (!kith_equal(kith_bytes(&whole), kith_bytes(&cut)))
		abort();
	kith_buf_free(&whole);
	kith_buf_free(&cut);
	return 0;
}
