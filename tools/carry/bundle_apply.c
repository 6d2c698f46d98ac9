#include "tools/carry/bundle_apply.h"

#include <stdio.h>
#include <stdlib.h>

#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"

enum { LOOK_EVERY = 64 };

/* --- blobs ---------------------------------------------------------------- */

/* What a sink reads a blob from: its bytes, which are here already. */
struct bytes {
	struct folder_reader reader;
	struct folder folder;
	struct kith_slice rest;
};

static enum kith_err get_bytes(struct folder_reader *r, uint8_t *to, size_t n,
			       size_t *got, struct kith_error *e)
{
	struct bytes *b = (struct bytes *)r;

	(void)e;
	*got = n < b->rest.n ? n : b->rest.n;
	memcpy(to, b->rest.p, *got);
	b->rest.p += *got;
	b->rest.n -= *got;
	return KITH_OK;
}

/* It is nobody's in particular: whoever refers to it says how near it is. */
static int put_blob(struct apply *a)
{
	static const struct folder_ops ops = { .reader_get = get_bytes };
	const struct depot_blob blob = { a->blob.id, a->blob.size,
					 BLOB_HOPS_NONE };
	struct bytes b = { .folder.ops = &ops,
			   .rest = kith_bytes(&a->blob.bytes) };
	const struct depot_sink *sink = &a->way.ops;
	struct kith_error e = { 0 };
	enum kith_err err;

	b.reader.folder = &b.folder;
	err = sink->blob(sink->arg, &blob, &b.reader, &e);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

static int add_blob(struct apply *a)
{
	uint64_t size;

	a->blobs++;
	a->blob_bytes += a->blob.size;
	if (a->trial)
		return EXIT_DONE;
	if (blob_size(a->way.blobs, &a->blob.id, &size))
		return put_blob(a);
	a->known_blobs++;
	return EXIT_DONE;
}

static int take_piece(struct apply *a, const struct bundle_item *item)
{
	struct bundle_blob *b = &a->blob;
	int code = apply_end_messages(a);

	if (code)
		return code;
	if (bundle_blob_is_torn(b, &item->piece.blob))
		apply_complain(a, item, "the blob before it lacks its end");
	switch (bundle_blob_take(b, &item->piece)) {
	case BUNDLE_BLOB_MORE: return EXIT_DONE;
	case BUNDLE_BLOB_WHOLE: return add_blob(a);
	case BUNDLE_BLOB_TOO_BIG:
		apply_complain(a, item, "a blob is larger than blobs.max allows");
		return EXIT_DONE;
	case BUNDLE_BLOB_TORN:
		apply_complain(a, item, "a blob lacks the piece before this");
		return EXIT_DONE;
	case BUNDLE_BLOB_FALSE:
		apply_complain(a, item, "a blob is not what its id says");
		return EXIT_DONE;
	case BUNDLE_BLOB_NOMEM: break;
	}
	return tool_fail(EXIT_FAILED, "out of memory");
}

/* --- the file ------------------------------------------------------------- */

static int take_item(struct apply *a, const struct bundle_item *item)
{
	switch (item->kind) {
	case BUNDLE_MESSAGE:
		if (!a->messages_over)
			return apply_message(a, item);
		apply_complain(a, item, "a message stands behind blobs");
		break;
	case BUNDLE_PROOF:
		if (!a->messages_over)
			return apply_proof(a, item);
		apply_complain(a, item, "a proof stands behind blobs");
		break;
	case BUNDLE_PIECE: return take_piece(a, item);
	case BUNDLE_END: a->whole = item->end.whole; break;
	case BUNDLE_HEADER:
	case BUNDLE_HAVE:
	case BUNDLE_RANGE:
	case BUNDLE_OTHER: break;
	}
	return EXIT_DONE;
}

/* Looks for a signal now and then; false: no further. */
static bool goes_on(struct apply *a)
{
	if (++a->looked % LOOK_EVERY == 0 && interrupt_pending())
		a->stopped = true;
	return !a->stopped;
}

static int take_file(struct apply *a)
{
	enum bundle_step step = BUNDLE_ITEM;
	struct bundle_item item;
	int code = EXIT_DONE;

	progress_total(&a->progress, unpack_size(a->file.unpack));
	while (!code && step != BUNDLE_MORE && goes_on(a)) {
		code = bundle_file_next(&a->file, &step, &item);
		if (!code && step == BUNDLE_ITEM)
			code = take_item(a, &item);
		else if (!code && step == BUNDLE_DAMAGE)
			apply_complain(a, &item, item.why);
		progress_at(&a->progress, unpack_position(a->file.unpack));
	}
	if (!code && step == BUNDLE_MORE && bundle_blob_is_torn(&a->blob, NULL))
		apply_complain(a, &item, "the last blob lacks its end");
	return code;
}

/* --- what there is to say ------------------------------------------------- */

static void print_record(const struct apply *a, bool torn)
{
	struct record r;

	record_begin(&r);
	record_uint(&r, "far", a->far_messages);
	record_uint(&r, "proofs", a->proofs);
	record_uint(&r, "blobs", a->blobs);
	record_uint(&r, "known_blobs", a->known_blobs);
	record_uint(&r, "blob_bytes", a->blob_bytes);
	record_uint(&r, "damaged", a->damaged);
	record_bool(&r, "torn", torn);
	record_bool(&r, "whole", a->whole && !torn && !a->damaged);
	record_end(&r);
}

static void print_lines(const struct apply *a)
{
	char blobs[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	text_size(a->blob_bytes, size);
	if (a->blobs)
		printf("%s, %s; %llu known already\n",
		       text_count(a->blobs, "blob", blobs), size,
		       (unsigned long long)a->known_blobs);
	if (a->proofs)
		printf("%s of forks\n",
		       text_count(a->proofs, "proof", blobs));
	if (a->far_messages)
		printf("%s of feeds out of reach\n",
		       text_count(a->far_messages, "message", blobs));
	fflush(stdout);
}

static void advise(const struct apply *a, bool torn)
{
	if (a->far_messages)
		tool_note("out of reach: follow who wrote them and apply it "
			  "again; or name them with --feed, or take --all");
	if (a->tally.gap)
		tool_note("for what lies behind a gap: `kith bundle clock "
			  "FILE` says what is here, and whoever made this "
			  "bundle can make one --for that FILE");
	if (torn)
		tool_note("%s is torn: all in front of the tear is taken; get "
			  "it once more and apply it again", a->file.name);
	else if (a->damaged || !a->whole)
		tool_note("%s is damaged: what is whole in it is taken; get it "
			  "once more and apply it again", a->file.name);
}

static int explain_stop(const struct apply *a)
{
	if (!a->stopped)
		return EXIT_DONE;
	if (!*a->failure)
		return tool_fail(EXIT_FAILED, "interrupted: what was accepted "
				 "is written; apply it again, and it goes on "
				 "from there");
	return tool_fail(EXIT_UNREADABLE, "ended, nothing more can be written: "
			 "%s; make room and apply it again, and it goes on "
			 "from there", a->failure);
}

static int sum_up(struct apply *a)
{
	bool torn = !a->stopped && !bundle_file_ended(&a->file);
	int code;

	if (a->tool->json)
		print_record(a, torn);
	else
		print_lines(a);
	if (!a->stopped)
		advise(a, torn);
	code = explain_stop(a);
	if (!code)
		code = tally_code(&a->tally);
	return code || (a->whole && !torn && !a->damaged) ? code : EXIT_FAILED;
}

/* --- the word ------------------------------------------------------------- */

static int open_sink(struct apply *a)
{
	int code;

	if (a->trial)
		return sink_open(a->tool, apply_folder(a), &a->sink);
	code = depot_way_open(&a->way, a->tool);
	a->sink = a->way.sink;
	return code;
}

static int prepare(struct apply *a)
{
	const uint8_t *hmac = a->reach.network.has_key ? a->reach.network.key
						       : NULL;
	const char *folder = apply_folder(a);
	int code;

	a->blob.bytes.limit = a->reach.network.blob_max - 1;
	code = open_sink(a);
	if (code)
		return code;
	a->expect = expect_new(sink_store(a->sink));
	a->far = spill_new(folder, FAR_BYTES_MAX, SPILL_WAYS);
	a->decoder = kith_decoder_new(hmac);
	return a->expect && a->far && a->decoder
		       ? EXIT_DONE
		       : tool_fail(EXIT_FAILED, "out of memory");
}

static int run(struct apply *a, const char *name)
{
	int rest, code = bundle_file_open(&a->file, name);

	if (!code)
		code = bundle_reach_begin(&a->reach, a->tool);
	if (!code)
		code = prepare(a);
	if (code)
		return code;
	code = take_file(a);
	rest = apply_end_messages(a);
	code = code ? code : rest;
	return code ? code : sum_up(a);
}

static void clear(struct apply *a)
{
	bundle_file_close(&a->file);
	bundle_reach_end(&a->reach);
	expect_free(a->expect);
	spill_free(a->far);
	kith_decoder_free(a->decoder);
	if (a->trial)
		sink_close(a->sink);
	else
		depot_way_close(&a->way);
	bundle_blob_clear(&a->blob);
	free(a);
}

int bundle_apply(struct tool *t, int argc, char **argv)
{
	struct apply *a = calloc(1, sizeof(*a));
	int code;

	if (!a)
		return tool_fail(EXIT_FAILED, "out of memory");
	a->tool = t;
	a->trial = tool_option(t, 'n');
	a->tally.json = t->json;
	a->tally.trial = a->trial;
	interrupt_hold();
	progress_start(&a->progress, "read", false);
	code = run(a, argc ? argv[0] : "-");
	progress_end(&a->progress);
	clear(a);
	return code;
}
