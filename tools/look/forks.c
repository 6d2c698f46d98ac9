/* kith forks: what is kept of forks, and whether a proof from anybody holds. */
#include "tools/look/forks.h"

#include <errno.h>
#include <stdlib.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/proof.h"
#include "feeds/ref.h"
#include "src/source/unpack.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/store/proofs.h"
#include "tools/look/commands.h"
#include "tools/network.h"
#include "tools/pass/chore.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/stream/interrupt.h"
#include "tools/text/text.h"

enum { ARGS_BYTES = KITH_REF_TEXT_BYTES + 16 };

/* --- the list ------------------------------------------------------------- */

/* One message of a row, as it is listed. */
struct shown {
	const struct proof_row *row;
	const struct proof_message *m;
	const char *state; /* "ours", "other" or "branch" */
	double claimed;
	bool sourced;	   /* a peer brought it: */
	struct kith_feed_id source;
};

static bool is_ours(struct txn *txn, const struct proof_row *row,
		    const struct proof_message *m)
{
	struct message_row held;
	struct feed_row feed;

	return feed_get(txn, &row->feed, &feed) &&
	       message_by_sequence(txn, feed.number, row->sequence, &held) &&
	       kith_msg_equal(&held.id, &m->id);
}

/* Short ids are all of one width. */
static void print_head(void)
{
	printf("%-10s  %8s  %-6s  %-10s  %-10s  %-16s  %s\n", "feed",
	       "sequence", "which", "message", "follows", "received", "from");
}

/* What m names as the message before it. */
static void short_previous(const struct proof_message *m,
			   char out[static TEXT_SHORT_BYTES])
{
	struct kith_slice text = json_get(m->canon, "previous");
	struct kith_msg_id previous;

	if (kith_msg_parse(json_plain(text), &previous))
		snprintf(out, TEXT_SHORT_BYTES, "%-10s", "-");
	else
		text_short_msg(&previous, out);
}

static void print_line(const struct shown *s)
{
	char feed[TEXT_SHORT_BYTES], id[TEXT_SHORT_BYTES];
	char previous[TEXT_SHORT_BYTES], when[TEXT_TIME_BYTES];
	char from[TEXT_SHORT_BYTES] = "-";

	text_short_feed(&s->row->feed, feed);
	text_short_msg(&s->m->id, id);
	short_previous(s->m, previous);
	text_time((double)s->m->received_us / 1000, when);
	if (s->sourced)
		text_short_feed(&s->source, from);
	printf("%s  %8llu  %-6s  %s  %s  %-16s  %s\n", feed,
	       (unsigned long long)s->row->sequence, s->state, id, previous,
	       when, from);
}

static void print_record(const struct shown *s)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &s->row->feed);
	record_uint(&r, "seq", s->row->sequence);
	record_text(&r, "state", s->state);
	record_msg(&r, "id", &s->m->id);
	record_json(&r, "prev", json_get(s->m->canon, "previous"));
	record_number(&r, "ts", s->claimed);
	record_number(&r, "received", (double)s->m->received_us / 1000);
	if (s->sourced)
		record_feed(&r, "source", &s->source);
	record_end(&r);
}

static void show_row(struct tool *t, struct txn *txn,
		     const struct proof_row *row)
{
	for (unsigned i = 0; i < row->count; i++) {
		struct shown s = { .row = row, .m = &row->messages[i] };

		s.state = row->count == 1	      ? "branch"
			  : is_ours(txn, row, s.m) ? "ours"
						      : "other";
		s.sourced = s.m->source &&
			    peer_by_number(txn, s.m->source, &s.source);
		if (!json_number(json_get(s.m->canon, "timestamp"),
				 &s.claimed))
			s.claimed = 0;
		if (t->json)
			print_record(&s);
		else
			print_line(&s);
	}
}

