/*
 * The links in a message's content, as the index of links counts them.
 *
 * Every string that is exactly an id, at any depth; every string that is a
 * hashtag; and the channel member.  At most LINKS_MAX, and
 * LINK_DEPTH_MAX deep.  Never allocates; a pure function of the content.
 * Source: protocol/13 sections 1, 3 and 4.
 */
#ifndef VIEWS_LINK_WALK_H
#define VIEWS_LINK_WALK_H

#include "feeds/channel.h"
#include "feeds/ref.h"
#include "src/views/terms.h"

enum { LINKS_MAX = 256, LINK_DEPTH_MAX = 31 };

struct link {
	bool channel;		  /* else an id */
	enum relation relation;	  /* by the member of the content it is in */
	struct kith_slice member; /* that member's name, quoted */
	struct kith_slice text;	  /* as written */
	unsigned depth;		  /* 1: the member itself */
	struct kith_ref ref;	  /* an id */
	size_t name_bytes;	  /* a channel, normalised: */
	char name[CHANNEL_TEXT_BYTES];
};

/* Embedded; link_walk_start sets it. */
struct link_walk {
	struct {
		struct kith_slice value;
		size_t at;
	} open[LINK_DEPTH_MAX];
	unsigned depth, left;
	bool channel_seen; /* the channel member was looked at */
	struct kith_slice member;
	enum relation relation, only;
};

/* content: a checked JSON object, of which w keeps a view. */
void link_walk_start(struct link_walk *w, struct kith_slice content);
/* Before the first: for who looks for links of this relation, which is not
 * OTHER.  All others that the content has come as OTHER, or not at all. */
void link_walk_only(struct link_walk *w, enum relation relation);
/* The next link; false: no more. */
bool link_walk_next(struct link_walk *w, struct link *out);

#endif
