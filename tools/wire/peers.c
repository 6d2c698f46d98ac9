#include "tools/wire/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/views/contacts.h"
#include "src/views/names.h"
#include "src/views/viewer.h"
#include "src/wire/address.h"
#include "tools/print/list.h"
#include "tools/sum.h"
#include "tools/text/text.h"

enum { ADDRESS_JSON_BYTES_MAX = 4 * ADDRESS_BYTES_MAX, STATE_COLUMNS = 13,
       LINE_BYTES_MAX = 4096, /* with all that is known of a peer */
       LINE_COLUMNS = 100,    /* of most of them, ids being whole */
       LIST_BYTES_MAX = CLIENT_BODY_BYTES_MAX };

/* What a list is made with. */
struct peers {
	const struct tool *tool;
	struct txn *txn;
	struct viewer viewer;
	struct list list;
	struct page page;
};

/* One peer, as kithd tells of it or the store; what is not known is empty. */
struct peer_facts {
	struct kith_slice key, state, address; /* JSON strings */
	struct kith_slice in, out, failures;   /* JSON numbers */
	struct kith_slice error;	       /* a JSON string */
	bool has_lag;
	uint64_t ahead, behind; /* messages that it has more, and lacks */
};

/* How far its clock, as it was saved last, is from ours. */
static void find_lag(struct txn *t, struct peer_facts *f)
{
	struct kith_clock_entry *clock = NULL;
	struct kith_feed_id id;
	struct feed_row row;
	size_t n = 0;

	if (kith_feed_parse(json_plain(f->key), &id) ||
	    clock_get(t, &id, &clock, &n))
		return;
	for (size_t i = 0; i < n; i++) {
		uint64_t theirs = clock[i].sequence < 0
					  ? 0
					  : (uint64_t)clock[i].sequence;

		if (clock[i].sequence < 0 ||
		    !feed_get(t, &clock[i].feed, &row))
			continue;
		if (theirs > row.last)
			f->ahead = sum_of(f->ahead, theirs - row.last);
		else
			f->behind += row.last - theirs;
	}
	f->has_lag = n;
	free(clock);
}

static void record_peer(const struct peers *p, const struct peer_facts *f)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	struct kith_feed_id id;
	struct record r;

	list_record(&p->list, &r);
	if (kith_feed_parse(json_plain(f->key), &id)) {
		record_json(&r, "peer", f->key);
	} else {
		record_feed(&r, "peer", &id);
		if (name_of_feed(p->txn, &p->viewer, &id, &name))
			record_string(&r, "name", kith_bytes(&name));
	}
	record_json(&r, "state", f->state);
	record_json(&r, "address", f->address);
	if (f->in.n) {
		record_json(&r, "in", f->in);
		record_json(&r, "out", f->out);
	}
	if (f->has_lag) {
		record_uint(&r, "ahead", f->ahead);
		record_uint(&r, "behind", f->behind);
	}
	if (f->failures.n)
		record_json(&r, "failures", f->failures);
	if (f->error.n)
		record_json(&r, "problem", f->error);
	record_end(&r);
	kith_buf_free(&name);
}

/* The id, and the name that we have for it. */
static void put_who(const struct peers *p, const struct peer_facts *f,
		    struct kith_buf *out)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id id;

	if (kith_feed_parse(json_plain(f->key), &id)) {
		text_put(out, json_plain(f->key));
		return;
	}
	ids_feed(p->list.ids, &id, text);
	kith_buf_text(out, text);
	if (name_of_feed(p->txn, &p->viewer, &id, &name)) {
		kith_buf_text(out, " (");
		text_put(out, kith_bytes(&name));
		kith_buf_byte(out, ')');
	}
	kith_buf_free(&name);
}

/* Without the key, which is the id once more. */
static void put_address(const struct peer_facts *f, struct kith_buf *out)
{
	struct kith_slice text = json_plain(f->address), key;

	key.p = memmem(text.p, text.n, "~shs:", 5);
	if (key.p)
		text.n = (size_t)(key.p - text.p);
	kith_buf_text(out, "  ");
	text_put(out, text);
}

static void put_bytes(const struct peer_facts *f, struct kith_buf *out)
{
	char in[TEXT_SIZE_BYTES], of[TEXT_SIZE_BYTES];
	uint64_t n, m;

	if (!json_uint(f->in, &n) || !json_uint(f->out, &m))
		return;
	text_size(n, in);
	text_size(m, of);
	kith_buf_text(out, "  in ");
	kith_buf_text(out, in);
	kith_buf_text(out, ", out ");
	kith_buf_text(out, of);
}

