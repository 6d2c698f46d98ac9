/*
 * Boxed blobs, for what goes with a private message: a blob is there for
 * everybody who has its id, so it is sealed under a key of its own, which stands
 * in the link behind the id, &....sha256?unbox=KEY.boxs.
 *
 * Source: protocol/13 section 6: a box stream (protocol/03) to its goodbye, all
 * of whose first nonce is zero.
 */
#ifndef TOOLS_PASS_BLOB_BOX_H
#define TOOLS_PASS_BLOB_BOX_H

#include "src/wire/box.h"
#include "tools/pass/blobs.h"

/* Seals what is to become a blob under a new key: bytes, id and unbox change,
 * what the mentions say of it does not.  An exit code after an error text. */
int blob_box_seal(struct blobs_file *f);

/* Opens a blob with the key that stands behind its id in text: wiped by
 * box_reader_clear.  False: none stands there. */
bool blob_box_reader(const char *text, struct box_reader *out);

#endif
