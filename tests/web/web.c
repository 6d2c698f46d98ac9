#include "src/web/web.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <sodium.h>

#include "feeds/ref.h"
#include "tests/support/home.h"

enum { ANSWER_BYTES = 1 << 20, BIG_BYTES = 300000, PATH_BYTES = 256 };

struct scene {
	struct test_home home;
	struct blobs *blobs;
	struct web *web;
	char answer[ANSWER_BYTES];
	size_t n;
	const char *body;
	size_t body_bytes;
};

static void scene_open(struct scene *s)
{
	struct kith_error e = { 0 };

	test_home_open(&s->home);
	assert_int_equal(blobs_open(s->home.home, &s->blobs, &e), KITH_OK);
	assert_int_equal(web_start(s->blobs, 0, &s->web, &e), KITH_OK);
	assert_int_not_equal(web_port(s->web), 0);
}

static void scene_close(struct scene *s)
{
	web_stop(s->web);
	blobs_close(s->blobs);
	test_home_close(&s->home);
}

/* The path of a blob that has these bytes. */
static void add(struct scene *s, struct kith_slice bytes,
		char path[static PATH_BYTES])
{
	struct blob_write how = { .limit = ANSWER_BYTES };
	char text[KITH_REF_TEXT_BYTES];
	struct blob_writer *w;
	struct kith_blob_id id;
	struct kith_error e = { 0 };

	assert_int_equal(blob_writer_new(s->blobs, &how, &w, &e), KITH_OK);
	assert_int_equal(blob_writer_put(w, bytes, &e), KITH_OK);
	assert_int_equal(blob_writer_finish(w, &id, &e), KITH_OK);
	kith_blob_print(&id, text);
	snprintf(path, PATH_BYTES, "/blobs/get/%s", text);
}

static int connect_to(const struct scene *s)
{
	struct sockaddr_in to = {
		.sin_family = AF_INET,
		.sin_port = htons(web_port(s->web)),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	int fd = socket(AF_INET, SOCK_STREAM, 0);

	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	return fd;
}

/* Says it all, and reads until the other end closes: the status. */
static int exchange(struct scene *s, const char *request)
{
	int fd = connect_to(s), status = 0;
	size_t n = strlen(request);
	ssize_t got;

	assert_int_equal(write(fd, request, n), n);
	s->n = 0;
	while ((got = read(fd, s->answer + s->n,
			   sizeof(s->answer) - 1 - s->n)) > 0)
		s->n += (size_t)got;
	close(fd);
	s->answer[s->n] = 0;
	s->body = strstr(s->answer, "\r\n\r\n");
	assert_non_null(s->body);
	s->body += 4;
	s->body_bytes = s->n - (size_t)(s->body - s->answer);
	assert_int_equal(sscanf(s->answer, "HTTP/1.1 %d", &status), 1);
	return status;
}

static int ask(struct scene *s, const char *method, const char *path,
	       const char *headers)
{
	char request[2048];

	snprintf(request, sizeof(request), "%s %s HTTP/1.1\r\n"
		 "Host: localhost:1\r\nConnection: close\r\n%s\r\n", method,
		 path, headers);
	return exchange(s, request);
}

static bool has(const struct scene *s, const char *header)
{
	return strstr(s->answer, header) != NULL;
}

static void a_blob_comes_whole_with_its_type(void **state)
{
	static uint8_t big[BIG_BYTES] = "\x89PNG\r\n\x1a\n";
	static struct scene s;
	char path[PATH_BYTES];

	(void)state;
	scene_open(&s);
	memset(big + 8, 'x', sizeof(big) - 8);
	add(&s, (struct kith_slice){ big, sizeof(big) }, path);
	assert_int_equal(ask(&s, "GET", path, ""), 200);
	assert_int_equal(s.body_bytes, sizeof(big));
	assert_memory_equal(s.body, big, sizeof(big));
	assert_true(has(&s, "Content-Type: image/png\r\n"));
	assert_true(has(&s, "Content-Length: 300000\r\n"));
	assert_true(has(&s, "X-Content-Type-Options: nosniff\r\n"));
	assert_true(has(&s, "Content-Security-Policy: default-src 'none'; "
			"style-src 'unsafe-inline'; sandbox\r\n"));
	assert_int_equal(ask(&s, "HEAD", path, ""), 200);
	assert_int_equal(s.body_bytes, 0);
	assert_true(has(&s, "Content-Length: 300000\r\n"));
	scene_close(&s);
}

static void what_is_shown_counts_as_used(void **state)
{
	struct kith_blob_id used;
	char path[PATH_BYTES], text[KITH_REF_TEXT_BYTES];
	static struct scene s;
	(void)state;

	scene_open(&s);
	add(&s, KITH_SLICE("hello"), path);
	assert_false(web_used(s.web, &used));
	assert_int_equal(ask(&s, "GET", path, ""), 200);
	assert_int_equal(ask(&s, "GET", path, ""), 200);
	assert_true(web_used(s.web, &used));
	kith_blob_print(&used, text);
	assert_string_equal(text, path + sizeof("/blobs/get/") - 1);
	assert_false(web_used(s.web, &used));
	scene_close(&s);
}

static void an_escaped_id_is_the_same_blob(void **state)
{
	static struct scene s;
	char path[PATH_BYTES], escaped[PATH_BYTES * 3], *to = escaped;

	(void)state;
	scene_open(&s);
	add(&s, kith_text("hello"), path);
	for (const char *p = path + strlen("/blobs/get/"); *p; p++)
		to += sprintf(to, "%%%02X", (unsigned)(unsigned char)*p);
	memmove(path, "/blobs/get/", sizeof("/blobs/get/"));
	memmove(escaped + strlen(path), escaped, strlen(escaped) + 1);
	memcpy(escaped, path, strlen(path));
	assert_int_equal(ask(&s, "GET", escaped, ""), 200);
	assert_int_equal(s.body_bytes, 5);
	scene_close(&s);
}

static void ranges_are_answered(void **state)
{
	static struct scene s;
	char path[PATH_BYTES];

	(void)state;
	scene_open(&s);
	add(&s, kith_text("0123456789"), path);
	assert_int_equal(ask(&s, "GET", path, "Range: bytes=2-4\r\n"), 206);
	assert_string_equal(s.body, "234");
	assert_true(has(&s, "Content-Range: bytes 2-4/10\r\n"));
	assert_int_equal(ask(&s, "GET", path, "Range: bytes=-3\r\n"), 206);
	assert_string_equal(s.body, "789");
	assert_int_equal(ask(&s, "GET", path, "Range: bytes=10-\r\n"), 416);
	assert_true(has(&s, "Content-Range: bytes */10\r\n"));
	assert_int_equal(ask(&s, "GET", path, "Range: bytes=0-1\r\n"
					      "If-Range: \"other\"\r\n"), 200);
	assert_string_equal(s.body, "0123456789");
	scene_close(&s);
}

static void what_is_known_does_not_come_again(void **state)
{
	static struct scene s;
	char path[PATH_BYTES], header[PATH_BYTES + 32];

	(void)state;
	scene_open(&s);
	add(&s, kith_text("hello"), path);
	snprintf(header, sizeof(header), "If-None-Match: \"%s\"\r\n",
		 path + strlen("/blobs/get/"));
	assert_int_equal(ask(&s, "GET", path, header), 304);
	assert_int_equal(s.body_bytes, 0);
	scene_close(&s);
}

/* Changes the last byte of the blob's file. */
static void damage(const struct scene *s, struct kith_slice bytes)
{
	char hex[2 * KITH_ID_BYTES + 1], path[2 * PATH_BYTES];
	struct kith_blob_id id;
	FILE *f;

	crypto_hash_sha256(id.b, bytes.p, bytes.n);
	sodium_bin2hex(hex, sizeof(hex), id.b, sizeof(id.b));
	snprintf(path, sizeof(path), "%s/blobs/sha256/%.2s/%s", s->home.path,
		 hex, hex + 2);
	f = fopen(path, "r+b");
	assert_non_null(f);
	assert_int_equal(fseek(f, -1, SEEK_END), 0);
	assert_int_equal(fputc('!', f), '!');
	assert_int_equal(fclose(f), 0);
}

static void a_damaged_blob_never_comes_whole(void **state)
{
	static const uint8_t big[BIG_BYTES] = "big";
	const struct kith_slice all[] = { kith_text("small"),
					  { big, BIG_BYTES } };
	static struct scene s;
	char path[PATH_BYTES];

	(void)state;
	scene_open(&s);
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++) {
		add(&s, all[i], path);
		assert_int_equal(ask(&s, "GET", path, ""), 200);
		assert_int_equal(s.body_bytes, all[i].n);
		damage(&s, all[i]);
		ask(&s, "GET", path, "");
		assert_true(s.body_bytes < all[i].n);
	}
	scene_close(&s);
}

