#include "src/depot/bundle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sodium.h>

#include <cmocka.h>

#include "feeds/message.h"
#include "tests/support/alloc.h"

enum {
	FILE_BYTES_MAX = 4 << 20,
	MESSAGES = 40,
	BLOB_BYTES = 2 * BUNDLE_PIECE_BYTES + 1234,
	DAMAGES = 1000,
	ITEMS_MAX = 100
};

static uint32_t next_random(uint32_t *x)
{
	*x = *x * 1664525 + 1013904223;
	return *x >> 8;
}

/* --- bundles -------------------------------------------------------------- */

static struct kith_feed_id feed_of(uint8_t n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, n, sizeof(id.b));
	return id;
}

static struct kith_blob_id blob_of(struct kith_slice bytes)
{
	struct kith_blob_id id;

	crypto_hash_sha256(id.b, bytes.p, bytes.n);
	return id;
}

/* The bundle layer looks into no message: any object will do. */
static void put_messages(struct bundle_writer *w, struct kith_buf *file,
			 unsigned count, size_t room)
{
	char value[30000], filler[20001] = "";
	uint32_t x = count;
	struct kith_slice some;

	for (unsigned i = 0; i < count; i++) {
		size_t n = next_random(&x) % room;

		memset(filler, 'a' + (int)(i % 26), n);
		filler[n] = 0;
		snprintf(value, sizeof(value), "{\"n\":%u,\"text\":\"%s\"}", i,
			 filler);
		bundle_put_message(w, kith_text(value));
		assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
		kith_buf_put(file, some);
	}
}

static void put_blob(struct bundle_writer *w, struct kith_buf *file,
		     struct kith_slice bytes)
{
	struct bundle_piece p = { .blob = blob_of(bytes), .size = bytes.n };
	struct kith_slice some;

	for (; p.at < p.size; p.at += p.bytes.n) {
		p.bytes.p = bytes.p + p.at;
		p.bytes.n = bytes.n - p.at;
		if (p.bytes.n > BUNDLE_PIECE_BYTES)
			p.bytes.n = BUNDLE_PIECE_BYTES;
		bundle_put_piece(w, &p);
		assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
		kith_buf_put(file, some);
	}
}

static struct kith_slice filler_of(size_t n)
{
	static uint8_t bytes[BLOB_BYTES];
	uint32_t x = 7;

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)next_random(&x);
	assert_true(n <= sizeof(bytes));
	return (struct kith_slice){ bytes, n };
}

/* One of each kind, in room for messages of less than so many bytes and with a
 * blob of so many. */
static void make(struct kith_buf *file, unsigned messages, size_t room,
		 size_t blob)
{
	struct bundle_writer *w = bundle_writer_new();
	struct depot_range one = { feed_of(1), 5, 9 };
	struct depot_range other = { feed_of(2), 1, 1 };
	struct kith_slice some;

	assert_non_null(w);
	bundle_put_have(w, &other);
	bundle_put_range(w, &one);
	bundle_put_range(w, &other);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(file, some);
	put_messages(w, file, messages, room);
	bundle_put_proof(w, KITH_SLICE("{\"a\":1}"), KITH_SLICE("{\"a\":2}"));
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(file, some);
	put_blob(w, file, filler_of(blob));
	bundle_put_end(w);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(file, some);
	bundle_writer_free(w);
	assert_int_equal(file->err, KITH_OK);
}

static struct kith_buf small(void)
{
	struct kith_buf file = { .limit = FILE_BYTES_MAX };

	make(&file, 3, 20, 5);
	return file;
}

static struct kith_buf large(void)
{
	struct kith_buf file = { .limit = FILE_BYTES_MAX };

	make(&file, MESSAGES, 20000, BLOB_BYTES);
	return file;
}

/* --- reading -------------------------------------------------------------- */

