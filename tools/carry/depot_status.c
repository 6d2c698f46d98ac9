/* kith depot status: what lies in a depot, at a glance. */
#include <inttypes.h>
#include <stdio.h>

#include "tools/carry/depot.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

/* What all writers have there together. */
struct status {
	struct depot_visit visit;
	struct depot_ranges *there, *lost;
	uint64_t segments, segment_bytes, notes_bytes;
	struct survey_blobs blobs;
	bool blobs_known;
	struct depot_report trial; /* what a sync would do */
	bool tried;
};

/* --- finding out ---------------------------------------------------------- */

/* What anybody says to be lost, and nobody has there. */
static enum kith_err find_lost(struct status *s)
{
	const struct survey *l = s->visit.survey;
	struct depot_range range;
	enum kith_err err = KITH_OK;
	size_t at = 0;

	for (size_t i = 0; !err && i < l->count; i++)
		err = depot_ranges_join(s->lost,
					depot_notes_lacks(l->writers[i].notes));
	while (!err && depot_ranges_next(s->there, &at, &range))
		err = depot_ranges_remove(s->lost, &range);
	return err;
}

static enum kith_err count(struct status *s, struct kith_error *e)
{
	struct survey *l = s->visit.survey;
	enum kith_err err = KITH_OK;

	s->there = depot_ranges_new();
	s->lost = depot_ranges_new();
	if (!s->there || !s->lost)
		return KITH_ENOMEM;
	for (size_t i = 0; !err && i < l->count; i++) {
		struct survey_writer *w = &l->writers[i];

		err = survey_ranges(l, w, e);
		if (!err)
			err = depot_ranges_join(s->there, w->ranges);
		s->segments += w->head->count;
		s->segment_bytes += w->segment_bytes;
		s->notes_bytes += w->notes_bytes;
	}
	if (!err)
		err = find_lost(s);
	if (err)
		return err;
	err = survey_blobs(l, &s->blobs, e);
	s->blobs_known = !err;
	return err == KITH_EDENIED ? KITH_OK : err;
}

/* What a sync would take in and leave.  That it cannot be told is no reason to
 * tell nothing. */
static void try_sync(struct status *s)
{
	struct kith_error e = { 0 };
	enum kith_err err;

	progress_end(&s->visit.progress);
	sync_config(s->visit.sync)->import_only = false;
	err = sync_session(s->visit.sync, &s->trial, &e);
	s->tried = !err;
	if (err)
		tool_note("what a sync would do is not known: %s",
			  *e.text ? e.text : kith_strerror(err));
}

/* --- printing ------------------------------------------------------------- */

static void print_writer_record(const struct status *s,
				const struct survey_writer *w)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "writer", w->id.name);
	record_bool(&r, "ours", w->ours);
	record_bool(&r, "live", w->live);
	record_uint(&r, "round", w->head->round);
	record_uint(&r, "generation", w->head->generation);
	record_bool(&r, "head", w->slot >= 0);
	record_uint(&r, "segments", w->head->count);
	record_uint(&r, "bytes", w->segment_bytes);
	record_uint(&r, "messages", survey_messages(w->ranges));
	record_uint(&r, "feeds", survey_feeds(w->ranges));
	record_end(&r);
	(void)s;
}

static void print_record(const struct status *s)
{
	const struct survey *l = s->visit.survey;
	uint64_t room = folder_room(s->visit.depot.medium);
	char id[DEPOT_ID_CHARS + 1];
	struct record r;

	depot_base32(id, (struct kith_slice){ l->depot->info.id,
		     sizeof(l->depot->info.id) }, DEPOT_ID_CHARS);
	record_begin(&r);
	record_text(&r, "depot", l->depot->medium->where);
	record_text(&r, "id", id);
	record_bool(&r, "sealed", l->depot->seal);
	record_bool(&r, "writable", l->depot->medium->can & FOLDER_WRITES);
	record_uint(&r, "round", l->round);
	record_uint(&r, "writers", l->count);
	record_uint(&r, "messages", survey_messages(s->there));
	record_uint(&r, "feeds", survey_feeds(s->there));
	record_uint(&r, "segments", s->segments);
	record_uint(&r, "bytes", s->segment_bytes);
	record_uint(&r, "lost", survey_messages(s->lost));
	if (s->blobs_known) {
		record_uint(&r, "blobs", s->blobs.count);
		record_uint(&r, "blob_bytes", s->blobs.bytes);
		record_uint(&r, "parts", s->blobs.parts);
	}
	if (room != UINT64_MAX)
		record_uint(&r, "room", room);
	if (s->tried) {
		record_uint(&r, "in", s->trial.in.messages);
		record_uint(&r, "in_bytes", s->trial.in.bytes);
		record_uint(&r, "out", s->trial.out.messages);
		record_uint(&r, "out_bytes", s->trial.out.bytes);
	}
	record_end(&r);
	for (size_t i = 0; i < l->count; i++)
		print_writer_record(s, &l->writers[i]);
}

