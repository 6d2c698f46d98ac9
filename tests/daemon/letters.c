/* What programs of our own get that ask for what is private, while keys and
 * messages come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/support/bed.h"
#include "tests/views/letters.h"

enum { ME = 0, FRIEND = 1, STRANGER = 2, GROUP = 0 };

struct scene {
	struct bed bed;
	struct client *writer;
	struct letters l; /* authors[ME] has the key of the bed */
	uint64_t added;	  /* of the friend's */
};

static int set_up(void **state)
{
	struct scene *s = calloc(1, sizeof(*s));

	bed_init(&s->bed);
	bed_open(&s->bed, NULL);
	bed_start(&s->bed);
	s->writer = bed_dial(&s->bed);
	letters_init(&s->l, 1);
	*state = s;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *s = *state;

	client_close(s->writer);
	bed_close(&s->bed);
	letters_clear(&s->l);
	free(s);
	return 0;
}

/* All that the friend has written comes in. */
static void receive(struct scene *s)
{
	const struct author *by = &s->l.authors[FRIEND];
	struct kith_error e = { 0 };

	while (s->added < by->count)
		if (bed_add(s->writer, author_message(by, ++s->added), &e))
			fail_msg("%s", e.text);
}

static void listen(struct scene *s, const char *method, const char *args)
{
	assert_int_equal(client_source(s->bed.client, method, kith_text(args),
				       NULL), KITH_OK);
}

static struct kith_slice content_of(struct kith_slice item)
{
	return json_get(json_get(item, "value"), "content");
}

static void assert_says(struct kith_slice content, const char *text)
{
	assert_true(json_is(json_get(content, "text"), text));
}

static void write_late_group(struct scene *s)
{
	letter_found(&s->l, FRIEND, GROUP);
	letter_to_group(&s->l, FRIEND, GROUP,
		     KITH_SLICE("{\"type\":\"post\",\"text\":\"early\"}"));
	receive(s);
}

static void write_key(struct scene *s)
{
	letter_add(&s->l, FRIEND, GROUP, ME);
	receive(s);
}

/* --- what is heard -------------------------------------------------------- */

static void a_live_query_hears_what_a_later_key_opens_once(void **state)
{
	struct scene *s = *state;

	write_late_group(s);
	listen(s, "messagesByType", "[{\"type\":\"post\",\"private\":true,"
	       "\"live\":true,\"keys\":false}]");
	assert_true(json_says_true(json_get(bed_next(&s->bed), "sync")));
	write_key(s);
	assert_says(json_get(bed_next(&s->bed), "content"), "early");
	letter_direct(&s->l, FRIEND, ME,
		      KITH_SLICE("{\"type\":\"post\",\"text\":\"new\"}"));
	receive(s);
	assert_says(json_get(bed_next(&s->bed), "content"), "new");
	bed_is_calm(&s->bed);
}

static void a_live_query_of_what_is_public_hears_nothing_of_it(void **state)
{
	struct scene *s = *state;

	write_late_group(s);
	listen(s, "messagesByType", "[{\"type\":\"post\",\"live\":true}]");
	assert_true(json_says_true(json_get(bed_next(&s->bed), "sync")));
	write_key(s);
	bed_is_calm(&s->bed);
}

/* What a key opens comes in its order; the message that brought it before,
 * between or behind, as far as the opening was when the stream looked. */
static void assert_opened(struct scene *s)
{
	struct kith_slice content;
	int brought = 0, opened = 0;

	for (int i = 0; i < 3; i++) {
		content = content_of(bed_next(&s->bed));
		if (json_is(json_get(content, "type"), "group/add-member"))
			brought++;
		else if (opened++)
			assert_says(content, "early");
		else
			assert_true(json_is(json_get(content, "type"),
					    "group/init"));
	}
	assert_int_equal(brought, 1);
}

/* The box comes when it does, and again when it opens. */
static void assert_stream(struct scene *s, const char *method,
			  const char *args)
{
	write_late_group(s);
	listen(s, method, args);
	assert_int_equal(json_kind(content_of(bed_next(&s->bed))),
			 JSON_KIND_STRING);
	assert_int_equal(json_kind(content_of(bed_next(&s->bed))),
			 JSON_KIND_STRING);
	assert_true(json_says_true(json_get(bed_next(&s->bed), "sync")));
	write_key(s);
	assert_opened(s);
	bed_is_calm(&s->bed);
}

static void a_stream_of_the_log_hears_what_a_later_key_opens(void **state)
{
	assert_stream(*state, "createLogStream",
		      "[{\"private\":true,\"live\":true}]");
}

static void a_stream_of_a_feed_hears_what_a_later_key_opens(void **state)
{
	struct scene *s = *state;
	char id[KITH_REF_TEXT_BYTES], args[200];

	kith_feed_print(author_id(&s->l.authors[FRIEND]), id);
	snprintf(args, sizeof(args), "[{\"id\":\"%s\",\"private\":true,"
		 "\"live\":true}]", id);
	assert_stream(s, "createUserStream", args);
}

