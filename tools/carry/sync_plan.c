/* kith sync-plan: what would go each way, and nothing goes. */
#include "tools/carry/commands.h"

#include <stdio.h>
#include <sys/stat.h>

#include "src/depot/folder_url.h"
#include "src/gossip/graph.h"
#include "src/source/kind.h"
#include "src/store/messages.h"
#include "src/views/contacts.h"
#include "tools/carry/sync.h"
#include "tools/from/side.h"
#include "tools/print/record.h"
#include "tools/sum.h"
#include "tools/text/text.h"

enum { HOPS_MAX = 100 };

struct flow {
	uint64_t messages, bytes, feeds;
};

struct plan {
	struct tool *tool;
	struct side side;
	struct graph *graph;
	int hops;
	bool gives; /* what is there takes from us, too */
	struct kith_feed_id peer;
	struct flow in, out, far;
	uint64_t unknown; /* feeds here of which it does not say a word */
	bool guessed;	  /* bytes of in */
};

/* --- feed by feed --------------------------------------------------------- */

/* Bytes of messages that are there, or, of a peer, what they would take if they
 * were as long as ours. */
static int count_in(struct plan *p, const struct feed_row *ours,
		    const struct source_feed *theirs, struct flow *in)
{
	struct source_message m;

	in->feeds++;
	if (p->gives) {
		uint64_t n = theirs->last - ours->last;

		in->messages = sum_of(in->messages, n);
		if (ours->last)
			in->bytes = sum_of(in->bytes,
					   sum_times(ours->bytes /
						     feed_held(ours), n));
		p->guessed = true;
		return EXIT_DONE;
	}
	for (uint64_t i = ours->last + 1; i <= theirs->last; i++) {
		struct kith_error e = { 0 };
		enum kith_err err = source_at(p->side.source, &theirs->id, i,
					      &m, &e);

		if (err == KITH_ENOENT)
			return EXIT_DONE; /* what follows a hole stays out */
		if (err)
			return side_fail(&p->side, &e, err);
		in->messages++;
		in->bytes += m.value.n;
	}
	return EXIT_DONE;
}

static void count_out(struct plan *p, struct txn *t,
		      const struct feed_row *ours, uint64_t from)
{
	struct message_row row;

	p->out.feeds++;
	for (uint64_t i = from; i <= ours->last; i++) {
		if (!message_by_sequence(t, ours->number, i, &row))
			return;
		p->out.messages++;
		p->out.bytes += row.canon.n;
	}
}

static int plan_feed(struct plan *p, struct txn *t,
		     const struct source_feed *theirs)
{
	struct feed_row ours;
	int hops = graph_hops(p->graph, &theirs->id);
	bool far = hops < 0 || hops > p->hops;

	(void)feed_get(t, &theirs->id, &ours);
	if (!theirs->known)
		return EXIT_DONE;
	if (theirs->last > ours.last)
		return count_in(p, &ours, theirs, far ? &p->far : &p->in);
	if (p->gives && theirs->last < ours.last && !far &&
	    theirs->last + 1 >= ours.first &&
	    !graph_hides(p->graph, &theirs->id, &p->peer))
		count_out(p, t, &ours, theirs->last + 1);
	return EXIT_DONE;
}

static void count_unknown(struct plan *p, struct txn *t)
{
	struct source_feed theirs;
	struct feed_row ours;
	uint32_t number = 0;

	while (p->gives && feed_next(t, &number, &ours)) {
		side_feed(&p->side, &ours.id, &theirs);
		p->unknown += ours.last && !theirs.known;
	}
}

static int plan_all(struct plan *p)
{
	struct tool *t = p->tool;
	struct contact c = { 0 };
	int code = EXIT_DONE;
	struct txn *txn;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	while (!code && contacts_next(txn, &c))
		if (graph_set(p->graph, &c.from, &c.to, c.edge))
			code = tool_fail(EXIT_FAILED, "out of memory");
	for (size_t i = 0; !code && i < p->side.count; i++)
		code = plan_feed(p, txn, &p->side.feeds[i]);
	if (!code)
		count_unknown(p, txn);
	if (!code && txn_error(txn))
		code = tool_fail(EXIT_UNREADABLE, "the store cannot be read "
				 "further: %s", kith_strerror(txn_error(txn)));
	txn_end(txn);
	return code;
}

/* --- telling -------------------------------------------------------------- */

