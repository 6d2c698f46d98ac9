/* kith blob why: where a blob stands, who refers to it, who offered it, and why
 * it is not here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/link_walk.h"
#include "src/views/postings.h"
#include "tools/keep/blob.h"
#include "tools/pass/blobs.h"
#include "tools/pick/select.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { REFERS_SHOWN = 10, REFERS_MAX = 1000, ARGS_BYTES = 128,
       LIVE_BYTES_MAX = 1 << 20 };

struct why {
	struct reading *r;
	struct kith_blob_id id;
	struct blob_row row;
	struct media media; /* where it is here */
	uint64_t size;
	bool here, damaged;
	struct kith_buf live; /* what kithd says, JSON; or nothing */
	uint64_t refers[REFERS_MAX];
	size_t refer_count;
};

/* --- what is here --------------------------------------------------------- */

static void read_head(struct why *w, struct blob_file *f)
{
	uint8_t *head = malloc(MEDIA_HEAD_BYTES);
	size_t got = 0;
	enum kith_err err;

	w->here = true;
	w->size = blob_file_size(f);
	err = head ? blob_read(f, 0, head, MEDIA_HEAD_BYTES, &got)
		   : KITH_ENOMEM;
	w->damaged = err == KITH_EFORMAT ||
		     (w->row.state == BLOB_HERE && w->row.size != w->size);
	if (!err)
		w->media = media_look((struct kith_slice){ head, got },
				      w->size);
	free(head);
}

static int look_in_folder(struct why *w)
{
	struct kith_error e = { 0 };
	struct blob_file *f;
	struct blobs *b;

	if (blobs_open(w->r->tool->home, &b, &e))
		return tool_explain(&e, KITH_ENOMEM);
	if (!blob_open(b, &w->id, &f)) {
		read_head(w, f);
		blob_close(f);
	}
	blobs_close(b);
	return EXIT_DONE;
}

/* --- who refers to it ----------------------------------------------------- */

/* The term has only the first bytes of the id. */
static bool refers(const struct why *w, const struct view_message *m)
{
	struct link_walk walk;
	struct link l;

	link_walk_start(&walk, m->content);
	while (link_walk_next(&walk, &l))
		if (!l.channel && l.ref.kind == KITH_REF_BLOB &&
		    !memcmp(&l.ref.blob, &w->id, sizeof(w->id)))
			return true;
	return false;
}

static void add_refer(struct why *w, uint64_t rx)
{
	struct message_row row;
	struct view_message m;

	for (size_t i = 0; i < w->refer_count; i++)
		if (w->refers[i] == rx)
			return;
	if (w->refer_count < REFERS_MAX &&
	    reading_message(w->r, rx, &row, &m) && refers(w, &m))
		w->refers[w->refer_count++] = rx;
}

static int later(const void *a, const void *b)
{
	uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x < y) - (x > y);
}

static void find_refers(struct why *w)
{
	const struct kith_ref of = { .kind = KITH_REF_BLOB, .blob = w->id };
	const struct posting first = POSTING_FIRST;

	for (enum relation i = 0; i < RELATION_COUNT; i++) {
		struct term term = term_link(&of, i);
		struct postings p;
		bool more;

		postings_open(&p, w->r->txn, &w->r->viewer, &term);
		for (more = postings_seek(&p, &first); more;
		     more = postings_next(&p))
			add_refer(w, p.at.rx);
		postings_close(&p);
	}
	qsort(w->refers, w->refer_count, sizeof(*w->refers), later);
}

/* --- what kithd says ------------------------------------------------------ */

static void ask_kithd(struct why *w)
{
	char id[KITH_REF_TEXT_BYTES], args[ARGS_BYTES];
	struct kith_slice reply;
	struct client *c;

	w->live.limit = LIVE_BYTES_MAX;
	if (tool_dial(w->r->tool, &c, NULL))
		return;
	kith_blob_print(&w->id, id);
	snprintf(args, sizeof(args), "[{\"id\":\"%s\"}]", id);
	if (!client_call(c, "kith.blobWhy", kith_text(args), &reply, NULL))
		kith_buf_put(&w->live, reply);
	client_close(c);
}