/* What was read: all items, printed one behind another. */
struct told {
	struct kith_buf text;
	size_t ends[ITEMS_MAX]; /* of items in text */
	size_t count, damages;
	bool ended, whole;
	const char *none;
};

static void tell_range(struct kith_buf *out, const struct depot_range *r)
{
	kith_buf_byte(out, r->feed.b[0]);
	kith_buf_uint(out, r->first);
	kith_buf_byte(out, '-');
	kith_buf_uint(out, r->last);
}

static void tell(struct told *t, const struct bundle_item *item)
{
	struct kith_buf *out = &t->text;

	kith_buf_byte(out, (uint8_t)('0' + item->kind));
	switch (item->kind) {
	case BUNDLE_HAVE:
	case BUNDLE_RANGE: tell_range(out, &item->range); break;
	case BUNDLE_PROOF:
		kith_buf_put(out, item->values[1]);
		kith_buf_put(out, item->values[0]);
		break;
	case BUNDLE_MESSAGE: kith_buf_put(out, item->values[0]); break;
	case BUNDLE_PIECE:
		kith_buf_uint(out, item->piece.at);
		kith_buf_put(out, item->piece.bytes);
		break;
	case BUNDLE_END: t->whole = item->end.whole; break;
	case BUNDLE_HEADER:
	case BUNDLE_OTHER: break;
	}
	assert_true(item->next > item->offset);
	assert_true(t->count < ITEMS_MAX);
	t->ends[t->count++] = out->n;
}

static bool take_step(struct told *t, enum bundle_step step,
		      const struct bundle_item *item)
{
	if (step == BUNDLE_ITEM)
		tell(t, item);
	t->damages += step == BUNDLE_DAMAGE;
	if (step == BUNDLE_NONE)
		t->none = item->why;
	return step == BUNDLE_ITEM || step == BUNDLE_DAMAGE;
}

/* Hands the bytes in by as many as step, each time from a place of their own,
 * so that reading past them is seen. */
static struct told read_by(struct kith_slice file, size_t step)
{
	struct told t = { .text.limit = 2 * FILE_BYTES_MAX };
	struct bundle_reader *r = bundle_reader_new();
	struct bundle_item item;

	assert_non_null(r);
	while (file.n && !t.none) {
		size_t n = file.n < step ? file.n : step;
		uint8_t *copy = malloc(n);
		struct kith_slice in = { copy, n };

		assert_non_null(copy);
		memcpy(copy, file.p, n);
		while (take_step(&t, bundle_next(r, &in, &item), &item))
			continue;
		assert_true(t.none || !in.n);
		free(copy);
		file.p += n;
		file.n -= n;
	}
	while (take_step(&t, bundle_finish(r, &item), &item))
		continue;
	t.ended = bundle_ended(r);
	bundle_reader_free(r);
	assert_int_equal(t.text.err, KITH_OK);
	return t;
}

static struct told read_all(const struct kith_buf *file)
{
	return read_by(kith_bytes(file), file->n + 1);
}

static void assert_same(const struct told *a, const struct told *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->text.n, b->text.n);
	assert_memory_equal(a->text.p, b->text.p, a->text.n);
}

static void assert_whole(const struct told *t)
{
	assert_null(t->none);
	assert_int_equal(t->damages, 0);
	assert_true(t->ended);
	assert_true(t->whole);
}

/* --- tests ---------------------------------------------------------------- */

static void what_is_put_comes_out_in_its_order(void **state)
{
	static const char want[] =
		"01\0021-1" "2\0015-9" "2\0021-1"
		"3{\"n\":0,\"text\":\"";
	struct kith_buf file = small();
	struct told t = read_all(&file);

	(void)state;
	assert_whole(&t);
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
	struct kith_buf file = small(), again = small();

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
	struct kith_buf file = small();
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
	struct kith_buf file = small(), more = large();
	struct told want = read_all(&file), got;

	(void)state;
	for (size_t step = 1; step <= file.n; step++) {
		got = read_by(kith_bytes(&file), step);
		assert_whole(&got);
		assert_same(&got, &want);
		kith_buf_free(&got.text);
	}
	kith_buf_free(&want.text);
	want = read_all(&more);
	got = read_by(kith_bytes(&more), 4097);
	assert_whole(&got);
	assert_same(&got, &want);
	kith_buf_free(&got.text);
	kith_buf_free(&want.text);
	kith_buf_free(&more);
	kith_buf_free(&file);
}

