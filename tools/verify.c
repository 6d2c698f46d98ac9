#include "tools/commands.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/base64.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "tools/lines.h"
#include "tools/network.h"
#include "tools/progress.h"
#include "tools/record.h"
#include "tools/select.h"
#include "tools/text.h"

enum { BATCH_MAX = 64, BATCH_BYTES_MAX = BATCH_MAX * LINES_BYTES_MAX };

/* One message of a batch. */
struct subject {
	size_t at, n;	    /* in the bytes */
	uint64_t line;	    /* of the file; 0: from the store */
	const char *broken; /* no message at all: why; or NULL */
	struct kith_msg_id stored; /* the id it is stored under */
};

struct verification {
	struct tool *tool;
	struct kith_decoder *decoder;
	struct progress progress;
	const char *name; /* of the file, NULL: the store */
	bool quiet;
	bool chained;	  /* messages follow each other in one feed */
	struct kith_tip tip;

	struct kith_buf bytes;
	struct subject subjects[BATCH_MAX];
	struct kith_msg messages[BATCH_MAX];
	struct kith_error errors[BATCH_MAX];
	struct kith_verify_item items[BATCH_MAX];
	size_t n;

	uint64_t good, bad;
};

/* What is known of one message when it is reported. */
struct finding {
	const struct subject *subject;
	const struct kith_msg *m; /* NULL: it could not be decoded */
	const char *problem;	  /* NULL: none */
	size_t at;
};

static void print_record(const struct verification *v,
			 const struct finding *f)
{
	struct record r;

	record_begin(&r);
	if (f->m) {
		record_feed(&r, "feed", &f->m->author);
		record_uint(&r, "seq", f->m->sequence);
		record_msg(&r, "id", &f->m->id);
	}
	record_text(&r, "state", f->problem ? "bad" : "ok");
	if (f->problem) {
		record_text(&r, "problem", f->problem);
		record_uint(&r, "at", f->at);
	}
	if (v->name)
		record_text(&r, "source", v->name);
	if (f->subject->line)
		record_uint(&r, "line", f->subject->line);
	record_end(&r);
}

/* "FILE:12: %id: problem", with what is known of it. */
static void print_problem(const struct verification *v,
			  const struct finding *f)
{
	char id[KITH_REF_TEXT_BYTES] = "";

	if (f->subject->line)
		printf("%s:%llu: ", v->name,
		       (unsigned long long)f->subject->line);
	if (f->m)
		kith_msg_print(&f->m->id, id);
	else if (!f->subject->line)
		kith_msg_print(&f->subject->stored, id);
	if (*id)
		printf("%s: ", id);
	text_print(stdout, kith_text(f->problem));
	if (!f->m && f->at)
		printf(" (at byte %zu)", f->at);
	putchar('\n');
}

static void report(struct verification *v, const struct finding *f)
{
	if (f->problem)
		v->bad++;
	else
		v->good++;
	if (v->quiet)
		return;
	if (v->tool->json)
		print_record(v, f);
	else if (f->problem)
		print_problem(v, f);
}

/* How m stands in its feed; NULL: as it should. */
static const char *check_chain(struct verification *v, const struct kith_msg *m)
{
	enum kith_err err;

	if (!v->chained)
		return NULL;
	err = kith_chain(&v->tip, m);
	v->tip = (struct kith_tip){ m->sequence, m->id, m->claimed };
	switch (err) {
	case KITH_OK: return NULL;
	case KITH_EFORK: return "previous: it names another message than the "
				"one before";
	default: return "sequence: it does not follow the message before";
	}
}

static const char *check_one(struct verification *v, size_t i)
{
	const struct subject *s = &v->subjects[i];
	const char *chain = check_chain(v, &v->messages[i]);

	if (!v->items[i].valid)
		return "signature: it does not verify";
	if (!s->line && !kith_msg_equal(&s->stored, &v->messages[i].id))
		return "id: it is stored under another";
	return chain;
}

static void decode(struct verification *v, size_t i)
{
	const struct subject *s = &v->subjects[i];
	struct kith_msg *m = &v->messages[i];

	v->errors[i] = (struct kith_error){ 0 };
	v->items[i].key = NULL;
	if (s->broken)
		kith_fail(&v->errors[i], KITH_EFORMAT, 0, "%s", s->broken);
	else if (!kith_msg_decode(v->decoder, KITH_CLASSIC,
				  (struct kith_slice){ v->bytes.p + s->at,
						       s->n },
				  m, &v->errors[i]))
		v->items[i] = (struct kith_verify_item){
			.key = m->author.b,
			.message = m->signing,
			.signature = m->signature,
		};
}

/* Checks and reports the batch, in order. */
static void settle(struct verification *v)
{
	kith_decoder_reset(v->decoder);
	for (size_t i = 0; i < v->n; i++)
		decode(v, i);
	for (size_t i = 0; i < v->n; i++)
		if (v->items[i].key)
			kith_verify(&v->items[i], 1);
	for (size_t i = 0; i < v->n; i++) {
		struct finding f = { .subject = &v->subjects[i] };

		if (v->items[i].key) {
			f.m = &v->messages[i];
			f.problem = check_one(v, i);
		} else {
			f.problem = v->errors[i].text;
			f.at = v->errors[i].offset;
		}
		report(v, &f);
	}
	v->n = 0;
	kith_buf_reset(&v->bytes);
}

static int add(struct verification *v, struct subject s,
	       struct kith_slice value)
{
	s.at = v->bytes.n;
	s.n = value.n;
	kith_buf_put(&v->bytes, value);
	if (v->bytes.err)
		return tool_fail(EXIT_FAILED, "out of memory");
	v->subjects[v->n++] = s;
	progress_step(&v->progress, value.n);
	if (v->n == BATCH_MAX)
		settle(v);
	return EXIT_DONE;
}

