#include "feeds/box2.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/bfe.h"
#include "feeds/envelope.h"
#include "feeds/group.h"
#include "feeds/json.h"
#include "tests/feeds/private.h"
#include "tests/support/data.h"

enum { HEADER_BYTES = 32, SLOT_BYTES = 32, TAG_BYTES = 16 };

#define POST "{\"type\":\"post\",\"text\":\"hi group\"}"

/* A box of POST to a group, a feed and the author, in the middle of a feed. */
struct scene {
	struct kith_feed_id author;
	struct kith_msg_id previous;
	struct kith_box2_key keys[3];
	uint8_t random[KITH_BOX2_KEY_BYTES];
	struct kith_box_key read;
	struct kith_buf content;
	uint8_t box[KITH_BOX_BYTES_MAX]; /* its bytes */
	size_t n;
};

static struct kith_box2_draft draft_of(const struct scene *s,
				       struct kith_slice plain)
{
	return (struct kith_box2_draft){
		.plain = plain,
		.author = &s->author,
		.previous = &s->previous,
		.keys = s->keys,
		.n = 3,
		.random = s->random,
	};
}

static void write_box(struct scene *s, const struct kith_box2_draft *d)
{
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box2_write(d, &s->read, &s->content, NULL),
			 KITH_OK);
	s->n = private_decode(kith_bytes(&s->content), s->box);
}

static int make(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));
	struct kith_box2_draft d;

	assert_non_null(s);
	assert_int_equal(kith_init(), KITH_OK);
	s->content.limit = PRIVATE_BUFFER_BYTES;
	s->author.format = KITH_CLASSIC;
	s->previous.format = KITH_CLASSIC;
	randombytes_buf(s->author.b, sizeof(s->author.b));
	randombytes_buf(s->previous.b, sizeof(s->previous.b));
	randombytes_buf(s->random, sizeof(s->random));
	s->keys[0].scheme = KITH_SCHEME_GROUP;
	s->keys[1].scheme = KITH_SCHEME_DIRECT;
	s->keys[2].scheme = KITH_SCHEME_SELF;
	for (size_t i = 0; i < 3; i++)
		randombytes_buf(s->keys[i].b, sizeof(s->keys[i].b));
	d = draft_of(s, KITH_SLICE(POST));
	write_box(s, &d);
	*state = s;
	return 0;
}

static int clear(void **state)
{
	struct scene *s = *state;

	kith_buf_free(&s->content);
	free(s);
	return 0;
}

static struct kith_boxed boxed_of(const struct scene *s)
{
	return (struct kith_boxed){ kith_bytes(&s->content), &s->author,
				    &s->previous };
}

/* What becomes of the first n of the scene's bytes, with all keys. */
static enum kith_opening open_bytes(const struct scene *s, size_t n,
				    struct kith_opened *out)
{
	struct kith_buf content = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_boxed m = boxed_of(s);
	enum kith_opening got;

	private_encode(s->box, n, ".box2", &content);
	m.content = kith_bytes(&content);
	got = kith_box2_open(&m, s->keys, 3, out);
	kith_buf_free(&content);
	return got;
}

static void read_ids(struct scene *s, struct kith_slice json, bool first)
{
	uint8_t id[BFE_ID_BYTES];

	private_hex(json_get(json, "feed_id_bfe_hex"), id, sizeof(id));
	assert_true(bfe_to_feed(id, &s->author));
	private_hex(json_get(json, "prev_msg_id_bfe_hex"), id, sizeof(id));
	if (first) {
		uint8_t none[BFE_ID_BYTES];

		assert_true(bfe_no_msg(KITH_CLASSIC, none));
		assert_memory_equal(id, none, sizeof(id));
	} else {
		assert_true(bfe_to_msg(id, &s->previous));
	}
}

static void read_keys(struct scene *s, struct kith_slice recipients)
{
	struct kith_slice value;
	size_t at = 0, n = 0;

	for (; json_next_element(recipients, &at, &value); n++) {
		assert_true(n < 3);
		assert_true(json_is(json_get(value, "scheme"),
				    kith_scheme_name(s->keys[n].scheme)));
		private_hex(json_get(value, "key_hex"), s->keys[n].b,
			    KITH_BOX2_KEY_BYTES);
	}
	assert_int_equal(n, 3);
}

