#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/notes.h"
#include "tests/support/alloc.h"

enum { ROOM = 64 << 20 };

static struct kith_feed_id feed_of(uint32_t n)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	kith_put_be32(id.b, n);
	return id;
}

static struct kith_blob_id blob_of(uint32_t n)
{
	struct kith_blob_id id = { { 0 } };

	kith_put_be32(id.b + 28, n);
	return id;
}

static void set(struct depot_notes *n, uint32_t feed, uint64_t last)
{
	struct kith_feed_id id = feed_of(feed);

	assert_int_equal(depot_notes_set(n, &id, last), KITH_OK);
}

static uint64_t has(const struct depot_notes *n, uint32_t feed)
{
	struct kith_feed_id id = feed_of(feed);

	return depot_notes_has(n, &id);
}

static void want(struct depot_notes *n, uint32_t blob, unsigned distance)
{
	struct kith_blob_id id = blob_of(blob);

	assert_int_equal(depot_notes_want(n, &id, distance), KITH_OK);
}

static void meet(struct depot_notes *n, uint32_t node, uint64_t round)
{
	struct kith_feed_id id = feed_of(node);
	struct depot_writer_id w = depot_writer_of(&id, 0);

	assert_int_equal(depot_notes_met(n, &w, round), KITH_OK);
}

static void lose(struct depot_notes *n, uint32_t feed, uint64_t first,
		 uint64_t last)
{
	struct depot_range range = { feed_of(feed), first, last };

	assert_int_equal(depot_ranges_add(depot_notes_lacks(n), &range),
			 KITH_OK);
}

static void find(struct depot_notes *n, uint32_t feed, uint64_t first,
		 uint64_t last)
{
	struct depot_range range = { feed_of(feed), first, last };

	assert_int_equal(depot_ranges_remove(depot_notes_lacks(n), &range),
			 KITH_OK);
}

/* Reads lines in; how many there were. */
static size_t take(struct depot_notes *n, struct kith_slice lines)
{
	struct depot_lines *l = depot_lines_new(0);
	struct depot_line line;
	size_t count = 0;

	assert_non_null(l);
	while (depot_lines_next(l, &lines, &line) == DEPOT_LINE) {
		assert_int_equal(depot_notes_take(n, &line), KITH_OK);
		count++;
	}
	depot_lines_free(l);
	return count;
}

static struct kith_buf turn(const struct depot_notes *from,
			    const struct depot_notes *to, size_t expected)
{
	struct kith_buf out = { .limit = ROOM };
	size_t count = SIZE_MAX;

	assert_int_equal(depot_notes_turn(from, to, &out, &count), KITH_OK);
	assert_int_equal(count, expected);
	return out;
}

/* from says what to says once it has read what turns it so. */
static void assert_turns(struct depot_notes *from, struct depot_notes *to,
			 size_t lines)
{
	struct kith_buf out = turn(from, to, lines), again;

	assert_int_equal(take(from, kith_bytes(&out)), lines);
	again = turn(from, to, 0);
	kith_buf_free(&again);
	again = turn(to, from, 0);
	kith_buf_free(&again);
	assert_int_equal(depot_notes_lines(from), depot_notes_lines(to));
	kith_buf_free(&out);
}

#define FEED "@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.ed25519"
#define BLOB "&AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.sha256"
#define WRITER "mzuhvlpymk6xo3epygfy5h4oea"

static void notes_are_written_as_the_page_says(void **state)
{
	struct depot_notes *n = depot_notes_new();
	struct kith_buf out, want_text = { .limit = ROOM };

	(void)state;
	set(n, 0, 9);
	want(n, 0, 1);
	meet(n, 0, 3);
	lose(n, 0, 2, 5);
	depot_line_put(&want_text, DEPOT_HAVE,
		       KITH_SLICE("{\"feed\":\"" FEED "\",\"last\":9}"));
	depot_line_put(&want_text, DEPOT_WANT,
		       KITH_SLICE("{\"blob\":\"" BLOB "\",\"distance\":1}"));
	depot_line_put(&want_text, DEPOT_WRITER,
		       KITH_SLICE("{\"writer\":\"" WRITER "\",\"round\":3}"));
	depot_line_put(&want_text, DEPOT_LACK,
		       KITH_SLICE("{\"feed\":\"" FEED
				  "\",\"first\":2,\"last\":5}"));
	out = turn(NULL, n, 4);
	assert_true(kith_equal(kith_bytes(&out), kith_bytes(&want_text)));
	kith_buf_free(&want_text);
	kith_buf_free(&out);
	depot_notes_free(n);
}

