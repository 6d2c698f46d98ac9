/* kith adopt: keys of private groups, and the one for ourselves, out of the
 * keystores of ssb-tribes and ssb-box2: databases of LevelDB, read in place. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "src/source/leveldb.h"
#include "src/views/keyring.h"
#include "tools/begin/adopt.h"
#include "tools/pass/writer.h"

/* Of keys; a group has few, and a database keeps old ones for a while.  Those
 * of a group's later epochs do not prove whose they are, so that it is enough
 * to see the first ones. */
enum { ENTRIES_MAX = 4096, EPOCHS_MAX = 16,
       CLOAKED_CHARS = 1 + BASE64_CHARS(KITH_ID_BYTES) + 8 };

/* The newest entry of one key. */
struct entry {
	struct kith_msg_id group; /* format NONE: our own key */
	uint64_t sequence;
	bool deleted;
	bool has_root;
	struct kith_msg_id root;
	size_t n; /* keys: of a group those of its epochs */
	uint8_t keys[EPOCHS_MAX][KITH_BOX2_KEY_BYTES];
};

struct keystore {
	struct adopt *adopt;
	struct entry *entries; /* of secrets: wiped */
	size_t n;
	bool groups; /* their keys are taken; else our own */
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

/* A key of the database is text with marks around it: of a group, that word and
 * the group's id stand in it; of its members the id does, too. */
static bool read_name(struct kith_slice key, struct entry *out)
{
	struct kith_slice id;
	size_t at;

	out->group = (struct kith_msg_id){ 0 };
	if (contains(key, "own_key", &at))
		return true;
	if (contains(key, "member", &at))
		return false;
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

static void read_key(struct kith_slice object, struct entry *out)
{
	struct kith_slice key = json_plain(json_get(object, "key"));

	if (out->n < EPOCHS_MAX &&
	    base64_decode(key, out->keys[out->n], sizeof(out->keys[0])))
		out->n++;
}

/* {"key":...,"root":...}, or with {"readKeys":[{"key":...}...]}, of which one
 * stands as "writeKey", too, until we were put out of the group. */
static bool read_value(struct kith_slice value, struct entry *out)
{
	struct kith_slice object, item;
	size_t at = 0;

	if (json_check(value, &object, NULL))
		return false;
	out->has_root = !kith_msg_parse(json_plain(json_get(object, "root")),
					&out->root);
	read_key(object, out);
	while (json_next_element(json_get(object, "readKeys"), &at, &item))
		read_key(item, out);
	return out->n;
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

	if (!read_name(e->key, &new) ||
	    k->groups != (new.group.format != KITH_FORMAT_NONE))
		return;
	if (e->deleted || read_value(e->value, &new)) {
		known = find(k, &new.group);
		if (known && known->sequence <= new.sequence)
			*known = new;
		else if (!known && k->n < ENTRIES_MAX)
			k->entries[k->n++] = new;
		else if (!known)
			k->adopt->keys.left += new.n;
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

	if (keyring_self_put(t, keys, e->keys[0])) {
		k->adopt->keys.taken++;
		k->late = private_position(t) > 0;
	} else if (keyring_self_get(t, keys, ours) &&
		   !sodium_memcmp(ours, e->keys[0], sizeof(ours))) {
		k->adopt->keys.known++;
	} else {
		k->adopt->keys.left++;
	}
	sodium_memzero(ours, sizeof(ours));
}

/* A key is kept once it gives the group that it stood for. */
static void put_key(struct txn *t, struct keystore *k, const struct keys *keys,
		    const struct entry *e,
		    const uint8_t key[static KITH_BOX2_KEY_BYTES])
{
	struct group_key g = { .group = e->group, .root = e->root,
			       .by = *kith_signer_id(keys_signer(keys)) };
	struct group_key known;
	bool here = keyring_get(t, keys, &e->group, &known);

	memcpy(g.key, key, sizeof(g.key));
	if (here && !sodium_memcmp(known.key, g.key, sizeof(g.key)))
		k->adopt->keys.known++;
	else if (e->has_root && keyring_offer(t, keys, &g))
		k->adopt->keys.taken++;
	else
		k->adopt->keys.left++;
	sodium_memzero(&known, sizeof(known));
	sodium_memzero(&g, sizeof(g));
}

static void put_group(struct txn *t, struct keystore *k,
		      const struct keys *keys, const struct entry *e)
{
	for (size_t i = 0; i < e->n; i++)
		put_key(t, k, keys, e, e->keys[i]);
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
		if (k->groups)
			put_group(t, k, k->adopt->tool->keys, one);
		else
			put_self(t, k, k->adopt->tool->keys, one);
	}
	if (!err)
		err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

/* Only the store's writer keeps keys. */
static bool may_put(const struct adopt *a)
{
	return !a->dry && !writer_daemon(sink_writer(a->sink));
}

static int put_all(struct keystore *k)
{
	struct adopt *a = k->adopt;

	if (k->n && may_put(a))
		return writer_task(sink_writer(a->sink), write_all, k, NULL);
	for (size_t i = 0; i < k->n; i++)
		a->keys.left += k->entries[i].n;
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
	return code;
}

static int take_keys(struct adopt *a, bool groups, struct keystore *k)
{
	int code = EXIT_DONE;

	*k = (struct keystore){ .adopt = a, .groups = groups };
	if (!a->dry)
		code = tool_open(a->tool, NEEDS_KEYS);
	if (code)
		return code;
	k->entries = calloc(ENTRIES_MAX, sizeof(*k->entries));
	if (!k->entries)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = take(k);
	free(k->entries);
	return code;
}

int adopt_own_key(struct adopt *a)
{
	struct keystore k;
	int code = take_keys(a, false, &k);

	if (k.late)
		tool_note("letters to yourself that were here before: `kith "
			  "views --rebuild private` opens them");
	return code;
}

/* Of our own key, too. */
static void say(struct adopt *a)
{
	if (a->dry && a->keys.left) {
		tool_note("keys are not tried in a dry run");
	} else if (a->keys.left && !may_put(a)) {
		a->left = true;
		tool_note("keys are left, since kithd runs: stop it with `kith "
			  "stop`, adopt again, and start it");
	}
	if (a->keys.taken + a->keys.known + a->keys.left)
		adopt_say(a, "keys", &a->keys,
			  a->keys.left ? "; those of groups come again with "
					 "the messages that brought them"
				       : "");
}

int adopt_group_keys(struct adopt *a)
{
	struct keystore k;
	int code = take_keys(a, true, &k);

	if (k.damaged)
		tool_note("%u files of keystores are damaged or still being "
			  "written: what is whole in them is taken", k.damaged);
	if (!code)
		say(a);
	return code;
}
