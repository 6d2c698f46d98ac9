#include "src/depot/scrub.h"

#include <stdlib.h>

#include "feeds/message.h"
#include "feeds/peek.h"
#include "feeds/verify.h"
#include "src/depot/scrub_private.h"

/* --- findings ------------------------------------------------------------- */

void scrub_found(struct scrub *s, struct survey_finding *f)
{
	s->findings++;
	survey_found(s->survey, f);
}

static enum kith_err no_memory(struct kith_error *e)
{
	kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	return KITH_ENOMEM;
}

static struct survey_finding about(const struct survey_writer *w,
				 enum depot_file file, uint32_t number,
				 const char *text)
{
	struct survey_finding f = { .writer = &w->id, .text = text };

	depot_name_file(f.name, &w->id, file, number);
	return f;
}

/* --- one message ---------------------------------------------------------- */

static const char *judge(struct scrub *s, struct kith_slice value,
			 struct kith_error *why)
{
	struct kith_verify_item item;
	struct kith_msg m;

	kith_decoder_reset(s->decoder);
	if (kith_msg_decode(s->decoder, KITH_CLASSIC, value, &m, why))
		return why->text;
	item = (struct kith_verify_item){ .key = m.author.b,
					  .message = m.signing,
					  .signature = m.signature };
	s->signatures++;
	kith_verify(&item, 1);
	return item.valid ? NULL : "its signature does not verify";
}

/* --- one segment ---------------------------------------------------------- */

/* The segment under way. */
struct segment {
	struct scrub *s;
	const struct survey_writer *w;
	const struct depot_segment *row;
	struct depot_ranges *claimed, *found;
	bool indexed;
};

static enum kith_err take_message(struct segment *g,
				  const struct depot_line *line)
{
	struct scrub *s = g->s;
	struct kith_error why = { 0 };
	struct survey_finding f;

	f = about(g->w, DEPOT_SEGMENT, g->row->number, NULL);
	f.from = line->offset;
	f.to = line->next;
	s->messages++;
	if (!msg_peek(line->json, &f.range.feed, &f.range.first) ||
	    !survey_is_range(&f.range))
		return KITH_OK;
	if (s->decoder)
		f.text = judge(s, line->json, &why);
	if (!f.text)
		return depot_ranges_add(g->found, &f.range);
	f.lost = true;
	scrub_found(s, &f);
	return KITH_OK;
}

/* A session tells behind its messages which they were. */
static enum kith_err take_claim(struct segment *g,
				const struct depot_line *line)
{
	struct depot_range range;

	return depot_range_decode(line->json, &range)
		? KITH_OK : depot_ranges_add(g->claimed, &range);
}

/* The end of a file that its writer is not done with may be torn. */
static void take_damage(struct segment *g, const struct depot_line *line)
{
	struct survey_finding f;

	if (line->next == UINT64_MAX && line->offset >= g->row->bytes)
		return;
	f = about(g->w, DEPOT_SEGMENT, g->row->number,
		  "these bytes are damaged");
	f.from = line->offset;
	f.to = line->next == UINT64_MAX ? g->row->bytes : line->next;
	f.lost = true;
	g->s->pieces++;
	scrub_found(g->s, &f);
}

static enum kith_err read_lines(struct segment *g, struct depot_reader *r,
				struct kith_error *e)
{
	enum depot_read what;
	struct depot_line line;
	uint64_t told = 0;
	enum kith_err err;

	while (!(err = depot_reader_next(r, &what, &line, e)) &&
	       what != DEPOT_READ_END) {
		g->s->lines += what == DEPOT_READ_LINE;
		if (what == DEPOT_READ_DAMAGE)
			take_damage(g, &line);
		else if (line.kind == DEPOT_MESSAGE)
			err = take_message(g, &line);
		else if (line.kind == DEPOT_RANGE)
			err = take_claim(g, &line);
		if (err)
			return kith_fail(e, err, 0, "%s", kith_strerror(err));
		err = survey_tick(g->s->survey, depot_reader_bytes(r) - told, e);
		if (err)
			return err;
		told = depot_reader_bytes(r);
	}
	g->s->bytes += told;
	return err;
}

/* A file that cannot be read is damaged as a whole; if the medium is gone, the
 * next file says so, too, and at last the head. */
static enum kith_err read_segment(struct segment *g, struct kith_error *e)
{
	struct depot_place start = { .number = g->row->number };
	struct kith_error why = { 0 };
	struct survey_finding f;
	struct depot_reader *r;
	enum kith_err err;

