#include "src/store/signals.h"

#include <setjmp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <unistd.h>

/* Below it lie NULL and its members, on every system. */
enum { EXIT_UNREADABLE = 3, LOWEST_ADDRESS = 4096 };

/* A handler has nothing else to know by where it is, and who came before. */
static _Thread_local sigjmp_buf *volatile guard;
static _Thread_local void *volatile address;
static _Thread_local char why[SIGNALS_WHY_BYTES]; /* "": the address */
static struct sigaction bus_before, wild_before;

void signals_leave(const char *text)
{
	if (!guard)
		return;
	snprintf(why, sizeof(why), "%s", text);
	siglongjmp(*guard, 1);
}

const char *signals_why(void)
{
	if (!why[0])
		snprintf(why, sizeof(why), "address %p cannot be read",
			 address);
	return why;
}

int signals_guard(int (*read)(void *arg), void *arg, int damaged)
{
	sigjmp_buf here;
	int result;

	/* The mask is as it was: store_signals sees to that. */
	if (sigsetjmp(here, 0)) {
		guard = NULL;
		return damaged;
	}
	guard = &here;
	result = read(arg);
	guard = NULL;
	return result;
}

/* What is below is nothing but what a handler may call. */
static void leave_from(const siginfo_t *fault)
{
	if (!guard)
		return;
	address = fault->si_addr;
	why[0] = '\0';
	siglongjmp(*guard, 1);
}

/* A fault comes again when its handler returns; what was sent does not. */
static void do_as_before(int number, const struct sigaction *before, bool sent)
{
	sigaction(number, before, NULL);
	if (sent)
		raise(number);
}

static bool was_sent(const siginfo_t *info)
{
	return info->si_code <= 0;
}

static void on_bus_error(int number, siginfo_t *info, void *context)
{
	static const char text[] =
		"a page of the store cannot be read from the disk: see the "
		"system's log, keep a copy of the home, and run `kith fsck`\n";
	ssize_t n;

	(void)context;
	if (!was_sent(info))
		leave_from(info);
	if (was_sent(info) || info->si_code == BUS_ADRALN) {
		do_as_before(number, &bus_before, was_sent(info));
		return;
	}
	n = write(STDERR_FILENO, text, sizeof(text) - 1);
	(void)n;
	_exit(EXIT_UNREADABLE);
}

/* Damage may lead anywhere, but not to NULL: there we are wrong ourselves, and
 * the process ends as it would have. */
static void on_wild_address(int number, siginfo_t *info, void *context)
{
	bool ours = info->si_code == SEGV_MAPERR &&
		    (uintptr_t)info->si_addr < LOWEST_ADDRESS;

	(void)context;
	if (!was_sent(info) && !ours)
		leave_from(info);
	do_as_before(number, &wild_before, was_sent(info));
}

void store_signals(void)
{
	struct sigaction ignore = { .sa_handler = SIG_IGN };
	struct sigaction bus = { .sa_sigaction = on_bus_error,
				 .sa_flags = SA_NODEFER | SA_SIGINFO };
	struct sigaction wild = { .sa_sigaction = on_wild_address,
				  .sa_flags = SA_NODEFER | SA_SIGINFO };

	sigemptyset(&ignore.sa_mask);
	sigemptyset(&bus.sa_mask);
	sigemptyset(&wild.sa_mask);
	sigaction(SIGXFSZ, &ignore, NULL);
	sigaction(SIGBUS, &bus, &bus_before);
	sigaction(SIGSEGV, &wild, &wild_before);
}

void signals_block(sigset_t *before)
{
	static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE,
				      SIGABRT };
	sigset_t sent;

	sigfillset(&sent);
	for (size_t i = 0; i < sizeof(faults) / sizeof(*faults); i++)
		sigdelset(&sent, faults[i]);
	pthread_sigmask(SIG_SETMASK, &sent, before);
}
