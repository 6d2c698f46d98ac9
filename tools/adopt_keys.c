/* kith adopt: keys of private groups, and the one for ourselves, out of the
 * keystores of ssb-tribes and ssb-box2: databases of LevelDB, read in place. */
#include <dirent.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "src/source/leveldb.h"
#include "src/views/keyring.h"
#include "tools/adopt.h"
#include "tools/writer.h"

/* Of keys; a group has few, and a database keeps old ones for a while. */
enum { ENTRIES_MAX = 4096, WATCH_MS = 5,
       CLOAKED_CHARS = 1 + BASE64_CHARS(KITH_ID_BYTES) + 8 };

/* The newest entry of one key. */
struct entry {
	struct kith_msg_id group; /* format NONE: our own key */
	uint64_t sequence;
	bool deleted;
	bool has_root;
	struct kith_msg_id root;
	uint8_t key[KITH_BOX2_KEY_BYTES];
};

struct keystore {
	struct adopt *adopt;
	struct entry *entries; /* of secrets: wiped */
	size_t n;
	struct adopt_count count;
	unsigned damaged; /* files */
	bool late;	  /* our own came behind messages that it may open */
};

/* --- what stands in it ---------------------------------------------------- */

static bool contains(struct kith_slice in, const char *what, size_t *at)
{
	size_t n = strlen(what);

	for (*at = 0; n <= in.n && *at <= in.n - n; ++*at)
		if (!memcmp(in.p + *at, what, n))
			return true;
	return false;
}

/* A key of the database is text with marks around it: of a group, the group's
 * id stands in it. */
static bool read_name(struct kith_slice key, struct entry *out)
{
	struct kith_slice id;
	size_t at;

	out->group = (struct kith_msg_id){ 0 };
	if (contains(key, "own_key", &at))
		return true;
	if (contains(key, ".cloaked", &at) &&
	    at + strlen(".cloaked") >= CLOAKED_CHARS)
		id = (struct kith_slice){ key.p + at + strlen(".cloaked") -
						  CLOAKED_CHARS,
					  CLOAKED_CHARS };
	else if (contains(key, "ssb:identity/group/", &at) &&
		 key.n - at >= strlen("ssb:identity/group/") +
				       BASE64_CHARS(KITH_ID_BYTES))
		id = (struct kith_slice){ key.p + at,
					  strlen("ssb:identity/group/") +
						  BASE64_CHARS(KITH_ID_BYTES) };
	else
		return false;
	return !kith_group_parse(id, &out->group);
}

/* {"key":...,"root":...}, or with {"writeKey":{"key":...}}. */
static bool read_value(struct kith_slice value, struct entry *out)
{
	struct kith_slice object, key;

	if (json_check(value, &object, NULL))
		return false;
	key = json_get(object, "key");
	if (!key.n)
		key = json_get(json_get(object, "writeKey"), "key");
	out->has_root = !kith_msg_parse(json_plain(json_get(object, "root")),
					&out->root);
	return base64_decode(json_plain(key), out->key, sizeof(out->key));
}

static struct entry *find(struct keystore *k, const struct kith_msg_id *group)
{
	for (size_t i = 0; i < k->n; i++)
		if (kith_msg_equal(&k->entries[i].group, group))
			return &k->entries[i];
	return NULL;
}

static void take_entry(void *arg, const struct leveldb_entry *e)
{
	struct keystore *k = arg;
	struct entry new = { .sequence = e->sequence, .deleted = e->deleted };
	struct entry *known;

	if (!read_name(e->key, &new))
		return;
	if (e->deleted || read_value(e->value, &new)) {
		known = find(k, &new.group);
		if (!known && k->n < ENTRIES_MAX)
			k->entries[k->n++] = new;
		else if (known && known->sequence <= new.sequence)
			*known = new;
	}
	sodium_memzero(&new, sizeof(new));
}

/* --- its files ------------------------------------------------------------ */

static bool ends_in(const char *name, const char *end)
{
	size_t n = strlen(name), m = strlen(end);

	return n > m && !strcmp(name + n - m, end);
}

static int read_file(struct keystore *k, const char *folder, const char *name)
{
	bool log = ends_in(name, ".log");
	char path[PATH_MAX];
	struct kith_buf text;
	enum kith_err err;
	int code;

	if ((!log && !ends_in(name, ".ldb") && !ends_in(name, ".sst")) ||
	    snprintf(path, sizeof(path), "%s/%s", folder, name) >=
		    (int)sizeof(path))
		return EXIT_DONE;
	code = adopt_read(k->adopt, path, &text);
	if (!code) {
		err = log ? leveldb_log(kith_bytes(&text), take_entry, k)
			  : leveldb_table(kith_bytes(&text), take_entry, k);
		k->damaged += err == KITH_EFORMAT;
		if (err == KITH_ENOMEM)
			code = tool_fail(EXIT_FAILED, "out of memory");
	}
	if (text.p)
		sodium_memzero(text.p, text.n);
	kith_buf_free(&text);
	return code == EXIT_NOT_FOUND ? EXIT_DONE : code;
}

