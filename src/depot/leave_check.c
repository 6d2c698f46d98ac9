/* Reading back what was written: only what comes from the medium again is
 * there. */
#include "feeds/peek.h"
#include "src/depot/leave.h"

static enum kith_err fail(const struct leave *l, const struct leave_check *c)
{
	return kith_fail(l->s->e, KITH_EIO, 0, "what was written to %.60s does "
			 "not read back the same (%s/%06u.seg): the medium "
			 "fails, or is smaller than it says", l->s->depot.medium->where,
			 l->s->name.name, c->number);
}

static enum kith_err see(struct leave_check *c, const struct depot_line *line)
{
	struct depot_range r;

	if (line->kind != DEPOT_MESSAGE ||
	    !msg_peek(line->json, &r.feed, &r.first))
		return KITH_OK;
	r.last = r.first;
	if (line->offset >= c->start) {
		c->counts.messages++;
		c->counts.bytes += line->json.n;
	}
	return depot_ranges_add(c->in, &r);
}

static enum kith_err read_lines(struct leave *l, struct leave_check *c,
				struct depot_reader *r, uint32_t *sum)
{
	struct depot_line line;
	enum depot_read what;
	uint64_t lines = 0;
	enum kith_err err = KITH_OK;

	while (!err) {
		err = depot_reader_next(r, &what, &line, l->s->e);
		if (err || what == DEPOT_READ_END)
			break;
		if (what == DEPOT_READ_DAMAGE && line.next > c->start)
			return fail(l, c);
		if (what == DEPOT_READ_DAMAGE)
			continue;
		if (line.offset >= c->start && line.kind != DEPOT_HEADER)
			*sum = crc32c(&l->crc, *sum, line.json);
		err = see(c, &line);
		if (!err && !(++lines & 4095))
			(void)session_go_on(l->s, DEPOT_CHECKING, lines,
					    depot_reader_bytes(r), 0);
	}
	return err;
}

enum kith_err leave_check(struct leave *l, struct leave_check *c)
{
	const struct depot_place from = { .number = c->number,
					  .offset = c->all ? 0 : c->start };
	struct depot_reader *r = NULL;
	uint32_t sum = 0;
	enum kith_err err;

	err = depot_reader_new(&l->s->depot, &l->s->name, DEPOT_SEGMENT, &from,
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
