/*
 * The forms in which `kith cat` prints a message.
 */
#ifndef TOOLS_LOOK_CAT_H
#define TOOLS_LOOK_CAT_H

#include "src/views/view.h"
#include "tools/print/page.h"

/* One message; txn NULL: it is not of the store. */
struct cat {
	struct txn *txn;
	const struct view_message *m;
	const uint8_t *hmac; /* the network's message key, or NULL */
	bool terminal;	     /* gets bytes escaped */
	bool null;	     /* and a NUL byte behind each */
};

/* letter: of the option that asks for the form; 0: the one that is signed and
 * hashed. */
void cat_print(const struct cat *c, int letter);
/* The same as a record: all that is known of it, and the whole message, of
 * which nothing private is shown that was not opened. */
void cat_record(const struct cat *c);

/* cat_bfe.c: appends a JSON value with every string, boolean and null in it as
 * the hexadecimal digits of its binary field encoding.
 * Source: protocol/11 section 2. */
void cat_put_bfe(struct kith_slice value, struct kith_buf *out);

#endif
