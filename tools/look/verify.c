#include "tools/look/commands.h"

#include <errno.h>
#include <stdlib.h>

#include "feeds/base64.h"
#include "feeds/peek.h"
#include "src/ingest/pool.h"
#include "src/source/texts.h"
#include "tools/from/feed_tips.h"
#include "tools/look/verify_report.h"
#include "tools/network.h"
#include "tools/pick/select.h"
#include "tools/stream/interrupt.h"
#include "tools/text/progress.h"

/* More messages than any pool holds at once. */
enum { WAITING_MAX = 16384 };

enum chain { CHAIN_GOES_ON, CHAIN_BEGINS, CHAIN_UNKNOWN };

/* What is known of a message while its signature is being checked. */
struct waiting {
	const char *name; /* of its file, NULL: the store */
	uint64_t line;
	size_t offset; /* of the value in it */
	bool too_long;
	/* Of the store: the id that it is stored under, and how it hangs on
	 * the message before it, or on tip. */
	struct kith_msg_id stored;
	enum chain chain;
	struct kith_tip tip;
};

struct verification {
	struct tool *tool;
	struct pool *pool;
	struct progress progress;
	struct verify_report report;
	bool strict; /* ends at the first finding */
	bool whole;  /* feeds in files begin at their first message */
	bool one;    /* one message was asked for */
	bool findings;

	struct waiting *waiting; /* by number modulo WAITING_MAX */
	uint64_t put, settled;

	enum chain chain;	/* of the store: where the walk is */
	struct kith_tip tip;
	struct feed_tips *tips; /* of the file */

	/* The first message of the only file: how much is told of it depends
	 * on whether another follows. */
	bool holds_first;
	struct kith_buf first;
	struct kith_tip first_tip;
	struct verify_subject first_subject;
};

/* Where the feed of a message stands, as far as can be told; NULL: it
 * cannot. */
static const struct kith_tip *tip_before(struct verification *v,
					 const struct waiting *w,
					 struct kith_slice value)
{
	static const struct kith_tip empty;
	const struct kith_tip *tip = NULL;
	struct kith_feed_id author;
	uint64_t sequence = 0;

	if (!w->name && w->chain != CHAIN_GOES_ON) {
		v->chain = w->chain;
		v->tip = w->tip;
	}
	if (!w->name)
		return v->chain == CHAIN_UNKNOWN ? NULL : &v->tip;
	if (msg_peek(value, &author, &sequence) && author.format)
		tip = feed_tips_get(v->tips, &author);
	if (v->whole)
		return tip ? tip : &empty;
	return tip && sequence == tip->sequence + 1 ? tip : NULL;
}

static void keep_tip(struct verification *v, const struct waiting *w,
		     const struct kith_msg *m)
{
	struct kith_tip tip = { m->sequence, m->id, m->claimed };

	if (w->name)
		feed_tips_put(v->tips, &m->author, &tip);
	else
		v->tip = tip;
}

static bool is_over(const struct verification *v)
{
	return v->strict && v->findings;
}

static void report(struct verification *v, const struct verify_subject *s,
		   bool only)
{
	if (!report_message(&v->report, s, only))
		v->findings = true;
}

static void report_first(struct verification *v, bool only)
{
	if (!v->holds_first)
		return;
	v->holds_first = false;
	report(v, &v->first_subject, only);
}

/* Keeps what the first message is until report_first; false: out of memory. */
static bool hold_first(struct verification *v, const struct verify_subject *s)
{
	kith_buf_put(&v->first, s->value);
	if (v->first.err)
		return false;
	v->first_subject = *s;
	v->first_subject.value = kith_bytes(&v->first);
	if (s->tip) {
		v->first_tip = *s->tip;
		v->first_subject.tip = &v->first_tip;
	}
	v->holds_first = true;
	return true;
}

static void settle_item(struct verification *v, const struct pool_item *it)
{
	const struct waiting *w = &v->waiting[it->tag % WAITING_MAX];
	bool sound = !it->code && it->valid && !w->too_long;
	struct verify_subject s = {
		.name = w->name,
		.line = w->line,
		.offset = w->offset,
		.too_long = w->too_long,
		.value = it->value,
		.tip = tip_before(v, w, it->value),
		.stored = w->stored,
	};

	s.misfiled = sound && !w->name &&
		     !kith_msg_equal(&w->stored, &it->message.id);
	s.good = sound && !s.misfiled &&
		 (!s.tip || kith_chain(s.tip, &it->message) == KITH_OK);
	report_first(v, false);
	if (is_over(v))
		return;
	if (it->tag || !w->name || !hold_first(v, &s))
		report(v, &s, v->one);
	if (sound)
		keep_tip(v, w, &it->message);
	v->settled++;
}

