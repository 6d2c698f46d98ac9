#include "src/daemon/config.h"

#include <inttypes.h>
#include <stdlib.h>

#include <jansson.h>

#include "feeds/base64.h"
#include "feeds/ref.h"
#include "src/daemon/capture.h"
#include "src/daemon/config_depots.h"
#include "src/log.h"
#include "src/store/comments.h"
#include "src/store/store.h"

enum option_type {
	OPTION_INTEGER,
	OPTION_BOOLEAN,
	OPTION_TEXT,
	OPTION_KEY, /* 32 bytes in base64 */
	OPTION_DEPOTS /* a list: config_depots.h */
};

struct option {
	const char *name; /* dotted: objects in the file */
	enum option_type type;
	size_t offset;	  /* in struct config */
	int64_t min, max; /* of an integer; max is the room for a text */
	const char *initial;
	const char *text;
};

#define FIELD(member) offsetof(struct config, member)

static const struct option options[] = {
	{ "host", OPTION_TEXT, FIELD(host), 0, CONFIG_HOST_BYTES, "",
	  "address to listen on; empty: every address, IPv4 and IPv6" },
	{ "port", OPTION_INTEGER, FIELD(port), 0, 65535, "8008",
	  "TCP port to listen on; 0: any free one" },
	{ "web.port", OPTION_INTEGER, FIELD(web_port), 0, 65535, "0",
	  "TCP port on localhost for blobs over HTTP; 0: none" },
	{ "friends.hops", OPTION_INTEGER, FIELD(hops), 0, 100, "2",
	  "feeds this many follows away are replicated" },
	{ "caps.shs", OPTION_KEY, FIELD(app_key), 0, 0,
	  "1KHLiKZvAvjbY1ziZEHMXawbCEIM6qwjCDm3VYRan/s=",
	  "the network: peers with another key are strangers to it" },
	{ "caps.sign", OPTION_KEY, FIELD(sign_key), 0, 0, "",
	  "key that goes into every message's signature; empty: none" },
	{ "conn.autostart", OPTION_BOOLEAN, FIELD(autostart), 0, 1, "true",
	  "dial known addresses without being asked" },
	{ "timers.inactivity", OPTION_INTEGER, FIELD(inactivity_ms), 10000,
	  86400000, "600000", "ms after which a silent connection is closed" },
	{ "timers.ping", OPTION_INTEGER, FIELD(ping_ms), 10000, 1800000,
	  "300000", "ms between signs of life on an idle connection" },
	{ "logging.level", OPTION_TEXT, FIELD(log_level), 0,
	  CONFIG_LEVEL_BYTES, "info", "error, warn, info or debug" },
	{ "blobs.max", OPTION_INTEGER, FIELD(blob_max), 1, (int64_t)1 << 30,
	  "5242880", "bytes: only smaller blobs are taken in" },
	{ "blobs.hops", OPTION_INTEGER, FIELD(blob_hops), -1, 100, "2",
	  "blobs named by feeds this many follows away are fetched by "
	  "themselves; -1: none" },
	{ "blobs.limit", OPTION_INTEGER, FIELD(blob_limit), 0,
	  (int64_t)1 << 46, "0", "bytes that all blobs may have; 0: as the "
	  "disk allows" },
	{ "blobs.quota1", OPTION_INTEGER, FIELD(blob_quota[0]), 0,
	  (int64_t)1 << 46, "0", "the same for those named by feeds that we "
	  "follow" },
	{ "blobs.quota2", OPTION_INTEGER, FIELD(blob_quota[1]), 0,
	  (int64_t)1 << 46, "0", "by feeds two follows away" },
	{ "blobs.quota3", OPTION_INTEGER, FIELD(blob_quota[2]), 0,
	  (int64_t)1 << 46, "0", "by feeds three follows away and more" },
	{ "blobs.quotaOthers", OPTION_INTEGER, FIELD(blob_quota[3]), 0,
	  (int64_t)1 << 46, "0", "by nobody known, or fetched for others" },
	{ "blobs.sympathy", OPTION_INTEGER, FIELD(sympathy), 0, 10, "3",
	  "blobs that others want are fetched for them up to this distance" },
	{ "blobs.pushy", OPTION_INTEGER, FIELD(pushy), 1, 100, "3",
	  "a pushed blob is offered until so many peers have it" },
	{ "blobs.stingy", OPTION_BOOLEAN, FIELD(stingy), 0, 1, "false",
	  "offer only pushed blobs, and fetch none for others" },
	{ "store.limit", OPTION_INTEGER, FIELD(store_limit), 0,
	  (int64_t)1 << 46, "0", "bytes that the store's file may have, at "
	  "least 64 MiB; 0: as the disk allows" },
	{ "retention.days", OPTION_INTEGER, FIELD(retention_days), 0, 36500,
	  "0", "days for which messages of distant feeds are kept; 0: for "
	  "ever" },
	{ "retention.hops", OPTION_INTEGER, FIELD(retention_hops), 1, 100,
	  "2", "feeds this many follows away and more are distant" },
	{ "depots", OPTION_DEPOTS, FIELD(depots), 0, 0, "",
	  "folders and URLs to sync with by itself, each with path or url, "
	  "and every (seconds), hops, write, limit" },
	{ "capture.file", OPTION_TEXT, FIELD(capture.file), 0,
	  CONFIG_PLACE_BYTES, "", "file that takes what is said with peers, as "
	  "`kith capture`; empty: none" },
	{ "capture.keylog", OPTION_TEXT, FIELD(capture.keylog), 0,
	  CONFIG_PLACE_BYTES, "", "file that takes the keys of sessions; "
	  "empty: none" },
	{ "capture.peer", OPTION_TEXT, FIELD(capture.peer), 0,
	  CONFIG_HOST_BYTES, "", "id of the one peer to capture; empty: all" },
	{ "capture.limit", OPTION_INTEGER, FIELD(capture.limit),
	  CAPTURE_LIMIT_BYTES_MIN, (int64_t)1 << 46, "268435456",
	  "bytes of the capture; at half of them it goes on anew, with the old "
	  "half aside as FILE.1" },
	{ "kith.verifiers", OPTION_INTEGER, FIELD(verifiers), 0, 64, "0",
	  "threads that check signatures; 0: one a core" },
	{ "kith.map", OPTION_INTEGER, FIELD(map_bytes), 0, (int64_t)1 << 46,
	  "0", "bytes of address space for the store; 0: 1 TiB" },
};

