/*
 * What the files of decode share: the rows, and putting an explanation
 * together.
 */
#ifndef TOOLS_WIRE_DECODE_PRIVATE_H
#define TOOLS_WIRE_DECODE_PRIVATE_H

#include "feeds/ref.h"
#include "tools/wire/decode.h"

enum {
	DECODE_DEPTH_MAX = 3,	   /* of tokens in tokens */
	DECODE_TREE_DEPTH_MAX = 32 /* of bencode and CBOR, as their readers */
};

enum decode_looks {
	LOOKS_NOT,
	LOOKS_MAYBE, /* not told of where something else is sound */
	LOOKS_SURE   /* told of though it is damaged */
};

/* One reading under way. */
struct decode {
	const struct decode_ways *ways;
	struct kith_buf *out;
	struct kith_error problem; /* the first */
	unsigned depth;
};

/* What a row is asked about: texts, bytes however they were spelled, both. */
enum decode_of { OF_TEXT = 1, OF_BYTES = 2, OF_BOTH = 3 };

struct decode_row {
	const char *kind;
	enum decode_of of;
	bool secret; /* then nothing else is said of it */
	enum decode_looks (*looks)(struct kith_slice s);
	void (*explain)(struct decode *d, struct kith_slice s);
};

/* --- decode_put.c: members of the object that is open --- */

void decode_text(struct decode *d, const char *name, const char *text);
/* As a text where it is one, else {"hex":...}. */
void decode_slice(struct decode *d, const char *name, struct kith_slice s);
void decode_hex(struct decode *d, const char *name, struct kith_slice s);
void decode_uint(struct decode *d, const char *name, uint64_t n);
void decode_int(struct decode *d, const char *name, int64_t n);
void decode_number(struct decode *d, const char *name, double n);
void decode_bool(struct decode *d, const char *name, bool yes);
void decode_json(struct decode *d, const char *name, struct kith_slice value);
void decode_feed(struct decode *d, const char *name,
		 const struct kith_feed_id *id);
void decode_msg(struct decode *d, const char *name,
		const struct kith_msg_id *id);
/* The classic feed of a public key. */
void decode_key(struct decode *d, const char *name,
		const uint8_t key[static KITH_ID_BYTES]);
/* name NULL: an item of a list.  mark: '{' or '[', and what closes it. */
void decode_open(struct decode *d, const char *name, char mark);
void decode_close(struct decode *d, char mark);

/* A value of another format as member name, as far as it goes: what is open is
 * closed at its end. */
struct decode_tree {
	struct decode *d;
	size_t depth;
	char close[DECODE_TREE_DEPTH_MAX];
};
void decode_tree_begin(struct decode_tree *t, struct decode *d,
		       const char *name);
void decode_tree_open(struct decode_tree *t, char mark);
void decode_tree_close(struct decode_tree *t);
/* n: bytes of it, of which used were read; it begins at at.  why: it cannot be
 * read on, unless its code is OK. */
struct decode_tree_end {
	const struct kith_error *why;
	size_t at, used, n;
};
void decode_tree_end(struct decode_tree *t, const struct decode_tree_end *end);

/* "classic"; static. */
const char *decode_format(enum kith_format format);

/* The name alone, or the comma before an item: the caller puts the value. */
struct kith_buf *decode_member(struct decode *d, const char *name);

/* Notes what is wrong, and at which byte of what is read; the first counts. */
void decode_fail(struct decode *d, size_t at, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Text in UTF-8 without control characters but white space. */
bool decode_is_text(struct kith_slice s);

/* --- decode_token.c --- */

/* Member name: a list of the readings of a token inside this one; NULL: into
 * the list that is open.  False: it is none, and nothing was put. */
bool decode_nested(struct decode *d, const char *name, struct kith_slice s);

/* --- decode_spell.c: other spellings of bytes --- */

struct kith_slice decode_trim(struct kith_slice s);
bool decode_starts(struct kith_slice s, const char *with);
bool decode_ends(struct kith_slice s, const char *with);
bool decode_has(struct kith_slice s, char c);
/* Where text begins in s; s.n: nowhere. */
size_t decode_find(struct kith_slice s, const char *text);
/* Cuts at the first separator; false: there is none, and all is before. */
bool decode_cut(struct kith_slice s, char separator, struct kith_slice *before,
		struct kith_slice *after);
/* All of s is in hex, base32 or base64 (either alphabet, padded or not), and
 * appended to out.  False: it is not; out is as it was. */
bool decode_from_hex(struct kith_slice s, struct kith_buf *out);
bool decode_from_base32(struct kith_slice s, struct kith_buf *out);
bool decode_from_base64(struct kith_slice s, struct kith_buf *out);
/* Appends s without percent escapes; a broken one stays as it is. */
void decode_from_percent(struct kith_slice s, struct kith_buf *out);

/* --- decode_ids.c --- */

void decode_ref(struct decode *d, const struct kith_ref *ref);
/* How a signature is: "good", "bad", or "unreadable".  text: in any spelling
 * that rooms use. */
const char *decode_signature(const struct kith_feed_id *by,
			     struct kith_slice what, struct kith_slice text);

/* --- decode_box.c --- */

/* Of a content that is boxed: its size, what it may hold, and what is in it
 * where our keys open it.  Of a box2 author is NULL where its message is not
 * there; of a box1 too. */
void decode_boxed(struct decode *d, const struct kith_boxed *m);
/* Of the bytes of one. */
void decode_box_bytes(struct decode *d, enum kith_box box, size_t n);

/* --- decode_link.c --- */

/* What a room's alias is: its texts as they were found, any may be empty; and
 * whether its user signed it. */
struct decode_alias {
	struct kith_slice alias, user, room, signature, address;
};
void decode_alias(struct decode *d, const struct decode_alias *a);

/* --- the rows --- */

#define DECODE_ROW(name)                                                      \
	enum decode_looks name##_looks(struct kith_slice s);                  \
	void name##_explain(struct decode *d, struct kith_slice s)

/* decode_ids.c */
DECODE_ROW(id);
DECODE_ROW(key_text);
DECODE_ROW(channel);
DECODE_ROW(raw);
DECODE_ROW(bfe);
/* decode_uri.c, decode_link.c */
DECODE_ROW(uri);
DECODE_ROW(link);
DECODE_ROW(alias);
DECODE_ROW(signed_text);
/* decode_address.c */
DECODE_ROW(address);
DECODE_ROW(invite);
DECODE_ROW(beacon);
/* decode_box.c */
DECODE_ROW(box);
/* decode_secret.c */
DECODE_ROW(secret);
DECODE_ROW(private_key);
DECODE_ROW(words);
DECODE_ROW(key_pair);
/* decode_json.c */
DECODE_ROW(message);
DECODE_ROW(content);
DECODE_ROW(notes);
DECODE_ROW(pub_object);
DECODE_ROW(alias_object);
/* decode_bencode.c, decode_bipf.c, decode_cbor.c, decode_frames.c */
DECODE_ROW(bendybutt);
DECODE_ROW(bencode);
DECODE_ROW(buttwoo);
DECODE_ROW(bipf);
DECODE_ROW(gabbygrove);
DECODE_ROW(cbor);
DECODE_ROW(frames);

#endif
