/* The file that is written: opened, filled, synced, ended. */
#include "src/depot/leave.h"

enum kith_err leave_begin(struct leave *l)
{
	struct depot_memory *m = l->s->memory;
	uint64_t last = l->s->head->generation;

	if (l->begun)
		return KITH_OK;
	l->begun = true;
	/* Never one that a head had which is gone: others may have seen it. */
	if (m->written < last)
		m->written = last;
	m->written++;
	return depot_memory_save(m, l->s->e);
}

/* It ends where we know it to. */
const struct depot_place *leave_last(const struct leave *l)
{
	const struct depot_head *h = l->s->head;
	const struct depot_segment *last =
		h->count ? &h->segments[h->count - 1] : NULL;
	const struct depot_place *at;

	if (!last || last->closed || l->s->strange ||
	    !(l->s->depot.folder->can & FOLDER_APPENDS))
		return NULL;
	at = session_place(l->s->own, last->number);
	return at && at->offset && at->offset < l->segment_bytes ? at : NULL;
}

static enum kith_err next_number(struct leave *l, uint32_t *out)
{
	struct session *s = l->s;

	if (s->highest == DEPOT_SEGMENT_MAX ||
	    s->head->count == DEPOT_SEGMENTS_MAX)
		return kith_fail(s->e, KITH_ETOOBIG, 0, "we have too many "
				 "files in %.80s: see `kith depot gc`",
				 s->depot.medium->where);
	*out = ++s->highest;
	return KITH_OK;
}

enum kith_err leave_open(struct leave *l)
{
	const struct depot_place *at = leave_last(l);
	enum kith_err err = leave_begin(l);

	l->start = at ? at->offset : 0;
	l->number = at ? at->number : 0;
	if (!err && !at)
		err = next_number(l, &l->number);
	if (!err)
		err = depot_writer_new(&l->s->depot, &l->s->name,
				       DEPOT_SEGMENT, l->number, l->start,
				       &l->writer, l->s->e);
	l->synced = l->start;
	l->synced_sum = 0;
	l->claimed = 0;
	l->put = (struct depot_counts){ 0 };
	if (err == KITH_EFULL)
		l->full = true;
	return err;
}

/* What is torn behind it is cut off when the file is opened. */
enum kith_err leave_mend(struct leave *l)
{
	const struct depot_place *at = leave_last(l);
	const struct depot_head *h = l->s->head;
	char name[FOLDER_NAME_BYTES];
	uint64_t bytes;
	enum kith_err err;

	if (!at)
		return KITH_OK;
	depot_name_file(name, &l->s->name, DEPOT_SEGMENT, at->number);
	err = folder_size(l->s->depot.folder, name, &bytes, l->s->e);
	if (err || (bytes == at->offset &&
		    h->segments[h->count - 1].bytes == bytes))
		return err;
	return leave_open(l);
}

static enum kith_err put_line(struct leave *l, char kind,
			      struct kith_slice json)
{
	enum kith_err err =
		depot_writer_put(l->writer, kind, json, l->s->e);

	if (!err)
		l->spent += json.n + LEAVE_LINE_BYTES;
	return err;
}

static enum kith_err sync_now(struct leave *l)
{
	enum kith_err err = depot_writer_sync(l->writer, l->s->e);

	if (!err) {
		l->synced = depot_writer_bytes(l->writer);
		l->synced_sum = depot_writer_sum(l->writer);
	}
	return err;
}

enum kith_err leave_put(struct leave *l, char kind, struct kith_slice json)
{
	uint64_t bytes = json.n + LEAVE_LINE_BYTES;
	enum kith_err err = KITH_OK;

	if (l->full || bytes > l->room || l->spent > l->room - bytes) {
		l->full = true;
		return KITH_EFULL;
	}
	if (!l->writer)
		err = leave_open(l);
	if (!err)
		err = put_line(l, kind, json);
	if (err) {
		l->full = l->torn = err == KITH_EFULL;
		return err;
	}
	if (kind == DEPOT_MESSAGE) {
		l->put.messages++;
		l->put.bytes += json.n;
	}
	if (depot_writer_bytes(l->writer) - l->synced >= LEAVE_SYNC_BYTES)
		err = sync_now(l);
	l->full = l->torn = err == KITH_EFULL;
	l->ripe = depot_writer_bytes(l->writer) + DEPOT_LINE_BYTES_MAX >
		  l->segment_bytes;
	return err;
}

