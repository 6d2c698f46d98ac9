#include "feeds/stored.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/ref.h"
#include "tests/support/data.h"

enum { ROOM = 1 << 20 };

#define AUTHOR	  "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"
#define PREVIOUS  "%Rbb3YvR5/NpCXf231kiJlnI8fov04FeYD9iArqUW2Yk=.sha256"
#define SIGNATURE \
	"5WbjMArOht8EvV87s3mkZ9yLLqA7NVTx+DD6iQ7jCIJ6q6rEZ7y2fi7MyKenImnu" \
	"Y5HCWUug93KHcwQWeuJlCQ==.sig.ed25519"

static const char sequence_first[] =
	"{\"previous\":\"" PREVIOUS "\",\"sequence\":2,\"author\":\"" AUTHOR
	"\",\"timestamp\":1514517067954.5,\"hash\":\"sha256\",\"content\":"
	"{\"type\":\"post\",\"text\":\",\\\"signature\\\":\\\"\"},"
	"\"signature\":\"" SIGNATURE "\"}";

static bool lies_in(struct kith_slice in, struct kith_slice s)
{
	return s.p >= in.p && s.n <= in.n &&
	       (size_t)(s.p - in.p) <= in.n - s.n;
}

/* It finds what a walk over the members finds. */
static void assert_found(struct kith_slice canon,
			 const struct kith_feed_id *author)
{
	struct msg_stored found;

	assert_true(msg_stored(canon, &found));
	assert_true(kith_feed_equal(&found.author, author));
	assert_true(lies_in(canon, found.timestamp));
	assert_true(lies_in(canon, found.content));
	assert_true(kith_equal(found.timestamp, json_get(canon, "timestamp")));
	assert_true(kith_equal(found.content, json_get(canon, "content")));
	assert_int_equal(msg_stored_is_object(canon),
			 found.content.p[0] == '{');
}

static void what_is_boxed_is_no_object(void **state)
{
	static const char boxed[] =
		"{\"previous\":null,\"author\":\"" AUTHOR
		"\",\"sequence\":1,\"timestamp\":1,\"hash\":\"sha256\","
		"\"content\":\"}}}}.box\",\"signature\":\"" SIGNATURE "\"}";
	struct kith_slice all = kith_text(boxed);
	struct kith_feed_id author;

	(void)state;
	assert_int_equal(kith_feed_parse(KITH_SLICE(AUTHOR), &author), KITH_OK);
	assert_found(all, &author);
	assert_false(msg_stored_is_object(all));
	assert_true(msg_stored_is_object(kith_text(sequence_first)));
	assert_false(msg_stored_is_object(KITH_SLICE("}")));
	assert_false(msg_stored_is_object(KITH_SLICE("")));
}

static void each_message_that_is_taken_is_read_again(void **state)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_slice file, one;
	struct kith_buf data =
		data_read_json("protocol/classic-edge-cases.json", &file);
	struct kith_buf wire = { .limit = ROOM };
	size_t at = 0, n = 0;
	struct kith_msg m;

	(void)state;
	assert_non_null(d);
	file = json_get(file, "cases");
	while (json_next_element(file, &at, &one)) {
		kith_buf_reset(&wire);
		assert_true(json_unescape(json_get(one, "wire"), &wire));
		if (kith_msg_decode(d, KITH_CLASSIC, kith_bytes(&wire), &m,
				    NULL))
			continue;
		assert_found(m.canon, &m.author);
		n++;
	}
	assert_true(n > 20);
	kith_buf_free(&wire);
	kith_buf_free(&data);
	kith_decoder_free(d);
}

static void the_members_are_found_in_either_order(void **state)
{
	struct kith_feed_id author;

	(void)state;
	assert_int_equal(kith_feed_parse(KITH_SLICE(AUTHOR), &author),
			 KITH_OK);
	assert_found(kith_text(sequence_first), &author);
}

static void no_message_cut_short_is_one(void **state)
{
	struct msg_stored found;

	(void)state;
	for (size_t n = 0; n < strlen(sequence_first); n++) {
		uint8_t *copy = malloc(n ? n : 1);

		assert_non_null(copy);
		memcpy(copy, sequence_first, n);
		assert_false(msg_stored((struct kith_slice){ copy, n },
					&found));
		free(copy);
	}
}

static void a_change_of_any_byte_stays_inside(void **state)
{
	static const uint8_t other[] = { 0, ',', '"', '\\', '{', '}', 0xff };
	struct kith_slice all = kith_text(sequence_first);
	uint8_t *copy = malloc(all.n);
	struct msg_stored found;

	(void)state;
	assert_non_null(copy);
	for (size_t i = 0; i < all.n * sizeof(other); i++) {
		memcpy(copy, all.p, all.n);
		copy[i / sizeof(other)] = other[i % sizeof(other)];
		if (!msg_stored((struct kith_slice){ copy, all.n }, &found))
			continue;
		all.p = copy;
		assert_true(lies_in(all, found.timestamp));
		assert_true(lies_in(all, found.content));
		all = kith_text(sequence_first);
	}
	free(copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_boxed_is_no_object),
		cmocka_unit_test(each_message_that_is_taken_is_read_again),
		cmocka_unit_test(the_members_are_found_in_either_order),
		cmocka_unit_test(no_message_cut_short_is_one),
		cmocka_unit_test(a_change_of_any_byte_stays_inside),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
