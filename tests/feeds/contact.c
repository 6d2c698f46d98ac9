#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "feeds/contact.h"
#include "feeds/json.h"
#include "feeds/ref.h"

#define FEED "@iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=.ed25519"
#define CONTACT "{\"type\":\"contact\",\"contact\":\"" FEED "\""

static void assert_edge(const char *content, enum contact_edge expected)
{
	enum contact_edge edge = CONTACT_NONE;
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id to;

	assert_true(contact_read(kith_text(content), &to, &edge));
	if (edge != expected)
		fail_msg("edge %d: %s", edge, content);
	kith_feed_print(&to, text);
	assert_string_equal(text, FEED);
}

static void assert_no_contact(const char *content)
{
	enum contact_edge edge = CONTACT_NONE;
	struct kith_feed_id to;

	if (contact_read(kith_text(content), &to, &edge))
		fail_msg("taken: %s", content);
	assert_int_equal(edge, CONTACT_NONE);
}

static void only_true_follows(void **state)
{
	(void)state;
	assert_edge(CONTACT ",\"following\":true}", CONTACT_FOLLOW);
	assert_edge(CONTACT ",\"following\":true,\"blocking\":false}",
		    CONTACT_FOLLOW);
	assert_edge(CONTACT ",\"following\":false}", CONTACT_UNFOLLOW);
	assert_edge(CONTACT ",\"following\":null}", CONTACT_UNFOLLOW);
	assert_edge(CONTACT ",\"following\":1}", CONTACT_UNFOLLOW);
	assert_edge(CONTACT ",\"following\":\"true\"}", CONTACT_UNFOLLOW);
	assert_edge(CONTACT ",\"blocking\":false}", CONTACT_UNFOLLOW);
	assert_edge(CONTACT "}", CONTACT_UNFOLLOW);
}

static void whatever_javascript_takes_for_true_blocks(void **state)
{
	static const char *const blocking[] = {
		"true", "1", "-1", "0.5", "\"no\"", "{}", "[]",
	};
	static const char *const not_blocking[] = { "false", "null", "0",
						    "\"\"" };
	char content[256];

	(void)state;
	for (size_t i = 0; i < sizeof(blocking) / sizeof(blocking[0]); i++) {
		snprintf(content, sizeof(content), "%s,\"blocking\":%s}",
			 CONTACT, blocking[i]);
		assert_edge(content, CONTACT_BLOCK);
		snprintf(content, sizeof(content), "%s,\"flagged\":%s}",
			 CONTACT, blocking[i]);
		assert_edge(content, CONTACT_BLOCK);
	}
	for (size_t i = 0; i < 4; i++) {
		snprintf(content, sizeof(content),
			 "%s,\"following\":true,\"blocking\":%s}", CONTACT,
			 not_blocking[i]);
		assert_edge(content, CONTACT_FOLLOW);
	}
	assert_edge(CONTACT ",\"following\":true,\"blocking\":true}",
		    CONTACT_BLOCK);
}

static void other_content_is_no_contact(void **state)
{
	(void)state;
	assert_no_contact("\"AAAA.box\"");
	assert_no_contact("{}");
	assert_no_contact("{\"type\":\"post\",\"contact\":\"" FEED "\"}");
	assert_no_contact("{\"contact\":\"" FEED "\",\"following\":true}");
	assert_no_contact("{\"type\":\"contact\",\"following\":true}");
	assert_no_contact("{\"type\":\"contact\",\"contact\":7}");
	assert_no_contact("{\"type\":\"contact\",\"contact\":\"@me\"}");
	assert_no_contact("{\"type\":\"contact\",\"contact\":\"%iojj3XQJ8ZX9Uts"
			  "tPLpdcspnCb8dlBIb83SIAbQPb1w=.sha256\"}");
}

static void reads_back_every_edge_that_it_writes(void **state)
{
	static const enum contact_edge edges[] = {
		CONTACT_FOLLOW, CONTACT_UNFOLLOW, CONTACT_BLOCK
	};
	struct kith_feed_id to;

	(void)state;
	assert_int_equal(kith_feed_parse(kith_text(FEED), &to), KITH_OK);
	for (size_t i = 0; i < 3; i++) {
		struct kith_buf b = { .limit = 512 };
		struct kith_feed_id read;
		enum contact_edge edge;

		contact_write(&b, &to, edges[i]);
		assert_int_equal(b.err, KITH_OK);
		assert_int_equal(json_check(kith_bytes(&b), NULL, NULL),
				 KITH_OK);
		assert_true(contact_read(kith_bytes(&b), &read, &edge));
		assert_int_equal(edge, edges[i]);
		assert_true(kith_feed_equal(&read, &to));
		kith_buf_free(&b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_true_follows),
		cmocka_unit_test(whatever_javascript_takes_for_true_blocks),
		cmocka_unit_test(other_content_is_no_contact),
		cmocka_unit_test(reads_back_every_edge_that_it_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
