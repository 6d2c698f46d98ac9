/*
 * A disk that loses what was not synced, played from a recording.
 *
 * Walks through the records of tests/support/recording.h and can at any one
 * write down what a crash there may leave behind.  What it takes for durable is
 * the least that systems promise: a file's bytes by a sync of the file or a
 * write through a descriptor that syncs, a name by a sync of its folder; what
 * else was done may be there or not, in any combination, and any write may be
 * torn between two sectors of 512 bytes.
 */
#ifndef CRASH_DISK_H
#define CRASH_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "tests/support/recording.h"

enum { DISK_SECTOR = 512 };

struct disk_record {
	struct record_head head;
	const char *path; /* path_bytes, no zero behind them */
	const uint8_t *data;
};

struct disk;

/* Reads a recording; stops the program with a message if it cannot.  With
 * lazy, syncs count for nothing.  Gives: disk_free. */
struct disk *disk_load(const char *file, bool lazy);
void disk_free(struct disk *d);

size_t disk_count(const struct disk *d);
const struct disk_record *disk_at(const struct disk *d, size_t i);

/* Does record i; they are done in order, each once. */
void disk_do(struct disk *d, size_t i);

/* What is left behind. */
struct disk_loss {
	/* The record after the last done was done up to this byte; 0: not. */
	size_t torn;
	/* Of what is not durable: nothing is lost, everything is, or what
	 * this seed says. */
	enum { LOSS_NONE, LOSS_ALL, LOSS_SOME } of;
	uint64_t seed;
};

/* Where the write that is record i may be torn: at the n-th place, from 0;
 * 0: there are fewer. */
size_t disk_tear(const struct disk *d, size_t i, size_t n);

/* Writes the files that are left behind into folder, which is empty.  done: how
 * many records were done. */
void disk_leave(const struct disk *d, size_t done,
		const struct disk_loss *loss, const char *folder);

/* True if the files in folder are those of the disk as it is now, but for those
 * that are mapped: `lock.mdb`. */
bool disk_equals(const struct disk *d, const char *folder);

#endif
