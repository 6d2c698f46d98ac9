#include "feeds/box1.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "tests/feeds/private.h"
#include "tests/support/data.h"

enum { SLOT_BYTES = 49, HEAD_BYTES = 24 + 32, TAG_BYTES = 16 };

#define POST "{\"type\":\"post\",\"text\":\"psst\"}"

/* Alice, Bob, and Eve for whom nothing is; a box of POST for the first two. */
struct scene {
	struct kith_signer *alice, *bob, *eve;
	struct kith_feed_id both[2];
	struct kith_buf content;
	uint8_t box[KITH_BOX_BYTES_MAX]; /* its bytes */
	size_t n;
};

static void write_for(struct scene *s, struct kith_slice plain)
{
	uint8_t random[KITH_BOX1_RANDOM_BYTES];

	randombytes_buf(random, sizeof(random));
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box1_write(plain, s->both, 2, random,
					 &s->content, NULL),
			 KITH_OK);
	s->n = private_decode(kith_bytes(&s->content), s->box);
}

static int make(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(kith_init(), KITH_OK);
	s->content.limit = PRIVATE_BUFFER_BYTES;
	s->alice = private_signer(1);
	s->bob = private_signer(2);
	s->eve = private_signer(3);
	s->both[0] = *kith_signer_id(s->alice);
	s->both[1] = *kith_signer_id(s->bob);
	write_for(s, KITH_SLICE(POST));
	*state = s;
	return 0;
}

static int clear(void **state)
{
	struct scene *s = *state;

	kith_signer_free(s->alice);
	kith_signer_free(s->bob);
	kith_signer_free(s->eve);
	kith_buf_free(&s->content);
	free(s);
	return 0;
}

static enum kith_opening open_content(const struct kith_signer *s,
				      struct kith_slice content,
				      struct kith_opened *out)
{
	struct kith_boxed m = { .content = content };

	return kith_box1_open(s, &m, out);
}

/* What becomes of the first n of the scene's bytes. */
static enum kith_opening open_bytes(const struct scene *s, size_t n,
				    struct kith_opened *out)
{
	struct kith_buf content = { .limit = PRIVATE_BUFFER_BYTES };
	enum kith_opening got;

	private_encode(s->box, n, ".box", &content);
	got = open_content(s->alice, kith_bytes(&content), out);
	kith_buf_free(&content);
	return got;
}

static void the_worked_example_comes_out_byte_for_byte(void **state)
{
	struct scene *s = *state;
	struct kith_slice json, plain;
	struct kith_buf file = data_read_json("protocol/box1.json", &json);
	struct kith_buf text = { .limit = PRIVATE_BUFFER_BYTES };
	uint8_t random[KITH_BOX1_RANDOM_BYTES], key[KITH_BOX_KEY_BYTES];
	struct kith_opened out;

	private_hex(json_get(json, "nonce_hex"), random, 24);
	private_hex(json_get(json, "ephemeral_secret_hex"), random + 24, 32);
	private_hex(json_get(json, "body_key_hex"), random + 56, 32);
	private_hex(json_get(json, "unbox_key_returned_hex"), key, sizeof(key));
	assert_true(json_unescape(json_get(json, "plaintext"), &text));
	plain = kith_bytes(&text);
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box1_write(plain, s->both, 2, random,
					 &s->content, NULL),
			 KITH_OK);
	assert_true(kith_equal(kith_bytes(&s->content),
			       json_get(json, "content")));
	assert_int_equal(open_content(s->bob, kith_bytes(&s->content), &out),
			 KITH_OPENED);
	private_assert_plain(&out, plain);
	assert_int_equal(out.key.n, sizeof(key));
	assert_memory_equal(out.key.b, key, sizeof(key));
	assert_int_equal(out.slots, 2);
	kith_buf_free(&text);
	kith_buf_free(&file);
}

