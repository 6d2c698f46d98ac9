#include "tools/carry/sync.h"

#include <stdio.h>
#include <stdlib.h>

#include "src/depot/folder_url.h"
#include "src/ingest/guard.h"
#include "src/store/ask.h"
#include "src/views/contacts.h"
#include "tools/carry/commands.h"
#include "tools/network.h"
#include "tools/pass/depot_sink.h"
#include "tools/pick/named.h"
#include "tools/stream/interrupt.h"
#include "tools/text/progress.h"

/* In the home, once a person was told what a stick shows. */
#define TOLD "depots/told"

struct sync {
	struct tool *tool;
	struct folder *folder;
	bool there, sealed; /* the depot */
	struct depot_way way;
	struct blobs *blobs;
	struct graph *graph;
	struct network network;
	struct kith_signer *signer;
	struct kith_buf passphrase;
	struct kith_feed_id *recipients;
	struct depot_seal_for seal;
	struct depot_config config;
	struct depot_report report;
	struct progress progress;
	enum depot_phase phase;
	uint64_t shown_messages;
	uint64_t findings;
	struct publish_row own_before;
};

/* --- what the session asks for --- */

static enum kith_err look(void *arg, struct graph *graph)
{
	struct sync *s = arg;
	struct contact c = { 0 };
	struct txn *t;
	enum kith_err err = store_read(s->config.store, &t);

	if (err)
		return err;
	while (!err && contacts_next(t, &c))
		err = graph_set(graph, &c.from, &c.to, c.edge);
	if (!err)
		err = txn_error(t);
	txn_end(t);
	return err;
}

static void begin_phase(struct sync *s, enum depot_phase phase)
{
	static const char *const done[] = {
		[DEPOT_LOOKING] = "looked at",
		[DEPOT_TAKING] = "taken in",
		[DEPOT_LEAVING] = "left there",
		[DEPOT_CHECKING] = "read back",
	};

	s->phase = phase;
	s->shown_messages = 0;
	progress_end(&s->progress);
	progress_start(&s->progress, done[phase], false);
}

static bool show(void *arg, enum depot_phase phase, uint64_t messages,
		 uint64_t bytes, uint64_t total)
{
	struct sync *s = arg;

	if (phase != s->phase)
		begin_phase(s, phase);
	progress_total(&s->progress, total);
	progress_at(&s->progress, bytes);
	s->progress.messages = messages;
	s->progress.bytes = bytes;
	progress_bytes(&s->progress, 0);
	return !interrupt_pending();
}

static void note_finding(void *arg, const char *text)
{
	struct sync *s = arg;

	progress_end(&s->progress);
	s->findings++;
	tool_note("%s", text);
}

/* --- before --- */

static int add_recipients(struct sync *s)
{
	struct tool *t = s->tool;
	struct look l;
	int code;

	s->recipients = calloc(t->chosen_count + 1, sizeof(*s->recipients));
	if (!s->recipients)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = look_begin(&l, t);
	for (size_t i = 0; !code && i < t->chosen_count; i++)
		if (t->chosen[i].letter == 'f')
			code = named_feed(
				&l, kith_text(t->chosen[i].value),
				NAMED_NEITHER,
				&s->recipients[s->seal.recipient_count++]);
	look_end(&l);
	/* Who seals for others wants to read it, too. */
	if (!code && s->recipients)
		s->recipients[s->seal.recipient_count++] = t->self;
	s->seal.recipients = s->recipients;
	return code;
}