/* Checks what the oldest batch brought; false: there is none. */
static bool settle_batch(struct verification *v)
{
	const struct pool_batch *batch = pool_next(v->pool);

	if (!batch)
		return false;
	for (size_t i = 0; i < batch->count; i++)
		if (!is_over(v))
			settle_item(v, &batch->items[i]);
	pool_release(v->pool);
	return true;
}

static void settle(struct verification *v)
{
	pool_submit(v->pool);
	while (settle_batch(v))
		;
}

static int add(struct verification *v, struct waiting w,
	       struct kith_slice value)
{
	enum kith_err err;

	do {
		while (!pool_batch(v->pool))
			settle_batch(v);
		err = pool_put(v->pool, value, KITH_CLASSIC, v->put);
		if (err == KITH_ETOOBIG)
			pool_submit(v->pool);
	} while (err == KITH_ETOOBIG);
	if (err)
		return tool_fail(EXIT_FAILED, "out of memory");
	v->waiting[v->put++ % WAITING_MAX] = w;
	progress_step(&v->progress, value.n);
	return EXIT_DONE;
}

/* ---- files */

static int add_text(struct verification *v, const char *name,
		    const struct text *text)
{
	struct waiting w = { .name = name, .line = text->line,
			     .too_long = text->too_long };
	struct kith_slice value = text->json;

	if (w.too_long)
		value = KITH_SLICE(" "); /* not looked at */
	else if (lines_value(text->json, &value, NULL))
		w.offset = (size_t)(value.p - text->json.p);
	else
		value = text->json;
	return add(v, w, value);
}

static int verify_texts(struct verification *v, const char *name,
			struct texts *t)
{
	struct text text;
	int code = EXIT_DONE;

	progress_total(&v->progress, unpack_size(t->lines.unpack));
	while (!code && !is_over(v) && texts_next(t, &text)) {
		code = add_text(v, name, &text);
		progress_at(&v->progress, unpack_position(t->lines.unpack));
		/* Who waits for more may want to see what there was. */
		if (texts_may_wait(t))
			settle(v);
	}
	settle(v);
	return code;
}

static int verify_file(struct verification *v, const char *name)
{
	const char *shown = strcmp(name, "-") ? name : "standard input";
	struct texts t;
	int code;

	feed_tips_clear(v->tips);
	if (!texts_open(&t, name, interrupt_stops, NULL))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	code = verify_texts(v, shown, &t);
	if (!code && texts_failed(&t))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s behind line "
				 "%llu: %s", shown,
				 (unsigned long long)t.lines.number,
				 texts_failed(&t));
	texts_close(&t);
	return code;
}

/* ---- the store */

/* The message before the first of a range is where its chain hangs. */
static enum chain start_chain(struct walk *w, struct kith_tip *tip)
{
	const struct selection *of = &w->of;
	struct message_row before;
	enum chain chain = CHAIN_BEGINS;
	struct txn *t;

	*tip = (struct kith_tip){ 0 };
	if (of->kind != SELECT_FEED)
		return CHAIN_UNKNOWN;
	if (of->first <= 1 || store_read(w->store, &t))
		return chain;
	if (message_by_sequence(t, of->feed.number, of->first - 1, &before))
		*tip = (struct kith_tip){ .sequence = before.sequence,
					  .id = before.id };
	else
		chain = CHAIN_UNKNOWN;
	txn_end(t);
	return chain;
}

static int verify_selection(struct verification *v, const struct selection *of)
{
	struct waiting first = { 0 };
	struct view_message m;
	struct message_row row;
	struct walk w;
	int code = EXIT_DONE;

	walk_start(&w, v->tool->store, of, false);
	first.chain = start_chain(&w, &first.tip);
	while (!code && !is_over(v) && walk_next(&w, &m, &row)) {
		first.stored = row.id;
		code = add(v, first, row.canon);
		first.chain = CHAIN_GOES_ON;
	}
	walk_end(&w);
	if (w.err && !code) {
		settle(v);
		v->findings = true;
		code = tool_fail(EXIT_FAILED, "after %llu messages the store "
				 "cannot be read: %s",
				 (unsigned long long)v->settled,
				 kith_strerror(w.err));
	}
	return code;
}

