/*
 * Where a session lets itself be sent, what it tells whom, and what it writes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/url/case.h"

/* --- redirects ------------------------------------------------------------ */

static void a_host_that_sends_on_and_on_is_left(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 302 There\r\n"
				     "Location: /depot/a\r\n" CLOSE));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_EIO, "on and on");
	assert_int_equal(lying_count(l), URL_REDIRECTS_MAX + 1);
	end(s, l);
}

static void one_is_not_sent_to_other_schemes(void **state)
{
	static const char *const places[] = {
		"file:///etc/passwd",	  "sftp://127.0.0.1/x",
		"ftp://127.0.0.1/",	  "http://anna:swordfish@127.0.0.1/x",
		"gopher://127.0.0.1:25/",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		char head[256];
		struct lying *l;
		struct url_session *s;

		snprintf(head, sizeof(head),
			 "HTTP/1.1 302 There\r\nLocation: "
			 "%s\r\n" CLOSE,
			 places[i]);
		l = LYING(SAYS(head));
		s = open_at(l, "http", NULL);
		get_is(s, KITH_EDENIED, "not safe");
		end(s, l);
	}
}

static const struct url_settings anna = { .user = "anna",
					  .password = "swordfish" };

static struct lying *sends_on_to(struct lying *other, char *head, size_t n)
{
	snprintf(head, n,
		 "HTTP/1.1 307 There\r\nLocation: http://127.0.0.1:%u/"
		 "b\r\n" CLOSE,
		 lying_port(other));
	return LYING(SAYS(head));
}

static void another_host_gets_no_password(void **state)
{
	struct lying *other = LYING(SENDS(OK LONG(4) CLOSE, "file"));
	char head[256];
	struct lying *l = sends_on_to(other, head, sizeof(head));
	struct url_session *s = open_at(l, "http", &anna);

	(void)state;
	get_is(s, KITH_OK, "file");
	assert_text(lying_request(l, 0), "Authorization: Basic");
	assert_text(lying_request(other, 0), "GET /b ");
	assert_false(has(lying_request(other, 0), "Authorization"));
	end(s, l);
	lying_stop(other);
}

static void another_host_gets_no_file_of_ours(void **state)
{
	struct lying *other = LYING(SAYS("HTTP/1.1 201 Made\r\n" CLOSE));
	char head[256];
	struct lying *l = sends_on_to(other, head, sizeof(head));
	struct url_session *s = open_at(l, "webdav", &anna);
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(put_text(s, "mine", NULL, &e), KITH_EDENIED);
	assert_text(e.text, "not safe");
	assert_int_equal(lying_count(other), 0);
	end(s, l);
	lying_stop(other);
}

static void a_redirect_at_home_is_followed(void **state)
{
	struct lying *l =
		LYING(SAYS("HTTP/1.1 301 There\r\nLocation: ../b\r\n" CLOSE),
		      SENDS(OK LONG(4) CLOSE, "file"));
	struct url_session *s = open_at(l, "http", &anna);

	(void)state;
	get_is(s, KITH_OK, "file");
	assert_text(lying_request(l, 1), "GET /b ");
	assert_text(lying_request(l, 1), "Authorization: Basic");
	end(s, l);
}

static void no_text_has_a_password(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 401 No\r\n" CLOSE));
	struct url_session *s = open_at(l, "http", &anna);
	struct kith_buf b = { .limit = 1000 };
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(url_get(s, "a", NULL, NULL, &b, &e), KITH_EDENIED);
	assert_false(has(e.text, "swordfish"));
	assert_false(has(e.text, "anna"));
	end(s, l);
}

/* Through a proxy, so that the name needs to be no real one. */
static void a_proxy_is_used_and_without_tls_no_password_is_shown(void **state)
{
	struct lying *l = LYING(SENDS(OK LONG(4) CLOSE, "file"));
	struct url_session *s;
	char proxy[64];

	(void)state;
	snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", lying_port(l));
	setenv("http_proxy", proxy, 1);
	s = open_url("http://depot.example/x", &anna);
	get_is(s, KITH_OK, "file");
	unsetenv("http_proxy");
	assert_text(lying_request(l, 0), "GET http://depot.example/x/a ");
	assert_false(has(lying_request(l, 0), "Basic"));
	end(s, l);
}

/* --- conditions ----------------------------------------------------------- */

