/*
 * Lists that grow: memory for one more item behind those that are there.
 *
 * Pure.  A list is its caller's: where it is, how many items it has and has
 * room for stand wherever they are needed, and free() ends it.
 */
#ifndef FEEDS_LIST_H
#define FEEDS_LIST_H

#include <stddef.h>

#include "feeds/export.h"

/* at: n items of that many bytes, in memory for *room of them; NULL if that is
 * 0.  Gives at, or where it moved to, with room for one more: who adds many
 * moves it seldom.  NULL: there is no memory, and at and *room are as they
 * were. */
KITH_CHECK void *list_room(void *at, size_t n, size_t *room, size_t bytes);

#endif