static void all_recipients_open_it_and_nobody_else(void **state)
{
	struct scene *s = *state;
	struct kith_slice content = kith_bytes(&s->content);
	struct kith_opened out;

	assert_int_equal(open_content(s->alice, content, &out), KITH_OPENED);
	private_assert_plain(&out, KITH_SLICE(POST));
	assert_int_equal(out.via, KITH_VIA_BOX1);
	assert_int_equal(open_content(s->bob, content, &out), KITH_OPENED);
	private_assert_plain(&out, KITH_SLICE(POST));
	assert_int_equal(open_content(s->eve, content, &out), KITH_FOREIGN);
}

static void its_own_key_opens_it_and_no_other_box(void **state)
{
	struct scene *s = *state;
	struct kith_boxed m = { .content = kith_bytes(&s->content) };
	struct kith_opened out, again;

	assert_int_equal(kith_box1_open(s->alice, &m, &out), KITH_OPENED);
	assert_int_equal(kith_box_open_by_key(&m, &out.key, &again),
			 KITH_OPENED);
	private_assert_plain(&again, KITH_SLICE(POST));
	assert_int_equal(again.via, KITH_VIA_KEY);
	write_for(s, KITH_SLICE(POST));
	m.content = kith_bytes(&s->content);
	assert_int_equal(kith_box_open_by_key(&m, &out.key, &again),
			 KITH_FOREIGN);
}

/* One to seven, and the reasons against more, fewer and longer ones. */
static void seven_recipients_and_no_more_are_written(void **state)
{
	struct scene *s = *state;
	uint8_t random[KITH_BOX1_RANDOM_BYTES] = { 1 };
	struct kith_feed_id recipients[8];
	struct kith_error e = { 0 };
	struct kith_opened out;

	for (size_t i = 0; i < 8; i++)
		recipients[i] = *kith_signer_id(i == 6 ? s->eve : s->bob);
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box1_write(KITH_SLICE(POST), recipients, 8,
					 random, &s->content, &e),
			 KITH_ETOOBIG);
	assert_non_null(strstr(e.text, "7 recipients, not 8"));
	assert_int_equal(kith_box1_write(KITH_SLICE(POST), recipients, 0,
					 random, &s->content, NULL),
			 KITH_EFORMAT);
	assert_int_equal(s->content.n, 0);
	assert_int_equal(kith_box1_write(KITH_SLICE(POST), recipients, 7,
					 random, &s->content, NULL),
			 KITH_OK);
	assert_int_equal(open_content(s->eve, kith_bytes(&s->content), &out),
			 KITH_OPENED);
	assert_int_equal(out.slots, 7);
}

static void a_recipient_that_is_no_point_is_named(void **state)
{
	struct scene *s = *state;
	uint8_t random[KITH_BOX1_RANDOM_BYTES] = { 1 };
	struct kith_error e = { 0 };

	memset(s->both[1].b, 0, sizeof(s->both[1].b));
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box1_write(KITH_SLICE(POST), s->both, 2, random,
					 &s->content, &e),
			 KITH_EFORMAT);
	assert_non_null(strstr(e.text, "recipient 2"));
	assert_int_equal(s->content.n, 0);
}

/* Content of exactly the room, as JSON. */
static void fill(uint8_t *plain, size_t n)
{
	static const char start[] = "{\"type\":\"post\",\"text\":\"";

	memset(plain, 'x', n);
	memcpy(plain, start, strlen(start));
	memcpy(plain + n - 2, "\"}", 2);
}

static void what_fills_the_room_is_a_message_and_one_more_is_not(void **state)
{
	struct scene *s = *state;
	size_t room = kith_box_room(KITH_BOX1, 7);
	uint8_t random[KITH_BOX1_RANDOM_BYTES] = { 1 };
	uint8_t plain[KITH_BOX_BYTES_MAX];
	struct kith_decoder *d = kith_decoder_new(NULL);
	/* The longest numbers beside it that a message has. */
	struct kith_tip tip = { .sequence = KITH_SEQUENCE_MAX - 1,
				.id = { .format = KITH_CLASSIC } };
	struct kith_draft draft = { KITH_CLASSIC, { NULL, 0 }, 1e12 + 0.1 };
	struct kith_feed_id seven[7];
	struct kith_opened out;
	struct kith_msg m;

	assert_non_null(d);
	for (size_t i = 0; i < 7; i++)
		seven[i] = s->both[0];
	fill(plain, room);
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box1_write((struct kith_slice){ plain, room + 1 },
					 seven, 7, random, &s->content, NULL),
			 KITH_ETOOBIG);
	assert_int_equal(kith_box1_write((struct kith_slice){ plain, room },
					 seven, 7, random, &s->content, NULL),
			 KITH_OK);
	assert_true(s->content.n - 2 <= KITH_BOX_CHARS_MAX);
	assert_int_equal(open_content(s->alice, kith_bytes(&s->content), &out),
			 KITH_OPENED);
	draft.content = kith_bytes(&s->content);
	assert_int_equal(kith_msg_build(d, s->alice, &tip, &draft, &m, NULL),
			 KITH_OK);
	kith_decoder_free(d);
}

