/* Reading back what was written: only what comes from the medium again is
 * there. */
#include "feeds/peek.h"
#include "src/depot/leave.h"

static enum kith_err fail(const struct leave *l, const struct leave_check *c)
{
	char name[FOLDER_NAME_BYTES];

	depot_name_file(name, &l->s->name, c->file, c->number);
	return kith_fail(l->s->e, KITH_EIO, 0, "what was written to %.40s does "
			 "not read back the same (%.50s): the medium fails, or "
			 "is smaller than it says", l->s->depot.medium->where,
			 name);
}

enum kith_err leave_check_init(struct leave_check *c)
{
	struct depot_hash of_nothing;

	depot_hash_init(&of_nothing);
	depot_hash_end(&of_nothing, c->sha256);
	c->in = depot_ranges_new();
	c->marks = depot_ranges_new();
	c->proofs = (struct kith_buf){ .limit = LEAVE_INDEX_PROOFS_BYTES };
	return c->in && c->marks ? KITH_OK : KITH_ENOMEM;
}

void leave_check_clear(struct leave_check *c)
{
	depot_ranges_free(c->in);
	depot_ranges_free(c->marks);
	kith_buf_free(&c->proofs);
}

static enum kith_err see_message(struct leave_check *c,
				 const struct depot_line *line)
{
	bool new = line->offset >= c->start;
	struct depot_range r;

	if (new) {
		c->counts.messages++;
		c->counts.bytes += line->json.n;
	}
	if ((new && c->claimed) || !msg_peek(line->json, &r.feed, &r.first))
		return KITH_OK;
	r.last = r.first;
	return depot_ranges_add(c->in, &r);
}

static enum kith_err see_claim(struct leave_check *c,
			       const struct depot_line *line)
{
	struct depot_range r;

	if (!c->claimed || line->offset < c->start ||
	    depot_range_decode(line->json, &r))
		return KITH_OK;
	return depot_ranges_add(c->in, &r);
}

static enum kith_err see_proof(struct leave_check *c,
			       const struct depot_line *line)
{
	struct kith_slice pair[2];
	struct depot_range mark;
	struct kith_feed_id feed;
	uint64_t sequence;

	if (!session_proof_read(line->json, pair, &feed, &sequence))
		return KITH_OK;
	c->counts.proofs += line->offset >= c->start;
	kith_buf_put(&c->proofs, line->json);
	kith_buf_byte(&c->proofs, '\n');
	mark = session_proof_mark(&feed, sequence);
	return depot_ranges_add(c->marks, &mark);
}

static enum kith_err see(struct leave_check *c, const struct depot_line *line)
{
	if (c->in && line->kind == DEPOT_MESSAGE)
		return see_message(c, line);
	if (c->in && line->kind == DEPOT_RANGE)
		return see_claim(c, line);
	if (c->marks && line->kind == DEPOT_FORK)
		return see_proof(c, line);
	return KITH_OK;
}

/* Whoever says stop gets a whole depot all the same. */
static void show(struct leave *l, uint64_t lines, uint64_t bytes)
{
	if (!session_go_on(l->s, DEPOT_CHECKING, lines, bytes, 0))
		return;
	l->s->stopped = true;
	*l->s->e = (struct kith_error){ 0 };
}

static enum kith_err read_lines(struct leave *l, struct leave_check *c,
				struct depot_reader *r, uint32_t *sum)
{
	struct depot_hash hash;
	struct depot_line line;
	enum depot_read what;
	uint64_t lines = 0;
	enum kith_err err = KITH_OK;

	depot_hash_init(&hash);
	while (!err) {
		err = depot_reader_next(r, &what, &line, l->s->e);
		if (err || what == DEPOT_READ_END)
			break;
		if (what == DEPOT_READ_DAMAGE && line.next > c->start)
			return fail(l, c);
		if (what == DEPOT_READ_DAMAGE)
			continue;
		if (c->all)
			depot_hash_line(&hash, &line);
		if (line.offset >= c->start && line.kind != DEPOT_HEADER)
			*sum = depot_line_sum(&l->crc, *sum, &line);
		err = see(c, &line);
		if (!err && !(++lines & 4095))
			show(l, lines, depot_reader_bytes(r));
	}
	depot_hash_end(&hash, c->sha256);
	return err;
}

enum kith_err leave_check(struct leave *l, struct leave_check *c)
{
	const struct depot_place from = { .number = c->number,
					  .offset = c->all ? 0 : c->start };
	struct depot_reader *r = NULL;
	uint32_t sum = 0;
	enum kith_err err;

	err = depot_reader_new(&l->s->depot, &l->s->name, c->file, &from,
			       &r, l->s->e);
	if (!err)
		err = read_lines(l, c, r, &sum);
	if (!err && sum != c->sum)
		err = fail(l, c);
	if (!err)
		depot_reader_place(r, &c->end);
	depot_reader_free(r);
	return err == KITH_EGAP || err == KITH_ENOENT ? fail(l, c) : err;
}
