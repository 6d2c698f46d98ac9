/*
 * Where a view stands: its row of TABLE_VIEWS, the view's name first.
 *
 * A view that is folded with each append (view.h) is up to the log once it is
 * made, and its row need not change with each commit:
 *
 *	0-3    version
 *	4-11   receive number up to which it has folded the log, or WITH_LOG
 *
 * One that follows the log has the same, its position never being WITH_LOG,
 * and
 *
 *	12     state
 *	13-20  messages that it could make nothing of
 *	21-24  crc32c of the name and what is above
 */
#ifndef VIEWS_PLACE_H
#define VIEWS_PLACE_H

#include "src/views/view.h"

#define WITH_LOG UINT64_MAX

/* Values are stored and never change meaning. */
enum view_state {
	VIEW_UNMADE,   /* no row, or one of another version */
	VIEW_CLEARING, /* what it had is being taken out */
	VIEW_FILLING,  /* made anew, and not yet up to the log */
	VIEW_READY     /* it has all up to its position */
};

struct view_place {
	enum view_state state;
	uint64_t position;
	uint64_t skipped;
};

/* False: the row is damaged; *out says UNMADE, as for another version. */
bool place_decode(const struct view *view, struct kith_slice row,
		  struct view_place *out);

/* UNMADE where there is no row. */
void place_get(struct txn *t, const struct view *view, struct view_place *out);
void place_put(struct txn *t, const struct view *view,
	       const struct view_place *place);

/* Whether there is nothing to write. */
bool place_equal(const struct view_place *a, const struct view_place *b);

#endif