	err = depot_reader_new(g->s->survey->depot, &g->w->id, DEPOT_SEGMENT,
			       &start, &r, &why);
	if (!err) {
		err = read_lines(g, r, &why);
		depot_reader_free(r);
	}
	if (!err || (err != KITH_ENOENT && err != KITH_EIO))
		return err ? kith_fail(e, err, 0, "%s", why.text) : KITH_OK;
	f = about(g->w, DEPOT_SEGMENT, g->row->number, err == KITH_ENOENT
		  ? "the file is missing" : why.text);
	f.lost = true;
	scrub_found(g->s, &f);
	return KITH_OK;
}

static enum kith_err check_hash(struct segment *g, struct kith_error *e)
{
	const struct depot_segment *row = g->row;
	struct kith_error why = { 0 };
	struct survey_finding f;
	uint8_t sha256[32];
	enum kith_err err;

	f = about(g->w, DEPOT_SEGMENT, row->number, "its bytes are not those "
		  "that its writer left");
	err = depot_file_hash(g->s->survey->depot, f.name, row->bytes, sha256,
			      &why);
	if (err == KITH_ENOENT || err == KITH_EIO)
		return KITH_OK;
	if (err == KITH_EFORMAT)
		f.text = "the file is shorter than its writer left it";
	else if (err)
		return kith_fail(e, err, 0, "%s", why.text);
	if (err || memcmp(sha256, row->sha256, sizeof(sha256)) != 0)
		scrub_found(g->s, &f);
	return survey_tick(g->s->survey, row->bytes, e);
}

/* What all says and there does not hold, as findings, and into lost. */
static enum kith_err tell_lost(struct scrub *s, const struct survey_finding *as,
			       const struct depot_ranges *all,
			       const struct depot_ranges *there)
{
	struct survey_finding f = *as;
	struct depot_range range;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	while (!err && depot_ranges_next(all, &at, &range))
		while (!err && range.first <= range.last &&
		       depot_ranges_lack(there, &range, &f.range)) {
			scrub_found(s, &f);
			err = depot_ranges_add(s->lost, &f.range);
			range.first = f.range.last + 1;
		}
	return err;
}

static enum kith_err judge_index(struct segment *g)
{
	struct survey_finding f;
	struct depot_range range, piece;
	size_t at = 0;

	f = about(g->w, DEPOT_INDEX, g->row->number, NULL);
	if (!g->indexed) {
		f.text = "the index of a closed segment is missing or damaged";
		scrub_found(g->s, &f);
		return KITH_OK;
	}
	f.text = "the index does not name messages that are there";
	while (depot_ranges_next(g->found, &at, &range))
		if (depot_ranges_lack(g->claimed, &range, &piece)) {
			f.range = piece;
			scrub_found(g->s, &f);
			break;
		}
	return KITH_OK;
}

static enum kith_err check_segment(struct segment *g, struct kith_error *e)
{
	const struct depot_segment *row = g->row;
	struct survey_finding f;
	enum kith_err err;

	g->claimed = depot_ranges_new();
	g->found = depot_ranges_new();
	if (!g->claimed || !g->found)
		return no_memory(e);
	err = read_segment(g, e);
	if (!err && row->closed)
		err = check_hash(g, e);
	if (!err && row->closed)
		err = survey_index(g->s->survey, &g->w->id, row->number,
				 g->claimed, &g->indexed, e);
	if (err)
		return err;
	if (row->closed)
		err = judge_index(g);
	f = about(g->w, DEPOT_SEGMENT, row->number,
		  "these messages cannot be read any more");
	f.lost = true;
	if (!err)
		err = tell_lost(g->s, &f, g->claimed, g->found);
	if (!err)
		err = depot_ranges_join(g->w->ranges, g->found);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

/* --- one writer ----------------------------------------------------------- */

static enum kith_err check_segments(struct scrub *s, struct survey_writer *w,
				    struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	for (size_t i = 0; !err && i < w->head->count; i++) {
		struct segment g = { .s = s, .w = w,
				     .row = &w->head->segments[i] };

		s->segments++;
		err = check_segment(&g, e);
		depot_ranges_free(g.claimed);
		depot_ranges_free(g.found);
	}
	return err;
}

/* Those that an index named were told of. */
static enum kith_err tell_unsaid(struct scrub *s,
				 const struct survey_finding *as,
				 const struct depot_ranges *all,
				 const struct depot_ranges *there)
{
	struct depot_ranges *known = depot_ranges_new();
	enum kith_err err = known ? depot_ranges_join(known, there)
				  : KITH_ENOMEM;

	if (!err)
		err = depot_ranges_join(known, s->lost);
	if (!err)
		err = tell_lost(s, as, all, known);
	depot_ranges_free(known);
	return err;
}

/* What we read of an open segment, before it was damaged, has no index. */
static enum kith_err compare_memory(struct scrub *s,
				    const struct survey_writer *w,
				    struct kith_error *e)
{
	struct survey_finding f = { .writer = &w->id, .lost = true,
				  .text = "these messages were read here once, "
					  "and cannot be any more" };
	enum kith_err err = KITH_OK;