static void assert_cloaked(const struct scene *s, struct kith_slice json)
{
	char text[KITH_REF_TEXT_BYTES];
	uint8_t id[BFE_ID_BYTES];
	struct kith_msg_id msg, group;

	private_hex(json_get(json, "public_msg_id_bfe_hex"), id, sizeof(id));
	assert_true(bfe_to_msg(id, &msg));
	assert_int_equal(kith_group_id(&msg, &s->read, &group), KITH_OK);
	kith_msg_print(&group, text);
	assert_true(json_is(json_get(json, "cloaked_sigil"), text));
	kith_group_print_uri(&group, text);
	assert_true(json_is(json_get(json, "group_uri"), text));
}

static void assert_example(struct scene *s, struct kith_slice json, bool first)
{
	struct kith_buf text = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_box2_draft d;
	uint8_t read[KITH_BOX2_KEY_BYTES];
	struct kith_opened out;

	read_ids(s, json, first);
	read_keys(s, json_get(json, "recipients"));
	private_hex(json_get(json, "msg_key_hex"), s->random,
		    sizeof(s->random));
	private_hex(json_get(json, "read_key_hex"), read, sizeof(read));
	assert_true(json_unescape(json_get(json, "plaintext"), &text));
	d = draft_of(s, kith_bytes(&text));
	if (first)
		d.previous = NULL;
	write_box(s, &d);
	assert_true(kith_equal(kith_bytes(&s->content),
			       json_get(json, "content")));
	assert_int_equal(s->read.n, sizeof(read));
	assert_memory_equal(s->read.b, read, sizeof(read));
	for (size_t i = 0; i < 3; i++) {
		struct kith_boxed m = { kith_bytes(&s->content), d.author,
					d.previous };

		assert_int_equal(kith_box2_open(&m, &s->keys[i], 1, &out),
				 KITH_OPENED);
		private_assert_plain(&out, kith_bytes(&text));
		assert_int_equal(out.slots, 3);
	}
	assert_cloaked(s, json_get(json, "cloaked"));
	kith_buf_free(&text);
}

static void the_worked_examples_come_out_byte_for_byte(void **state)
{
	struct kith_slice json;
	struct kith_buf file = data_read_json("protocol/box2.json", &json);

	assert_example(*state, json_get(json, "with_previous"), false);
	assert_example(*state, json_get(json, "first_message_previous_null"),
		       true);
	kith_buf_free(&file);
}

static void each_key_opens_it_and_tells_which_it_was(void **state)
{
	static const enum kith_via vias[] = { KITH_VIA_GROUP, KITH_VIA_DIRECT,
					      KITH_VIA_SELF };
	struct scene *s = *state;
	struct kith_boxed m = boxed_of(s);
	struct kith_box2_key two[2] = { { .scheme = KITH_SCHEME_POBOX } };
	struct kith_opened out;

	for (size_t i = 0; i < 3; i++) {
		two[1] = s->keys[i];
		assert_int_equal(kith_box2_open(&m, two, 2, &out), KITH_OPENED);
		private_assert_plain(&out, KITH_SLICE(POST));
		assert_int_equal(out.via, vias[i]);
		assert_int_equal(out.which, 1);
	}
	assert_int_equal(kith_box2_open(&m, two, 1, &out), KITH_FOREIGN);
	assert_int_equal(kith_box2_open(&m, NULL, 0, &out), KITH_FOREIGN);
}

static void a_key_of_another_scheme_is_another_key(void **state)
{
	struct scene *s = *state;
	struct kith_boxed m = boxed_of(s);
	struct kith_opened out;

	s->keys[1].scheme = KITH_SCHEME_MIRROR;
	assert_int_equal(kith_box2_open(&m, &s->keys[1], 1, &out),
			 KITH_FOREIGN);
}

static void its_own_key_opens_it(void **state)
{
	struct scene *s = *state;
	struct kith_boxed m = boxed_of(s);
	struct kith_opened out;

	assert_int_equal(kith_box_open_by_key(&m, &s->read, &out),
			 KITH_OPENED);
	private_assert_plain(&out, KITH_SLICE(POST));
	s->read.b[5] ^= 1;
	assert_int_equal(kith_box_open_by_key(&m, &s->read, &out),
			 KITH_FOREIGN);
	s->read.n = 31;
	assert_int_equal(kith_box_open_by_key(&m, &s->read, &out),
			 KITH_FOREIGN);
}

