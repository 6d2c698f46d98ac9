#include "tools/interrupt.h"

#include <signal.h>
#include <stddef.h>

void interrupt_hold(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
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