/* --- for a person --------------------------------------------------------- */

static const char *stand_words(struct kith_slice live)
{
	struct kith_slice stand = json_get(live, "stand");
	static const struct {
		const char *name, *words;
	} all[] = {
		{ "waiting", "wanted; its turn to be asked for has not come" },
		{ "asked", "wanted; no connected peer has offered it" },
		{ "offered", "wanted and offered; it waits to be fetched" },
		{ "fetching", "being fetched now" },
		{ "aside", "left aside until there is room" },
		{ "pushing", "here, and being spread to peers" },
	};

	if (json_is(stand, "asked") && !json_says_true(json_get(live, "own")))
		return "not wanted here; kithd asks for it for a peer";
	for (size_t i = 0; i < sizeof(all) / sizeof(*all); i++)
		if (json_is(stand, all[i].name))
			return all[i].words;
	return NULL;
}

static void print_state(const struct why *w)
{
	static const char *const states[] = { "not here, and not wanted",
					      "not here any more",
					      "wanted", "removed" };
	const char *live = stand_words(kith_bytes(&w->live));
	char size[TEXT_SIZE_BYTES];

	if (!w->here) {
		printf("%-12s%s\n", "state",
		       live ? live : states[w->row.state]);
		if (json_says_true(json_get(kith_bytes(&w->live), "full")))
			printf("%-12s%s\n", "because", "the disk is full: "
			       "kithd fetches no blobs until there is room");
		else if (w->row.why)
			printf("%-12s%s\n", "because",
			       blob_why_text(w->row.why));
		else if (w->row.state == BLOB_HERE)
			printf("%-12s%s\n", "because", "its file is gone: "
			       "`kith blob want` has it fetched again");
		else if (w->row.state == BLOB_WANTED && !live)
			printf("%-12s%s\n", "because",
			       "kithd is not running: it fetches blobs");
		return;
	}
	text_size(w->size, size);
	printf("%-12s%s, %s, %s", "state", w->damaged ? "damaged" : "here",
	       size, w->media.type ? w->media.type : "?");
	if (w->media.width)
		printf(", %" PRIu32 " x %" PRIu32, w->media.width,
		       w->media.height);
	putchar('\n');
	if (live)
		printf("%-12s%s\n", "", live);
}

static void print_added(struct why *w)
{
	struct kith_buf line = { .limit = 1024 };
	char when[TEXT_TIME_BYTES];

	text_time((double)w->row.added_us / 1000, when);
	kith_buf_text(&line, "added       ");
	kith_buf_text(&line, when);
	if (w->row.from.format) {
		kith_buf_text(&line, ", from ");
		person_put(&w->r->people, &w->row.from, &line);
	}
	page_print_line(&w->r->page, kith_bytes(&line), w->r->page.columns);
	kith_buf_free(&line);
}

static void print_facts(struct why *w)
{
	if (w->row.added_us && w->here)
		print_added(w);
	if (w->row.pinned)
		printf("%-12s%s\n", "pinned", "never removed to make room");
	else if (w->row.own && w->here)
		printf("%-12s%s\n", "yours", "never removed to make room");
	if (w->row.asked)
		printf("%-12s%s\n", "asked for", "by `kith blob want`");
}

static void print_offers(struct why *w)
{
	struct kith_slice offers = json_get(kith_bytes(&w->live), "offers");
	struct kith_slice offer;
	struct kith_feed_id peer;
	size_t at = 0;

	while (json_next_element(offers, &at, &offer)) {
		struct kith_buf line = { .limit = 1024 };

		if (kith_feed_parse(json_plain(json_get(offer, "peer")),
				    &peer))
			continue;
		kith_buf_text(&line, "offered by  ");
		person_put(&w->r->people, &peer, &line);
		if (json_says_true(json_get(offer, "lied")))
			kith_buf_text(&line, ", which sent something else");
		page_print_line(&w->r->page, kith_bytes(&line),
				w->r->page.columns);
		kith_buf_free(&line);
	}
}

