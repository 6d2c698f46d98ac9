/*
 * What the files of verdicts share: the switches of an implementation, the
 * message on trial, and the checks that read both.
 */
#ifndef FEEDS_VERDICT_PRIVATE_H
#define FEEDS_VERDICT_PRIVATE_H

#include "feeds/classic_parts.h"
#include "feeds/quirks.h"
#include "feeds/verdict.h"

/* Which text it reads. */
enum reads { READS_WIRE, READS_AS_V8 /* parsed and printed by V8 first */ };

/* How it looks at the seven names. */
enum keys {
	KEYS_OF_OBJECT, /* after V8's own order, so that doubles are gone */
	KEYS_AS_WRITTEN,
	KEYS_SOMEWHERE /* all seven, and the names in order in the text */
};

enum author { AUTHOR_WHOLE, AUTHOR_FOUND_IN_TEXT, AUTHOR_ANY_REF };
enum form { FORM_WHOLE, FORM_FOUND_IN_TEXT, FORM_LAST_STRING };

enum sequence {
	SEQUENCE_31_BITS,
	SEQUENCE_DOUBLE,
	SEQUENCE_CUT,	 /* its fraction is cut off */
	SEQUENCE_DIGITS, /* spelled as an integer of 64 bits, or null */
};

enum previous {
	PREVIOUS_LOOSE,	 /* an array around the id is the id */
	PREVIOUS_TEXT,	 /* the very text */
	PREVIOUS_PARSED, /* anything may follow the id */
	PREVIOUS_UNSEEN, /* an id or null, whatever came before */
};

enum timestamp {
	TIMESTAMP_NUMBER,
	TIMESTAMP_OF_FIRST, /* may be anything later */
	TIMESTAMP_OR_NULL,
};

enum type {
	TYPE_UNITS,
	TYPE_BYTES_ANY_CASE, /* and "Type" is "type" */
};

enum box {
	BOX_BASE64,	     /* and .box, and the rest of a line */
	BOX_BASE64_ANY_CHAR, /* any character for the dot */
	BOX_ENDING,	     /* .box or .box2 */
	BOX_ENDING_WRITTEN,  /* without an escape */
};

enum size { SIZE_UNITS, SIZE_CONTENT_POINTS };

/* Ed25519 as libsodium has it, as RFC 8032 does without a look at small
 * orders, and without a look at S either. */
enum curve { CURVE_SODIUM, CURVE_PLAIN, CURVE_UNREDUCED };

struct peer {
	const char *name;
	bool ours; /* the rules themselves; no switch counts */
	bool publishes;
	enum reads reads;
	unsigned refuses; /* a bit for each quirk */
	enum keys keys;
	enum author author;
	enum form form;
	enum sequence sequence;
	enum previous previous;
	enum timestamp timestamp;
	enum type type;
	enum box box;
	enum size size;
	enum curve curve;
	bool begins_at_once; /* no white space before the message */
	bool same_author;    /* to the letter, through a whole feed */
	bool prints_own;     /* its own printed form is what it sees signed */
};

/* One text of the message: as received, or as V8 prints it. */
struct text {
	struct kith_slice value; /* a JSON object; empty: there is none */
	struct quirks quirks;
};

struct kith_trial {
	struct kith_decoder *decoder;
	bool has_hmac;
	uint8_t hmac[KITH_HMAC_BYTES];
	struct kith_slice wire;
	bool has_tip;
	struct kith_tip tip;
	struct kith_error not_json; /* of wire, or no error */
	struct text texts[2];	    /* by enum reads */
	size_t units;
	struct kith_ruling ruling;
	struct kith_buf canon, scratch, path, string;
	struct kith_buf v8_signing; /* what V8 prints; empty: not yet asked */
	struct kith_buf signing;    /* what the peer prints by itself */
};

/* What one check of one peer works with. */
struct hearing {
	struct kith_trial *t;
	const struct peer *peer;
	const struct text *text;
	struct kith_verdict *verdict;
	enum kith_err err;
	uint8_t key[KITH_PUBLIC_BYTES];
	uint8_t signature[KITH_SIGNATURE_BYTES];
	size_t signature_bytes; /* as many as its text had, 64 or more */
};

/* Refuses; where is in the text that the peer reads, or empty.  Returns false,
 * so that checks can write return refuse(...). */
bool hearing_refuse(struct hearing *h, enum kith_rule rule,
		    struct kith_slice where, const char *why);

/* The value of a member of the message, the last if there are several. */
struct kith_slice hearing_member(const struct hearing *h,
				 enum classic_member i);

/* The same as JavaScript has it after parsing: there 1e400 is a number, and
 * only printed as null. */
struct kith_slice hearing_parsed(const struct hearing *h,
				 enum classic_member i);

/* value unescaped, in scratch memory until the next call; empty if it is no
 * string. */
struct kith_slice hearing_string(struct hearing *h, struct kith_slice value);

/* Each false: refused, or h->err. */
bool check_keys(struct hearing *h);
bool check_author(struct hearing *h);
bool check_form(struct hearing *h);
bool check_place(struct hearing *h);
bool check_hash(struct hearing *h);
bool check_timestamp(struct hearing *h);
bool check_content(struct hearing *h);
bool check_size(struct hearing *h);
bool check_signature(struct hearing *h);

/* Appends what go-ssb prints of a JSON value; false: it does not read it. */
bool go_print(struct kith_slice wire, struct kith_buf *out);

/* What it takes for the text of the signature in that, borrowed from printed,
 * and for what was signed; false: there is none. */
bool go_cut_signature(const struct kith_buf *printed, struct kith_slice *text,
		      struct kith_buf *rest);

/* What go-ssb takes for base64 of n bytes, for the author's and for any
 * message's reference; false: it does not. */
bool go_base64(struct kith_slice chars, uint8_t *out, size_t n);
bool go_read_author(struct kith_slice text,
		    uint8_t key[static KITH_PUBLIC_BYTES]);
bool go_reads_message(struct kith_slice text);

/* Signature by an engine of that strictness. */
bool curve_verify(enum curve curve, const struct hearing *h,
		  struct kith_slice message);

#endif