static int ask(struct sync *s, bool fresh)
{
	const char *file = tool_option(s->tool, 'P');
	struct kith_error e = { 0 };
	enum kith_err err = ask_init(&s->passphrase, &e);

	if (!err && fresh)
		err = ask_new_passphrase(file, "Passphrase of the depot: ",
					 &s->passphrase, &e);
	else if (!err)
		err = ask_passphrase(file, "Passphrase of the depot: ",
				     &s->passphrase, &e);
	return err ? tool_fail(fresh ? EXIT_FAILED : EXIT_UNREADABLE, "%s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}

/* A depot that is there is what it is. */
static int check_wishes(const struct sync *s)
{
	bool wish = tool_option(s->tool, 's') || tool_option(s->tool, 'f');

	if (s->there && wish && !s->sealed)
		return tool_fail(EXIT_FAILED, "the depot is there already, and "
				 "is not sealed: make another in its place");
	if (s->there && tool_option(s->tool, 'f'))
		return tool_fail(EXIT_FAILED, "the depot is there already: who "
				 "can open it was said when it was made");
	return EXIT_DONE;
}

static int prepare_new_seal(struct sync *s)
{
	int code = EXIT_DONE;

	if (tool_option(s->tool, 'f'))
		code = add_recipients(s);
	if (!code && tool_option(s->tool, 's')) {
		code = ask(s, true);
		s->seal.passphrase = kith_bytes(&s->passphrase);
	}
	if (tool_option(s->tool, 'f') || tool_option(s->tool, 's'))
		s->config.seal = &s->seal;
	return code;
}

/* Our identity may open it, or the home may have its key; a passphrase is asked
 * for if neither does. */
static int prepare_seal(struct sync *s)
{
	struct kith_error e = { 0 };
	enum kith_err err;
	struct depot d = { 0 };
	int code = check_wishes(s);

	if (!code && !s->there && !s->config.dry_run)
		return prepare_new_seal(s);
	if (code || !s->there)
		return code;
	if (!s->sealed)
		return EXIT_DONE;
	err = home_secret_read(s->tool->home, &s->signer, &e);
	if (err)
		return tool_explain(&e, err);
	err = depot_enter(s->folder, s->tool->home, s->signer,
			  (struct kith_slice){ NULL, 0 }, &d, NULL);
	if (err)
		return ask(s, false);
	depot_leave(&d);
	return EXIT_DONE;
}

static void warn_once(struct sync *s)
{
	struct kith_buf told = { .limit = 64 };

	if (s->sealed || s->config.seal || s->config.dry_run ||
	    s->config.import_only || !(s->folder->can & FOLDER_WRITES))
		return;
	if (home_read(s->tool->home, TOLD, &told, NULL))
		tool_note("whoever finds this depot can read in it who "
			  "follows whom, and all that is public; with --sealed "
			  "nobody can (this is said once)");
	kith_buf_free(&told);
}

static void note_told(struct sync *s)
{
	struct kith_buf told = { .limit = 64 };

	if (!s->sealed && !s->config.seal && !s->config.dry_run &&
	    s->report.out.messages &&
	    home_read(s->tool->home, TOLD, &told, NULL) &&
	    home_write(s->tool->home, TOLD, KITH_SLICE("plain\n"), NULL))
		tool_note("it will be said again: %s/" TOLD
			  " cannot be written", home_path(s->tool->home));
	kith_buf_free(&told);
}

static int configure(struct sync *s)
{
	struct tool *t = s->tool;
	uint64_t hops;

	if (!tool_number(t, 'o', s->network.hops, &hops) ||
	    !tool_size(t, 'b', &s->config.budget_bytes))
		return EXIT_MISUSED;
	s->config.home = t->home;
	s->config.id = &t->self;
	s->config.hops = hops > 100 ? 100 : (int)hops;
	s->config.blob_hops = s->config.hops;
	s->config.blob_bytes_max = s->network.blob_max;
	s->config.blob_quotas = &s->network.blob_quotas;
	s->config.remember = tool_option(t, 'r');
	s->config.look = look;
	s->config.progress = show;
	s->config.finding = note_finding;
	s->config.arg = s;
	return EXIT_DONE;
}

static int open_store(struct sync *s)
{
	struct kith_error e = { 0 };
	enum kith_err err;
	int code = s->config.dry_run ? tool_open(s->tool, NEEDS_STORE)
				     : depot_way_open(&s->way, s->tool);

	if (code)
		return code;
	s->config.sink = &s->way.ops;
	s->config.store = s->config.dry_run ? s->tool->store
					    : sink_store(s->way.sink);
	s->config.blobs = s->way.blobs;
	if (s->config.dry_run) {
		err = blobs_open(s->tool->home, &s->blobs, &e);
		if (err)
			return tool_explain(&e, err);
		s->config.blobs = s->blobs;
	}
	s->graph = graph_new(&s->tool->self);
	s->config.graph = s->graph;
	err = s->graph ? look(s, s->graph) : KITH_ENOMEM;
	return err ? tool_fail(EXIT_UNREADABLE, "the store cannot be read: %s",
			       kith_strerror(err))
		   : EXIT_DONE;
}

static int prepare(struct sync *s, const char *word)
{
	struct sync_place how = {
		.may_make = !s->config.dry_run && !s->config.import_only,
		.create = tool_option(s->tool, 'c'),
		.trial = s->config.dry_run && !s->config.import_only,
	};
	int code = network_read(s->tool->home, &s->network);

	if (!code)
		code = configure(s);
	if (!code)
		code = sync_open(s->tool, word, &how, &s->folder);
	if (code)
		return code;
	s->there = sync_is_depot(s->folder, &s->sealed);
	code = prepare_seal(s);
	s->config.self = s->signer;
	s->config.passphrase = kith_bytes(&s->passphrase);
	if (!code)
		code = open_store(s);
	if (!code)
		warn_once(s);
	return code;
}

/* --- after --- */

/* Our own feed on a depot may show that another place writes to it. */
static void show_guard(struct sync *s)
{
	const struct publish_row *before = &s->own_before;
	struct publish_row row = { 0 };
	struct feed_row feed = { 0 };
	const char *advice;
	struct txn *t;

	if (store_read(s->config.store, &t))
		return;
	guard_get(t, &s->tool->self, &row);
	(void)feed_get(t, &s->tool->self, &feed);
	txn_end(t);
	if (row.state == before->state && row.forked == before->forked)
		return;
	advice = guard_advice(&row, feed.last);
	tool_note("your feed is %s now: %s%s%s", guard_state_name(row.state),
		  row.reason, advice ? "; " : "", advice ? advice : "");
}

static void read_guard(struct sync *s)
{
	struct txn *t;

	if (store_read(s->config.store, &t))
		return;
	guard_get(t, &s->tool->self, &s->own_before);
	txn_end(t);
}

static int code_of(const struct sync *s, enum kith_err err)
{
	const struct depot_report *p = &s->report;

	switch (err) {
	case KITH_OK:
		return p->refused || p->damaged || p->lacking || p->renamed ?
			       EXIT_FAILED : EXIT_DONE;
	case KITH_ENOENT: return EXIT_NOT_FOUND;
	case KITH_EIO:
	case KITH_EDENIED:
	case KITH_EFORMAT: return EXIT_UNREADABLE;
	default: return EXIT_FAILED;
	}
}

static void say_end(const struct sync *s, enum kith_err err)
{
	if (s->config.dry_run || folder_url_is(s->folder->where))
		return;
	if (err && err != KITH_EFULL && err != KITH_EBUSY)
		return;
	puts(s->report.bytes_written ? "all that was written was read back: "
				       "the stick may be removed"
				     : "the stick may be removed");
}

enum kith_err sync_session(struct sync *s, struct depot_report *report,
			   struct kith_error *e)
{
	enum kith_err err;

	begin_phase(s, DEPOT_LOOKING);
	err = depot_sync(s->folder, &s->config, &s->report, e);
	progress_end(&s->progress);
	*report = s->report;
	return err;
}

/* What came in is in the views, too. */
static int settle(struct sync *s)
{
	int code;

	if (!s->way.sink || !s->report.in.messages)
		return EXIT_DONE;
	progress_start(&s->progress, "taken into the views", false);
	code = sink_settle(s->way.sink, &s->progress);
	progress_end(&s->progress);
	return code;
}

static int run(struct sync *s)
{
	struct depot_report report;
	struct kith_error e = { 0 };
	enum kith_err err;
	int rest;

	read_guard(s);
	err = sync_session(s, &report, &e);
	rest = settle(s);
	sync_print(&(struct sync_outcome){ &s->report, s->folder->where,
					   s->tool->json,
					   s->config.dry_run });
	show_guard(s);
	note_told(s);
	if (!s->tool->json)
		say_end(s, err);
	if (err)
		return tool_fail(code_of(s, err), "%s",
				 *e.text ? e.text : kith_strerror(err));
	return rest ? rest : code_of(s, err);
}

/* --- for kith sync and kith depot --- */

struct folder *sync_folder(const struct sync *s)
{
	return s->folder;
}

struct depot_config *sync_config(struct sync *s)
{
	return &s->config;
}

void sync_end(struct sync *s)
{
	if (!s)
		return;
	depot_way_close(&s->way);
	blobs_close(s->blobs);
	graph_free(s->graph);
	folder_free(s->folder);
	kith_signer_free(s->signer);
	ask_clear(&s->passphrase);
	free(s->recipients);
	free(s);
}

int sync_begin(struct tool *t, const char *word, const struct sync_wish *wish,
	       struct sync **out)
{
	struct sync *s = calloc(1, sizeof(*s));
	int code;

	if (!s)
		return tool_fail(EXIT_FAILED, "out of memory");
	s->tool = t;
	s->config.dry_run = wish->dry_run;
	s->config.import_only = wish->import_only;
	interrupt_hold();
	code = prepare(s, word);
	if (code)
		sync_end(s);
	else
		*out = s;
	return code;
}

int command_sync(struct tool *t, int argc, char **argv)
{
	const struct sync_wish wish = { .dry_run = tool_option(t, 'n'),
					.import_only = tool_option(t, 'i') };
	struct sync *s = NULL;
	int code = sync_begin(t, argv[0], &wish, &s);

	(void)argc;
	if (code || !s)
		return code;
	code = run(s);
	sync_end(s);
	return code;
}
