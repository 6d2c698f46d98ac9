#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "tests/depot/folder_cases.h"

void folder_case_write(struct folder *f, const char *name, uint64_t keep,
		       const char *text)
{
	struct kith_error e = { 0 };
	struct folder_writer *w;

	assert_int_equal(folder_write(f, name, keep, &w, NULL), KITH_OK);
	assert_int_equal(folder_writer_put(w, kith_text(text), NULL), KITH_OK);
	if (folder_writer_finish(w, &e))
		fail_msg("%s", e.text);
}

void folder_case_holds(struct folder *f, const char *name, const char *text)
{
	struct kith_buf b = { .limit = 1 << 20 };
	uint64_t bytes;

	assert_int_equal(folder_get(f, name, &b, NULL), KITH_OK);
	assert_true(kith_equal(kith_bytes(&b), kith_text(text)));
	kith_buf_free(&b);
	assert_int_equal(folder_size(f, name, &bytes, NULL), KITH_OK);
	assert_int_equal(bytes, strlen(text));
}

void a_file_is_read_from_any_byte_in_pieces(void **state)
{
	struct folder_reader *r;
	uint8_t bytes[4];
	size_t got;

	folder_case_write(*state, SEGMENT, 0, "0123456789");
	assert_int_equal(folder_read(*state, SEGMENT, 3, &r, NULL), KITH_OK);
	assert_int_equal(folder_reader_get(r, bytes, 4, &got, NULL), KITH_OK);
	assert_int_equal(got, 4);
	assert_memory_equal(bytes, "3456", 4);
	assert_int_equal(folder_reader_get(r, bytes, 4, &got, NULL), KITH_OK);
	assert_int_equal(got, 3);
	assert_int_equal(folder_reader_get(r, bytes, 4, &got, NULL), KITH_OK);
	assert_int_equal(got, 0);
	folder_reader_free(r);
	assert_int_equal(folder_read(*state, SEGMENT, 10, &r, NULL), KITH_OK);
	assert_int_equal(folder_reader_get(r, bytes, 4, &got, NULL), KITH_OK);
	assert_int_equal(got, 0);
	folder_reader_free(r);
	assert_int_equal(folder_read(*state, SEGMENT, 11, &r, NULL),
			 KITH_EFORMAT);
}

void a_missing_file_is_missing(void **state)
{
	struct kith_buf b = { .limit = 100 };
	struct folder_reader *r;
	uint64_t bytes;

	assert_int_equal(folder_size(*state, SEGMENT, &bytes, NULL),
			 KITH_ENOENT);
	assert_int_equal(folder_read(*state, SEGMENT, 0, &r, NULL),
			 KITH_ENOENT);
	assert_int_equal(folder_get(*state, "depot-a.txt", &b, NULL),
			 KITH_ENOENT);
	assert_int_equal(folder_remove(*state, SEGMENT, NULL), KITH_OK);
	assert_int_equal(folder_rename(*state, SEGMENT, WRITER "000002.seg",
				       NULL), KITH_ENOENT);
}

void a_small_file_is_put_whole_over_any_other(void **state)
{
	assert_int_equal(folder_put(*state, "depot-a.txt",
				    kith_text("a long one"), NULL), KITH_OK);
	folder_case_holds(*state, "depot-a.txt", "a long one");
	assert_int_equal(folder_put(*state, "depot-a.txt", kith_text("short"),
				    NULL), KITH_OK);
	folder_case_holds(*state, "depot-a.txt", "short");
	assert_int_equal(folder_put(*state, "depot-a.txt",
				    kith_text("a longer one"), NULL),
			 KITH_OK);
	folder_case_holds(*state, "depot-a.txt", "a longer one");
	assert_int_equal(folder_put(*state, "depot-a.txt", kith_text(""),
				    NULL), KITH_OK);
	folder_case_holds(*state, "depot-a.txt", "");
}

void a_file_over_the_limit_is_not_got(void **state)
{
	struct kith_buf b = { .limit = 9 };

	folder_case_write(*state, "depot-a.txt", 0, "123456");
	kith_buf_text(&b, "abc");
	assert_int_equal(folder_get(*state, "depot-a.txt", &b, NULL), KITH_OK);
	assert_memory_equal(b.p, "abc123456", 9);
	b.n = 4;
	assert_int_equal(folder_get(*state, "depot-a.txt", &b, NULL),
			 KITH_ETOOBIG);
	kith_buf_free(&b);
}

void a_file_is_renamed_only_to_a_name_that_is_free(void **state)
{
	folder_case_write(*state, "depot-a.txt", 0, "a");
	folder_case_write(*state, "depot-b.txt", 0, "b");
	assert_int_equal(folder_rename(*state, "depot-a.txt", "depot-b.txt",
				       NULL), KITH_EEXIST);
	folder_case_holds(*state, "depot-b.txt", "b");
	assert_int_equal(folder_rename(*state, "depot-a.txt", SEGMENT, NULL),
			 KITH_OK);
	folder_case_holds(*state, SEGMENT, "a");
	assert_int_equal(folder_remove(*state, SEGMENT, NULL), KITH_OK);
	assert_int_equal(folder_rename(*state, "depot-b.txt", SEGMENT, NULL),
			 KITH_OK);
	folder_case_holds(*state, SEGMENT, "b");
}

void names_are_listed_in_order(void **state)
{
	struct folder_list l;

	assert_int_equal(folder_list(*state, "w", &l, NULL), KITH_OK);
	assert_int_equal(l.count, 0);
	folder_list_free(&l);
	folder_case_write(*state, WRITER "000002.seg", 0, "");
	folder_case_write(*state, SEGMENT, 0, "");
	folder_case_write(*state, "w/zzzzzzzzzzzzzzzzzzzzzzzzzz/head-a.txt", 0,
			  "");
	assert_int_equal(folder_list(*state, "w", &l, NULL), KITH_OK);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.names[0], "abcdefghijklmnopqrstuvwxyz");
	assert_string_equal(l.names[1], "zzzzzzzzzzzzzzzzzzzzzzzzzz");
	folder_list_free(&l);
	assert_int_equal(folder_list(*state, "w/abcdefghijklmnopqrstuvwxyz",
				     &l, NULL), KITH_OK);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.names[0], "000001.seg");
	assert_string_equal(l.names[1], "000002.seg");
	folder_list_free(&l);
}

void long_writes_pass_whole(void **state)
{
	struct kith_buf b = { .limit = 4 << 20 }, again = b;
	struct folder_writer *w;

	for (uint32_t i = 0; i < 3u << 20; i++)
		kith_buf_byte(&b, (uint8_t)(i * 2654435761u >> 24));
	assert_int_equal(folder_write(*state, SEGMENT, 0, &w, NULL), KITH_OK);
	for (size_t at = 0, n = 1; at < b.n; at += n, n = n * 3 + 1) {
		n = n < b.n - at ? n : b.n - at;
		assert_int_equal(folder_writer_put(w, (struct kith_slice){
					 b.p + at, n }, NULL), KITH_OK);
	}
	assert_int_equal(folder_writer_finish(w, NULL), KITH_OK);
	assert_int_equal(folder_get(*state, SEGMENT, &again, NULL), KITH_OK);
	assert_true(kith_equal(kith_bytes(&b), kith_bytes(&again)));
	kith_buf_free(&b);
	kith_buf_free(&again);
}
