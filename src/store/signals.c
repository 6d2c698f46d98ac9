#include "src/store/signals.h"

#include <signal.h>
#include <unistd.h>

enum { EXIT_UNREADABLE = 3 };

/* Nothing but what a handler may call. */
static void on_bus_error(int signal)
{
	static const char text[] =
		"a page of the store cannot be read from the disk: see the "
		"system's log, keep a copy of the home, and run `kith fsck`\n";
	ssize_t n = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)signal;
	(void)n;
	_exit(EXIT_UNREADABLE);
}

void store_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction die = { .sa_handler = on_bus_error };

	sigemptyset(&ignore.sa_mask);
	sigemptyset(&die.sa_mask);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGBUS, &die, NULL);
}
