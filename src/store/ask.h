/*
 * Asking a person for a secret: a passphrase, or the words of a key.
 *
 * From the terminal without echo, or from a file; never from the arguments of
 * a program, which everybody on the machine can read.  Blocking: for the start
 * of a program and for tools.
 */
#ifndef STORE_ASK_H
#define STORE_ASK_H

#include "feeds/bytes.h"

enum { ASK_BYTES_MAX = 4096 };

/* A buffer for what is asked for: it never grows, so that no copy stays behind.
 * ENOMEM.  ask_clear wipes and frees it. */
KITH_CHECK enum kith_err ask_init(struct kith_buf *b, struct kith_error *e);
void ask_clear(struct kith_buf *b);

/* True if standard input is a terminal. */
bool ask_is_terminal(void);

/* Appends one line typed on the terminal, without its end.  The terminal is
 * the process's own, whatever standard input is.  EDENIED: there is none. */
KITH_CHECK enum kith_err ask_line(const char *prompt, struct kith_buf *out,
				  struct kith_error *e);

/* Appends all of standard input.  ETOOBIG: more than out takes;
 * EIO. */
KITH_CHECK enum kith_err ask_input(struct kith_buf *out, struct kith_error *e);

/* Appends a passphrase: the first line of file, of the file that
 * $KITH_PASSPHRASE_FILE names where file is NULL, else a line from the
 * terminal.  EDENIED: it is empty, or there is nobody to ask; e says what to
 * do. */
KITH_CHECK enum kith_err ask_passphrase(const char *file, const char *prompt,
					struct kith_buf *out,
					struct kith_error *e);

/* A new one, which no environment can hold yet: the first line of file, or
 * typed twice on the terminal.  As ask_passphrase; EDENIED also where the two
 * differ. */
KITH_CHECK enum kith_err ask_new_passphrase(const char *file,
					    const char *prompt,
					    struct kith_buf *out,
					    struct kith_error *e);

#endif
