#include "feeds/opener.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "tests/feeds/private.h"

#define POST "{\"type\":\"post\",\"text\":\"to you\"}"

/* We, who open, and a friend, who writes most of it. */
struct scene {
	struct kith_signer *self, *friend;
	struct kith_opener *opener;
	struct kith_buf content;
	struct kith_opened out;
};

static int make(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	assert_non_null(s);
	assert_int_equal(kith_init(), KITH_OK);
	s->self = private_signer(1);
	s->friend = private_signer(2);
	s->opener = kith_opener_new(s->self);
	assert_non_null(s->opener);
	s->content.limit = PRIVATE_BUFFER_BYTES;
	*state = s;
	return 0;
}

static int clear(void **state)
{
	struct scene *s = *state;

	kith_opener_free(s->opener);
	kith_signer_free(s->self);
	kith_signer_free(s->friend);
	kith_buf_free(&s->content);
	free(s);
	return 0;
}

/* Writes the first message of author's feed, for one key. */
static void write_box2(struct scene *s, const struct kith_signer *author,
		       enum kith_scheme scheme, const uint8_t *key)
{
	struct kith_box2_key to = { .scheme = scheme };
	uint8_t random[KITH_BOX2_KEY_BYTES];
	struct kith_box2_draft d = { .plain = KITH_SLICE(POST),
				     .author = kith_signer_id(author),
				     .keys = &to,
				     .n = 1,
				     .random = random };

	memcpy(to.b, key, sizeof(to.b));
	randombytes_buf(random, sizeof(random));
	kith_buf_reset(&s->content);
	assert_int_equal(kith_box2_write(&d, NULL, &s->content, NULL), KITH_OK);
}

static enum kith_opening open_with(struct scene *s,
				   const struct kith_signer *author,
				   unsigned tries)
{
	struct kith_boxed m = { .content = kith_bytes(&s->content),
				.author = kith_signer_id(author) };

	return kith_open(s->opener, &m, tries, &s->out);
}

static void write_direct(struct scene *s, const struct kith_signer *author,
			 enum kith_scheme scheme, size_t which)
{
	struct kith_direct_keys keys;

	assert_int_equal(kith_direct_keys(author, kith_signer_id(s->self),
					  &keys),
			 KITH_OK);
	assert_true(which < keys.n);
	write_box2(s, author, scheme, keys.b[which]);
}

static void box1_is_opened(void **state)
{
	struct scene *s = *state;
	uint8_t random[KITH_BOX1_RANDOM_BYTES] = { 1 };

	assert_int_equal(kith_box1_write(KITH_SLICE(POST),
					 kith_signer_id(s->self), 1, random,
					 &s->content, NULL),
			 KITH_OK);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL), KITH_OPENED);
	assert_int_equal(s->out.via, KITH_VIA_BOX1);
	assert_int_equal(s->out.box, KITH_BOX1);
	assert_int_equal(open_with(s, s->friend,
				   KITH_TRY_USUAL & ~(unsigned)KITH_TRY_BOX1),
			 KITH_FOREIGN);
}

static void direct_messages_are_opened_again_and_again(void **state)
{
	struct scene *s = *state;

	for (size_t i = 0; i < 3; i++) {
		write_direct(s, s->friend, KITH_SCHEME_DIRECT, 0);
		assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
				 KITH_OPENED);
		assert_int_equal(s->out.via, KITH_VIA_DIRECT);
		private_assert_plain(&s->out, KITH_SLICE(POST));
	}
	assert_int_equal(open_with(s, s->friend, KITH_TRY_GROUPS),
			 KITH_FOREIGN);
}

/* Makes us and the friend a pair to whom the document's order gives another
 * key than JavaScript's. */
static void make_pair_of_two_keys(struct scene *s)
{
	struct kith_direct_keys keys = { 0 };

	for (size_t i = 0; keys.n < 2; i++) {
		assert_true(i < 2000);
		kith_signer_free(s->self);
		kith_signer_free(s->friend);
		s->self = kith_signer_generate();
		s->friend = kith_signer_generate();
		assert_true(s->self && s->friend);
		assert_int_equal(kith_direct_keys(s->self,
						  kith_signer_id(s->friend),
						  &keys),
				 KITH_OK);
	}
	kith_opener_free(s->opener);
	s->opener = kith_opener_new(s->self);
	assert_non_null(s->opener);
}

static void messages_in_the_order_of_the_document_are_opened(void **state)
{
	struct scene *s = *state;

	make_pair_of_two_keys(s);
	for (size_t which = 0; which < 2; which++) {
		write_direct(s, s->friend, KITH_SCHEME_DIRECT, which);
		assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
				 KITH_OPENED);
		private_assert_plain(&s->out, KITH_SLICE(POST));
	}
}

static void messages_between_metafeeds_are_opened_if_asked_for(void **state)
{
	struct scene *s = *state;

	write_direct(s, s->friend, KITH_SCHEME_MIRROR, 0);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
			 KITH_FOREIGN);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_MIRROR),
			 KITH_OPENED);
	assert_int_equal(s->out.via, KITH_VIA_MIRROR);
}

static void the_self_key_opens_what_we_wrote_alone(void **state)
{
	struct scene *s = *state;
	uint8_t key[KITH_BOX2_KEY_BYTES] = { 9 };

	write_box2(s, s->self, KITH_SCHEME_SELF, key);
	assert_int_equal(open_with(s, s->self, KITH_TRY_USUAL), KITH_FOREIGN);
	kith_opener_set_self(s->opener, key);
	assert_int_equal(open_with(s, s->self, KITH_TRY_USUAL), KITH_OPENED);
	assert_int_equal(s->out.via, KITH_VIA_SELF);
	write_box2(s, s->friend, KITH_SCHEME_SELF, key);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
			 KITH_FOREIGN);
}

