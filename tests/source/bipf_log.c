#include "src/source/bipf_log.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/bipf.h"

enum { LIMIT = 1 << 20 };

static void assert_prints(const char *kvt, const char *want)
{
	struct kith_buf record = { .limit = LIMIT }, out = { .limit = LIMIT };
	struct bipf_log_message m;

	bipf_put_json(&record, kith_text(kvt));
	assert_int_equal(bipf_log_read(kith_bytes(&record), &m, NULL), KITH_OK);
	assert_int_equal(bipf_log_print(&m, &out, NULL), KITH_OK);
	assert_int_equal(out.n, strlen(want));
	assert_memory_equal(out.p, want, out.n);
	kith_buf_free(&out);
	kith_buf_free(&record);
}

static void a_message_is_what_its_author_signed(void **state)
{
	static const char signed_form[] =
		"{\"previous\":null,\"sequence\":1,\"content\":\"YQ==.box\","
		"\"signature\":\"s\"}";
	(void)state;

	assert_prints("{\"key\":\"%a\",\"value\":{\"previous\":null,"
		      "\"sequence\":1,\"content\":\"YQ==.box\","
		      "\"signature\":\"s\"},\"timestamp\":5}", signed_form);
	/* opened, as ssb-db2 keeps what it opened */
	assert_prints("{\"key\":\"%a\",\"value\":{\"previous\":null,"
		      "\"sequence\":1,\"content\":{\"type\":\"post\"},"
		      "\"signature\":\"s\"},\"timestamp\":5,\"meta\":"
		      "{\"private\":true,\"originalContent\":\"YQ==.box\"}}",
		      signed_form);
	/* and as ssb-db does */
	assert_prints("{\"key\":\"%a\",\"value\":{\"previous\":null,"
		      "\"sequence\":1,\"content\":{\"type\":\"post\"},"
		      "\"signature\":\"s\",\"meta\":{\"private\":true,"
		      "\"original\":{\"content\":\"YQ==.box\"}},"
		      "\"cyphertext\":\"YQ==.box\",\"private\":true,"
		      "\"unbox\":\"k\"},\"timestamp\":5}", signed_form);
}

static void what_stands_beside_a_message_is_read(void **state)
{
	struct kith_buf record = { .limit = LIMIT };
	struct bipf_log_message m;
	(void)state;

	bipf_put_json(&record, KITH_SLICE("{\"key\":\"%a\",\"value\":{},"
					  "\"timestamp\":1.5,\"ooo\":true}"));
	assert_int_equal(bipf_log_read(kith_bytes(&record), &m, NULL), KITH_OK);
	assert_true(kith_equal(m.key, KITH_SLICE("%a")));
	assert_true(m.received_ms == 1.5);
	assert_true(m.ooo);
	assert_false(m.opened);
	kith_buf_free(&record);
}

static void what_is_no_message_is_refused(void **state)
{
	static const char *const cases[] = {
		"[]", "1", "{}", "{\"value\":1}", "{\"key\":\"%a\"}",
	};
	struct bipf_log_message m;
	(void)state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kith_buf record = { .limit = LIMIT };
		struct kith_error e = { 0 };

		bipf_put_json(&record, kith_text(cases[i]));
		assert_int_equal(bipf_log_read(kith_bytes(&record), &m, &e),
				 KITH_EFORMAT);
		assert_true(*e.text);
		kith_buf_free(&record);
	}
	assert_int_equal(bipf_log_read((struct kith_slice){ NULL, 0 }, &m,
				       NULL), KITH_EFORMAT);
}

/* Each length that fits exactly, and one that does not. */
static void a_record_may_fill_its_block(void **state)
{
	static uint8_t block[BIPF_LOG_BLOCK_BYTES];
	enum { MOST = BIPF_LOG_BLOCK_BYTES - BIPF_LOG_LENGTH_BYTES };
	struct kith_slice out;
	struct bipf_log l;
	(void)state;

	memset(block, 1, sizeof(block));
	block[0] = MOST & 0xff;
	block[1] = MOST >> 8;
	bipf_log_begin(&l, (struct kith_slice){ block, sizeof(block) });
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_RECORD);
	assert_int_equal(out.n, MOST);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_END);
	block[0]++;
	bipf_log_begin(&l, (struct kith_slice){ block, sizeof(block) });
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_BAD);
	assert_int_equal(l.record, 0);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_END);
}

static void bytes_behind_the_end_of_a_block_are_damage(void **state)
{
	uint8_t block[] = { 1, 0, 7, 0, 0, 0, 9 };
	struct kith_slice out;
	struct bipf_log l;
	(void)state;

	bipf_log_begin(&l, (struct kith_slice){ block, sizeof(block) });
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_RECORD);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_BAD);
	assert_int_equal(l.record, 3);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_END);
	block[6] = 0;
	bipf_log_begin(&l, (struct kith_slice){ block, sizeof(block) });
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_RECORD);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_END);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_END);
}

static void a_record_of_zeros_was_deleted(void **state)
{
	const uint8_t block[] = { 3, 0, 0, 0, 0, 1, 0, 7 };
	struct kith_slice out;
	struct bipf_log l;
	(void)state;

	bipf_log_begin(&l, (struct kith_slice){ block, sizeof(block) });
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_ERASED);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_RECORD);
	assert_int_equal(bipf_log_next(&l, &out), BIPF_LOG_END);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_message_is_what_its_author_signed),
		cmocka_unit_test(what_stands_beside_a_message_is_read),
		cmocka_unit_test(what_is_no_message_is_refused),
		cmocka_unit_test(a_record_may_fill_its_block),
		cmocka_unit_test(bytes_behind_the_end_of_a_block_are_damage),
		cmocka_unit_test(a_record_of_zeros_was_deleted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
