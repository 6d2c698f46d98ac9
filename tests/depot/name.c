#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "src/depot/name.h"

/* SHA-256 of 32 zero bytes, and its base32. */
static const char zero_writer[] = "mzuhvlpymk6xo3epygfy5h4oea";

static struct kith_feed_id feed_of(uint8_t byte)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memset(id.b, byte, sizeof(id.b));
	return id;
}

static void base32_is_that_of_rfc_4648(void **state)
{
	static const struct {
		const char *bytes, *text;
	} cases[] = {
		{ "f", "my" },	      { "fo", "mzxq" },
		{ "foo", "mzxw6" },   { "foob", "mzxw6yq" },
		{ "fooba", "mzxw6ytb" }, { "foobar", "mzxw6ytboi" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct kith_slice in = kith_text(cases[i].bytes);
		uint8_t back[8];
		char text[16];

		depot_base32(text, in, strlen(cases[i].text));
		assert_string_equal(text, cases[i].text);
		assert_true(depot_base32_decode(kith_text(text), back, in.n));
		assert_memory_equal(back, in.p, in.n);
	}
}

static void other_base32_is_none(void **state)
{
	static const char *const bad[] = { "", "m", "mzxw", "mzxw6y", "mZxw6",
					   "mzxw1", "mzx=6", "mzxw6ytb" };
	uint8_t back[8];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(depot_base32_decode(kith_text(bad[i]), back, 3));
	assert_true(depot_base32_decode(KITH_SLICE("my"), back, 1));
	assert_false(depot_base32_decode(KITH_SLICE("mz"), back, 1));
}

static void writer_is_named_by_the_hash_of_its_key(void **state)
{
	struct kith_feed_id zero = feed_of(0), one = feed_of(1);
	struct depot_writer_id w = depot_writer_of(&zero, 0);

	(void)state;
	assert_string_equal(w.name, zero_writer);
	assert_true(depot_writer_is(w.name));
	assert_string_not_equal(depot_writer_of(&zero, 1).name, w.name);
	assert_string_not_equal(depot_writer_of(&zero, 2).name,
				depot_writer_of(&zero, 1).name);
	assert_string_not_equal(depot_writer_of(&one, 0).name, w.name);
	assert_true(depot_writer_is(depot_writer_of(&one, 7).name));
}

static void other_names_are_no_writers(void **state)
{
	(void)state;
	assert_false(depot_writer_is(""));
	assert_false(depot_writer_is("mzuhvlpymk6xo3epygfy5h4oe"));
	assert_false(depot_writer_is("mzuhvlpymk6xo3epygfy5h4oeaa"));
	assert_false(depot_writer_is("Mzuhvlpymk6xo3epygfy5h4o7r"));
	assert_false(depot_writer_is("mzuhvlpymk6xo3epygfy5h4o.."));
	assert_false(depot_writer_is("mzuhvlpymk6xo3epygfy5h4o/a"));
}

static void names_are_those_of_the_page(void **state)
{
	struct depot_writer_id w = { "mzuhvlpymk6xo3epygfy5h4oea" };
	struct kith_blob_id blob = { { 0xff, 0xf0 } };
	char name[FOLDER_NAME_BYTES];

	(void)state;
	depot_name_slot(name, 0);
	assert_string_equal(name, "depot-a.txt");
	depot_name_slot(name, 1);
	assert_string_equal(name, "depot-b.txt");
	depot_name_head(name, &w, 0);
	assert_string_equal(name, "w/mzuhvlpymk6xo3epygfy5h4oea/head-a.txt");
	depot_name_head(name, &w, 1);
	assert_string_equal(name, "w/mzuhvlpymk6xo3epygfy5h4oea/head-b.txt");
	depot_name_file(name, &w, DEPOT_SEGMENT, 1);
	assert_string_equal(name, "w/mzuhvlpymk6xo3epygfy5h4oea/000001.seg");
	depot_name_file(name, &w, DEPOT_INDEX, DEPOT_SEGMENT_MAX);
	assert_string_equal(name, "w/mzuhvlpymk6xo3epygfy5h4oea/999999.idx");
	depot_name_file(name, &w, DEPOT_NOTES, 42);
	assert_string_equal(name, "w/mzuhvlpymk6xo3epygfy5h4oea/000042.ack");
	depot_name_blob(name, &blob, false);
	assert_string_equal(name, "b/77/yaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				  "aaaaaaaaaaaa");
	depot_name_blob(name, &blob, true);
	assert_string_equal(name, "b/77/yaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
				  "aaaaaaaaaaaa.p");
}

/* Every part of every name of ours can be listed, and has the form that all
 * file systems keep. */
static void names_of_ours_are_names(void **state)
{
	static const char *const parts[] = {
		"depot-a.txt", "depot-b.txt", "readme.txt",
		"w", "b", "mzuhvlpymk6xo3epygfy5h4oea",
		"head-a.txt", "000001.seg", "000001.idx", "000001.ack", "77",
		"yaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa.p",
		"con3", "console.txt", "com", "comma.seg",
		("abcdefghijklmnopqrstuvwxyz0123456789"
		 "abcdefghijklmnopqrstuvwxyz0"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		assert_true(depot_name_is(parts[i]));
}

static void what_is_no_name_of_ours_is_none(void **state)
{
	static const char *const parts[] = {
		"", ".", "..", ".trashes", "._head-a.txt", "-rf", "a/b", "a\\b",
		"README.TXT", "System Volume Information", "a b", "a\tb",
		"caf\xc3\xa9", "a:b", "a*", "con", "nul.txt", "com1",
		"lpt9.seg", "aux.", "a.",
		("abcdefghijklmnopqrstuvwxyz0123456789"
		 "abcdefghijklmnopqrstuvwxyz01"),
	};

	(void)state;
	for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); i++)
		assert_false(depot_name_is(parts[i]));
}

static void listed_files_are_told_by_their_names(void **state)
{
	static const char *const bad[] = {
		"000000.seg", "1.seg", "0000001.seg", "000001.sec", "000001",
		"000001.seg.", "00000a.seg", "head-a.txt", "",
	};
	enum depot_file file;
	uint32_t number;

	(void)state;
	assert_true(depot_name_is_file("000001.seg", &file, &number));
	assert_int_equal(file, DEPOT_SEGMENT);
	assert_int_equal(number, 1);
	assert_true(depot_name_is_file("999999.idx", &file, &number));
	assert_int_equal(file, DEPOT_INDEX);
	assert_int_equal(number, DEPOT_SEGMENT_MAX);
	assert_true(depot_name_is_file("000420.ack", &file, &number));
	assert_int_equal(file, DEPOT_NOTES);
	assert_int_equal(number, 420);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_false(depot_name_is_file(bad[i], &file, &number));
}

static void listed_blobs_are_told_by_their_names(void **state)
{
	struct kith_blob_id blob, back;
	char name[FOLDER_NAME_BYTES];
	bool partial;

	(void)state;
	for (size_t i = 0; i < sizeof(blob.b); i++)
		blob.b[i] = (uint8_t)(i * 37 + 5);
	for (int part = 0; part < 2; part++) {
		depot_name_blob(name, &blob, part);
		name[4] = '\0';
		assert_true(depot_name_is_blob(name + 2, name + 5, &back,
					       &partial));
		assert_memory_equal(back.b, blob.b, sizeof(blob.b));
		assert_int_equal(partial, part);
	}
	assert_false(depot_name_is_blob("7", name + 5, &back, &partial));
	assert_false(depot_name_is_blob("777", name + 5, &back, &partial));
	assert_false(depot_name_is_blob("7!", name + 5, &back, &partial));
	assert_false(depot_name_is_blob("77", name + 6, &back, &partial));
	assert_false(depot_name_is_blob("77", "", &back, &partial));
	name[5] = 'A';
	assert_false(depot_name_is_blob("77", name + 5, &back, &partial));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(base32_is_that_of_rfc_4648),
		cmocka_unit_test(other_base32_is_none),
		cmocka_unit_test(writer_is_named_by_the_hash_of_its_key),
		cmocka_unit_test(other_names_are_no_writers),
		cmocka_unit_test(names_are_those_of_the_page),
		cmocka_unit_test(names_of_ours_are_names),
		cmocka_unit_test(what_is_no_name_of_ours_is_none),
		cmocka_unit_test(listed_files_are_told_by_their_names),
		cmocka_unit_test(listed_blobs_are_told_by_their_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