static void what_mail_does_to_lines_costs_nothing(void **state)
{
	struct kith_buf file = small(), mailed = { .limit = FILE_BYTES_MAX };
	struct told want = read_all(&file), got;

	(void)state;
	for (size_t i = 0; i < file.n; i++)
		if (file.p[i] == '\n')
			kith_buf_text(&mailed, "\r\n");
		else
			kith_buf_byte(&mailed, file.p[i]);
	kith_buf_text(&mailed, "\r\n \t\r\n");
	for (size_t step = 1; step < 100; step++) {
		got = read_by(kith_bytes(&mailed), step);
		assert_whole(&got);
		assert_same(&got, &want);
		kith_buf_free(&got.text);
	}
	kith_buf_free(&want.text);
	kith_buf_free(&mailed);
	kith_buf_free(&file);
}

static void the_last_line_feed_may_be_missing(void **state)
{
	struct kith_buf file = small();
	struct told t = read_by((struct kith_slice){ file.p, file.n - 1 }, 64);

	(void)state;
	assert_whole(&t);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

static void all_in_front_of_a_tear_is_good(void **state)
{
	struct kith_buf file = small();
	struct told want = read_all(&file), got;
	size_t lines = 0;

	(void)state;
	for (size_t n = 1; n < file.n; n++) {
		got = read_by((struct kith_slice){ file.p, n }, n);
		/* The last line feed may be missing. */
		lines += file.p[n] == '\n';
		assert_int_equal(got.count, lines);
		assert_int_equal(got.ended, n == file.n - 1);
		assert_int_equal(got.text.n,
				 lines ? want.ends[lines - 1] : 0);
		assert_memory_equal(got.text.p ? got.text.p : want.text.p,
				    want.text.p, got.text.n);
		kith_buf_free(&got.text);
	}
	kith_buf_free(&want.text);
	kith_buf_free(&file);
}

/* Some bytes are changed, zeroed, cut out, put in or doubled. */
static size_t damage(struct kith_buf *file, uint32_t *x)
{
	size_t at = next_random(x) % file->n;
	size_t n = 1 + next_random(x) % 5000;
	unsigned how = next_random(x) % 4;

	n = n < file->n - at ? n : file->n - at;
	if (how == 0) {
		file->p[at] ^= (uint8_t)(1U << next_random(x) % 8);
	} else if (how == 1) {
		memset(file->p + at, 0, n);
	} else if (how == 2) {
		memmove(file->p + at, file->p + at + n, file->n - at - n);
		file->n -= n;
	} else {
		assert_non_null(kith_buf_reserve(file, n));
		memmove(file->p + at + n, file->p + at, file->n - at);
		file->n += n;
	}
	return at;
}

static bool stands_in(const struct told *all, size_t from, struct kith_slice one)
{
	size_t start = from ? all->ends[from - 1] : 0;

	return all->ends[from] - start == one.n &&
	       !memcmp(all->text.p + start, one.p, one.n);
}

/* How many items of all are missing in got, which has no others. */
static size_t count_missing(const struct told *all, const struct told *got)
{
	size_t at = 0, found = 0, start = 0;

	for (size_t i = 0; i < got->count; i++) {
		struct kith_slice one = { got->text.p + start,
					  got->ends[i] - start };
		size_t next = 0;

		/* What was doubled stands behind itself once more. */
		while (next < all->count && !stands_in(all, next, one))
			next++;
		assert_true(next < all->count);
		found += next >= at;
		at = next >= at ? next + 1 : at;
		start = got->ends[i];
	}
	return all->count - found;
}

static void a_thousand_damages_cost_only_what_they_hit(void **state)
{
	struct kith_buf file = large();
	struct told want = read_all(&file), got;
	uint32_t x = 1;

	(void)state;
	for (int i = 0; i < DAMAGES; i++) {
		struct kith_buf bad = { .limit = 2 * FILE_BYTES_MAX };

		kith_buf_put(&bad, kith_bytes(&file));
		damage(&bad, &x);
		got = read_by(kith_bytes(&bad), 1 + next_random(&x) % 70000);
		if (bad.n != file.n || memcmp(bad.p, file.p, file.n) != 0) {
			size_t missing = count_missing(&want, &got);

			/* 5000 bytes lie in one line or in few. */
			assert_true(missing <= 12);
			assert_false(got.whole && !got.damages && missing);
		}
		kith_buf_free(&got.text);
		kith_buf_free(&bad);
	}
	kith_buf_free(&want.text);
	kith_buf_free(&file);
}

static void a_line_that_is_missing_shows_at_the_end(void **state)
{
	struct kith_buf file = small();
	const uint8_t *line = memmem(file.p, file.n, "\nm ", 3);
	const uint8_t *next = memchr(line + 1, '\n',
				     (size_t)(file.p + file.n - line - 1));
	size_t at = (size_t)(line - file.p), n = (size_t)(next - line);
	struct told t;

	(void)state;
	memmove(file.p + at, file.p + at + n, file.n - at - n);
	file.n -= n;
	t = read_all(&file);
	assert_int_equal(t.damages, 0);
	assert_true(t.ended);
	assert_false(t.whole);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

static void what_follows_the_end_is_damage_told_once(void **state)
{
	struct kith_buf file = small();
	struct told t;

	(void)state;
	for (size_t step = 1; step < 50; step += 7) {
		kith_buf_text(&file, "more\nand more\n");
		t = read_by(kith_bytes(&file), step);
		assert_int_equal(t.damages, 1);
		assert_true(t.whole);
		kith_buf_free(&t.text);
	}
	kith_buf_free(&file);
}

static void assert_none(const struct kith_buf *file, const char *why)
{
	struct told t = read_all(file);

	assert_non_null(t.none);
	if (!strstr(t.none, why))
		fail_msg("\"%s\" does not say: %s", t.none, why);
	assert_int_equal(t.count, 0);
	kith_buf_free(&t.text);
}

static void what_is_no_bundle_is_refused_with_the_reason(void **state)
{
	struct kith_buf file = { .limit = FILE_BYTES_MAX };

	(void)state;
	assert_none(&file, "empty");
	kith_buf_text(&file, "{\"previous\":null}\n");
	assert_none(&file, "no line");
	kith_buf_reset(&file);
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"x\"}"));
	assert_none(&file, "another kind");
	kith_buf_reset(&file);
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"kith bundle\","
					      "\"version\":2}"));
	assert_none(&file, "newer kith");
	kith_buf_reset(&file);
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"kith bundle\"}"));
	assert_none(&file, "another kind");
	kith_buf_free(&file);
}