/* "  3 ahead", "  failed 3 times": unless it is none. */
static void put_count(uint64_t n, const char *before, const char *behind,
		      struct kith_buf *out)
{
	if (!n)
		return;
	kith_buf_text(out, before);
	kith_buf_uint(out, n);
	kith_buf_text(out, behind);
}

/* What stands behind the address: what is known beyond it. */
static void put_more(const struct peer_facts *f, struct kith_buf *out)
{
	uint64_t failures = 0;

	put_bytes(f, out);
	if (f->has_lag) {
		put_count(f->ahead, "  ", " ahead", out);
		put_count(f->behind, "  ", " behind", out);
	}
	if (json_uint(f->failures, &failures) && failures == 1)
		kith_buf_text(out, "  failed once");
	else
		put_count(failures, "  failed ", " times", out);
	if (f->error.n) {
		kith_buf_text(out, "  last: ");
		text_put(out, json_plain(f->error));
	}
}

/* One line, for scripts to look into; more on a terminal that has no room. */
static void print_line(const struct peers *p, const struct peer_facts *f)
{
	struct kith_buf state = { .limit = LINE_BYTES_MAX };
	struct kith_buf line = { .limit = LINE_BYTES_MAX };
	struct kith_buf out = { .limit = LINE_BYTES_MAX };
	struct wrap how = { .columns = p->page.columns,
			    .as_is = !p->page.terminal,
			    .rest = KITH_SLICE("               ") };

	text_put_cut(&state, json_plain(f->state), STATE_COLUMNS, true);
	kith_buf_text(&state, "  ");
	how.first = kith_bytes(&state);
	put_who(p, f, &line);
	put_address(f, &line);
	put_more(f, &line);
	wrap_put(&out, kith_bytes(&line), &how);
	fwrite(out.p, 1, out.n, stdout);
	kith_buf_free(&out);
	kith_buf_free(&line);
	kith_buf_free(&state);
}

static void print_peer(const struct peers *p, const struct peer_facts *f)
{
	if (p->tool->json)
		record_peer(p, f);
	else
		print_line(p, f);
}

/* Takes [address,{key,state,...}] apart. */
static bool read_peer(struct kith_slice pair, struct peer_facts *f)
{
	struct kith_slice facts = { 0 };
	size_t at = 0;

	*f = (struct peer_facts){ 0 };
	if (!json_next_element(pair, &at, &f->address) ||
	    !json_next_element(pair, &at, &facts))
		return false;
	f->key = json_get(facts, "key");
	f->state = json_get(facts, "state");
	f->in = json_get(facts, "in");
	f->out = json_get(facts, "out");
	f->failures = json_get(facts, "failure");
	f->error = json_get(facts, "error");
	return true;
}

static void print_connections(const struct peers *p, struct kith_slice list)
{
	struct kith_slice pair;
	struct peer_facts f;
	size_t at = 0;

	while (json_next_element(list, &at, &pair))
		if (read_peer(pair, &f)) {
			find_lag(p->txn, &f);
			print_peer(p, &f);
		}
}

/* --- those that are known ------------------------------------------------- */

/* A list of pairs, by key. */
struct roster {
	struct peer_facts *rows;
	size_t count;
};

static int compare_keys(const void *left, const void *right)
{
	const struct kith_slice a = ((const struct peer_facts *)left)->key;
	const struct kith_slice b = ((const struct peer_facts *)right)->key;
	int order = memcmp(a.p, b.p, a.n < b.n ? a.n : b.n);

	return order ? order : (a.n > b.n) - (a.n < b.n);
}

/* False: out of memory. */
static bool roster_read(struct roster *r, struct kith_slice list)
{
	struct kith_slice pair;
	size_t at = 0, n = 0;

	while (json_next_element(list, &at, &pair))
		n++;
	*r = (struct roster){ .rows = calloc(n + 1, sizeof(*r->rows)) };
	if (!r->rows)
		return false;
	for (at = 0; json_next_element(list, &at, &pair);)
		if (read_peer(pair, &r->rows[r->count]))
			r->count += r->rows[r->count].key.n > 0;
	if (r->count)
		qsort(r->rows, r->count, sizeof(*r->rows), compare_keys);
	return true;
}

/* The facts about whose key this is, a JSON string, or NULL. */
static const struct peer_facts *roster_find(const struct roster *r,
					    struct kith_slice key)
{
	const struct peer_facts wanted = { .key = key };

	return r->count ? bsearch(&wanted, r->rows, r->count,
				  sizeof(*r->rows), compare_keys)
			: NULL;
}

static struct kith_slice state_of(const struct peers *p,
				  const struct kith_feed_id *id, bool paused)
{
	struct contact c = { .from = p->tool->self, .to = *id };

	if (contacts_get(p->txn, &c) && c.edge == CONTACT_BLOCK)
		return KITH_SLICE("\"blocked\"");
	return paused ? KITH_SLICE("\"paused\"") : KITH_SLICE("\"known\"");
}

