/* Lists of WebDAV, S3 and SFTP, and the XML under two of them. */
#include "src/url/listing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "src/url/xml.h"
#include "tests/support/alloc.h"

/* All of a text as "<a>text</a>", or "BAD". */
static void walk(const char *text, char *to, size_t n)
{
	struct url_xml x = { .in = kith_text(text) };
	struct kith_slice part;
	enum url_xml_step step;
	size_t used = 0;

	to[0] = '\0';
	while ((step = url_xml_next(&x, &part)) != URL_XML_END) {
		static const char *const before[] = {
			[URL_XML_OPEN] = "<", [URL_XML_CLOSE] = "</",
			[URL_XML_TEXT] = "",
		};

		if (step == URL_XML_BAD) {
			assert_int_equal(url_xml_next(&x, &part), URL_XML_BAD);
			snprintf(to, n, "BAD");
			return;
		}
		used += (size_t)snprintf(to + used, n - used, "%s%.*s%s",
					 before[step], (int)part.n,
					 (const char *)part.p,
					 step == URL_XML_TEXT ? "" : ">");
	}
}

static void elements_and_texts_come_in_order(void **state)
{
	static const char *const rows[][2] = {
		{ "<a>b</a>", "<a>b</a>" },
		{ "<?xml version='1.0'?>\n<D:a x=\"1>2\">b</D:a >",
		  "\n<a>b</a>" },
		{ "<a/><b x='/'/>", "<a></a><b></b>" },
		{ "<a><!-- <b> -->c</a>", "<a>c</a>" },
		{ "<a><![CDATA[<b>]]></a>", "<a><b></a>" },
		{ "<a><![CDATA[]]></a>", "<a></a>" },
		{ "", "" },
		{ "no xml", "no xml" },
		{ "<a", "BAD" },
		{ "<>", "BAD" },
		{ "</>", "BAD" },
		{ "<a x='>", "BAD" },
		{ "<!-- x", "BAD" },
		{ "<?x", "BAD" },
		{ "<![CDATA[x", "BAD" },
		{ "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", "BAD" },
	};
	char got[256];

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		walk(rows[i][0], got, sizeof(got));
		assert_string_equal(got, rows[i][1]);
	}
}

static void entities_are_resolved_and_others_refused(void **state)
{
	static const char *const wrong[] = { "&", "&amp", "&nbsp;", "&#;",
					     "&#0;",  "&#200;", "&#x;",
					     "&#99999999999;", "&#xZ;" };
	char to[16];

	(void)state;
	assert_true(url_xml_decode(KITH_SLICE(" \n&lt;a&#47;&#x2F;&amp;b&quot;"
					      "&apos;&gt; "), to, sizeof(to)));
	assert_string_equal(to, "<a//&b\"'>");
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		assert_false(url_xml_decode(kith_text(wrong[i]), to,
					    sizeof(to)));
	assert_true(url_xml_decode(KITH_SLICE("123456789012345"), to,
				   sizeof(to)));
	assert_false(url_xml_decode(KITH_SLICE("1234567890123456"), to,
				    sizeof(to)));
	assert_false(url_xml_decode(KITH_SLICE("a\0b"), to, sizeof(to)));
}

static void dav_is(const char *text, const char *path, enum kith_err want,
		   const char *names)
{
	struct url_listing l = { 0 };
	char got[256] = "";

	assert_int_equal(url_listing_dav(kith_text(text), path, &l), want);
	for (size_t i = 0; i < l.count; i++) {
		size_t n = strlen(got);

		snprintf(got + n, sizeof(got) - n, "%s%s ", l.entries[i].name,
			 l.entries[i].folder ? "/" : "");
	}
	assert_string_equal(got, names);
	url_listing_free(&l);
}

#define HREF(path) "<D:response><D:href>" path "</D:href></D:response>"

static void a_list_of_webdav_has_what_lies_in_the_folder(void **state)
{
	(void)state;
	dav_is("<D:multistatus>" HREF("/my%20d/w/") HREF("/my%20d/w/abc/")
	       HREF("http://h:80/my%20d/w/x.seg") HREF("/my%20d/w/a/b")
	       HREF("/other/y") HREF("/my%20d/w/../z") HREF("/my%20d/wx")
	       HREF("%zz") HREF("&bad;") "</D:multistatus>", "/my%20d/w",
	       KITH_OK, "abc/ x.seg ");
	dav_is("<multistatus/>", "/w", KITH_OK, "");
	dav_is("<html></html>", "/w", KITH_EFORMAT, "");
	dav_is("<multistatus><href>/w/a", "/w", KITH_OK, "a ");
	dav_is("<multistatus><href", "/w", KITH_EFORMAT, "");
}

static void a_list_of_s3_has_keys_and_folders(void **state)
{
	struct url_listing l = { 0 };
	char next[URL_NEXT_BYTES];

	(void)state;
	assert_int_equal(url_listing_s3(KITH_SLICE(
		"<ListBucketResult><Prefix>p/w/</Prefix><Contents><Key>p/w/a"
		"</Key></Contents><Contents><Key>p/w/b/c</Key></Contents>"
		"<Contents><Key>q</Key></Contents><CommonPrefixes><Prefix>"
		"p/w/d/</Prefix></CommonPrefixes></ListBucketResult>"),
		"p/w/", &l, next), KITH_OK);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.entries[0].name, "a");
	assert_false(l.entries[0].folder);
	assert_string_equal(l.entries[1].name, "d");
	assert_true(l.entries[1].folder);
	assert_string_equal(next, "");
	url_listing_free(&l);
}

