#include "tools/commands.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/store/messages.h"
#include "src/wire/address.h"
#include "tools/record.h"
#include "tools/text.h"

enum { ARGS_BYTES_MAX = 4 * ADDRESS_BYTES_MAX, STATE_COLUMNS = 13,
       LIST_BYTES_MAX = CLIENT_BODY_BYTES_MAX };

/* Calls kithd with an address that was read before, or an id. */
static enum kith_err call(struct tool *t, const char *method,
			  const char *address, struct kith_slice *reply,
			  struct kith_error *e)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	enum kith_err err;

	kith_buf_byte(&args, '[');
	json_put_text(&args, address);
	kith_buf_byte(&args, ']');
	err = args.err;
	if (err)
		kith_fail(e, err, 0, "%s", kith_strerror(err));
	else
		err = client_call(t->daemon, method, kith_bytes(&args), reply,
				  e);
	kith_buf_free(&args);
	return err;
}

/* Reads the address, so that nonsense is refused before kithd is asked. */
static int read_address(const char *text, struct address *out)
{
	struct kith_error e = { 0 };

	if (!address_parse(kith_text(text), out, &e))
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "\"%s\" is no address to dial: %s.  One "
			 "looks like net:example.org:8008~shs:KEY, with the "
			 "peer's public key", text,
			 *text == '@' ? "an id does not say where its peer is"
				      : e.text);
}

static int ask_to_connect(struct tool *t, const char *address)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	if (!call(t, "conn.connect", address, &reply, &e))
		return EXIT_DONE;
	return tool_fail(EXIT_FAILED, "cannot connect to %s: %s; `kith peers` "
			 "lists what kithd goes on trying", address, e.text);
}

int command_connect(struct tool *t, int argc, char **argv)
{
	struct kith_feed_id peer = { .format = KITH_CLASSIC };
	char name[KITH_REF_TEXT_BYTES];
	struct address a;
	struct record r;
	int code = read_address(argv[0], &a);

	(void)argc;
	if (!code)
		code = tool_open(t, NEEDS_DAEMON);
	if (!code)
		code = ask_to_connect(t, argv[0]);
	if (code)
		return code;
	memcpy(peer.b, a.key, sizeof(peer.b));
	if (t->json) {
		record_begin(&r);
		record_feed(&r, "peer", &peer);
		record_text(&r, "state", "connected");
		record_end(&r);
		return EXIT_DONE;
	}
	kith_feed_print(&peer, name);
	printf("connected to %s\n", name);
	return EXIT_DONE;
}

int command_disconnect(struct tool *t, int argc, char **argv)
{
	struct kith_feed_id id;
	struct address a;
	struct kith_error e = { 0 };
	struct kith_slice reply = { 0 };
	int code;

	(void)argc;
	if (kith_feed_parse(kith_text(argv[0]), &id) &&
	    address_parse(kith_text(argv[0]), &a, NULL))
		return tool_fail(EXIT_MISUSED, "\"%s\" is neither an address "
				 "nor the id of a peer, as `kith peers` prints "
				 "them", argv[0]);
	code = tool_open(t, NEEDS_DAEMON);
	if (code)
		return code;
	if (call(t, "conn.disconnect", argv[0], &reply, &e))
		return tool_fail(EXIT_FAILED, "%s", e.text);
	if (!json_says_true(reply))
		return tool_fail(EXIT_NOT_FOUND, "kithd knows no such peer; "
				 "`kith peers` lists those it knows");
	return EXIT_DONE;
}

/* --- kith peers --- */

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
		f->ahead += theirs > row.last ? theirs - row.last : 0;
		f->behind += row.last > theirs ? row.last - theirs : 0;
	}
	f->has_lag = n;
	free(clock);
}

static void record_peer(const struct peer_facts *f)
{
	struct record r;

	record_begin(&r);
	record_json(&r, "peer", f->key);
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
}

