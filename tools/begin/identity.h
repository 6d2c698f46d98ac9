/*
 * Giving a home its identity: one made here, or one brought from elsewhere.
 */
#ifndef TOOLS_BEGIN_IDENTITY_H
#define TOOLS_BEGIN_IDENTITY_H

#include "src/store/local.h"
#include "tools/tool.h"

/* Makes s the identity of t->home, which has none, with this word in the store
 * on whether it may publish.  EXIT_DONE, or an exit code after an error
 * text. */
int identity_make(struct tool *t, const struct kith_signer *s,
		  const struct publish_row *row);

/* The same for a key that may be in use elsewhere: it may publish once a peer
 * has confirmed how far its feed goes.  first: what the user gave with
 * --first, or NULL; must name the identity, and says that it never published
 * anywhere, so that it may at once. */
int identity_adopt(struct tool *t, const struct kith_signer *s,
		   const char *first);

/* words.c: the identity of words from standard input, or that are asked for
 * on the terminal.  Gives *out; an exit code as above. */
int words_read(struct kith_signer **out);

#endif