static void groups_are_told_by_their_number(void **state)
{
	struct scene *s = *state;
	uint8_t key[KITH_BOX2_KEY_BYTES] = { 0 };

	for (uint8_t i = 0; i < 5; i++) {
		key[0] = i;
		assert_int_equal(kith_opener_add_group(s->opener, key),
				 KITH_OK);
	}
	key[0] = 3;
	write_box2(s, s->friend, KITH_SCHEME_GROUP, key);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL), KITH_OPENED);
	assert_int_equal(s->out.via, KITH_VIA_GROUP);
	assert_int_equal(s->out.which, 3);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_DIRECT),
			 KITH_FOREIGN);
	key[0] = 5;
	write_box2(s, s->friend, KITH_SCHEME_GROUP, key);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
			 KITH_FOREIGN);
}

static void po_boxes_are_told_by_their_number(void **state)
{
	struct scene *s = *state;
	struct kith_pobox boxes[2];
	struct kith_direct_keys keys;
	uint8_t secret[KITH_CURVE_BYTES];

	for (size_t i = 0; i < 2; i++) {
		randombytes_buf(secret, sizeof(secret));
		kith_pobox_init(&boxes[i], secret);
		assert_int_equal(kith_opener_add_pobox(s->opener, &boxes[i]),
				 KITH_OK);
	}
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(kith_pobox_keys(s->friend, boxes[i].public,
						 &keys),
				 KITH_OK);
		write_box2(s, s->friend, KITH_SCHEME_POBOX, keys.b[0]);
		assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
				 KITH_OPENED);
		assert_int_equal(s->out.via, KITH_VIA_POBOX);
		assert_int_equal(s->out.which, i);
	}
}

static void more_keys_than_the_limits_are_refused(void **state)
{
	struct scene *s = *state;
	struct kith_pobox pobox;
	uint8_t key[KITH_BOX2_KEY_BYTES] = { 1 };

	for (size_t i = 0; i < KITH_OPENER_GROUPS_MAX; i++)
		assert_int_equal(kith_opener_add_group(s->opener, key),
				 KITH_OK);
	assert_int_equal(kith_opener_add_group(s->opener, key), KITH_ETOOBIG);
	kith_pobox_init(&pobox, key);
	for (size_t i = 0; i < KITH_OPENER_POBOXES_MAX; i++)
		assert_int_equal(kith_opener_add_pobox(s->opener, &pobox),
				 KITH_OK);
	assert_int_equal(kith_opener_add_pobox(s->opener, &pobox),
			 KITH_ETOOBIG);
}

/* Whose keys are remembered in the same place as the friend's. */
static struct kith_signer *author_in_place_of(const struct kith_signer *s)
{
	const uint8_t *id = kith_signer_id(s)->b;
	struct kith_signer *author = kith_signer_generate();

	while (author &&
	       (kith_be32(kith_signer_id(author)->b) ^ kith_be32(id)) %
		       KITH_OPENER_AUTHORS) {
		kith_signer_free(author);
		author = kith_signer_generate();
	}
	assert_non_null(author);
	return author;
}

static void authors_who_share_a_place_are_not_mixed_up(void **state)
{
	struct scene *s = *state;
	struct kith_signer *other = author_in_place_of(s->friend);
	struct kith_signer *first = private_signer(3);

	/* The first author of all has a place alone. */
	write_direct(s, first, KITH_SCHEME_DIRECT, 0);
	assert_int_equal(open_with(s, first, KITH_TRY_USUAL), KITH_OPENED);
	kith_signer_free(first);
	for (size_t i = 0; i < 4; i++) {
		const struct kith_signer *author = i % 2 ? other : s->friend;

		write_direct(s, author, KITH_SCHEME_DIRECT, 0);
		assert_int_equal(open_with(s, author, KITH_TRY_USUAL),
				 KITH_OPENED);
		assert_int_equal(open_with(s, i % 2 ? s->friend : other,
					   KITH_TRY_USUAL),
				 KITH_FOREIGN);
	}
	kith_signer_free(other);
}

static void an_author_that_is_no_point_has_no_direct_messages(void **state)
{
	struct scene *s = *state;
	struct kith_feed_id nobody = { .format = KITH_CLASSIC };
	struct kith_boxed m = { .author = &nobody };

	write_direct(s, s->friend, KITH_SCHEME_DIRECT, 0);
	m.content = kith_bytes(&s->content);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(kith_open(s->opener, &m, KITH_TRY_USUAL,
					   &s->out),
				 KITH_FOREIGN);
}

static void what_is_no_box_is_foreign(void **state)
{
	struct scene *s = *state;

	kith_buf_text(&s->content, POST);
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
			 KITH_FOREIGN);
	kith_buf_reset(&s->content);
	kith_buf_text(&s->content, "\"AAAA.box3\"");
	assert_int_equal(open_with(s, s->friend, KITH_TRY_USUAL),
			 KITH_FOREIGN);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make, clear)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(box1_is_opened),
		TEST(direct_messages_are_opened_again_and_again),
		TEST(messages_in_the_order_of_the_document_are_opened),
		TEST(messages_between_metafeeds_are_opened_if_asked_for),
		TEST(the_self_key_opens_what_we_wrote_alone),
		TEST(groups_are_told_by_their_number),
		TEST(po_boxes_are_told_by_their_number),
		TEST(more_keys_than_the_limits_are_refused),
		TEST(authors_who_share_a_place_are_not_mixed_up),
		TEST(an_author_that_is_no_point_has_no_direct_messages),
		TEST(what_is_no_box_is_foreign),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
