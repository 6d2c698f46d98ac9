#include "tools/from/from_fill.h"

#include <limits.h>
#include <stdlib.h>

#include "feeds/peek.h"
#include "src/ingest/ingest.h"
#include "src/source/temporary.h"
#include "src/store/local.h"
#include "src/views/view.h"
#include "tools/from/order.h"
#include "tools/stream/interrupt.h"
#include "tools/stream/spill.h"

/* A power of two, above what ingest_full lets be under way. */
enum { UNDER_WAY_MAX = 1 << 15, COLLECT_EVERY = 64 };

/* Where a message came from that is under way. */
struct origin {
	uint64_t at;
	uint32_t file; /* of files; UINT32_MAX: none */
};

struct fill {
	struct visit *visit;
	struct store *store;
	struct ingest *ingest;
	bool asked;	     /* all is sorted as it comes, and asked once */
	struct order *order; /* NULL: the source is in order, or asked */
	struct spill *spill; /* feeds that are not; NULL: none so far */
	char **files;	     /* names that origins refer to */
	uint32_t file_count;
	/* Tags count on; what comes back does so in the order of going in. */
	uint32_t given, taken;
	bool failed; /* what was taken cannot be kept */
	struct kith_error why;
	struct origin origins[UNDER_WAY_MAX];
};

static int no_memory(void)
{
	return tool_fail(EXIT_FAILED, "out of memory");
}

/* --- names of files ------------------------------------------------------- */

/* False: out of memory. */
static bool number_file(struct fill *f, const char *name, uint32_t *out)
{
	char **grown;

	*out = UINT32_MAX;
	if (!name)
		return true;
	if (f->file_count && !strcmp(f->files[f->file_count - 1], name)) {
		*out = f->file_count - 1;
		return true;
	}
	grown = realloc(f->files, (f->file_count + 1) * sizeof(*grown));
	if (!grown)
		return false;
	f->files = grown;
	grown[f->file_count] = strdup(name);
	if (!grown[f->file_count])
		return false;
	*out = f->file_count++;
	return true;
}

/* --- what became of messages ---------------------------------------------- */

static void refuse(struct fill *f, const struct ingest_result *r)
{
	const struct origin *from = &f->origins[r->tag % UNDER_WAY_MAX];
	const struct source_finding found = {
		.file = from->file == UINT32_MAX ? NULL : f->files[from->file],
		.at = from->at,
		.text = r->why,
		.feed = r->author.format ? &r->author : NULL,
		.sequence = r->sequence,
	};

	visit_finding(f->visit, &found);
}

static void settle(struct fill *f, const struct ingest_result *r)
{
	switch (r->verdict) {
	case INGEST_ADDED:
	case INGEST_KNOWN:
		break;
	case INGEST_GAP:
	case INGEST_FORK:
	case INGEST_INVALID:
	case INGEST_OWN:
		refuse(f, r);
		break;
	case INGEST_FAILED:
		if (!f->failed)
			kith_fail(&f->why, r->code, 0, "%s", r->why);
		f->failed = true;
		break;
	}
}

static void collect(struct fill *f)
{
	struct ingest_done done;

	while (ingest_done(f->ingest, &done)) {
		for (size_t i = 0; i < done.count; i++)
			settle(f, &done.results[i]);
		f->taken += (uint32_t)done.count;
	}
}

static enum kith_err hand_in(struct fill *f, struct kith_slice value,
			     const struct origin *from, int64_t received_us)
{
	if (f->given % COLLECT_EVERY == 0)
		collect(f);
	while (ingest_full(f->ingest) ||
	       f->given - f->taken == UNDER_WAY_MAX) {
		ingest_wait_some(f->ingest);
		collect(f);
	}
	if (f->failed)
		return KITH_EIO;
	f->origins[f->given % UNDER_WAY_MAX] = *from;
	/* Without a time nobody knows when and of whom it came. */
	return ingest_add_received(f->ingest, value, f->given++,
				   received_us ? 0 : PEER_UNKNOWN,
				   received_us);
}

/* --- in order ------------------------------------------------------------- */

/* Sorts a message in with those of its feed, for later. */
static enum kith_err keep(struct fill *f, const struct spill_entry *entry,
			  struct kith_error *e)
{
	if (!f->spill)
		f->spill = spill_new(temporary_folder(), SPILL_DISK_BYTES,
				     SPILL_WAYS);
	return f->spill ? spill_put(f->spill, entry, e) : KITH_ENOMEM;
}

static bool is_mixed(const struct fill *f, const struct kith_feed_id *feed)
{
	return f->asked || (f->order && order_is_mixed(f->order, feed));
}

static enum kith_err take(struct fill *f, const struct source_message *m,
			  struct kith_error *e)
{
	struct spill_entry entry = { .line = m->at, .value = m->value,
				     .received_us = m->received_us };
	struct origin from = { .at = m->at };

	if (!number_file(f, m->file, &from.file))
		return KITH_ENOMEM;
	entry.file = from.file;
	if (m->value.n <= KITH_MSG_WIRE_BYTES_MAX &&
	    msg_peek(m->value, &entry.feed, &entry.sequence) &&
	    is_mixed(f, &entry.feed))
		return keep(f, &entry, e);
	return hand_in(f, m->value, &from, m->received_us);
}

