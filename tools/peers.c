#include "tools/commands.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/store/local.h"
#include "src/wire/address.h"
#include "tools/record.h"
#include "tools/text.h"

enum { ARGS_BYTES_MAX = 4 * ADDRESS_BYTES_MAX, STATE_COLUMNS = 13 };

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

/* One line or record; all three are JSON strings. */
static void print_peer(const struct tool *t, struct kith_slice key,
		       struct kith_slice state, struct kith_slice address)
{
	struct record r;

	if (t->json) {
		record_begin(&r);
		record_json(&r, "peer", key);
		record_json(&r, "state", state);
		record_json(&r, "address", address);
		record_end(&r);
		return;
	}
	text_print_cut(stdout, json_plain(state), STATE_COLUMNS, true);
	printf("  ");
	text_print(stdout, json_plain(key));
	printf("  ");
	text_print(stdout, json_plain(address));
	putchar('\n');
}

/* Takes [address,{key,state,...}] apart. */
static bool read_peer(struct kith_slice pair, struct kith_slice *key,
		      struct kith_slice *state, struct kith_slice *address)
{
	struct kith_slice facts = { 0 };
	size_t at = 0;

	if (!json_next_element(pair, &at, address) ||
	    !json_next_element(pair, &at, &facts))
		return false;
	*key = json_get(facts, "key");
	*state = json_get(facts, "state");
	return true;
}

static void print_connections(const struct tool *t, struct kith_slice list)
{
	struct kith_slice pair, key = { 0 }, state = { 0 }, address = { 0 };
	size_t at = 0;

	while (json_next_element(list, &at, &pair))
		if (read_peer(pair, &key, &state, &address))
			print_peer(t, key, state, address);
}

static bool is_listed(struct kith_slice list, const char *id)
{
	struct kith_slice pair, key = { 0 }, state = { 0 }, address = { 0 };
	size_t at = 0;

	while (json_next_element(list, &at, &pair))
		if (read_peer(pair, &key, &state, &address) && json_is(key, id))
			return true;
	return false;
}

static void print_known(const struct tool *t, const struct address_row *row)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	struct kith_buf key = { .limit = ARGS_BYTES_MAX };
	struct kith_buf address = { .limit = ARGS_BYTES_MAX };
	char name[KITH_REF_TEXT_BYTES];

	memcpy(id.b, row->key, sizeof(id.b));
	kith_feed_print(&id, name);
	json_put_text(&key, name);
	json_put_string(&address, row->text);
	print_peer(t, kith_bytes(&key),
		   row->paused ? KITH_SLICE("\"paused\"")
			       : KITH_SLICE("\"known\""),
		   kith_bytes(&address));
	kith_buf_free(&key);
	kith_buf_free(&address);
}

/* Known addresses of those who are not among the connections. */
static int print_others(const struct tool *t, struct kith_slice list)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };
	struct address_row row = { 0 };
	char name[KITH_REF_TEXT_BYTES];
	struct txn *txn;

	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	while (address_row_next(txn, &row)) {
		memcpy(id.b, row.key, sizeof(id.b));
		kith_feed_print(&id, name);
		if (!is_listed(list, name))
			print_known(t, &row);
	}
	txn_end(txn);
	return EXIT_DONE;
}

/* The connections of kithd as JSON; an empty list when it does not run. */
static int ask(struct tool *t, struct kith_slice *list)
{
	struct kith_error e = { 0 };
	enum kith_err err = tool_dial(t, &t->daemon, &e);

	*list = KITH_SLICE("[]");
	if (err == KITH_EBUSY)
		return EXIT_DONE;
	if (!err)
		err = client_source(t->daemon, "conn.peers", KITH_SLICE("[]"),
				    &e);
	if (!err)
		err = client_next(t->daemon, CLIENT_TIMEOUT_MS, list, &e);
	return err ? tool_fail(EXIT_FAILED, "kithd does not say: %s",
			       *e.text ? e.text : kith_strerror(err))
		   : EXIT_DONE;
}

int command_peers(struct tool *t, int argc, char **argv)
{
	struct kith_slice list;
	int code = ask(t, &list);

	(void)argc;
	(void)argv;
	if (code)
		return code;
	print_connections(t, list);
	return print_others(t, list);
}
