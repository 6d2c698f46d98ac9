/* kith depot verify and scrub: is all of it what it was, and if not, again. */
#include <inttypes.h>
#include <stdio.h>

#include "feeds/message.h"
#include "tools/carry/depot.h"
#include "tools/network.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"

struct verify {
	struct depot_visit visit;
	struct scrub scrub;
	struct network network;
	struct depot_memory *memory;
};

/* --- reading -------------------------------------------------------------- */

/* What we remember of the depot names what no index does; without it, less is
 * named. */
static int open_memory(struct verify *v)
{
	struct kith_error e = { 0 };
	enum kith_err err;

	err = depot_memory_open(v->visit.tool->home, v->visit.depot.info.id,
				&v->memory, &e);
	v->scrub.memory = err ? NULL : v->memory;
	return err ? depot_fail(&e, err) : EXIT_DONE;
}

static uint64_t bytes_of(const struct survey *l)
{
	uint64_t n = 0;

	for (size_t i = 0; i < l->count; i++)
		for (size_t k = 0; k < l->writers[i].head->count; k++) {
			const struct depot_segment *s =
				&l->writers[i].head->segments[k];

			/* A closed one is read for its hash, too. */
			n += s->closed ? 2 * s->bytes : s->bytes;
		}
	return n;
}

static bool tick(void *arg, uint64_t bytes)
{
	struct verify *v = arg;
	struct progress *p = &v->visit.progress;

	progress_at(p, p->at + bytes);
	progress_bytes(p, bytes);
	return !interrupt_pending();
}

static void show(void *arg, const struct survey_finding *f)
{
	struct verify *v = arg;

	progress_end(&v->visit.progress);
	depot_print_finding(&v->visit, f);
}

static int read_all(struct verify *v)
{
	struct survey *l = v->visit.survey;
	struct kith_error e = { 0 };
	enum kith_err err;
	int code = network_read(v->visit.tool->home, &v->network);

	if (code)
		return code;
	if (tool_option(v->visit.tool, 'g')) {
		v->scrub.decoder = kith_decoder_new(
			v->network.has_key ? v->network.key : NULL);
		if (!v->scrub.decoder)
			return tool_fail(EXIT_FAILED, "out of memory");
	}
	l->tell = (struct survey_tell){ show, tick, v };
	v->scrub.survey = l;
	v->scrub.blobs = sync_config(v->visit.sync)->blobs;
	progress_total(&v->visit.progress, bytes_of(l));
	err = scrub_run(&v->scrub, &e);
	progress_end(&v->visit.progress);
	return err ? depot_fail(&e, err) : EXIT_DONE;
}

/* --- printing ------------------------------------------------------------- */

static void print_summary_record(const struct scrub *s)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "state", s->findings ? "findings" : "clean");
	record_uint(&r, "findings", s->findings);
	record_uint(&r, "writers", s->survey->count);
	record_uint(&r, "segments", s->segments);
	record_uint(&r, "lines", s->lines);
	record_uint(&r, "messages", s->messages);
	record_uint(&r, "signatures", s->signatures);
	record_uint(&r, "blobs", s->blobs_read);
	record_uint(&r, "blobs_unknown", s->blobs_unknown);
	record_uint(&r, "bad_blobs", s->bad_count);
	record_uint(&r, "lost", survey_messages(s->lost));
	record_uint(&r, "bytes", s->bytes);
	record_end(&r);
}

static void print_summary(const struct verify *v)
{
	const struct scrub *s = &v->scrub;
	char messages[TEXT_COUNT_BYTES], segments[TEXT_COUNT_BYTES],
		blobs[TEXT_COUNT_BYTES], findings[TEXT_COUNT_BYTES],
		size[TEXT_SIZE_BYTES];

	if (v->visit.tool->json) {
		print_summary_record(s);
		return;
	}
	text_size(s->bytes, size);
	printf("%s in %s and %s, %s",
	       text_count(s->messages, "message", messages),
	       text_count(s->segments, "segment", segments),
	       text_count(s->blobs_read, "blob", blobs), size);
	if (s->signatures)
		printf(", %" PRIu64 " signatures", s->signatures);
	printf(": %s\n", s->findings ? text_count(s->findings, "finding",
						  findings) : "clean");
	if (s->blobs_unknown)
		printf("%s under sealed names that nobody here knows\n",
		       text_count(s->blobs_unknown, "blob", blobs));
	if (depot_ranges_count(s->lost))
		printf("%s lost there\n",
		       text_count(survey_messages(s->lost), "message",
				  messages));
}

