/*
 * Opinions: the newest word of each author on each subject.
 *
 * TABLE_OPINIONS: a subject, then the author's feed number, 4 bytes; value:
 * sequence and receive number of the message, 6 bytes each, then what it says
 * in short, as the view chooses.  The newest by the author's own numbering
 * counts; so the order of arrival does not matter.
 *
 * TABLE_PRIVATE_OPINIONS: what was said in private, with all words that an
 * author said: the sequence of each, 8 bytes, ends its key.  So one can be
 * taken out by whoever cannot read it.
 *
 * Subjects: kind, then
 *	about   what it is about (kind of id and, above 4 bits, its format;
 *		16 bytes of it), length, member
 *	vote    the same, of what it is on
 *	channel length, normalised name
 *	name    folded name, 0, format and bytes of the feed
 */
#ifndef VIEWS_OPINIONS_H
#define VIEWS_OPINIONS_H

#include "src/store/store.h"
#include "src/views/terms.h"

enum {
	SUBJECT_BYTES_MAX = TERM_BYTES_MAX + 20,
	OPINION_HEADER_BYTES = 12,
	OPINION_BYTES_MAX = 200 /* of what is kept inline */
};

/* Values are stored and never change meaning. */
enum subject_kind {
	SUBJECT_ABOUT = 1, SUBJECT_VOTE, SUBJECT_CHANNEL, SUBJECT_NAME
};

struct subject {
	size_t n;
	uint8_t b[SUBJECT_BYTES_MAX];
};

/* member: an empty one stands for all, as the beginning of a walk. */
struct subject subject_about(const struct kith_ref *of,
			     struct kith_slice member);
struct subject subject_vote(const struct kith_ref *on);
struct subject subject_channel(struct kith_slice name);

struct opinion {
	struct subject subject; /* as found */
	uint32_t author;	/* feed number */
	uint64_t sequence, rx;
	struct kith_slice says; /* lives as long as the transaction */
};

struct viewer;

/* Walks all opinions whose subject begins with the bytes of from, which may be
 * a whole one: *o zeroed first; false at the end.  v: who reads, as of
 * postings. */
bool opinions_next(struct txn *t, const struct viewer *v,
		   const struct subject *from, struct opinion *o);

/* That of one author; false: none. */
bool opinion_get(struct txn *t, const struct viewer *v,
		 const struct subject *of, uint32_t author, struct opinion *o);

/* Reads a row of the table; false: it is none. */
bool opinion_read(struct kith_slice key, struct kith_slice value,
		  struct opinion *o);

/* The bytes of the subject's member (about) or name (channel). */
struct kith_slice subject_text(const struct subject *s);

#endif
