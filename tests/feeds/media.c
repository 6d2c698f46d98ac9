#include "feeds/media.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

/* Text of a literal with all its zero bytes. */
#define BYTES(literal) KITH_SLICE(literal)

static void assert_media(struct kith_slice s, const char *type, uint32_t width,
			 uint32_t height)
{
	struct media m = media_look(s, s.n);

	assert_string_equal(m.type, type);
	assert_int_equal(m.width, width);
	assert_int_equal(m.height, height);
}

/* Each picture: 800 x 600, and nothing behind its header. */
static const struct picture {
	const char *type;
	struct kith_slice bytes;
	size_t least; /* bytes that the size needs */
} pictures[] = {
	{ "image/png",
	  { (const uint8_t *)"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\x03\x20\0\0"
			     "\x02\x58\x08\x06\0\0\0", 29 }, 24 },
	{ "image/gif",
	  { (const uint8_t *)"GIF89a\x20\x03\x58\x02\xf7\0\0", 13 }, 10 },
	/* JFIF, a filled marker, tables, then the frame. */
	{ "image/jpeg",
	  { (const uint8_t *)"\xff\xd8\xff\xe0\0\x10JFIF\0\1\1\0\0\1\0\1\0\0"
			     "\xff\xff\xdb\0\4\1\2\xff\xc4\0\3\1"
			     "\xff\xc2\0\x0b\x08\x02\x58\x03\x20\1\1\x11\0"
			     "\xff\xda", 47 }, 45 },
	{ "image/webp",
	  { (const uint8_t *)"RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\1\0"
			     "\x9d\x01\x2a\x20\x03\x58\x02", 30 }, 30 },
	{ "image/webp",
	  { (const uint8_t *)"RIFF\x24\0\0\0WEBPVP8L\x18\0\0\0\x2f"
			     "\x1f\xc3\x95\x00", 25 }, 25 },
	{ "image/webp",
	  { (const uint8_t *)"RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0"
			     "\x1f\x03\0\x57\x02\0", 30 }, 30 },
};

enum { PICTURES = sizeof(pictures) / sizeof(*pictures) };

static void pictures_say_their_size(void **state)
{
	(void)state;
	for (size_t i = 0; i < PICTURES; i++)
		assert_media(pictures[i].bytes, pictures[i].type, 800, 600);
}

static void a_picture_cut_short_has_no_size_or_its_own(void **state)
{
	(void)state;
	for (size_t i = 0; i < PICTURES; i++)
		for (size_t n = 0; n < pictures[i].bytes.n; n++) {
			/* Its own memory, so that no byte more is read. */
			uint8_t *copy = malloc(n + 1);
			struct media m;

			assert_non_null(copy);
			memcpy(copy + 1, pictures[i].bytes.p, n);
			m = media_look((struct kith_slice){ copy + 1, n }, n);
			free(copy);
			assert_true(m.width == 0 || n >= pictures[i].least);
			assert_true((m.width == 0) == (m.height == 0));
		}
}

static void a_size_of_zero_is_none(void **state)
{
	(void)state;
	assert_media(BYTES("GIF87a\0\0\x58\x02"), "image/gif", 0, 0);
	/* The lines of a JPEG may be told at its end (T.81, B.2.5). */
	assert_media(BYTES("\xff\xd8\xff\xc0\0\x0b\x08\0\0\x03\x20\1\1\x11\0"),
		     "image/jpeg", 0, 0);
}

static void a_jpeg_of_false_lengths_ends_the_search(void **state)
{
	static uint8_t many[4 * (MEDIA_SEGMENTS_MAX + 2) + 32];
	size_t n = 0;
	(void)state;

	assert_media(BYTES("\xff\xd8\xff\xe0\0\1\xff\xc0\0\x0b\x08\x02\x58"
			   "\x03\x20"), "image/jpeg", 0, 0);
	assert_media(BYTES("\xff\xd8\xff\xe0\xff\xff" "abc"), "image/jpeg", 0,
		     0);
	assert_media(BYTES("\xff\xd8\xff\xff\xff\xff"), "image/jpeg", 0, 0);
	memcpy(many, "\xff\xd8", 2);
	for (n = 2; n < 2 + 4 * MEDIA_SEGMENTS_MAX; n += 4)
		memcpy(many + n, "\xff\xe1\0\2", 4);
	memcpy(many + n, "\xff\xc0\0\x0b\x08\x02\x58\x03\x20\1\1\x11\0", 13);
	assert_media((struct kith_slice){ many, n + 13 }, "image/jpeg", 0, 0);
	assert_media((struct kith_slice){ many + 4, n + 9 },
		     "application/octet-stream", 0, 0);
}

