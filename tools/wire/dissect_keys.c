/* Keys that open what was recorded sealed: a key log, or secrets of one
 * side. */
#include "tools/wire/dissect.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/ref.h"
#include "tools/from/ssb.h"
#include "tools/network.h"

struct dissect_keys {
	struct capture_keys *log; /* by the client's ephemeral key */
	size_t n, capacity;
	bool any_network;
	uint8_t app_key[SHS_APP_KEY_BYTES];
	struct kith_signer *self; /* NULL: no secret was named */
	struct kith_feed_id server;
	struct dissect_secret secret;
};

/* Ephemeral keys went over the wire: memcmp is right here. */
static int compare(const void *a, const void *b)
{
	const struct capture_keys *x = a, *y = b;
	int order = memcmp(x->client, y->client, sizeof(x->client));

	return order ? order : memcmp(x->server, y->server, sizeof(x->server));
}

static bool add(struct dissect_keys *k, const struct capture_keys *keys)
{
	struct capture_keys *wide;

	if (k->n == k->capacity) {
		size_t capacity = k->capacity ? 2 * k->capacity : 64;

		/* Not realloc, which would leave copies behind. */
		wide = calloc(capacity, sizeof(*wide));
		if (!wide)
			return false;
		if (k->n)
			memcpy(wide, k->log, k->n * sizeof(*wide));
		if (k->log)
			sodium_memzero(k->log, k->n * sizeof(*wide));
		free(k->log);
		k->log = wide;
		k->capacity = capacity;
	}
	k->log[k->n++] = *keys;
	return true;
}

static int take_line(struct dissect_keys *k, const char *line,
		     const char *name)
{
	struct kith_slice text = { (const uint8_t *)line,
				   strcspn(line, "\r\n") };
	struct capture_keys keys;
	int code = EXIT_DONE;

	if (!capture_keys_decode(text, &keys))
		return EXIT_DONE;
	if (k->n == CAPTURE_SESSIONS_MAX)
		code = tool_fail(EXIT_UNREADABLE, "%s has the keys of more "
				 "than %d sessions: cut out those that are "
				 "needed", name, CAPTURE_SESSIONS_MAX);
	else if (!add(k, &keys))
		code = tool_fail(EXIT_FAILED, "out of memory");
	sodium_memzero(&keys, sizeof(keys));
	return code;
}

static int read_lines(struct dissect_keys *k, FILE *f, const char *name)
{
	char line[CAPTURE_KEYS_BYTES + 2];
	int code = EXIT_DONE;

	while (!code && fgets(line, sizeof(line), f))
		code = take_line(k, line, name);
	sodium_memzero(line, sizeof(line));
	if (code)
		return code;
	if (ferror(f))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	if (!k->n)
		return tool_fail(EXIT_UNREADABLE, "%s is no key log: no line "
				 "of it begins with SSB1 and keys", name);
	qsort(k->log, k->n, sizeof(*k->log), compare);
	return EXIT_DONE;
}

static int read_log(struct dissect_keys *k, const char *name)
{
	FILE *f = fopen(name, "re");
	int code;

	if (!f)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", name,
				 strerror(errno));
	code = read_lines(k, f, name);
	fclose(f);
	return code;
}

/* --- secrets -------------------------------------------------------------- */

static int read_ephemeral(const char *hex, uint8_t out[static 32])
{
	size_t n = 0;

	if (sodium_hex2bin(out, 32, hex, strlen(hex), NULL, &n, NULL) ||
	    n != 32)
		return tool_fail(EXIT_MISUSED, "--ephemeral takes 32 bytes in "
				 "hex");
	return EXIT_DONE;
}

static int read_secret(struct tool *t, struct dissect_keys *k)
{
	const char *file = tool_option(t, 'S'), *hex = tool_option(t, 'e');
	const char *server = tool_option(t, 'R');
	int code;

	if (!file && !hex && !server)
		return EXIT_DONE;
	if (!file || !hex)
		return tool_fail(EXIT_MISUSED, "--secret and --ephemeral are "
				 "of use together only");
	if (server && kith_feed_parse(kith_text(server), &k->server))
		return tool_fail(EXIT_MISUSED, "--server takes the whole @ID of "
				 "who was dialled");
	code = read_ephemeral(hex, k->secret.ephemeral);
	if (!code)
		code = ssb_secret_read(file, tool_option(t, 'P'), &k->self);
	k->secret.self = k->self;
	k->secret.server = server ? k->server.b : NULL;
	memcpy(k->secret.app_key, k->app_key, sizeof(k->app_key));
	return code;
}

static int read_app_key(struct tool *t, struct dissect_keys *k)
{
	const char *text = tool_option(t, 'a');

	/* A key log opens connections of any network. */
	k->any_network = !text && tool_option(t, 'k');
	if (base64_decode(kith_text(text ? text : NETWORK_APP_KEY), k->app_key,
			  sizeof(k->app_key)))
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "--app-key takes 32 bytes in base64");
}

int dissect_keys_read(struct tool *t, struct dissect_keys **out)
{
	struct dissect_keys *k = calloc(1, sizeof(*k));
	const char *log = tool_option(t, 'k');
	int code;

	if (!k)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = read_app_key(t, k);
	if (!code && log)
		code = read_log(k, log);
	if (!code)
		code = read_secret(t, k);
	if (code)
		dissect_keys_free(k);
	else
		*out = k;
	return code;
}

void dissect_keys_free(struct dissect_keys *k)
{
	if (!k)
		return;
	if (k->log)
		sodium_memzero(k->log, k->n * sizeof(*k->log));
	free(k->log);
	kith_signer_free(k->self);
	sodium_memzero(k, sizeof(*k));
	free(k);
}

bool dissect_keys_find(const struct dissect_keys *k, const struct dissect *of,
		       struct capture_keys *out)
{
	const struct capture_keys *found;
	struct capture_keys wanted;

	memcpy(wanted.client, dissect_ephemeral(of, true),
	       sizeof(wanted.client));
	memcpy(wanted.server, dissect_ephemeral(of, false),
	       sizeof(wanted.server));
	found = k->n ? bsearch(&wanted, k->log, k->n, sizeof(*k->log), compare)
		     : NULL;
	if (found)
		*out = *found;
	return found || (k->self && dissect_derive(of, &k->secret, out));
}

const uint8_t *dissect_app_key(const struct dissect_keys *k)
{
	return k->any_network ? NULL : k->app_key;
}
