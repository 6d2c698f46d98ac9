/*
 * What was said, as plain loops over the log have it: the slow way to the
 * answers of src/views, to compare with.
 *
 * Of views it uses nothing; it lives as long as the transaction it was read
 * in.
 */
#ifndef TESTS_VIEWS_PAST_H
#define TESTS_VIEWS_PAST_H

#include "feeds/contact.h"
#include "feeds/ref.h"
#include "src/store/messages.h"

/* One message. */
struct said {
	struct kith_feed_id author;
	uint32_t feed_number;
	uint64_t sequence, rx, time_ms;
	struct kith_msg_id id;
	struct kith_slice canon, content, type;
	bool first;	 /* of its author */
	bool has_target; /* what it votes on or is about */
	struct kith_ref target;
	bool is_contact; /* of a feed: */
	struct kith_feed_id whom;
	enum contact_edge edge;
	size_t place_count; /* where it hangs: root, fork, branches, tangles */
	struct kith_msg_id *places;
};

struct past {
	struct said *all; /* by rx */
	size_t n;
	size_t *words; /* which of them have a target or are contacts */
	size_t word_count;
	size_t *by_id;
};

/* Gives p->all: past_clear.  Stops the program when out of memory. */
void past_read(struct past *p, struct txn *t);
void past_clear(struct past *p);

const struct said *past_find(const struct past *p,
			     const struct kith_msg_id *id);
enum contact_edge past_edge(const struct past *p,
			    const struct kith_feed_id *from,
			    const struct kith_feed_id *to);
/* viewer NULL: nobody. */
bool past_hides(const struct past *p, const struct kith_feed_id *viewer,
		const struct kith_feed_id *author);
bool past_ref_equal(const struct kith_ref *a, const struct kith_ref *b);

/* The newest message of author about or voting on target; with a member: that
 * has it.  NULL: none. */
const struct said *past_word(const struct past *p, const char *type,
			     const struct kith_feed_id *author,
			     const struct kith_ref *target,
			     const char *member);

/* root, fork, branch or the root of a tangle is this message. */
bool past_hangs_on(const struct said *m, const struct kith_msg_id *id);

/* An id stands as a value anywhere in the message. */
bool past_links_to(const struct said *m, const struct kith_msg_id *id);

/* The root that it says it has. */
bool past_root(const struct said *m, struct kith_msg_id *out);

#endif
