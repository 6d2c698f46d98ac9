/*
 * A folder behind a URL remembers small files, in a session and over sessions,
 * and knows by them what it writes over.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "src/depot/folder_url.h"
#include "tests/support/home.h"
#include "tests/support/lying.h"

#define CLOSE "Connection: close\r\nContent-Length: 4\r\n"
#define SENT  "HTTP/1.1 200 OK\r\nETag: \"1\"\r\n" CLOSE
#define OTHER "HTTP/1.1 200 OK\r\nETag: \"2\"\r\n" CLOSE
#define SAME  "HTTP/1.1 304 Same\r\nConnection: close\r\n"
#define NONE  "HTTP/1.1 404 None\r\nConnection: close\r\n"
#define MADE  "HTTP/1.1 201 Made\r\nConnection: close\r\n"
#define NAME  "w/abcdefghijklmnopqrstuvwxyz/head-a.txt"

static struct test_home place;

static int open_home(void **state)
{
	setenv("no_proxy", "127.0.0.1", 1);
	test_home_open(&place);
	*state = &place;
	return 0;
}

static int close_home(void **state)
{
	(void)state;
	test_home_close(&place);
	return 0;
}

static struct folder *open_folder(struct lying *l, const char *scheme)
{
	char url[128];
	struct folder_url config = { .url = url, .home = place.home,
				     .first_wait_ms = 1 };
	struct kith_error e = { 0 };
	struct folder *f;

	snprintf(url, sizeof(url), "%s://127.0.0.1:%u/depot", scheme,
		 lying_port(l));
	if (folder_url_open(&config, &f, &e))
		fail_msg("%s", e.text);
	return f;
}

static void holds(struct folder *f, const char *text)
{
	struct kith_buf b = { .limit = 100 };
	struct kith_error e = { 0 };

	kith_buf_text(&b, "before ");
	if (folder_get(f, NAME, &b, &e))
		fail_msg("%s", e.text);
	kith_buf_drop(&b, 7);
	assert_true(kith_equal(kith_bytes(&b), kith_text(text)));
	kith_buf_free(&b);
}

static bool asked(struct lying *l, unsigned n, const char *part)
{
	return strstr(lying_request(l, n), part) != NULL;
}

static void a_file_is_kept_over_sessions(void **state)
{
	struct lying *l = LYING({ .head = SENT, .body = "head" },
				{ .head = SAME }, { .head = SAME },
				{ .head = OTHER, .body = "next" },
				{ .head = SAME });
	struct folder_url_cost cost;
	struct folder *f = open_folder(l, "http");

	(void)state;
	holds(f, "head");
	holds(f, "head");
	folder_free(f);
	f = open_folder(l, "http");
	holds(f, "head");
	assert_true(asked(l, 2, "If-None-Match: \"1\""));
	holds(f, "next");
	folder_url_cost(f, &cost);
	assert_int_equal(cost.requests, 2);
	assert_int_equal(cost.not_modified, 1);
	assert_int_equal(cost.bytes_in, 4);
	folder_free(f);
	f = open_folder(l, "http");
	holds(f, "next");
	assert_true(asked(l, 4, "If-None-Match: \"2\""));
	folder_free(f);
	lying_stop(l);
}

/* Spoils each file of the folder by one byte. */
static void damage_kept(void)
{
	char path[512], file[800];
	struct dirent *entry;
	DIR *d;

	snprintf(path, sizeof(path), "%s/depots", place.path);
	d = opendir(path);
	assert_non_null(d);
	while ((entry = readdir(d)) != NULL) {
		FILE *out;

		if (strncmp(entry->d_name, "url-", 4) != 0)
			continue;
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		out = fopen(file, "r+");
		assert_non_null(out);
		assert_int_equal(fseek(out, 40, SEEK_SET), 0);
		assert_int_equal(fputc('#', out), '#');
		fclose(out);
	}
	closedir(d);
}

static void what_was_kept_and_is_damaged_is_asked_for(void **state)
{
	struct lying *l = LYING({ .head = SENT, .body = "head" });
	struct folder *f = open_folder(l, "http");

	(void)state;
	holds(f, "head");
	folder_free(f);
	damage_kept();
	f = open_folder(l, "http");
	holds(f, "head");
	assert_false(asked(l, 1, "If-None-Match"));
	folder_free(f);
	lying_stop(l);
}

