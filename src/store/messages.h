/*
 * The log and its indexes: messages by receive number, by feed and sequence,
 * by id; and one row a feed.
 *
 * What has no code to give keeps its error in the transaction: txn_error, and
 * txn_commit in the end.  EIO there is damage.
 * Layouts: architecture section 2; keys big endian in src/store/keys.h.
 */
#ifndef STORE_MESSAGES_H
#define STORE_MESSAGES_H

#include "feeds/message.h"
#include "src/store/store.h"

/* Values are stored and never change meaning. */
enum feed_state { FEED_OK = 0, FEED_PARTIAL = 1, FEED_FORKED = 2 };

struct feed_row {
	struct kith_feed_id id;
	uint32_t number; /* small name of the feed in keys */
	enum feed_state state;
	uint64_t first, last; /* sequences held; last 0: none */
	struct kith_msg_id last_id;
	double last_claimed;
	uint64_t bytes; /* canonical */
	bool forgotten; /* by the user: not to be fetched again */
	/* Messages between first and last that are not held: none but where a
	 * source with gaps was read into a store. */
	uint64_t lacks;
};

struct message_row {
	uint64_t rx; /* receive number */
	enum kith_format format;
	uint32_t feed_number;
	uint64_t sequence;
	struct kith_msg_id id;
	int64_t received_us; /* strictly increasing over the log */
	uint32_t source; /* peer that brought it, see local.h; 0: ourselves */
	uint32_t units;
	struct kith_slice canon; /* lives until the transaction ends */
};

/* By id, or by the number that keys have.  False: unknown; *out is zeroed, but
 * for the id that was asked for. */
bool feed_get(struct txn *t, const struct kith_feed_id *id,
	      struct feed_row *out);
bool feed_by_number(struct txn *t, uint32_t number, struct feed_row *out);
/* Writes the row of a feed that has a number: message_append gives one. */
void feed_put(struct txn *t, const struct feed_row *row);
/* Removes the row of a feed without messages, and its number. */
void feed_delete(struct txn *t, const struct feed_row *row);

/* Reads what stands in TABLE_FEEDS, whose key row->id has; false: it is no row
 * of a feed. */
bool feed_decode(struct kith_slice value, struct feed_row *row);

/* Walks all feeds by number: *number = 0 first; false at the end. */
bool feed_next(struct txn *t, uint32_t *number, struct feed_row *out);

/* How many messages of it are held. */
uint64_t feed_held(const struct feed_row *row);

/* The end of what is held, for kith_chain; sequence 0: nothing is. */
void feed_tip(const struct feed_row *row, struct kith_tip *out);

/* Appends m, which must be next in feed (kith_chain) and verified; feed is
 * numbered if it is new and moved on, and the caller writes it by feed_put
 * when it is done with it.  received_us is raised to stay increasing.  Gives
 * *row, which borrows canon from m.  ENOMEM, EFULL, EIO: the error of t. */
KITH_CHECK enum kith_err message_append(struct txn *t, struct feed_row *feed,
					const struct kith_msg *m,
					int64_t received_us, uint32_t source,
					struct message_row *row);

/* False: absent.  A row whose checksum is wrong is absent too, and txn_error
 * is EIO. */
bool message_get(struct txn *t, uint64_t rx, struct message_row *out);
bool message_by_id(struct txn *t, const struct kith_msg_id *id,
		   struct message_row *out);
bool message_by_sequence(struct txn *t, uint32_t feed_number,
			 uint64_t sequence, struct message_row *out);

/* The first row at or after rx; false: none.  For the newest, below. */
bool message_from(struct txn *t, uint64_t rx, struct message_row *out);
/* The last row at or before rx (UINT64_MAX: the newest); false: none. */
bool message_to(struct txn *t, uint64_t rx, struct message_row *out);

/* The last row of a feed at or before sequence; false: none. */
bool message_to_sequence(struct txn *t, uint32_t feed_number,
			 uint64_t sequence, struct message_row *out);

/* How many the log has. */
uint64_t message_count(struct txn *t);

/* The highest receive number given so far; 0: none. */
uint64_t message_end(struct txn *t);

/* How many were given and are in the log no more: who keeps what it read of
 * the log, and finds another number here, keeps what may be gone. */
uint64_t message_removed(struct txn *t);

/* The greatest received_us given so far; 0: none.  For a writer. */
int64_t message_newest_us(struct txn *t);

/* Where a message stands, in the log and in its indexes. */
struct message_place {
	uint64_t rx;
	uint32_t feed_number;
	uint64_t sequence;
	uint8_t id[8]; /* the first bytes of its id */
};

/* Removes a row of the log, and of its index entries those that point to it.
 * The row itself is not looked at, so it may be damaged; entries that are not
 * there, or point elsewhere, are left alone.  Its receive number is never
 * given again.  The row of the feed and the views are the caller's. */
void message_delete(struct txn *t, const struct message_place *at);

#endif