/* only: NULL for all feeds. */
static int list(struct tool *t, struct txn *txn,
		const struct kith_feed_id *only)
{
	struct proof_row row = { 0 };
	bool any = false;

	while (proof_next(txn, &row)) {
		if (only && !kith_feed_equal(&row.feed, only))
			continue;
		if (!any && !t->json)
			print_head();
		any = true;
		show_row(t, txn, &row);
	}
	if (txn_error(txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read "
				 "further: %s", kith_strerror(txn_error(txn)));
	if (!any && !t->json)
		tool_note("no fork %s", only ? "of this feed is known here"
					     : "is known here");
	return EXIT_DONE;
}

/* --- a proof out ---------------------------------------------------------- */

/* Reads @ID:SEQ, or @ID alone for the lowest place with a proof: 0. */
static int read_place(struct tool *t, const char *text,
		      struct kith_feed_id *feed, uint64_t *sequence)
{
	const char *colon = strrchr(text, ':');
	struct kith_slice id = kith_text(text);
	char *end;

	*sequence = 0;
	errno = 0;
	if (colon && colon[1] >= '1' && colon[1] <= '9') {
		*sequence = strtoull(colon + 1, &end, 10);
		id.n = (size_t)(colon - text);
		if (errno || *end)
			return tool_fail(EXIT_MISUSED, "behind the colon comes "
					 "the number of a message");
	}
	return select_anybody(t, id, feed);
}

/* Two lines as they are stored, which is as they were signed and sent. */
static int print_proof(const struct proof_row *row)
{
	for (int i = 0; i < 2; i++) {
		struct kith_slice canon = row->messages[i].canon;

		fwrite(canon.p, 1, canon.n, stdout);
		putchar('\n');
	}
	return EXIT_DONE;
}

/* sequence 0: the lowest place with a proof. */
static int prove(struct txn *txn, const struct kith_feed_id *feed,
		 uint64_t sequence)
{
	struct proof_row row;
	bool found;

	if (!sequence)
		sequence = proof_places(txn, feed).pair;
	found = proof_get(txn, feed, sequence, &row);
	if (txn_error(txn))
		return tool_fail(EXIT_UNREADABLE, "the proof cannot be read: "
				 "%s", kith_strerror(txn_error(txn)));
	if (!found)
		return tool_fail(EXIT_NOT_FOUND, "no fork is proven there; "
				 "`kith forks` lists what is");
	if (row.count < 2)
		return tool_fail(EXIT_NOT_FOUND, "one message of another "
				 "branch is known there, and nothing that "
				 "contradicts it: that is no proof");
	return print_proof(&row);
}

/* --- a proof in ----------------------------------------------------------- */

/* What is over the limit of out is not a proof, and need not be read. */
static int read_file(const char *name, struct kith_buf *out)
{
	struct unpack *u = unpack_open(name, interrupt_stops, NULL);
	struct kith_slice piece;
	int code = EXIT_DONE;

	if (!u)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	while (!out->err && out->n < out->limit &&
	       unpack_next(u, &piece))
		kith_buf_take(out, &piece, out->limit - out->n);
	if (unpack_failed(u))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 unpack_failed(u));
	else if (out->err)
		code = tool_fail(EXIT_FAILED, "out of memory");
	unpack_close(u);
	return code;
}

