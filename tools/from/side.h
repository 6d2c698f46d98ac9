/*
 * One side of a comparison: a source, as a person named it, and how far it has
 * each feed.
 *
 * One thread.  Needs no home, but for what only a home has: the store that is
 * meant by no name, and the key to connect with.
 */
#ifndef TOOLS_FROM_SIDE_H
#define TOOLS_FROM_SIDE_H

#include "feeds/message.h"
#include "tools/from/visit.h"
#include "tools/from/wanted.h"

enum { SIDE_NAME_BYTES = 4096 };

/* By whose message key its messages are signed. */
enum side_network {
	SIDE_EMPTY, /* there is no message to tell by */
	SIDE_MAIN,
	SIDE_KEYED, /* the key of the configuration, or of --hmac */
	SIDE_OTHER /* neither */
};

struct side {
	const char *name; /* as typed, or what was meant by nothing */
	char own[SIDE_NAME_BYTES];
	struct visit visit;
	struct source *source; /* of the visit */
	bool asked;	       /* what it says is its word */
	bool has_key;	       /* a network's message key, by --hmac or home */
	uint8_t key[KITH_HMAC_BYTES];
	uint64_t questions;    /* messages that were asked for, one by one */
	struct kith_decoder *decoder;
	bool keyed; /* the decoder is, by that key */
	enum side_network signed_by;
	/* Ordered by id. */
	struct source_feed *feeds;
	size_t count, room;
	bool full; /* out of memory for more */
};

/* name NULL: the store of the home.  Reads the option -k, --hmac.  An exit
 * code after an error text; side_close in any case, and not moved before. */
int side_open(struct side *s, struct tool *t, const char *name);
void side_close(struct side *s);

/* Learns how far each of n sides has each feed, or those that are wanted: NULL,
 * all.  EXIT_NOT_FOUND after an error text: none has one whose id begins as was
 * said, or several do. */
int sides_look(struct side *sides, size_t n, struct wanted *w);

/* What it says of a feed: of one that it does not name that nothing of it is
 * there, or, if what it says is its word, that nothing is known. */
void side_feed(const struct side *s, const struct kith_feed_id *id,
	       struct source_feed *out);

/* Reads a message and what it is.  *signed_too: by its author, for the network
 * of this side.  ENOENT; EFORMAT; EIO. */
KITH_CHECK enum kith_err side_message(struct side *s,
				      const struct kith_feed_id *feed,
				      uint64_t sequence, struct kith_msg *out,
				      bool *signed_too, struct kith_error *e);

/* The id of a message that is there, or that the one behind it names. */
KITH_CHECK enum kith_err side_id_at(struct side *s,
				    const struct kith_feed_id *feed,
				    uint64_t sequence,
				    struct kith_msg_id *out,
				    struct kith_error *e);

/* An exit code after an error text, by the kind of error: what of the side
 * cannot be read. */
int side_fail(const struct side *s, const struct kith_error *e,
	      enum kith_err err);

/* EXIT_MISUSED after an explanation: they are of different networks. */
int sides_agree(struct side sides[2], const struct tool *t);

#endif
