#include <stdlib.h>

#include "src/wire/capture.h"
#include "tests/fuzz/replay.h"

enum { ROOM = 1 << 20, SIZE_MAX_OF_INPUT = 1 << 16 };

static bool same_id(const struct capture_line *a, const struct capture_line *b)
{
	return a->has_id == b->has_id &&
	       (!a->has_id || kith_feed_equal(&a->id, &b->id));
}

static bool same_head(const struct capture_line *a,
		      const struct capture_line *b)
{
	return a->version == b->version && a->own == b->own &&
	       a->feeds == b->feeds && a->pair == b->pair && same_id(a, b);
}

static bool same_said(const struct capture_line *a,
		      const struct capture_line *b)
{
	return a->message == b->message && a->type == b->type &&
	       a->stream == b->stream && a->end == b->end &&
	       a->request == b->request && a->bytes == b->bytes &&
	       a->has_body == b->has_body && kith_equal(a->body, b->body);
}

/* Texts are cut when they are written: those of a, whole, begin as b's. */
static bool same(const struct capture_line *a, const struct capture_line *b)
{
	return a->t_us == b->t_us && a->layer == b->layer &&
	       a->event == b->event && a->conn == b->conn && a->out == b->out &&
	       b->at.n <= a->at.n && b->why.n <= a->why.n && same_head(a, b) &&
	       same_said(a, b);
}

/* A line that reads is written so that it reads as the same. */
static void take_line(struct kith_slice text)
{
	struct kith_buf room = { .limit = ROOM }, again = { .limit = ROOM };
	struct kith_buf written = { .limit = ROOM };
	struct capture_line line, copy;
	struct kith_error e = { 0 };

	if (capture_decode(text, &room, &line, &e)) {
		if (!e.code || e.offset > text.n)
			abort();
		goto out;
	}
	capture_encode(&line, &written);
	if (written.err || written.p[written.n - 1] != '\n' ||
	    memchr(written.p, '\n', written.n - 1))
		abort();
	if (capture_decode((struct kith_slice){ written.p, written.n - 1 },
			   &again, &copy, NULL) ||
	    !same(&line, &copy))
		abort();
out:
	kith_buf_free(&room);
	kith_buf_free(&again);
	kith_buf_free(&written);
}

static void take_keys(struct kith_slice text)
{
	struct kith_buf written = { .limit = ROOM };
	struct capture_keys keys, copy;

	if (!capture_keys_decode(text, &keys))
		return;
	capture_keys_encode(&keys, &written);
	if (written.n != CAPTURE_KEYS_BYTES ||
	    !capture_keys_decode(
		    (struct kith_slice){ written.p, written.n - 1 }, &copy) ||
	    memcmp(&keys, &copy, sizeof(keys)) != 0)
		abort();
	kith_buf_free(&written);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice rest = { data, size }, line;
	const uint8_t *end;

	if (size > SIZE_MAX_OF_INPUT)
		return 0;
	while (rest.n) {
		end = memchr(rest.p, '\n', rest.n);
		line = (struct kith_slice){
			rest.p, end ? (size_t)(end - rest.p) : rest.n
		};
		take_line(line);
		take_keys(line);
		rest.p += line.n + (end != NULL);
		rest.n -= line.n + (end != NULL);
	}
	return 0;
}