static void a_list_of_s3_that_has_more_says_where(void **state)
{
	struct url_listing l = { 0 };
	char next[URL_NEXT_BYTES];

	(void)state;
	assert_int_equal(url_listing_s3(KITH_SLICE(
		"<ListBucketResult><IsTruncated>true</IsTruncated>"
		"<NextContinuationToken>a&amp;b</NextContinuationToken>"
		"</ListBucketResult>"), "", &l, next), KITH_OK);
	assert_string_equal(next, "a&b");
	assert_int_equal(url_listing_s3(KITH_SLICE(
		"<ListBucketResult><IsTruncated>true</IsTruncated>"
		"</ListBucketResult>"), "", &l, next), KITH_EFORMAT);
	assert_int_equal(url_listing_s3(KITH_SLICE("<Error/>"), "", &l, next),
			 KITH_EFORMAT);
	url_listing_free(&l);
}

static void a_list_of_sftp_has_files_with_their_lengths(void **state)
{
	struct url_listing l = { 0 };

	(void)state;
	assert_int_equal(url_listing_sftp(KITH_SLICE(
		"drwxr-xr-x    2 root     root         4096 Nov 22 00:53 .\n"
		"drwxr-xr-x    ? 0        0            4096 Nov 22  2024 abc\n"
		"-rw-r--r--    1 two words domain users  18446744073709551615 "
		"Nov 22 00:53 000001.seg\n"
		"lrwxrwxrwx    1 root     root           11 Nov 22 00:53 "
		"x -> /etc/passwd\n"
		"crw-rw-rw-    1 root     root      1,    3 Nov 22 00:53 null\n"
		), &l), KITH_OK);
	assert_int_equal(l.count, 2);
	assert_string_equal(l.entries[0].name, "abc");
	assert_true(l.entries[0].folder);
	assert_string_equal(l.entries[1].name, "000001.seg");
	assert_true(l.entries[1].bytes == UINT64_MAX);
	assert_int_equal(url_listing_sftp(KITH_SLICE(
		"-rw-r--r-- 1 a b 18446744073709551616 Nov 22 00:53 x\n"), &l),
		KITH_EFORMAT);
	assert_int_equal(url_listing_sftp(KITH_SLICE("-\n"), &l),
			 KITH_EFORMAT);
	url_listing_free(&l);
}

static void names_that_are_too_long_or_none_are_left_out(void **state)
{
	struct url_listing l = { 0 };
	struct kith_buf b = { .limit = 1000 };

	(void)state;
	kith_buf_put(&b, KITH_SLICE("-rw 1 a b 1 Nov 22 00:53 x\0y\n"));
	kith_buf_put(&b, KITH_SLICE("-rw 1 a b 1 Nov 22 00:53 \0\n"));
	for (int n = URL_NAME_BYTES - 1; n <= URL_NAME_BYTES; n++) {
		kith_buf_text(&b, "-rw 1 a b 1 Nov 22 00:53 ");
		for (int i = 0; i < n; i++)
			kith_buf_byte(&b, 'x');
		kith_buf_byte(&b, '\n');
	}
	assert_int_equal(url_listing_sftp(kith_bytes(&b), &l), KITH_OK);
	assert_int_equal(l.count, 1);
	kith_buf_free(&b);
	url_listing_free(&l);
}

static void a_list_too_long_or_without_memory_is_refused(void **state)
{
	static const char line[] = "-rw 1 a b 1 Nov 22 00:53 x\n";
	struct kith_buf b = { .limit = 16 << 20 };
	struct url_listing l = { 0 };

	(void)state;
	for (int i = 0; i < URL_LISTING_MAX; i++)
		kith_buf_text(&b, line);
	assert_int_equal(url_listing_sftp(kith_bytes(&b), &l), KITH_OK);
	assert_int_equal(l.count, URL_LISTING_MAX);
	assert_int_equal(url_listing_sftp(KITH_SLICE("-rw 1 a b 1 N 2 3 x"),
					  &l), KITH_ETOOBIG);
	url_listing_free(&l);
	b.n = 200 * (sizeof(line) - 1);
	for (size_t n = 1; alloc_fail_at(n); n++) {
		enum kith_err err = url_listing_sftp(kith_bytes(&b), &l);

		assert_true(err == KITH_OK || err == KITH_ENOMEM);
		url_listing_free(&l);
	}
	kith_buf_free(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_and_texts_come_in_order),
		cmocka_unit_test(entities_are_resolved_and_others_refused),
		cmocka_unit_test(a_list_of_webdav_has_what_lies_in_the_folder),
		cmocka_unit_test(a_list_of_s3_has_keys_and_folders),
		cmocka_unit_test(a_list_of_s3_that_has_more_says_where),
		cmocka_unit_test(a_list_of_sftp_has_files_with_their_lengths),
		cmocka_unit_test(names_that_are_too_long_or_none_are_left_out),
		cmocka_unit_test(a_list_too_long_or_without_memory_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