	for (size_t i = 0; s->memory && i < s->memory->known_count; i++) {
		const struct depot_known *k = s->memory->known[i];
		struct depot_ranges *seen = k->ranges;

		if (!err && seen && !strcmp(k->id.name, w->id.name) &&
		    k->generation == w->head->generation)
			err = tell_unsaid(s, &f, seen, w->ranges);
	}
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

static enum kith_err check_head(struct scrub *s, const struct survey_writer *w,
				int slot, struct kith_error *e)
{
	struct survey_finding f = { .writer = &w->id };
	struct kith_buf text = { .limit = DEPOT_HEAD_BYTES_MAX };
	struct depot_head *head = calloc(1, sizeof(*head));
	enum kith_err err;

	depot_name_head(f.name, &w->id, slot);
	err = head ? depot_get(s->survey->depot, f.name, &text, NULL)
		   : no_memory(e);
	if (!err && depot_head_decode(kith_bytes(&text), head, NULL)) {
		f.text = w->slot < 0 ? "this head is damaged"
				     : "this head is damaged; the other one "
				       "counts";
		scrub_found(s, &f);
	}
	kith_buf_free(&text);
	free(head);
	return err == KITH_ENOMEM ? err : KITH_OK;
}

static enum kith_err check_notes(struct scrub *s, const struct survey_writer *w,
				 struct kith_error *e)
{
	struct depot_place start = { .number = w->head->notes };
	struct survey_finding f;
	enum depot_read what;
	struct depot_reader *r;
	struct depot_line line;
	enum kith_err err;

	if (!start.number)
		return KITH_OK;
	f = about(w, DEPOT_NOTES, start.number, "notes are damaged: what this "
		  "node has and wants is not all known");
	err = depot_reader_new(s->survey->depot, &w->id, DEPOT_NOTES, &start,
			       &r, NULL);
	if (err) {
		scrub_found(s, &f);
		return KITH_OK;
	}
	while (!(err = depot_reader_next(r, &what, &line, e)) &&
	       what != DEPOT_READ_END) {
		s->lines += what == DEPOT_READ_LINE;
		if (what == DEPOT_READ_LINE ||
		    line.offset >= w->head->notes_bytes)
			continue;
		f.from = line.offset;
		f.to = line.next == UINT64_MAX ? w->head->notes_bytes
					       : line.next;
		s->pieces++;
		scrub_found(s, &f);
	}
	s->bytes += depot_reader_bytes(r);
	depot_reader_free(r);
	return err;
}

static enum kith_err check_writer(struct scrub *s, struct survey_writer *w,
				  struct kith_error *e)
{
	enum kith_err err;

	depot_ranges_free(w->ranges);
	w->ranges = depot_ranges_new();
	if (!w->ranges)
		return no_memory(e);
	err = check_head(s, w, 0, e);
	if (!err)
		err = check_head(s, w, 1, e);
	if (!err)
		err = check_segments(s, w, e);
	if (!err)
		err = compare_memory(s, w, e);
	return err ? err : check_notes(s, w, e);
}

/* --- all ------------------------------------------------------------------ */

/* What another writer has is not lost. */
static enum kith_err not_elsewhere(struct scrub *s)
{
	struct depot_range range;
	enum kith_err err = KITH_OK;
	size_t at;

	for (size_t i = 0; !err && i < s->survey->count; i++)
		for (at = 0; !err && depot_ranges_next(
				s->survey->writers[i].ranges, &at, &range);)
			err = depot_ranges_remove(s->lost, &range);
	return err;
}

enum kith_err scrub_run(struct scrub *s, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	s->lost = depot_ranges_new();
	if (!s->lost)
		return no_memory(e);
	for (size_t i = 0; !err && i < s->survey->count; i++)
		err = check_writer(s, &s->survey->writers[i], e);
	if (!err)
		err = scrub_check_blobs(s, e);
	if (err)
		return err;
	err = not_elsewhere(s);
	return err ? kith_fail(e, err, 0, "%s", kith_strerror(err)) : KITH_OK;
}

void scrub_clear(struct scrub *s)
{
	depot_ranges_free(s->lost);
	free(s->bad);
	s->lost = NULL;
	s->bad = NULL;
	s->bad_count = 0;
}