static void print_record(const struct plan *p)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "source", p->side.name);
	record_uint(&r, "in", p->in.messages);
	record_uint(&r, "in_bytes", p->in.bytes);
	record_uint(&r, "in_feeds", p->in.feeds);
	record_bool(&r, "guessed", p->guessed);
	record_uint(&r, "out", p->out.messages);
	record_uint(&r, "out_bytes", p->out.bytes);
	record_uint(&r, "out_feeds", p->out.feeds);
	record_uint(&r, "far", p->far.messages);
	record_uint(&r, "far_feeds", p->far.feeds);
	record_uint(&r, "unknown", p->unknown);
	record_end(&r);
}

static void print_flow(const char *what, const struct flow *f, bool guessed)
{
	char messages[TEXT_COUNT_BYTES], feeds[TEXT_COUNT_BYTES],
		size[TEXT_SIZE_BYTES];

	text_size(f->bytes, size);
	printf("%s: %s of %s, %s%s\n", what,
	       text_count(f->messages, "message", messages),
	       text_count(f->feeds, "feed", feeds), guessed ? "about " : "",
	       size);
}

static void print_lines(const struct plan *p)
{
	char n[TEXT_COUNT_BYTES];

	print_flow("would take in", &p->in, p->guessed && p->in.messages);
	if (p->gives)
		print_flow("would leave", &p->out, false);
	if (p->far.feeds)
		print_flow("not taken, for their feeds are out of reach",
			   &p->far, p->guessed);
	if (p->unknown)
		printf("unknown: %s here of which it says nothing\n",
		       text_count(p->unknown, "feed", n));
}

/* --- a peer, or what can only be taken from ------------------------------- */

/* Whom we would talk to, for what others keep from it. */
static void read_peer(struct plan *p)
{
	const char *name = p->side.name;
	struct address a;

	p->gives = p->side.asked;
	p->peer = (struct kith_feed_id){ .format = KITH_CLASSIC };
	if (!strncmp(name, "peer:", 5))
		name += 5;
	if (p->gives && !address_parse(kith_text(name), &a, NULL))
		memcpy(p->peer.b, a.key, sizeof(p->peer.b));
}

static int plan_source(struct tool *t, const char *name)
{
	struct plan p = { .tool = t };
	uint64_t hops = 0;
	int code = tool_open(t, NEEDS_STORE);

	if (!code)
		code = side_open(&p.side, t, name);
	if (!code && !tool_number(t, 'o', p.side.visit.network.hops, &hops))
		code = EXIT_MISUSED;
	p.hops = hops > HOPS_MAX ? HOPS_MAX : (int)hops;
	p.graph = code ? NULL : graph_new(&t->self);
	if (!code && !p.graph)
		code = tool_fail(EXIT_FAILED, "out of memory");
	if (!code)
		code = sides_look(&p.side, 1, NULL);
	if (!code) {
		read_peer(&p);
		code = plan_all(&p);
	}
	if (!code && t->json)
		print_record(&p);
	else if (!code)
		print_lines(&p);
	graph_free(p.graph);
	side_close(&p.side);
	return code;
}

/* --- a depot -------------------------------------------------------------- */

static int plan_depot(struct tool *t, const char *name)
{
	const struct sync_wish wish = { .dry_run = true };
	struct depot_report report;
	struct kith_error e = { 0 };
	struct sync *s = NULL;
	enum kith_err err;
	int code = sync_begin(t, name, &wish, &s);

	if (code || !s)
		return code;
	err = sync_session(s, &report, &e);
	sync_print(&(struct sync_outcome){ &report, sync_folder(s)->where,
					   t->json, true });
	sync_end(s);
	return err ? tool_fail(EXIT_UNREADABLE, "%s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}

/* A URL, or a folder that is none of another kind: kith sync says what else is
 * wrong with it. */
static bool is_depot(const char *text)
{
	const struct source_row *row;
	const char *name;
	struct stat st;

	if (folder_url_is(text))
		return true;
	if (stat(text, &st) || !S_ISDIR(st.st_mode))
		return false;
	row = source_find(text, &name, NULL);
	return !row || !strcmp(row->kind, "depot");
}

int command_sync_plan(struct tool *t, int argc, char **argv)
{
	(void)argc;
	if (!strncmp(argv[0], "depot:", 6))
		return plan_depot(t, argv[0] + 6);
	return is_depot(argv[0]) ? plan_depot(t, argv[0])
				 : plan_source(t, argv[0]);
}
