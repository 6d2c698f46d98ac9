#include "tools/stream/interrupt.h"

#include <signal.h>
#include <stddef.h>
#include <time.h>

static void name_them(sigset_t *set)
{
	sigemptyset(set);
	sigaddset(set, SIGINT);
	sigaddset(set, SIGTERM);
}

void interrupt_hold(void)
{
	sigset_t set;

	name_them(&set);
	sigprocmask(SIG_BLOCK, &set, NULL);
}

bool interrupt_pending(void)
{
	sigset_t set;

	if (sigpending(&set))
		return false;
	return sigismember(&set, SIGINT) == 1 ||
	       sigismember(&set, SIGTERM) == 1;
}

bool interrupt_stops(void *unused)
{
	(void)unused;
	return interrupt_pending();
}

void interrupt_release(void)
{
	const struct timespec now = { 0 };
	sigset_t set;

	name_them(&set);
	while (sigtimedwait(&set, NULL, &now) > 0)
		;
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}
