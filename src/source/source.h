/*
 * Sources: whatever holds messages, read by one interface.
 *
 *	store:DIR       a home, or the store in it, beside a running kithd
 *	depot:DIR|URL   a stick, or a folder behind a URL
 *	bundle:FILE     one file of feeds
 *	lines:FILE      NDJSON, plain or packed; "-" is standard input
 *	peer:ADDRESS    a live peer
 *	flume:DIR       the log.offset of ssb-server and its kin, in place
 *	bipf:DIR        the log.bipf of ssb-db2, in place
 *
 * Without a word in front, what lies there tells which it is.  Nothing is
 * written or locked there, and nothing is trusted: what is read is bytes that
 * somebody left, until it was verified.  Blocks; one thread a source.
 * Source: protocol/16 section 2.
 */
#ifndef SOURCE_SOURCE_H
#define SOURCE_SOURCE_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/signer.h"

struct source;

/* What a source can without being read from one end to the other. */
enum {
	SOURCE_CLOCK = 1,  /* say which feeds it has, and how far */
	SOURCE_PLACES = 2, /* find a message by feed and sequence */
	SOURCE_IDS = 4,	   /* find a message by its id */
	SOURCE_ASKED = 8   /* what it says is its word: it may not tell all */
};

/* What opening may need; all may be NULL. */
struct source_with {
	const struct kith_signer *signer; /* to connect to a peer */
	const uint8_t *app_key;		  /* 32 bytes: of the peer's network */
	const uint8_t *hmac;		  /* 32 bytes: of the messages' */
	/* The passphrase of what is sealed: into out, bounded; false: none. */
	bool (*passphrase)(void *arg, struct kith_buf *out);
	/* So many bytes were read, of so many (0: nobody knows); false: stop,
	 * EBUSY. */
	bool (*tick)(void *arg, uint64_t bytes, uint64_t of);
	void *arg;
};

/* One feed there.  A source whose word it is may have more than it says. */
struct source_feed {
	struct kith_feed_id id;
	uint64_t first, last; /* last 0: known there, and nothing of it is */
	uint64_t messages;    /* may be less than last - first + 1: holes */
	bool known;	      /* false: nobody knows, whatever last says */
	bool has_tip; /* it says which message is last: unchecked */
	struct kith_msg_id tip;
};

struct source_message {
	struct kith_slice value; /* the bare value, as it lies there */
	/* Where: byte offset, line (from 1) or receive number, as the source
	 * counts, and the file, or NULL. */
	uint64_t at;
	const char *file;
	int64_t received_us;	/* 0: it does not say */
	bool has_id;		/* the id that is written there: unchecked */
	struct kith_msg_id id;
};

/* What is not as it should be: damage, a tear, a deleted record. */
struct source_finding {
	const char *file; /* or NULL */
	uint64_t at, next; /* as in source_message; next 0: to the end */
	bool harmless; /* a deleted record: no damage */
	const char *text;
};

enum source_step { SOURCE_MESSAGE, SOURCE_FINDING, SOURCE_END };

/* Opens what text names.  Gives; source_close.  ENOENT: nothing there;
 * EFORMAT: it is none of these; EDENIED: a key or passphrase is wrong or
 * missing; EIO, ENOMEM.  e says what to do. */
KITH_CHECK enum kith_err source_open(const char *text,
				     const struct source_with *with,
				     struct source **out,
				     struct kith_error *e);
void source_close(struct source *s);

const char *source_kind(const struct source *s); /* "store", "depot", ... */
const char *source_name(const struct source *s); /* as it was named */
unsigned source_can(const struct source *s);

/* Each feed that is there, ordered by id.  Reads the source whole, once, where
 * it cannot SOURCE_CLOCK.  fn false: stop. */
KITH_CHECK enum kith_err source_clock(struct source *s,
				      bool (*fn)(void *arg,
						 const struct source_feed *f),
				      void *arg, struct kith_error *e);

/* One feed.  ENOENT: it is not there. */
KITH_CHECK enum kith_err source_feed(struct source *s,
				     const struct kith_feed_id *id,
				     struct source_feed *out,
				     struct kith_error *e);

/* The id of the message at a place, computed of its bytes: what a search for
 * the point where two sources part asks for.  ENOENT. */
KITH_CHECK enum kith_err source_id_at(struct source *s,
				      const struct kith_feed_id *feed,
				      uint64_t sequence,
				      struct kith_msg_id *out,
				      struct kith_error *e);

/* The message at a place, or by id; borrowed until the next call.  ENOENT. */
KITH_CHECK enum kith_err source_at(struct source *s,
				   const struct kith_feed_id *feed,
				   uint64_t sequence,
				   struct source_message *out,
				   struct kith_error *e);
KITH_CHECK enum kith_err source_by_id(struct source *s,
				      const struct kith_msg_id *id,
				      struct source_message *out,
				      struct kith_error *e);

/* A walk over everything as it lies there: of each feed in order, where the
 * source keeps it so.  Begins anew at source_rewind (standard input cannot:
 * EDENIED).  What is given is borrowed until the next call. */
KITH_CHECK enum kith_err source_next(struct source *s, enum source_step *step,
				     struct source_message *out,
				     struct source_finding *found,
				     struct kith_error *e);
KITH_CHECK enum kith_err source_rewind(struct source *s, struct kith_error *e);

/* --- what a kind of source is --------------------------------------------- */

/* One row a kind, in source.c.  A NULL call falls back to an index of the
 * whole, made by walking it once (source_index.c). */
struct source_row {
	const char *kind;
	unsigned can;
	/* Does it look like one?  Opens little, and says nothing. */
	bool (*is)(const char *name);
	enum kith_err (*open)(const char *name, const struct source_with *with,
			      void **out, struct kith_error *e);
	void (*close)(void *of);
	enum kith_err (*next)(void *of, enum source_step *step,
			      struct source_message *out,
			      struct source_finding *found,
			      struct kith_error *e);
	enum kith_err (*rewind)(void *of, struct kith_error *e);
	enum kith_err (*clock)(void *of,
			       bool (*fn)(void *arg,
					  const struct source_feed *f),
			       void *arg, struct kith_error *e);
	enum kith_err (*feed)(void *of, const struct kith_feed_id *id,
			      struct source_feed *out, struct kith_error *e);
	enum kith_err (*at)(void *of, const struct kith_feed_id *feed,
			    uint64_t sequence, struct source_message *out,
			    struct kith_error *e);
	enum kith_err (*by_id)(void *of, const struct kith_msg_id *id,
			       struct source_message *out,
			       struct kith_error *e);
};

extern const struct source_row source_store, source_depot, source_bundle,
	source_lines, source_peer, source_flume, source_bipf;

#endif