static void what_is_not_here_says_what_to_do(void **state)
{
	static struct scene s;

	(void)state;
	scene_open(&s);
	assert_int_equal(ask(&s, "GET", "/blobs/get/&AAAAAAAAAAAAAAAAAAAAAAAAAA"
			     "AAAAAAAAAAAAAAAAA=.sha256", ""), 404);
	assert_true(has(&s, "kith blob want"));
	assert_int_equal(ask(&s, "GET", "/blobs/get/../../secret", ""), 404);
	assert_int_equal(ask(&s, "GET", "/", ""), 404);
	assert_int_equal(ask(&s, "DELETE", "/", ""), 405);
	assert_int_equal(ask(&s, "POST", "/", "Content-Length: 0\r\n"), 405);
	scene_close(&s);
}

static void pages_of_others_are_refused(void **state)
{
	static struct scene s;
	char path[PATH_BYTES], request[1024];

	(void)state;
	scene_open(&s);
	add(&s, kith_text("hello"), path);
	snprintf(request, sizeof(request), "GET %s HTTP/1.1\r\n"
		 "Host: evil.example\r\nConnection: close\r\n\r\n", path);
	assert_int_equal(exchange(&s, request), 403);
	assert_int_equal(ask(&s, "GET", path,
			     "Sec-Fetch-Site: cross-site\r\n"), 403);
	assert_int_equal(ask(&s, "GET", path,
			     "Sec-Fetch-Site: same-origin\r\n"), 200);
	scene_close(&s);
}

static void a_port_that_is_taken_is_told(void **state)
{
	static struct scene s;
	struct kith_error e = { 0 };
	struct web *second;

	(void)state;
	scene_open(&s);
	assert_int_equal(web_start(s.blobs, web_port(s.web), &second, &e),
			 KITH_EBUSY);
	assert_non_null(strstr(e.text, "web.port"));
	scene_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_blob_comes_whole_with_its_type),
		cmocka_unit_test(what_is_shown_counts_as_used),
		cmocka_unit_test(an_escaped_id_is_the_same_blob),
		cmocka_unit_test(ranges_are_answered),
		cmocka_unit_test(what_is_known_does_not_come_again),
		cmocka_unit_test(a_damaged_blob_never_comes_whole),
		cmocka_unit_test(what_is_not_here_says_what_to_do),
		cmocka_unit_test(pages_of_others_are_refused),
		cmocka_unit_test(a_port_that_is_taken_is_told),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
