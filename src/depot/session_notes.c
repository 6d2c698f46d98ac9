/* What others say of themselves: only what is new is read. */
#include <stdlib.h>

#include "src/depot/session_private.h"

/* Of a file that was begun anew, or is not the one that we know. */
static enum kith_err start_over(struct session *s, struct depot_known *k,
				uint32_t number, struct depot_reader **out)
{
	struct depot_notes *fresh = depot_notes_new();

	if (!fresh)
		return KITH_ENOMEM;
	depot_notes_free(k->notes);
	k->notes = fresh;
	k->notes_at = (struct depot_place){ .number = number };
	return depot_reader_new(&s->depot, &k->id, DEPOT_NOTES, &k->notes_at,
				out, s->e);
}

static enum kith_err open_notes(struct session *s, struct depot_known *k,
				uint32_t number, struct depot_reader **out)
{
	enum kith_err err = KITH_EGAP;

	if (k->notes_at.number == number)
		err = depot_reader_new(&s->depot, &k->id, DEPOT_NOTES,
				       &k->notes_at, out, NULL);
	return err == KITH_EGAP ? start_over(s, k, number, out) : err;
}

static enum kith_err take_lines(struct session *s, struct depot_known *k,
				struct depot_reader *r)
{
	struct depot_line line;
	enum depot_read what;
	enum kith_err err;

	for (;;) {
		err = depot_reader_next(r, &what, &line, s->e);
		if (err || what == DEPOT_READ_END)
			return err;
		if (what == DEPOT_READ_DAMAGE && line.next != UINT64_MAX) {
			s->report->damaged++;
			session_finding(s, "%s/%06u.ack is damaged at byte "
					"%llu", k->id.name, k->notes_at.number,
					(unsigned long long)line.offset);
		}
		if (what == DEPOT_READ_LINE &&
		    depot_notes_take(k->notes, &line) == KITH_ENOMEM)
			return KITH_ENOMEM;
	}
}

/* Whatever we remember of any writer of the depot. */
static enum kith_err forget_range(const struct depot_memory *m,
				  const struct depot_range *lost)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < m->known_count; i++)
		if (m->known[i]->ranges)
			err = depot_ranges_remove(m->known[i]->ranges, lost);
	return err;
}

/* What is said to be lost, and was not said before, is readable nowhere any
 * more, whatever we remember.  Who writes it again says so behind that. */
static enum kith_err believe_losses(struct session *s,
				    struct depot_known *k,
				    const struct depot_ranges *old)
{
	const struct depot_ranges *lacks = depot_notes_lacks(k->notes);
	struct depot_range all, piece;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	while (!err && depot_ranges_next(lacks, &at, &all)) {
		while (!err && depot_ranges_lack(old, &all, &piece)) {
			err = forget_range(s->memory, &piece);
			all.first = piece.last + 1;
		}
	}
	return err;
}

enum kith_err session_notes_read(struct session *s, struct depot_known *k,
				 const struct depot_head *head)
{
	const struct depot_place before = k->notes_at;
	struct depot_ranges *old = depot_ranges_new();
	struct depot_reader *r = NULL;
	enum kith_err err = KITH_ENOMEM;

	if (old)
		err = depot_ranges_join(old, depot_notes_lacks(k->notes));
	if (!err && head->notes)
		err = open_notes(s, k, head->notes, &r);
	if (!err && r) {
		err = take_lines(s, k, r);
		depot_reader_place(r, &k->notes_at);
		s->notes_moved |= before.number != k->notes_at.number ||
				  before.offset != k->notes_at.offset;
	}
	depot_reader_free(r);
	if (err == KITH_ENOENT) {
		s->report->damaged++;
		session_finding(s, "%s/%06u.ack is missing", k->id.name,
				head->notes);
		err = KITH_OK;
	}
	if (!err)
		err = believe_losses(s, k, old);
	depot_ranges_free(old);
	return err;
}