static void print_checked(struct tool *t, const struct kith_proof *p)
{
	char feed[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	struct record r;

	kith_feed_print(&p->author, feed);
	if (!t->json)
		printf("a proof: %s signed two messages %llu\n", feed,
		       (unsigned long long)p->sequence);
	for (int i = 0; i < 2; i++) {
		kith_msg_print(&p->messages[i].id, id);
		if (!t->json) {
			printf("%s\n", id);
			continue;
		}
		record_begin(&r);
		record_feed(&r, "feed", &p->author);
		record_uint(&r, "seq", p->sequence);
		record_text(&r, "state", "proven");
		record_msg(&r, "id", &p->messages[i].id);
		record_end(&r);
	}
}

static int refuse(struct tool *t, const struct kith_error *e)
{
	struct record r;

	if (!t->json)
		return tool_fail(EXIT_FAILED, "no proof: %s", e->text);
	record_begin(&r);
	record_text(&r, "state", "bad");
	record_text(&r, "problem", e->text);
	record_end(&r);
	return EXIT_FAILED;
}

static int check(struct tool *t, const char *name, const uint8_t *hmac)
{
	struct kith_buf text = { .limit = KITH_PROOF_BYTES_MAX + 1 };
	struct kith_decoder *d = kith_decoder_new(hmac);
	struct kith_error e = { 0 };
	struct kith_proof proof;
	int code;

	code = d ? read_file(name, &text)
		 : tool_fail(EXIT_FAILED, "out of memory");
	if (!code && kith_proof_read(d, kith_bytes(&text), &proof, &e))
		code = refuse(t, &e);
	else if (!code)
		print_checked(t, &proof);
	kith_buf_free(&text);
	kith_decoder_free(d);
	return code;
}

/* --- dropping ------------------------------------------------------------- */

static enum kith_err drop_step(struct store *s, void *arg, bool *more,
			       struct kith_error *e)
{
	(void)more;
	return proofs_drop(s, arg, e);
}

static void drop_progress(const void *arg, uint64_t *done, uint64_t *total)
{
	(void)arg;
	*done = *total = 0;
}

static void drop_read(void *arg, struct kith_slice reply)
{
	(void)arg;
	(void)reply;
}

static int drop(struct tool *t, struct kith_feed_id *feed)
{
	char id[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct record r;
	int code;
	struct chore chore = {
		.doing = "dropped",
		.arg = feed,
		.method = "kith.dropProofs",
		.read = drop_read,
		.step = drop_step,
		.progress = drop_progress,
	};

	kith_feed_print(feed, id);
	snprintf(args, sizeof(args), "[{\"feed\":\"%s\"}]", id);
	chore.args = kith_text(args);
	code = chore_run(t, &chore);
	if (code)
		return code;
	if (!t->json) {
		printf("%s is taken and given again\n", id);
		return EXIT_DONE;
	}
	record_begin(&r);
	record_feed(&r, "feed", feed);
	record_text(&r, "state", "ok");
	record_end(&r);
	return EXIT_DONE;
}

/* --- the command ---------------------------------------------------------- */

static int read_hmac(struct tool *t, struct network *out)
{
	const char *text = tool_option(t, 'k');

	*out = (struct network){ .has_key = text };
	if (!text || base64_decode(kith_text(text), out->key,
				   sizeof(out->key)))
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "--hmac takes 32 bytes in base64");
}

static int look(struct tool *t, const struct kith_feed_id *feed, bool proof,
		uint64_t sequence)
{
	struct txn *txn;
	int code;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	code = proof ? prove(txn, feed, sequence) : list(t, txn, feed);
	txn_end(txn);
	return code;
}

/* feed, place: as typed, or NULL. */
static int in_store(struct tool *t, const char *feed, const char *place)
{
	bool named = feed || place;
	uint64_t sequence = 0;
	struct kith_feed_id id;
	int code = tool_open(t, NEEDS_STORE);

	if (!code && place)
		code = read_place(t, place, &id, &sequence);
	else if (!code && feed)
		code = select_anybody(t, kith_text(feed), &id);
	if (code)
		return code;
	return tool_option(t, 'd') ? drop(t, &id)
				   : look(t, named ? &id : NULL, place,
					  sequence);
}

int command_forks(struct tool *t, int argc, char **argv)
{
	const char *place = tool_option(t, 'p'), *file = tool_option(t, 'v');
	bool find = tool_option(t, 'f'), dropping = tool_option(t, 'd');
	struct network network;
	const uint8_t *hmac;
	int code = read_hmac(t, &network);

	if (code)
		return code;
	if ((place != NULL) + (file != NULL) + find + dropping > 1)
		return tool_fail(EXIT_MISUSED, "one of --proof, --verify, "
				 "--find and --drop at a time");
	if (dropping && !argc)
		return tool_fail(EXIT_MISUSED, "--drop takes a feed");
	if (find && argc != 2)
		return tool_fail(EXIT_MISUSED, "--find takes two sources");
	if (argc > (find ? 2 : !place && !file))
		return tool_fail(EXIT_MISUSED, "too many arguments");
	hmac = network.has_key ? network.key : NULL;
	if (find)
		return forks_search(t, argv, hmac);
	return file ? check(t, file, hmac)
		    : in_store(t, argc ? argv[0] : NULL, place);
}