static void a_buffer_that_is_full_says_so(void **state)
{
	struct scene *s = *state;
	uint8_t random[KITH_BOX1_RANDOM_BYTES] = { 1 };
	struct kith_buf small = { .limit = 100 };

	assert_int_equal(kith_box1_write(KITH_SLICE(POST), s->both, 2, random,
					 &small, NULL),
			 KITH_ETOOBIG);
	kith_buf_free(&small);
}

static void a_box_cut_anywhere_never_opens(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	for (size_t n = 0; n < s->n; n++) {
		enum kith_opening got = open_bytes(s, n, &out);

		assert_true(got == KITH_FOREIGN || got == KITH_BROKEN);
		if (n < 24 + 32 + 49 + 16)
			assert_int_equal(got, KITH_FOREIGN);
	}
	assert_int_equal(open_bytes(s, s->n, &out), KITH_OPENED);
}

static void a_box_with_any_bit_flipped_never_opens(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	for (size_t i = 0; i < s->n; i++) {
		size_t slot = (i - HEAD_BYTES) / SLOT_BYTES;
		enum kith_opening got;

		s->box[i] ^= 0x40;
		got = open_bytes(s, s->n, &out);
		s->box[i] ^= 0x40;
		if (i >= HEAD_BYTES && slot == 1)
			assert_int_equal(got, KITH_OPENED); /* Bob's slot */
		else if (i >= HEAD_BYTES + 2 * SLOT_BYTES)
			assert_int_equal(got, KITH_BROKEN);
		else
			assert_int_equal(got, KITH_FOREIGN);
	}
}

/* A box by hand: slots slots of which the last is for whom, each saying that
 * there are as many as claimed. */
static void craft(struct scene *s, const struct kith_signer *whom,
		  size_t slots, uint8_t claimed, struct kith_slice plain)
{
	uint8_t secret[32] = { 7 }, point[32], shared[32];
	uint8_t text[33] = { claimed, 9 };
	uint8_t *p = s->box + HEAD_BYTES + (slots - 1) * SLOT_BYTES;

	randombytes_buf(s->box, sizeof(s->box));
	crypto_scalarmult_curve25519_base(s->box + 24, secret);
	assert_int_equal(crypto_sign_ed25519_pk_to_curve25519(
				 point, kith_signer_id(whom)->b),
			 0);
	assert_int_equal(crypto_scalarmult_curve25519(shared, secret, point),
			 0);
	crypto_secretbox_easy(p, text, sizeof(text), s->box, shared);
	p += SLOT_BYTES;
	crypto_secretbox_easy(p, plain.p, plain.n, s->box, text + 1);
	s->n = (size_t)(p - s->box) + TAG_BYTES + plain.n;
}

static void slots_far_beyond_those_of_others_are_read(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	craft(s, s->alice, 100, 100, KITH_SLICE(POST));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_OPENED);
	assert_int_equal(out.slots, 100);
	private_assert_plain(&out, KITH_SLICE(POST));
}

static void a_slot_that_counts_wrong_is_broken(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	craft(s, s->alice, 2, 0, KITH_SLICE(POST));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_BROKEN);
	craft(s, s->alice, 2, 1, KITH_SLICE(POST));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_BROKEN);
	craft(s, s->alice, 2, 3, KITH_SLICE(POST));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_BROKEN);
	craft(s, s->alice, 2, 255, KITH_SLICE(POST));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_BROKEN);
}

