#include "src/depot/session.h"

#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "src/depot/carry.h"
#include "src/depot/leave.h"
#include "src/depot/take.h"

void session_finding(struct session *s, const char *format, ...)
{
	char text[SESSION_FINDING_BYTES];
	va_list args;

	if (!s->config->finding || s->findings++ >= SESSION_FINDINGS_MAX)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	s->config->finding(s->config->arg, text);
}

enum kith_err session_go_on(struct session *s, enum depot_phase phase,
			    uint64_t messages, uint64_t bytes, uint64_t total)
{
	const struct depot_config *c = s->config;

	if (!c->progress || c->progress(c->arg, phase, messages, bytes, total))
		return KITH_OK;
	return kith_fail(s->e, KITH_EBUSY, 0, "interrupted");
}

/* --- whether there is anything to do --- */

/* Of who is in reach: a sum does not depend on the order. */
static uint64_t hash_graph(struct graph *g, int hops)
{
	uint8_t hash[crypto_generichash_BYTES_MIN];
	struct kith_feed_id feed;
	uint64_t sum = 0;
	size_t at = 0;
	int away;

	while (graph_next(g, hops, &at, &feed, &away)) {
		crypto_generichash(hash, sizeof(hash), feed.b, sizeof(feed.b),
				   NULL, 0);
		sum += kith_be64(hash);
	}
	return sum;
}

struct log_state {
	uint64_t end, forgets;
};

static enum kith_err read_log(const struct session *s, struct log_state *out)
{
	struct txn *t;
	enum kith_err err = store_read(s->config->store, &t);

	if (err)
		return err;
	out->end = message_end(t);
	out->forgets = message_removed(t);
	err = txn_error(t);
	txn_end(t);
	return err;
}

/* Nothing came to the log since all of it was left that was to be, nobody else
 * wrote or said anything, and our head is the one that we wrote. */
static bool all_left(const struct session *s, const struct log_state *log)
{
	const struct depot_memory *m = s->memory;

	return m->log_end && m->log_end == log->end &&
	       m->forgets == log->forgets && m->graph == s->graph &&
	       s->head_there && s->head->generation == m->written &&
	       !depot_ranges_count(s->lost) &&
	       !s->moved && !s->notes_moved && !s->strange;
}

/* --- taking --- */

static struct depot_carry carry_of(struct session *s, struct depot_notes *words)
{
	return (struct depot_carry){
		.depot = &s->depot,
		.config = s->config,
		.known = s->memory->known,
		.known_count = s->memory->known_count,
		.self = &s->name,
		.own = words,
		.log_from = s->memory->graph == s->graph
				    ? s->memory->log_end : 0,
		.moved = s->moved || s->notes_moved,
		.report = s->report,
	};
}

static enum kith_err take(struct session *s)
{
	enum kith_err saved, err = session_writers(s);

	if (!err)
		err = take_all(s);
	if (s->config->dry_run || !s->taken)
		return err;
	saved = depot_memory_save(s->memory, s->e);
	return err ? err : saved;
}

/* --- leaving --- */

static uint64_t own_bytes(const struct session *s)
{
	uint64_t n = 0;

	for (size_t i = 0; i < s->head->count; i++)
		n += s->head->segments[i].bytes;
	return n;
}

/* What messages may take there. */
static uint64_t room_for(const struct session *s)
{
	uint64_t room = folder_room(s->depot.medium);
	uint64_t budget = s->config->budget_bytes, used = own_bytes(s);

	if (room != UINT64_MAX)
		room = room > LEAVE_RESERVE_BYTES ? room - LEAVE_RESERVE_BYTES
						  : 0;
	if (budget && (budget <= used || budget - used < room))
		room = budget > used ? budget - used : 0;
	return room;
}

/* The end of what goes out in any case: a full medium or a user's word ends it
 * in good order. */
static enum kith_err soften(struct leave *l, enum kith_err err)
{
	struct kith_error *e = l->s->e;

	if (err == KITH_EBUSY)
		l->s->stopped = true;
	else if (err == KITH_EFULL)
		l->full = true;
	else
		return err;
	if (e)
		*e = (struct kith_error){ 0 };
	return KITH_OK;
}

static enum kith_err leave_blobs(struct leave *l, struct depot_notes *words)
{
	struct session *s = l->s;
	struct depot_carry c = carry_of(s, words);

	if (l->full || s->stopped)
		return KITH_OK;
	c.room = l->room > l->spent ? l->room - l->spent : 0;
	return soften(l, depot_blobs_leave(&c, s->e));
}

/* What another session may begin with. */
static void remember(struct leave *l, const struct log_state *log)
{
	struct depot_memory *m = l->s->memory;

	if (l->full || l->s->stopped)
		return;
	m->log_end = log->end;
	m->forgets = log->forgets;
	m->graph = l->s->graph;
}

static enum kith_err put_all(struct leave *l, struct depot_notes *words)
{
	enum kith_err ended, err = leave_mend(l);

