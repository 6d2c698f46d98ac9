/* kith adopt: the addresses of peers, of conn.json and gossip.json. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/dial.h"
#include "src/store/local.h"
#include "src/wire/address.h"
#include "tools/begin/adopt.h"
#include "tools/pass/writer.h"

struct found {
	struct address address;
	bool paused;
};

struct gathering {
	struct found *found; /* DIAL_KNOWN_MAX */
	size_t n;
	struct kith_feed_id self;
	struct adopt_count count;
	bool trial;
};

/* --- what files say ------------------------------------------------------- */

static bool is_there(const struct gathering *g, const struct address *a)
{
	for (size_t i = 0; i < g->n; i++)
		if (!memcmp(g->found[i].address.key, a->key, sizeof(a->key)))
			return true;
	return false;
}

/* One address a key: the first that is found, which conn.json has. */
static void take(struct gathering *g, struct kith_slice text, bool paused)
{
	struct address a;

	if (address_parse(text, &a, NULL) || !a.has_key || a.has_seed ||
	    a.transport != ADDRESS_NET) {
		g->count.left++;
		return;
	}
	if (is_there(g, &a) || !memcmp(a.key, g->self.b, sizeof(a.key)))
		return;
	if (g->n == DIAL_KNOWN_MAX) {
		g->count.left++;
		return;
	}
	g->found[g->n++] = (struct found){ a, paused };
}

/* {"net:...": {"key":...,"autoconnect":false,...},...} */
static void take_conn(struct gathering *g, struct kith_slice root)
{
	struct kith_buf text = { .limit = ADDRESS_BYTES_MAX };
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(root, &at, &key, &value)) {
		kith_buf_reset(&text);
		if (!json_unescape(key, &text)) {
			g->count.left++;
			continue;
		}
		take(g, kith_bytes(&text),
		     kith_equal(json_get(value, "autoconnect"),
				KITH_SLICE("false")));
	}
	kith_buf_free(&text);
}

/* One member of an entry as text that address_parse knows. */
static void put_member(struct kith_buf *to, struct kith_slice entry,
		       const char *name)
{
	struct kith_slice value = json_get(entry, name);

	if (json_kind(value) != JSON_KIND_STRING)
		kith_buf_put(to, value);
	else if (!json_unescape(value, to))
		kith_buf_byte(to, ' '); /* which no address has */
}

/* {"host":...,"port":...,"key":...,"address":...}: the last is newer. */
static void take_entry(struct gathering *g, struct kith_slice entry,
		       struct kith_buf *text)
{
	kith_buf_reset(text);
	put_member(text, entry, "address");
	if (!text->n) {
		put_member(text, entry, "host");
		kith_buf_byte(text, ':');
		put_member(text, entry, "port");
		kith_buf_byte(text, ':');
		put_member(text, entry, "key");
	}
	if (text->err)
		g->count.left++;
	else
		take(g, kith_bytes(text), false);
}

static void take_gossip(struct gathering *g, struct kith_slice root)
{
	struct kith_buf text = { .limit = ADDRESS_BYTES_MAX };
	struct kith_slice entry;
	size_t at = 0;

	while (json_next_element(root, &at, &entry))
		take_entry(g, entry, &text);
	kith_buf_free(&text);
}

static int read_file(struct adopt *a, struct gathering *g, const char *name,
		     void (*fn)(struct gathering *g, struct kith_slice root))
{
	struct kith_buf text;
	struct kith_slice root;
	struct kith_error e = { 0 };
	int code = adopt_read(a, name, &text);

	if (!code && json_check(kith_bytes(&text), &root, &e)) {
		tool_note("%s is left: %s, at byte %zu", name, e.text,
			  e.offset);
		g->count.left++;
		a->left = true;
	} else if (!code) {
		fn(g, root);
	}
	kith_buf_free(&text);
	return code == EXIT_NOT_FOUND ? EXIT_DONE : code;
}

/* --- ours ----------------------------------------------------------------- */

static void put(struct txn *t, const struct found *f)
{
	char text[ADDRESS_TEXT_BYTES];
	struct address_row row = { .paused = f->paused };

	address_print(&f->address, false, text);
	memcpy(row.key, f->address.key, sizeof(row.key));
	row.text = kith_text(text);
	address_row_put(t, &row);
}

/* What is known here already stays as it is; what is too much for kithd is
 * left. */
static void put_all(struct txn *t, struct gathering *g)
{
	uint64_t rows = txn_count(t, TABLE_ADDRESSES);

	for (size_t i = 0; i < g->n; i++) {
		if (address_row_has(t, g->found[i].address.key)) {
			g->count.known++;
		} else if (rows >= DIAL_KNOWN_MAX) {
			g->count.left++;
		} else {
			rows++;
			g->count.taken++;
			if (!g->trial)
				put(t, &g->found[i]);
		}
	}
}

static enum kith_err write_all(struct store *s, void *arg,
			       struct kith_error *e)
{
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	if (!err) {
		put_all(t, arg);
		err = txn_commit(t);
	}
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

static int count_only(struct adopt *a, struct gathering *g)
{
	struct kith_error e = { 0 };
	struct txn *t;
	enum kith_err err = store_read(sink_store(a->sink), &t);

	if (err)
		return tool_explain(&e, err);
	g->trial = true;
	put_all(t, g);
	txn_end(t);
	return EXIT_DONE;
}

/* kithd keeps addresses in its memory: one that is added beside it is not
 * seen, and may be lost. */
static int put_found(struct adopt *a, struct gathering *g)
{
	struct writer *w = sink_writer(a->sink);

	if (a->dry)
		return count_only(a, g);
	if (!writer_daemon(w))
		return writer_task(w, write_all, g, NULL);
	g->count.left += g->n;
	if (g->n) {
		a->left = true;
		tool_note("addresses of peers are left, since kithd runs: stop "
			  "it with `kith stop`, adopt again, and start it");
	}
	return EXIT_DONE;
}

static int gather(struct adopt *a, struct gathering *g)
{
	struct kith_error e = { 0 };
	int code;

	if (home_identity(a->tool->home, &g->self, &e))
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	code = read_file(a, g, "conn.json", take_conn);
	if (!code)
		code = read_file(a, g, "gossip.json", take_gossip);
	if (!code)
		code = put_found(a, g);
	if (!code)
		adopt_say(a, "peers", &g->count, "");
	return code;
}

int adopt_peers(struct adopt *a)
{
	struct gathering g = { 0 };
	int code;

	if (!a->found.there[SSB_CONN] && !a->found.there[SSB_GOSSIP])
		return EXIT_DONE;
	g.found = calloc(DIAL_KNOWN_MAX, sizeof(*g.found));
	if (!g.found)
		return tool_fail(EXIT_FAILED, "out of memory");
	code = gather(a, &g);
	free(g.found);
	return code;
}
