/* What programs of our own get that ask for what is private, while keys and
 * messages come in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/support/bed.h"
#include "tests/views/letters.h"

enum { WAIT_MS = 5000, CALM_MS = 400, ME = 0, FRIEND = 1, STRANGER = 2,
       GROUP = 0,
       MESSAGE_BYTES = 32768 };

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
	struct kith_buf args = { .limit = MESSAGE_BYTES };
	struct kith_error e = { 0 };
	struct kith_slice reply;

	while (s->added < by->count) {
		kith_buf_reset(&args);
		kith_buf_byte(&args, '[');
		kith_buf_put(&args, author_message(by, ++s->added));
		kith_buf_byte(&args, ']');
		if (client_call(s->writer, "add", kith_bytes(&args), &reply,
				&e))
			fail_msg("%s", e.text);
	}
	kith_buf_free(&args);
}

static void listen(struct scene *s, const char *method, const char *args)
{
	assert_int_equal(client_source(s->bed.client, method, kith_text(args),
				       NULL), KITH_OK);
}

static struct kith_slice next(struct scene *s)
{
	struct kith_error e = { 0 };
	struct kith_slice item;

	if (client_next(s->bed.client, WAIT_MS, &item, &e))
		fail_msg("nothing came: %s", e.text);
	return item;
}

static void assert_calm(struct scene *s)
{
	struct kith_slice item;

	assert_int_equal(client_next(s->bed.client, CALM_MS, &item, NULL),
			 KITH_EBUSY);
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
	assert_true(json_says_true(json_get(next(s), "sync")));
	write_key(s);
	assert_says(json_get(next(s), "content"), "early");
	letter_direct(&s->l, FRIEND, ME,
		      KITH_SLICE("{\"type\":\"post\",\"text\":\"new\"}"));
	receive(s);
	assert_says(json_get(next(s), "content"), "new");
	assert_calm(s);
}

static void a_live_query_of_what_is_public_hears_nothing_of_it(void **state)
{
	struct scene *s = *state;

	write_late_group(s);
	listen(s, "messagesByType", "[{\"type\":\"post\",\"live\":true}]");
	assert_true(json_says_true(json_get(next(s), "sync")));
	write_key(s);
	assert_calm(s);
}

/* The box comes when it does, and again when it opens. */
static void assert_stream(struct scene *s, const char *method,
			  const char *args)
{
	write_late_group(s);
	listen(s, method, args);
	assert_int_equal(json_kind(content_of(next(s))), JSON_KIND_STRING);
	assert_int_equal(json_kind(content_of(next(s))), JSON_KIND_STRING);
	assert_true(json_says_true(json_get(next(s), "sync")));
	write_key(s);
	assert_true(json_is(json_get(content_of(next(s)), "type"),
			    "group/init"));
	assert_says(content_of(next(s)), "early");
	assert_true(json_is(json_get(content_of(next(s)), "type"),
			    "group/add-member"));
	assert_calm(s);
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
	assert_calm(s);
	for (int i = 0; i < 3; i++) {
		letter_box1(&s->l, FRIEND, ME, KITH_SLICE(
			"{\"type\":\"post\",\"text\":\"letter\"}"));
		receive(s);
		assert_says(content_of(next(s)), "letter");
	}
	assert_calm(s);
}

/* --- what is found -------------------------------------------------------- */

static void assert_finds(struct scene *s, const char *args, size_t expected)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err;
	size_t n = 0;

	listen(s, "kith.query", args);
	while (!(err = client_next(s->bed.client, WAIT_MS, &item, &e)))
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

static void assert_comes_to_stand(struct scene *s, const char *blob,
				  const char *stand)
{
	const struct timespec pause = { .tv_nsec = 10000000 };
	struct kith_slice reply = { 0 };
	char args[200];

	snprintf(args, sizeof(args), "[{\"id\":\"%s\"}]", blob);
	for (int ms = 0; ms < WAIT_MS; ms += 10) {
		assert_int_equal(client_call(s->bed.client, "kith.blobWhy",
					     kith_text(args), &reply, NULL),
				 KITH_OK);
		if (json_is(json_get(reply, "stand"), stand))
			return;
		nanosleep(&pause, NULL);
	}
	fail_msg("%s is not %s", blob, stand);
}

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
	assert_comes_to_stand(s, blobs[0], "asked");
	assert_comes_to_stand(s, blobs[1], "unknown");
	assert_comes_to_stand(s, blobs[2], "unknown");
	write_key(s);
	assert_comes_to_stand(s, blobs[2], "asked");
	/* And so it is when the postings are read anew. */
	bed_restart(&s->bed, NULL);
	client_close(s->writer);
	s->writer = bed_dial(&s->bed);
	assert_comes_to_stand(s, blobs[0], "asked");
	assert_comes_to_stand(s, blobs[1], "unknown");
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
