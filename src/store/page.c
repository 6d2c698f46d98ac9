#include "src/store/page.h"

enum { OFFSET_BYTES = 2, LAYOUT = 1, KEY_BYTES_MAX = 511, DEPTH_MAX = 32 };

static const uint32_t MAGIC = 0xbeefc0de;

static uint16_t u16(const uint8_t *p)
{
	uint16_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

static uint32_t u32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t page_word(const uint8_t *p)
{
	size_t v;

	memcpy(&v, p, sizeof(v));
	return v;
}

uint64_t page_number(struct page page)
{
	return page_word(page.p);
}

unsigned page_flags(struct page page)
{
	return u16(page.p + PAGE_WORD + 2);
}

size_t page_pad(struct page page)
{
	return u16(page.p + PAGE_WORD);
}

static size_t lower(struct page page)
{
	return u16(page.p + PAGE_WORD + 4);
}

static size_t upper(struct page page)
{
	return u16(page.p + PAGE_WORD + 6);
}

size_t page_count(struct page page)
{
	return (lower(page) - PAGE_HEAD_BYTES) / OFFSET_BYTES;
}

static size_t even(size_t n)
{
	return n + (n & 1);
}

/* What a node takes up, its value on other pages aside. */
static size_t node_bytes(const struct page_node *n, bool leaf)
{
	return even(PAGE_NODE_BYTES + n->key.n + (leaf ? n->value.n : 0));
}

/* Reads the node at p, where left bytes are; false: it does not fit. */
static bool read_node(const uint8_t *p, size_t left, bool leaf,
		      struct page_node *out)
{
	uint32_t low;
	size_t n;

	if (left < PAGE_NODE_BYTES)
		return false;
	low = u32(p);
	*out = (struct page_node){
		.flags = u16(p + 4),
		.key = { p + PAGE_NODE_BYTES, u16(p + 6) },
		.value_bytes = low,
	};
	left -= PAGE_NODE_BYTES;
	if (out->key.n > left)
		return false;
	left -= out->key.n;
	if (!leaf) {
		out->child = low;
		if (PAGE_WORD > 4)
			out->child |= (uint64_t)out->flags << 32;
		out->flags = 0;
		return true;
	}
	n = out->flags & NODE_LONG ? PAGE_WORD : low;
	if (n > left)
		return false;
	out->value = (struct kith_slice){ out->key.p + out->key.n, n };
	if (out->flags & NODE_LONG)
		out->child = page_word(out->value.p);
	return true;
}

bool page_node_at(struct page page, size_t offset, struct page_node *out)
{
	return offset < page.n && read_node(page.p + offset, page.n - offset,
					    true, out);
}

void page_node(struct page page, size_t i, struct page_node *out)
{
	size_t offset = u16(page.p + PAGE_HEAD_BYTES + i * OFFSET_BYTES);

	/* page_check has seen that it fits. */
	(void)read_node(page.p + offset, page.n - offset,
			page_flags(page) & PAGE_LEAF, out);
}

struct kith_slice page_fixed_key(struct page page, size_t i, size_t fixed)
{
	return (struct kith_slice){ page.p + PAGE_HEAD_BYTES + i * fixed,
				    fixed };
}

static const char *check_flags(const struct page_node *n)
{
	if (n->flags & ~(unsigned)NODE_FLAGS)
		return "a row has flags that there are none of";
	if (n->flags & NODE_LONG && n->flags != NODE_LONG)
		return "a row is long and several at once";
	if (n->flags & NODE_TREE && n->value.n != PAGE_TREE_BYTES)
		return "the head of a tree has another size";
	return n->key.n && n->key.n <= KEY_BYTES_MAX
		       ? NULL
		       : "a key has no size that there is";
}

/* Nodes lie side by side up to the end: so none overlaps, and no size is
 * wrong. */
static const char *check_nodes(struct page page)
{
	bool leaf = page_flags(page) & PAGE_LEAF;
	size_t count = page_count(page), used = 0;
	struct page_node n;
	const char *wrong;

	for (size_t i = 0; i < count; i++) {
		size_t offset = u16(page.p + PAGE_HEAD_BYTES +
				    i * OFFSET_BYTES);

		if (offset < upper(page) || offset % 2 || offset >= page.n ||
		    !read_node(page.p + offset, page.n - offset, leaf, &n))
			return "a row lies outside of its page";
		wrong = leaf ? check_flags(&n) : NULL;
		if (wrong)
			return wrong;
		used += node_bytes(&n, leaf);
	}
	return used == page.n - upper(page) ? NULL
					    : "rows do not fill their page";
}

static const char *check_fixed(struct page page, size_t fixed)
{
	size_t count = page_count(page);

	if (!fixed || page_pad(page) != fixed)
		return "its keys have another size";
	if (count > (page.n - PAGE_HEAD_BYTES) / fixed ||
	    page.n - upper(page) != count * (fixed - OFFSET_BYTES))
		return "its count of keys is wrong";
	return NULL;
}

static const char *check_inside(struct page page, unsigned kind, size_t fixed)
{
	size_t low = lower(page), high = upper(page);

	if (low <= PAGE_HEAD_BYTES)
		return "it holds no rows";
	if (low % 2 || low > high || high > page.n)
		return "its bounds are wrong";
	return kind & PAGE_FIXED ? check_fixed(page, fixed)
				 : check_nodes(page);
}

const char *page_check(struct page page, uint64_t number, unsigned kind,
		       size_t fixed)
{
	if (page_number(page) != number)
		return "it is another page";
	if (page_flags(page) != kind)
		return "it is of another kind";
	return check_inside(page, kind, fixed);
}

const char *page_check_sub(struct page page, unsigned kind, size_t fixed)
{
	/* A page that is copied into a node takes its mark of change along. */
	const unsigned changed = 16;

	if (page.n < PAGE_HEAD_BYTES)
		return "rows of one key are cut short";
	if ((page_flags(page) & ~changed) != (kind | PAGE_SUB))
		return "rows of one key are of another kind";
	return check_inside(page, kind, fixed);
}

uint64_t page_longs(size_t n, size_t page_bytes)
{
	return (PAGE_HEAD_BYTES - 1 + (uint64_t)n) / page_bytes + 1;
}

const char *page_check_long(struct page page, uint64_t number, size_t n,
			    uint64_t *pages)
{
	*pages = u32(page.p + PAGE_WORD + 4);
	if (page_number(page) != number)
		return "it is another page";
	if (page_flags(page) != PAGE_LONG)
		return "it is of another kind";
	/* A shorter value that took the place of a longer one leaves some. */
	return *pages >= page_longs(n, page.n) ? NULL
					       : "it has too few pages";
}

static void read_tree(const uint8_t *p, struct page_tree *out)
{
	*out = (struct page_tree){
		.pad = u32(p),
		.flags = u16(p + 4),
		.depth = u16(p + 6),
		.branches = page_word(p + 8),
		.leaves = page_word(p + 8 + PAGE_WORD),
		.longs = page_word(p + 8 + 2 * PAGE_WORD),
		.rows = page_word(p + 8 + 3 * PAGE_WORD),
		.root = page_word(p + 8 + 4 * PAGE_WORD),
	};
}

bool page_tree(struct kith_slice value, struct page_tree *out)
{
	if (value.n != PAGE_TREE_BYTES)
		return false;
	read_tree(value.p, out);
	return out->depth <= DEPTH_MAX &&
	       !out->depth == (out->root == PAGE_NONE);
}

static bool is_power_of_two(uint32_t n)
{
	return !(n & (n - 1));
}

const char *page_meta(struct page page, struct page_meta *out)
{
	const uint8_t *p = page.p + PAGE_HEAD_BYTES;
	const uint8_t *trees = p + 8 + 2 * PAGE_WORD;
	const uint8_t *end = trees + 2 * PAGE_TREE_BYTES;

	if (page.n < PAGE_META_BYTES)
		return "is too short";
	if (page_flags(page) != PAGE_META || u32(p) != MAGIC)
		return "is no file of LMDB";
	if (u32(p + 4) != LAYOUT)
		return "was written by another version of LMDB";
	read_tree(trees, &out->free);
	read_tree(trees + PAGE_TREE_BYTES, &out->main);
	out->page_bytes = out->free.pad;
	out->last_page = page_word(end);
	out->txn = page_word(end + PAGE_WORD);
	if (out->page_bytes < PAGE_BYTES_MIN ||
	    out->page_bytes > PAGE_BYTES_MAX ||
	    !is_power_of_two(out->page_bytes) || out->last_page < 1 ||
	    out->last_page == PAGE_NONE)
		return "has a damaged head";
	return NULL;
}