static void what_is_taken_back_is_written_so(void **state)
{
	struct depot_notes *n = depot_notes_new(), *none = depot_notes_new();
	struct kith_buf out, want_text = { .limit = ROOM };

	(void)state;
	set(n, 0, 9);
	want(n, 0, 1);
	meet(n, 0, 3);
	lose(n, 0, 2, 5);
	meet(none, 0, 3);
	depot_line_put(&want_text, DEPOT_HAVE,
		       KITH_SLICE("{\"feed\":\"" FEED "\",\"last\":0}"));
	depot_line_put(&want_text, DEPOT_WANT,
		       KITH_SLICE("{\"blob\":\"" BLOB "\",\"distance\":0}"));
	depot_line_put(&want_text, DEPOT_LACK,
		       KITH_SLICE("{\"feed\":\"" FEED
				  "\",\"first\":2,\"last\":5,\"found\":true}"));
	out = turn(n, none, 3);
	assert_true(kith_equal(kith_bytes(&out), kith_bytes(&want_text)));
	assert_turns(n, none, 3);
	kith_buf_free(&want_text);
	kith_buf_free(&out);
	depot_notes_free(n);
	depot_notes_free(none);
}

static void only_what_changed_is_written(void **state)
{
	struct depot_notes *a = depot_notes_new(), *b = depot_notes_new();

	(void)state;
	for (uint32_t i = 0; i < 1000; i++) {
		set(a, i, 5);
		set(b, i, 5);
	}
	assert_turns(a, b, 0);
	set(b, 7, 6);
	set(b, 8, 0);
	set(b, 5000, 1);
	want(b, 1, 2);
	want(b, 2, 1);
	meet(b, 1, 0);
	meet(b, 2, 9);
	lose(b, 1, 1, 9);
	assert_turns(a, b, 8);
	want(b, 2, 0);
	want(b, 1, 1);
	meet(b, 1, 4);
	meet(b, 2, 0);
	find(b, 1, 4, 5);
	lose(b, 1, 20, 21);
	assert_turns(a, b, 6);
	depot_notes_free(a);
	depot_notes_free(b);
}

static void last_word_counts(void **state)
{
	struct depot_notes *n = depot_notes_new();
	struct kith_buf lines = { .limit = ROOM };

	(void)state;
	depot_line_put(&lines, DEPOT_HAVE,
		       KITH_SLICE("{\"feed\":\"" FEED "\",\"last\":9}"));
	depot_line_put(&lines, DEPOT_HAVE,
		       KITH_SLICE("{\"last\":4,\"feed\":\"" FEED "\"}"));
	assert_int_equal(take(n, kith_bytes(&lines)), 2);
	assert_int_equal(has(n, 0), 4);
	assert_int_equal(has(n, 1), 0);
	kith_buf_free(&lines);
	depot_notes_free(n);
}

static void all_that_is_said_can_be_walked(void **state)
{
	struct depot_notes *n = depot_notes_new();
	struct kith_feed_id feed, zero = feed_of(0);
	struct depot_writer_id writer, ours = depot_writer_of(&zero, 0);
	struct kith_blob_id blob;
	unsigned distance;
	uint64_t number;
	size_t count = 0;

	(void)state;
	for (uint32_t i = 0; i < 500; i++) {
		set(n, i, i + 1);
		want(n, i, i % 3 + 1);
	}
	meet(n, 0, 5);
	for (size_t at = 0; depot_notes_next(n, &at, &feed, &number); count++)
		assert_int_equal(number, kith_be32(feed.b) + 1);
	assert_int_equal(count, 500);
	count = 0;
	for (size_t at = 0; depot_notes_next_want(n, &at, &blob, &distance);
	     count++)
		assert_int_equal(distance, kith_be32(blob.b + 28) % 3 + 1);
	assert_int_equal(count, 500);
	count = 0;
	for (size_t at = 0; depot_notes_next_met(n, &at, &writer, &number);
	     count++) {
		assert_string_equal(writer.name, ours.name);
		assert_int_equal(number, 5);
	}
	assert_int_equal(count, 1);
	assert_int_equal(depot_notes_lines(n), 1001);
	depot_notes_free(n);
}

