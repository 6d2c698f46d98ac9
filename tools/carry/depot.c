/* kith depot: what lies in a depot, whether it is whole, and room in it. */
#include "tools/carry/depot.h"

#include <inttypes.h>
#include <stdio.h>

#include "feeds/ref.h"
#include "tools/carry/commands.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"
#include "tools/verbs.h"

/* --- a visit -------------------------------------------------------------- */

int depot_fail(const struct kith_error *e, enum kith_err err)
{
	const char *text = *e->text ? e->text : kith_strerror(err);

	switch (err) {
	case KITH_ENOENT:
		return tool_fail(EXIT_NOT_FOUND, "%s", text);
	case KITH_EDENIED:
	case KITH_EIO:
	case KITH_EFORMAT:
		return tool_fail(EXIT_UNREADABLE, "%s", text);
	default:
		return tool_fail(EXIT_FAILED, "%s", text);
	}
}

static void show(void *arg, const struct survey_finding *f)
{
	depot_print_finding(arg, f);
}

static bool tick(void *arg, uint64_t bytes)
{
	struct depot_visit *v = arg;

	progress_bytes(&v->progress, bytes);
	return !interrupt_pending();
}

static int survey(struct depot_visit *v)
{
	const struct survey_tell tell = { show, tick, v };
	const struct depot_config *config = sync_config(v->sync);
	struct kith_error e = { 0 };
	enum kith_err err;

	err = depot_enter(sync_folder(v->sync), config->home, config->self,
			  config->passphrase, &v->depot, &e);
	v->entered = !err;
	if (!err)
		err = survey_new(&v->depot, config->id, &tell, &v->survey, &e);
	return err ? depot_fail(&e, err) : EXIT_DONE;
}

int depot_visit_begin(struct depot_visit *v, struct tool *t, const char *where,
		      const char *done)
{
	const struct sync_wish reading = { .dry_run = true,
					   .import_only = true };
	int code;

	*v = (struct depot_visit){ .tool = t, .where = where };
	code = sync_begin(t, where, &reading, &v->sync);
	progress_start(&v->progress, done, false);
	if (!code)
		code = survey(v);
	return code;
}

void depot_visit_end(struct depot_visit *v)
{
	progress_end(&v->progress);
	survey_free(v->survey);
	if (v->entered)
		depot_leave(&v->depot);
	sync_end(v->sync);
}

void depot_hint(const struct depot_visit *v, const char *to, const char *word)
{
	char argument[TOOL_ARGUMENT_BYTES];

	tool_note("%s: `kith%s %s %s`", to,
		  tool_home_argument(v->tool, argument), word, v->where);
}

/* --- findings ------------------------------------------------------------- */

static void print_record(const struct survey_finding *f)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "state", f->lost ? "lost" : "damaged");
	if (f->writer)
		record_text(&r, "writer", f->writer->name);
	if (*f->name)
		record_text(&r, "file", f->name);
	if (f->to) {
		record_uint(&r, "from", f->from);
		record_uint(&r, "to", f->to);
	}
	if (f->range.last) {
		record_feed(&r, "feed", &f->range.feed);
		record_uint(&r, "seq", f->range.first);
		record_uint(&r, "last", f->range.last);
	}
	record_text(&r, "problem", f->text);
	record_end(&r);
}

/* "w/7mzx.../000002.seg: bytes 512 to 4096: these bytes are damaged" */
static void print_line(const struct survey_finding *f)
{
	char id[KITH_REF_TEXT_BYTES];

	if (*f->name)
		printf("%s: ", f->name);
	else if (f->writer)
		printf("%s: ", f->writer->name);
	if (f->range.last) {
		kith_feed_print(&f->range.feed, id);
		printf("%s:%" PRIu64, id, f->range.first);
		if (f->range.last > f->range.first)
			printf("..%" PRIu64, f->range.last);
		fputs(": ", stdout);
	} else if (f->to) {
		printf("bytes %" PRIu64 " to %" PRIu64 ": ", f->from, f->to);
	}
	text_print(stdout, kith_text(f->text));
	putchar('\n');
}

void depot_print_finding(struct depot_visit *v, const struct survey_finding *f)
{
	v->findings++;
	if (v->tool->json)
		print_record(f);
	else
		print_line(f);
	fflush(stdout);
}

/* --- the verbs of the command --------------------------------------------- */

const struct verb depot_verbs[] = {
	{ "status", "DIR | URL", "", 1, 1, depot_status },
	{ "verify", "DIR | URL", "g", 1, 1, depot_verify },
	{ "scrub", "DIR | URL", "gn", 1, 1, depot_scrub },
	{ "gc", "DIR | URL", "bFan", 1, 1, depot_gc_word },
	{ 0 },
};