static void other_files_are_known_by_their_first_bytes(void **state)
{
	static const struct {
		struct kith_slice bytes;
		const char *type;
	} rows[] = {
		{ { (const uint8_t *)"RIFF\0\0\0\0WAVE", 12 }, "audio/wav" },
		{ { (const uint8_t *)"\0\0\0\x18" "ftypisom", 12 },
		  "video/mp4" },
		{ { (const uint8_t *)"\0\0\0\x18" "ftypavif", 12 },
		  "image/avif" },
		{ { (const uint8_t *)"\0\0\0\x18" "ftypM4A ", 12 },
		  "audio/mp4" },
		{ { (const uint8_t *)"\0\0\0\x18" "nothing!", 12 },
		  "application/octet-stream" },
		{ { (const uint8_t *)"\x1a\x45\xdf\xa3\x01", 5 },
		  "video/webm" },
		{ { (const uint8_t *)"OggS\0\2", 6 }, "audio/ogg" },
		{ { (const uint8_t *)"fLaC\0", 5 }, "audio/flac" },
		{ { (const uint8_t *)"ID3\4", 4 }, "audio/mpeg" },
		{ { (const uint8_t *)"%PDF-1.7", 8 }, "application/pdf" },
		{ { (const uint8_t *)"PK\3\4", 4 }, "application/zip" },
		{ { (const uint8_t *)"\x1f\x8b\x08", 3 },
		  "application/gzip" },
	};
	(void)state;

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		assert_media(rows[i].bytes, rows[i].type, 0, 0);
}

static void what_is_text_is_plain_text(void **state)
{
	static uint8_t head[MEDIA_TYPE_BYTES + 8];
	(void)state;

	assert_media(BYTES(""), "text/plain", 0, 0);
	assert_media(BYTES("Gr\xc3\xbc\xc3\x9f" "e\n\t\r\f"), "text/plain", 0,
		     0);
	/* Nothing that a browser would run is called by its name. */
	assert_media(BYTES("<html><script>"), "text/plain", 0, 0);
	assert_media(BYTES("<svg onload='x'>"), "text/plain", 0, 0);
	assert_media(BYTES("a\0b"), "application/octet-stream", 0, 0);
	assert_media(BYTES("a\x1b[2J"), "application/octet-stream", 0, 0);
	assert_media(BYTES("a\xc0\x80"), "application/octet-stream", 0, 0);
	assert_media(BYTES("a\xed\xa0\x80"), "application/octet-stream", 0, 0);
	assert_media(BYTES("a\xe2\x82"), "application/octet-stream", 0, 0);
	/* A head may end in the middle of a character. */
	memset(head, 'a', sizeof(head));
	memcpy(head + MEDIA_TYPE_BYTES - 2, "\xe2\x82\xac", 3);
	assert_string_equal(media_look((struct kith_slice){
		head, MEDIA_TYPE_BYTES }, sizeof(head)).type, "text/plain");
	head[MEDIA_TYPE_BYTES - 2] = 0x82;
	assert_string_equal(media_look((struct kith_slice){
		head, MEDIA_TYPE_BYTES }, sizeof(head)).type,
		"application/octet-stream");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pictures_say_their_size),
		cmocka_unit_test(a_picture_cut_short_has_no_size_or_its_own),
		cmocka_unit_test(a_size_of_zero_is_none),
		cmocka_unit_test(a_jpeg_of_false_lengths_ends_the_search),
		cmocka_unit_test(other_files_are_known_by_their_first_bytes),
		cmocka_unit_test(what_is_text_is_plain_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
