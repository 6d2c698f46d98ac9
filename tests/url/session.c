/*
 * What a session makes of a host that is in trouble, or lies: each failure
 * once.
 */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/url/case.h"

enum { TRIES = 6, BIG_BYTES = 5 << 20 };

/* --- codes ---------------------------------------------------------------- */

static const struct {
	const char *head;
	enum kith_err err;
	unsigned requests;
	const char *text;
} codes[] = {
	{ "400 Bad Request", KITH_EIO, 1, "understand" },
	{ "401 Unauthorized", KITH_EDENIED, 1, ".netrc" },
	{ "403 Forbidden", KITH_EDENIED, 1, "right" },
	{ "404 Not Found", KITH_ENOENT, 1, "no such file" },
	{ "405 Method Not Allowed", KITH_EDENIED, 1, "WebDAV" },
	{ "407 Proxy", KITH_EDENIED, 1, "proxy" },
	{ "408 Timeout", KITH_EIO, TRIES, "waiting" },
	{ "410 Gone", KITH_ENOENT, 1, "gone" },
	{ "412 Precondition Failed", KITH_EEXIST, 1, "meanwhile" },
	{ "413 Too Large", KITH_ETOOBIG, 1, "larger" },
	{ "423 Locked", KITH_EBUSY, 3, "locked" },
	{ "429 Too Many", KITH_EBUSY, TRIES, "too many requests" },
	{ "451 No", KITH_EDENIED, 1, "law" },
	{ "418 Teapot", KITH_EIO, 1, "refuses" },
	{ "500 Oops", KITH_EIO, TRIES, "trouble" },
	{ "502 Bad Gateway", KITH_EIO, TRIES, "down" },
	{ "503 Busy", KITH_EBUSY, TRIES, "busy" },
	{ "504 Slow", KITH_EIO, TRIES, "slow" },
	{ "507 Full", KITH_EFULL, 1, "room" },
	{ "511 Hotel", KITH_EDENIED, 1, "sign-in" },
	{ "599 Own", KITH_EIO, TRIES, "trouble" },
	{ "304 Not Modified", KITH_EIO, 1, "somewhere else" },
};

static void each_code_is_told_and_tried_again_where_that_helps(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		char head[128];
		struct lying *l;
		struct url_session *s;

		snprintf(head, sizeof(head), "HTTP/1.1 %s\r\n" CLOSE,
			 codes[i].head);
		l = LYING(SENDS(head, "not the file"));
		s = open_at(l, "http", NULL);
		get_is(s, codes[i].err, codes[i].text);
		assert_int_equal(lying_count(l), codes[i].requests);
		assert_int_equal(url_session_cost(s)->requests,
				 codes[i].requests);
		assert_int_equal(url_session_cost(s)->again,
				 codes[i].requests - 1);
		end(s, l);
	}
}

static void trouble_that_passes_is_not_told(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 503 Busy\r\n" CLOSE),
				SAYS("HTTP/1.1 500 Oops\r\n" CLOSE),
				SENDS(OK LONG(4) CLOSE, "file"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_OK, "file");
	assert_int_equal(lying_count(l), 3);
	end(s, l);
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void a_host_gets_the_rest_that_it_asks_for(void **state)
{
	struct lying *l =
		LYING(SAYS("HTTP/1.1 429 Too Many\r\nRetry-After: 1\r\n" CLOSE),
		      SENDS(OK LONG(4) CLOSE, "file"));
	struct url_session *s = open_at(l, "http", NULL);
	int64_t start = now_ms();

	(void)state;
	get_is(s, KITH_OK, "file");
	assert_true(now_ms() - start >= 950);
	assert_text(case_notes, "again in 1 s");
	end(s, l);
}

static void a_host_that_wants_too_long_a_rest_is_left_alone(void **state)
{
	struct lying *l =
		LYING(SAYS("HTTP/1.1 503 Busy\r\nRetry-After: 3600\r\n" CLOSE));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_EBUSY, "3600 s");
	assert_int_equal(lying_count(l), 1);
	end(s, l);
}

/* --- what comes ----------------------------------------------------------- */