static void bad_notes_change_nothing(void **state)
{
	static const struct {
		char kind;
		const char *json;
	} bad[] = {
		{ DEPOT_HAVE, "" },
		{ DEPOT_HAVE, "{}" },
		{ DEPOT_HAVE, "{\"feed\":\"" FEED "\"}" },
		{ DEPOT_HAVE, "{\"feed\":\"" FEED "\",\"last\":-1}" },
		{ DEPOT_HAVE, "{\"feed\":\"" BLOB "\",\"last\":1}" },
		{ DEPOT_HAVE, "{\"feed\":\"" FEED "\",\"last\":1e300}" },
		{ DEPOT_HAVE, "{\"feed\":\"" FEED "\",\"last\":1}}" },
		{ DEPOT_WANT, "{\"blob\":\"" FEED "\",\"distance\":1}" },
		{ DEPOT_WANT, "{\"blob\":\"" BLOB "\"}" },
		{ DEPOT_WANT, "{\"blob\":\"" BLOB "\",\"distance\":1001}" },
		{ DEPOT_LACK, "{\"feed\":\"" FEED "\",\"first\":1}" },
		{ DEPOT_LACK,
		  "{\"feed\":\"" FEED "\",\"first\":2,\"last\":1}" },
		{ DEPOT_WRITER, "{\"writer\":\"" WRITER "\"}" },
		{ DEPOT_WRITER, "{\"writer\":\"me\",\"round\":1}" },
		{ DEPOT_WRITER, "{\"writer\":\"../../../../../../etc/pass\","
				"\"round\":1}" },
	};
	struct depot_notes *n = depot_notes_new();

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
		struct depot_line line = { .kind = bad[i].kind,
					   .json = kith_text(bad[i].json) };

		assert_int_equal(depot_notes_take(n, &line), KITH_EFORMAT);
		assert_int_equal(depot_notes_lines(n), 0);
	}
	depot_notes_free(n);
}

static void other_kinds_are_ignored(void **state)
{
	static const char kinds[] = { DEPOT_HEADER, DEPOT_MESSAGE, DEPOT_END,
				      DEPOT_EXTENSION, 'z' };
	struct depot_notes *n = depot_notes_new();

	(void)state;
	for (size_t i = 0; i < sizeof(kinds); i++) {
		struct depot_line line = { .kind = kinds[i] };

		assert_int_equal(depot_notes_take(n, &line), KITH_OK);
	}
	assert_int_equal(depot_notes_lines(n), 0);
	depot_notes_free(n);
}

static void notes_are_no_more_than_their_limits(void **state)
{
	struct depot_notes *n = depot_notes_new();
	struct kith_feed_id feed = feed_of(DEPOT_NOTES_HAVES_MAX);
	struct kith_blob_id blob = blob_of(DEPOT_NOTES_WANTS_MAX);
	struct kith_feed_id node = feed_of(DEPOT_WRITERS_MAX);
	struct depot_writer_id w = depot_writer_of(&node, 0);
	struct depot_line lack = {
		.kind = DEPOT_LACK,
		.json = KITH_SLICE("{\"feed\":\"" FEED
				   "\",\"first\":1,\"last\":1}"),
	};

	(void)state;
	for (uint32_t i = 0; i < DEPOT_NOTES_HAVES_MAX; i++)
		set(n, i, 1);
	for (uint32_t i = 0; i < DEPOT_NOTES_WANTS_MAX; i++)
		want(n, i, 1);
	for (uint32_t i = 0; i < DEPOT_WRITERS_MAX; i++)
		meet(n, i, 1);
	for (uint32_t i = 1; i <= DEPOT_NOTES_LACKS_MAX; i++)
		lose(n, i, 1, 1);
	assert_int_equal(depot_notes_set(n, &feed, 1), KITH_ETOOBIG);
	assert_int_equal(depot_notes_want(n, &blob, 1), KITH_ETOOBIG);
	assert_int_equal(depot_notes_met(n, &w, 1), KITH_ETOOBIG);
	assert_int_equal(depot_notes_take(n, &lack), KITH_ETOOBIG);
	set(n, 0, 0);
	assert_int_equal(depot_notes_set(n, &feed, 1), KITH_OK);
	depot_notes_free(n);
}

static void lack_of_memory_is_told(void **state)
{
	(void)state;
	for (size_t n = 1; alloc_fail_at(n); n++) {
		struct depot_notes *notes = depot_notes_new();
		struct kith_feed_id feed = feed_of(1);
		struct kith_blob_id blob = blob_of(1);
		enum kith_err err = KITH_OK;

		if (!notes)
			continue;
		err = depot_notes_set(notes, &feed, 1);
		assert_int_equal(depot_notes_has(notes, &feed), !err);
		if (!err)
			err = depot_notes_want(notes, &blob, 1);
		assert_true(!err || err == KITH_ENOMEM);
		depot_notes_free(notes);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(notes_are_written_as_the_page_says),
		cmocka_unit_test(what_is_taken_back_is_written_so),
		cmocka_unit_test(only_what_changed_is_written),
		cmocka_unit_test(last_word_counts),
		cmocka_unit_test(all_that_is_said_can_be_walked),
		cmocka_unit_test(bad_notes_change_nothing),
		cmocka_unit_test(other_kinds_are_ignored),
		cmocka_unit_test(notes_are_no_more_than_their_limits),
		cmocka_unit_test(lack_of_memory_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
