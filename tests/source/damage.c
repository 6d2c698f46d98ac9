/* Files of sources in which bytes were changed, cut off, moved and doubled: no
 * walk over them crashes, hangs, or gives what was never there.
 *
 * DAMAGES, as an environment variable, is how many of each kind; a failure says
 * by which number it can be made again. */
#include "src/source/source.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include <zlib.h>

#include "src/depot/bundle.h"
#include "tests/support/author.h"

enum { AUTHORS = 3, MESSAGES = 12, ALL = AUTHORS * MESSAGES,
       FILE_BYTES_MAX = 256 * 1024, DAMAGES = 60, STEPS_MAX = 100000 };

static struct author authors[AUTHORS];
static char path[] = "/tmp/kith-damage-XXXXXX";
static uint64_t dice;

static uint32_t roll(uint32_t sides)
{
	dice = dice * UINT64_C(6364136223846793005) + 1442695040888963407;
	return (uint32_t)(dice >> 33) % sides;
}

static int make_authors(void **state)
{
	int fd = mkstemp(path);
	(void)state;

	assert_true(fd >= 0);
	close(fd);
	for (size_t i = 0; i < AUTHORS; i++) {
		author_init(&authors[i], (uint8_t)(i + 1));
		author_post(&authors[i], MESSAGES);
	}
	return 0;
}

static int drop_authors(void **state)
{
	(void)state;
	for (size_t i = 0; i < AUTHORS; i++)
		author_clear(&authors[i]);
	unlink(path);
	return 0;
}

/* --- whole files ---------------------------------------------------------- */

static void make_lines(struct kith_buf *out)
{
	for (uint64_t n = 1; n <= MESSAGES; n++)
		for (size_t a = 0; a < AUTHORS; a++) {
			kith_buf_put(out, author_message(&authors[a], n));
			kith_buf_byte(out, '\n');
		}
}

static void make_bundle(struct kith_buf *out)
{
	struct bundle_writer *w = bundle_writer_new();
	struct kith_slice some;

	assert_non_null(w);
	for (size_t a = 0; a < AUTHORS; a++)
		bundle_put_range(w, &(struct depot_range){
			.feed = *author_id(&authors[a]), .first = 1,
			.last = MESSAGES });
	for (size_t a = 0; a < AUTHORS; a++)
		for (uint64_t n = 1; n <= MESSAGES; n++)
			bundle_put_message(w, author_message(&authors[a], n));
	bundle_put_end(w);
	assert_int_equal(bundle_writer_take(w, &some), KITH_OK);
	kith_buf_put(out, some);
	bundle_writer_free(w);
}

static void make_packed(struct kith_buf *out)
{
	struct kith_buf plain = { .limit = FILE_BYTES_MAX };
	z_stream z = { .next_in = NULL };

	make_lines(&plain);
	assert_int_equal(deflateInit2(&z, 6, Z_DEFLATED, 16 + MAX_WBITS, 8,
				      Z_DEFAULT_STRATEGY), Z_OK);
	z.next_in = plain.p;
	z.avail_in = (uInt)plain.n;
	z.next_out = kith_buf_reserve(out, FILE_BYTES_MAX / 2);
	z.avail_out = FILE_BYTES_MAX / 2;
	assert_int_equal(deflate(&z, Z_FINISH), Z_STREAM_END);
	out->n = z.total_out;
	deflateEnd(&z);
	kith_buf_free(&plain);
}

/* --- damage --------------------------------------------------------------- */

static void flip(struct kith_buf *b)
{
	b->p[roll((uint32_t)b->n)] ^= (uint8_t)(1 << roll(8));
}

static void cut(struct kith_buf *b)
{
	b->n = roll((uint32_t)b->n);
}

static void wipe(struct kith_buf *b)
{
	size_t at = roll((uint32_t)b->n), n = roll(200);

	memset(b->p + at, 0, n < b->n - at ? n : b->n - at);
}

