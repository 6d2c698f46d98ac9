#include <stdlib.h>

#include "src/depot/notes.h"
#include "tests/fuzz/replay.h"

/* Each line of the input: a kind, and the text that a line of it would have. */

enum { ROOM = 8 << 20 };

static void take_all(struct depot_notes *n, struct kith_slice lines)
{
	struct depot_lines *l = depot_lines_new(0);
	struct depot_line line;

	while (l && depot_lines_next(l, &lines, &line) == DEPOT_LINE)
		if (depot_notes_take(n, &line))
			abort();
	depot_lines_free(l);
}

/* What is said can be written, and read to say the same. */
static void write_and_take_again(struct depot_notes *n)
{
	struct depot_notes *again = depot_notes_new();
	struct kith_buf out = { .limit = ROOM };
	size_t count = 0;

	if (!again || depot_notes_turn(NULL, n, &out, &count) ||
	    count != depot_notes_lines(n))
		abort();
	take_all(again, kith_bytes(&out));
	kith_buf_reset(&out);
	if (depot_notes_turn(again, n, &out, &count) || count ||
	    depot_notes_lines(again) != depot_notes_lines(n))
		abort();
	/* And back to nothing, but for who was met. */
	kith_buf_reset(&out);
	depot_notes_free(again);
	again = depot_notes_new();
	if (!again || depot_notes_turn(n, again, &out, &count))
		abort();
	take_all(n, kith_bytes(&out));
	kith_buf_reset(&out);
	if (depot_notes_turn(n, again, &out, &count) || count)
		abort();
	depot_notes_free(again);
	kith_buf_free(&out);
}

static void read_range(struct kith_slice json)
{
	struct kith_buf one = { .limit = ROOM };
	struct depot_range range, again;

	if (!depot_range_decode(json, &range)) {
		depot_range_encode(&one, &range);
		if (depot_range_decode(kith_bytes(&one), &again) ||
		    !kith_feed_equal(&range.feed, &again.feed) ||
		    range.first != again.first || range.last != again.last)
			abort();
	}
	kith_buf_free(&one);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct depot_notes *n = depot_notes_new();
	struct kith_slice in = { data, size };

	if (!n)
		abort();
	while (in.n) {
		const uint8_t *end = memchr(in.p, '\n', in.n);
		size_t bytes = end ? (size_t)(end - in.p) : in.n;
		struct depot_line line = { .kind = (char)in.p[0] };

		if (bytes) {
			line.json = (struct kith_slice){ in.p + 1, bytes - 1 };
			read_range(line.json);
			(void)!depot_notes_take(n, &line);
		}
		in.p += bytes + (end != NULL);
		in.n -= bytes + (end != NULL);
	}
	write_and_take_again(n);
	depot_notes_free(n);
	return 0;
}
