/*
 * The text that a person wants to publish: given as words, read from standard
 * input, or written in their editor, as git has it.
 *
 * A text that was written in an editor is kept in a file until it is published,
 * and the person is told where.
 */
#ifndef TOOLS_SAY_DRAFT_H
#define TOOLS_SAY_DRAFT_H

#include <limits.h>

#include "feeds/message.h"
#include "tools/tool.h"

enum { /* Of a text; more fits no message, however it is spelled. */
       DRAFT_BYTES_MAX = 6 * KITH_MSG_UNITS_MAX };

struct draft {
	struct kith_buf text;
	char path[PATH_MAX]; /* of the file that was edited, or "" */
};

/* Takes the text of argv; "-" alone: standard input; nothing: an editor on a
 * terminal, else standard input.  below: shown in the editor under the text.
 * An exit code after an error text; draft_end in any case. */
int draft_begin(struct draft *d, int argc, char **argv, const char *below);

/* Without line ends at its end; nothing of one that is blank. */
struct kith_slice draft_text(const struct draft *d);

/* Removes the file where code is EXIT_DONE, else says where it is.  Gives
 * code. */
int draft_end(struct draft *d, int code);

/* Reads a file (NULL or "-": standard input) whole.  An exit code. */
int draft_read(const char *name, struct kith_buf *out);

int draft_too_long(void);

#endif