static int add_line(struct verification *v, const struct lines *l,
		    struct kith_slice line)
{
	struct subject s = { .line = l->number };
	struct kith_slice value = { 0 };

	if (l->too_long)
		s.broken = "size: longer than any message";
	else if (!lines_value(line, &value, NULL))
		s.broken = "json: the line is no JSON object";
	return add(v, s, value);
}

static int verify_file(struct verification *v, const char *name)
{
	struct kith_slice line;
	struct lines l;
	int code = EXIT_DONE;

	v->name = strcmp(name, "-") ? name : "standard input";
	if (!lines_open(&l, name))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	while (!code && lines_next(&l, &line))
		if (line.n || l.too_long)
			code = add_line(v, &l, line);
	settle(v);
	if (!code && lines_failed(&l))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s behind line "
				 "%llu: %s", v->name,
				 (unsigned long long)l.number,
				 lines_failed(&l));
	lines_close(&l);
	return code;
}

/* The message before the first of a range is where its chain hangs. */
static void start_chain(struct verification *v, struct walk *w)
{
	const struct selection *of = &w->of;
	struct message_row before;
	struct txn *t;

	v->tip = (struct kith_tip){ 0 };
	v->chained = of->kind == SELECT_FEED;
	if (!v->chained || of->first <= 1 || store_read(w->store, &t))
		return;
	if (message_by_sequence(t, of->feed.number, of->first - 1, &before))
		v->tip = (struct kith_tip){ .sequence = before.sequence,
					    .id = before.id };
	else
		v->chained = false;
	txn_end(t);
}

static int verify_selection(struct verification *v, const struct selection *of)
{
	struct view_message m;
	struct message_row row;
	struct walk w;
	int code = EXIT_DONE;

	walk_start(&w, v->tool->store, of, false);
	start_chain(v, &w);
	while (!code && walk_next(&w, &m, &row))
		code = add(v, (struct subject){ .stored = row.id }, row.canon);
	settle(v);
	walk_end(&w);
	if (w.err && !code) {
		v->bad++;
		code = tool_fail(EXIT_FAILED, "after %llu messages the store "
				 "cannot be read: %s",
				 (unsigned long long)(v->good + v->bad),
				 kith_strerror(w.err));
	}
	return code;
}

/* Feed by feed, so that every link of every chain is looked at. */
static int verify_store(struct verification *v)
{
	struct selection of = { .kind = SELECT_FEED };
	uint32_t number = 0;
	struct txn *t;
	bool more = true;
	int code = EXIT_DONE;

	while (!code) {
		if (store_read(v->tool->store, &t))
			return tool_fail(EXIT_UNREADABLE,
					 "the store cannot be read");
		more = feed_next(t, &number, &of.feed);
		txn_end(t);
		if (!more)
			break;
		of.first = of.feed.first;
		of.last = of.feed.last;
		if (of.last)
			code = verify_selection(v, &of);
	}
	return code;
}

static bool is_selection(const char *text)
{
	return *text == '@' || *text == '%' || !strncmp(text, "rx:", 3) ||
	       !strncmp(text, "ssb:", 4);
}

static int verify_here(struct verification *v, const char *text)
{
	struct selection of;
	int code = text ? select_in(v->tool->store, text, &of) : EXIT_DONE;

	if (code)
		return code;
	return text ? verify_selection(v, &of) : verify_store(v);
}

static int print_summary(const struct verification *v, int code)
{
	if (!v->quiet && !v->tool->json && (!code || v->good + v->bad))
		printf("%llu ok, %llu bad\n", (unsigned long long)v->good,
		       (unsigned long long)v->bad);
	return code ? code : v->bad ? EXIT_FAILED : EXIT_DONE;
}

/* The key of --hmac, or the one of the home that the messages come from. */
static int find_key(struct tool *t, bool here, struct network *out)
{
	const char *text = tool_option(t, 'k');

	*out = (struct network){ .has_key = text };
	if (text)
		return base64_decode(kith_text(text), out->key,
				     sizeof(out->key))
			? EXIT_DONE
			: tool_fail(EXIT_MISUSED, "--hmac takes 32 bytes in "
				    "base64");
	return here ? network_read(t->home, out) : EXIT_DONE;
}

static int run(struct tool *t, const char *text, const struct network *network)
{
	struct verification *v = calloc(1, sizeof(*v));
	bool here = t->store;
	int code;

	if (!v)
		return tool_fail(EXIT_FAILED, "out of memory");
	v->tool = t;
	v->quiet = tool_option(t, 'q');
	v->bytes.limit = BATCH_BYTES_MAX;
	progress_start(&v->progress, "verified", v->quiet);
	v->decoder = kith_decoder_new(network->has_key ? network->key : NULL);
	if (!v->decoder)
		code = tool_fail(EXIT_FAILED, "out of memory");
	else
		code = here ? verify_here(v, text)
			    : verify_file(v, text ? text : "-");
	progress_end(&v->progress);
	code = print_summary(v, code);
	kith_decoder_free(v->decoder);
	kith_buf_free(&v->bytes);
	free(v);
	return code;
}

int command_verify(struct tool *t, int argc, char **argv)
{
	const char *text = argc ? argv[0] : NULL;
	bool here = !text || is_selection(text);
	struct network network;
	int code = here ? tool_open(t, NEEDS_HOME | NEEDS_STORE) : EXIT_DONE;

	if (!code)
		code = find_key(t, here, &network);
	return code ? code : run(t, text, &network);
}
