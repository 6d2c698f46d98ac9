#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/head.h"
#include "src/store/crc32c.h"

enum { ROOM = DEPOT_HEAD_BYTES_MAX };

/* Appends the right end to lines. */
static struct kith_buf ended(const char *lines)
{
	struct kith_buf out = { .limit = ROOM };
	struct crc32c c;
	uint32_t crc;

	crc32c_init(&c);
	crc = crc32c(&c, 0, kith_text(lines));
	kith_buf_text(&out, lines);
	kith_buf_text(&out, "end ");
	for (int shift = 28; shift >= 0; shift -= 4)
		kith_buf_byte(&out, (uint8_t)"0123456789abcdef"
						     [crc >> shift & 15]);
	kith_buf_byte(&out, '\n');
	return out;
}

static enum kith_err read_head(const char *lines, struct depot_head *h)
{
	struct kith_buf text = ended(lines);
	struct kith_error e = { 0 };
	enum kith_err err = depot_head_decode(kith_bytes(&text), h, &e);

	assert_int_equal(e.code, err);
	assert_true(!err || *e.text);
	kith_buf_free(&text);
	return err;
}

static enum kith_err read_info(const char *lines)
{
	struct kith_buf text = ended(lines);
	struct kith_error e = { 0 };
	struct depot_info info;
	enum kith_err err = depot_info_decode(kith_bytes(&text), &info, &e);

	assert_int_equal(e.code, err);
	kith_buf_free(&text);
	return err;
}

static struct depot_head *make_head(void)
{
	struct depot_head *h = calloc(1, sizeof(*h));

	assert_non_null(h);
	h->generation = 7;
	h->round = 19;
	h->count = 2;
	h->segments[0] = (struct depot_segment){ .number = 1,
						 .bytes = 67108731,
						 .closed = true };
	memset(h->segments[0].sha256, 0x9f, sizeof(h->segments[0].sha256));
	h->segments[1] = (struct depot_segment){ .number = 3, .bytes = 41822 };
	h->notes = 2;
	h->notes_bytes = 5120;
	return h;
}

static const char head_text[] =
	"kith depot head 1\ngeneration 7\nround 19\nsegment 1 67108731 "
	"9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f\n"
	"segment 3 41822 open\nnotes 2 5120\n";

static void head_is_written_as_the_page_says(void **state)
{
	struct depot_head *h = make_head();
	struct kith_buf out = { .limit = ROOM }, want = ended(head_text);

	(void)state;
	depot_head_encode(&out, h);
	assert_true(kith_equal(kith_bytes(&out), kith_bytes(&want)));
	kith_buf_free(&out);
	kith_buf_free(&want);
	free(h);
}

static void head_is_read_as_it_was_written(void **state)
{
	struct depot_head *h = make_head(), *back = calloc(1, sizeof(*back));

	(void)state;
	assert_non_null(back);
	assert_int_equal(read_head(head_text, back), KITH_OK);
	assert_memory_equal(back, h, sizeof(*h));
	free(back);
	free(h);
}

static void largest_head_fits(void **state)
{
	struct depot_head *h = calloc(1, sizeof(*h));
	struct depot_head *back = calloc(1, sizeof(*back));
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	assert_non_null(h);
	assert_non_null(back);
	h->generation = h->round = h->notes_bytes = DEPOT_NUMBER_MAX;
	h->notes = 999999;
	for (h->count = 0; h->count < DEPOT_SEGMENTS_MAX; h->count++) {
		struct depot_segment *s = &h->segments[h->count];

		s->number = (uint32_t)(999999 - DEPOT_SEGMENTS_MAX + 1 +
				       h->count);
		s->bytes = DEPOT_NUMBER_MAX;
		s->closed = true;
	}
	depot_head_encode(&out, h);
	assert_int_equal(out.err, KITH_OK);
	assert_int_equal(depot_head_decode(kith_bytes(&out), back, NULL),
			 KITH_OK);
	assert_memory_equal(back, h, sizeof(*h));
	kith_buf_free(&out);
	free(back);
	free(h);
}