static void take_out(struct kith_buf *b)
{
	size_t at = roll((uint32_t)b->n), n = roll(2000);

	n = n < b->n - at ? n : b->n - at;
	memmove(b->p + at, b->p + at + n, b->n - at - n);
	b->n -= n;
}

static void swap(struct kith_buf *b)
{
	size_t half = b->n / 2, n = roll((uint32_t)half);

	for (size_t i = 0; i < n; i++) {
		uint8_t byte = b->p[i];

		b->p[i] = b->p[half + i];
		b->p[half + i] = byte;
	}
}

static void append_noise(struct kith_buf *b)
{
	for (uint32_t n = roll(300); n; n--)
		kith_buf_byte(b, (uint8_t)roll(256));
}

static void hurt(struct kith_buf *b)
{
	static void (*const ways[])(struct kith_buf *b) = {
		flip, cut, wipe, take_out, swap, append_noise,
	};

	for (uint32_t n = 1 + roll(4); n && b->n > 2; n--)
		ways[roll(sizeof(ways) / sizeof(*ways))](b);
}

static void write_file(struct kith_slice bytes)
{
	FILE *f = fopen(path, "wb");

	assert_non_null(f);
	assert_int_equal(fwrite(bytes.p, 1, bytes.n, f), bytes.n);
	assert_int_equal(fclose(f), 0);
}

/* --- what is read of it --------------------------------------------------- */

struct read {
	uint64_t whole; /* messages as the authors wrote them */
	uint64_t others, findings;
	enum kith_err err;
};

static bool was_written(struct kith_slice value)
{
	for (size_t a = 0; a < AUTHORS; a++)
		for (uint64_t n = 1; n <= MESSAGES; n++)
			if (kith_equal(author_message(&authors[a], n), value))
				return true;
	return false;
}

static void walk(struct source *s, struct read *r)
{
	enum source_step step = SOURCE_MESSAGE;
	unsigned steps = 0;

	*r = (struct read){ .whole = 0 };
	while (!r->err && step != SOURCE_END) {
		struct source_message m;
		struct source_finding f;

		assert_true(steps++ < STEPS_MAX);
		r->err = source_next(s, &step, &m, &f, NULL);
		if (!r->err && step == SOURCE_MESSAGE) {
			r->whole += was_written(m.value);
			r->others += !was_written(m.value);
		}
		if (!r->err && step == SOURCE_FINDING) {
			assert_non_null(f.text);
			assert_true(!f.next || f.next >= f.at);
			r->findings++;
		}
	}
}

static bool count_feeds(void *arg, const struct source_feed *f)
{
	uint64_t *messages = arg;

	assert_in_range(f->messages, 1, f->last - f->first + 1);
	*messages += f->messages;
	return true;
}

/* Twice the same, and by its index no more than by its walk. */
static void read_all(const char *name, struct read *r)
{
	struct source *s = NULL;
	struct read again;
	uint64_t indexed = 0;
	enum kith_err err = source_open(name, NULL, &s, NULL);

	*r = (struct read){ .err = err };
	if (err)
		return;
	walk(s, r);
	assert_int_equal(source_rewind(s, NULL), KITH_OK);
	walk(s, &again);
	assert_int_equal(again.err, r->err);
	assert_int_equal(again.whole, r->whole);
	assert_int_equal(again.others, r->others);
	assert_int_equal(again.findings, r->findings);
	if (!source_clock(s, count_feeds, &indexed, NULL))
		assert_true(indexed <= r->whole + r->others);
	source_close(s);
}

static uint64_t damages(void)
{
	const char *text = getenv("DAMAGES");

	return text ? strtoull(text, NULL, 10) : DAMAGES;
}

