/*
 * The file of a depot's memory, as its encoder and its decoder see it.
 *
 *	the first line, and the id of the depot
 *	numbers of the memory
 *	for each writer: 1, its name, numbers, places, ranges, notes, what it left
 *	0, the key, and the hash of all before
 *
 * Numbers are in bytes of seven bits, the low ones first, the last below 128; a
 * list has its count before it.  A feed is a number: of those that came before
 * it in the file, or the next, and then format and id follow.
 */
#ifndef DEPOT_MEMORY_PRIVATE_H
#define DEPOT_MEMORY_PRIVATE_H

#include "src/depot/memory.h"

#define MEMORY_MAGIC "kith depot memory 1\n"

enum { MEMORY_HASH_BYTES = 32, MEMORY_FEED_BYTES = 1 + KITH_ID_BYTES };

#endif
