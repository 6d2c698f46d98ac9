/* kith blob gc: what is wrong in the folder, and what is too much. */
#include <inttypes.h>
#include <stdio.h>

#include "feeds/json.h"
#include "src/depot/keep_row.h"
#include "src/store/blob_check.h"
#include "src/store/messages.h"
#include "src/store/wall.h"
#include "src/views/link_walk.h"
#include "tools/keep/blob.h"
#include "tools/network.h"
#include "tools/pass/blobs.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

enum { LOOK_MS = 200, ARGS_BYTES = 64,
       PART_BYTES_MAX = 64 << 20, /* of cuts, in all */
       PART_DAYS = 7 };

/* What came of it, whoever did it. */
struct outcome {
	struct blob_check check; /* counts, and what is named */
	struct blob_parts parts;
	struct {
		uint64_t blobs, bytes;
	} removed; /* by the quotas */
	struct progress progress;
	uint64_t shown;
};

/* --- by this process --- */

static void show(struct outcome *o, uint64_t done, uint64_t total)
{
	progress_total(&o->progress, total);
	progress_at(&o->progress, done);
	if (done > o->shown)
		progress_bytes(&o->progress, done - o->shown);
	o->shown = done;
}

/* What our own messages refer to is ours, whoever put it there. */
static void own_links(struct txn *t, struct kith_slice content)
{
	struct link_walk walk;
	struct blob_row row;
	struct link l;

	link_walk_start(&walk, content);
	while (link_walk_next(&walk, &l)) {
		if (l.channel || l.ref.kind != KITH_REF_BLOB ||
		    !blob_row_get(t, &l.ref.blob, &row) || row.own)
			continue;
		row.own = true;
		row.hops = 0;
		blob_row_put(t, &row);
	}
}

static void mark_own(struct txn *t, const struct kith_feed_id *self)
{
	struct message_row row;
	struct feed_row feed;

	if (!feed_get(t, self, &feed))
		return;
	for (uint64_t i = feed.first; i && i <= feed.last; i++)
		if (message_by_sequence(t, feed.number, i, &row))
			own_links(t, json_get(row.canon, "content"));
}

/* What the sweep names; what cannot be removed is skipped. */
static void remove_named(struct blobs_way *w, struct txn *t,
			 struct keep_sweep *sweep, struct outcome *o)
{
	const struct keep_row *row;
	struct blob_row known;

	while ((row = keep_sweep_next(sweep))) {
		if (!blob_row_get(t, &row->id, &known) ||
		    (!o->check.dry && blob_remove(w->blobs, &row->id)))
			continue;
		o->removed.blobs++;
		o->removed.bytes += row->size;
		known.state = BLOB_REMOVED;
		known.why = BLOB_WHY_QUOTA;
		blob_row_put(t, &known);
	}
}

static void each_row(struct txn *t, struct keep *k, struct keep_sweep *sweep)
{
	struct blob_rows rows;
	struct blob_row known;

	blob_rows_open(&rows, t, NULL);
	while (blob_rows_next(&rows, &known)) {
		struct keep_row row = keep_row_of(&known);

		if (known.state != BLOB_HERE)
			continue;
		if (sweep)
			keep_sweep_row(sweep, &row);
		else
			keep_add(k, &row);
	}
	blob_rows_close(&rows);
}

/* One sweep names a bounded number of rows; so on, until all is below. */
static enum kith_err sweep_all(struct blobs_way *w, struct txn *t,
			       const struct keep_quotas *q, struct outcome *o)
{
	struct keep_sweep *sweep;
	uint64_t before;
	struct keep k;

	do {
		before = o->removed.blobs;
		keep_init(&k, q);
		each_row(t, &k, NULL);
		if (!keep_over(&k))
			break;
		sweep = keep_sweep_new(&k, NULL, 0);
		if (!sweep)
			return KITH_ENOMEM;
		each_row(t, NULL, sweep);
		remove_named(w, t, sweep, o);
		keep_sweep_free(sweep);
	} while (!txn_error(t) && o->removed.blobs > before);
	return txn_error(t);
}

/* A dry one does the same to rows that nobody will see. */
static enum kith_err sweep(struct blobs_way *w, const struct keep_quotas *q,
			   struct outcome *o)
{
	struct tool *tool = w->tool;
	struct txn *t;
	enum kith_err err = store_write(w->store, &t);

	if (err)
		return err;
	if (tool->has_self)
		mark_own(t, &tool->self);
	err = sweep_all(w, t, q, o);
	if (!err && !o->check.dry)
		return txn_commit(t);
	txn_end(t);
	return err;
}

