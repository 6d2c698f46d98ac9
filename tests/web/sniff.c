#include "src/web/sniff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

#define ROW(type, head) { type, { (const uint8_t *)(head), sizeof(head) - 1 } }

struct row {
	const char *type;
	struct kith_slice head;
};

static void check(const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		assert_string_equal(sniff_type(rows[i].head), rows[i].type);
}

static void types_are_told_by_the_first_bytes(void **state)
{
	static const struct row rows[] = {
		ROW("image/png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
		ROW("image/jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"),
		ROW("image/gif", "GIF89a\1\0\1\0"),
		ROW("image/webp", "RIFF\x24\0\0\0WEBPVP8 "),
		ROW("audio/wav", "RIFF\x24\0\0\0WAVEfmt "),
		ROW("video/mp4", "\0\0\0\x18""ftypisom"),
		ROW("audio/mp4", "\0\0\0\x18""ftypM4A "),
		ROW("video/webm", "\x1a\x45\xdf\xa3\x01"),
		ROW("application/pdf", "%PDF-1.7\n"),
		ROW("image/svg+xml", "<svg xmlns=\"\">"),
		ROW("image/svg+xml", "<?xml version=\"1.0\"?>\n<svg/>"),
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(*rows));
}

static void nothing_that_runs_is_called_by_its_name(void **state)
{
	static const struct row rows[] = {
		ROW("text/plain; charset=utf-8", ""),
		ROW("text/plain; charset=utf-8", "<!DOCTYPE html><script>"),
		ROW("text/plain; charset=utf-8", "<?xml version=\"1.0\"?><html/>"),
		ROW("text/plain; charset=utf-8", "caf\xc3\xa9 \xe2\x82\xac"),
		ROW("text/plain; charset=utf-8", "cut in the middle \xe2\x82"),
		ROW("application/octet-stream", "\0\1\2\3"),
		ROW("application/octet-stream", "text with \0 in it"),
		ROW("application/octet-stream", "not UTF-8 \xff at all"),
		ROW("application/octet-stream", "RIFF\x24\0\0\0????"),
		ROW("application/octet-stream", "\x89PNG"),
	};

	(void)state;
	check(rows, sizeof(rows) / sizeof(*rows));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_told_by_the_first_bytes),
		cmocka_unit_test(nothing_that_runs_is_called_by_its_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
