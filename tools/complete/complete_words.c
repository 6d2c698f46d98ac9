#include "tools/complete/complete.h"

#include <stdio.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/store/blob_rows.h"
#include "src/views/names.h"
#include "src/views/view.h"
#include "tools/pick/select.h"
#include "tools/print/person.h"
#include "tools/text/text.h"

/* More is of no use to who reads it, and takes time. */
enum { WORDS_MAX = 32, ROWS_MAX = 500, SAID_COLUMNS = 50, BYTES_MAX = 1 << 20 };

struct words {
	struct txn *txn;
	struct viewer viewer;
	size_t count;
	bool names; /* of feeds, where they mean one */
};

static bool begins(const char *text, struct kith_slice prefix)
{
	return !strncmp(text, (const char *)prefix.p, prefix.n);
}

/* Whether a shell takes it as it is, and we a name. */
static bool is_plain(struct kith_slice s)
{
	for (size_t i = 0; i < s.n; i++)
		if (s.p[i] <= ' ' || s.p[i] == 0x7f ||
		    strchr("!\"#$&'()*,;<=>?@[\\]^`{|}~./:%+", s.p[i]))
			return false;
	return s.n > 0;
}

static void print_word(struct words *w, const char *sigil,
		       struct kith_slice word, struct kith_slice said)
{
	printf("%s", sigil);
	fwrite(word.p, 1, word.n, stdout);
	if (said.n) {
		putchar('\t');
		text_print_cut(stdout, said, SAID_COLUMNS, false);
	}
	putchar('\n');
	w->count++;
}

/* --- feeds --- */

static void print_id(struct words *w, const struct kith_feed_id *feed,
		     struct kith_slice name)
{
	struct kith_buf id = { .limit = KITH_REF_TEXT_BYTES };

	person_put_short(&id, feed);
	print_word(w, "", kith_bytes(&id), name);
	kith_buf_free(&id);
}

/* The name where it means one feed and can be typed, else the id. */
static void print_feed(struct words *w, const char *sigil,
		       const struct kith_feed_id *feed, struct kith_slice name)
{
	uint8_t folded[NAME_BYTES_MAX];
	struct kith_slice word = name;
	struct name_feeds found = { 0 };

	if (!is_plain(word))
		word = (struct kith_slice){ folded, name_fold(name, folded) };
	if (w->names)
		names_find(w->txn, &w->viewer, NULL, name, &found);
	if (found.count == 1 && is_plain(word))
		print_word(w, sigil, word, name);
	else
		print_id(w, feed, name);
}

static void print_feeds(struct words *w, const char *prefix)
{
	const char *sigil = *prefix == '@' ? "@" : "";
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_feed_id feed;
	struct feed_row row;
	uint32_t number = 0;
	struct names n;

	names_start(&n, w->txn, &w->viewer, kith_text(prefix + strlen(sigil)));
	while (w->count < WORDS_MAX && names_next(&n, &feed, &name))
		print_feed(w, sigil, &feed, kith_bytes(&name));
	while (*sigil && prefix[1] && w->count < WORDS_MAX &&
	       feed_next(w->txn, &number, &row)) {
		kith_feed_print(&row.id, id);
		kith_buf_reset(&name);
		if (begins(id, kith_text(prefix))) {
			name_of_feed(w->txn, &w->viewer, &row.id, &name);
			print_id(w, &row.id, kith_bytes(&name));
		}
	}
	kith_buf_free(&name);
}

/* --- messages --- */

/* Eight characters, or as many as it takes. */
static void put_id(struct words *w, const struct kith_msg_id *id,
		   struct kith_buf *out)
{
	struct wrap plain = { .columns = KITH_REF_TEXT_BYTES };
	struct kith_buf marked = { .limit = BYTES_MAX };

	person_put_msg(w->txn, id, &marked);
	wrap_put(out, kith_bytes(&marked), &plain);
	kith_buf_free(&marked);
	if (out->n)
		out->n--; /* the end of the line */
}