/* It is not sent before it was tried with the keys, and so not twice. */
static void a_letter_comes_once_and_open(void **state)
{
	struct scene *s = *state;

	listen(s, "createLogStream", "[{\"private\":true,\"live\":true,"
	       "\"old\":false}]");
	bed_is_calm(&s->bed);
	for (int i = 0; i < 3; i++) {
		letter_box1(&s->l, FRIEND, ME, KITH_SLICE(
			"{\"type\":\"post\",\"text\":\"letter\"}"));
		receive(s);
		assert_says(content_of(bed_next(&s->bed)), "letter");
	}
	bed_is_calm(&s->bed);
}

/* --- what is found -------------------------------------------------------- */

static void assert_finds(struct scene *s, const char *args, size_t expected)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err;
	size_t n = 0;

	listen(s, "kith.query", args);
	while (!(err = client_next(s->bed.client, BED_WAIT_MS, &item, &e)))
		n++;
	if (err != KITH_ENOENT)
		fail_msg("%s: %s", args, e.text);
	assert_int_equal(n, expected);
}

static void words_are_found_in_private_where_that_is_asked_for(void **state)
{
	struct scene *s = *state;

	letter_box1(&s->l, FRIEND, ME, KITH_SLICE(
		"{\"type\":\"post\",\"text\":\"a pear for you\"}"));
	letter_direct(&s->l, FRIEND, ME, KITH_SLICE(
		"{\"type\":\"post\",\"text\":\"another pear\"}"));
	author_write(&s->l.authors[FRIEND], KITH_SLICE(
		"{\"type\":\"post\",\"text\":\"a pear for all\"}"));
	receive(s);
	assert_finds(s, "[{\"text\":\"pear\"}]", 1);
	assert_finds(s, "[{\"text\":\"pear\"},{\"private\":true}]", 3);
	assert_finds(s, "[{\"text\":\"pear\",\"private\":true},"
		     "{\"private\":true}]", 2);
	assert_finds(s, "[{\"text\":\"pear\",\"private\":false},"
		     "{\"private\":true}]", 1);
	assert_finds(s, "[{\"private\":true,\"type\":\"post\","
		     "\"not\":{\"text\":\"another\"}},"
		     "{\"private\":true}]", 1);
	assert_finds(s, "[{\"private\":true,\"text\":\"pear\"}]", 0);
	letter_box1(&s->l, FRIEND, ME, KITH_SLICE(
		"{\"type\":\"post\",\"text\":\"one more pear\"}"));
	receive(s);
	assert_finds(s, "[{\"text\":\"pear\"},{\"private\":true}]", 4);
}

/* --- what is wanted ------------------------------------------------------- */

static void put_mention(char *content, size_t n, const char *blob)
{
	snprintf(content, n, "{\"type\":\"post\",\"text\":\"x\","
		 "\"mentions\":[{\"link\":\"%s\"}]}", blob);
}

static void follow(struct scene *s, const struct author *whom)
{
	char id[KITH_REF_TEXT_BYTES], args[300];
	struct kith_slice reply;

	kith_feed_print(author_id(whom), id);
	snprintf(args, sizeof(args), "[{\"type\":\"contact\",\"contact\":"
		 "\"%s\",\"following\":true}]", id);
	assert_int_equal(client_call(s->writer, "publish", kith_text(args),
				     &reply, NULL), KITH_OK);
}

static void blobs_that_only_letters_name_are_wanted(void **state)
{
	static const char *const blobs[] = {
		"&AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256",
		"&BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA=.sha256",
		"&CCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCCA=.sha256",
	};
	struct scene *s = *state;
	char content[300];

	follow(s, &s->l.authors[FRIEND]);
	put_mention(content, sizeof(content), blobs[0]);
	letter_box1(&s->l, FRIEND, ME, kith_text(content));
	put_mention(content, sizeof(content), blobs[1]);
	letter_box1(&s->l, FRIEND, STRANGER, kith_text(content));
	letter_found(&s->l, FRIEND, GROUP);
	put_mention(content, sizeof(content), blobs[2]);
	letter_to_group(&s->l, FRIEND, GROUP, kith_text(content));
	receive(s);
	bed_comes_to_stand(&s->bed, blobs[0], "asked");
	bed_comes_to_stand(&s->bed, blobs[1], "unknown");
	bed_comes_to_stand(&s->bed, blobs[2], "unknown");
	write_key(s);
	bed_comes_to_stand(&s->bed, blobs[2], "asked");
	/* And so it is when the postings are read anew. */
	bed_restart(&s->bed, NULL);
	client_close(s->writer);
	s->writer = bed_dial(&s->bed);
	bed_comes_to_stand(&s->bed, blobs[0], "asked");
	bed_comes_to_stand(&s->bed, blobs[1], "unknown");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_live_query_hears_what_a_later_key_opens_once, set_up,
			tear_down),
		cmocka_unit_test_setup_teardown(
			a_live_query_of_what_is_public_hears_nothing_of_it,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_stream_of_the_log_hears_what_a_later_key_opens,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_stream_of_a_feed_hears_what_a_later_key_opens,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_letter_comes_once_and_open,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			words_are_found_in_private_where_that_is_asked_for,
			set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			blobs_that_only_letters_name_are_wanted, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