static void print_known(const struct peers *p, const struct address_row *row,
			struct peer_facts *f)
{
	struct kith_buf address = { .limit = ADDRESS_JSON_BYTES_MAX };
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	memcpy(id.b, row->key, sizeof(id.b));
	json_put_string(&address, row->text);
	f->address = kith_bytes(&address);
	f->state = state_of(p, &id, row->paused);
	/* Nobody dials it: that is no failure of its. */
	if (!json_is(f->state, "known"))
		f->failures = f->error = (struct kith_slice){ 0 };
	find_lag(p->txn, f);
	print_peer(p, f);
	kith_buf_free(&address);
}

/* Known addresses of those who are not among the connections. */
static void print_others(const struct peers *p, const struct roster *listed,
			 const struct roster *known)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	struct kith_buf key = { .limit = ADDRESS_JSON_BYTES_MAX };
	struct address_row row = { 0 };
	char name[KITH_REF_TEXT_BYTES];

	while (address_row_next(p->txn, &row)) {
		const struct peer_facts *said;
		struct peer_facts f = { 0 };

		memcpy(id.b, row.key, sizeof(id.b));
		kith_feed_print(&id, name);
		kith_buf_reset(&key);
		json_put_text(&key, name);
		if (roster_find(listed, kith_bytes(&key)))
			continue;
		said = roster_find(known, kith_bytes(&key));
		if (said)
			f = *said;
		f.key = kith_bytes(&key);
		print_known(p, &row, &f);
	}
	kith_buf_free(&key);
}

/* What kithd says, copied: the connections, and all it knows. */
static enum kith_err hear(struct tool *t, struct kith_buf *list,
			  struct kith_buf *known, struct kith_error *e)
{
	struct kith_slice reply;
	enum kith_err err = client_source(t->daemon, "conn.peers",
					  KITH_SLICE("[]"), e);

	if (!err)
		err = client_next(t->daemon, CLIENT_TIMEOUT_MS, &reply, e);
	if (err)
		return err;
	kith_buf_put(list, reply);
	err = client_call(t->daemon, "conn.dbPeers", KITH_SLICE("[]"), &reply,
			  e);
	/* An older kithd does not know it. */
	if (err && err != KITH_EDENIED)
		return err;
	kith_buf_put(known, err ? KITH_SLICE("[]") : reply);
	return list->err ? list->err : known->err;
}

/* Empty lists when it does not run. */
static int ask(struct tool *t, struct kith_buf *list, struct kith_buf *known)
{
	struct kith_error e = { 0 };
	enum kith_err err = tool_dial(t, &t->daemon, &e);

	if (err == KITH_EBUSY)
		return EXIT_DONE;
	if (!err)
		err = hear(t, list, known, &e);
	return err ? tool_fail(EXIT_FAILED, "kithd does not say: %s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}

static int start_reading(struct peers *p)
{
	if (store_read(p->tool->store, &p->txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	return viewer_start(&p->viewer, p->txn, &p->tool->self)
		       ? tool_fail(EXIT_FAILED, "out of memory")
		       : EXIT_DONE;
}

static int list_peers(struct peers *p, struct kith_slice list,
		      struct kith_slice known)
{
	struct roster rosters[2] = { { 0 }, { 0 } };
	int code = EXIT_DONE;

	if (!roster_read(&rosters[0], list) || !roster_read(&rosters[1], known))
		code = tool_fail(EXIT_FAILED, "out of memory");
	else
		code = start_reading(p);
	if (!code) {
		print_connections(p, list);
		print_others(p, &rosters[0], &rosters[1]);
	}
	viewer_end(&p->viewer);
	txn_end(p->txn);
	for (int i = 0; i < 2; i++)
		free(rosters[i].rows);
	return code;
}

int command_peers(struct tool *t, int argc, char **argv)
{
	struct kith_buf list = { .limit = LIST_BYTES_MAX };
	struct kith_buf known = { .limit = LIST_BYTES_MAX };
	struct peers p = { .tool = t };
	int code;

	(void)argc;
	(void)argv;
	if (!list_read(&p.list, t, UINT64_MAX, IDS_FULL))
		return EXIT_MISUSED;
	code = page_begin(&p.page, t, true);
	list_fit(&p.list, t, &p.page, LINE_COLUMNS);
	if (!code)
		code = ask(t, &list, &known);
	if (!code)
		code = list_peers(&p, kith_bytes(&list), kith_bytes(&known));
	kith_buf_free(&list);
	kith_buf_free(&known);
	return code;
}