static void no_more_is_read_of_what_is_no_bundle(void **state)
{
	static uint8_t zeros[64 * 1024];
	struct bundle_reader *r = bundle_reader_new();
	struct bundle_item item;
	enum bundle_step step = BUNDLE_MORE;
	size_t given = 0;

	(void)state;
	while (step == BUNDLE_MORE) {
		struct kith_slice in = { zeros, sizeof(zeros) };

		step = bundle_next(r, &in, &item);
		given += sizeof(zeros);
		assert_true(given <= BUNDLE_LOOK_BYTES + 2 * sizeof(zeros));
	}
	assert_int_equal(step, BUNDLE_NONE);
	bundle_reader_free(r);
}

static void kinds_of_later_versions_are_skipped(void **state)
{
	struct kith_buf file = { .limit = FILE_BYTES_MAX };
	struct told t;

	(void)state;
	depot_line_put(&file, 'h', KITH_SLICE("{\"format\":\"kith bundle\","
					      "\"version\":1,\"new\":[]}"));
	depot_line_put(&file, 'q', KITH_SLICE("{}"));
	t = read_all(&file);
	assert_null(t.none);
	assert_int_equal(t.count, 2);
	assert_int_equal(t.damages, 0);
	assert_false(t.ended);
	kith_buf_free(&t.text);
	kith_buf_free(&file);
}

