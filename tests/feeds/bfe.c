#include "feeds/bfe.h"

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "feeds/direct.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/feeds/private.h"
#include "tests/support/data.h"

static void assert_feed(const struct kith_feed_id *id, const uint8_t *bytes)
{
	uint8_t out[BFE_ID_BYTES];
	struct kith_feed_id back;
	struct kith_msg_id msg;

	assert_true(bfe_feed(id, out));
	assert_memory_equal(out, bytes, sizeof(out));
	assert_true(bfe_to_feed(bytes, &back));
	assert_true(kith_feed_equal(&back, id));
	assert_false(bfe_to_msg(bytes, &msg));
}

static void assert_msg(const struct kith_msg_id *id, const uint8_t *bytes)
{
	uint8_t out[BFE_ID_BYTES];
	struct kith_msg_id back;
	struct kith_feed_id feed;

	assert_true(bfe_msg(id, out));
	assert_memory_equal(out, bytes, sizeof(out));
	assert_true(bfe_to_msg(bytes, &back));
	assert_true(kith_msg_equal(&back, id));
	assert_false(bfe_to_feed(bytes, &feed));
}

/* How many of the worked examples are ids that we have. */
static size_t assert_example(struct kith_slice row)
{
	struct kith_slice value = json_plain(json_get(row, "value"));
	uint8_t bytes[BFE_ID_BYTES], pobox[KITH_CURVE_BYTES], out[BFE_ID_BYTES];
	struct kith_ref ref;

	if (json_plain(json_get(row, "bfe_hex")).n != 2 * sizeof(bytes))
		return 0;
	private_hex(json_get(row, "bfe_hex"), bytes, sizeof(bytes));
	if (kith_pobox_parse(value, pobox) == KITH_OK) {
		bfe_pobox(pobox, out);
		assert_memory_equal(out, bytes, sizeof(out));
		return 1;
	}
	if (kith_ref_parse(value, &ref, NULL) != KITH_OK ||
	    ref.kind == KITH_REF_BLOB)
		return 0;
	if (ref.kind == KITH_REF_FEED)
		assert_feed(&ref.feed, bytes);
	else
		assert_msg(&ref.msg, bytes);
	return 1;
}

static void the_worked_examples_go_both_ways(void **state)
{
	struct kith_slice list, row;
	struct kith_buf file = data_read_json("protocol/bfe.json", &list);
	size_t at = 0, ids = 0;

	(void)state;
	while (json_next_element(list, &at, &row))
		ids += assert_example(row);
	/* Feeds and messages of five formats, in two forms for the classic
	 * one, a cloaked one and a po-box. */
	assert_int_equal(ids, 14);
	kith_buf_free(&file);
}

static void formats_without_a_code_have_no_bytes(void **state)
{
	struct kith_feed_id feed = { .format = KITH_CLOAKED };
	struct kith_msg_id msg = { .format = KITH_FORMAT_NONE };
	uint8_t out[BFE_ID_BYTES] = { 0, 2 };

	(void)state;
	assert_false(bfe_feed(&feed, out));
	assert_false(bfe_msg(&msg, out));
	assert_false(bfe_no_msg(KITH_INDEXED_V1, out));
	assert_false(bfe_no_msg(KITH_CLOAKED, out));
	memcpy(out, "\0\2", 2); /* bamboo */
	assert_false(bfe_to_feed(out, &feed));
	memcpy(out, "\1\377", 2);
	assert_false(bfe_to_msg(out, &msg));
}

static void before_the_first_message_stand_zeros(void **state)
{
	uint8_t out[BFE_ID_BYTES], expected[BFE_ID_BYTES] = { 1, 0 };

	(void)state;
	assert_true(bfe_no_msg(KITH_CLASSIC, out));
	assert_memory_equal(out, expected, sizeof(out));
	assert_true(bfe_no_msg(KITH_GABBYGROVE_V1, out));
	assert_int_equal(out[1], 1);
	assert_true(bfe_no_msg(KITH_BENDYBUTT_V1, out));
	assert_int_equal(out[1], 4);
	assert_true(bfe_no_msg(KITH_BUTTWOO_V1, out));
	assert_int_equal(out[1], 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_examples_go_both_ways),
		cmocka_unit_test(formats_without_a_code_have_no_bytes),
		cmocka_unit_test(before_the_first_message_stand_zeros),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
