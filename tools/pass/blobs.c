#include "tools/pass/blobs.h"

#include <errno.h>
#include <stdio.h>
#include <sodium.h>

#include "feeds/json.h"
#include "src/store/wall.h"
#include "tools/network.h"
#include "tools/pass/way.h"
#include "tools/text/text.h"

enum { PIECE_BYTES = 64 * 1024, ARGS_BYTES = KITH_REF_TEXT_BYTES + 64 };

/* --- the way -------------------------------------------------------------- */

static int open_here(struct blobs_way *w)
{
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };
	struct network network;
	enum kith_err err;
	int code = network_read(w->tool->home, &network);

	if (code)
		return code;
	o.limit_bytes = network.store_limit;
	err = store_open(w->tool->home, &o, &w->store, &e);
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

int blobs_begin(struct blobs_way *w, struct tool *t)
{
	struct kith_error e = { 0 };
	enum kith_err err;
	int code;

	*w = (struct blobs_way){ .tool = t };
	/* One environment a process: the writer opens its own. */
	store_close(t->store);
	t->store = NULL;
	err = blobs_open(t->home, &w->blobs, &e);
	if (err)
		return tool_explain(&e, err);
	code = way_find(t, &w->kithd);
	return code || w->kithd ? code : open_here(w);
}

void blobs_end(struct blobs_way *w)
{
	store_close(w->store);
	client_close(w->kithd);
	blobs_close(w->blobs);
}

/* --- words ---------------------------------------------------------------- */

static int say_here(struct blobs_way *w, const struct kith_blob_id *id,
		    enum blob_word word, struct blobs_said *out)
{
	struct blob_task task = { .blobs = w->blobs, .id = *id, .word = word,
				  .now_us = wall_us() };
	struct kith_error e = { 0 };
	enum kith_err err = blob_say(w->store, &task, &e);

	if (err == KITH_ENOENT)
		return tool_fail(EXIT_NOT_FOUND, "%s", e.text);
	if (err)
		return tool_explain(&e, err);
	*out = (struct blobs_said){ task.changed, task.here,
				    task.row.pinned };
	return EXIT_DONE;
}

static int say_there(struct blobs_way *w, const struct kith_blob_id *id,
		     enum blob_word word, struct blobs_said *out)
{
	char text[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct kith_error e = { 0 };
	struct kith_slice reply;
	enum kith_err err;

	kith_blob_print(id, text);
	snprintf(args, sizeof(args), "[{\"id\":\"%s\",\"word\":\"%s\"}]", text,
		 blob_word_name(word));
	err = client_call(w->kithd, "kith.blob", kith_text(args), &reply, &e);
	if (err)
		return tool_explain(&e, err);
	*out = (struct blobs_said){
		json_says_true(json_get(reply, "changed")),
		json_says_true(json_get(reply, "here")),
		json_says_true(json_get(reply, "pinned")),
	};
	return EXIT_DONE;
}

int blobs_say(struct blobs_way *w, const struct kith_blob_id *id,
	      enum blob_word word, struct blobs_said *out)
{
	return w->kithd ? say_there(w, id, word, out)
			: say_here(w, id, word, out);
}

/* --- files ---------------------------------------------------------------- */

/* The name that others will see: no folder of ours, and safe to show. */
static void take_name(const char *path, char out[static 256])
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;

	out[0] = '\0';
	if (strcmp(path, "-") != 0 && strlen(name) < 256 &&
	    text_is_utf8(kith_text(name)))
		memcpy(out, name, strlen(name) + 1);
}

static int read_all(FILE *f, const char *path, struct kith_buf *out)
{
	char size[TEXT_SIZE_BYTES];
	size_t n = 1;

	while (n && out->n <= out->limit) {
		uint8_t piece[PIECE_BYTES / 4];

		n = fread(piece, 1, sizeof(piece), f);
		kith_buf_put(out, (struct kith_slice){ piece, n });
		if (out->err == KITH_ETOOBIG) {
			text_size(out->limit + 1, size);
			return tool_fail(EXIT_FAILED, "%s: a blob has less "
					 "than %s (blobs.max)", path, size);
		}
		if (out->err)
			return tool_fail(EXIT_FAILED, "out of memory");
	}
	return ferror(f) ? tool_fail(EXIT_UNREADABLE, "cannot read %s: %s",
				     path, strerror(errno))
			 : EXIT_DONE;
}