static void print_bytes(const struct peer_facts *f)
{
	char in[TEXT_SIZE_BYTES], out[TEXT_SIZE_BYTES];
	uint64_t n, m;

	if (!json_uint(f->in, &n) || !json_uint(f->out, &m))
		return;
	text_size(n, in);
	text_size(m, out);
	printf("  in %s, out %s", in, out);
}

/* What stands behind the address: what is known beyond it. */
static void print_more(const struct peer_facts *f)
{
	uint64_t failures;

	print_bytes(f);
	if (f->has_lag && f->ahead)
		printf("  %llu ahead", (unsigned long long)f->ahead);
	if (f->has_lag && f->behind)
		printf("  %llu behind", (unsigned long long)f->behind);
	if (json_uint(f->failures, &failures) && failures)
		printf("  failed %llu times", (unsigned long long)failures);
	if (f->error.n) {
		printf("  last: ");
		text_print(stdout, json_plain(f->error));
	}
}

static void print_peer(const struct tool *t, const struct peer_facts *f)
{
	if (t->json) {
		record_peer(f);
		return;
	}
	text_print_cut(stdout, json_plain(f->state), STATE_COLUMNS, true);
	printf("  ");
	text_print(stdout, json_plain(f->key));
	printf("  ");
	text_print(stdout, json_plain(f->address));
	print_more(f);
	putchar('\n');
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

static void print_connections(const struct tool *t, struct txn *txn,
			      struct kith_slice list)
{
	struct kith_slice pair;
	struct peer_facts f;
	size_t at = 0;

	while (json_next_element(list, &at, &pair))
		if (read_peer(pair, &f)) {
			find_lag(txn, &f);
			print_peer(t, &f);
		}
}

/* The facts about id in a list of pairs. */
static bool find_listed(struct kith_slice list, const char *id,
			struct peer_facts *f)
{
	struct kith_slice pair;
	size_t at = 0;

	while (json_next_element(list, &at, &pair))
		if (read_peer(pair, f) && json_is(f->key, id))
			return true;
	return false;
}

static void print_known(const struct tool *t, struct txn *txn,
			const struct address_row *row, struct kith_slice known)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	struct kith_buf key = { .limit = ARGS_BYTES_MAX };
	struct kith_buf address = { .limit = ARGS_BYTES_MAX };
	struct peer_facts f = { 0 };
	char name[KITH_REF_TEXT_BYTES];

	memcpy(id.b, row->key, sizeof(id.b));
	kith_feed_print(&id, name);
	if (!find_listed(known, name, &f))
		f = (struct peer_facts){ 0 };
	json_put_text(&key, name);
	json_put_string(&address, row->text);
	f.key = kith_bytes(&key);
	f.address = kith_bytes(&address);
	f.state = row->paused ? KITH_SLICE("\"paused\"")
			      : KITH_SLICE("\"known\"");
	find_lag(txn, &f);
	print_peer(t, &f);
	kith_buf_free(&key);
	kith_buf_free(&address);
}

/* Known addresses of those who are not among the connections. */
static void print_others(const struct tool *t, struct txn *txn,
			 struct kith_slice list, struct kith_slice known)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	struct address_row row = { 0 };
	struct peer_facts f;
	char name[KITH_REF_TEXT_BYTES];

	while (address_row_next(txn, &row)) {
		memcpy(id.b, row.key, sizeof(id.b));
		kith_feed_print(&id, name);
		if (!find_listed(list, name, &f))
			print_known(t, txn, &row, known);
	}
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

static int list_peers(struct tool *t, struct kith_slice list,
		      struct kith_slice known)
{
	struct txn *txn;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	print_connections(t, txn, list);
	print_others(t, txn, list, known);
	txn_end(txn);
	return EXIT_DONE;
}

int command_peers(struct tool *t, int argc, char **argv)
{
	struct kith_buf list = { .limit = LIST_BYTES_MAX };
	struct kith_buf known = { .limit = LIST_BYTES_MAX };
	int code = ask(t, &list, &known);

	(void)argc;
	(void)argv;
	if (!code)
		code = list_peers(t, kith_bytes(&list), kith_bytes(&known));
	kith_buf_free(&list);
	kith_buf_free(&known);
	return code;
}