static int gc_here(struct blobs_way *w, struct outcome *o)
{
	struct kith_error e = { 0 };
	struct network network;
	enum kith_err err = KITH_OK;
	bool more = true;
	int code = network_read(w->tool->home, &network);

	if (code)
		return code;
	o->check.blobs = w->blobs;
	while (!err && more && !interrupt_pending()) {
		err = blob_check_some(w->store, &o->check, &more, &e);
		show(o, atomic_load(&o->check.done),
		     atomic_load(&o->check.total));
	}
	blob_check_clear(&o->check);
	if (!err && more)
		return tool_fail(EXIT_FAILED, "interrupted");
	if (!err && !o->check.dry)
		err = blobs_tidy(w->blobs,
				 wall_us() - (int64_t)PART_DAYS * 86400000000,
				 PART_BYTES_MAX, &o->parts);
	if (!err)
		err = sweep(w, &network.blob_quotas, o);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

/* --- by kithd --- */

static uint64_t number(struct kith_slice item, const char *name)
{
	uint64_t n;

	return json_uint(json_get(item, name), &n) ? n : 0;
}

static void read_named(struct kith_slice list, struct blob_check *c)
{
	struct kith_slice item;
	size_t at = 0;

	while (c->named_count < BLOB_CHECK_NAMED &&
	       json_next_element(list, &at, &item)) {
		size_t i = c->named_count;

		if (kith_blob_parse(json_plain(json_get(item, "id")),
				    &c->named[i].id))
			continue;
		for (enum blob_fault f = 0; f < BLOB_FAULTS; f++)
			if (json_is(json_get(item, "fault"),
				    blob_fault_name(f)))
				c->named[i].fault = f;
		c->named_count++;
	}
}

static void read_outcome(struct kith_slice item, struct outcome *o)
{
	struct blob_counts *c = &o->check.counts;

	c->blobs = number(item, "blobs");
	c->bytes = number(item, "bytes");
	for (enum blob_fault f = 0; f < BLOB_FAULTS; f++)
		c->found[f] = number(item, blob_fault_name(f));
	c->strays = number(item, "strays");
	o->parts.count = number(item, "parts");
	o->parts.removed_bytes = number(item, "freed");
	o->removed.blobs = number(item, "removed");
	o->removed.bytes = number(item, "removedBytes");
	read_named(json_get(item, "named"), &o->check);
}

static int gc_there(struct client *kithd, struct outcome *o)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	char args[ARGS_BYTES];
	enum kith_err err;

	snprintf(args, sizeof(args), "[{\"dry\":%s,\"full\":%s}]",
		 o->check.dry ? "true" : "false",
		 o->check.full ? "true" : "false");
	err = client_source(kithd, "kith.blobsCheck", kith_text(args), &e);
	while (!err && !interrupt_pending()) {
		err = client_next(kithd, LOOK_MS, &item, &e);
		if (!err && json_get(item, "total").n)
			show(o, number(item, "done"), number(item, "total"));
		else if (!err)
			read_outcome(item, o);
		else if (err == KITH_EBUSY)
			err = KITH_OK; /* nothing new yet */
	}
	if (err == KITH_ENOENT)
		return EXIT_DONE;
	return err ? tool_explain(&e, err)
		   : tool_fail(EXIT_FAILED, "interrupted");
}

/* --- what is said --- */

static void record_outcome(const struct outcome *o)
{
	const struct blob_counts *c = &o->check.counts;
	struct record r;

	record_begin(&r);
	record_uint(&r, "blobs", c->blobs);
	record_uint(&r, "bytes", c->bytes);
	record_uint(&r, "new", c->found[BLOB_FAULT_NEW]);
	record_uint(&r, "lost", c->found[BLOB_FAULT_LOST]);
	record_uint(&r, "damaged", c->found[BLOB_FAULT_DAMAGED]);
	record_uint(&r, "strays", c->strays);
	record_uint(&r, "freed", o->parts.removed_bytes + o->removed.bytes);
	record_uint(&r, "removed", o->removed.blobs);
	record_bool(&r, "dry", o->check.dry);
	record_end(&r);
}

static void print_named(const struct blob_check *c)
{
	char id[KITH_REF_TEXT_BYTES];

	for (size_t i = 0; i < c->named_count; i++) {
		if (c->named[i].fault == BLOB_FAULT_NEW)
			continue;
		kith_blob_print(&c->named[i].id, id);
		printf("%s  %s\n", id,
		       c->named[i].fault == BLOB_FAULT_LOST
			       ? "its file is gone"
			       : "its file is damaged");
	}
}

static void print_outcome(const struct outcome *o)
{
	const struct blob_counts *c = &o->check.counts;
	char blobs[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];
	const char *would = o->check.dry ? " would be" : "";

	print_named(&o->check);
	text_size(c->bytes, size);
	printf("%s here, %s", text_count(c->blobs, "blob", blobs), size);
	printf("; %" PRIu64 " lost, %" PRIu64 " damaged, %" PRIu64 " not known "
	       "before\n", c->found[BLOB_FAULT_LOST],
	       c->found[BLOB_FAULT_DAMAGED], c->found[BLOB_FAULT_NEW]);
	if (c->strays)
		printf("%s in the folder, of no blob\n",
		       text_count(c->strays, "other name", blobs));
	text_size(o->parts.removed_bytes, size);
	if (o->parts.removed_bytes)
		printf("%s of cut transfers removed\n", size);
	text_size(o->removed.bytes, size);
	if (o->removed.blobs)
		printf("%s%s removed to keep the limits, %s\n",
		       text_count(o->removed.blobs, "blob", blobs), would,
		       size);
}

int blob_gc(struct tool *t, int argc, char **argv)
{
	struct outcome o = { .check = { .full = tool_option(t, 'f'),
					.dry = tool_option(t, 'n') } };
	struct blobs_way w;
	int code;

	(void)argc;
	(void)argv;
	code = tool_open(t, NEEDS_SELF);
	if (code)
		return code;
	interrupt_hold();
	code = blobs_begin(&w, t);
	progress_start(&o.progress, "looked at", false);
	if (!code)
		code = w.kithd ? gc_there(w.kithd, &o) : gc_here(&w, &o);
	progress_end(&o.progress);
	blobs_end(&w);
	if (code)
		return code;
	if (t->json)
		record_outcome(&o);
	else
		print_outcome(&o);
	return o.check.counts.found[BLOB_FAULT_LOST] ||
			       o.check.counts.found[BLOB_FAULT_DAMAGED]
		       ? EXIT_FAILED
		       : EXIT_DONE;
}