static void it_is_bound_to_its_author_and_to_the_message_before(void **state)
{
	struct scene *s = *state;
	struct kith_boxed m = boxed_of(s);
	struct kith_opened out;

	m.previous = NULL;
	assert_int_equal(kith_box2_open(&m, s->keys, 3, &out), KITH_FOREIGN);
	s->previous.b[0] ^= 1;
	assert_int_equal(open_bytes(s, s->n, &out), KITH_FOREIGN);
	s->previous.b[0] ^= 1;
	s->author.b[31] ^= 1;
	assert_int_equal(open_bytes(s, s->n, &out), KITH_FOREIGN);
	s->author.b[31] ^= 1;
	assert_int_equal(open_bytes(s, s->n, &out), KITH_OPENED);
}

static void sixteen_keys_and_no_more_are_written(void **state)
{
	struct scene *s = *state;
	struct kith_box2_key keys[17] = { 0 };
	struct kith_box2_draft d = draft_of(s, KITH_SLICE(POST));
	struct kith_boxed m;
	struct kith_opened out;

	d.keys = keys;
	for (size_t i = 0; i < 17; i++) {
		keys[i].scheme = KITH_SCHEME_DIRECT;
		keys[i].b[0] = (uint8_t)i;
	}
	d.n = 17;
	assert_int_equal(kith_box2_write(&d, NULL, &s->content, NULL),
			 KITH_ETOOBIG);
	d.n = 16;
	write_box(s, &d);
	m = boxed_of(s);
	for (size_t i = 0; i < 16; i++)
		assert_int_equal(kith_box2_open(&m, &keys[i], 1, &out),
				 KITH_OPENED);
	assert_int_equal(out.slots, 16);
}

static void assert_refused(struct scene *s, const struct kith_box2_draft *d,
			   enum kith_err expected)
{
	struct kith_error e = { 0 };
	size_t n = s->content.n;

	assert_int_equal(kith_box2_write(d, NULL, &s->content, &e), expected);
	assert_true(*e.text);
	assert_int_equal(s->content.n, n);
}

static void what_others_could_not_read_is_not_written(void **state)
{
	static const uint8_t zero[KITH_BOX2_KEY_BYTES];
	struct scene *s = *state;
	struct kith_box2_draft d = draft_of(s, KITH_SLICE(""));
	struct kith_box2_key second[2] = { s->keys[1], s->keys[0] };
	struct kith_feed_id indexed = { .format = KITH_INDEXED_V1 };

	assert_refused(s, &d, KITH_EFORMAT); /* empty */
	d.plain = KITH_SLICE(POST);
	d.n = 0;
	assert_refused(s, &d, KITH_EFORMAT);
	d.n = 2;
	d.keys = second; /* a group beyond the first slot */
	assert_refused(s, &d, KITH_EFORMAT);
	d = draft_of(s, KITH_SLICE(POST));
	d.random = zero;
	assert_refused(s, &d, KITH_EFORMAT);
	d = draft_of(s, KITH_SLICE(POST));
	d.author = &indexed;
	d.previous = NULL; /* which has no form before an indexed feed */
	assert_refused(s, &d, KITH_EFORMAT);
}

static void what_fills_the_room_is_written_and_one_more_is_not(void **state)
{
	struct scene *s = *state;
	uint8_t plain[KITH_BOX_BYTES_MAX];
	size_t room = kith_box_room(KITH_BOX2, 3);
	struct kith_box2_draft d = draft_of(s, (struct kith_slice){ plain,
								    room + 1 });
	struct kith_opened out;

	memset(plain, ' ', sizeof(plain));
	memcpy(plain, "{\"type\":\"x\"}", 12);
	assert_refused(s, &d, KITH_ETOOBIG);
	d.plain.n = room;
	write_box(s, &d);
	assert_true(s->content.n - 2 <= KITH_BOX_CHARS_MAX);
	assert_int_equal(open_bytes(s, s->n, &out), KITH_OPENED);
}

static void a_groups_key_is_tried_on_the_first_slot_only(void **state)
{
	struct scene *s = *state;
	struct kith_box2_key group = s->keys[0];
	struct envelope_key keys[2] = {
		{ kith_text(kith_scheme_name(KITH_SCHEME_SELF)), s->keys[2].b },
		{ kith_text(kith_scheme_name(KITH_SCHEME_GROUP)), group.b },
	};
	uint8_t read[ENVELOPE_KEY_BYTES];
	struct derive_context c;
	struct envelope_draft d = { &c, KITH_SLICE(POST), keys, 2, s->random };
	struct kith_opened out;

	assert_true(envelope_context(&c, &s->author, &s->previous));
	s->n = envelope_write(&d, s->box, read);
	s->keys[2].scheme = KITH_SCHEME_POBOX;
	assert_int_equal(open_bytes(s, s->n, &out), KITH_FOREIGN);
	s->keys[2].scheme = KITH_SCHEME_SELF;
	assert_int_equal(open_bytes(s, s->n, &out), KITH_OPENED);
}

