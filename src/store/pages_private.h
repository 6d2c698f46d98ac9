/*
 * What pages.c, pages_heads.c and the walk share.
 */
#ifndef STORE_PAGES_PRIVATE_H
#define STORE_PAGES_PRIVATE_H

#include <lmdb.h>

#include "src/store/page.h"
#include "src/store/pages.h"

enum { PAGES_HEADS = 2, PAGES_DEPTH_MAX = 32, PAGES_AHEAD = 16 };

/* bytes; the longest value that is read, a clock of a million feeds */
enum { PAGES_VALUE_BYTES_MAX = 64 << 20 };

struct pages {
	int fd;
	uint64_t file_bytes;
	uint64_t count; /* of pages, as the head has it */
	size_t page_bytes;
	struct page_meta meta;
	const char *damage; /* of the head */
	uint64_t free_behind; /* free pages behind the end of the file */
	struct page_tree trees[PAGES_TREES];
	bool has[PAGES_TREES];
	bool claimed[PAGES_TREES];
	uint8_t *used, *free; /* bits, one a page of the file */
	MDB_env *env;	      /* the pin, or NULL */
	MDB_txn *txn;
};

/* Pages that were read last. */
struct page_window {
	uint8_t *bytes; /* PAGES_AHEAD pages */
	uint64_t first, n;
};

/* A page in memory, copied to out; NULL, or why it cannot be read. */
const char *pages_read(const struct pages *p, struct page_window *w,
		       uint64_t number, uint8_t *out);

/* n bytes at an offset of the file; false: they cannot be read. */
bool pages_read_at(const struct pages *p, uint64_t offset, uint8_t *out,
		   size_t n);

/* Takes the newer of the two heads, and notes what is wrong with the other.
 * NULL: there is one; else what is wrong with the file. */
const char *pages_choose_head(struct pages *p);

/* Keeps the newest snapshot of the store in folder as it is, whatever a writer
 * does; p->txn is NULL if that could not be. */
void pages_pin(struct pages *p, const char *folder);
void pages_unpin(struct pages *p);

static inline bool bit_is_set(const uint8_t *bits, uint64_t i)
{
	return bits[i / 8] >> i % 8 & 1;
}

static inline void bit_set(uint8_t *bits, uint64_t i)
{
	bits[i / 8] |= (uint8_t)(1 << i % 8);
}

/* The pages that fit into the file: no other number is looked up in bits. */
static inline uint64_t pages_in_file(const struct pages *p)
{
	return p->file_bytes / p->page_bytes;
}

#endif