static int read_folder(struct keystore *k, const char *folder)
{
	char path[PATH_MAX];
	const struct dirent *entry;
	int code = EXIT_DONE;
	DIR *d;

	if (snprintf(path, sizeof(path), "%s/%s", k->adopt->folder, folder) >=
	    (int)sizeof(path))
		return EXIT_DONE;
	d = opendir(path);
	if (!d && errno == ENOENT)
		return EXIT_DONE;
	if (!d)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", path,
				 strerror(errno));
	while (!code && (entry = readdir(d)))
		code = read_file(k, folder, entry->d_name);
	closedir(d);
	return code;
}

/* --- ours ----------------------------------------------------------------- */

static void put_self(struct txn *t, struct keystore *k, const struct keys *keys,
		     const struct entry *e)
{
	uint8_t ours[KITH_BOX2_KEY_BYTES];

	if (keyring_self_put(t, keys, e->key)) {
		k->count.taken++;
		k->late = private_position(t) > 0;
	} else if (keyring_self_get(t, keys, ours) &&
		   !sodium_memcmp(ours, e->key, sizeof(ours))) {
		k->count.known++;
	} else {
		k->count.left++;
	}
	sodium_memzero(ours, sizeof(ours));
}

/* A key is kept once it gives the group that it stood for. */
static void put_group(struct txn *t, struct keystore *k,
		      const struct keys *keys, const struct entry *e)
{
	struct group_key g = { .group = e->group, .root = e->root,
			       .by = *kith_signer_id(keys_signer(keys)) };
	struct group_key known;
	bool here = keyring_get(t, keys, &e->group, &known);

	memcpy(g.key, e->key, sizeof(g.key));
	if (here && !sodium_memcmp(known.key, g.key, sizeof(g.key)))
		k->count.known++;
	else if (e->has_root && keyring_offer(t, keys, &g))
		k->count.taken++;
	else
		k->count.left++;
	sodium_memzero(&known, sizeof(known));
	sodium_memzero(&g, sizeof(g));
}

static enum kith_err write_all(struct store *s, void *arg, struct kith_error *e)
{
	struct keystore *k = arg;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	for (size_t i = 0; !err && i < k->n; i++) {
		const struct entry *one = &k->entries[i];

		if (one->deleted)
			continue;
		if (one->group.format == KITH_FORMAT_NONE)
			put_self(t, k, k->adopt->tool->keys, one);
		else
			put_group(t, k, k->adopt->tool->keys, one);
	}
	if (!err)
		err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

static void watch(void *arg)
{
	(void)arg;
	poll(NULL, 0, WATCH_MS);
}

static int put_all(struct keystore *k)
{
	struct adopt *a = k->adopt;
	struct writer *w = sink_writer(a->sink);

	if (!k->n)
		return EXIT_DONE;
	if (!a->dry && !writer_daemon(w))
		return writer_task(w, write_all, k, watch);
	k->count.left += k->n;
	tool_note(a->dry ? "keys of groups are not tried in a dry run"
			 : "keys of groups are left, since kithd runs: stop it "
			   "with `kith stop`, adopt again, and start it");
	return EXIT_DONE;
}

static int take(struct keystore *k)
{
	static const char *const folders[] = { "tribes/keystore", "keyring" };
	int code = EXIT_DONE;

	for (size_t i = 0; i < 2 && !code; i++) {
		k->n = 0;
		code = read_folder(k, folders[i]);
		if (!code)
			code = put_all(k);
		sodium_memzero(k->entries, ENTRIES_MAX * sizeof(*k->entries));
	}
	if (k->damaged)
		tool_note("%u files of keystores are damaged or still being "
			  "written: what is whole in them is taken",
			  k->damaged);
	if (k->late)
		tool_note("letters to yourself that were here before: `kith "
			  "views --rebuild private` opens them");
	if (!code && k->count.taken + k->count.known + k->count.left)
		adopt_say(k->adopt, "keys", &k->count,
			  k->count.left ? "; those of groups come again with "
					  "the messages that brought them"
					: "");
	return code;
}

int adopt_keys(struct adopt *a)
{
	struct keystore k = { .adopt = a };
	int code = EXIT_DONE;

	if (!a->dry)
		code = tool_open(a->tool, NEEDS_KEYS);
	if (code)
		return code;
	k.entries = calloc(ENTRIES_MAX, sizeof(*k.entries));
	if (!k.entries)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = take(&k);
	free(k.entries);
	return code;
}