static void verify_clear(struct verify *v)
{
	depot_memory_close(v->memory);
	kith_decoder_free(v->scrub.decoder);
	scrub_clear(&v->scrub);
	depot_visit_end(&v->visit);
}

static int begin(struct verify *v, struct tool *t, const char *where)
{
	int code;

	*v = (struct verify){ .memory = NULL };
	code = depot_visit_begin(&v->visit, t, where, "read");
	if (!code)
		code = open_memory(v);
	if (!code)
		code = read_all(v);
	if (!code)
		print_summary(v);
	return code;
}

int depot_verify(struct tool *t, int argc, char **argv)
{
	struct verify v;
	int code = begin(&v, t, argv[0]);

	(void)argc;
	if (!code && v.scrub.findings) {
		depot_hint(&v.visit, "to heal it", "depot scrub");
		code = EXIT_FAILED;
	}
	verify_clear(&v);
	return code;
}

/* --- healing -------------------------------------------------------------- */

static void print_healed(const struct tool *t, const struct depot_report *p,
			 size_t blobs)
{
	char messages[TEXT_COUNT_BYTES], files[TEXT_COUNT_BYTES];
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_text(&r, "state", "healed");
		record_uint(&r, "messages", p->out.messages);
		record_uint(&r, "bad_blobs", blobs);
		record_uint(&r, "lacking", p->lacking);
		record_end(&r);
		return;
	}
	printf("written again: %s and %s\n",
	       text_count(p->out.messages, "message", messages),
	       text_count(blobs, "blob", files));
	if (p->lacking)
		printf("still lost: %s, until a node comes by that has what "
		       "was lost\n",
		       text_count(p->lacking, "message", messages));
}

/* The same as a sync, which knows what is lost. */
static int sync_lost(struct verify *v, struct depot_report *report)
{
	const struct depot_visit over = { .tool = v->visit.tool,
					  .where = v->visit.where };
	const struct sync_wish wish = { .dry_run = false };
	struct kith_error e = { 0 };
	struct sync *sync;
	enum kith_err err;
	int code;

	/* The store, the folder and the memory are opened anew. */
	depot_memory_close(v->memory);
	v->memory = NULL;
	depot_visit_end(&v->visit);
	v->visit = over;
	code = sync_begin(over.tool, over.where, &wish, &sync);
	if (code)
		return code;
	sync_config(sync)->lost = v->scrub.lost;
	err = sync_session(sync, report, &e);
	sync_end(sync);
	return err ? depot_fail(&e, err) : EXIT_DONE;
}

static int heal(struct verify *v)
{
	struct kith_error e = { 0 };
	struct depot_report report = { 0 };
	size_t blobs = 0;
	enum kith_err err;
	int code;

	err = scrub_remember(&v->scrub, v->memory, &e);
	if (!err)
		err = depot_memory_save(v->memory, &e);
	if (!err)
		err = scrub_blobs(&v->scrub, &blobs, &e);
	if (err)
		return depot_fail(&e, err);
	code = sync_lost(v, &report);
	if (!code)
		print_healed(v->visit.tool, &report, blobs);
	if (!code && (report.lacking || blobs < v->scrub.bad_count))
		code = EXIT_FAILED;
	return code;
}

int depot_scrub(struct tool *t, int argc, char **argv)
{
	struct verify v;
	int code = begin(&v, t, argv[0]);

	(void)argc;
	if (!code && v.scrub.findings) {
		if (tool_option(t, 'n'))
			code = EXIT_FAILED;
		else if (!(v.visit.depot.medium->can & FOLDER_WRITES))
			code = tool_fail(EXIT_UNREADABLE, "it cannot be "
					 "written to: nothing can be healed "
					 "there");
		else
			code = heal(&v);
	}
	verify_clear(&v);
	return code;
}