static void a_box_cut_anywhere_never_opens(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	for (size_t n = 0; n < s->n; n++) {
		enum kith_opening got = open_bytes(s, n, &out);

		assert_true(got == KITH_FOREIGN || got == KITH_BROKEN);
		if (n < 32 + 32 + 16)
			assert_int_equal(got, KITH_FOREIGN);
	}
}

static void a_box_with_any_bit_flipped_never_opens_wrong(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	for (size_t i = 0; i < s->n; i++) {
		enum kith_opening got;

		s->box[i] ^= 0x10;
		got = open_bytes(s, s->n, &out);
		s->box[i] ^= 0x10;
		if (i < HEADER_BYTES)
			assert_int_equal(got, KITH_FOREIGN);
		else if (i < HEADER_BYTES + 3 * SLOT_BYTES)
			assert_int_equal(got, KITH_OPENED); /* another slot */
		else
			assert_int_equal(got, KITH_BROKEN);
	}
}

/* Seals the scene's box with another place of its body. */
static void set_offset(struct scene *s, uint16_t offset)
{
	static const uint8_t nonce[crypto_secretbox_NONCEBYTES];
	uint8_t key[ENVELOPE_KEY_BYTES], text[16] = { 0 };
	struct derive_context c;

	text[0] = (uint8_t)(offset & 0xff);
	text[1] = (uint8_t)(offset >> 8);
	assert_true(envelope_context(&c, &s->author, &s->previous));
	envelope_derive(&c, s->read.b, "header_key", key);
	crypto_secretbox_easy(s->box, text, sizeof(text), nonce, key);
}

static void a_body_out_of_its_place_is_broken(void **state)
{
	struct scene *s = *state;
	uint16_t right = HEADER_BYTES + 3 * SLOT_BYTES;
	struct kith_opened out;

	for (unsigned offset = 0; offset < 400; offset++) {
		set_offset(s, (uint16_t)offset);
		assert_int_equal(open_bytes(s, s->n, &out),
				 offset == right ? KITH_OPENED : KITH_BROKEN);
	}
	set_offset(s, 65535);
	assert_int_equal(open_bytes(s, s->n, &out), KITH_BROKEN);
	set_offset(s, 65504);
	assert_int_equal(open_bytes(s, s->n, &out), KITH_BROKEN);
}

static void plain_that_is_no_content_is_unusable_and_kept(void **state)
{
	struct scene *s = *state;
	struct kith_box2_draft d = draft_of(s, KITH_SLICE("{\"text\":1}"));
	struct kith_opened out;

	write_box(s, &d);
	assert_int_equal(open_bytes(s, s->n, &out), KITH_UNUSABLE);
	private_assert_plain(&out, d.plain);
	assert_int_equal(out.key.n, 32);
}

static void ids_that_envelopes_do_not_know_are_foreign(void **state)
{
	struct scene *s = *state;
	struct kith_opened out;

	s->author.format = KITH_FORMAT_NONE;
	assert_int_equal(open_bytes(s, s->n, &out), KITH_FOREIGN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_worked_examples_come_out_byte_for_byte),
		TEST(each_key_opens_it_and_tells_which_it_was),
		TEST(a_key_of_another_scheme_is_another_key),
		TEST(its_own_key_opens_it),
		TEST(it_is_bound_to_its_author_and_to_the_message_before),
		TEST(sixteen_keys_and_no_more_are_written),
		TEST(what_others_could_not_read_is_not_written),
		TEST(what_fills_the_room_is_written_and_one_more_is_not),
		TEST(a_groups_key_is_tried_on_the_first_slot_only),
		TEST(a_box_cut_anywhere_never_opens),
		TEST(a_box_with_any_bit_flipped_never_opens_wrong),
		TEST(a_body_out_of_its_place_is_broken),
		TEST(plain_that_is_no_content_is_unusable_and_kept),
		TEST(ids_that_envelopes_do_not_know_are_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
