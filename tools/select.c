#include "tools/select.h"

#include <stdio.h>

#include "feeds/base64.h"
#include "feeds/ref.h"
#include "src/store/scan.h"
#include "src/views/contacts.h"
#include "tools/tool.h"

enum { TEXT_BYTES_MAX = 256, PREFIX_BYTES_MAX = 8 };

const struct selection select_all = { .kind = SELECT_ALL, .first = 1,
				      .last = UINT64_MAX };

/* Ids that begin as a person typed, gathered while looking. */
struct candidates {
	struct kith_slice prefix; /* with its sigil */
	size_t count;
	char text[SELECT_CANDIDATES_MAX][KITH_REF_TEXT_BYTES];
};

static bool begins(struct kith_slice text, struct kith_slice prefix)
{
	return text.n >= prefix.n && !memcmp(text.p, prefix.p, prefix.n);
}

static bool consider(struct candidates *c, const char *text)
{
	if (!begins(kith_text(text), c->prefix))
		return false;
	for (size_t i = 0; i < c->count && i < SELECT_CANDIDATES_MAX; i++)
		if (!strcmp(c->text[i], text))
			return true;
	if (c->count < SELECT_CANDIDATES_MAX)
		snprintf(c->text[c->count], KITH_REF_TEXT_BYTES, "%s", text);
	c->count++;
	return true;
}

/* Listings cut ids with an ellipsis: it may come back with them. */
static struct kith_slice without_ellipsis(struct kith_slice s)
{
	struct kith_slice dots = KITH_SLICE("…");

	if (s.n >= dots.n && !memcmp(s.p + s.n - dots.n, dots.p, dots.n))
		s.n -= dots.n;
	return s;
}

static int check_candidates(const struct candidates *c, const char *what)
{
	int n = (int)c->prefix.n;
	const char *p = (const char *)c->prefix.p;

	if (c->count == 1)
		return EXIT_DONE;
	if (!c->count)
		return tool_fail(EXIT_NOT_FOUND,
				 "no %s here begins with %.*s; `kith %s` "
				 "lists what is", what, n, p,
				 *p == '@' ? "feeds" : "log");
	tool_note("%zu %ss begin with %.*s; type more of it:", c->count, what,
		  n, p);
	for (size_t i = 0; i < c->count && i < SELECT_CANDIDATES_MAX; i++)
		tool_note("  %s", c->text[i]);
	return EXIT_NOT_FOUND;
}

static int check_prefix(struct kith_slice prefix, const char *what)
{
	if (prefix.n > SELECT_PREFIX_MIN)
		return EXIT_DONE;
	return tool_fail(EXIT_MISUSED, "%.*s is no %s, and a prefix of one has "
			 "%d characters or more", (int)prefix.n,
			 (const char *)prefix.p, what, SELECT_PREFIX_MIN);
}

static void consider_feed(struct candidates *c, const struct kith_feed_id *id,
			  struct kith_feed_id *out)
{
	char name[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, name);
	if (consider(c, name))
		*out = *id;
}

/* Feeds that are here, and those that somebody here follows or blocks. */
static void consider_feeds(struct candidates *c, struct txn *t,
			   struct kith_feed_id *out)
{
	struct contact contact = { 0 };
	struct feed_row row;
	uint32_t number = 0;

	while (feed_next(t, &number, &row))
		consider_feed(c, &row.id, out);
	while (contacts_next(t, &contact))
		consider_feed(c, &contact.to, out);
}

static int feed_by_prefix(struct txn *t, struct kith_slice text,
			  struct kith_feed_id *out)
{
	struct candidates c = { .prefix = without_ellipsis(text) };
	int code = check_prefix(c.prefix, "feed id");

	if (code)
		return code;
	consider_feeds(&c, t, out);
	return check_candidates(&c, "feed");
}

bool select_feed_begins(struct txn *t, struct kith_slice text,
			struct kith_feed_id *out)
{
	struct candidates c = { .prefix = without_ellipsis(text) };

	if (!kith_feed_parse(text, out))
		return true;
	if (c.prefix.n <= SELECT_PREFIX_MIN || c.prefix.p[0] != '@')
		return false;
	consider_feeds(&c, t, out);
	return c.count == 1;
}

static int feed_of(struct txn *t, struct kith_slice text,
		   struct kith_feed_id *out)
{
	if (!kith_feed_parse(text, out))
		return EXIT_DONE;
	if (text.n && text.p[0] == '@')
		return feed_by_prefix(t, text, out);
	return tool_fail(EXIT_MISUSED, "%.*s is no feed id: one begins with @ "
			 "and ends in .ed25519", (int)text.n,
			 (const char *)text.p);
}

int select_feed(struct txn *t, const char *text, struct kith_feed_id *out)
{
	return feed_of(t, kith_text(text), out);
}

