#include "tools/commands.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <unistd.h>

enum { DEADLINE_S = 30 };

static void wake(int signal)
{
	(void)signal;
}

/* Waits until the writer's lock is free, which it is when the process that
 * holds it is gone, by whatever way; 0 or an errno, EINTR at the deadline. */
static int wait_until_free(int fd)
{
	struct sigaction on_alarm = { .sa_handler = wake };
	struct flock any = { .l_type = F_RDLCK, .l_whence = SEEK_SET };
	int err;

	if (sigaction(SIGALRM, &on_alarm, NULL))
		return errno;
	alarm(DEADLINE_S);
	err = fcntl(fd, F_OFD_SETLKW, &any) ? errno : 0;
	alarm(0);
	return err;
}

/* Whoever writes to the store without a socket is not to be killed: it may be
 * an import. */
static int check_is_daemon(struct tool *t, long pid)
{
	struct kith_error e = { 0 };

	if (!tool_dial(t, &t->daemon, &e))
		return EXIT_DONE;
	return tool_fail(EXIT_FAILED, "process %ld writes to %s and does not "
			 "listen on its socket: it is no kithd, or just "
			 "starting or ending; try again, or see what it is "
			 "with `ps %ld`", pid, home_path(t->home), pid);
}

static int stop(struct tool *t, long pid)
{
	char path[PATH_MAX];
	int fd, err;

	if (home_file(t->home, "store/writer", path, sizeof(path)))
		return tool_fail(EXIT_FAILED, "the path of the home is too "
				 "long");
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return tool_fail(EXIT_UNREADABLE, "cannot open %s: %s", path,
				 strerror(errno));
	err = kill((pid_t)pid, SIGTERM) ? errno : wait_until_free(fd);
	close(fd);
	if (err == EINTR)
		return tool_fail(EXIT_FAILED, "kithd (process %ld) is still "
				 "busy after %d s; it will end when what it "
				 "took in is committed", pid, DEADLINE_S);
	if (err && err != ESRCH)
		return tool_fail(EXIT_FAILED, "cannot stop process %ld: %s",
				 pid, strerror(err));
	return EXIT_DONE;
}

int command_stop(struct tool *t, int argc, char **argv)
{
	int code;
	long pid;

	(void)argc;
	(void)argv;
	if (!home_writer(t->home, &pid)) {
		tool_note("kithd is not running in %s", home_path(t->home));
		return EXIT_DONE;
	}
	if (pid <= 1)
		return tool_fail(EXIT_FAILED, "the store is in use, and "
				 "%s/store/writer does not say by whom",
				 home_path(t->home));
	code = check_is_daemon(t, pid);
	if (!code)
		code = stop(t, pid);
	if (!code)
		puts("kithd has stopped");
	return code;
}