static void a_file_that_is_gone_is_forgotten(void **state)
{
	struct lying *l = LYING({ .head = SENT, .body = "head" },
				{ .head = NONE },
				{ .head = SENT, .body = "back" });
	struct folder *f = open_folder(l, "http");
	struct kith_buf b = { .limit = 100 };

	(void)state;
	holds(f, "head");
	assert_int_equal(folder_get(f, NAME, &b, NULL), KITH_ENOENT);
	holds(f, "back");
	assert_false(asked(l, 2, "If-None-Match"));
	folder_free(f);
	lying_stop(l);
}

/* The first two requests are the list, which fails, and what is looked at in
 * its place. */
static void a_file_is_written_only_over_what_was_seen(void **state)
{
	struct lying *l = LYING({ .head = NONE },
				{ .head = SENT, .body = "head" },
				{ .head = MADE },
				{ .head = MADE },
				{ .head = NONE },
				{ .head = MADE });
	struct folder *f = open_folder(l, "webdav");
	struct kith_buf b = { .limit = 100 };

	(void)state;
	holds(f, "head");
	assert_int_equal(folder_put(f, NAME, KITH_SLICE("mine"), NULL),
			 KITH_OK);
	assert_true(asked(l, 2, "If-Match: \"1\""));
	assert_int_equal(folder_put(f, NAME, KITH_SLICE("mine"), NULL),
			 KITH_OK);
	assert_false(asked(l, 3, "If-"));
	assert_int_equal(folder_get(f, NAME, &b, NULL), KITH_ENOENT);
	assert_int_equal(folder_put(f, NAME, KITH_SLICE("mine"), NULL),
			 KITH_OK);
	assert_true(asked(l, 5, "If-None-Match: *"));
	folder_free(f);
	lying_stop(l);
}

static void who_may_not_write_loses_the_right_in_the_folder(void **state)
{
	struct lying *l = LYING({ .head = NONE },
				{ .head = "HTTP/1.1 403 No\r\n" CLOSE,
				  .body = "none" });
	struct folder *f = open_folder(l, "webdav");

	(void)state;
	assert_true(f->can & FOLDER_WRITES);
	assert_int_equal(folder_put(f, NAME, KITH_SLICE("mine"), NULL),
			 KITH_EDENIED);
	assert_false(f->can & FOLDER_WRITES);
	folder_free(f);
	lying_stop(l);
}

static void a_host_that_lists_nothing_is_opened_all_the_same(void **state)
{
	struct lying *l = LYING({ .head = "HTTP/1.1 405 No\r\n" CLOSE,
				  .body = "none" },
				{ .head = NONE });
	struct folder *f = open_folder(l, "webdav");

	(void)state;
	assert_false(f->can & FOLDER_LISTS);
	assert_true(f->can & FOLDER_WRITES);
	assert_true(asked(l, 1, "GET /depot/depot-a.txt"));
	folder_free(f);
	lying_stop(l);
}

static void keys_that_others_can_read_are_refused(void **state)
{
	struct folder_url config = { .url = "webdavs://h/",
				     .home = place.home };
	struct kith_error e = { 0 };
	struct folder *f;
	char path[512];

	(void)state;
	assert_int_equal(home_write(place.home, "urls", KITH_SLICE("user x\n"),
				    NULL), KITH_OK);
	snprintf(path, sizeof(path), "%s/urls", place.path);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(folder_url_open(&config, &f, &e), KITH_EDENIED);
	assert_non_null(strstr(e.text, "chmod 600"));
}

static void a_url_names_its_first_writer(void **state)
{
	struct depot_writer_id id;

	(void)state;
	assert_true(folder_url_writer(
		"https://h/#writer=abcdefghijklmnopqrstuvwxyz", &id));
	assert_string_equal(id.name, "abcdefghijklmnopqrstuvwxyz");
	assert_false(folder_url_writer("https://h/", &id));
	assert_false(folder_url_writer("https://h/#writer=", &id));
	assert_false(folder_url_writer("https://h/#writer=../../etc", &id));
	assert_false(folder_url_writer(
		"https://h/#writer=abcdefghijklmnopqrstuvwxyzabc", &id));
}

#define AT_HOME(test)                                                          \
	cmocka_unit_test_setup_teardown(test, open_home, close_home)

int main(void)
{
	const struct CMUnitTest tests[] = {
		AT_HOME(a_file_is_kept_over_sessions),
		AT_HOME(what_was_kept_and_is_damaged_is_asked_for),
		AT_HOME(a_file_that_is_gone_is_forgotten),
		AT_HOME(a_file_is_written_only_over_what_was_seen),
		AT_HOME(who_may_not_write_loses_the_right_in_the_folder),
		AT_HOME(a_host_that_lists_nothing_is_opened_all_the_same),
		AT_HOME(keys_that_others_can_read_are_refused),
		AT_HOME(a_url_names_its_first_writer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
