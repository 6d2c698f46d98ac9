#include <stdlib.h>

#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/store/blobs.h"
#include "src/store/proofs.h"
#include "src/views/link_walk.h"
#include "tools/carry/bundle_plan.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/text/progress.h"
#include "tools/text/text.h"

/* Blobs that one bundle may carry. */
enum { BLOBS_MAX = 1 << 20 };

struct create {
	struct tool *tool;
	struct bundle_reach reach;
	struct depot_ranges *has;
	struct bundle_wish wish;
	struct bundle_plan plan;
	struct bundle_out out;
	struct blobs *blobs; /* NULL: they stay here */
	struct kith_blob_id *named; /* by the messages, as often as that */
	size_t named_count, named_room;
	struct bundle_counts counts;
	uint64_t blobs_left; /* did not fit */
	struct progress progress;
};

/* --- blobs that messages name --------------------------------------------- */

static bool name_blob(struct create *c, const struct kith_blob_id *id)
{
	struct kith_blob_id *more;

	if (c->named_count == BLOBS_MAX)
		return true;
	more = list_room(c->named, c->named_count, &c->named_room,
			 sizeof(*more));
	if (!more)
		return false;
	c->named = more;
	c->named[c->named_count++] = *id;
	return true;
}

static bool name_blobs(struct create *c, const struct view_message *m)
{
	struct link_walk w;
	struct link l;
	bool fine = true;

	if (!c->blobs)
		return true;
	link_walk_start(&w, m->content);
	while (fine && link_walk_next(&w, &l))
		if (!l.channel && l.ref.kind == KITH_REF_BLOB)
			fine = name_blob(c, &l.ref.blob);
	return fine;
}

static int by_bytes(const void *a, const void *b)
{
	return memcmp(a, b, sizeof(struct kith_blob_id));
}

/* --- writing -------------------------------------------------------------- */

static int put_part(struct create *c, const struct bundle_part *part)
{
	const struct selection of = { .kind = SELECT_FEED, .range = true,
				      .feed = part->feed,
				      .first = part->first,
				      .last = part->last };
	uint64_t next = part->first;
	struct message_row row;
	struct view_message m;
	struct walk w;
	bool fine = true;

	walk_start(&w, c->tool->store, &of, false);
	while (fine && walk_next(&w, &m, &row) && row.sequence == next) {
		bundle_put_message(c->out.writer, row.canon);
		fine = bundle_out_flush(&c->out) && name_blobs(c, &m);
		progress_at(&c->progress, c->progress.messages);
		progress_step(&c->progress, row.canon.n);
		next++;
	}
	walk_end(&w);
	c->counts.messages += next - part->first;
	if (w.err)
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read "
				 "further: %s", kith_strerror(w.err));
	if (fine && next <= part->last)
		return tool_fail(EXIT_FAILED, "the store changed meanwhile: "
				 "try again");
	return EXIT_DONE;
}

static int put_messages(struct create *c)
{
	struct depot_range range;
	int code = EXIT_DONE;

	for (size_t i = 0; i < c->plan.count; i++) {
		const struct bundle_part *p = &c->plan.parts[i];

		range = (struct depot_range){ p->feed.id, p->first, p->last };
		bundle_put_range(c->out.writer, &range);
		if (!bundle_out_flush(&c->out))
			return EXIT_DONE;
	}
	progress_total(&c->progress, c->plan.messages);
	for (size_t i = 0; !code && i < c->plan.count; i++)
		code = put_part(c, &c->plan.parts[i]);
	return code;
}

/* False: it would be too much. */
static bool fits(struct create *c, uint64_t bytes)
{
	uint64_t limit = c->wish.bytes_max;
	uint64_t used = c->out.bytes + bundle_frame_bytes();

	return !limit || (used <= limit && bytes <= limit - used);
}

/* Evidence is for everybody who follows the feed. */
static int put_proofs(struct create *c)
{
	struct proof_row row = { 0 };
	struct txn *t;

	if (store_read(c->tool->store, &t))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	while (!c->out.failed && proof_next(t, &row)) {
		if (row.count != 2 || !bundle_reach_has(&c->reach, &row.feed) ||
		    bundle_wish_hides(&c->wish, &row.feed) ||
		    !fits(c, bundle_message_bytes(row.messages[0].canon.n +
						  row.messages[1].canon.n +
						  sizeof("{\"proof\":[,]}"))))
			continue;
		bundle_put_proof(c->out.writer, row.messages[0].canon,
				 row.messages[1].canon);
		c->counts.proofs++;
		(void)bundle_out_flush(&c->out);
	}
	txn_end(t);
	return EXIT_DONE;
}

static int put_file(struct create *c, const struct kith_blob_id *id,
		    struct blob_file *file)
{
	uint8_t bytes[BUNDLE_PIECE_BYTES];
	struct bundle_piece p = { .blob = *id, .size = blob_file_size(file) };
	enum kith_err err = KITH_OK;

	p.bytes.p = bytes;
	while (!err && p.at < p.size && !c->out.failed) {
		err = blob_read(file, p.at, bytes, sizeof(bytes), &p.bytes.n);
		if (err || !p.bytes.n)
			break;
		bundle_put_piece(c->out.writer, &p);
		(void)bundle_out_flush(&c->out);
		p.at += p.bytes.n;
	}
	c->counts.blobs += !err;
	return err ? tool_fail(EXIT_UNREADABLE, "a blob cannot be read: %s; "
			       "`kith blob gc --full` finds which",
			       kith_strerror(err))
		   : EXIT_DONE;
}

