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
#include "src/store/home.h"

struct source;

/* Of 48 bytes each. */
enum { SOURCE_INDEX_MESSAGES_MAX = 1 << 23 };

/* What is asked of a peer at once, in requests. */
enum { SOURCE_AHEAD_MAX = 64 };

/* What a source can without being read from one end to the other. */
enum {
	SOURCE_CLOCK = 1,  /* say which feeds it has, and how far */
	SOURCE_PLACES = 2, /* find a message by feed and sequence */
	SOURCE_IDS = 4,	   /* find a message by its id */
	SOURCE_ASKED = 8,  /* what it says is its word: it may not tell all */
	SOURCE_ORDERED = 16 /* a walk gives each feed in its order */
};

struct source_finding;

/* What opening may need; all may be NULL.  What it points to, and arg, must
 * live as long as the source does. */
struct source_with {
	const struct kith_signer *signer; /* for a peer, and what is sealed */
	const struct home *home; /* its file `urls` has the keys of hosts */
	const uint8_t *app_key;		  /* 32 bytes: of the peer's network */
	const uint8_t *hmac;		  /* 32 bytes: of the messages' */
	int silence_ms; /* after which a stream of a peer's ends; 0: the usual */
	/* The passphrase of what is sealed: into out, bounded; false: none. */
	bool (*passphrase)(void *arg, struct kith_buf *out);
	/* So many bytes were read, of so many (0: nobody knows); false: stop,
	 * EBUSY. */
	bool (*tick)(void *arg, uint64_t bytes, uint64_t of);
	/* What a walk found that was made for an index of the whole. */
	void (*finding)(void *arg, const struct source_finding *f);
	/* The same of a message of another format; NULL: it is passed over. */
	void (*other)(void *arg);
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

struct source_place {
	struct kith_feed_id feed;
	uint64_t sequence;
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
	/* Of a message that is known: whose, and which; or NULL. */
	const struct kith_feed_id *feed;
	uint64_t sequence;
};

enum source_step { SOURCE_MESSAGE, SOURCE_FINDING, SOURCE_END };

/* Opens what text names; with, which is copied, may be NULL.  Gives;
 * source_close.  ENOENT: nothing there; EFORMAT: it is none of these; EDENIED:
 * a key or passphrase is wrong or missing; EIO, ENOMEM.  e says what to do. */
KITH_CHECK enum kith_err source_open(const char *text,
				     const struct source_with *with,
				     struct source **out,
				     struct kith_error *e);
void source_close(struct source *s);

/* By format, then by key. */
int source_compare(const struct kith_feed_id *a, const struct kith_feed_id *b);

const char *source_kind(const struct source *s); /* "store", "depot", ... */
const char *source_name(const struct source *s); /* as it was named */
unsigned source_can(const struct source *s);

/* Each feed that is there, in the order of source_compare.  What a source
 * cannot is looked up in an index, made by a walk over all of it when it is
 * first needed, of at most SOURCE_INDEX_MESSAGES_MAX: ETOOBIG.  The walk of
 * source_next begins anew then.  fn false: stop. */
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
 * the point where two sources part asks for.  Of several that claim the place
 * the first as it lies there.  ENOENT. */
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

/* What source_at and source_id_at will be asked for next, SOURCE_AHEAD_MAX
 * places at most: a source that is far away asks for them all at once, others
 * do nothing.  Holds until the next call.  EIO, ENOMEM. */
KITH_CHECK enum kith_err source_ahead(struct source *s,
				      const struct source_place *places,
				      size_t n, struct kith_error *e);

/* A walk over everything as it lies there.  What is given is borrowed until the
 * next call.  EBUSY: it was stopped; EIO: the rest cannot be reached.
 * After an error or SOURCE_END it goes no further. */
KITH_CHECK enum kith_err source_next(struct source *s, enum source_step *step,
				     struct source_message *out,
				     struct source_finding *found,
				     struct kith_error *e);
KITH_CHECK enum kith_err source_rewind(struct source *s, struct kith_error *e);

/* A message of a format that kith reads and does not keep, beside classic ones
 * in a log of ssb-db2: no damage.  Nothing of it is checked.  *format, which
 * may be NULL: which one. */
bool source_is_other(const struct source_message *m, enum kith_format *format);

#endif
