#include "tools/commands.h"

#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/wire/address.h"
#include "tools/record.h"
#include "tools/text.h"

enum { ARGS_BYTES_MAX = 4 * ADDRESS_BYTES_MAX, STATE_COLUMNS = 12 };

static int explain(const struct kith_error *e)
{
	return tool_fail(EXIT_FAILED, "%s", e->text);
}

static int call(struct tool *t, const char *method, const char *argument)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	struct kith_error e = { 0 };
	struct kith_slice reply;
	enum kith_err err;

	kith_buf_byte(&args, '[');
	json_put_text(&args, argument);
	kith_buf_byte(&args, ']');
	if (args.err)
		return tool_fail(EXIT_MISUSED, "that is too long for an "
				 "address");
	err = client_call(t->daemon, method, kith_bytes(&args), &reply, &e);
	kith_buf_free(&args);
	return err ? explain(&e) : EXIT_DONE;
}

/* Reads the address, so that nonsense is refused before kithd is asked. */
static int read_address(const char *text, struct address *out)
{
	struct kith_error e = { 0 };

	if (!address_parse(kith_text(text), out, &e))
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "\"%s\" is no address to dial: %s.  One "
			 "looks like net:example.org:8008~shs:KEY, with the "
			 "peer's public key", text, e.text);
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
		code = call(t, "conn.connect", argv[0]);
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
	(void)argc;
	return call(t, "conn.disconnect", argv[0]);
}

/* One [address,{key,state,...}] of the list. */
static void print_peer(struct tool *t, struct kith_slice pair)
{
	struct kith_slice address = { 0 }, facts = { 0 };
	struct record r;
	size_t at = 0;

	if (!json_next_element(pair, &at, &address) ||
	    !json_next_element(pair, &at, &facts))
		return;
	if (t->json) {
		record_begin(&r);
		record_json(&r, "peer", json_get(facts, "key"));
		record_json(&r, "state", json_get(facts, "state"));
		record_json(&r, "address", address);
		record_end(&r);
		return;
	}
	text_print_cut(stdout, json_plain(json_get(facts, "state")),
		       STATE_COLUMNS, true);
	putchar(' ');
	text_print(stdout, json_plain(json_get(facts, "key")));
	putchar(' ');
	text_print(stdout, json_plain(address));
	putchar('\n');
}

int command_peers(struct tool *t, int argc, char **argv)
{
	struct kith_slice list, pair;
	struct kith_error e = { 0 };
	size_t at = 0;
	enum kith_err err = client_source(t->daemon, "conn.peers",
					  KITH_SLICE("[]"), &e);

	(void)argc;
	(void)argv;
	if (!err)
		err = client_next(t->daemon, CLIENT_TIMEOUT_MS, &list, &e);
	if (err)
		return tool_fail(EXIT_FAILED, "kithd does not say: %s",
				 *e.text ? e.text : kith_strerror(err));
	while (json_next_element(list, &at, &pair))
		print_peer(t, pair);
	return EXIT_DONE;
}
