#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/store/dump.h"
#include "src/store/generation.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/store/proofs.h"
#include "src/store/scan.h"
#include "tests/fuzz/replay.h"
#include "tools/stream/remove_all.h"

/* The first byte says in what pieces the rest comes, which is a dump; a store
 * that was filled from it is opened, and all of it is read. */

enum { DUMP_BYTES_MAX = 1 << 16, ROWS_MAX = 1 << 16 };

static enum kith_err fill(const struct home *h, struct kith_slice dump,
			  size_t step)
{
	enum kith_err err;
	uint64_t number;
	struct fill *f;

	if (fill_new(h, &f, NULL))
		abort();
	do {
		size_t n = dump.n < step ? dump.n : step;

		err = fill_put(f, (struct kith_slice){ dump.p, n }, NULL);
		dump.p += n;
		dump.n -= n;
	} while (!err && dump.n);
	if (!err)
		err = fill_finish(f, &number, NULL);
	fill_free(f);
	return err ? err : generation_switch(h, number, NULL);
}

/* A scan that never ends is a crash. */
static void count(unsigned *rows)
{
	if (++*rows > ROWS_MAX)
		__builtin_trap();
}

static void read_log(struct txn *t)
{
	struct message_row row, same;
	unsigned rows = 0;
	struct scan s;

	scan_log(&s, t, 0);
	while (scan_next(&s, &row)) {
		count(&rows);
		(void)message_by_id(t, &row.id, &same);
		(void)message_by_sequence(t, row.feed_number, row.sequence,
					  &same);
	}
	scan_end(&s);
}

static void read_feeds(struct txn *t)
{
	struct proof_row proof = { 0 };
	struct publish_row publish;
	struct kith_feed_id self = { 0 };
	struct feed_row feed;
	uint32_t number = 0;
	unsigned rows = 0;

	while (feed_next(t, &number, &feed))
		count(&rows);
	while (proof_next(t, &proof))
		count(&rows);
	while (publish_next(t, &self, &publish))
		count(&rows);
}

static void read_rest(struct txn *t)
{
	struct address_row address = { 0 };
	struct cursor c;
	unsigned rows = 0;

	while (address_row_next(t, &address))
		count(&rows);
	for (int i = 0; i < TABLE_COUNT; i++) {
		cursor_open(&c, t, (enum store_table)i);
		for (bool more = cursor_seek(&c, KITH_SLICE("")); more;
		     more = cursor_next(&c))
			count(&rows);
		cursor_close(&c);
	}
}

static void read_by(struct store *s, void (*part)(struct txn *t))
{
	struct txn *t;

	/* Each by itself: the first error ends a transaction. */
	if (store_read(s, &t))
		return;
	part(t);
	txn_end(t);
}

static void read_store(const struct home *h)
{
	struct store_options o = { .write = true };
	struct store *s;

	if (store_open(h, &o, &s, NULL))
		return;
	read_by(s, read_log);
	read_by(s, read_feeds);
	read_by(s, read_rest);
	while (store_unsettled(s) && !store_settle(s))
		continue;
	store_close(s);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char path[] = "/tmp/kith-fuzz-XXXXXX";
	struct home *h;

	if (!size || size > DUMP_BYTES_MAX)
		return 0;
	if (!mkdtemp(path) || home_open(path, false, &h, NULL) ||
	    home_lock_writer(h, NULL))
		abort();
	if (!fill(h, (struct kith_slice){ data + 1, size - 1 },
		  (size_t)data[0] * 16 + 1))
		read_store(h);
	home_close(h);
	remove_all(path);
	return 0;
}
