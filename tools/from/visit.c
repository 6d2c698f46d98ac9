#include "tools/from/visit.h"

#include <inttypes.h>
#include <stdio.h>

#include "src/source/kind.h"
#include "src/store/ask.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"

/* --- the home ------------------------------------------------------------- */

bool visit_home(struct tool *t, struct home **out)
{
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;

	if (!t->own && !t->home)
		err = home_open(t->home_path, false, &t->own, &e);
	if (err && (t->home_path || err != KITH_ENOENT)) {
		tool_note("%s", e.text);
		return false;
	}
	*out = t->own ? t->own : t->home;
	if (t->own)
		home_passphrase_from(t->own, tool_option(t, 'P'));
	return true;
}

/* --- what the source asks for --------------------------------------------- */

static bool passphrase(void *visit, struct kith_buf *out)
{
	const struct visit *v = visit;
	struct kith_error e = { 0 };
	char prompt[TOOL_ARGUMENT_BYTES];
	enum kith_err err;

	snprintf(prompt, sizeof(prompt), "Passphrase of %s: ", v->name);
	err = ask_passphrase(tool_option(v->tool, 'P'), prompt, out, &e);
	if (err)
		tool_note("%s", e.text);
	return !err;
}

static bool tick(void *visit, uint64_t bytes, uint64_t of)
{
	struct visit *v = visit;

	if (v->progress.total != of)
		progress_total(&v->progress, of);
	progress_at(&v->progress, bytes);
	if (bytes > v->shown)
		progress_bytes(&v->progress, bytes - v->shown);
	v->shown = bytes;
	return !interrupt_pending();
}

static void hear(void *visit, const struct source_finding *f)
{
	visit_finding(visit, f);
}

static void count_other(void *visit)
{
	struct visit *v = visit;

	v->others++;
}

/* --- findings ------------------------------------------------------------- */

static void print_record(const struct visit *v, const struct source_finding *f)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "source", v->name);
	if (f->file)
		record_text(&r, "file", f->file);
	record_uint(&r, "at", f->at);
	if (f->feed) {
		record_feed(&r, "feed", f->feed);
		record_uint(&r, "seq", f->sequence);
	}
	record_text(&r, "problem", f->text);
	record_end_to(&r, stderr);
}

static void print_line(struct visit *v, const struct source_finding *f)
{
	const char *stop = v->findings == VISIT_TOLD_MAX
				   ? " (more are only counted)" : "";
	char feed[TEXT_SHORT_BYTES];

	progress_end(&v->progress);
	if (f->feed && f->sequence && !f->at) {
		text_short_feed(f->feed, feed);
		tool_note("%s: message %" PRIu64 " of %s: %s%s", v->name,
			  f->sequence, feed, f->text, stop);
		return;
	}
	tool_note("%s%s%s:%" PRIu64 ": %s%s", v->name, f->file ? "/" : "",
		  f->file ? f->file : "", f->at, f->text, stop);
}

void visit_finding(struct visit *v, const struct source_finding *f)
{
	if (f->harmless) {
		v->erased++;
		return;
	}
	v->findings++;
	reasons_count(&v->reasons, f->text);
	if (v->tool->json)
		print_record(v, f);
	else if (v->findings <= VISIT_TOLD_MAX)
		print_line(v, f);
}

void visit_sum_up(struct visit *v)
{
	const struct reason *r;

	progress_end(&v->progress);
	if (v->tool->json)
		return;
	if (v->erased)
		tool_note("%s: %" PRIu64 " records were deleted there",
			  v->name, v->erased);
	if (v->others)
		tool_note("%s: %" PRIu64 " messages of other formats were left "
			  "out", v->name, v->others);
	if (v->findings <= VISIT_TOLD_MAX)
		return;
	tool_note("%s: %" PRIu64 " findings", v->name, v->findings);
	for (size_t i = 0; (r = reasons_at(&v->reasons, i)); i++)
		tool_note("%6" PRIu64 "  %s", r->count, r->text);
}

int visit_code(const struct visit *v)
{
	return v->findings ? EXIT_FAILED : EXIT_DONE;
}

int visit_fail(const struct visit *v, const struct kith_error *e,
	       enum kith_err err)
{
	const char *text = *e->text ? e->text : kith_strerror(err);

	if (err == KITH_EBUSY && interrupt_pending())
		return tool_fail(EXIT_FAILED, "interrupted");
	return tool_fail(EXIT_UNREADABLE, "%s: %s", v->name, text);
}

/* --- opening -------------------------------------------------------------- */

static int need_signer(struct visit *v, const struct home *own)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_secret_read(own, &v->signer, &e);

	return err && err != KITH_ENOENT
		       ? tool_fail(EXIT_UNREADABLE, "%s", e.text)
		       : EXIT_DONE;
}

static bool wants_signer(const struct source_row *row)
{
	return !strcmp(row->kind, "depot") || !strcmp(row->kind, "peer");
}

static int open_it(struct visit *v, const struct home *own,
		   const uint8_t *hmac)
{
	const struct network *n = &v->network;

	const struct source_with with = {
		.signer = v->signer,
		.home = own,
		.app_key = own ? v->network.app_key : NULL,
		.hmac = hmac ? hmac : n->has_key ? n->key : NULL,
		.passphrase = passphrase,
		.tick = tick,
		.finding = hear,
		.other = count_other,
		.arg = v,
	};
	struct kith_error e = { 0 };
	enum kith_err err = source_open(v->name, &with, &v->source, &e);

	return err ? visit_fail(v, &e, err) : EXIT_DONE;
}

int visit_begin_for(struct visit *v, struct tool *t, const char *text,
		    const char *done, const uint8_t *hmac)
{
	const struct source_row *row;
	struct kith_error e = { 0 };
	struct home *own = NULL;
	const char *name;
	int code = EXIT_DONE;

	*v = (struct visit){ .tool = t, .name = text };
	progress_start(&v->progress, done, false);
	row = source_find(text, &name, &e);
	if (!row)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	if (kith_init())
		return tool_fail(EXIT_FAILED,
				 "the system has no random source");
	if (!visit_home(t, &own))
		return EXIT_UNREADABLE;
	if (own)
		code = network_read(own, &v->network);
	if (!code && own && wants_signer(row))
		code = need_signer(v, own);
	return code ? code : open_it(v, own, hmac);
}

int visit_begin(struct visit *v, struct tool *t, const char *text,
		const char *done)
{
	return visit_begin_for(v, t, text, done, NULL);
}

void visit_end(struct visit *v)
{
	progress_end(&v->progress);
	source_close(v->source);
	kith_signer_free(v->signer);
}
