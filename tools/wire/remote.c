#include "tools/wire/remote.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/local.h"
#include "tools/pick/select.h"

enum { TIMEOUT_S_MAX = 86400 };

static int dial_local(struct tool *t, struct client **out)
{
	int code = tool_open(t, NEEDS_DAEMON);

	*out = t->daemon;
	t->daemon = NULL; /* its owner is the caller */
	return code;
}

bool remote_is_feed(const char *text)
{
	struct kith_feed_id id;

	return *text == '@' || !strncmp(text, "name:", 5) ||
	       !kith_feed_parse(kith_text(text), &id);
}

/* The address that is known of this key. */
static bool find_address(struct txn *t, const struct kith_feed_id *id,
			 struct address *out)
{
	struct address_row row = { 0 };

	while (address_row_next(t, &row))
		if (!memcmp(row.key, id->b, sizeof(row.key)))
			return !address_parse(row.text, out, NULL);
	return false;
}

static int read_feed(struct tool *t, const char *text, struct address *out)
{
	struct kith_feed_id id;
	struct txn *txn;
	bool found;
	int code = tool_open(t, NEEDS_STORE);

	if (!code)
		code = select_anybody(t, kith_text(text), &id);
	if (code)
		return code;
	if (store_read(t->store, &txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	found = find_address(txn, &id, out);
	txn_end(txn);
	return found ? EXIT_DONE
		     : tool_fail(EXIT_NOT_FOUND, "no address of %s is known: "
				 "`kith peers` lists those that are, and one "
				 "looks like net:example.org:8008~shs:KEY",
				 text);
}

static int read_address(struct tool *t, const char *text, struct address *out)
{
	struct kith_error e = { 0 };

	if (remote_is_feed(text))
		return read_feed(t, text, out);
	if (!address_parse(kith_text(text), out, &e))
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "\"%s\" is no address to dial: %s.  One "
			 "looks like net:example.org:8008~shs:KEY; a known "
			 "peer is called by its @ID or @NAME, and kithd is "
			 "\"local\"", text, e.text);
}

static int dial(struct tool *t, const char *text, const struct network *n,
		struct client **out)
{
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };
	enum kith_err err = KITH_OK;
	struct address a = { 0 };
	int code = read_address(t, text, &a);

	if (code)
		return code;
	err = a.noauth || a.has_seed
		      ? KITH_OK
		      : home_secret_read(t->home, &signer, &e);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	err = client_open(&a, signer, n->app_key, out, &e);
	kith_signer_free(signer);
	return err ? remote_failed(text, err, &e) : EXIT_DONE;
}

int remote_open(struct tool *t, const char *address, struct network *network,
		struct client **out)
{
	int code = tool_open(t, NEEDS_HOME);

	*out = NULL;
	if (!code)
		code = network_read(t->home, network);
	if (code)
		return code;
	return strcmp(address, "local") != 0 ? dial(t, address, network, out)
					: dial_local(t, out);
}

bool remote_timeout(const struct tool *t, int fallback_ms, int *out)
{
	uint64_t seconds;

	if (!tool_option(t, 'T')) {
		*out = fallback_ms;
		return true;
	}
	if (!tool_number(t, 'T', 0, &seconds))
		return false;
	*out = (int)(seconds > TIMEOUT_S_MAX ? TIMEOUT_S_MAX : seconds) * 1000;
	return true;
}

int remote_late(const char *address, int timeout_ms)
{
	return tool_fail(EXIT_UNREADABLE, "%s: nothing came for %d s", address,
			 timeout_ms / 1000);
}

int remote_failed(const char *address, enum kith_err err,
		  const struct kith_error *e)
{
	const char *why = *e->text ? e->text : kith_strerror(err);

	if (err == KITH_EDENIED)
		return tool_fail(EXIT_FAILED, "%s says: %s", address, why);
	return tool_fail(EXIT_UNREADABLE, "%s: %s", address, why);
}
