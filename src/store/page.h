/*
 * One page of the store's file, as LMDB 0.9 lays it out, read with care.
 *
 * Pure: bytes in, nodes out.  A page may hold anything: nothing is read that
 * lies outside of it, and page_check says in words what is wrong with it.
 * Numbers are in the byte order and the word size of the machine, as LMDB
 * writes them.
 *
 *	W      size of a word: page numbers, counts
 *	page   number W, pad 2, flags 2, then lower 2 and upper 2, or for values
 *	       longer than a page the count of pages 4; then offsets of nodes,
 *	       2 each, up to lower; nodes from upper to the end
 *	node   low 4: size of the value, or low half of the child's number;
 *	       flags 2 (of a branch: the high part of the child); size of the
 *	       key 2; key; value
 *	tree   pad 4, flags 2, depth 2, branch, leaf and long pages, rows, root
 *	meta   behind a page's head: magic 4, version 4, address W, map size W,
 *	       trees of the free pages and of the tables, last page, transaction
 */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include "feeds/bytes.h"

enum {
	PAGE_WORD = sizeof(size_t),
	PAGE_HEAD_BYTES = PAGE_WORD + 8,
	PAGE_TREE_BYTES = 8 + 5 * PAGE_WORD,
	PAGE_META_BYTES = PAGE_HEAD_BYTES + 8 + 4 * PAGE_WORD +
			  2 * PAGE_TREE_BYTES,
	PAGE_NODE_BYTES = 8,
	PAGE_BYTES_MIN = 256,
	PAGE_BYTES_MAX = 32768
};

/* Flags of a page. */
enum {
	PAGE_BRANCH = 1, PAGE_LEAF = 2, PAGE_LONG = 4, PAGE_META = 8,
	PAGE_FIXED = 32, /* a leaf of keys of one size, without nodes */
	PAGE_SUB = 64	 /* inside a node */
};

/* Flags of a node in a leaf. */
enum { NODE_LONG = 1, NODE_TREE = 2, NODE_SEVERAL = 4, NODE_FLAGS = 7 };

/* The root of an empty tree. */
#define PAGE_NONE ((uint64_t)SIZE_MAX)

struct page {
	const uint8_t *p; /* borrowed */
	size_t n;	  /* the size of pages; less of a sub-page */
};

/* The head of a tree. */
struct page_tree {
	uint32_t pad; /* size of the keys where they have one */
	uint16_t flags, depth;
	uint64_t branches, leaves, longs, rows, root;
};

struct page_meta {
	uint32_t page_bytes;
	struct page_tree free, main;
	uint64_t last_page, txn;
};

struct page_node {
	struct kith_slice key;
	unsigned flags;		 /* of a leaf's node */
	struct kith_slice value; /* of a leaf; if LONG: what stands in it */
	uint64_t child;		 /* of a branch; of a leaf: the LONG page */
	size_t value_bytes;	 /* of a leaf, LONG or not */
};

/* NULL: the page with this number is a sound page of this kind (PAGE_BRANCH,
 * PAGE_LEAF, PAGE_LEAF | PAGE_FIXED), of keys of fixed bytes if FIXED.  Else
 * what is wrong, in words. */
const char *page_check(struct page page, uint64_t number, unsigned kind,
		       size_t fixed);

/* The same for a sub-page, which has no number of its own. */
const char *page_check_sub(struct page page, unsigned kind, size_t fixed);

/* NULL: the first of the pages of a value of n bytes; *pages is how many there
 * are. */
const char *page_check_long(struct page page, uint64_t number, size_t n,
			    uint64_t *pages);

/* How many pages a value of n bytes takes. */
uint64_t page_longs(size_t n, size_t page_bytes);

uint64_t page_number(struct page page);
unsigned page_flags(struct page page);
size_t page_pad(struct page page); /* FIXED: the size of its keys */

/* Of a page that page_check let pass: how many nodes, and node i. */
size_t page_count(struct page page);
void page_node(struct page page, size_t i, struct page_node *out);
struct kith_slice page_fixed_key(struct page page, size_t i, size_t fixed);

/* A node of a leaf at any offset of any bytes; false: none fits there. */
bool page_node_at(struct page page, size_t offset, struct page_node *out);

/* Reads the head of a tree; false: value is none. */
bool page_tree(struct kith_slice value, struct page_tree *out);

/* NULL: a sound meta page. */
const char *page_meta(struct page page, struct page_meta *out);

/* A word at p. */
uint64_t page_word(const uint8_t *p);

#endif
