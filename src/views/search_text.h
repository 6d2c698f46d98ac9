/*
 * What of a message is searched: the words of what its author says.
 *
 * Pure.  Source: protocol/13 sections 2 and 4.
 */
#ifndef VIEWS_SEARCH_TEXT_H
#define VIEWS_SEARCH_TEXT_H

#include "feeds/bytes.h"

/* Appends what content says, one line a member; nothing where it is private or
 * of a type that says nothing in words.  White space becomes one space; of
 * Markdown the labels stay, and targets of links, addresses and ids go.
 * scratch: any buffer, which is emptied. */
void search_text(struct kith_slice content, struct kith_buf *out,
		 struct kith_buf *scratch);

/* Walks the channels that content is in, as channel_normalize gives them, some
 * perhaps twice: *step 0 at first; false at the end. */
bool search_channel_next(struct kith_slice content, size_t *step, char *name,
			 size_t *n);

/* Appends the term of a channel, or of an author, in the column `who`. */
void search_put_channel(struct kith_buf *out, struct kith_slice name);
void search_put_author(struct kith_buf *out, uint32_t feed_number);

#endif
