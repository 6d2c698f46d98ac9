#include "feeds/peek.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/ref.h"
#include "feeds/signer.h"

#define AUTHOR "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"

static const char message[] =
	"{\"previous\":null,\"author\":\"" AUTHOR "\",\"sequence\":1,"
	"\"timestamp\":1514517067954,\"hash\":\"sha256\",\"content\":"
	"{\"type\":\"post\",\"text\":\"hello\"},\"signature\":\"no\"}";

static void a_peek_gives_author_and_sequence(void **state)
{
	static const char *const other[] = {
		"", "1", "[]", "{}", "{\"author\":\"" AUTHOR "\"}",
		"{\"sequence\":1}", "{\"author\":1,\"sequence\":1}",
		"{\"author\":\"" AUTHOR "\",\"sequence\":1.5}",
		"{\"author\":\"" AUTHOR "\",\"sequence\":\"1\"}",
		"{\"" AUTHOR "\":1}", "{\"author\"", "{\"author\":",
	};
	struct kith_feed_id author;
	char id[KITH_REF_TEXT_BYTES];
	uint64_t sequence;

	(void)state;
	assert_true(msg_peek(kith_text(message), &author, &sequence));
	kith_feed_print(&author, id);
	assert_string_equal(id, AUTHOR);
	assert_int_equal(sequence, 1);
	assert_true(msg_peek(
		kith_text("{ \"x\":[{\"author\":1}],\"sequence\": 7e0,"
			  "\"\\u0061uthor\":\"" AUTHOR "\"}"),
		&author, &sequence));
	assert_int_equal(sequence, 7);
	for (size_t i = 0; i < sizeof(other) / sizeof(*other); i++)
		assert_false(msg_peek(kith_text(other[i]), &author,
				      &sequence));
}

static void a_peek_at_a_strange_author_names_no_format(void **state)
{
	struct kith_feed_id author = { .format = KITH_CLASSIC };
	uint64_t sequence = 0;

	(void)state;
	assert_true(msg_peek(
		kith_text("{\"author\":\"@x.ggfeed-v9\",\"sequence\":3}"),
		&author, &sequence));
	assert_int_equal(author.format, KITH_FORMAT_NONE);
	assert_int_equal(sequence, 3);
}

static void a_peek_is_safe_at_every_cut(void **state)
{
	struct kith_feed_id author;
	uint64_t sequence;

	(void)state;
	for (size_t n = 0; n < strlen(message); n++) {
		uint8_t *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, message, n);
		if (msg_peek((struct kith_slice){ copy, n }, &author,
			     &sequence))
			assert_int_equal(sequence, 1);
		free(copy);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_peek_gives_author_and_sequence),
		cmocka_unit_test(a_peek_at_a_strange_author_names_no_format),
		cmocka_unit_test(a_peek_is_safe_at_every_cut),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