static void print_refers(struct why *w)
{
	static const char first[] = "refers      ", rest[] = "            ";
	struct message_row row;
	struct view_message m;
	char more[TEXT_COUNT_BYTES];

	if (!w->refer_count)
		printf("%snobody whose messages are here\n", first);
	for (size_t i = 0; i < w->refer_count && i < REFERS_SHOWN; i++)
		if (reading_message(w->r, w->refers[i], &row, &m))
			post_print_line(w->r, &m, kith_text(i ? rest : first));
	if (w->refer_count > REFERS_SHOWN)
		printf("%sand %s\n", rest,
		       text_count(w->refer_count - REFERS_SHOWN,
				  "other message", more));
	if (w->row.hops != BLOB_HOPS_NONE && w->row.hops)
		printf("%sthe nearest at %s from you\n", rest,
		       text_count(w->row.hops, "hop", more));
}

/* --- for a script --------------------------------------------------------- */

static void put_refers(struct why *w, struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];
	struct message_row row;
	struct view_message m;

	kith_buf_byte(out, '[');
	for (size_t i = 0; i < w->refer_count; i++) {
		if (!reading_message(w->r, w->refers[i], &row, &m))
			continue;
		if (out->p[out->n - 1] != '[')
			kith_buf_byte(out, ',');
		kith_msg_print(&row.id, id);
		json_put_text(out, id);
	}
	kith_buf_byte(out, ']');
}

static void record(struct why *w)
{
	static const char *const states[] = { "known", "lost", "wanted",
					      "removed" };
	struct kith_buf refers = { .limit = LIVE_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES];
	struct record r;

	kith_blob_print(&w->id, id);
	put_refers(w, &refers);
	record_begin(&r);
	record_text(&r, "id", id);
	record_text(&r, "state", w->damaged ? "damaged"
				 : w->here  ? "here"
					    : states[w->row.state]);
	if (w->here) {
		record_uint(&r, "bytes", w->size);
		record_text(&r, "type", w->media.type ? w->media.type : "");
	} else if (w->row.why) {
		record_text(&r, "why", blob_why_text(w->row.why));
	}
	record_bool(&r, "pinned", w->row.pinned);
	record_bool(&r, "own", w->row.own);
	if (w->row.hops != BLOB_HOPS_NONE)
		record_uint(&r, "hops", w->row.hops);
	if (w->row.from.format)
		record_feed(&r, "source", &w->row.from);
	record_json(&r, "refers", kith_bytes(&refers));
	if (w->live.n)
		record_json(&r, "offers",
			    json_get(kith_bytes(&w->live), "offers"));
	record_end(&r);
	kith_buf_free(&refers);
}

static void print(struct why *w)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_blob_print(&w->id, id);
	puts(id);
	print_state(w);
	print_facts(w);
	print_offers(w);
	print_refers(w);
}

static int run(struct why *w)
{
	int code;

	blob_row_get(w->r->txn, &w->id, &w->row);
	if (txn_error(w->r->txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	code = look_in_folder(w);
	if (code)
		return code;
	find_refers(w);
	ask_kithd(w);
	if (w->r->page.json)
		record(w);
	else
		print(w);
	kith_buf_free(&w->live);
	return EXIT_DONE;
}

int blob_why(struct tool *t, int argc, char **argv)
{
	struct why *w = calloc(1, sizeof(*w));
	struct reading r;
	int code;

	(void)argc;
	if (!w)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = select_blob(t, argv[0], &w->id);
	if (!code)
		code = tool_open(t, NEEDS_HOME | NEEDS_STORE | NEEDS_VIEWS);
	if (!code) {
		code = reading_begin(&r, t, true);
		w->r = &r;
		if (!code)
			code = run(w);
		code = reading_end(&r, code);
	}
	free(w);
	return code;
}