enum { OPTION_COUNT = sizeof(options) / sizeof(*options) };

/* --- values --- */

static void *field(struct config *c, const struct option *o)
{
	return (char *)c + o->offset;
}

static enum kith_err set_integer(struct config *c, const struct option *o,
				 int64_t value, struct kith_error *e)
{
	if (value < o->min || value > o->max)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "%s must be from %" PRId64 " to %" PRId64,
				 o->name, o->min, o->max);
	if (o->offset == FIELD(store_limit) && value &&
	    value < STORE_LIMIT_BYTES_MIN)
		return kith_fail(e, KITH_EFORMAT, 0,
				 "%s must be 0 or at least %d", o->name,
				 STORE_LIMIT_BYTES_MIN);
	memcpy(field(c, o), &value, sizeof(value));
	return KITH_OK;
}

static enum kith_err set_boolean(struct config *c, const struct option *o,
				 bool value)
{
	memcpy(field(c, o), &value, sizeof(value));
	return KITH_OK;
}

/* kithd runs in no folder that anybody would mean. */
static bool is_path(const struct option *o)
{
	return o->offset == FIELD(capture.file) ||
	       o->offset == FIELD(capture.keylog);
}

static enum kith_err set_text(struct config *c, const struct option *o,
			      const char *value, struct kith_error *e)
{
	struct kith_feed_id id;
	enum log_level level;
	size_t n = strlen(value);

	if (n >= (size_t)o->max)
		return kith_fail(e, KITH_EFORMAT, 0, "%s is too long", o->name);
	if (o->offset == FIELD(log_level) && !log_level_parse(value, &level))
		return kith_fail(e, KITH_EFORMAT, 0, "%s must be %s", o->name,
				 o->text);
	if (o->offset == FIELD(capture.peer) && n &&
	    kith_feed_parse(kith_text(value), &id))
		return kith_fail(e, KITH_EFORMAT, 0, "%s must be a feed's id",
				 o->name);
	if (is_path(o) && n && *value != '/')
		return kith_fail(e, KITH_EFORMAT, 0, "%s must be a path, from "
				 "/ on", o->name);
	memcpy(field(c, o), value, n + 1);
	return KITH_OK;
}

/* The key of the network may not be empty; the one of messages may. */
static enum kith_err set_key(struct config *c, const struct option *o,
			     const char *value, struct kith_error *e)
{
	uint8_t key[SHS_APP_KEY_BYTES] = { 0 };
	bool may_lack = o->offset == FIELD(sign_key);
	bool given = *value != 0;

	if ((!given && !may_lack) ||
	    (given && !base64_decode(kith_text(value), key, sizeof(key))))
		return kith_fail(e, KITH_EFORMAT, 0,
				 "%s must be 32 bytes in base64", o->name);
	if (may_lack)
		c->has_sign_key = given;
	memcpy(field(c, o), key, sizeof(key));
	return KITH_OK;
}

static enum kith_err set_from_text(struct config *c, const struct option *o,
				   const char *value, struct kith_error *e)
{
	char *end;
	int64_t number;

	switch (o->type) {
	case OPTION_INTEGER:
		number = strtoll(value, &end, 10);
		if (end == value || *end)
			return kith_fail(e, KITH_EFORMAT, 0,
					 "%s must be a number", o->name);
		return set_integer(c, o, number, e);
	case OPTION_BOOLEAN:
		if (strcmp(value, "true") != 0 && strcmp(value, "false") != 0)
			return kith_fail(e, KITH_EFORMAT, 0,
					 "%s must be true or false", o->name);
		return set_boolean(c, o, !strcmp(value, "true"));
	case OPTION_TEXT:
		return set_text(c, o, value, e);
	case OPTION_KEY:
		return set_key(c, o, value, e);
	case OPTION_DEPOTS:
		if (!*value)
			return KITH_OK;
		return kith_fail(e, KITH_EFORMAT, 0, "%s must be a list, as "
				 "[{\"path\": \"/media/stick\"}]", o->name);
	}
	return KITH_EFORMAT;
}

