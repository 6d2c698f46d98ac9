#include "tools/pick/select.h"

#include "src/views/viewer.h"
#include "tools/pick/ids.h"
#include "tools/pick/select_find.h"
#include "tools/tool.h"

const struct selection select_all = { .kind = SELECT_ALL, .first = 1,
				      .last = UINT64_MAX };

/* --- ranges --------------------------------------------------------------- */

static bool begins(struct kith_slice text, struct kith_slice prefix)
{
	return text.n >= prefix.n && !memcmp(text.p, prefix.p, prefix.n);
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

/* Cuts what stands behind the last colon off where it may be a range: digits,
 * dots and a minus; of what begins with @, behind the first, whatever it is. */
static bool split_range(struct kith_slice *text, struct kith_slice *range)
{
	size_t at = text->n;
	bool sigil = text->n && text->p[0] == '@';

	if (sigil) {
		const uint8_t *colon = memchr(text->p, ':', text->n);

		at = colon ? (size_t)(colon - text->p) : text->n;
	} else {
		while (at && strchr("0123456789.-", text->p[at - 1]))
			at--;
		at = at && text->p[at - 1] == ':' ? at - 1 : text->n;
	}
	if (at == text->n)
		return false;
	*range = (struct kith_slice){ text->p + at + 1, text->n - at - 1 };
	text->n = at;
	return sigil || range->n;
}

static int no_range(struct kith_slice range)
{
	return tool_fail(EXIT_MISUSED, "behind the colon comes 42, 40..60 or "
			 "-10, not \"%.*s\"", (int)range.n,
			 (const char *)range.p);
}

static int backwards(struct kith_slice range)
{
	return tool_fail(EXIT_MISUSED, "the range %.*s ends before it begins",
			 (int)range.n, (const char *)range.p);
}

/* --- feeds ---------------------------------------------------------------- */

static int select_range(struct kith_slice text, const struct kith_slice *range,
			struct selection *out)
{
	out->first = out->feed.first;
	out->last = out->feed.last;
	if (range && !parse_range(*range, out))
		return no_range(*range);
	if (out->first > out->feed.last || out->last < out->feed.first)
		return tool_fail(EXIT_NOT_FOUND, "%.*s is here from %llu to "
				 "%llu", (int)text.n, (const char *)text.p,
				 (unsigned long long)out->feed.first,
				 (unsigned long long)out->feed.last);
	return range && out->first > out->last ? backwards(*range) : EXIT_DONE;
}

static int of_feed(struct txn *t, const struct kith_feed_id *id,
		   struct kith_slice text, const struct kith_slice *range,
		   struct selection *out)
{
	*out = (struct selection){ .kind = SELECT_FEED, .range = range };
	if (!feed_get(t, id, &out->feed) || !out->feed.last)
		return tool_fail(EXIT_NOT_FOUND, "no message of %.*s here; "
				 "`kith feeds` lists what is",
				 (int)text.n, (const char *)text.p);
	return select_range(text, range, out);
}

static int parse_feed(struct txn *t, const struct viewer *v,
		      struct kith_slice text, struct selection *out)
{
	struct kith_slice range;
	struct kith_feed_id id;
	bool cut = split_range(&text, &range);
	int code = find_feed(t, v, text, &id, NULL);

	return code ? code : of_feed(t, &id, text, cut ? &range : NULL, out);
}

/* --- messages ------------------------------------------------------------- */

static void one_message(const struct message_row *row, struct selection *out)
{
	*out = (struct selection){ .kind = SELECT_MESSAGE, .first = row->rx,
				   .last = row->rx };
}

/* How many messages back the end of a text asks for: ^, ^^ or ^2; it is cut
 * off. */
static bool take_back(struct kith_slice *text, uint64_t *back)
{
	const uint8_t *caret = text->n ? memchr(text->p, '^', text->n) : NULL;
	struct kith_slice rest;

	*back = 0;
	if (!caret)
		return true;
	rest = (struct kith_slice){ caret, text->n - (size_t)(caret - text->p) };
	text->n -= rest.n;
	for (; rest.n && *rest.p == '^'; rest.n--, rest.p++)
		++*back;
	if (!rest.n)
		return true;
	return *back == 1 && take_number(&rest, back) && !rest.n;
}

static int parse_message(struct txn *t, struct kith_slice text,
			 struct selection *out)
{
	struct kith_slice whole = text;
	struct message_row row = { 0 };
	uint64_t back;
	int code;

	if (!take_back(&text, &back))
		return tool_fail(EXIT_MISUSED, "%.*s: behind a message comes "
				 "^, ^^ or ^2", (int)whole.n,
				 (const char *)whole.p);
	code = find_message(t, text, &row);
	if (code)
		return code;
	if (back && (back >= row.sequence ||
		     !message_by_sequence(t, row.feed_number,
					  row.sequence - back, &row)))
		return tool_fail(EXIT_NOT_FOUND, "nothing stands before %.*s "
				 "here", (int)text.n, (const char *)text.p);
	one_message(&row, out);
	return EXIT_DONE;
}

static int parse_rx_range(struct txn *t, struct kith_slice range,
			  struct selection *out)
{
	struct message_row row;

	*out = (struct selection){ .kind = SELECT_ALL, .first = 1,
				   .range = true };
	if (message_to(t, UINT64_MAX, &row))
		out->last = row.rx;
	if (!parse_range(range, out))
		return tool_fail(EXIT_MISUSED, "behind rx: comes a number, "
				 "40..60 or -10");
	if (out->first > out->last)
		return backwards(range);
	return message_from(t, out->first, &row) && row.rx <= out->last
		       ? EXIT_DONE
		       : tool_fail(EXIT_NOT_FOUND, "no message has a receive "
				   "number in %.*s", (int)range.n,
				   (const char *)range.p);
}

static int parse_rx(struct txn *t, struct kith_slice digits,
		    struct selection *out)
{
	struct kith_slice rest = digits;
	struct message_row row;
	uint64_t rx;

	if (!take_number(&rest, &rx) || rest.n)
		return parse_rx_range(t, digits, out);
	if (!message_get(t, rx, &row))
		return tool_fail(EXIT_NOT_FOUND, "no message has the receive "
				 "number %llu", (unsigned long long)rx);
	one_message(&row, out);
	return EXIT_DONE;
}

/* --- all ------------------------------------------------------------------ */

/* Digits that say of no kind what they are. */
static int parse_spelled(struct txn *t, struct kith_slice text,
			 struct selection *out)
{
	struct message_row row;
	struct kith_feed_id id;
	bool is_feed;
	int code = find_spelled(t, text, &is_feed, &id, &row);

	if (code)
		return code;
	if (is_feed)
		return of_feed(t, &id, text, NULL, out);
	one_message(&row, out);
	return EXIT_DONE;
}

static bool is_feed(struct kith_slice text)
{
	struct kith_slice range;
	struct kith_ref ref;

	split_range(&text, &range);
	return (text.n && text.p[0] == '@') ||
	       begins(text, KITH_SLICE("name:")) ||
	       (!kith_ref_parse(text, &ref, NULL) &&
		ref.kind == KITH_REF_FEED);
}

static int too_long(void)
{
	return tool_fail(EXIT_MISUSED, "that is too long for an id");
}

static int parse(struct txn *t, const struct viewer *v, const char *text,
		 struct selection *out)
{
	struct kith_slice s = kith_text(text);
	struct kith_slice rx = KITH_SLICE("rx:");
	uint8_t bytes[KITH_ID_BYTES];
	char sigil[FIND_TEXT_BYTES];
	struct kith_ref ref;

	if (s.n >= FIND_TEXT_BYTES)
		return too_long();
	if (begins(s, rx))
		return parse_rx(t, (struct kith_slice){ s.p + rx.n,
							s.n - rx.n }, out);
	if (ids_spelled(s, bytes))
		return parse_spelled(t, s, out);
	if (kith_ref_parse(s, &ref, NULL) && find_sigil(s, sigil))
		s = kith_text(sigil);
	return is_feed(s) ? parse_feed(t, v, s, out)
			  : parse_message(t, s, out);
}

/* Who looks into t->store, and how it stands now; v is empty on failure. */
static int begin(const struct tool *t, struct txn **txn, struct viewer *v)
{
	struct kith_feed_id self;
	bool known = t->home && !home_identity(t->home, &self, NULL);
	enum kith_err err = store_read(t->store, txn);

	*v = (struct viewer){ 0 };
	if (!err)
		err = viewer_start(v, *txn, known ? &self : NULL);
	return err ? tool_fail(EXIT_UNREADABLE, "the store cannot be read: %s",
			       kith_strerror(err))
		   : EXIT_DONE;
}

int select_for(const struct tool *t, const char *text, struct selection *out)
{
	struct txn *txn = NULL;
	struct viewer v;
	int code = begin(t, &txn, &v);

	if (!code)
		code = parse(txn, &v, text, out);
	viewer_end(&v);
	txn_end(txn);
	return code;
}

int select_feed(const struct tool *t, struct kith_slice text,
		struct kith_feed_id *out, bool *found)
{
	struct txn *txn = NULL;
	struct viewer v;
	int code = begin(t, &txn, &v);

	if (!code && text.n >= FIND_TEXT_BYTES)
		code = too_long();
	if (!code)
		code = find_feed(txn, &v, text, out, found);
	viewer_end(&v);
	txn_end(txn);
	return code;
}

int select_anybody(struct tool *t, struct kith_slice text,
		   struct kith_feed_id *out)
{
	int code;

	if (!kith_feed_parse(text, out))
		return EXIT_DONE;
	code = tool_open(t, NEEDS_VIEWS);
	return code ? code : select_feed(t, text, out, NULL);
}

int select_ref(struct tool *t, struct txn *txn, const char *text,
	       struct kith_ref *out)
{
	struct message_row row;
	struct selection of = select_all;
	int code;

	if (!kith_ref_parse(kith_text(text), out, NULL))
		return EXIT_DONE;
	if (*text == '&') {
		out->kind = KITH_REF_BLOB;
		return select_blob(t, text, &out->blob);
	}
	code = select_for(t, text, &of);
	if (code)
		return code;
	if (of.kind == SELECT_MESSAGE && message_get(txn, of.first, &row))
		*out = (struct kith_ref){ .kind = KITH_REF_MSG,
					  .msg = row.id };
	else if (of.kind == SELECT_FEED && !of.range)
		*out = (struct kith_ref){ .kind = KITH_REF_FEED,
					  .feed = of.feed.id };
	else
		return tool_fail(EXIT_MISUSED, "one thing is asked for, not "
				 "%s", text);
	return EXIT_DONE;
}

/* --- walks ---------------------------------------------------------------- */

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
		       ? message_to_sequence(w->txn, w->of.feed.number, w->at,
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