static void damage(const char *kind, void (*make)(struct kith_buf *out))
{
	struct kith_buf whole = { .limit = FILE_BYTES_MAX };
	char name[64];
	struct read r;

	snprintf(name, sizeof(name), "%s:%s", kind, path);
	make(&whole);
	write_file(kith_bytes(&whole));
	read_all(name, &r);
	assert_int_equal(r.whole, ALL);
	assert_int_equal(r.others + r.findings, 0);
	for (uint64_t run = 1; run <= damages(); run++) {
		struct kith_buf hurted = { .limit = 2 * FILE_BYTES_MAX };

		dice = run;
		kith_buf_put(&hurted, kith_bytes(&whole));
		hurt(&hurted);
		write_file(kith_bytes(&hurted));
		read_all(name, &r);
		/* A line may be gone without a trace, but never half of one. */
		assert_true(r.whole + r.others <= 2 * ALL);
		kith_buf_free(&hurted);
	}
	kith_buf_free(&whole);
}

static void damaged_lines_are_read_as_far_as_they_go(void **state)
{
	(void)state;
	damage("lines", make_lines);
}

static void damaged_bundles_are_read_as_far_as_they_go(void **state)
{
	(void)state;
	damage("bundle", make_bundle);
}

static void damaged_packed_lines_are_read_as_far_as_they_go(void **state)
{
	(void)state;
	damage("lines", make_packed);
}

/* --- one bit -------------------------------------------------------------- */

static uint64_t count_lines(struct kith_slice s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s.n; i++)
		n += s.p[i] == '\n';
	return n;
}

/* A flip costs the message in whose line it is, and another where it joins the
 * two.  What is given beside is no more than what is lost. */
static void flipped(const char *kind, void (*make)(struct kith_buf *out))
{
	struct kith_buf whole = { .limit = FILE_BYTES_MAX };
	char name[64];
	struct read r;

	snprintf(name, sizeof(name), "%s:%s", kind, path);
	make(&whole);
	for (uint64_t run = 1; run <= damages(); run++) {
		struct kith_buf hurted = { .limit = 2 * FILE_BYTES_MAX };
		uint64_t lines = count_lines(kith_bytes(&whole));

		dice = run;
		kith_buf_put(&hurted, kith_bytes(&whole));
		flip(&hurted);
		lines -= count_lines(kith_bytes(&hurted));
		write_file(kith_bytes(&hurted));
		read_all(name, &r);
		assert_int_equal(r.err, KITH_OK);
		if (r.whole < ALL - 1 - (lines == 1) || r.whole > ALL)
			fail_msg("run %llu: %llu whole",
				 (unsigned long long)run,
				 (unsigned long long)r.whole);
		assert_true(r.whole + r.others <= ALL);
		kith_buf_free(&hurted);
	}
	kith_buf_free(&whole);
}

static void a_flipped_bit_costs_its_message(void **state)
{
	(void)state;
	flipped("lines", make_lines);
}

static void a_flipped_bit_of_a_bundle_costs_its_message(void **state)
{
	(void)state;
	flipped("bundle", make_bundle);
}

/* A torn bundle is told wherever it is torn. */
static void what_stands_before_a_tear_is_given(void **state)
{
	struct kith_buf whole = { .limit = FILE_BYTES_MAX };
	char name[64];
	struct read r;
	uint64_t before = 0;
	(void)state;

	snprintf(name, sizeof(name), "bundle:%s", path);
	make_bundle(&whole);
	for (size_t n = 200; n < whole.n; n += 97) {
		write_file((struct kith_slice){ whole.p, n });
		read_all(name, &r);
		assert_int_equal(r.err, KITH_OK);
		assert_true(r.findings > 0);
		assert_true(r.whole >= before && r.whole <= ALL);
		before = r.whole;
	}
	assert_true(before >= ALL - 1);
	kith_buf_free(&whole);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(damaged_lines_are_read_as_far_as_they_go),
		cmocka_unit_test(damaged_bundles_are_read_as_far_as_they_go),
		cmocka_unit_test(
			damaged_packed_lines_are_read_as_far_as_they_go),
		cmocka_unit_test(a_flipped_bit_costs_its_message),
		cmocka_unit_test(a_flipped_bit_of_a_bundle_costs_its_message),
		cmocka_unit_test(what_stands_before_a_tear_is_given),
	};

	assert_int_equal(kith_init(), KITH_OK);
	return cmocka_run_group_tests(tests, make_authors, drop_authors);
}