int blobs_file_read(struct tool *t, const char *path, struct blobs_file *out)
{
	bool standard = strcmp(path, "-") == 0;
	struct network network;
	FILE *f;
	int code;

	*out = (struct blobs_file){ 0 };
	code = network_read(t->home, &network);
	if (code)
		return code;
	out->bytes.limit = network.blob_max - 1;
	f = standard ? stdin : fopen(path, "rb");
	if (!f)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", path,
				 strerror(errno));
	code = read_all(f, path, &out->bytes);
	if (!standard)
		fclose(f);
	take_name(path, out->name);
	crypto_hash_sha256(out->id.b, out->bytes.p, out->bytes.n);
	out->media = media_look(kith_bytes(&out->bytes), out->bytes.n);
	out->plain_bytes = out->bytes.n;
	return code;
}

void blobs_file_clear(struct blobs_file *f)
{
	kith_buf_free(&f->bytes);
	sodium_memzero(f->unbox, sizeof(f->unbox));
}

static int add_there(struct blobs_way *w, const struct blobs_file *f)
{
	struct kith_slice left = kith_bytes(&f->bytes);
	char id[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct kith_error e = { 0 };
	enum kith_err err;

	kith_blob_print(&f->id, id);
	snprintf(args, sizeof(args), "[\"%s\"]", id);
	err = client_sink(w->kithd, "blobs.add", kith_text(args), &e);
	while (!err && left.n) {
		size_t n = left.n < PIECE_BYTES ? left.n : PIECE_BYTES;

		err = client_put(w->kithd, (struct kith_slice){ left.p, n },
				 &e);
		left.p += n;
		left.n -= n;
	}
	if (!err)
		err = client_sink_end(w->kithd, &e);
	return err ? tool_explain(&e, err) : EXIT_DONE;
}

static int add_here(struct blobs_way *w, const struct blobs_file *f)
{
	struct blob_write how = { .id = &f->id, .limit = UINT64_MAX };
	struct kith_error e = { 0 };
	struct blob_writer *to;
	struct blobs_said said;
	enum kith_err err = blob_writer_new(w->blobs, &how, &to, &e);

	if (err)
		return tool_explain(&e, err);
	err = blob_writer_put(to, kith_bytes(&f->bytes), &e);
	if (err)
		blob_writer_drop(to);
	else
		err = blob_writer_finish(to, NULL, &e);
	return err ? tool_explain(&e, err)
		   : say_here(w, &f->id, BLOB_WORD_ADDED, &said);
}

int blobs_add(struct blobs_way *w, const struct blobs_file *f)
{
	return w->kithd ? add_there(w, f) : add_here(w, f);
}

/* --- links ---------------------------------------------------------------- */

static void put_number(struct kith_buf *out, const char *name, uint64_t n)
{
	kith_buf_text(out, ",\"");
	kith_buf_text(out, name);
	kith_buf_text(out, "\":");
	kith_buf_uint(out, n);
}

void blobs_put_link(struct kith_buf *out, const struct blobs_file *f,
		    bool with_name)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&f->id, id);
	kith_buf_text(out, "{\"link\":");
	json_put_text(out, id);
	if (*f->unbox) {
		kith_buf_text(out, ",\"query\":{\"unbox\":");
		json_put_text(out, f->unbox);
		kith_buf_byte(out, '}');
	}
	if (with_name && *f->name) {
		kith_buf_text(out, ",\"name\":");
		json_put_text(out, f->name);
	}
	kith_buf_text(out, ",\"type\":");
	json_put_text(out, f->media.type);
	put_number(out, "size", f->plain_bytes);
	if (f->media.width) {
		put_number(out, "width", f->media.width);
		put_number(out, "height", f->media.height);
	}
	kith_buf_byte(out, '}');
}
