/*
 * Private content: what the two schemes, box1 and box2, have in common.
 *
 * A box is the content of a message: a string that ends in .box or .box2.
 * Who opens it finds the content itself and the message's own key, which
 * opens this one box again, at little cost and for whoever is given it, and
 * opens nothing else.  Pure; never allocates but into a buffer it is given.
 * Source: protocol/12.
 */
#ifndef FEEDS_BOXED_H
#define FEEDS_BOXED_H

#include "feeds/bytes.h"
#include "feeds/id.h"
#include "feeds/message.h"

/* Values are stored and never change meaning. */
enum kith_box { KITH_BOX_NONE = 0, KITH_BOX1 = 1, KITH_BOX2 = 2 };

enum {
	/* Bytes in the largest box that is read: a message holds no more
	 * base64. */
	KITH_BOX_BYTES_MAX = KITH_MSG_UNITS_MAX / 4 * 3,
	/* Characters of the largest that is written, with its suffix: the
	 * rest of a message has room beside it (protocol/12 section 4). */
	KITH_BOX_CHARS_MAX = 7800,
	KITH_BOX_KEY_BYTES = 33,      /* the longer of both schemes */
	KITH_BOX_KEY_TEXT_BYTES = 50, /* with its NUL */
	KITH_CURVE_BYTES = 32	      /* of an X25519 key */
};

/* A message's own key: box1's slot text (33 bytes), box2's read key (32). */
struct kith_box_key {
	uint8_t n;
	uint8_t b[KITH_BOX_KEY_BYTES];
};

/* What is to be opened; views of the message. */
struct kith_boxed {
	struct kith_slice content; /* the JSON string, with its quotes */
	const struct kith_feed_id *author;
	const struct kith_msg_id *previous; /* NULL: the first of its feed */
};

enum kith_opening {
	KITH_FOREIGN,  /* no key fits: not for us, or no box at all */
	KITH_OPENED,   /* plain is a JSON object with a type */
	KITH_UNUSABLE, /* opened, but plain is something else */
	KITH_BROKEN    /* a slot opens and the body does not: never will */
};

/* Which kind of key opened it. */
enum kith_via {
	KITH_VIA_BOX1,
	KITH_VIA_GROUP,	 /* which: of the groups */
	KITH_VIA_SELF,
	KITH_VIA_DIRECT,
	KITH_VIA_POBOX,	 /* which: of the po-boxes */
	KITH_VIA_MIRROR, /* a direct message between metafeeds */
	KITH_VIA_KEY	 /* the message's own */
};

/* What came out, of OPENED and UNUSABLE.  plain is spelled as its author did;
 * of OPENED it has passed json_check's rules, but need not be canonical. */
struct kith_opened {
	enum kith_box box;
	enum kith_via via;
	size_t which;	  /* in the order in which the keys were added */
	size_t slots;	  /* for how many keys it was made; 0: not known */
	struct kith_box_key key;
	size_t n; /* of plain */
	uint8_t plain[KITH_BOX_BYTES_MAX];
};

/* The content that was opened; borrowed from o. */
static inline struct kith_slice kith_plain(const struct kith_opened *o)
{
	return (struct kith_slice){ o->plain, o->n };
}

/* Wipes. */
KITH_API void kith_opened_clear(struct kith_opened *o);

/* The scheme of a content, by its suffix. */
KITH_API enum kith_box kith_box_scheme(struct kith_slice content);

/* Bytes of plain content that a box for so many recipients has room for; 0
 * if the scheme takes no so many. */
KITH_API size_t kith_box_room(enum kith_box box, size_t recipients);

/* Opens m by its own key.  FOREIGN: it is of another message. */
KITH_API KITH_CHECK enum kith_opening
kith_box_open_by_key(const struct kith_boxed *m, const struct kith_box_key *key,
		     struct kith_opened *out);

/* The form in which a key is disclosed, as of a link's ?unbox=: base64 and
 * .boxs.  The caller wipes out. */
KITH_API void kith_box_key_print(const struct kith_box_key *key,
				 char out[static KITH_BOX_KEY_TEXT_BYTES]);

/* EFORMAT: not that form, of 32 or 33 bytes. */
KITH_API KITH_CHECK enum kith_err kith_box_key_parse(struct kith_slice text,
						     struct kith_box_key *out);

#endif
