/*
 * What the files of the medium share: its files, and the notes of changes.
 */
#ifndef SUPPORT_MEDIUM_PRIVATE_H
#define SUPPORT_MEDIUM_PRIVATE_H

#include "tests/support/medium.h"

/* What lies on the medium: data may be longer than the file, since what was cut
 * off is not wiped. */
struct medium_file {
	char name[FOLDER_NAME_BYTES];
	bool there;
	uint8_t *data;
	size_t bytes, data_bytes, capacity;
	/* Of sectors that read back: all before it; the rest are zeros. */
	size_t honest;
};

struct medium_state {
	struct medium_file *files;
	size_t count;
};

enum medium_kind {
	CHANGE_MAKE,   /* name */
	CHANGE_WRITE,  /* at, bytes, n */
	CHANGE_CUT,    /* at: the new length */
	CHANGE_RENAME, /* name: the new one */
	CHANGE_REMOVE,
	CHANGE_SYNC,	 /* the file's bytes and length */
	CHANGE_SYNC_NAME /* the folder it is in */
};

struct medium_change {
	enum medium_kind kind;
	size_t file; /* in the state */
	size_t at, n;
	size_t bytes; /* in noted.bytes */
	char name[FOLDER_NAME_BYTES];
};

struct medium {
	struct medium_state now;
	/* As it was when it was settled, and what was done since.  The last
	 * change was not, where under_way. */
	struct medium_state base;
	struct medium_change *changes;
	size_t count, capacity;
	bool under_way;
	struct kith_buf bytes;

	uint64_t capacity_bytes, honest_bytes;
	bool shy, read_only, gone;
	size_t pull_at, fail_at, calls;
	uint64_t bytes_read, bytes_written;
	uint64_t sectors_used; /* ever: what was freed is not used again */
};

uint64_t medium_mix(uint64_t x);
/* Below n; moves *seed on. */
uint64_t medium_random(uint64_t *seed, uint64_t n);

void medium_state_copy(struct medium_state *to,
		       const struct medium_state *from);
void medium_state_clear(struct medium_state *s);

void medium_set_name(char *to, const char *name);
/* Bytes of all files that are there. */
uint64_t medium_used(const struct medium *m);

struct medium_file *medium_find(struct medium_state *s, const char *name);
struct medium_file *medium_add(struct medium_state *s, const char *name);

/* Puts bytes at a place and makes the file longer where they end behind it. */
void medium_put(struct medium_file *f, size_t at, struct kith_slice bytes);

/* Does one change, whole. */
void medium_do(struct medium_state *s, const struct medium *m,
	       const struct medium_change *c);

#endif
