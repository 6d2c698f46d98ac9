/*
 * What a profile says beside names and pictures: aliases in rooms, the metafeed,
 * and the groups that we have in common.
 */
#ifndef TOOLS_PRINT_WHO_H
#define TOOLS_PRINT_WHO_H

#include "tools/print/reading.h"

/* Each appends, marked, for a person, and gives how many there are; or, json, a
 * list of objects. */
size_t who_aliases(const struct reading *r, uint32_t feed_number, bool json,
		   struct kith_buf *out);
/* Only for a reading that opens what is private: else there are none. */
size_t who_groups(struct reading *r, const struct kith_feed_id *feed,
		  bool json, struct kith_buf *out);

/* tree.c: the metafeed that a feed announces by its newest message that holds;
 * false: none. */
bool who_metafeed(struct txn *t, const struct kith_feed_id *feed,
		  struct kith_feed_id *out);

#endif
