#include "src/views/search_parse.h"

#include "feeds/channel.h"
#include "src/views/search_text.h"

/* An expression is no longer than so many times its query. */
enum { GROWTH = 16 };

enum token {
	TOKEN_END, TOKEN_OPEN, TOKEN_CLOSE, TOKEN_AND, TOKEN_OR, TOKEN_NOT,
	TOKEN_WORD, TOKEN_PHRASE, TOKEN_FIELD, TOKEN_BAD
};

enum field { FIELD_AUTHOR, FIELD_CHANNEL, FIELD_BEFORE, FIELD_AFTER,
	     FIELD_COUNT };

static const char *const field_names[FIELD_COUNT] = { "author:", "channel:",
						      "before:", "after:" };

struct parser {
	struct kith_slice text;
	size_t at;
	search_author_fn author;
	void *arg;
	struct search_parsed *out;
	struct kith_error *e;
	enum kith_err err;
	int depth;
	/* The token looked at. */
	enum token token;
	enum field field;
	struct kith_slice word; /* of WORD, PHRASE; the value of FIELD */
	size_t start;		/* where it begins */
	bool prefix;		/* a star behind it */
};

__attribute__((format(printf, 3, 4)))
static void fail(struct parser *p, size_t at, const char *format, ...);

#include <stdarg.h>
#include <stdio.h>

static void fail(struct parser *p, size_t at, const char *format, ...)
{
	char text[KITH_ERROR_TEXT_BYTES];
	va_list args;

	if (p->err)
		return;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	p->err = kith_fail(p->e, KITH_EFORMAT, at, "%s", text);
}

/* --- tokens --- */

static bool is_space(uint8_t c)
{
	return c <= ' ';
}

static bool ends_word(uint8_t c)
{
	return is_space(c) || c == '(' || c == ')' || c == '"';
}

static bool at_char(const struct parser *p, char c)
{
	return p->at < p->text.n && p->text.p[p->at] == (uint8_t)c;
}

static struct kith_slice part(const struct parser *p, size_t from, size_t to)
{
	return (struct kith_slice){ p->text.p + from, to - from };
}

/* From the quote on; false: it is not closed. */
static bool take_quoted(struct parser *p)
{
	size_t from = ++p->at;

	while (p->at < p->text.n && p->text.p[p->at] != '"')
		p->at++;
	if (p->at == p->text.n) {
		fail(p, from - 1, "the phrase that begins at %zu has no "
		     "closing \"", from);
		return false;
	}
	p->word = part(p, from, p->at++);
	return true;
}

static void take_star(struct parser *p)
{
	p->prefix = at_char(p, '*');
	p->at += p->prefix;
}

static bool take_field(struct parser *p)
{
	for (size_t i = 0; i < FIELD_COUNT; i++) {
		size_t n = strlen(field_names[i]);

		if (p->word.n < n || memcmp(p->word.p, field_names[i], n) != 0)
			continue;
		p->field = (enum field)i;
		p->token = TOKEN_FIELD;
		p->word = (struct kith_slice){ p->word.p + n, p->word.n - n };
		if (!p->word.n && at_char(p, '"'))
			take_quoted(p);
		if (!p->word.n)
			fail(p, p->start, "nothing stands behind %s",
			     field_names[i]);
		return true;
	}
	return false;
}

static void take_word(struct parser *p)
{
	while (p->at < p->text.n && !ends_word(p->text.p[p->at]))
		p->at++;
	p->word = part(p, p->start, p->at);
	p->token = TOKEN_WORD;
	if (kith_equal(p->word, KITH_SLICE("AND")))
		p->token = TOKEN_AND;
	else if (kith_equal(p->word, KITH_SLICE("OR")))
		p->token = TOKEN_OR;
	else if (kith_equal(p->word, KITH_SLICE("NOT")))
		p->token = TOKEN_NOT;
	else if (!take_field(p) && p->word.p[p->word.n - 1] == '*') {
		p->prefix = true;
		p->word.n--;
	}
}

/* A hyphen before a word, and not within or alone, says not. */
static bool is_not(const struct parser *p)
{
	return at_char(p, '-') && p->at + 1 < p->text.n &&
	       !is_space(p->text.p[p->at + 1]);
}

static void next(struct parser *p)
{
	while (p->at < p->text.n && is_space(p->text.p[p->at]))
		p->at++;
	p->start = p->at;
	p->prefix = false;
	if (p->err || p->at == p->text.n) {
		p->token = TOKEN_END;
	} else if (at_char(p, '(') || at_char(p, ')')) {
		p->token = at_char(p, '(') ? TOKEN_OPEN : TOKEN_CLOSE;
		p->at++;
	} else if (is_not(p)) {
		p->token = TOKEN_NOT;
		p->at++;
	} else if (at_char(p, '"')) {
		p->token = take_quoted(p) ? TOKEN_PHRASE : TOKEN_BAD;
		take_star(p);
	} else {
		take_word(p);
	}
}

