#include "tests/support/shell.h"

#include <setjmp.h>
#include <spawn.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/wait.h>

#include <cmocka.h>

extern char **environ;

void shell_run(const char *format, ...)
{
	char command[1024], shell[] = "sh", option[] = "-c";
	char *arguments[] = { shell, option, command, NULL };
	va_list args;
	int n, status;
	pid_t pid;

	va_start(args, format);
	n = vsnprintf(command, sizeof(command), format, args);
	va_end(args);
	assert_in_range(n, 1, sizeof(command) - 1);
	assert_int_equal(posix_spawn(&pid, "/bin/sh", NULL, NULL, arguments,
				     environ), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}