	if (!err)
		err = soften(l, leave_messages(l));
	if (!err)
		err = soften(l, leave_proofs(l));
	if (err) {
		depot_writer_drop(l->writer);
		l->writer = NULL;
		return err;
	}
	ended = leave_end(l);
	return ended ? ended : leave_blobs(l, words);
}

static void count_trial(struct leave *l)
{
	struct depot_counts *out = &l->s->report->out;

	out->messages = l->messages;
	out->bytes = l->bytes;
	/* Those of one feed stand together. */
	for (size_t i = 0; i < l->count; i++)
		out->feeds += !i ||
			      l->pieces[i].number != l->pieces[i - 1].number;
}

static void count_rest(struct leave *l)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct leave_piece *p = &l->pieces[i];

		if (l->full && p->next <= p->last)
			l->s->report->left_bytes +=
				p->bytes; /* about */
	}
}

static enum kith_err write_out(struct leave *l, struct depot_notes *words,
			       const struct log_state *log)
{
	struct session *s = l->s;
	enum kith_err err = put_all(l, words);

	count_rest(l);
	if (!err)
		err = leave_say(l, words);
	if (!err && s->lags)
		err = leave_begin(l);
	if (err)
		return err;
	remember(l, log);
	err = l->begun ? leave_head(l) : depot_memory_save(s->memory, s->e);
	if (!err && l->full)
		err = kith_fail(s->e, KITH_EFULL, 0, "there is no room for all "
				"in %.80s", s->depot.medium->where);
	return err;
}

static enum kith_err leave_what_is_new(struct session *s,
				       struct depot_notes *words,
				       const struct log_state *log)
{
	struct leave l = {
		.s = s,
		.room = room_for(s),
		.segment_bytes = s->config->segment_bytes
					 ? s->config->segment_bytes
					 : LEAVE_SEGMENT_BYTES,
	};
	enum kith_err err;

	crc32c_init(&l.crc);
	err = leave_find(&l);
	if (!err && s->config->dry_run)
		count_trial(&l);
	else if (!err)
		err = write_out(&l, words, log);
	s->report->nothing_new = !l.begun && !l.count &&
				 !s->report->in.messages &&
				 !s->report->in.blobs;
	free(l.pieces);
	return err;
}

/* --- all of it --- */

static bool may_leave(const struct session *s)
{
	return !s->config->import_only &&
	       (s->depot.folder->can & FOLDER_WRITES);
}

static enum kith_err exchange(struct session *s)
{
	struct depot_notes *words = NULL;
	struct depot_carry carry;
	struct log_state log = { 0 };
	enum kith_err err = take(s);

	s->graph = hash_graph(s->config->graph, s->config->hops);
	if (!err)
		err = read_log(s, &log);
	if (err)
		return err;
	carry = carry_of(s, s->own->notes);
	s->report->nothing_new = all_left(s, &log) &&
				 !depot_blobs_asked(&carry);
	if (s->report->nothing_new)
		return KITH_OK;
	err = leave_words(s, &words);
	carry.own = words;
	if (!err && !s->config->dry_run)
		err = depot_blobs_take(&carry, s->e);
	if (!err && may_leave(s))
		err = leave_what_is_new(s, words, &log);
	if (words != s->own->notes) /* they were not said */
		depot_notes_free(words);
	return err;
}

static enum kith_err prepare(struct session *s, struct folder *folder)
{
	s->counted = session_count(folder, s->report);
	s->head = calloc(1, sizeof(*s->head));
	s->lost = depot_ranges_new();
	s->feeds = session_feeds_new(s->config->store, s->config->graph,
				     s->config->hops);
	s->graph = hash_graph(s->config->graph, s->config->hops);
	if (!s->counted || !s->head || !s->lost || !s->feeds)
		return KITH_ENOMEM;
	return s->config->lost ? depot_ranges_join(s->lost, s->config->lost)
			       : KITH_OK;
}

static void clear(struct session *s)
{
	session_feeds_free(s->feeds);
	depot_ranges_free(s->lost);
	depot_memory_close(s->memory);
	depot_leave(&s->depot);
	free(s->head);
	folder_free(s->counted);
}

enum kith_err depot_sync(struct folder *folder,
			 const struct depot_config *config,
			 struct depot_report *out, struct kith_error *e)
{
	struct kith_error own = { 0 };
	struct session *s = calloc(1, sizeof(*s));
	enum kith_err err;

	*out = (struct depot_report){ 0 };
	if (!s)
		return KITH_ENOMEM;
	s->config = config;
	s->report = out;
	s->e = e ? e : &own;
	err = prepare(s, folder);
	if (!err)
		err = session_enter(s);
	if (!err)
		err = session_self(s);
	if (!err)
		err = exchange(s);
	if (!err && s->stopped)
		err = kith_fail(s->e, KITH_EBUSY, 0, "interrupted");
	clear(s);
	free(s);
	return err;
}