static void half_a_file_is_none(void **state)
{
	struct lying *l = LYING(SENDS(OK LONG(100) CLOSE, "half"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_EIO, "less than it said");
	assert_int_equal(lying_count(l), TRIES);
	end(s, l);
}

static void a_cut_is_taken_up_where_it_was(void **state)
{
	struct lying *l = LYING(
		SENDS(PART TAG("1")
			      LONG(10) "Content-Range: bytes 0-9/10\r\n" CLOSE,
		      "0123"),
		SENDS(PART TAG("1")
			      LONG(6) "Content-Range: bytes 4-9/10\r\n" CLOSE,
		      "456"),
		SENDS(PART TAG("1")
			      LONG(3) "Content-Range: bytes 7-9/10\r\n" CLOSE,
		      "789"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 0, KITH_OK, "0123456789");
	assert_text(lying_request(l, 0), "Range: bytes=0-");
	assert_text(lying_request(l, 1), "Range: bytes=4-");
	assert_text(lying_request(l, 1), "If-Range: \"1\"");
	assert_text(lying_request(l, 2), "Range: bytes=7-");
	end(s, l);
}

static void a_file_that_changed_before_a_cut_was_taken_up_is_told(void **state)
{
	struct lying *l = LYING(
		SENDS(PART TAG("1")
			      LONG(10) "Content-Range: bytes 0-9/10\r\n" CLOSE,
		      "0123"),
		SENDS(OK TAG("2") LONG(5) CLOSE, "other"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 0, KITH_EIO, "changed while");
	end(s, l);
}

static char big[BIG_BYTES + 1];

static void fill_big(void)
{
	for (size_t i = 0; i < BIG_BYTES; i++)
		big[i] = (char)('a' + i * i % 23);
}

static void a_file_that_changes_between_two_pieces_is_told(void **state)
{
	char range[128];
	struct lying *l;
	struct url_session *s;

	(void)state;
	fill_big();
	snprintf(range, sizeof(range),
		 PART TAG("1") CLOSE "Content-Range: "
				     "bytes 0-%d/%d\r\n",
		 URL_PIECE_BYTES - 1, BIG_BYTES);
	l = LYING(BYTES(range, big, URL_PIECE_BYTES),
		  SENDS(PART TAG("2") CLOSE
			"Content-Range: bytes 4194304-4194305/"
			"4194306\r\n",
			"xy"));
	s = open_at(l, "http", NULL);
	read_is(s, 0, KITH_EIO, "changed while");
	end(s, l);
}

static void a_host_without_ranges_is_read_from_the_start(void **state)
{
	struct lying *l = LYING(SENDS(OK LONG(10) CLOSE, "0123456789"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 4, KITH_OK, "456789");
	read_is(s, 10, KITH_OK, "");
	read_is(s, 11, KITH_EFORMAT, "shorter");
	end(s, l);
}

static void a_large_file_of_a_host_without_ranges_is_read_once(void **state)
{
	struct lying *l;
	struct url_session *s;

	(void)state;
	fill_big();
	l = LYING(BYTES(OK LONG(5242880) CLOSE, big, BIG_BYTES));
	s = open_at(l, "http", NULL);
	read_is(s, 100000, KITH_OK, big + 100000);
	assert_int_equal(lying_count(l), 2);
	read_is(s, BIG_BYTES + 1, KITH_EFORMAT, "shorter");
	end(s, l);
}

static void the_end_is_no_error_and_what_lies_behind_it_is(void **state)
{
	struct lying *l = LYING(SAYS("HTTP/1.1 416 No\r\n"
				     "Content-Range: bytes */10\r\n" CLOSE));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 10, KITH_OK, "");
	read_is(s, 11, KITH_EFORMAT, "shorter");
	end(s, l);
}

static void no_file_has_an_offset_beyond_all_files(void **state)
{
	struct lying *l = LYING(SAYS(OK));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, UINT64_MAX, KITH_EFORMAT, "so long");
	assert_int_equal(lying_count(l), 0);
	end(s, l);
}

static void another_part_than_asked_for_is_refused(void **state)
{
	struct lying *l = LYING(SENDS(
		PART LONG(5) CLOSE "Content-Range: bytes 5-9/10\r\n", "56789"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 0, KITH_EIO, "another part");
	read_is(s, 5, KITH_OK, "56789");
	end(s, l);
}

static void a_part_without_a_range_is_refused(void **state)
{
	struct lying *l = LYING(SENDS(PART LONG(5) CLOSE, "56789"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 0, KITH_EIO, "another part");
	end(s, l);
}

static void a_part_shorter_than_its_range_is_asked_for_again(void **state)
{
	struct lying *l = LYING(
		SENDS(PART LONG(4) "Content-Range: bytes 0-9/10\r\n" CLOSE,
		      "0123"),
		SENDS(PART LONG(6) "Content-Range: bytes 4-9/10\r\n" CLOSE,
		      "456789"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	read_is(s, 0, KITH_OK, "0123456789");
	end(s, l);
}

static void a_small_file_without_end_is_cut_off(void **state)
{
	struct lying *l = LYING(REPEATS(OK CLOSE, "0123456789", 1000000));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_ETOOBIG, "more than");
	end(s, l);
}

static void a_head_without_end_is_cut_off(void **state)
{
	static char head[2 * URL_HEADER_BYTES_MAX];
	size_t n = (size_t)snprintf(head, sizeof(head), "%s", OK);
	struct lying *l;
	struct url_session *s;

	(void)state;
	while (n < sizeof(head) - 32)
		n += (size_t)snprintf(head + n, sizeof(head) - n,
				      "X-Filler: 0123456789\r\n");
	l = LYING(SAYS(head));
	s = open_at(l, "http", NULL);
	get_is(s, KITH_EIO, "no end");
	end(s, l);
}

static void a_compressed_file_is_refused(void **state)
{
	struct lying *l = LYING(
		SENDS(OK LONG(4) CLOSE "Content-Encoding: gzip\r\n", "file"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_EIO, "compresses");
	end(s, l);
}

static void what_is_not_http_is_told(void **state)
{
	struct lying *l = LYING(SAYS("SSH-2.0-OpenSSH_9.2\r\n"));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_EDENIED, "does not speak HTTP");
	end(s, l);
}

static void a_host_that_hangs_up_is_asked_again(void **state)
{
	struct lying *l = LYING(SAYS(NULL));
	struct url_session *s = open_at(l, "http", NULL);

	(void)state;
	get_is(s, KITH_EIO, "hung up");
	assert_int_equal(lying_count(l), TRIES);
	end(s, l);
}

static void a_host_that_falls_silent_is_given_up(void **state)
{
	struct lying *l = LYING(STALLS(OK LONG(100) CLOSE, "half"));
	struct url_session *s;
	int64_t start = now_ms();

	(void)state;
	case_stall_s = 1;
	s = open_at(l, "http", NULL);
	case_stall_s = 0;
	get_is(s, KITH_EIO, "nothing comes");
	assert_true(now_ms() - start >= 2000);
	end(s, l);
}

/* The port is taken all the time, so that nobody else is given it. */
static void nobody_at_the_port_is_told(void **state)
{
	struct sockaddr_in at = { .sin_family = AF_INET,
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	socklen_t n = sizeof(at);
	struct url_session *s;
	char url[64];

	(void)state;
	assert_int_equal(bind(fd, (struct sockaddr *)&at, n), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &n), 0);
	snprintf(url, sizeof(url), "http://127.0.0.1:%u/depot",
		 (unsigned)ntohs(at.sin_port));
	s = open_url(url, NULL);
	get_is(s, KITH_EIO, "is it running");
	assert_int_equal(url_session_cost(s)->requests, 3);
	url_session_free(s);
	close(fd);
}

static void a_caller_that_is_told_to_stop_stops(void **state)
{
	struct lying *l =
		LYING(SAYS("HTTP/1.1 503 Busy\r\nRetry-After: 60\r\n" CLOSE));
	struct url_session *s = open_at(l, "http", NULL);
	int64_t start = now_ms();

	(void)state;
	case_going = false;
	get_is(s, KITH_EIO, "stopped");
	assert_true(now_ms() - start < 60000);
	end(s, l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			each_code_is_told_and_tried_again_where_that_helps),
		cmocka_unit_test(trouble_that_passes_is_not_told),
		cmocka_unit_test(a_host_gets_the_rest_that_it_asks_for),
		cmocka_unit_test(
			a_host_that_wants_too_long_a_rest_is_left_alone),
		cmocka_unit_test(half_a_file_is_none),
		cmocka_unit_test(a_cut_is_taken_up_where_it_was),
		cmocka_unit_test(
			a_file_that_changed_before_a_cut_was_taken_up_is_told),
		cmocka_unit_test(
			a_file_that_changes_between_two_pieces_is_told),
		cmocka_unit_test(a_host_without_ranges_is_read_from_the_start),
		cmocka_unit_test(
			a_large_file_of_a_host_without_ranges_is_read_once),
		cmocka_unit_test(
			the_end_is_no_error_and_what_lies_behind_it_is),
		cmocka_unit_test(no_file_has_an_offset_beyond_all_files),
		cmocka_unit_test(another_part_than_asked_for_is_refused),
		cmocka_unit_test(a_part_without_a_range_is_refused),
		cmocka_unit_test(
			a_part_shorter_than_its_range_is_asked_for_again),
		cmocka_unit_test(a_small_file_without_end_is_cut_off),
		cmocka_unit_test(a_head_without_end_is_cut_off),
		cmocka_unit_test(a_compressed_file_is_refused),
		cmocka_unit_test(what_is_not_http_is_told),
		cmocka_unit_test(a_host_that_hangs_up_is_asked_again),
		cmocka_unit_test(a_host_that_falls_silent_is_given_up),
		cmocka_unit_test(nobody_at_the_port_is_told),
		cmocka_unit_test(a_caller_that_is_told_to_stop_stops),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
