/*
 * Between the files of src/views that open private messages and read what was
 * opened.
 *
 * Tables, numbers big endian:
 *
 *	table     key                      value
 *	opened    rx 8                     state 1, and of what is open
 *					   number 8, how (sealed), rows
 *	openings  number 8                 rx 8
 *	keyring   KEYRING_OWNER            whose it is: feed
 *		  KEYRING_SELF             key (sealed)
 *		  KEYRING_GROUP, number 4  tried 8, until 8, group (sealed)
 *		  KEYRING_WAITING, root,   group (sealed)
 *		    author
 *		  KEYRING_DROPPED          number 8
 *
 * A feed or message id takes 33 bytes: its format, then its bytes.  The rows of
 * a message are the keys of the rows that views have of it, each after its
 * table and length: so whoever has no key can take them out.
 */
#ifndef VIEWS_PRIVATE_PARTS_H
#define VIEWS_PRIVATE_PARTS_H

#include <sodium.h>

#include "src/views/keyring.h"
#include "src/views/view.h"

struct keys {
	const struct kith_signer *signer;
	uint8_t seal[crypto_aead_xchacha20poly1305_ietf_KEYBYTES];
};

/* --- private_keys.c: sealing --- */

enum {
	SEALED_MORE_BYTES = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES +
			    crypto_aead_xchacha20poly1305_ietf_ABYTES,
	SEALED_BYTES_MAX = 256, /* of what is sealed */
	ID_ROW_BYTES = 1 + KITH_ID_BYTES
};

/* Bound to table and key.  Gives plain.n + SEALED_MORE_BYTES bytes. */
void keys_seal(const struct keys *k, enum store_table table,
	       struct kith_slice key, struct kith_slice plain, uint8_t *out);
/* False: damaged, or of other keys.  Gives sealed.n - SEALED_MORE_BYTES
 * bytes. */
bool keys_unseal(const struct keys *k, enum store_table table,
		 struct kith_slice key, struct kith_slice sealed,
		 uint8_t *out);

/* --- keyring.c --- */

/* Values are stored and never change meaning. */
enum keyring_kind {
	KEYRING_OWNER = 1, KEYRING_SELF = 2, KEYRING_GROUP = 3,
	KEYRING_WAITING = 4, KEYRING_DROPPED = 5
};

/* There is a key for ourselves. */
bool keyring_has_self(struct txn *t);

/* How far a key that came is tried on what the log had. */
struct keyring_trial {
	uint32_t number; /* 0: there is none */
	uint64_t tried, until; /* receive numbers */
};

/* The first key that is not tried on all yet. */
void keyring_trial(struct txn *t, struct keyring_trial *out);
void keyring_tried(struct txn *t, const struct keyring_trial *trial);
/* Everything is tried on everything from now on, so no key is left to. */
void keyring_tried_all(struct txn *t);

bool keyring_by_number(struct txn *t, const struct keys *k, uint32_t number,
		       struct group_key *out);

/* They are to come again. */
void keyring_forget_dropped(struct txn *t);

/* Whose rows the tables hold; false: nobody's. */
bool keyring_owner(struct txn *t, struct kith_feed_id *out);
void keyring_owner_put(struct txn *t, const struct kith_feed_id *owner);

/* Keys whose group's first message is not here: kept until it comes. */
void keyring_wait(struct txn *t, const struct keys *k,
		  const struct group_key *g);
/* Some wait. */
bool keyring_waits(struct txn *t);
/* Takes one of those that wait for root; false: none does. */
bool keyring_take(struct txn *t, const struct keys *k,
		  const struct kith_msg_id *root, struct group_key *out);

/* Takes a row's form apart, for a check: false, it is none. */
bool keyring_row_is_whole(struct kith_slice key, struct kith_slice value);

/* --- private_status.c --- */

struct view_place;

/* Up to where messages were tried, and by which form; a key that came late is
 * tried beside that. */
void private_place(struct txn *t, struct view_place *out);

/* --- private_see.c --- */

void private_texts_free(struct private_texts *x); /* wipes */

/* Makes *out of what was opened: as JSON.stringify spells it, on one line and
 * each member once, whatever its author did; numbers may grow.  ENOMEM. */
enum { OPENED_CONTENT_BYTES_MAX = 1 << 16 };
KITH_CHECK enum kith_err opened_content(const struct kith_opened *o,
					struct kith_buf *out);
void opened_content_free(struct kith_buf *b); /* wipes */

/* --- private_group.c --- */

/* A message was opened: if it gives a key, keeps it. */
void group_learn(struct txn *t, const struct keys *k,
		 const struct message_row *row, struct kith_slice content);
/* A message came: if a key waits for it, tries it. */
void group_arrived(struct txn *t, const struct keys *k,
		   const struct message_row *row);

/* --- opened.c --- */

/* Values are stored and never change meaning. */
enum opened_state { OPENED_SHUT = 0, OPENED_OPEN = 1, OPENED_BROKEN = 2 };

/* What a message is to be opened by; false: it is not boxed.  The views are of
 * row and *m, *previous. */
bool boxed_read(const struct message_row *row, const struct view_message *m,
		struct kith_msg_id *previous, struct kith_boxed *out);

void opened_put_state(struct txn *t, uint64_t rx, enum opened_state state);
/* m has the content that was opened.  Puts what views have of it too.
 * ENOMEM. */
KITH_CHECK enum kith_err opened_put(struct txn *t, const struct keys *k,
				    const struct view_message *m,
				    const struct opened *how);
/* Takes a message out, whether it was opened or not. */
void opened_gone(struct txn *t, uint64_t rx);

/* A row taken apart; false: it is none. */
struct opened_row {
	enum opened_state state;
	uint64_t number;
	struct kith_slice sealed, rows;
};
bool opened_decode(struct kith_slice value, struct opened_row *out);
/* Walks rows: table and key; false at the end. */
bool opened_row_next(struct kith_slice *rows, enum store_table *table,
		     struct kith_slice *key);

/* The first message at or after rx that a key to come may open; 0: none. */
uint64_t opened_shut_from(struct txn *t, uint64_t rx);

/* Where rows of a private message go, beside being noted; rows.c. */
struct private_rows {
	struct txn *txn;
	struct kith_buf *keys; /* as in opened_row.rows */
};
void private_row_put(struct private_rows *p, enum store_table table,
		     struct kith_slice key, struct kith_slice value);

#endif