static enum kith_err take_kept(struct fill *f, struct kith_error *e)
{
	struct spill_entry entry;
	enum kith_err err;

	if (!f->spill)
		return KITH_OK;
	err = spill_sort(f->spill, e);
	while (!err) {
		struct origin from;

		err = interrupt_pending() ? KITH_EBUSY
					  : spill_next(f->spill, &entry, e);
		if (err)
			break;
		from = (struct origin){ entry.line, entry.file };
		err = hand_in(f, entry.value, &from, entry.received_us);
	}
	return err == KITH_ENOENT ? KITH_OK : err;
}

/* --- the walks ------------------------------------------------------------ */

/* Goes through the source, from its start. */
static enum kith_err
walk(struct fill *f,
     enum kith_err (*fn)(struct fill *f, const struct source_message *m,
			 struct kith_error *e),
     bool tell, struct kith_error *e)
{
	struct source *s = f->visit->source;
	enum source_step step = SOURCE_MESSAGE;
	enum kith_err err = source_rewind(s, e);

	f->visit->shown = 0;
	while (!err && step != SOURCE_END) {
		struct source_message m;
		struct source_finding found;

		err = source_next(s, &step, &m, &found, e);
		if (err || step == SOURCE_END)
			break;
		if (step == SOURCE_MESSAGE && source_is_other(&m, NULL)) {
			f->visit->others += tell;
		} else if (step == SOURCE_MESSAGE) {
			f->visit->progress.messages++;
			err = fn(f, &m, e);
		} else if (tell) {
			visit_finding(f->visit, &found);
		}
	}
	return err;
}

static enum kith_err see(struct fill *f, const struct source_message *m,
			 struct kith_error *e)
{
	struct kith_feed_id feed;
	uint64_t sequence;
	enum kith_err err = KITH_OK;

	if (msg_peek(m->value, &feed, &sequence))
		err = order_see(f->order, &feed, sequence);
	return err == KITH_ETOOBIG
		       ? kith_fail(e, err, 0, "it has more than %d feeds: "
				   "`kith import` it into a store",
				   ORDER_FEEDS_MAX)
		       : err;
}

static enum kith_err look_at_order(struct fill *f, struct kith_error *e)
{
	unsigned can = source_can(f->visit->source);

	f->asked = can & SOURCE_ASKED;
	if (can & (SOURCE_ORDERED | SOURCE_ASKED))
		return KITH_OK;
	f->order = order_new();
	return f->order ? walk(f, see, false, e) : KITH_ENOMEM;
}

static enum kith_err run(struct fill *f, struct kith_error *e)
{
	struct progress *p = &f->visit->progress;
	enum kith_err err;

	progress_start(p, "looked at", false);
	err = look_at_order(f, e);
	progress_end(p);
	progress_start(p, "verified", false);
	if (!err)
		err = walk(f, take, true, e);
	if (!err)
		err = take_kept(f, e);
	ingest_wait(f->ingest);
	collect(f);
	return err;
}

/* --- the store ------------------------------------------------------------ */

static enum kith_err open_store(struct fill *f, struct home *h,
				struct kith_error *e)
{
	const struct store_options o = { .write = true };
	const struct network *network = &f->visit->network;
	struct ingest_config config = {
		.hmac = network->has_key ? network->key : NULL,
		.gaps = true,
	};
	enum kith_err err = home_lock_writer(h, e);

	if (!err)
		err = store_open(h, &o, &f->store, e);
	if (!err)
		err = views_start(f->store, e);
	config.store = f->store;
	return err ? err : ingest_start(&config, &f->ingest, e);
}

static void fill_free(struct fill *f)
{
	ingest_stop(f->ingest);
	store_close(f->store);
	spill_free(f->spill);
	order_free(f->order);
	for (uint32_t i = 0; i < f->file_count; i++)
		free(f->files[i]);
	free(f->files);
	free(f);
}

static int explain(const struct fill *f, const struct kith_error *e,
		   enum kith_err err)
{
	if (f->failed)
		return tool_fail(EXIT_UNREADABLE, "what is in %s cannot be "
				 "kept in %s while it is looked at: %s",
				 f->visit->name, temporary_folder(),
				 f->why.text);
	if (err == KITH_ENOMEM)
		return no_memory();
	return visit_fail(f->visit, e, err);
}

int from_fill(struct visit *v, struct home *h)
{
	struct fill *f = calloc(1, sizeof(*f));
	struct kith_error e = { 0 };
	enum kith_err err;
	int code = EXIT_DONE;

	if (!f)
		return no_memory();
	f->visit = v;
	err = open_store(f, h, &e);
	if (err)
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	else
		err = run(f, &e);
	if (!code && (err || f->failed))
		code = explain(f, &e, err);
	if (!code && !f->given && v->findings)
		code = tool_fail(EXIT_UNREADABLE, "%s: no message can be read "
				 "in it", v->name);
	fill_free(f);
	return code;
}