/* --- the expression --- */

/* One list of what is to be there, and of what is not. */
struct list {
	struct kith_buf with, without;
};

static void list_start(struct list *l, const struct parser *p)
{
	*l = (struct list){ { .limit = p->out->match.limit },
			    { .limit = p->out->match.limit } };
}

static void list_clear(struct list *l)
{
	kith_buf_free(&l->with);
	kith_buf_free(&l->without);
}

/* SQLite takes what it is asked as text that a NUL ends. */
static void put_quoted(struct kith_buf *out, struct kith_slice text)
{
	kith_buf_byte(out, '"');
	for (size_t i = 0; i < text.n; i++)
		kith_buf_byte(out, text.p[i] && text.p[i] != '"' ? text.p[i]
								 : ' ');
	kith_buf_byte(out, '"');
}

static void put_who(struct kith_buf *out, struct kith_slice term)
{
	kith_buf_text(out, "{who}:");
	put_quoted(out, term);
}

static void put_phrase(struct parser *p, struct kith_buf *out, bool absent)
{
	struct search_parsed *parsed = p->out;

	if (!p->word.n) {
		fail(p, p->start, "at %zu no letters stand %s", p->start + 1,
		     p->prefix ? "before the *" : "between the quotes");
		return;
	}
	if (parsed->count == SEARCH_PHRASES_MAX) {
		p->err = kith_fail(p->e, KITH_ETOOBIG, p->start,
				   "more than %d words and phrases",
				   SEARCH_PHRASES_MAX);
		return;
	}
	parsed->phrases[parsed->count++] = (struct search_phrase){
		.text = p->word, .prefix = p->prefix, .absent = absent,
		.offset = p->start,
	};
	kith_buf_text(out, "{text}:");
	put_quoted(out, p->word);
	if (p->prefix)
		kith_buf_byte(out, '*');
}

static void put_author(struct parser *p, struct kith_buf *out)
{
	struct kith_buf term = { .limit = 32 };
	struct kith_error why = { 0 };
	uint32_t number;

	if (p->author(p->arg, p->word, &number, &why)) {
		search_put_author(&term, number);
		put_who(out, kith_bytes(&term));
	} else {
		fail(p, p->start, "author: %s", why.text);
	}
	kith_buf_free(&term);
}