static void what_did_not_change_is_not_sent_again(void **state)
{
	struct lying *l = LYING(SENDS(OK OLD TAG("1") LONG(4) CLOSE, "file"),
				SAYS("HTTP/1.1 304 Same\r\n" CLOSE));
	struct url_session *s = open_at(l, "http", NULL);
	struct url_version version = { 0 };
	struct kith_buf b = { .limit = 1000 };
	bool same;

	(void)state;
	assert_int_equal(url_get(s, "a", &version, &same, &b, NULL), KITH_OK);
	assert_false(same);
	assert_true(version.settled);
	assert_int_equal(url_get(s, "a", &version, &same, &b, NULL), KITH_OK);
	assert_true(same);
	assert_int_equal(b.n, 4);
	assert_text(lying_request(l, 1), "If-None-Match: \"1\"");
	assert_int_equal(url_session_cost(s)->not_modified, 1);
	kith_buf_free(&b);
	end(s, l);
}

static void what_changed_just_now_is_asked_for_without_conditions(void **state)
{
	struct lying *l = LYING(SENDS(OK NEW TAG("1") LONG(4) CLOSE, "file"));
	struct url_session *s = open_at(l, "http", NULL);
	struct url_version version = { 0 };
	struct kith_buf b = { .limit = 1000 };
	bool same;

	(void)state;
	for (int i = 0; i < 2; i++)
		assert_int_equal(url_get(s, "a", &version, &same, &b, NULL),
				 KITH_OK);
	assert_false(version.settled);
	assert_false(has(lying_request(l, 1), "If-None-Match"));
	kith_buf_free(&b);
	end(s, l);
}

static void a_file_that_another_put_there_is_not_written_over(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 412 No\r\n" CLOSE));
	struct url_session *s = open_at(l, "webdav", NULL);
	struct url_version over = { .etag = "\"7\"" }, none = { 0 };
	struct kith_error e = { 0 };

	(void)state;
	assert_int_equal(put_text(s, "mine", &over, &e), KITH_EEXIST);
	assert_text(e.text, "meanwhile");
	assert_text(lying_request(l, 0), "If-Match: \"7\"");
	assert_int_equal(put_text(s, "mine", &none, NULL), KITH_EEXIST);
	assert_text(lying_request(l, 1), "If-None-Match: *");
	end(s, l);
}

static void a_file_whose_answer_was_lost_is_ours(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 502 Lost\r\n" CLOSE),
				SAYS("HTTP/1.1 412 It is there\r\n" CLOSE),
				SENDS(OK LONG(4) CLOSE, "mine"));
	struct url_session *s = open_at(l, "webdav", NULL);
	struct url_version none = { 0 };

	(void)state;
	assert_int_equal(put_text(s, "mine", &none, NULL), KITH_OK);
	end(s, l);
}

static void a_host_that_knows_no_conditions_is_asked_without(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 501 What\r\n" CLOSE),
				SAYS("HTTP/1.1 201 Made\r\n" CLOSE));
	struct url_session *s = open_at(l, "webdav", NULL);
	struct url_version none = { 0 };

	(void)state;
	assert_int_equal(put_text(s, "mine", &none, NULL), KITH_OK);
	assert_false(has(lying_request(l, 1), "If-None-Match"));
	end(s, l);
}

/* --- writing -------------------------------------------------------------- */

static void folders_that_lack_are_made(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 409 No Folder\r\n" CLOSE),
				SAYS("HTTP/1.1 201 Made\r\n" CLOSE),
				SAYS("HTTP/1.1 405 There\r\n" CLOSE),
				SAYS("HTTP/1.1 201 Made\r\n" CLOSE));
	struct url_session *s = open_at(l, "webdav", NULL);

	(void)state;
	assert_int_equal(put_text(s, "mine", NULL, NULL), KITH_OK);
	assert_text(lying_request(l, 1), "MKCOL /depot/ ");
	assert_text(lying_request(l, 2), "MKCOL /depot/w/ ");
	assert_text(lying_request(l, 3), "PUT /depot/w/a ");
	assert_text(lying_request(l, 3), "\r\n\r\nmine");
	end(s, l);
}

