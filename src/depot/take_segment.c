/* Files of messages: what is new in them, what is damaged, what is skipped. */
#include "src/depot/take.h"

static enum kith_err find_damage(struct take *t,
				 const struct depot_segment *segment,
				 const struct depot_line *line)
{
	uint64_t end = line->next;

	/* What is torn behind what was synced is no harm; and what is not
	 * there at all was told of. */
	if (end == UINT64_MAX)
		end = segment->bytes - (t->hurt < segment->bytes ? t->hurt : 0);
	if (line->offset >= end)
		return KITH_OK;
	t->hurt += end - line->offset;
	t->s->report->damaged++;
	session_finding(t->s, "%s/%06u.seg: bytes %llu to %llu are damaged",
			t->known->id.name, segment->number,
			(unsigned long long)line->offset,
			(unsigned long long)end);
	return KITH_OK;
}

static enum kith_err go_on(struct take *t, const struct depot_reader *r)
{
	if (++t->lines % TAKE_PROGRESS_LINES)
		return KITH_OK;
	return session_go_on(t->s, DEPOT_TAKING, t->s->report->in.messages,
			     t->done_bytes + depot_reader_bytes(r),
			     t->total_bytes);
}

static enum kith_err read_lines(struct take *t, struct depot_reader *r,
				const struct depot_segment *segment)
{
	struct depot_line line;
	enum depot_read what;
	enum kith_err err;

	do {
		err = depot_reader_next(r, &what, &line, t->s->e);
		if (err || what == DEPOT_READ_END)
			break;
		if (what == DEPOT_READ_LINE) {
			err = take_line(t, &line);
			/* It is behind the reader, and not taken in. */
			t->failed |= err != KITH_OK;
		} else if (!t->again) {
			err = find_damage(t, segment, &line);
		}
		/* Damage is no news: a torn end is seen in every session. */
		if (!err && what == DEPOT_READ_LINE)
			err = go_on(t, r);
	} while (!err && t->refused < TAKE_REFUSED_MAX);
	t->done_bytes += depot_reader_bytes(r);
	return err;
}

/* Of a closed segment nothing is read any more once its end was seen. */
static enum kith_err move_place(struct take *t,
				const struct depot_segment *segment,
				const struct depot_reader *r, bool whole)
{
	struct depot_place at;

	depot_reader_place(r, &at);
	if (whole && segment->closed && at.offset < segment->bytes)
		at = (struct depot_place){ .number = segment->number,
					   .offset = segment->bytes };
	return session_place_put(t->known, &at);
}

/* --- indexes --- */

static enum kith_err read_index(struct take *t, uint32_t number,
				struct depot_ranges *out, bool *whole)
{
	const struct depot_place at = { .number = number };
	struct depot_reader *r = NULL;
	struct depot_range range;
	struct depot_line line;
	enum depot_read what = DEPOT_READ_LINE;
	enum kith_err err;

	*whole = false;
	t->again = false;
	err = depot_reader_new(&t->s->depot, &t->known->id, DEPOT_INDEX, &at,
			       &r, NULL);
	if (err)
		return err == KITH_ENOMEM || err == KITH_EIO ? err : KITH_OK;
	while (!err && what == DEPOT_READ_LINE) {
		err = depot_reader_next(r, &what, &line, t->s->e);
		if (err || what != DEPOT_READ_LINE)
			break;
		*whole = line.kind == DEPOT_END;
		if (line.kind == DEPOT_RANGE &&
		    !depot_range_decode(line.json, &range))
			err = depot_ranges_add(out, &range);
		else if (line.kind == DEPOT_FORK)
			err = take_line(t, &line);
	}
	if (what == DEPOT_READ_DAMAGE || err == KITH_ETOOBIG)
		*whole = false;
	t->done_bytes += depot_reader_bytes(r);
	depot_reader_free(r);
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

/* Does it hold the next message of a feed that we take? */
static enum kith_err is_for_us(struct take *t, const struct depot_ranges *in,
			       bool *out)
{
	const struct session_feed *feed;
	struct depot_range range;
	size_t at = 0, index;
	enum kith_err err;

	*out = false;
	while (!*out && depot_ranges_next(in, &at, &range)) {
		err = session_feed_get(t->s->feeds, &range.feed, &index);
		if (err == KITH_ETOOBIG)
			continue;
		if (err)
			return err;
		feed = &t->s->feeds->all[index];
		*out = feed->reach && range.first <= feed->next &&
		       range.last >= feed->next;
	}
	return KITH_OK;
}

/* Some of the messages in it may be for us on another day. */
static enum kith_err leave_it(struct take *t, uint32_t number,
			      const struct depot_ranges *in)
{
	struct depot_left left = { .segment = number };
	const struct session_feed *feed;
	size_t at = 0, index;
	enum kith_err err;

	while (depot_ranges_next(in, &at, &left.range)) {
		err = session_feed_get(t->s->feeds, &left.range.feed, &index);
		if (err == KITH_ETOOBIG)
			continue;
		if (err)
			return err;
		feed = &t->s->feeds->all[index];
		if (left.range.first < feed->next)
			left.range.first = feed->next;
		if (left.range.first > left.range.last)
			continue;
		err = take_leave_range(t, t->known, &left);
		if (err)
			return err;
	}
	return KITH_OK;
}

/* What another node says to be lost is not there, whatever an index has. */
static enum kith_err remember(struct take *t, const struct depot_ranges *in)
{
	const struct depot_memory *m = t->s->memory;
	struct depot_range range;
	enum kith_err err = depot_ranges_join(t->known->ranges, in);
	size_t at;