/* The whole bytes that the base64 behind a sigil spells so far. */
static size_t prefix_bytes(struct kith_slice prefix,
			   uint8_t out[static PREFIX_BYTES_MAX])
{
	char whole[BASE64_CHARS(KITH_ID_BYTES) + 1];
	uint8_t id[KITH_ID_BYTES];
	size_t chars = prefix.n - 1, n;

	memset(whole, 'A', sizeof(whole));
	whole[sizeof(whole) - 2] = '=';
	if (chars > sizeof(whole) - 3)
		chars = sizeof(whole) - 3;
	memcpy(whole, prefix.p + 1, chars);
	if (!base64_decode((struct kith_slice){ (const uint8_t *)whole,
						sizeof(whole) - 1 },
			   id, sizeof(id)))
		return 0;
	n = chars * 6 / 8;
	n = n < PREFIX_BYTES_MAX ? n : PREFIX_BYTES_MAX;
	memcpy(out, id, n);
	return n;
}

static int message_by_prefix(struct txn *t, struct kith_slice text,
			     struct message_row *out)
{
	struct candidates c = { .prefix = without_ellipsis(text) };
	uint8_t bytes[PREFIX_BYTES_MAX];
	char name[KITH_REF_TEXT_BYTES];
	struct message_row row;
	struct kith_slice key;
	struct id_scan scan;
	int code = check_prefix(c.prefix, "message id");

	if (code)
		return code;
	key = (struct kith_slice){ bytes, prefix_bytes(c.prefix, bytes) };
	if (!key.n)
		return check_candidates(&c, "message");
	id_scan_start(&scan, t, key);
	while (id_scan_next(&scan, &row)) {
		kith_msg_print(&row.id, name);
		if (consider(&c, name))
			*out = row;
	}
	id_scan_end(&scan);
	return check_candidates(&c, "message");
}

static int message_of(struct txn *t, struct kith_slice text,
		      struct message_row *out)
{
	struct kith_msg_id id;

	if (!kith_msg_parse(text, &id)) {
		if (message_by_id(t, &id, out))
			return EXIT_DONE;
		return tool_fail(EXIT_NOT_FOUND, "no message %.*s here",
				 (int)text.n, (const char *)text.p);
	}
	if (text.n && text.p[0] == '%')
		return message_by_prefix(t, text, out);
	return tool_fail(EXIT_MISUSED, "%.*s selects nothing: a feed begins "
			 "with @, a message with %%, a receive number with rx:",
			 (int)text.n, (const char *)text.p);
}

int select_message(struct txn *t, const char *text, struct message_row *out)
{
	struct kith_slice s = kith_text(text);
	struct kith_msg_id id;

	if (*text != '%' && kith_msg_parse(s, &id))
		return tool_fail(EXIT_MISUSED, "%s is no message: one is named "
				 "by its %%ID, or by enough of that", text);
	return message_of(t, s, out);
}

static void one_message(const struct message_row *row, struct selection *out)
{
	*out = (struct selection){ .kind = SELECT_MESSAGE, .first = row->rx,
				   .last = row->rx };
}

/* %ID and %ID^. */
static int parse_message(struct txn *t, struct kith_slice text,
			 struct selection *out)
{
	bool before = text.n && text.p[text.n - 1] == '^';
	struct message_row row = { 0 };
	int code;

	text.n -= before;
	code = message_of(t, text, &row);
	if (code)
		return code;
	if (before && !message_by_sequence(t, row.feed_number,
					   row.sequence - 1, &row))
		return tool_fail(EXIT_NOT_FOUND, "nothing stands before %.*s "
				 "here", (int)text.n, (const char *)text.p);
	one_message(&row, out);
	return EXIT_DONE;
}

/* Takes a decimal number from the front of s; false: there is none. */
static bool take_number(struct kith_slice *s, uint64_t *out)
{
	size_t i = 0;

	for (*out = 0; i < s->n && i < 18; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			break;
		*out = *out * 10 + (uint64_t)(s->p[i] - '0');
	}
	s->p += i;
	s->n -= i;
	return i > 0;
}

/* What stands behind the colon: 42, 40..60, 40.., ..60 or -10. */
static bool parse_range(struct kith_slice s, struct selection *sel)
{
	struct kith_slice dots = KITH_SLICE("..");
	uint64_t n;

	if (s.n && s.p[0] == '-') {
		s.p++;
		s.n--;
		if (!take_number(&s, &n) || s.n)
			return false;
		if (n < sel->last)
			sel->first = sel->last - n + 1;
		return true;
	}
	if (take_number(&s, &n))
		sel->first = n;
	else if (!begins(s, dots))
		return false;
	if (!s.n)
		sel->last = n;
	if (!begins(s, dots))
		return !s.n;
	s.p += dots.n;
	s.n -= dots.n;
	return !s.n || (take_number(&s, &sel->last) && !s.n);
}

static int parse_feed(struct txn *t, struct kith_slice text,
		      struct selection *out)
{
	const uint8_t *colon = memchr(text.p, ':', text.n);
	struct kith_slice range = { 0 };
	struct kith_feed_id id;
	int code;