static void who_may_not_write_is_told_and_remembered(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 403 No\r\n" CLOSE));
	struct url_session *s = open_at(l, "webdav", NULL);

	(void)state;
	assert_true(url_session_writes(s));
	assert_int_equal(put_text(s, "mine", NULL, NULL), KITH_EDENIED);
	assert_false(url_session_writes(s));
	end(s, l);
}

static void a_web_server_is_not_written_to(void **state)
{
	struct lying *l = LYING(SAYS(OK));
	struct url_session *s = open_at(l, "http", NULL);
	struct kith_error e = { 0 };

	(void)state;
	assert_false(url_session_writes(s));
	assert_int_equal(url_remove(s, "a", &e), KITH_EDENIED);
	assert_text(e.text, "webdavs://");
	assert_int_equal(lying_count(l), 0);
	end(s, l);
}

static void a_list_that_is_a_page_for_people_is_no_list(void **state)
{
	struct lying *l =
		LYING(SENDS(OK LONG(26) CLOSE, "<html><p>hello</p></html>\n"));
	struct url_session *s = open_at(l, "webdav", NULL);
	struct url_listing out = { 0 };

	(void)state;
	assert_int_equal(url_list(s, "w", &out, NULL), KITH_EFORMAT);
	url_listing_free(&out);
	end(s, l);
}

/* --- S3 ------------------------------------------------------------------- */

static struct url_session *open_bucket(struct lying *l)
{
	struct url_settings set = { .key = "AKIATEST",
				    .secret = "not for you",
				    .token = "a token" };

	snprintf(set.endpoint, sizeof(set.endpoint), "http://127.0.0.1:%u",
		 lying_port(l));
	return open_url("s3://bucket/my depot+1", &set);
}

static void a_request_of_s3_is_signed_with_its_hash(void **state)
{
	struct lying *l = LYING(SENDS(OK LONG(4) CLOSE, "file"));
	struct url_session *s = open_bucket(l);
	const char *request;

	(void)state;
	get_is(s, KITH_OK, "file");
	request = lying_request(l, 0);
	assert_text(request, "GET /bucket/my%20depot%2B1/a ");
	assert_text(request, "Authorization: AWS4-HMAC-SHA256 Credential="
			     "AKIATEST/");
	assert_text(request, "/us-east-1/s3/aws4_request");
	assert_text(request, "x-amz-content-sha256: e3b0c44298fc1c149afbf4c8996"
			     "fb92427ae41e4649b934ca495991b7852b855");
	assert_text(request, "x-amz-security-token: a token");
	assert_text(request, "SignedHeaders=cache-control;host;x-amz-content-"
			     "sha256;x-amz-date;x-amz-security-token,");
	assert_false(has(request, "not for you"));
	end(s, l);
}

static void a_list_of_s3_goes_on_to_its_end(void **state)
{
	struct lying *l = LYING(
		SENDS(OK CLOSE,
		      "<ListBucketResult><IsTruncated>true</IsTruncated>"
		      "<NextContinuationToken>a/b+c=</NextContinuationToken>"
		      "<CommonPrefixes><Prefix>my depot+1/w/x/</Prefix>"
		      "</CommonPrefixes></ListBucketResult>"),
		SENDS(OK CLOSE,
		      "<ListBucketResult><IsTruncated>false</IsTruncated>"
		      "<Contents><Key>my depot+1/w/y</Key></Contents>"
		      "</ListBucketResult>"));
	struct url_session *s = open_bucket(l);
	struct url_listing out = { 0 };

	(void)state;
	assert_int_equal(url_list(s, "w", &out, NULL), KITH_OK);
	assert_int_equal(out.count, 2);
	assert_string_equal(out.entries[0].name, "x");
	assert_true(out.entries[0].folder);
	assert_string_equal(out.entries[1].name, "y");
	assert_text(lying_request(l, 0), "GET /bucket/?delimiter=%2F&list-type="
					 "2&prefix=my%20depot%2B1%2Fw%2F ");
	assert_text(lying_request(l, 1), "/?continuation-token=a%2Fb%2Bc%3D&"
					 "delimiter=");
	url_listing_free(&out);
	end(s, l);
}