static enum kith_err set_from_json(struct config *c, const struct option *o,
				   const json_t *value, struct kith_error *e)
{
	if (o->type == OPTION_INTEGER && json_is_integer(value))
		return set_integer(c, o, json_integer_value(value), e);
	if (o->type == OPTION_BOOLEAN && json_is_boolean(value))
		return set_boolean(c, o, json_is_true(value));
	if (o->type == OPTION_DEPOTS && !json_is_string(value))
		return config_depots_read(value, &c->depots, e);
	/* A number or truth in quotes is what some programs write. */
	if (json_is_string(value))
		return set_from_text(c, o, json_string_value(value), e);
	return kith_fail(e, KITH_EFORMAT, 0, "%s has the wrong type", o->name);
}

static const struct option *find(const char *name)
{
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (!strcmp(options[i].name, name))
			return &options[i];
	return NULL;
}

/* --- the file --- */

/* Sets what object and the objects in it say; prefix is what stands before
 * their names.  No option lies deeper than in one object. */
static enum kith_err read_object(struct config *c, json_t *object,
				 const char *prefix, unsigned *unknown,
				 struct kith_error *e)
{
	const struct option *o;
	const char *key;
	json_t *value;
	char name[64];
	enum kith_err err = KITH_OK;

	json_object_foreach(object, key, value) {
		snprintf(name, sizeof(name), "%s%s%s", prefix,
			 *prefix ? "." : "", key);
		o = find(name);
		if (o)
			err = set_from_json(c, o, value, e);
		else if (!*prefix && json_is_object(value))
			err = read_object(c, value, name, unknown, e);
		else
			++*unknown;
		if (err)
			return err;
	}
	return KITH_OK;
}

enum kith_err config_read(struct config *c, struct kith_slice text,
			  unsigned *unknown, struct kith_error *e)
{
	uint8_t *copy = malloc(text.n + 1);
	json_error_t why;
	json_t *root;
	enum kith_err err;

	if (!copy)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	memcpy(copy, text.p, text.n);
	comments_blank(copy, text.n);
	root = json_loadb((const char *)copy, text.n, 0, &why);
	free(copy);
	if (!root)
		return kith_fail(e, KITH_EFORMAT, 0, "line %d: %s", why.line,
				 why.text);
	*unknown = 0;
	err = json_is_object(root) ?
		      read_object(c, root, "", unknown, e) :
		      kith_fail(e, KITH_EFORMAT, 0, "no JSON object");
	json_decref(root);
	return err;
}

/* --- the command line --- */

enum kith_err config_set(struct config *c, const char *name,
			 const char *value, struct kith_error *e)
{
	const struct option *o = find(name);

	if (!o)
		return kith_fail(e, KITH_ENOENT, 0, "no option %s", name);
	return set_from_text(c, o, value, e);
}

enum kith_err config_listen(struct config *c, const char *text,
			    struct kith_error *e)
{
	char host[CONFIG_HOST_BYTES];
	const char *bracket = strchr(text, ']');
	const char *colon = strrchr(bracket ? bracket : text, ':');
	const char *from = *text == '[' && bracket ? text + 1 : text;
	const char *to = *text == '[' && bracket ? bracket : colon;
	size_t n = to ? (size_t)(to - from) : strlen(from);
	enum kith_err err;

	if (n >= sizeof(host))
		return kith_fail(e, KITH_EFORMAT, 0, "host is too long");
	memcpy(host, from, n);
	host[n] = 0;
	err = config_set(c, "host", host, e);
	if (!err && colon)
		err = config_set(c, "port", colon + 1, e);
	return err;
}

void config_init(struct config *c)
{
	struct kith_error e = { 0 };

	memset(c, 0, sizeof(*c));
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (set_from_text(c, &options[i], options[i].initial, &e))
			abort(); /* a row whose default is out of its range */
}

static void print_type(FILE *out, const struct option *o)
{
	static const char *const types[] = { "integer", "boolean", "text",
					     "base64", "list" };

	fprintf(out, "%s  (%s", o->name, types[o->type]);
	if (o->type == OPTION_INTEGER)
		fprintf(out, " %" PRId64 "..%" PRId64, o->min, o->max);
	fprintf(out, ", default %s)\n    %s\n",
		*o->initial ? o->initial : "empty", o->text);
}

void config_help(FILE *out)
{
	fputs("Options of the file config in the home folder: a JSON object,\n"
	      "a dot stands for an object in it, // and /* */ for comments.\n"
	      "\n",
	      out);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		print_type(out, &options[i]);
}