/* --- the end --- */

/* What was put is told behind it: against damage, and for who comes before the
 * file has an index. */
static enum kith_err put_claims(struct leave *l)
{
	struct kith_buf text = { .limit = DEPOT_LINE_JSON_MAX };
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < l->count; i++) {
		struct leave_piece *p = &l->pieces[i];
		const struct depot_range r = { p->feed, p->from, p->next - 1 };

		if (!p->from)
			continue;
		kith_buf_reset(&text);
		depot_range_encode(&text, &r);
		err = text.err ? text.err
			       : put_line(l, DEPOT_RANGE, kith_bytes(&text));
		l->s->report->out.feeds += !p->told;
		l->claimed += p->next - p->from;
		p->told = true;
		p->from = 0;
	}
	kith_buf_free(&text);
	return err;
}

/* There was no room: what was synced stays, the rest of it is cut off. */
static enum kith_err cut(struct leave *l, uint64_t *bytes)
{
	struct session *s = l->s;
	char name[FOLDER_NAME_BYTES];
	enum kith_err err;

	l->full = true;
	depot_writer_drop(l->writer);
	l->writer = NULL;
	l->claimed = 0;
	*bytes = 0;
	if (s->e)
		*s->e = (struct kith_error){ 0 };
	for (size_t i = 0; i < l->count; i++)
		l->pieces[i].from = 0;
	if (!l->synced || !(s->depot.folder->can & FOLDER_APPENDS)) {
		depot_name_file(name, &s->name, DEPOT_SEGMENT, l->number);
		return folder_remove(s->depot.folder, name, s->e);
	}
	err = depot_writer_new(&s->depot, &s->name, DEPOT_SEGMENT, l->number,
			       l->synced, &l->writer, s->e);
	if (!err) {
		err = depot_writer_finish(l->writer, bytes, s->e);
		l->writer = NULL;
	}
	return err;
}

static enum kith_err finish(struct leave *l, uint64_t *bytes)
{
	enum kith_err err = l->torn ? KITH_EFULL : put_claims(l);

	if (!err)
		err = sync_now(l);
	if (!err) {
		err = depot_writer_finish(l->writer, bytes, l->s->e);
		l->writer = NULL;
	}
	if (err == KITH_EFULL)
		return cut(l, bytes);
	depot_writer_drop(l->writer);
	l->writer = NULL;
	return err;
}

static struct depot_segment *segment_of(struct depot_head *h, uint32_t number)
{
	for (size_t i = 0; i < h->count; i++)
		if (h->segments[i].number == number)
			return &h->segments[i];
	h->segments[h->count] = (struct depot_segment){ .number = number };
	return &h->segments[h->count++];
}

/* Only what was read back counts. */
static enum kith_err count(struct leave *l, const struct leave_check *c)
{
	struct session *s = l->s;
	enum kith_err err = depot_ranges_join(s->own->ranges, c->in);

	if (!err)
		err = depot_ranges_join(s->own->ranges, c->marks);
	s->report->out.proofs += c->counts.proofs;
	s->report->out.messages += c->counts.messages;
	s->report->out.bytes += c->counts.bytes;
	l->put = (struct depot_counts){ 0 };
	if (!err)
		err = session_place_put(s->own, &c->end);
	return err;
}

enum kith_err leave_end(struct leave *l)
{
	struct depot_segment *segment;
	struct leave_check c = { .number = l->number, .start = l->start };
	uint64_t bytes = 0;
	enum kith_err err;

	if (!l->writer)
		return KITH_OK;
	err = finish(l, &bytes);
	if (err || !bytes)
		return err;
	c.sum = l->synced_sum;
	c.claimed = l->claimed && l->claimed == l->put.messages;
	c.all = bytes + DEPOT_LINE_BYTES_MAX > l->segment_bytes;
	err = leave_check_init(&c);
	if (!err)
		err = leave_check(l, &c);
	if (!err)
		err = count(l, &c);
	if (!err) {
		segment = segment_of(l->s->head, l->number);
		segment->bytes = bytes;
		if (c.all)
			err = leave_close(l, segment, &c);
	}
	leave_check_clear(&c);
	return err;
}

enum kith_err leave_roll(struct leave *l)
{
	enum kith_err err;

	if (!l->ripe)
		return KITH_OK;
	l->ripe = false;
	err = leave_end(l);
	return err ? err : leave_head(l);
}