static void an_ephemeral_key_of_small_order_is_foreign(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	memset(s->box + 24, 0, 32);
	assert_int_equal(open_bytes(s, s->n, &out), KITH_FOREIGN);
}

static void plain_that_is_no_content_is_unusable_and_kept(void **state)
{
	static const char *const plains[] = {
		"",	 "not json",	 "\"text\"",	  "[1]",
		"null",	 "{}",		 "{\"type\":1}",  "{\"type\":\"x\"",
		"\xff",	 "{\"type\":\"x\"}{}", "{\"type\":\"\xff\"}",
		"{\"key\":\"%x\",\"value\":{\"content\":{\"type\":\"post\"}}}",
	};
	struct scene *s = *state;
	struct kith_opened out;

	for (size_t i = 0; i < sizeof(plains) / sizeof(plains[0]); i++) {
		write_for(s, kith_text(plains[i]));
		assert_int_equal(open_bytes(s, s->n, &out), KITH_UNUSABLE);
		private_assert_plain(&out, kith_text(plains[i]));
		assert_int_equal(out.key.n, 33);
	}
}

static void plain_nested_too_deep_is_unusable(void **state)
{
	struct scene *s = *state;
	struct kith_buf deep = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_opened out;

	kith_buf_text(&deep, "{\"type\":\"x\",\"a\":");
	for (size_t i = 0; i < 2000; i++)
		kith_buf_byte(&deep, '[');
	for (size_t i = 0; i < 2000; i++)
		kith_buf_byte(&deep, ']');
	kith_buf_byte(&deep, '}');
	write_for(s, kith_bytes(&deep));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_UNUSABLE);
	kith_buf_free(&deep);
}

static void white_space_around_content_is_left_out(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	write_for(s, KITH_SLICE("\n {\"type\": \"x\"} \t"));
	assert_int_equal(open_bytes(s, s->n, &out), KITH_OPENED);
	private_assert_plain(&out, KITH_SLICE("{\"type\": \"x\"}"));
}

static void what_is_no_box_is_foreign(void **state)
{
	static const char *const contents[] = {
		"",	     "\"\"",		"\".box\"",
		"\"AAAA\"",  "\"AAAA.box\"",	"\"%%%%.box\"",
		"{\"type\":\"post\"}", "\"AAAA.box2\"", "null",
	};
	struct scene *s = *state;
	struct kith_opened out;

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++)
		assert_int_equal(open_content(s->alice, kith_text(contents[i]),
					      &out),
				 KITH_FOREIGN);
}

static void a_box_longer_than_any_message_is_foreign(void **state)
{
	struct scene *s = *state;
	struct kith_buf content = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_opened out;

	kith_buf_byte(&content, '"');
	for (size_t i = 0; i < KITH_MSG_UNITS_MAX + 4; i++)
		kith_buf_byte(&content, 'A');
	kith_buf_text(&content, ".box\"");
	assert_int_equal(open_content(s->alice, kith_bytes(&content), &out),
			 KITH_FOREIGN);
	kith_buf_free(&content);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_worked_example_comes_out_byte_for_byte),
		TEST(all_recipients_open_it_and_nobody_else),
		TEST(its_own_key_opens_it_and_no_other_box),
		TEST(seven_recipients_and_no_more_are_written),
		TEST(a_recipient_that_is_no_point_is_named),
		TEST(what_fills_the_room_is_a_message_and_one_more_is_not),
		TEST(a_buffer_that_is_full_says_so),
		TEST(a_box_cut_anywhere_never_opens),
		TEST(a_box_with_any_bit_flipped_never_opens),
		TEST(slots_far_beyond_those_of_others_are_read),
		TEST(a_slot_that_counts_wrong_is_broken),
		TEST(an_ephemeral_key_of_small_order_is_foreign),
		TEST(plain_that_is_no_content_is_unusable_and_kept),
		TEST(plain_nested_too_deep_is_unusable),
		TEST(white_space_around_content_is_left_out),
		TEST(what_is_no_box_is_foreign),
		TEST(a_box_longer_than_any_message_is_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
