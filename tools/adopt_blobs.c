/* kith adopt: blobs, read, hashed and copied one by one. */
#include <stdio.h>

#include "feeds/ref.h"
#include "src/depot/folder.h"
#include "src/store/blobs.h"
#include "tools/adopt.h"
#include "tools/interrupt.h"
#include "tools/network.h"
#include "tools/record.h"
#include "tools/text.h"

enum { TOLD_MAX = 10 };

struct copying {
	struct adopt *adopt;
	struct blobs *theirs, *ours;
	uint64_t bytes_max;
	struct adopt_count count;
	uint64_t bytes; /* that were taken */
	struct progress progress;
};

/* --- one ------------------------------------------------------------------ */

/* What the way in reads it from. */
struct reading {
	struct folder_reader reader;
	struct folder folder;
	struct blob_file *file;
	uint64_t offset;
};

/* The last bytes of one that is not what its name says are never given. */
static enum kith_err get(struct folder_reader *of, uint8_t *to, size_t n,
			 size_t *got, struct kith_error *e)
{
	struct reading *r = (struct reading *)of;
	enum kith_err err = blob_read(r->file, r->offset, to, n, got);

	if (err)
		return kith_fail(e, err, 0, "%s",
				 err == KITH_EFORMAT
					 ? "it is not what its name says"
					 : kith_strerror(err));
	r->offset += *got;
	return KITH_OK;
}

/* Whoever refers to it says how near it is. */
static enum kith_err copy(struct copying *c, const struct blob_entry *b,
			  struct kith_error *e)
{
	static const struct folder_ops ops = { .reader_get = get };
	const struct depot_sink *sink = &c->adopt->way.ops;
	const struct depot_blob blob = { b->id, b->size, BLOB_HOPS_NONE };
	struct reading r = { .folder.ops = &ops };
	enum kith_err err = blob_open(c->theirs, &b->id, &r.file);

	if (err)
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	r.reader.folder = &r.folder;
	err = sink->blob(sink->arg, &blob, &r.reader, e);
	blob_close(r.file);
	return err;
}

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

/* In a dry run it is read, too: what is said of it is true. */
static enum kith_err take(struct copying *c, const struct blob_entry *b,
			  struct kith_error *e)
{
	enum kith_err err;

	if (!c->adopt->dry)
		return copy(c, b, e);
	err = blob_verify(c->theirs, &b->id);
	return err ? kith_fail(e, err, 0, "%s",
			       err == KITH_EFORMAT
				       ? "it is not what its name says"
				       : kith_strerror(err))
		   : KITH_OK;
}

/* False: no more can be taken. */
static bool take_one(struct copying *c, const struct blob_entry *b, int *code)
{
	struct kith_error e = { 0 };
	uint64_t size;
	enum kith_err err;

	progress_step(&c->progress, b->size);
	if (!blob_size(c->ours, &b->id, &size)) {
		c->count.known++;
		return true;
	}
	if (b->size >= c->bytes_max) {
		leave(c, &b->id, "it is larger than blobs.max in the config "
				 "file allows");
		return true;
	}
	err = take(c, b, &e);
	if (err == KITH_EFULL || err == KITH_ENOMEM) {
		*code = tool_explain(&e, err);
		return false;
	}
	if (err) {
		leave(c, &b->id, *e.text ? e.text : kith_strerror(err));
		return true;
	}
	c->count.taken++;
	c->bytes += b->size;
	return true;
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
	int code = EXIT_DONE;

	if (!w)
		return tool_fail(EXIT_FAILED, "out of memory");
	while (!interrupt_pending() && blob_walk_next(w, &b) &&
	       take_one(c, &b, &code))
		continue;
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
