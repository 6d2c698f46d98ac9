#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "src/gossip/notes.h"
#include "tests/support/data.h"

static void assert_note(const char *text, bool receive, uint32_t sequence)
{
	struct note note = { .replicate = false };

	if (!note_decode(kith_text(text), &note))
		fail_msg("ignored: %s", text);
	assert_true(note.replicate);
	assert_int_equal(note.receive, receive);
	assert_int_equal(note.sequence, sequence);
}

static void assert_refuses(const char *text)
{
	struct note note = { .replicate = true };

	if (!note_decode(kith_text(text), &note))
		fail_msg("ignored: %s", text);
	assert_false(note.replicate);
	assert_int_equal(note_encode(&note), -1);
}

static void a_note_is_twice_the_sequence_and_a_bit(void **state)
{
	(void)state;
	assert_note("0", true, 0);
	assert_note("1", false, 0);
	assert_note("2", true, 1);
	assert_note("3", false, 1);
	assert_note("12", true, 6);
	assert_note("450", true, 225);
	assert_note("2000001", false, 1000000);
	assert_note("4294967294", true, NOTE_SEQUENCE_MAX);
	assert_note("4294967295", false, NOTE_SEQUENCE_MAX);
}

static void integers_count_however_spelled(void **state)
{
	(void)state;
	assert_note("1e2", true, 50);
	assert_note("4.0", true, 2);
	assert_note("-0", true, 0);
	assert_note("40e-1", true, 2);
	assert_note("12.000000000000000000", true, 6);
}

static void every_negative_integer_refuses(void **state)
{
	(void)state;
	assert_refuses("-1");
	assert_refuses("-2");
	assert_refuses("-7");
	assert_refuses("-2147483649");
	assert_refuses("-1e10");
}

static void what_is_no_integer_of_32_bits_is_ignored(void **state)
{
	static const char *const texts[] = {
		"1.5",	"-1.5", "4294967296", "1e99", "-1e99", "1e999",
		"null", "true", "\"4\"",      "[1]",  "{}",    "",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		struct note note = { .sequence = 77 };

		if (note_decode(kith_text(texts[i]), &note))
			fail_msg("taken: %s", texts[i]);
		assert_int_equal(note.sequence, 77);
	}
}

/* The examples measured on the JavaScript peer, where we agree with it. */
static void notes_are_written_as_others_do(void **state)
{
	struct kith_slice all, one;
	struct kith_buf file =
		data_read_json("protocol/ebt.json", &all);
	struct kith_slice list = json_get(all, "notes");
	size_t at = 0, count = 0;

	(void)state;
	while (json_next_element(list, &at, &one)) {
		struct note note = { .replicate = true }, back = note;
		struct kith_slice number = json_get(one, "note");
		struct kith_buf text = { .limit = 32 };
		uint64_t sequence = 0;

		note.replicate = json_uint(json_get(one, "sequence"),
					   &sequence);
		note.receive = json_says_true(json_get(one, "receive"));
		note.sequence = (uint32_t)sequence;
		kith_buf_int(&text, note_encode(&note));
		assert_true(kith_equal(kith_bytes(&text), number));
		assert_true(note_decode(number, &back));
		assert_int_equal(back.replicate, note.replicate);
		if (note.replicate) {
			assert_int_equal(back.receive, note.receive);
			assert_int_equal(back.sequence, note.sequence);
		}
		kith_buf_free(&text);
		count++;
	}
	assert_int_equal(count, 9);
	kith_buf_free(&file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_note_is_twice_the_sequence_and_a_bit),
		cmocka_unit_test(integers_count_however_spelled),
		cmocka_unit_test(every_negative_integer_refuses),
		cmocka_unit_test(what_is_no_integer_of_32_bits_is_ignored),
		cmocka_unit_test(notes_are_written_as_others_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
