/*
 * What the system tells a process by signals about its files.
 *
 * Past a limit on file sizes a write fails, as on a full disk, instead of
 * ending the process.  LMDB trusts its file: where a page is damaged, or the
 * disk cannot give it, a guarded read fails instead; elsewhere a page that
 * cannot be had ends the process, with a text that says what to do.  What is
 * sent from outside, and what we do wrong, does as it would without us.
 */
#ifndef STORE_SIGNALS_H
#define STORE_SIGNALS_H

#include <signal.h>

enum { SIGNALS_WHY_BYTES = 120 };

/* Once, by main, before threads start: without it no signal is caught, and only
 * signals_leave ends a guarded read. */
void store_signals(void);

/* Blocks what is for the owner's thread in those that it starts next; not what
 * a thread does to itself, whose handler would not run.  The mask before goes
 * back by pthread_sigmask. */
void signals_block(sigset_t *before);

/* Runs read(arg), which may be left at any point: it holds nothing.  What it
 * returned; or damaged, where it went astray.  Any thread; not within itself. */
int signals_guard(int (*read)(void *arg), void *arg, int damaged);

/* For LMDB's own doubts: does not return from a guarded read; elsewhere does
 * nothing. */
void signals_leave(const char *why);

/* Why the last read of this thread that went astray did so. */
const char *signals_why(void);

#endif