static void lines_that_are_not_what_their_kind_asks_are_damage(void **state)
{
#define BLOB "{\"blob\":\"&47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=.sha256\","
	static const struct {
		char kind;
		const char *json;
	} bad[] = {
		{ 'r', "{}" },
		{ 'r', "{\"feed\":" },
		{ 'r', "[]" },
		{ 'a', "7" },
		{ 'f', "{\"proof\":[{}]}" },
		{ 'f', "{\"proof\":[{},{},{}]}" },
		{ 'f', "{\"proof\":[{},2]}" },
		{ 'f', "{\"proof\":7}" },
		{ 'f', "{\"proof\":[{},{}" },
		{ 'b', "{\"blob\":\"&x\",\"at\":0,\"size\":1,"
		       "\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"YQ=\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"Y!==\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1,\"bytes\":\"YWI=\"}" },
		{ 'b', BLOB "\"at\":2,\"size\":1,\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":-1,\"size\":1,\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":0,\"size\":1e99,\"bytes\":\"YQ==\"}" },
		{ 'b', BLOB "\"at\":0,\"bytes\":\"YQ==\"}" },
		{ 'e', "{}" },
		{ 'e', "{\"messages\":0}" },
	};
#undef BLOB
	struct kith_buf file = { .limit = FILE_BYTES_MAX };
	struct told t;

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		kith_buf_reset(&file);
		depot_line_put(&file, 'h',
			       KITH_SLICE("{\"format\":\"kith bundle\","
					  "\"version\":1}"));
		depot_line_put(&file, bad[i].kind, kith_text(bad[i].json));
		depot_line_put(&file, 'm', KITH_SLICE("{}"));
		t = read_all(&file);
		assert_int_equal(t.damages, 1);
		assert_int_equal(t.count, 2);
		kith_buf_free(&t.text);
	}
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
	struct kith_buf file = { .limit = FILE_BYTES_MAX };
	struct bundle_writer *w = bundle_writer_new();
	struct depot_range range = { feed_of(255), KITH_SEQUENCE_MAX - 1,
				     KITH_SEQUENCE_MAX };
	struct kith_slice some;
	size_t blobs[] = { 1, 2, 3, BUNDLE_PIECE_BYTES - 1, BUNDLE_PIECE_BYTES,
			   BUNDLE_PIECE_BYTES + 1, BLOB_BYTES };

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
	struct kith_buf file = small();

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
		cmocka_unit_test(the_last_line_has_the_hash_of_all_before_it),
		cmocka_unit_test(pieces_of_any_size_make_no_difference),
		cmocka_unit_test(what_mail_does_to_lines_costs_nothing),
		cmocka_unit_test(the_last_line_feed_may_be_missing),
		cmocka_unit_test(all_in_front_of_a_tear_is_good),
		cmocka_unit_test(a_thousand_damages_cost_only_what_they_hit),
		cmocka_unit_test(a_line_that_is_missing_shows_at_the_end),
		cmocka_unit_test(what_follows_the_end_is_damage_told_once),
		cmocka_unit_test(what_is_no_bundle_is_refused_with_the_reason),
		cmocka_unit_test(no_more_is_read_of_what_is_no_bundle),
		cmocka_unit_test(kinds_of_later_versions_are_skipped),
		cmocka_unit_test(lines_that_are_not_what_their_kind_asks_are_damage),
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
