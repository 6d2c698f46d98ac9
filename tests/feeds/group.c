#include "feeds/group.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/json.h"
#include "tests/feeds/private.h"

#define DATA "BAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQ="
#define GROUP "%" DATA ".cloaked"
#define ROOT "%CQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQk=.sha256"
#define FEED "@BQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQU=.ed25519"
#define TANGLE "{\"root\":\"" ROOT "\",\"previous\":[\"" ROOT "\"]}"
#define ADD(version, key, root, recps)                                   \
	"{\"type\":\"group/add-member\",\"version\":\"" version          \
	"\",\"groupKey\":\"" key "\",\"root\":\"" root "\",\"recps\":["  \
	recps "],\"tangles\":{\"group\":" TANGLE ",\"members\":" TANGLE "}}"
#define RECPS "\"" GROUP "\",\"" FEED "\""

static void a_groups_id_is_read_in_both_forms(void **state)
{
	static const char *const forms[] = { GROUP,
					     "ssb:identity/group/" DATA,
					     "ssb:message/cloaked/" DATA };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_msg_id id;

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		memset(&id, 0, sizeof(id));
		assert_int_equal(kith_group_parse(kith_text(forms[i]), &id),
				 KITH_OK);
		assert_int_equal(id.format, KITH_CLOAKED);
		kith_msg_print(&id, text);
		assert_string_equal(text, GROUP);
		kith_group_print_uri(&id, text);
		assert_string_equal(text, "ssb:identity/group/" DATA);
	}
}

static void other_ids_are_no_groups(void **state)
{
	static const char *const others[] = {
		"",	ROOT, FEED, "ssb:identity/po-box/" DATA,
		"ssb:identity/group/",	"ssb:identity/group/" DATA "=",
		"%" DATA ".cloake",	"ssb:identity/group",
	};
	struct kith_msg_id id;

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_int_equal(kith_group_parse(kith_text(others[i]), &id),
				 KITH_EFORMAT);
}

static void an_id_needs_a_box2_key_and_a_message(void **state)
{
	struct kith_box_key key = { .n = 33 };
	struct kith_msg_id init = { .format = KITH_CLASSIC }, id;

	(void)state;
	assert_int_equal(kith_group_id(&init, &key, &id), KITH_EFORMAT);
	key.n = 32;
	assert_int_equal(kith_group_id(&init, &key, &id), KITH_OK);
	init.format = KITH_FORMAT_NONE;
	assert_int_equal(kith_group_id(&init, &key, &id), KITH_EFORMAT);
}

static void a_first_message_is_known_by_what_is_written(void **state)
{
	struct kith_buf b = { .limit = PRIVATE_BUFFER_BYTES };

	(void)state;
	kith_group_init_write(&b);
	assert_true(kith_equal(
		kith_bytes(&b),
		KITH_SLICE("{\"type\":\"group/init\",\"tangles\":{\"group\":"
			   "{\"root\":null,\"previous\":null}}}")));
	assert_true(kith_group_is_init(kith_bytes(&b)));
	kith_buf_free(&b);
}

