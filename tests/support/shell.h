/*
 * What a test has a shell do: links, fifos and copies of folders.
 *
 * Failing is a failing test.
 */
#ifndef SUPPORT_SHELL_H
#define SUPPORT_SHELL_H

/* The command must end with 0. */
void shell_run(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