	if (colon) {
		range = (struct kith_slice){ colon + 1,
			text.n - (size_t)(colon + 1 - text.p) };
		text.n = (size_t)(colon - text.p);
	}
	code = feed_of(t, text, &id);
	if (code)
		return code;
	*out = (struct selection){ .kind = SELECT_FEED, .range = colon };
	if (!feed_get(t, &id, &out->feed) || !out->feed.last)
		return tool_fail(EXIT_NOT_FOUND, "no message of %.*s here; "
				 "`kith feeds` lists what is",
				 (int)text.n, (const char *)text.p);
	out->first = out->feed.first;
	out->last = out->feed.last;
	if (colon && !parse_range(range, out))
		return tool_fail(EXIT_MISUSED, "behind the colon comes 42, "
				 "40..60 or -10, not \"%.*s\"", (int)range.n,
				 (const char *)range.p);
	if (out->first > out->feed.last || out->last < out->feed.first)
		return tool_fail(EXIT_NOT_FOUND, "%.*s is here from %llu to "
				 "%llu", (int)text.n, (const char *)text.p,
				 (unsigned long long)out->feed.first,
				 (unsigned long long)out->feed.last);
	if (out->first > out->last)
		return tool_fail(EXIT_MISUSED, "the range %.*s ends before it "
				 "begins", (int)range.n, (const char *)range.p);
	return EXIT_DONE;
}

static int parse_rx(struct txn *t, struct kith_slice digits,
		    struct selection *out)
{
	struct message_row row;
	uint64_t rx;

	if (!take_number(&digits, &rx) || digits.n)
		return tool_fail(EXIT_MISUSED, "behind rx: comes a number");
	if (!message_get(t, rx, &row))
		return tool_fail(EXIT_NOT_FOUND, "no message has the receive "
				 "number %llu", (unsigned long long)rx);
	one_message(&row, out);
	return EXIT_DONE;
}

static int parse(struct txn *t, const char *text, struct selection *out)
{
	struct kith_slice s = kith_text(text);
	struct kith_slice rx = KITH_SLICE("rx:");
	struct kith_ref ref;

	if (s.n > TEXT_BYTES_MAX)
		return tool_fail(EXIT_MISUSED, "that is too long for an id");
	if (begins(s, rx))
		return parse_rx(t, (struct kith_slice){ s.p + rx.n,
							s.n - rx.n }, out);
	if (!kith_ref_parse(s, &ref, NULL) && ref.kind == KITH_REF_FEED) {
		char sigil[KITH_REF_TEXT_BYTES];

		kith_feed_print(&ref.feed, sigil);
		return parse_feed(t, kith_text(sigil), out);
	}
	return s.n && s.p[0] == '@' ? parse_feed(t, s, out)
				    : parse_message(t, s, out);
}

int select_in(struct store *s, const char *text, struct selection *out)
{
	struct txn *t;
	enum kith_err err = store_read(s, &t);
	int code;

	if (err)
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read: "
				 "%s", kith_strerror(err));
	code = parse(t, text, out);
	txn_end(t);
	return code;
}

void walk_start(struct walk *w, struct store *s, const struct selection *of,
		bool reverse)
{
	*w = (struct walk){ .store = s, .of = *of, .reverse = reverse,
			    .at = reverse ? of->last : of->first };
}

static void let_go(struct walk *w)
{
	if (w->txn)
		scan_end(&w->scan);
	txn_end(w->txn);
	w->txn = NULL;
}

static bool renew(struct walk *w)
{
	if (w->txn && ++w->rows < SELECT_RENEW_ROWS)
		return true;
	let_go(w);
	w->rows = 0;
	w->err = store_read(w->store, &w->txn);
	if (w->err)
		return false;
	if (w->of.kind == SELECT_FEED)
		scan_feed(&w->scan, w->txn, w->of.feed.number, w->at);
	else
		scan_log(&w->scan, w->txn, w->at);
	return true;
}

static bool fetch(struct walk *w, struct message_row *row)
{
	if (!w->reverse)
		return scan_next(&w->scan, row);
	return w->of.kind == SELECT_FEED
		       ? message_by_sequence(w->txn, w->of.feed.number, w->at,
					     row)
		       : message_to(w->txn, w->at, row);
}

/* Moves past the row; ends at the edge of the selection. */
static void advance(struct walk *w, const struct message_row *row)
{
	uint64_t here = w->of.kind == SELECT_FEED ? row->sequence : row->rx;

	if (w->reverse ? here <= w->of.first : here >= w->of.last)
		w->over = true;
	else
		w->at = w->reverse ? here - 1 : here + 1;
}

bool walk_next(struct walk *w, struct view_message *out,
	       struct message_row *row)
{
	struct feed_row feed;

	if (w->over || w->err || !renew(w))
		return false;
	if (!fetch(w, row) ||
	    !feed_by_number(w->txn, row->feed_number, &feed)) {
		w->err = txn_error(w->txn);
		w->over = true;
		return false;
	}
	advance(w, row);
	views_message(row, &feed, out);
	return true;
}

void walk_end(struct walk *w)
{
	let_go(w);
}