static void put_channel(struct parser *p, struct kith_buf *out)
{
	struct kith_buf term = { .limit = 4 * CHANNEL_TEXT_BYTES };
	char name[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(p->word, name);

	if (n) {
		search_put_channel(&term, (struct kith_slice){
						  (const uint8_t *)name, n });
		put_who(out, kith_bytes(&term));
	} else {
		fail(p, p->start, "no channel has such a name");
	}
	kith_buf_free(&term);
}

/* Dates stand for themselves, not within brackets or a choice: they narrow the
 * whole answer. */
static void take_date(struct parser *p, bool absent)
{
	struct search_parsed *out = p->out;
	uint64_t ms;

	if (absent || p->depth > 1)
		fail(p, p->start, "%s is for the whole query: it stands in no "
		     "brackets and behind no NOT or OR", field_names[p->field]);
	else if (!search_time(p->word, &ms))
		fail(p, p->start, "%s needs a day as 2026-11-21, or a month or "
		     "year", field_names[p->field]);
	else if (p->field == FIELD_AFTER && ms > out->after_ms)
		out->after_ms = ms;
	else if (p->field == FIELD_BEFORE &&
		 (!out->before_ms || ms < out->before_ms))
		out->before_ms = ms ? ms : 1;
}

static void parse_either(struct parser *p, struct kith_buf *out, bool absent);

static void parse_brackets(struct parser *p, struct kith_buf *out, bool absent)
{
	size_t open = p->start;

	if (p->depth == SEARCH_DEPTH_MAX) {
		p->err = kith_fail(p->e, KITH_ETOOBIG, open,
				   "brackets stand more than %d deep",
				   SEARCH_DEPTH_MAX);
		return;
	}
	p->depth++;
	next(p);
	parse_either(p, out, absent);
	p->depth--;
	if (!p->err && p->token != TOKEN_CLOSE)
		fail(p, open, "the bracket at %zu is not closed", open + 1);
}

/* One thing, at which the parser stands. */
static void parse_one(struct parser *p, struct kith_buf *out, bool absent)
{
	switch (p->token) {
	case TOKEN_OPEN:
		parse_brackets(p, out, absent);
		break;
	case TOKEN_WORD:
	case TOKEN_PHRASE:
		put_phrase(p, out, absent);
		break;
	case TOKEN_FIELD:
		if (p->field == FIELD_AUTHOR)
			put_author(p, out);
		else if (p->field == FIELD_CHANNEL)
			put_channel(p, out);
		else
			take_date(p, absent);
		break;
	default:
		fail(p, p->start, p->token == TOKEN_CLOSE
				  ? "the bracket at %zu closes none that is "
				    "open, or an empty one"
				  : "at %zu a word is missing; to look for AND, "
				    "OR or NOT write it small", p->start + 1);
		break;
	}
	next(p);
}

static void join(struct kith_buf *to, const char *by,
		 const struct kith_buf *what)
{
	if (!what->n)
		return;
	if (to->n)
		kith_buf_text(to, by);
	kith_buf_put(to, kith_bytes(what));
}

static bool ends_all(const struct parser *p)
{
	return p->err || p->token == TOKEN_END || p->token == TOKEN_CLOSE ||
	       p->token == TOKEN_OR;
}

static void parse_item(struct parser *p, struct list *l, bool absent)
{
	struct kith_buf one = { .limit = p->out->match.limit };
	bool not = p->token == TOKEN_NOT;

	if (not)
		next(p);
	parse_one(p, &one, absent != not);
	if (not)
		join(&l->without, " OR ", &one);
	else
		join(&l->with, " AND ", &one);
	kith_buf_free(&one);
}

static void finish_all(struct parser *p, size_t start, const struct list *l,
		       struct kith_buf *out)
{
	if (!l->with.n && l->without.n)
		fail(p, start, "this says only what is not to be there: say "
		     "what is, too");
	if (!l->with.n)
		return;
	kith_buf_byte(out, '(');
	kith_buf_put(out, kith_bytes(&l->with));
	kith_buf_byte(out, ')');
	if (!l->without.n)
		return;
	kith_buf_text(out, " NOT (");
	kith_buf_put(out, kith_bytes(&l->without));
	kith_buf_byte(out, ')');
}

/* What stands side by side, to the next OR. */
static void parse_all(struct parser *p, struct kith_buf *out, bool absent)
{
	size_t start = p->start;
	struct list l;

	list_start(&l, p);
	do {
		parse_item(p, &l, absent);
		if (p->token == TOKEN_AND) {
			next(p);
			if (ends_all(p))
				fail(p, p->start, "a word is missing behind "
				     "AND");
		}
	} while (!ends_all(p));
	finish_all(p, start, &l, out);
	if (l.with.err || l.without.err)
		p->err = p->err ? p->err : KITH_ENOMEM;
	list_clear(&l);
}

static void parse_either(struct parser *p, struct kith_buf *out, bool absent)
{
	uint64_t after = p->out->after_ms, before = p->out->before_ms;
	struct kith_buf one = { .limit = out->limit };
	bool choice = false;

	kith_buf_byte(out, '(');
	parse_all(p, &one, absent);
	kith_buf_put(out, kith_bytes(&one));
	while (!p->err && p->token == TOKEN_OR) {
		choice = true;
		if (!one.n)
			fail(p, p->start, "a word is missing before OR");
		next(p);
		kith_buf_reset(&one);
		parse_all(p, &one, absent);
		kith_buf_text(out, " OR ");
		kith_buf_put(out, kith_bytes(&one));
	}
	kith_buf_byte(out, ')');
	if (choice && (after != p->out->after_ms ||
		       before != p->out->before_ms))
		fail(p, 0, "before: and after: are for the whole query: put "
		     "what stands around OR in brackets");
	if (!p->err && !one.n) {
		if (choice || p->depth > 1)
			fail(p, p->start, "at %zu a word is missing",
			     p->start + 1);
		kith_buf_reset(out);
	}
	kith_buf_free(&one);
}

enum kith_err search_parse(struct kith_slice text, search_author_fn author,
			   void *arg, struct search_parsed *out,
			   struct kith_error *e)
{
	struct parser p = { .text = text, .author = author, .arg = arg,
			    .out = out, .e = e, .depth = 1 };

	out->match.limit = GROWTH * (SEARCH_QUERY_BYTES_MAX + 64);
	if (text.n > SEARCH_QUERY_BYTES_MAX)
		return kith_fail(e, KITH_ETOOBIG, SEARCH_QUERY_BYTES_MAX,
				 "longer than %d bytes",
				 SEARCH_QUERY_BYTES_MAX);
	next(&p);
	if (!p.err && p.token == TOKEN_END)
		return KITH_OK;
	parse_either(&p, &out->match, false);
	if (!p.err && p.token != TOKEN_END)
		fail(&p, p.start, "the bracket at %zu closes none that is open",
		     p.start + 1);
	if (!p.err && out->match.err)
		p.err = kith_fail(e, out->match.err, 0, "%s",
				  kith_strerror(out->match.err));
	return p.err;
}

void search_parsed_and(struct search_parsed *p, struct kith_slice who)
{
	if (p->match.n)
		kith_buf_text(&p->match, " AND ");
	put_who(&p->match, who);
}

void search_parsed_clear(struct search_parsed *p)
{
	kith_buf_free(&p->match);
}