static void round_over_the_last_is_written_as_the_last(void **state)
{
	struct depot_head *h = make_head();
	struct kith_buf out = { .limit = ROOM };

	(void)state;
	h->round = DEPOT_NUMBER_MAX + 1;
	depot_head_encode(&out, h);
	assert_int_equal(depot_head_decode(kith_bytes(&out), h, NULL),
			 KITH_OK);
	assert_int_equal(h->round, DEPOT_NUMBER_MAX);
	kith_buf_free(&out);
	free(h);
}

static void damaged_or_cut_head_is_none(void **state)
{
	struct depot_head *h = calloc(1, sizeof(*h));
	struct kith_buf text = ended(head_text);

	(void)state;
	assert_non_null(h);
	for (size_t n = 0; n < text.n; n++)
		assert_int_equal(
			depot_head_decode((struct kith_slice){ text.p, n }, h,
					  NULL),
			KITH_EFORMAT);
	for (size_t i = 0; i < text.n; i++)
		for (int bit = 0; bit < 8; bit++) {
			text.p[i] ^= (uint8_t)(1 << bit);
			assert_int_equal(depot_head_decode(kith_bytes(&text),
							   h, NULL),
					 KITH_EFORMAT);
			text.p[i] ^= (uint8_t)(1 << bit);
		}
	kith_buf_byte(&text, '\n');
	assert_int_equal(depot_head_decode(kith_bytes(&text), h, NULL),
			 KITH_EFORMAT);
	kith_buf_free(&text);
	free(h);
}

#define TOP "kith depot head 1\ngeneration 7\nround 19\n"
#define HASH "9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f"

static void head_with_a_right_checksum_is_read_with_care_too(void **state)
{
	static const char *const bad[] = {
		"",
		"kith depot head 2\ngeneration 7\nround 19\n",
		"kith depot head 1\nround 19\n",
		"kith depot head 1\ngeneration 7\n",
		"kith depot head 1\ngeneration 07\nround 19\n",
		"kith depot head 1\ngeneration 9007199254740992\nround 1\n",
		"kith depot head 1\ngeneration 9223372036854775808\nround 1\n",
		"kith depot head 1\ngeneration 99999999999999999999\nround 1\n",
		"kith depot head 1\ngeneration -1\nround 1\n",
		TOP "segment 0 1 open\n",
		TOP "segment 1000000 1 open\n",
		TOP "segment 2 1 open\nsegment 2 1 open\n",
		TOP "segment 2 1 open\nsegment 1 1 open\n",
		TOP "segment 1 1 closed\n",
		TOP "segment 1 1 " HASH "0\n",
		TOP "segment 1 1 0" HASH "\n",
		TOP "segment 1 1 9F9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9f9"
		    "f9f9f9f9f9f9f9f9f9f\n",
		TOP "segment 1 1\n",
		TOP "segment 1\n",
		TOP "segment 1 1 open",
		TOP "notes 0 1\n",
		TOP "notes 1\n",
		TOP "notes 1 2\nnotes 2 2\n",
		TOP "notes 1 2\nsegment 1 1 open\n",
		TOP "other 1\n",
		TOP "\n",
	};
	struct depot_head *h = calloc(1, sizeof(*h));

	(void)state;
	assert_non_null(h);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(read_head(bad[i], h), KITH_EFORMAT);
	assert_int_equal(read_head(TOP, h), KITH_OK);
	free(h);
}

static void head_of_too_many_segments_is_none(void **state)
{
	struct depot_head *h = calloc(1, sizeof(*h));
	struct kith_buf lines = { .limit = ROOM };

	(void)state;
	assert_non_null(h);
	kith_buf_text(&lines, TOP);
	for (uint64_t i = 1; i <= DEPOT_SEGMENTS_MAX + 1; i++) {
		kith_buf_text(&lines, "segment ");
		kith_buf_uint(&lines, i);
		kith_buf_text(&lines, " 5 open\n");
	}
	kith_buf_byte(&lines, '\0');
	assert_int_equal(read_head((const char *)lines.p, h), KITH_EFORMAT);
	kith_buf_free(&lines);
	free(h);
}

