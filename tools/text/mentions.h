/*
 * What a text of Markdown mentions: links, bare ids, hashtags, emoji, and names
 * that link to nobody yet.
 *
 * As ssb-mentions 0.5 finds them, in the order of the text, but for some that
 * it misses: behind an opening bracket, and where a sign ends the sentence.
 * What stands in code or in a web address mentions nothing.  Pure.
 * Source: protocol/13 section 4.
 */
#ifndef TOOLS_TEXT_MENTIONS_H
#define TOOLS_TEXT_MENTIONS_H

#include "feeds/bytes.h"

enum {
	MENTIONS_TEXT_BYTES_MAX = 1 << 20,
	MENTIONS_NAME_BYTES_MAX = 64
};

enum mention_kind {
	MENTION_LINK,	 /* target: an id, perhaps with ?unbox=KEY behind */
	MENTION_CHANNEL, /* target: as typed, with its # */
	MENTION_EMOJI,	 /* label: its name */
	MENTION_NAME	 /* label: behind the @ */
};

struct mention {
	enum mention_kind kind;
	struct kith_slice target, label; /* until the call returns */
	size_t at, n; /* bytes of the text, for what stands there as it is */
};

typedef void mentions_fn(void *of, const struct mention *m);

/* Calls fn for each.  False: no memory, or a text that is too large. */
bool mentions_find(struct kith_slice text, mentions_fn *fn, void *of);

/* The id in a target, without what follows its question mark. */
struct kith_slice mention_id(struct kith_slice target);

/* Appends a JSON array of what a message with this text mentions, each once;
 * names are passed over.  False as above. */
bool mentions_write(struct kith_slice text, struct kith_buf *out);

#endif
