/*
 * Files that go with a text: each becomes a blob, is linked to at the end of
 * the text where it is not yet, and is described in the mentions as clients
 * expect it (protocol/13 section 1): link, name, type, size, width, height.
 */
#ifndef TOOLS_SAY_ATTACH_H
#define TOOLS_SAY_ATTACH_H

#include "feeds/boxed.h"
#include "tools/pass/blobs.h"

enum { ATTACH_MAX = 32 };

struct attachments {
	struct blobs_file files[ATTACH_MAX];
	size_t count;
};

/* Reads the files of all --attach options; adds nothing yet.  An exit code
 * after an error text; attach_clear in any case. */
int attach_read(struct tool *t, struct attachments *a);
/* For a private message: each goes in a box, whose key is in its link. */
int attach_seal(struct attachments *a);
void attach_clear(struct attachments *a);

/* Appends a link to each file that text, in Markdown, has no link to. */
void attach_put_links(const struct attachments *a, struct kith_buf *text);

/* Appends mentions, a JSON array, with the files described.  a may be NULL. */
void attach_put_mentions(const struct attachments *a,
			 struct kith_slice mentions, struct kith_buf *out);

/* As publish_content, or with a box as publish_private; the files are added
 * once it is clear that it is to be signed, and before. */
int attach_publish(struct tool *t, const struct blobs_file *files, size_t n,
		   struct kith_slice content, enum kith_box box);

/* name.c: says that --image is our own picture. */
int profile_image(struct tool *t);

#endif