	for (size_t i = 0; !err && i < m->known_count; i++) {
		at = 0;
		while (!err && m->known[i]->notes &&
		       depot_ranges_next(depot_notes_lacks(m->known[i]->notes),
					 &at, &range))
			err = depot_ranges_remove(t->known->ranges, &range);
	}
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

/* A closed one of which nothing was read may be skipped unread. */
static enum kith_err skip(struct take *t, const struct depot_segment *segment,
			  bool *skipped)
{
	const struct depot_place behind = { .number = segment->number,
					    .offset = segment->bytes };
	struct depot_ranges *in = depot_ranges_new();
	bool whole = false, for_us = false;
	enum kith_err err = KITH_ENOMEM;

	*skipped = false;
	if (in)
		err = read_index(t, segment->number, in, &whole);
	if (!err && whole)
		err = is_for_us(t, in, &for_us);
	if (!err && whole && !for_us) {
		*skipped = true;
		err = leave_it(t, segment->number, in);
		if (!err)
			err = remember(t, in);
		if (!err)
			err = session_place_put(t->known, &behind);
	}
	depot_ranges_free(in);
	return err;
}

/* --- segments --- */

/* What was in it, by its own words or by its index, and cannot be read. */
static enum kith_err count_losses(struct take *t,
				  const struct depot_segment *segment)
{
	struct depot_range all, piece;
	bool whole;
	size_t at = 0;
	enum kith_err err = KITH_OK;

	if (segment->closed)
		err = read_index(t, segment->number, t->claims, &whole);
	t->damaged = true;
	while (!err && depot_ranges_next(t->claims, &at, &all))
		while (!err && all.first <= all.last &&
		       depot_ranges_lack(t->known->ranges, &all, &piece)) {
			err = depot_ranges_add(t->s->lost, &piece);
			all.first = piece.last + 1;
		}
	return err == KITH_ETOOBIG ? KITH_OK : err;
}

/* bytes: of the file. */
static enum kith_err begin(struct take *t, const struct depot_segment *segment,
			   uint64_t bytes)
{
	t->segment = segment->number;
	t->hurt = 0;
	t->again = false;
	depot_ranges_free(t->claims);
	t->claims = depot_ranges_new();
	if (!t->claims)
		return KITH_ENOMEM;
	if (bytes >= segment->bytes)
		return KITH_OK;
	t->hurt = segment->bytes - bytes;
	t->s->report->damaged++;
	session_finding(t->s, "%s/%06u.seg: %llu bytes are missing at its end",
			t->known->id.name, segment->number,
			(unsigned long long)t->hurt);
	return KITH_OK;
}

static enum kith_err read_on(struct take *t,
			     const struct depot_segment *segment,
			     const struct depot_place *from)
{
	struct depot_reader *r = NULL;
	enum kith_err err, moved;

	err = depot_reader_new(&t->s->depot, &t->known->id, DEPOT_SEGMENT,
			       from, &r, t->s->e);
	if (err)
		return err;
	err = read_lines(t, r, segment);
	moved = take_runs(t);
	if (!moved)
		moved = move_place(t, segment, r,
				   !err && t->refused < TAKE_REFUSED_MAX);
	depot_reader_free(r);
	if (!err)
		err = moved;
	if (!err && t->hurt)
		err = count_losses(t, segment);
	return err;
}

static enum kith_err miss_file(struct take *t,
			       const struct depot_segment *segment)
{
	const struct depot_place behind = { .number = segment->number,
					    .offset = segment->bytes };
	enum kith_err err;

	if (!segment->bytes)
		return KITH_OK;
	t->s->report->damaged++;
	session_finding(t->s, "%s/%06u.seg is missing", t->known->id.name,
			segment->number);
	depot_ranges_free(t->claims);
	t->claims = depot_ranges_new();
	err = t->claims ? count_losses(t, segment) : KITH_ENOMEM;
	return !err && segment->closed ? session_place_put(t->known, &behind)
				       : err;
}

enum kith_err take_segment(struct take *t, const struct depot_segment *segment)
{
	const struct depot_place *place =
		session_place(t->known, segment->number);
	struct depot_place from = { .number = segment->number };
	char name[FOLDER_NAME_BYTES];
	uint64_t bytes = segment->bytes;
	bool skipped = false;
	enum kith_err err;

	if (place)
		from = *place;
	if (segment->closed && from.offset >= segment->bytes)
		return KITH_OK;
	if (segment->closed && !place) {
		err = skip(t, segment, &skipped);
		if (err || skipped)
			return err;
	}
	depot_name_file(name, &t->known->id, DEPOT_SEGMENT, segment->number);
	err = folder_size(t->s->depot.folder, name, &bytes, NULL);
	if (err == KITH_ENOENT)
		return place ? KITH_EGAP : miss_file(t, segment);
	if (err)
		return kith_fail(t->s->e, err, 0, "%.80s cannot be read",
				 name);
	if (bytes < from.offset)
		return KITH_EGAP;
	if (bytes == from.offset && bytes >= segment->bytes)
		return KITH_OK;
	err = begin(t, segment, bytes);
	return err ? err : read_on(t, segment, &from);
}

enum kith_err take_segment_again(struct take *t, uint32_t number,
				 uint64_t offset)
{
	const struct depot_segment segment = { .number = number };
	const struct depot_place from = { .number = number, .offset = offset };
	struct depot_reader *r = NULL;
	enum kith_err err;

	t->segment = number;
	t->again = true;
	err = depot_reader_new(&t->s->depot, &t->known->id, DEPOT_SEGMENT,
			       &from, &r, NULL);
	if (err)
		return err == KITH_EGAP ? KITH_ENOENT : err;
	err = read_lines(t, r, &segment);
	depot_reader_free(r);
	return err;
}