static void info_is_written_and_read_as_the_page_says(void **state)
{
	struct depot_info i = {
		.generation = 2,
		.first = "mzuhvlpymk6xo3epygfy5h4oea",
		.sealed = KITH_SLICE("{\"check\":1}"),
	};
	struct kith_buf out = { .limit = ROOM };
	struct kith_buf want = ended("kith depot 1\ngeneration 2\n"
				     "id 777aaaaaaaaaaaaaaaaaaaaaaa\n"
				     "first mzuhvlpymk6xo3epygfy5h4oea\n"
				     "sealed {\"check\":1}\n");
	struct depot_info back;

	(void)state;
	i.id[0] = 0xff;
	i.id[1] = 0xfe;
	depot_info_encode(&out, &i);
	assert_true(kith_equal(kith_bytes(&out), kith_bytes(&want)));
	assert_int_equal(depot_info_decode(kith_bytes(&out), &back, NULL),
			 KITH_OK);
	assert_memory_equal(back.id, i.id, sizeof(i.id));
	assert_int_equal(back.generation, 2);
	assert_string_equal(back.first, i.first);
	assert_true(kith_equal(back.sealed, i.sealed));
	kith_buf_free(&out);
	kith_buf_free(&want);
}

static void info_without_writer_and_seal_is_one(void **state)
{
	struct kith_buf text = ended("kith depot 1\ngeneration 2\n"
				     "id 777aaaaaaaaaaaaaaaaaaaaaaa\n");
	struct depot_info back;

	(void)state;
	assert_int_equal(depot_info_decode(kith_bytes(&text), &back, NULL),
			 KITH_OK);
	assert_string_equal(back.first, "");
	assert_int_equal(back.sealed.n, 0);
	kith_buf_free(&text);
}

#define ID "id 777aaaaaaaaaaaaaaaaaaaaaaa\n"

static void later_version_is_refused_and_not_called_damage(void **state)
{
	(void)state;
	assert_int_equal(read_info("kith depot 2\nwhatever\n"), KITH_EDENIED);
	assert_int_equal(read_info("kith depot 17\n"), KITH_EDENIED);
}

static void other_info_is_none(void **state)
{
	static const char *const bad[] = {
		"", "kith depot\n", "kith depot 1\n",
		"kith depot 1\ngeneration 1\n",
		"kith depot 1\ngeneration 1\nid 777\n",
		"kith depot 1\ngeneration 1\nid 777aaaaaaaaaaaaaaaaaaaaaab\n",
		"kith depot 1\ngeneration 1\n" ID "first me\n",
		("kith depot 1\ngeneration 1\n" ID
		 "first ../../../../../../etc/passw\n"),
		"kith depot 1\ngeneration 1\n" ID "sealed {}",
		"kith depot 1\ngeneration 1\n" ID "sealed \n",
		"kith depot 1\ngeneration 1\n" ID "more\n",
		"kith depot 1\ngeneration 9007199254740992\n" ID,
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(read_info(bad[i]), KITH_EFORMAT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(head_is_written_as_the_page_says),
		cmocka_unit_test(head_is_read_as_it_was_written),
		cmocka_unit_test(largest_head_fits),
		cmocka_unit_test(round_over_the_last_is_written_as_the_last),
		cmocka_unit_test(damaged_or_cut_head_is_none),
		cmocka_unit_test(
			head_with_a_right_checksum_is_read_with_care_too),
		cmocka_unit_test(head_of_too_many_segments_is_none),
		cmocka_unit_test(info_is_written_and_read_as_the_page_says),
		cmocka_unit_test(info_without_writer_and_seal_is_one),
		cmocka_unit_test(
			later_version_is_refused_and_not_called_damage),
		cmocka_unit_test(other_info_is_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
