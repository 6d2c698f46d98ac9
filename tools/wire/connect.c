/* kith connect and kith disconnect. */
#include <stdio.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/wire/address.h"
#include "tools/pick/select.h"
#include "tools/print/record.h"
#include "tools/wire/commands.h"
#include "tools/wire/remote.h"

enum { ARGS_BYTES_MAX = 4 * ADDRESS_BYTES_MAX };

/* A peer as it was named. */
struct named {
	struct kith_feed_id id;
	bool by_id; /* without an address */
	const char *text; /* for kithd: the address, or the whole id */
	char whole[KITH_REF_TEXT_BYTES];
};

static int read_address(const char *text, struct named *out)
{
	struct kith_error e = { 0 };
	struct address a;

	if (address_parse(kith_text(text), &a, &e))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no address to dial: "
				 "%s.  One looks like net:example.org:8008~shs:"
				 "KEY, with the peer's public key; one that "
				 "`kith peers` lists is called by its @ID or "
				 "@NAME", text, e.text);
	*out = (struct named){ .id.format = KITH_CLASSIC, .text = text };
	memcpy(out->id.b, a.key, sizeof(out->id.b));
	return EXIT_DONE;
}

static int read_id(struct tool *t, const char *text, struct named *out)
{
	int code;

	*out = (struct named){ .by_id = true, .text = out->whole };
	code = select_anybody(t, kith_text(text), &out->id);
	if (!code)
		kith_feed_print(&out->id, out->whole);
	return code;
}

/* Nonsense is refused before kithd is asked. */
static int read_peer(struct tool *t, const char *text, struct named *out)
{
	int code = remote_is_feed(text) ? read_id(t, text, out)
					: read_address(text, out);

	return code ? code : tool_open(t, NEEDS_DAEMON);
}

static enum kith_err call(struct tool *t, const char *method,
			  const struct named *peer, struct kith_slice *reply,
			  struct kith_error *e)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	enum kith_err err;

	kith_buf_byte(&args, '[');
	json_put_text(&args, peer->text);
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

static int ask_to_connect(struct tool *t, const struct named *peer)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	if (!call(t, "conn.connect", peer, &reply, &e))
		return EXIT_DONE;
	return tool_fail(EXIT_FAILED, "cannot connect to %s: %s; %s",
			 peer->text, e.text,
			 peer->by_id ? "`kith peers` lists the addresses that "
				       "are known, and `kith connect "
				       "net:HOST:PORT~shs:KEY` takes a new one"
				     : "`kith peers` lists what kithd goes on "
				       "trying");
}

int command_connect(struct tool *t, int argc, char **argv)
{
	char name[KITH_REF_TEXT_BYTES];
	struct named peer = { .text = "" };
	struct record r;
	int code = read_peer(t, argv[0], &peer);

	(void)argc;
	if (!code)
		code = ask_to_connect(t, &peer);
	if (code)
		return code;
	if (t->json) {
		record_begin(&r);
		record_feed(&r, "peer", &peer.id);
		record_text(&r, "state", "connected");
		record_end(&r);
		return EXIT_DONE;
	}
	kith_feed_print(&peer.id, name);
	printf("connected to %s\n", name);
	return EXIT_DONE;
}

int command_disconnect(struct tool *t, int argc, char **argv)
{
	struct kith_error e = { 0 };
	struct kith_slice reply = { 0 };
	struct named peer = { .text = "" };
	int code = read_peer(t, argv[0], &peer);

	(void)argc;
	if (code)
		return code;
	if (call(t, "conn.disconnect", &peer, &reply, &e))
		return tool_fail(EXIT_FAILED, "%s", e.text);
	if (!json_says_true(reply))
		return tool_fail(EXIT_NOT_FOUND, "kithd knows no such peer; "
				 "`kith peers` lists those it knows");
	return EXIT_DONE;
}