static void other_messages_are_no_first_ones(void **state)
{
	static const char *const others[] = {
		"{\"type\":\"group/init\"}",
		"{\"type\":\"group/init\",\"tangles\":{\"group\":" TANGLE "}}",
		"{\"type\":\"group/init\",\"version\":\"v2\",\"tangles\":{"
		"\"group\":{\"root\":null,\"previous\":null}}}",
		"{\"type\":\"post\",\"tangles\":{"
		"\"group\":{\"root\":null,\"previous\":null}}}",
		"[]",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		assert_false(kith_group_is_init(kith_text(others[i])));
}

/* An add of n members with their tangle of tips messages. */
static struct kith_group_add add_of(size_t n, struct kith_tangle *t,
				    size_t tips)
{
	struct kith_group_add add = { .n = n };

	assert_int_equal(kith_group_parse(KITH_SLICE(GROUP), &add.group),
			 KITH_OK);
	assert_int_equal(kith_msg_parse(KITH_SLICE(ROOT), &add.root), KITH_OK);
	randombytes_buf(add.key, sizeof(add.key));
	for (size_t i = 0; i < n && i < KITH_GROUP_MEMBERS_MAX; i++) {
		add.members[i].format = KITH_CLASSIC;
		add.members[i].b[0] = (uint8_t)i;
	}
	*t = (struct kith_tangle){ .root = add.root, .n = tips };
	for (size_t i = 0; i < tips && i < KITH_GROUP_TIPS_MAX; i++) {
		t->previous[i].format = KITH_CLASSIC;
		t->previous[i].b[1] = (uint8_t)i;
	}
	return add;
}

static void assert_same_add(const struct kith_group_add *a,
			    const struct kith_group_add *b)
{
	assert_true(kith_msg_equal(&a->group, &b->group));
	assert_true(kith_msg_equal(&a->root, &b->root));
	assert_memory_equal(a->key, b->key, sizeof(a->key));
	assert_int_equal(a->n, b->n);
	for (size_t i = 0; i < a->n; i++)
		assert_true(kith_feed_equal(&a->members[i], &b->members[i]));
}

static void assert_same_tangle(struct kith_slice content, const char *name,
			       const struct kith_tangle *t)
{
	struct kith_tangle back;

	assert_int_equal(kith_tangle_read(content, name, &back), KITH_OK);
	assert_false(back.first);
	assert_true(kith_msg_equal(&back.root, &t->root));
	assert_int_equal(back.n, t->n);
	for (size_t i = 0; i < t->n; i++)
		assert_true(kith_msg_equal(&back.previous[i], &t->previous[i]));
}

static void what_adds_members_is_read_as_it_was_written(void **state)
{
	struct kith_buf b = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_group_add add, back;
	struct kith_tangle group, members;

	(void)state;
	for (size_t n = 1; n <= KITH_GROUP_MEMBERS_MAX; n += 7) {
		add_of(1, &group, KITH_GROUP_TIPS_MAX);
		add = add_of(n, &members, n);
		if (n > 1)
			add.text = KITH_SLICE("welcome \"all\"");
		kith_buf_reset(&b);
		assert_int_equal(kith_group_add_write(&add, &group, &members,
						      &b),
				 KITH_OK);
		assert_int_equal(json_check(kith_bytes(&b), NULL, NULL),
				 KITH_OK);
		assert_int_equal(kith_group_add_read(kith_bytes(&b), &back),
				 KITH_OK);
		assert_same_add(&back, &add);
		assert_true(n > 1 ? json_is(back.text, "welcome \"all\"")
				  : back.text.n == 0);
		assert_same_tangle(kith_bytes(&b), "group", &group);
		assert_same_tangle(kith_bytes(&b), "members", &members);
	}
	kith_buf_free(&b);
}

static void too_many_nobody_and_rootless_are_not_written(void **state)
{
	struct kith_buf b = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_tangle t, none = { .first = true };
	struct kith_group_add add = add_of(0, &t, 1);

	(void)state;
	assert_int_equal(kith_group_add_write(&add, &t, &t, &b), KITH_EFORMAT);
	add = add_of(1, &t, 1);
	assert_int_equal(kith_group_add_write(&add, &none, &t, &b),
			 KITH_EFORMAT);
	assert_int_equal(kith_group_add_write(&add, &t, &none, &b),
			 KITH_EFORMAT);
	add = add_of(KITH_GROUP_MEMBERS_MAX + 1, &t, 1);
	assert_int_equal(kith_group_add_write(&add, &t, &t, &b), KITH_ETOOBIG);
	add = add_of(1, &t, KITH_GROUP_TIPS_MAX + 1);
	assert_int_equal(kith_group_add_write(&add, &t, &t, &b), KITH_ETOOBIG);
	assert_int_equal(b.n, 0);
	b.limit = 100;
	add = add_of(1, &t, 1);
	assert_int_equal(kith_group_add_write(&add, &t, &t, &b), KITH_ETOOBIG);
	kith_buf_free(&b);
}

static void what_breaks_a_rule_adds_nobody(void **state)
{
	static const char *const wrong[] = {
		ADD("v2", DATA, ROOT, RECPS),
		ADD("v1", "BAQE", ROOT, RECPS),
		ADD("v1", DATA DATA, ROOT, RECPS),
		ADD("v1", "", ROOT, RECPS),
		ADD("v1", DATA, FEED, RECPS),
		ADD("v1", DATA, ROOT, ""),
		ADD("v1", DATA, ROOT, "\"" GROUP "\""),
		ADD("v1", DATA, ROOT, "\"" FEED "\",\"" FEED "\""),
		ADD("v1", DATA, ROOT, "\"" GROUP "\",\"" GROUP "\""),
		ADD("v1", DATA, ROOT, "\"" GROUP "\",5"),
		ADD("v1", DATA, ROOT, "\"" GROUP "\",{\"link\":\"" FEED "\"}"),
		"{\"type\":\"group/add-member\"}",
		"{\"type\":\"post\"}",
		"[]",
	};
	struct kith_group_add add;

	(void)state;
	assert_int_equal(kith_group_add_read(KITH_SLICE(ADD("v1", DATA, ROOT,
							    RECPS)),
					     &add),
			 KITH_OK);
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_int_equal(kith_group_add_read(kith_text(wrong[i]), &add),
				 KITH_EFORMAT);
}

static void fifteen_members_are_read_and_sixteen_are_not(void **state)
{
	struct kith_buf b = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_group_add add;

	(void)state;
	for (size_t n = 15; n <= 16; n++) {
		kith_buf_reset(&b);
		kith_buf_text(&b, "{\"type\":\"group/add-member\","
				  "\"version\":\"v1\",\"groupKey\":\"" DATA
				  "\",\"root\":\"" ROOT "\",\"recps\":[\"" GROUP
				  "\"");
		for (size_t i = 0; i < n; i++)
			kith_buf_text(&b, ",\"" FEED "\"");
		kith_buf_text(&b, "]}");
		assert_int_equal(kith_group_add_read(kith_bytes(&b), &add),
				 n == 15 ? KITH_OK : KITH_EFORMAT);
	}
	kith_buf_free(&b);
}

static void false_tangles_are_told_from_none(void **state)
{
	static const struct {
		const char *content;
		enum kith_err expected;
	} rows[] = {
		{ "{}", KITH_ENOENT },
		{ "{\"tangles\":5}", KITH_ENOENT },
		{ "{\"tangles\":{\"members\":" TANGLE "}}", KITH_ENOENT },
		{ "{\"tangles\":{\"group\":5}}", KITH_EFORMAT },
		{ "{\"tangles\":{\"group\":{\"root\":null}}}", KITH_EFORMAT },
		{ "{\"tangles\":{\"group\":{\"root\":\"" ROOT
		  "\",\"previous\":null}}}",
		  KITH_EFORMAT },
		{ "{\"tangles\":{\"group\":{\"root\":\"" ROOT
		  "\",\"previous\":[]}}}",
		  KITH_EFORMAT },
		{ "{\"tangles\":{\"group\":{\"root\":\"" ROOT
		  "\",\"previous\":[\"" FEED "\"]}}}",
		  KITH_EFORMAT },
		{ "{\"tangles\":{\"group\":" TANGLE "}}", KITH_OK },
	};
	struct kith_tangle t;

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		assert_int_equal(kith_tangle_read(kith_text(rows[i].content),
						  "group", &t),
				 rows[i].expected);
}

static void a_tangle_with_too_many_tips_is_too_big(void **state)
{
	struct kith_buf b = { .limit = PRIVATE_BUFFER_BYTES };
	struct kith_tangle t;

	(void)state;
	kith_buf_text(&b, "{\"tangles\":{\"group\":{\"root\":\"" ROOT
			  "\",\"previous\":[\"" ROOT "\"");
	for (size_t i = 0; i < KITH_GROUP_TIPS_MAX; i++)
		kith_buf_text(&b, ",\"" ROOT "\"");
	kith_buf_text(&b, "]}}}");
	assert_int_equal(kith_tangle_read(kith_bytes(&b), "group", &t),
			 KITH_ETOOBIG);
	kith_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_groups_id_is_read_in_both_forms),
		cmocka_unit_test(other_ids_are_no_groups),
		cmocka_unit_test(an_id_needs_a_box2_key_and_a_message),
		cmocka_unit_test(a_first_message_is_known_by_what_is_written),
		cmocka_unit_test(other_messages_are_no_first_ones),
		cmocka_unit_test(what_adds_members_is_read_as_it_was_written),
		cmocka_unit_test(too_many_nobody_and_rootless_are_not_written),
		cmocka_unit_test(what_breaks_a_rule_adds_nobody),
		cmocka_unit_test(fifteen_members_are_read_and_sixteen_are_not),
		cmocka_unit_test(false_tangles_are_told_from_none),
		cmocka_unit_test(a_tangle_with_too_many_tips_is_too_big),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