static void print_writer(const struct status *s, const struct survey_writer *w)
{
	char messages[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];
	uint64_t round = s->visit.survey->round;

	text_size(w->segment_bytes, size);
	printf("  %s  %-4s  %s, %s, round %" PRIu64, w->id.name,
	       w->ours ? "you" : w->live ? "live" : "dead",
	       text_count(survey_messages(w->ranges), "message", messages),
	       size, w->head->round);
	if (w->head->round < round)
		printf(" (%" PRIu64 " ago)", round - w->head->round);
	if (w->slot < 0)
		fputs(", no whole head", stdout);
	putchar('\n');
}

static void print_trial(const char *what, const struct depot_counts *n)
{
	char messages[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	text_size(n->bytes, size);
	printf("%s: %s, %s\n", what,
	       text_count(n->messages, "message", messages), size);
}

static void print_contents(const struct status *s)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES],
		files[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	text_size(s->segment_bytes, size);
	printf("%s of %s in %s, %s\n",
	       text_count(survey_messages(s->there), "message", messages),
	       text_count(survey_feeds(s->there), "feed", feeds),
	       text_count(s->segments, "segment", files), size);
	if (!s->blobs_known)
		return;
	text_size(s->blobs.bytes, size);
	printf("%s, %s", text_count(s->blobs.count, "blob", messages), size);
	if (s->blobs.parts)
		printf(", and %s", text_count(s->blobs.parts,
					      "unfinished one", files));
	putchar('\n');
}

static void print_lines(const struct status *s)
{
	const struct survey *l = s->visit.survey;
	uint64_t room = folder_room(s->visit.depot.medium);
	char size[TEXT_SIZE_BYTES], lost[TEXT_COUNT_BYTES];

	printf("%s: a depot, %s", l->depot->medium->where,
	       l->depot->seal ? "sealed" : "plain");
	text_size(room, size);
	if (!(l->depot->medium->can & FOLDER_WRITES))
		fputs(", read only", stdout);
	else if (room != UINT64_MAX)
		printf(", room for %s", size);
	putchar('\n');
	print_contents(s);
	for (size_t i = 0; i < l->count; i++)
		print_writer(s, &l->writers[i]);
	if (s->tried) {
		print_trial("new here", &s->trial.in);
		print_trial("new there", &s->trial.out);
	}
	if (!depot_ranges_count(s->lost))
		return;
	printf("%s lost there\n", text_count(survey_messages(s->lost),
					     "message", lost));
	depot_hint(&s->visit, "whoever has them heals that", "sync");
}

int depot_status(struct tool *t, int argc, char **argv)
{
	struct status s = { .blobs_known = false };
	struct kith_error e = { 0 };
	enum kith_err err;
	int code = depot_visit_begin(&s.visit, t, argv[0], "read");

	(void)argc;
	if (!code) {
		err = count(&s, &e);
		code = err ? depot_fail(&e, err) : EXIT_DONE;
	}
	if (!code) {
		try_sync(&s);
		if (t->json)
			print_record(&s);
		else
			print_lines(&s);
		code = depot_ranges_count(s.lost) ? EXIT_FAILED : EXIT_DONE;
	}
	depot_ranges_free(s.there);
	depot_ranges_free(s.lost);
	depot_visit_end(&s.visit);
	return code;
}
