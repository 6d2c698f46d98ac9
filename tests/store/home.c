#include "src/store/home.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/support/home.h"

static mode_t mode_of(const struct test_home *h, const char *name)
{
	char path[TEST_PATH_BYTES + 32];
	struct stat st;

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	assert_int_equal(stat(path, &st), 0);
	return st.st_mode & 07777;
}

static void write_file(const struct test_home *h, const char *name,
		       const char *text, mode_t mode)
{
	char path[TEST_PATH_BYTES + 32];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", h->path, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, mode);
	assert_true(fd >= 0);
	assert_int_equal(fchmod(fd, mode), 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void folder_is_made_for_its_owner_only(void **state)
{
	char path[TEST_PATH_BYTES + 32];
	struct test_home h;
	struct home *deep;
	(void)state;

	test_home_open(&h);
	snprintf(path, sizeof(path), "%s/a/b", h.path);
	assert_int_equal(home_open(path, true, &deep, NULL), KITH_OK);
	assert_string_equal(home_path(deep), path);
	assert_int_equal(mode_of(&h, "a/b"), 0700);
	home_close(deep);
	test_home_close(&h);
}

static void missing_home_says_how_to_make_one(void **state)
{
	struct kith_error e = { 0 };
	struct home *home = NULL;
	(void)state;

	assert_int_equal(home_open("/nonexistent/kith", false, &home, &e),
			 KITH_ENOENT);
	assert_non_null(strstr(e.text, "kith init"));
	assert_null(home);
}

/* A caller takes ENOENT as "there is none yet". */
static void folder_that_cannot_be_made_is_not_just_missing(void **state)
{
	struct kith_error e = { 0 };
	struct home *h = NULL;
	char path[512];
	struct test_home t;

	(void)state;
	test_home_open(&t);
	snprintf(path, sizeof(path), "%s/link", t.path);
	assert_int_equal(symlink("nowhere", path), 0);
	assert_int_equal(home_open(path, true, &h, &e), KITH_EIO);
	assert_non_null(strstr(e.text, "cannot make"));
	assert_null(h);
	test_home_close(&t);
}

/* In a child, since root may write anywhere: what home_open says there. */
static int make_as_nobody(const char *path)
{
	struct home *h;
	int status;
	pid_t child = fork();

	assert_true(child >= 0);
	if (!child)
		_exit(!geteuid() && setuid(65534)
			      ? -1 : (int)home_open(path, true, &h, NULL));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void folder_that_may_not_be_made_is_denied(void **state)
{
	struct test_home t;
	char path[512];
	(void)state;

	test_home_open(&t);
	snprintf(path, sizeof(path), "%s/new", t.path);
	assert_int_equal(chmod(t.path, 0555), 0);
	assert_int_equal(make_as_nobody(path), KITH_EDENIED);
	assert_int_equal(chmod(t.path, 0700), 0);
	test_home_close(&t);
}

static void home_comes_from_the_environment(void **state)
{
	struct test_home h;
	struct home *other;
	(void)state;

	test_home_open(&h);
	setenv("KITH_HOME", h.path, 1);
	assert_int_equal(home_open(NULL, false, &other, NULL), KITH_OK);
	assert_string_equal(home_path(other), home_path(h.home));
	home_close(other);
	unsetenv("KITH_HOME");

	setenv("HOME", h.path, 1);
	assert_int_equal(home_open(NULL, false, &other, NULL), KITH_ENOENT);
	assert_int_equal(home_open(NULL, true, &other, NULL), KITH_OK);
	assert_int_equal(mode_of(&h, ".kith"), 0700);
	home_close(other);
	test_home_close(&h);
}

static void folder_of_another_user_is_denied(void **state)
{
	struct kith_error e = { 0 };
	struct test_home h;
	struct home *other;
	(void)state;

	if (geteuid())
		skip();
	test_home_open(&h);
	assert_int_equal(chown(h.path, 12345, 12345), 0);
	assert_int_equal(home_open(h.path, false, &other, &e), KITH_EDENIED);
	assert_non_null(strstr(e.text, "12345"));
	test_home_close(&h);
}

static void path_that_does_not_fit_is_refused(void **state)
{
	struct test_home h;
	char path[TEST_PATH_BYTES];
	size_t n;
	(void)state;

	test_home_open(&h);
	n = strlen(home_path(h.home)) + sizeof("/socket");
	assert_int_equal(home_file(h.home, "socket", path, n), KITH_OK);
	assert_int_equal(strlen(path), n - 1);
	assert_int_equal(home_file(h.home, "socket", path, n - 1),
			 KITH_EFORMAT);
	test_home_close(&h);
}

static void file_over_the_limit_is_refused(void **state)
{
	struct kith_buf b = { .limit = 5 };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	write_file(&h, "five", "12345", 0600);
	write_file(&h, "six", "123456", 0600);
	assert_int_equal(home_read(h.home, "five", &b, NULL), KITH_OK);
	assert_true(kith_equal(kith_bytes(&b), KITH_SLICE("12345")));
	kith_buf_free(&b);
	assert_int_equal(home_read(h.home, "six", &b, NULL), KITH_ETOOBIG);
	kith_buf_free(&b);
	assert_int_equal(home_read(h.home, "none", &b, NULL), KITH_ENOENT);
	test_home_close(&h);
}

static void written_file_replaces_the_old_one(void **state)
{
	struct kith_buf b = { .limit = 100 };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	/* A crash left this. */
	write_file(&h, "conn.json.new", "half", 0600);
	for (int i = 0; i < 2; i++)
		assert_int_equal(home_write(h.home, "conn.json",
					    i ? KITH_SLICE("new")
					      : KITH_SLICE("older"), NULL),
				 KITH_OK);
	assert_int_equal(home_read(h.home, "conn.json", &b, NULL), KITH_OK);
	assert_true(kith_equal(kith_bytes(&b), KITH_SLICE("new")));
	kith_buf_free(&b);
	assert_int_equal(home_read(h.home, "conn.json.new", &b, NULL),
			 KITH_ENOENT);
	test_home_close(&h);
}

static void secret_is_created_once_and_read_back(void **state)
{
	struct kith_signer *made = kith_signer_generate(), *read = NULL;
	struct test_home h;
	(void)state;

	test_home_open(&h);
	assert_int_equal(home_secret_read(h.home, &read, NULL), KITH_ENOENT);
	assert_int_equal(home_secret_create(h.home, made, NULL), KITH_OK);
	assert_int_equal(mode_of(&h, "secret"), 0400);
	assert_int_equal(home_secret_create(h.home, made, NULL), KITH_EEXIST);
	assert_int_equal(home_secret_read(h.home, &read, NULL), KITH_OK);
	assert_true(kith_feed_equal(kith_signer_id(made),
				    kith_signer_id(read)));
	kith_signer_free(made);
	kith_signer_free(read);
	test_home_close(&h);
}

static void secret_cut_short_by_a_crash_is_made_anew(void **state)
{
	struct kith_signer *made = kith_signer_generate(), *read = NULL;
	struct kith_buf b = { .limit = 1 };
	struct test_home h;

	(void)state;
	test_home_open(&h);
	assert_non_null(made);
	write_file(&h, "secret.new", "# This is the sec", 0400);
	assert_int_equal(home_secret_read(h.home, &read, NULL), KITH_ENOENT);
	assert_int_equal(home_secret_create(h.home, made, NULL), KITH_OK);
	assert_int_equal(home_secret_read(h.home, &read, NULL), KITH_OK);
	assert_true(kith_feed_equal(kith_signer_id(read),
				    kith_signer_id(made)));
	kith_signer_free(read);

	assert_int_equal(home_secret_create(h.home, made, NULL), KITH_EEXIST);
	assert_int_equal(home_read(h.home, "secret.new", &b, NULL),
			 KITH_ENOENT);
	kith_signer_free(made);
	test_home_close(&h);
}

static void secret_open_to_others_is_closed(void **state)
{
	struct kith_signer *made = kith_signer_generate(), *read = NULL;
	char path[TEST_PATH_BYTES + 32];
	struct test_home h;
	(void)state;

	test_home_open(&h);
	assert_int_equal(home_secret_create(h.home, made, NULL), KITH_OK);
	snprintf(path, sizeof(path), "%s/secret", h.path);
	assert_int_equal(chmod(path, 0644), 0);
	assert_int_equal(home_secret_read(h.home, &read, NULL), KITH_OK);
	assert_int_equal(mode_of(&h, "secret"), 0400);
	kith_signer_free(made);
	kith_signer_free(read);
	test_home_close(&h);
}

static void broken_secret_is_an_error_and_stays(void **state)
{
	struct kith_signer *read = NULL, *made = kith_signer_generate();
	struct kith_buf b = { .limit = 100 };
	struct kith_error e = { 0 };
	struct test_home h;
	(void)state;

	test_home_open(&h);
	write_file(&h, "secret", "{\"curve\":", 0400);
	assert_int_equal(home_secret_read(h.home, &read, &e), KITH_EFORMAT);
	assert_true(*e.text);
	assert_int_equal(home_secret_create(h.home, made, NULL), KITH_EEXIST);
	assert_int_equal(home_read(h.home, "secret", &b, NULL), KITH_OK);
	assert_true(kith_equal(kith_bytes(&b), KITH_SLICE("{\"curve\":")));
	kith_buf_free(&b);
	kith_signer_free(made);
	test_home_close(&h);
}

/* The child: holds the lock, says so, and waits to be killed. */
static int hold_lock(const char *path)
{
	struct home *home;

	if (home_open(path, false, &home, NULL) ||
	    home_lock_writer(home, NULL))
		return 1;
	if (write(1, "held", 4) != 4)
		return 1;
	pause();
	return 1;
}

static void long_home_leaves_room_for_what_is_wrong(void **state)
{
	char path[TEST_PATH_BYTES + KITH_ERROR_TEXT_BYTES + 2];
	char store[sizeof(path) + 8];
	struct kith_error e = { 0 };
	struct test_home h;
	struct home *home;
	(void)state;

	test_home_open(&h);
	snprintf(path, sizeof(path), "%s/%0*d", h.path, KITH_ERROR_TEXT_BYTES,
		 0);
	assert_int_equal(home_open(path, true, &home, NULL), KITH_OK);
	snprintf(store, sizeof(store), "%s/store", path);
	assert_int_equal(close(creat(store, 0600)), 0);
	assert_int_not_equal(home_lock_writer(home, &e), KITH_OK);
	assert_non_null(strstr(e.text, strerror(ENOTDIR)));
	home_close(home);
	test_home_close(&h);
}

static void lock_names_its_holder_and_goes_with_it(void **state)
{
	struct kith_error e = { 0 };
	struct test_home h;
	char said[4], name[32];
	long pid, seen;
	int out;
	(void)state;

	test_home_open(&h);
	assert_false(home_writer(h.home, &seen));
	pid = test_spawn((const char *[]){ "hold", h.path, NULL }, &out);
	assert_int_equal(read(out, said, sizeof(said)), 4);
	close(out);

	assert_true(home_writer(h.home, &seen));
	assert_int_equal(seen, pid);
	assert_int_equal(home_lock_writer(h.home, &e), KITH_EBUSY);
	snprintf(name, sizeof(name), "process %ld ", pid);
	assert_non_null(strstr(e.text, name));

	assert_false(home_wait(h.home, 1));
	kill((pid_t)pid, SIGKILL);
	assert_true(home_wait(h.home, 10000));
	assert_int_equal(test_wait(pid), -SIGKILL);
	assert_false(home_writer(h.home, &seen));
	assert_int_equal(home_lock_writer(h.home, NULL), KITH_OK);
	assert_true(home_writer(h.home, &seen));
	assert_int_equal(seen, getpid());
	test_home_close(&h);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(folder_is_made_for_its_owner_only),
		cmocka_unit_test(missing_home_says_how_to_make_one),
		cmocka_unit_test(folder_that_may_not_be_made_is_denied),
		cmocka_unit_test(
			folder_that_cannot_be_made_is_not_just_missing),
		cmocka_unit_test(home_comes_from_the_environment),
		cmocka_unit_test(folder_of_another_user_is_denied),
		cmocka_unit_test(path_that_does_not_fit_is_refused),
		cmocka_unit_test(file_over_the_limit_is_refused),
		cmocka_unit_test(written_file_replaces_the_old_one),
		cmocka_unit_test(secret_is_created_once_and_read_back),
		cmocka_unit_test(secret_cut_short_by_a_crash_is_made_anew),
		cmocka_unit_test(secret_open_to_others_is_closed),
		cmocka_unit_test(broken_secret_is_an_error_and_stays),
		cmocka_unit_test(long_home_leaves_room_for_what_is_wrong),
		cmocka_unit_test(lock_names_its_holder_and_goes_with_it),
	};

	if (kith_init())
		return 1;
	if (argc == 3 && !strcmp(argv[1], "hold"))
		return hold_lock(argv[2]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
