#include "tools/pass/depot_sink.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/ref.h"
#include "src/store/wall.h"
#include "tools/network.h"
#include "tools/pass/writer.h"

/* The tag of what is one half of a proof: nobody waits for its verdict. */
#define PROOF_TAG UINT32_MAX

/* All that one session takes (take.h), where none could be handed in. */
enum { PROOFS_BYTES_MAX = 48 << 20, BLOB_PIECE_BYTES = 64 * 1024,
       WORD_BYTES = KITH_REF_TEXT_BYTES + 64 };

/* The text was printed already. */
static enum kith_err told(int code, struct kith_error *e)
{
	return code ? kith_fail(e, KITH_EIO, 0, "the store takes nothing more")
		    : KITH_OK;
}

/* --- messages and proofs --- */

/* Hands in what proofs wait, as far as there is room. */
static int put_proofs(struct depot_way *w)
{
	struct kith_slice one;
	const uint8_t *end;
	int code = EXIT_DONE;

	while (!code && w->proofs.n && !sink_full(w->sink)) {
		end = memchr(w->proofs.p, '\n', w->proofs.n);
		one = (struct kith_slice){ w->proofs.p,
					   (size_t)(end - w->proofs.p) };
		code = sink_put(w->sink, one, PROOF_TAG);
		w->proofs_under_way++;
		kith_buf_drop(&w->proofs, one.n + 1);
	}
	return code;
}

static enum kith_err way_put(void *arg, struct kith_slice value, uint32_t tag,
			     struct kith_error *e)
{
	struct depot_way *w = arg;

	return told(sink_put(w->sink, value, tag), e);
}

static bool way_full(void *arg)
{
	struct depot_way *w = arg;

	return sink_full(w->sink);
}

static enum kith_err way_wait(void *arg, struct kith_error *e)
{
	struct depot_way *w = arg;
	int code = put_proofs(w);

	return told(code ? code : sink_wait(w->sink), e);
}

static bool way_next(void *arg, struct depot_verdict *out)
{
	struct depot_way *w = arg;
	struct sink_verdict v;

	while (sink_next(w->sink, &v)) {
		if (v.tag == PROOF_TAG) {
			w->proofs_under_way--;
			continue;
		}
		*out = (struct depot_verdict){ v.tag, v.verdict, v.code,
					       v.why };
		return true;
	}
	return false;
}

static enum kith_err way_proof(void *arg, struct kith_slice one,
			       struct kith_slice other, struct kith_error *e)
{
	struct depot_way *w = arg;
	enum kith_err err = told(put_proofs(w), e);

	if (err)
		return err;
	kith_buf_put(&w->proofs, one);
	kith_buf_byte(&w->proofs, '\n');
	kith_buf_put(&w->proofs, other);
	kith_buf_byte(&w->proofs, '\n');
	err = w->proofs.err;
	return err ? kith_fail(e, err, 0, "too many proofs of forks at once")
		   : KITH_OK;
}

/* Only for when no message is under way. */
static int settle_proofs(struct depot_way *w)
{
	struct depot_verdict v;
	int code = EXIT_DONE;

	while (!code && (w->proofs.n || w->proofs_under_way)) {
		code = put_proofs(w);
		if (!code)
			code = sink_wait(w->sink);
		while (way_next(w, &v))
			continue;
	}
	return code;
}

/* --- blobs --- */

static enum kith_err copy(struct folder_reader *from, struct blob_writer *to,
			  struct kith_error *e)
{
	uint8_t piece[BLOB_PIECE_BYTES / 4];
	size_t got;
	enum kith_err err;

	do {
		err = folder_reader_get(from, piece, sizeof(piece), &got, e);
		if (!err && got)
			err = blob_writer_put(to,
					      (struct kith_slice){ piece, got },
					      e);
	} while (!err && got);
	return err;
}

static enum kith_err write_file(struct depot_way *w,
				const struct depot_blob *blob,
				struct folder_reader *r, struct kith_error *e)
{
	const struct blob_write how = { .id = &blob->id,
					.limit = w->blob_bytes_max };
	struct blob_writer *to;
	enum kith_err err = blob_writer_new(w->blobs, &how, &to, e);

	if (err)
		return err;
	err = copy(r, to, e);
	if (err) {
		blob_writer_drop(to);
		return err;
	}
	return blob_writer_finish(to, NULL, e);
}

/* kithd learns of a file that is there by any word on it; this one changes
 * nothing else. */
static enum kith_err note_there(struct depot_way *w, struct client *kithd,
				const struct kith_blob_id *id,
				struct kith_error *e)
{
	char text[KITH_REF_TEXT_BYTES], args[WORD_BYTES];
	struct blob_row row;
	struct kith_slice reply;
	struct txn *t;

	if (store_read(sink_store(w->sink), &t))
		return KITH_EIO;
	(void)blob_row_get(t, id, &row);
	txn_end(t);
	kith_blob_print(id, text);
	snprintf(args, sizeof(args), "[{\"id\":\"%s\",\"word\":\"%s\"}]", text,
		 blob_word_name(row.pinned ? BLOB_WORD_PIN : BLOB_WORD_UNPIN));
	return client_call(kithd, "kith.blob", kith_text(args), &reply, e);
}

enum kith_err depot_way_came(struct depot_way *w, const struct blob_came *list,
			     size_t count, struct kith_error *e)
{
	struct writer *writer = sink_writer(w->sink);
	struct client *kithd = writer_daemon(writer);
	struct blobs_came came = { list, count, wall_us() };
	enum kith_err err = told(settle_proofs(w), e);

	if (!kithd)
		return err ? err : told(writer_task(writer, blobs_say_came,
						    &came, NULL), e);
	for (size_t i = 0; !err && i < count; i++)
		err = note_there(w, kithd, &list[i].id, e);
	return err;
}

static enum kith_err way_blob(void *arg, const struct depot_blob *blob,
			      struct folder_reader *r, struct kith_error *e)
{
	struct depot_way *w = arg;
	struct blob_came came = { .id = blob->id, .hops = blob->hops };
	enum kith_err err = write_file(w, blob, r, e);

	if (!err)
		err = blob_size(w->blobs, &blob->id, &came.size);
	return err ? err : depot_way_came(w, &came, 1, e);
}

/* --- open and close --- */

int depot_way_open(struct depot_way *w, struct tool *t)
{
	struct kith_error e = { 0 };
	struct network network;
	enum kith_err err;
	int code = network_read(t->home, &network);

	*w = (struct depot_way){ .tool = t,
				 .proofs = { .limit = PROOFS_BYTES_MAX } };
	w->ops = (struct depot_sink){ w,	way_put,  way_full, way_wait,
				      way_next, way_proof, way_blob };
	if (code)
		return code;
	w->blob_bytes_max = network.blob_max;
	err = blobs_open(t->home, &w->blobs, &e);
	if (err)
		return tool_explain(&e, err);
	return sink_open(t, NULL, &w->sink);
}

void depot_way_close(struct depot_way *w)
{
	/* Proofs that could not be handed in lie there still. */
	if (w->sink)
		(void)settle_proofs(w);
	sink_close(w->sink);
	blobs_close(w->blobs);
	kith_buf_free(&w->proofs);
}
