/* kith adopt: messages, of one log or both. */
#include <stdio.h>
#include <stdlib.h>

#include "src/source/source.h"
#include "tools/begin/adopt.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/stream/spill.h"

enum { LOGS = 2, TOLD_MAX = 10 };

/* What is counted of one log. */
struct log {
	const char *kind; /* of source */
	enum ssb_item item;
	uint64_t messages, bytes; /* read */
	uint64_t deleted, damaged;
	uint64_t other[KITH_INDEXED_V1 + 1]; /* by format: not classic */
};

struct taking {
	struct adopt *adopt;
	struct bring *bring;
	struct log logs[LOGS];
	struct log *log; /* that is read now */
	uint64_t base;	 /* bytes of those before */
};

static const char *log_name(void *arg, uint32_t file)
{
	const struct taking *t = arg;

	return ssb_item_name(t->logs[file].item);
}

static bool tick(void *arg, uint64_t bytes, uint64_t of)
{
	struct taking *t = arg;

	(void)of;
	progress_at(bring_progress(t->bring), t->base + bytes);
	return !bring_stopped(t->bring);
}

/* --- what comes ----------------------------------------------------------- */

static int take_message(struct taking *t, const struct source_message *m)
{
	const struct bring_place at = { m->at, (uint32_t)(t->log - t->logs) };
	enum kith_format format;

	t->log->messages++;
	progress_step(bring_progress(t->bring), m->value.n);
	if (!source_is_other(m, &format))
		return bring_put(t->bring, m->value, &at);
	t->log->other[format]++;
	return EXIT_DONE;
}

static void tell_damage(struct taking *t, const struct source_finding *f)
{
	struct record r;

	t->log->damaged++;
	t->adopt->left = true;
	if (t->adopt->tool->json) {
		record_begin(&r);
		record_text(&r, "problem", f->text);
		record_text(&r, "source", ssb_item_name(t->log->item));
		record_uint(&r, "at", f->at);
		record_end(&r);
	} else if (t->log->damaged <= TOLD_MAX) {
		tool_note("%s, at byte %llu: %s%s",
			  ssb_item_name(t->log->item),
			  (unsigned long long)f->at, f->text,
			  t->log->damaged == TOLD_MAX
				  ? " (more are only counted)" : "");
	}
}

static int take_source(struct taking *t, struct source *s)
{
	struct kith_error e = { 0 };
	struct source_message m;
	struct source_finding f;
	enum source_step step = SOURCE_MESSAGE;
	enum kith_err err = KITH_OK;
	int code = EXIT_DONE;

	while (!code && !err && step != SOURCE_END &&
	       bring_goes_on(t->bring)) {
		err = source_next(s, &step, &m, &f, &e);
		if (err || step == SOURCE_END)
			break;
		if (step == SOURCE_MESSAGE)
			code = take_message(t, &m);
		else if (f.harmless)
			t->log->deleted++;
		else
			tell_damage(t, &f);
	}
	if (err && !bring_stopped(t->bring))
		code = tool_fail(EXIT_UNREADABLE, "%s", e.text);
	return code;
}

/* --- what there is to say ------------------------------------------------- */

static void put_others(const struct log *l, struct record *r)
{
	static const char *const names[] = {
		[KITH_BENDYBUTT_V1] = "bendybutt-v1",
		[KITH_GABBYGROVE_V1] = "gabbygrove-v1",
		[KITH_BUTTWOO_V1] = "buttwoo-v1",
		[KITH_INDEXED_V1] = "indexed-v1",
	};

	for (size_t i = KITH_BENDYBUTT_V1; i <= KITH_INDEXED_V1; i++) {
		if (l->other[i] && r)
			record_uint(r, names[i], l->other[i]);
		else if (l->other[i])
			printf(", %llu of the format %s left",
			       (unsigned long long)l->other[i], names[i]);
	}
}

static void say_log(const struct taking *t, const struct log *l)
{
	struct record r;

	if (t->adopt->tool->json) {
		record_begin(&r);
		record_text(&r, "part", "log");
		record_text(&r, "source", ssb_item_name(l->item));
		record_uint(&r, "messages", l->messages);
		record_uint(&r, "deleted", l->deleted);
		record_uint(&r, "damaged", l->damaged);
		put_others(l, &r);
		record_end(&r);
		return;
	}
	printf("%s: %llu messages, %llu deleted there, %llu damaged",
	       ssb_item_name(l->item), (unsigned long long)l->messages,
	       (unsigned long long)l->deleted,
	       (unsigned long long)l->damaged);
	put_others(l, NULL);
	putchar('\n');
	fflush(stdout);
}

/* --- the logs ------------------------------------------------------------- */

static int take_log(struct taking *t)
{
	const struct source_with with = { .tick = tick, .arg = t };
	char name[PATH_MAX + 8];
	struct kith_error e = { 0 };
	struct source *s;
	int code;

	snprintf(name, sizeof(name), "%s:%s", t->log->kind, t->adopt->folder);
	if (source_open(name, &with, &s, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	code = take_source(t, s);
	source_close(s);
	progress_end(bring_progress(t->bring));
	say_log(t, t->log);
	t->base += t->adopt->found.bytes[t->log->item];
	return code;
}

/* What one log has the other may have too: it is known by then. */
static int take_logs(struct taking *t)
{
	const uint64_t *bytes = t->adopt->found.bytes;
	int code = EXIT_DONE;
	bool again = false;

	progress_total(bring_progress(t->bring),
		       bytes[SSB_FLUME] + bytes[SSB_DB2]);
	for (size_t i = 0; i < LOGS && !code; i++) {
		t->log = &t->logs[i];
		if (!t->adopt->found.there[t->log->item])
			continue;
		if (again)
			code = bring_wait(t->bring);
		if (!code && !bring_stopped(t->bring))
			code = take_log(t);
		again = true;
	}
	return code;
}

int adopt_log(struct adopt *a)
{
	struct taking t = {
		.adopt = a,
		.logs = { { .kind = "flume", .item = SSB_FLUME },
			  { .kind = "bipf", .item = SSB_DB2 } },
	};
	const char *folder = getenv("TMPDIR");
	const struct bring_how how = {
		.tool = a->tool,
		.sink = a->sink,
		.folder = folder && *folder ? folder
					    : home_path(a->tool->home),
		.spill_bytes = SPILL_DISK_BYTES,
		.trial = a->dry,
		.again = "adopt again",
		.name = log_name,
		.arg = &t,
	};
	int code;

	interrupt_hold();
	code = bring_new(&how, &t.bring);
	if (code)
		return code;
	code = bring_settle(t.bring, take_logs(&t));
	code = bring_end(t.bring, code);
	bring_free(t.bring);
	return code;
}