static void print_message(struct words *w, const struct message_row *row)
{
	struct kith_buf said = { .limit = BYTES_MAX };
	struct kith_buf id = { .limit = BYTES_MAX };
	struct view_message m;
	struct feed_row feed;

	if (viewer_hides(&w->viewer, row->feed_number) ||
	    !feed_by_number(w->txn, row->feed_number, &feed))
		return;
	views_message(row, &feed, &m);
	if (json_is(json_get(m.content, "type"), "post")) {
		if (name_of_feed(w->txn, &w->viewer, &feed.id, &said))
			kith_buf_text(&said, ": ");
		if (json_unescape(json_get(m.content, "text"), &said)) {
			put_id(w, &row->id, &id);
			print_word(w, "", kith_bytes(&id), kith_bytes(&said));
		}
	}
	kith_buf_free(&id);
	kith_buf_free(&said);
}

/* The newest posts that begin so. */
static void print_messages(struct words *w, const char *prefix)
{
	char id[KITH_REF_TEXT_BYTES];
	struct message_row row;
	uint64_t rx = UINT64_MAX;

	for (size_t i = 0; i < ROWS_MAX && w->count < WORDS_MAX &&
			   message_to(w->txn, rx, &row); i++) {
		kith_msg_print(&row.id, id);
		if (begins(id, kith_text(prefix)))
			print_message(w, &row);
		if (row.rx < 2)
			return;
		rx = row.rx - 1;
	}
}

/* --- channels --- */

static void print_channels(struct words *w, const char *prefix)
{
	const struct kith_slice nothing = { NULL, 0 };
	char folded[CHANNEL_TEXT_BYTES] = "";
	uint8_t kind = TERM_CHANNEL;
	struct term term = { 0 };
	struct kith_slice name;

	channel_normalize(kith_text(prefix), folded);
	while (w->count < WORDS_MAX &&
	       terms_next(w->txn, &w->viewer, (struct kith_slice){ &kind, 1 },
			  &term)) {
		name = term_text(term_slice(&term));
		if (name.n >= strlen(folded) && is_plain(name) &&
		    !memcmp(name.p, folded, strlen(folded)))
			print_word(w, "", name, nothing);
	}
}

/* --- blobs --- */

/* Without the sigil, which shells take for something else. */
static void print_blob(struct words *w, const struct kith_blob_id *id,
		       const char *prefix)
{
	const struct kith_slice nothing = { NULL, 0 };
	char text[KITH_REF_TEXT_BYTES];

	kith_blob_print(id, text);
	if (begins(text + 1, kith_text(prefix)))
		print_word(w, "", kith_text(text + 1), nothing);
}

static void print_blobs(struct words *w, const char *prefix)
{
	struct blob_rows rows;
	struct blob_row row;

	blob_rows_open(&rows, w->txn, NULL);
	for (size_t i = 0; i < ROWS_MAX && w->count < WORDS_MAX &&
			   blob_rows_next(&rows, &row); i++)
		print_blob(w, &row.id, prefix);
	blob_rows_close(&rows);
}

/* --- all --- */

static void print(struct words *w, const char *kind, const char *prefix)
{
	bool all = !strcmp(kind, "selections") && !*prefix;

	if (!strcmp(kind, "blobs"))
		print_blobs(w, prefix);
	if (*prefix == '%' || (!*prefix && !strcmp(kind, "messages")) || all)
		print_messages(w, prefix);
	if (*prefix == '#' || !strcmp(kind, "channels"))
		print_channels(w, prefix);
	else if (*prefix == '@' || !strcmp(kind, "whom") ||
		 !strcmp(kind, "feeds"))
		print_feeds(w, prefix);
}

static bool is_kind(const char *kind)
{
	static const char *const kinds[] = { "whom", "feeds", "messages",
					     "channels", "selections",
					     "text", "blobs" };

	for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++)
		if (!strcmp(kinds[i], kind))
			return true;
	return false;
}

bool complete_words(struct tool *t, const char *kind, const char *prefix)
{
	struct words w = { .names = !strcmp(kind, "whom") ||
				    !strcmp(kind, "text") ||
				    !strcmp(kind, "messages") };

	if (!is_kind(kind))
		return false;
	if (!freopen("/dev/null", "w", stderr) ||
	    tool_open(t, NEEDS_SELF | NEEDS_STORE) ||
	    store_read(t->store, &w.txn))
		return true;
	if (!viewer_start(&w.viewer, w.txn, &t->self))
		print(&w, kind, prefix);
	viewer_end(&w.viewer);
	txn_end(w.txn);
	return true;
}
