/*
 * What the system tells a process by signals about its files.
 *
 * Past a limit on file sizes a write fails, as on a full disk, instead of
 * ending the process.  A page of the store that the disk cannot give ends it,
 * with a text that says what to do.
 */
#ifndef STORE_SIGNALS_H
#define STORE_SIGNALS_H

/* Once, by main, before threads start. */
void store_signals(void);

#endif
