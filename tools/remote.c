#include "tools/remote.h"

#include <stdio.h>

enum { TIMEOUT_S_MAX = 86400 };

static int dial_local(struct tool *t, struct client **out)
{
	int code = tool_open(t, NEEDS_DAEMON);

	*out = t->daemon;
	t->daemon = NULL; /* its owner is the caller */
	return code;
}

static int dial(struct tool *t, const char *text, const struct network *n,
		struct client **out)
{
	struct kith_signer *signer = NULL;
	struct kith_error e = { 0 };
	struct address a;
	enum kith_err err;

	if (address_parse(kith_text(text), &a, &e))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no address to dial: "
				 "%s.  One looks like "
				 "net:example.org:8008~shs:KEY; \"local\" is "
				 "kithd", text, e.text);
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

int remote_failed(const char *address, enum kith_err err,
		  const struct kith_error *e)
{
	const char *why = *e->text ? e->text : kith_strerror(err);

	if (err == KITH_EDENIED)
		return tool_fail(EXIT_FAILED, "%s says: %s", address, why);
	return tool_fail(EXIT_UNREADABLE, "%s: %s", address, why);
}
