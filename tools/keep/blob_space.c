/* kith blob space: how much there is, whose, and what the limits are. */
#include <stdio.h>

#include "src/gossip/keep.h"
#include "src/store/blob_rows.h"
#include "tools/keep/blob.h"
#include "tools/network.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

struct pile {
	uint64_t blobs, bytes;
};

struct space {
	struct pile classes[KEEP_HOPS], pinned, all;
	uint64_t wanted;
};

static void count(struct pile *p, const struct blob_row *row)
{
	p->blobs++;
	p->bytes += row->size;
}

static void count_row(struct space *s, const struct blob_row *row)
{
	s->wanted += row->state == BLOB_WANTED;
	if (row->state != BLOB_HERE)
		return;
	count(&s->all, row);
	count(&s->classes[keep_class(row->own ? 0 : row->hops)], row);
	if (row->pinned)
		count(&s->pinned, row);
}

static int count_rows(struct tool *t, struct space *s)
{
	struct blob_rows rows;
	struct blob_row row;
	struct txn *txn;
	enum kith_err err;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	blob_rows_open(&rows, txn, NULL);
	while (blob_rows_next(&rows, &row))
		count_row(s, &row);
	blob_rows_close(&rows);
	err = txn_error(txn);
	txn_end(txn);
	return err ? tool_fail(EXIT_UNREADABLE, "the store cannot be read")
		   : EXIT_DONE;
}

static void record_pile(const char *state, const struct pile *p,
			uint64_t limit)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "state", state);
	record_uint(&r, "blobs", p->blobs);
	record_uint(&r, "bytes", p->bytes);
	if (limit != KEEP_NO_LIMIT)
		record_uint(&r, "limit", limit);
	record_end(&r);
}

static void print_pile(const char *name, const struct pile *p, uint64_t limit)
{
	char blobs[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];
	char most[TEXT_SIZE_BYTES];

	text_size(p->bytes, size);
	printf("%-16s %14s %10s", name, text_count(p->blobs, "blob", blobs),
	       size);
	if (limit != KEEP_NO_LIMIT) {
		text_size(limit, most);
		printf(" of %s", most);
	}
	putchar('\n');
}

static void print_space(const struct tool *t, const struct space *s,
			const struct keep_quotas *q)
{
	static const char *const names[KEEP_HOPS] = {
		"yours", "1 hop", "2 hops", "3 hops or more", "of others",
	};
	void (*print)(const char *name, const struct pile *p,
		      uint64_t limit) = t->json ? record_pile : print_pile;
	struct pile wanted = { .blobs = s->wanted };

	for (size_t i = 0; i < KEEP_HOPS; i++)
		print(names[i], &s->classes[i],
		      i ? q->hops[i] : KEEP_NO_LIMIT);
	print("in all", &s->all, q->total);
	print("pinned", &s->pinned, KEEP_NO_LIMIT);
	if (t->json)
		record_pile("wanted", &wanted, KEEP_NO_LIMIT);
	else if (s->wanted)
		printf("%-16s %14s\n", "wanted",
		       text_count(s->wanted, "blob",
				  (char[TEXT_COUNT_BYTES]){ 0 }));
}

int blob_space(struct tool *t, int argc, char **argv)
{
	struct space s = { 0 };
	struct network network;
	int code = network_read(t->home, &network);

	(void)argc;
	(void)argv;
	if (!code)
		code = tool_open(t, NEEDS_HOME | NEEDS_STORE);
	if (!code)
		code = count_rows(t, &s);
	if (!code)
		print_space(t, &s, &network.blob_quotas);
	return code;
}