/* Feed by feed, so that every link of every chain is looked at. */
static int verify_store(struct verification *v)
{
	struct selection of = { .kind = SELECT_FEED };
	uint32_t number = 0;
	struct txn *t;
	bool more = true;
	int code = EXIT_DONE;

	while (!code && !is_over(v)) {
		if (store_read(v->tool->store, &t))
			return tool_fail(EXIT_UNREADABLE,
					 "the store cannot be read");
		more = feed_next(t, &number, &of.feed);
		txn_end(t);
		if (!more)
			break;
		of.first = of.feed.first;
		of.last = of.feed.last;
		if (of.last)
			code = verify_selection(v, &of);
	}
	return code;
}

static bool is_selection(const char *text)
{
	return *text == '@' || *text == '%' || !strncmp(text, "rx:", 3) ||
	       !strncmp(text, "ssb:", 4) || !strncmp(text, "name:", 5);
}

static int verify_here(struct verification *v, const char *text)
{
	struct selection of;
	int code = select_for(v->tool, text, &of);

	return code ? code : verify_selection(v, &of);
}

static bool is_one(struct verification *v, const char *text)
{
	struct selection of;

	return is_selection(text) &&
	       !select_for(v->tool, text, &of) &&
	       (of.kind == SELECT_MESSAGE || of.first == of.last);
}

/* ---- the command */

/* The key of --hmac, or the one of the home that the messages come from. */
static int find_key(struct tool *t, bool here, struct network *out)
{
	const char *text = tool_option(t, 'k');

	*out = (struct network){ .has_key = text };
	if (text)
		return base64_decode(kith_text(text), out->key,
				     sizeof(out->key))
			? EXIT_DONE
			: tool_fail(EXIT_MISUSED, "--hmac takes 32 bytes in "
				    "base64");
	return here ? network_read(t->home, out) : EXIT_DONE;
}

static int verify_all(struct verification *v, int count, char **sources)
{
	int code = EXIT_DONE;

	if (!count)
		code = verify_store(v);
	for (int i = 0; !code && !is_over(v) && i < count; i++)
		code = is_selection(sources[i]) ? verify_here(v, sources[i]) :
						  verify_file(v, sources[i]);
	settle(v);
	report_first(v, count == 1);
	return code;
}

static int prepare(struct verification *v, const struct network *network)
{
	const uint8_t *hmac = network->has_key ? network->key : NULL;
	struct pool_config config = { .hmac = hmac, .signatures = true };

	v->pool = pool_start(&config);
	v->tips = feed_tips_new();
	v->waiting = calloc(WAITING_MAX, sizeof(*v->waiting));
	if (!v->pool || !v->tips || !v->waiting)
		return tool_fail(EXIT_FAILED, "out of memory");
	return report_start(&v->report, v->tool, hmac,
			    tool_option(v->tool, 'a'));
}

static int run(struct tool *t, int count, char **sources,
	       const struct network *network)
{
	struct verification v = {
		.tool = t,
		.strict = tool_option(t, 'x'),
		.whole = tool_option(t, 'w'),
		.first.limit = KITH_MSG_WIRE_BYTES_MAX + 1,
	};
	int code;

	v.one = count == 1 && is_one(&v, sources[0]);
	progress_start(&v.progress, "verified", tool_option(t, 'q'));
	code = prepare(&v, network);
	if (!code) {
		code = verify_all(&v, count, sources);
		progress_end(&v.progress);
		if (!code || v.settled)
			report_sums(&v.report);
		report_end(&v.report);
	}
	pool_stop(v.pool);
	feed_tips_free(v.tips);
	free(v.waiting);
	kith_buf_free(&v.first);
	return code ? code : v.findings ? EXIT_FAILED : EXIT_DONE;
}

int command_verify(struct tool *t, int argc, char **argv)
{
	struct network network;
	bool here = !argc;
	int code = EXIT_DONE;

	for (int i = 0; i < argc; i++)
		here = here || is_selection(argv[i]);
	if (here)
		code = tool_open(t, NEEDS_HOME | NEEDS_STORE);
	else if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	if (!code)
		code = find_key(t, here, &network);
	return code ? code : run(t, argc, argv, &network);
}
