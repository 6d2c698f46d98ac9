#include "tools/wire/commands.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>

enum { DEADLINE_S = 30 };

/* Whoever writes to the store without a socket is not to be killed: it may be
 * an import. */
static int check_is_daemon(struct tool *t, long pid)
{
	struct client *c;

	if (!tool_dial(t, &c, NULL)) {
		client_close(c);
		return EXIT_DONE;
	}
	return tool_fail(EXIT_FAILED, "process %ld writes to %s and does not "
			 "listen on its socket: it is no kithd, or just "
			 "starting or ending; try again, or see what it is "
			 "with `ps %ld`", pid, home_path(t->home), pid);
}

static int stop(struct tool *t, long pid)
{
	if (kill((pid_t)pid, SIGTERM) && errno != ESRCH)
		return tool_fail(EXIT_FAILED, "cannot stop process %ld: %s",
				 pid, strerror(errno));
	if (!home_wait(t->home, DEADLINE_S * 1000))
		return tool_fail(EXIT_FAILED, "kithd (process %ld) is still "
				 "busy after %d s; it will end when what it "
				 "took in is committed", pid, DEADLINE_S);
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