static void an_error_of_s3_is_told_by_its_code(void **state)
{
	static const struct {
		const char *head, *code, *text;
		enum kith_err err;
	} rows[] = {
		{ "404 Not Found", "NoSuchBucket", "bucket", KITH_EDENIED },
		{ "404 Not Found", "NoSuchKey", "no such file", KITH_ENOENT },
		{ "403 Forbidden", "SignatureDoesNotMatch",
		  "AWS_SECRET_ACCESS_KEY", KITH_EDENIED },
		{ "403 Forbidden", "InvalidAccessKeyId", "AWS_ACCESS_KEY_ID",
		  KITH_EDENIED },
		{ "403 Forbidden", "RequestTimeTooSkewed", "clock",
		  KITH_EDENIED },
		{ "403 Forbidden", "AccessDenied", "not for us", KITH_ENOENT },
		{ "301 Moved", "PermanentRedirect", "AWS_REGION",
		  KITH_EDENIED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char head[128], body[256];
		struct lying *l;
		struct url_session *s;

		snprintf(head, sizeof(head),
			 "HTTP/1.1 %s\r\n" CLOSE
			 "Location: http://127.0.0.1:1/\r\n",
			 rows[i].head);
		snprintf(body, sizeof(body),
			 "<?xml version=\"1.0\"?><Error>"
			 "<Code>%s</Code></Error>",
			 rows[i].code);
		l = LYING(SENDS(head, body));
		s = open_bucket(l);
		get_is(s, rows[i].err, rows[i].text);
		end(s, l);
	}
}

static void session_is(const struct url_settings *set, enum kith_err want,
		       const char *part)
{
	struct url_address address;
	struct url_config config = { .address = &address, .settings = set };
	struct kith_error e = { 0 };
	struct url_session *s = NULL;

	assert_int_equal(url_parse("s3://bucket/x", &address, NULL), KITH_OK);
	assert_int_equal(url_session_new(&config, &s, &e), want);
	url_session_free(s);
	if (want)
		assert_text(e.text, part);
}

static void settings_of_s3_that_cannot_be_right_are_refused(void **state)
{
	static const struct {
		struct url_settings set;
		enum kith_err err;
		const char *part;
	} rows[] = {
		{ { .endpoint = "https://s3.example.org" }, KITH_OK, "" },
		{ { .endpoint = "http://localhost:9000" }, KITH_OK, "" },
		{ { .endpoint = "http://s3.example.org" }, KITH_EFORMAT,
		  "https://" },
		{ { .endpoint = "http://127.0.0.1.example.org" }, KITH_EFORMAT,
		  "https://" },
		{ { .endpoint = "sftp://s3.example.org" }, KITH_EFORMAT,
		  "https://" },
		{ { .key = "K" }, KITH_EFORMAT, "one is missing" },
		{ { .secret = "S" }, KITH_EFORMAT, "one is missing" },
		{ { .region = "a:b" }, KITH_EFORMAT, "region" },
		{ { .style = "other" }, KITH_EFORMAT, "path" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		session_is(&rows[i].set, rows[i].err, rows[i].part);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_host_that_sends_on_and_on_is_left),
		cmocka_unit_test(one_is_not_sent_to_other_schemes),
		cmocka_unit_test(another_host_gets_no_password),
		cmocka_unit_test(another_host_gets_no_file_of_ours),
		cmocka_unit_test(a_redirect_at_home_is_followed),
		cmocka_unit_test(no_text_has_a_password),
		cmocka_unit_test(
			a_proxy_is_used_and_without_tls_no_password_is_shown),
		cmocka_unit_test(what_did_not_change_is_not_sent_again),
		cmocka_unit_test(
			what_changed_just_now_is_asked_for_without_conditions),
		cmocka_unit_test(
			a_file_that_another_put_there_is_not_written_over),
		cmocka_unit_test(a_file_whose_answer_was_lost_is_ours),
		cmocka_unit_test(
			a_host_that_knows_no_conditions_is_asked_without),
		cmocka_unit_test(folders_that_lack_are_made),
		cmocka_unit_test(who_may_not_write_is_told_and_remembered),
		cmocka_unit_test(a_web_server_is_not_written_to),
		cmocka_unit_test(a_list_that_is_a_page_for_people_is_no_list),
		cmocka_unit_test(a_request_of_s3_is_signed_with_its_hash),
		cmocka_unit_test(a_list_of_s3_goes_on_to_its_end),
		cmocka_unit_test(an_error_of_s3_is_told_by_its_code),
		cmocka_unit_test(
			settings_of_s3_that_cannot_be_right_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