static int put_blob(struct create *c, const struct kith_blob_id *id)
{
	struct blob_file *file;
	int code = EXIT_DONE;

	if (blob_is_empty(id) || blob_open(c->blobs, id, &file))
		return EXIT_DONE; /* it is not here */
	if (fits(c, bundle_blob_bytes(blob_file_size(file))))
		code = put_file(c, id, file);
	else
		c->blobs_left++;
	blob_close(file);
	return code;
}

static int put_blobs(struct create *c)
{
	int code = EXIT_DONE;

	if (c->named_count)
		qsort(c->named, c->named_count, sizeof(*c->named), by_bytes);
	for (size_t i = 0; !code && i < c->named_count; i++)
		if (!i || by_bytes(&c->named[i - 1], &c->named[i]))
			code = put_blob(c, &c->named[i]);
	return code;
}

static int put_all(struct create *c)
{
	int code = put_messages(c);

	if (!code)
		code = put_proofs(c);
	if (!code && c->blobs)
		code = put_blobs(c);
	if (!code)
		code = bundle_out_finish(&c->out);
	return code;
}

/* --- what there is to say ------------------------------------------------- */

static void print_record(const struct create *c)
{
	struct record r;

	record_begin(&r);
	record_uint(&r, "messages", c->counts.messages);
	record_uint(&r, "feeds", c->plan.count);
	record_uint(&r, "proofs", c->counts.proofs);
	record_uint(&r, "blobs", c->counts.blobs);
	record_uint(&r, "bytes", c->out.bytes);
	record_uint(&r, "left", c->plan.left);
	record_uint(&r, "left_feeds", c->plan.left_feeds);
	record_uint(&r, "left_blobs", c->blobs_left);
	record_uint(&r, "hidden", c->plan.hidden);
	record_bool(&r, "dry", tool_option(c->tool, 'n'));
	record_end(&r);
}

static void print_line(const struct create *c)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];
	char proofs[TEXT_COUNT_BYTES], blobs[TEXT_COUNT_BYTES];
	char size[TEXT_SIZE_BYTES];

	text_size(c->out.bytes, size);
	tool_note("%s of %s, %s of forks, %s: %s%s",
		  text_count(c->counts.messages, "message", messages),
		  text_count(c->plan.count, "feed", feeds),
		  text_count(c->counts.proofs, "proof", proofs),
		  text_count(c->counts.blobs, "blob", blobs), size,
		  tool_option(c->tool, 'n') ? "; nothing was written" : "");
}

static void print_left(const struct create *c)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES];

	if (c->plan.hidden)
		tool_note("left out: %s whose authors block the reader",
			  text_count(c->plan.hidden, "feed", feeds));
	if (c->plan.left)
		tool_note("%s of %s did not fit: they go into the next bundle, "
			  "made with --for and the name of this one",
			  text_count(c->plan.left, "message", messages),
			  text_count(c->plan.left_feeds, "feed", feeds));
	if (c->blobs_left)
		tool_note("%s did not fit: raise --max-size",
			  text_count(c->blobs_left, "blob", messages));
}

/* A record goes to standard output, unless the bundle does. */
static void tell(const struct create *c, bool to_file)
{
	if (c->tool->json && to_file) {
		print_record(c);
		return;
	}
	print_line(c);
	print_left(c);
}

/* --- the word ------------------------------------------------------------- */

static int prepare(struct create *c)
{
	struct kith_error e = { 0 };
	int code = bundle_reach_begin(&c->reach, c->tool);

	if (!code && !tool_size(c->tool, 'm', &c->wish.bytes_max))
		code = EXIT_MISUSED;
	c->has = depot_ranges_new();
	if (!code && !c->has)
		code = tool_fail(EXIT_FAILED, "out of memory");
	if (!code)
		code = bundle_clock_read(c->tool, c->has, &c->wish.reader);
	if (!code && tool_option(c->tool, 'b') &&
	    blobs_open(c->tool->home, &c->blobs, &e))
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	c->wish.reach = &c->reach;
	c->wish.has = c->has;
	return code;
}

static int run(struct create *c, const char *name)
{
	bool qr = tool_option(c->tool, 'Q'), dry = tool_option(c->tool, 'n');
	int code = bundle_plan_make(&c->plan, c->tool->store, &c->wish);

	if (!code)
		code = bundle_out_open(&c->out, name, qr || dry);
	if (!code)
		code = put_all(c);
	progress_end(&c->progress);
	if (!code && qr && !dry)
		code = bundle_draw(&c->out);
	if (!code)
		tell(c, dry || (name && strcmp(name, "-") != 0));
	return code;
}

int bundle_create(struct tool *t, int argc, char **argv)
{
	struct create c = { .tool = t };
	int code;

	if (argc && tool_option(t, 'Q'))
		return tool_fail(EXIT_MISUSED, "either a FILE or --qr");
	progress_start(&c.progress, "written", tool_option(t, 'Q'));
	code = prepare(&c);
	if (!code)
		code = run(&c, argc ? argv[0] : NULL);
	bundle_out_close(&c.out);
	bundle_plan_free(&c.plan);
	blobs_close(c.blobs);
	depot_ranges_free(c.has);
	bundle_reach_end(&c.reach);
	free(c.named);
	return code;
}
