/*
 * The contacts view: the newest word of each identity on each other.
 *
 * Source: protocol/05 section 11; protocol/13 (contact).
 */
#ifndef VIEWS_CONTACTS_H
#define VIEWS_CONTACTS_H

#include "feeds/contact.h"
#include "src/views/view.h"

extern const struct view view_contacts;

struct contact {
	struct kith_feed_id from, to;
	enum contact_edge edge;
	uint64_t sequence; /* of the message that says so */
};

/* Walks all edges: *c zeroed first; false at the end. */
bool contacts_next(struct txn *t, struct contact *c);

/* What c->from says of c->to; false: nothing, and the edge is NONE. */
bool contacts_get(struct txn *t, struct contact *c);

/* The edges of one identity: *c zeroed but from, first. */
bool contacts_of(struct txn *t, struct contact *c);

#endif
