/* kith adopt: blobs, read, hashed and copied, many to a batch. */
#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/blob_batch.h"
#include "tools/begin/adopt.h"
#include "tools/network.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"

enum { TOLD_MAX = 10 };

struct copying {
	struct adopt *adopt;
	struct blobs *theirs, *ours;
	uint64_t bytes_max;
	struct blob_batch batch;
	struct blob_came came[BLOB_BATCH_MAX]; /* those of the batch */
	/* Files that a run before this one brought and could not note. */
	struct blob_came found[BLOB_BATCH_MAX];
	size_t found_count;
	struct adopt_count count;
	uint64_t bytes; /* that were taken */
	struct progress progress;
};

/* --- a batch -------------------------------------------------------------- */

static void leave(struct copying *c, const struct kith_blob_id *id,
		  const char *why)
{
	char text[KITH_REF_TEXT_BYTES];
	struct record r;

	c->count.left++;
	c->adopt->left = true;
	kith_blob_print(id, text);
	if (c->adopt->tool->json) {
		record_begin(&r);
		record_text(&r, "problem", why);
		record_text(&r, "id", text);
		record_end(&r);
	} else if (c->count.left <= TOLD_MAX) {
		tool_note("%s is left: %s%s", text, why,
			  c->count.left == TOLD_MAX
				  ? " (more are only counted)" : "");
	}
}

/* It is left, unless no more can be taken: an exit code. */
static int fail(struct copying *c, const struct kith_blob_id *id,
		enum kith_err err, const struct kith_error *e)
{
	if (err == KITH_EFULL || err == KITH_ENOMEM)
		return tool_explain(e, err);
	leave(c, id, err == KITH_EFORMAT ? "it is not what its name says"
					 : e->text);
	return EXIT_DONE;
}

static enum kith_err write_one(struct copying *c, const struct blob_entry *b,
			       struct kith_error *e)
{
	const struct blob_write how = { .id = &b->id, .limit = c->bytes_max };
	struct blob_writer *w;
	enum kith_err err = blob_writer_new(c->ours, &how, &w, e);

	if (err)
		return err;
	err = blob_copy(c->theirs, &b->id, w, e);
	if (!err)
		return blob_batch_add(&c->batch, w, e);
	blob_writer_drop(w);
	return err;
}

static void count(struct copying *c, const struct blob_came *came)
{
	c->count.taken++;
	c->bytes += came->size;
}

/* Whoever refers to it says how near it is.  In a dry run it is read, too: what
 * is said of it is true. */
static enum kith_err take(struct copying *c, const struct blob_entry *b,
			  struct kith_error *e)
{
	const struct blob_came came = { b->id, b->size, BLOB_HOPS_NONE };
	enum kith_err err;

	if (!c->adopt->dry) {
		c->came[c->batch.count] = came;
		return write_one(c, b, e);
	}
	err = blob_verify(c->theirs, &b->id);
	if (err)
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	count(c, &came);
	return KITH_OK;
}

/* What is in the batch is taken once it is durable, and noted. */
static int settle(struct copying *c)
{
	size_t n = c->batch.count, done;
	struct kith_error e = { 0 };
	enum kith_err err = blob_batch_finish(&c->batch, &e), note = KITH_OK;
	int code = EXIT_DONE;

	done = c->batch.done;
	if (done)
		note = depot_way_came(&c->adopt->way, c->came, done, &e);
	if (note)
		done = 0;
	for (size_t i = 0; i < done; i++)
		count(c, &c->came[i]);
	for (size_t i = done; !code && i < n; i++)
		code = fail(c, &c->came[i].id, err ? err : note, &e);
	return code;
}

/* --- here already --------------------------------------------------------- */

static int note_found(struct copying *c)
{
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;

	if (c->found_count)
		err = depot_way_came(&c->adopt->way, c->found, c->found_count,
				     &e);
	c->found_count = 0;
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

static bool is_noted(const struct copying *c, const struct kith_blob_id *id)
{
	struct blob_row row = { 0 };
	struct txn *t;

	if (store_read(sink_store(c->adopt->sink), &t))
		return true;
	(void)blob_row_get(t, id, &row);
	txn_end(t);
	return row.state == BLOB_HERE;
}

/* The empty one is everywhere. */
static int know(struct copying *c, const struct kith_blob_id *id,
		uint64_t size)
{
	c->count.known++;
	if (c->adopt->dry || !size || is_noted(c, id))
		return EXIT_DONE;
	c->found[c->found_count++] =
		(struct blob_came){ *id, size, BLOB_HOPS_NONE };
	return c->found_count == BLOB_BATCH_MAX ? note_found(c) : EXIT_DONE;
}

/* --- one of theirs -------------------------------------------------------- */

static int take_one(struct copying *c, const struct blob_entry *b)
{
	struct kith_error e = { 0 };
	uint64_t size;
	enum kith_err err;

	progress_step(&c->progress, b->size);
	if (!blob_size(c->ours, &b->id, &size))
		return know(c, &b->id, size);
	if (b->size >= c->bytes_max) {
		leave(c, &b->id, "it is larger than blobs.max in the config "
				 "file allows");
		return EXIT_DONE;
	}
	err = take(c, b, &e);
	if (err)
		return fail(c, &b->id, err, &e);
	return blob_batch_is_full(&c->batch) ? settle(c) : EXIT_DONE;
}

/* --- all ------------------------------------------------------------------ */

static void say(struct copying *c)
{
	char size[TEXT_SIZE_BYTES], more[TEXT_SIZE_BYTES + 4];

	text_size(c->bytes, size);
	snprintf(more, sizeof(more), "; %s", size);
	adopt_say(c->adopt, "blobs", &c->count, c->bytes ? more : "");
}

static int take_all(struct copying *c)
{
	struct blob_walk *w = blob_walk_new(c->theirs, NULL);
	struct blob_entry b;
	int code = EXIT_DONE, last;

	if (!w)
		return tool_fail(EXIT_FAILED, "out of memory");
	while (!code && !interrupt_pending() && blob_walk_next(w, &b))
		code = take_one(c, &b);
	last = settle(c);
	code = code ? code : last;
	last = note_found(c);
	code = code ? code : last;
	if (!code && blob_walk_error(w))
		code = tool_fail(EXIT_UNREADABLE, "the blobs in %s cannot be "
				 "read: %s", c->adopt->folder,
				 kith_strerror(blob_walk_error(w)));
	if (!code && interrupt_pending())
		code = tool_fail(EXIT_FAILED, "interrupted: adopt again, and it "
				 "goes on from there");
	blob_walk_free(w);
	return code;
}

static int open_both(struct copying *c)
{
	struct tool *t = c->adopt->tool;
	struct kith_error e = { 0 };
	struct network network;
	int code = network_read(t->home, &network);

	if (code)
		return code;
	c->bytes_max = network.blob_max;
	return blobs_open_folder(c->adopt->folder, &c->theirs, &e) ||
			       blobs_open(t->home, &c->ours, &e)
		       ? tool_fail(EXIT_UNREADABLE, "%s", e.text)
		       : EXIT_DONE;
}

int adopt_blobs(struct adopt *a)
{
	struct copying c = { .adopt = a };
	int code = EXIT_DONE;

	if (!a->found.there[SSB_BLOBS])
		return EXIT_DONE;
	progress_start(&c.progress, "looked at", false);
	c.progress.things = "blobs";
	code = open_both(&c);
	if (!code)
		code = take_all(&c);
	progress_end(&c.progress);
	if (c.ours)
		say(&c);
	blobs_close(c.theirs);
	blobs_close(c.ours);
	return code;
}
