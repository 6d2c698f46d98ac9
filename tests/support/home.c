#include "tests/support/home.h"

#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/stream/remove_all.h"

extern char **environ;

static void check(enum kith_err err, const struct kith_error *e)
{
	if (err)
		fail_msg("%s: %s", kith_strerror(err), e->text);
}

void test_home_open(struct test_home *h)
{
	const char *folder = getenv("TMPDIR");
	struct kith_error e = { 0 };
	int n;

	*h = (struct test_home){ 0 };
	n = snprintf(h->path, sizeof(h->path), "%s/kith-test-XXXXXX",
		     folder && *folder ? folder : "/tmp");
	assert_in_range(n, 1, sizeof(h->path) - 1);
	assert_non_null(mkdtemp(h->path));
	check(home_open(h->path, true, &h->home, &e), &e);
}

void test_home_store(struct test_home *h, uint64_t map_bytes)
{
	struct store_options o = { .write = true, .map_bytes = map_bytes };
	struct kith_error e = { 0 };

	check(home_lock_writer(h->home, &e), &e);
	check(store_open(h->home, &o, &h->store, &e), &e);
}

void test_home_leave(struct test_home *h)
{
	store_close(h->store);
	home_close(h->home);
	h->store = NULL;
	h->home = NULL;
}

void test_home_return(struct test_home *h)
{
	struct kith_error e = { 0 };

	check(home_open(h->path, false, &h->home, &e), &e);
	test_home_store(h, 0);
}

void test_home_reopen(struct test_home *h)
{
	test_home_leave(h);
	test_home_return(h);
}

void test_home_close(struct test_home *h)
{
	test_home_leave(h);
	remove_all(h->path);
	assert_int_equal(access(h->path, F_OK), -1);
}

long test_spawn(const char *const arguments[], int *out)
{
	char *argv[8] = { (char[]){ "test" } };
	posix_spawn_file_actions_t actions;
	int pipe_ends[2] = { -1, -1 };
	pid_t pid;

	for (size_t i = 0; arguments[i]; i++) {
		assert_in_range(i, 0, 5);
		/* posix_spawn does not write to its arguments. */
		argv[i + 1] = (char *)(uintptr_t)arguments[i];
	}
	posix_spawn_file_actions_init(&actions);
	if (out) {
		assert_int_equal(pipe2(pipe_ends, O_CLOEXEC), 0);
		posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], 1);
	}
	assert_int_equal(posix_spawn(&pid, "/proc/self/exe", &actions, NULL,
				     argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	if (out) {
		close(pipe_ends[1]);
		*out = pipe_ends[0];
	}
	return pid;
}

int test_wait(long pid)
{
	int status;

	assert_int_equal(waitpid((pid_t)pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
}

void test_kill(long pid, long after_us)
{
	struct timespec moment = { after_us / 1000000,
				   after_us % 1000000 * 1000 };

	nanosleep(&moment, NULL);
	assert_int_equal(kill((pid_t)pid, SIGKILL), 0);
	assert_int_equal(test_wait(pid), -SIGKILL);
}
