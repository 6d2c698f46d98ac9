/* kith about: what is said of a feed, a message or a blob, by whom, and which
 * word counts. */
#include "src/views/abouts.h"

#include <stdio.h>

#include "feeds/json.h"
#include "src/views/names.h"
#include "src/views/private.h"
#include "tools/people/commands.h"
#include "tools/print/list.h"
#include "tools/print/page.h"
#include "tools/text/text.h"

enum { VALUE_BYTES_MAX = 1 << 17, MEMBER_COLUMNS = 14, MARGIN = 4 };

struct asked {
	struct tool *tool;
	struct txn *txn;
	struct viewer viewer; /* whose rules count */
	struct viewer nobody; /* sees the words of all */
	struct kith_ref of;
	enum ids_form ids;
	struct page page;
	uint64_t shown;
};

static const char *rule_name(enum about_rule rule)
{
	static const char *const names[] = { "none", "viewer", "subject",
					     "followed", "all", "newest" };

	return names[rule];
}

static const char *rule_words(const struct asked *a, enum about_rule rule)
{
	switch (rule) {
	case ABOUT_RULE_NONE: return "no word counts";
	case ABOUT_RULE_VIEWER: return "your own word";
	case ABOUT_RULE_SUBJECT:
		return a->of.kind == KITH_REF_FEED ? "its own word"
						   : "its author's word";
	case ABOUT_RULE_FOLLOWED: return "what most of those you follow say";
	case ABOUT_RULE_ALL: return "what most say";
	case ABOUT_RULE_NEWEST: return "the newest word";
	}
	return "";
}

/* Appends a value as a person reads it: a string without its quotes. */
static void put_value(struct kith_slice value, struct kith_buf *out)
{
	if (!json_unescape(value, out)) {
		kith_buf_reset(out);
		kith_buf_put(out, value);
	}
}

static void print_resolved(const struct asked *a, struct kith_slice member,
			   enum about_rule rule, const struct about_word *word)
{
	struct kith_buf value = { .limit = VALUE_BYTES_MAX };

	if (rule)
		put_value(word->value, &value);
	else
		kith_buf_byte(&value, '-');
	text_print_cut(stdout, member, MEMBER_COLUMNS, true);
	putchar(' ');
	text_print_cut(stdout, kith_bytes(&value),
		       a->page.columns - MEMBER_COLUMNS - 1, false);
	printf("\n%*s(%s)\n", MARGIN, "", rule_words(a, rule));
	kith_buf_free(&value);
}

/* One author's word: text, who, when, in which message. */
struct said {
	const struct about_word *word;
	struct message_row row;
	struct view_message m;
	bool chosen, hidden;
};

static void print_word(const struct asked *a, const struct said *s)
{
	struct kith_buf value = { .limit = VALUE_BYTES_MAX };
	char feed[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	char when[TEXT_TIME_BYTES];
	size_t taken;

	put_value(s->word->value, &value);
	ids_feed(a->ids, &s->word->author, feed);
	ids_msg(a->ids, &s->row.id, id);
	text_time(view_time_ms(&s->m), when);
	printf("%*s%c %s  %s  %s  ", MARGIN - 2, "", s->chosen ? '*' : ' ',
	       feed, when, id);
	taken = MARGIN + text_width(kith_text(feed)) + strlen(when) +
		text_width(kith_text(id)) + 6 + (s->hidden ? 9 : 0);
	text_print_cut(stdout, kith_bytes(&value),
		       a->page.columns > taken + 16 ? a->page.columns - taken
						    : 16, false);
	puts(s->hidden ? "  blocked" : "");
	kith_buf_free(&value);
}

static void record_word(const struct asked *a, struct kith_slice member,
			enum about_rule rule, const struct said *s)
{
	char of[KITH_REF_TEXT_BYTES];
	struct record r;

	record_begin(&r);
	r.uris = a->ids == IDS_URI;
	ids_ref(r.uris ? IDS_URI : IDS_FULL, &a->of, of);
	record_text(&r, "about", of);
	record_string(&r, "member", member);
	record_feed(&r, "feed", &s->word->author);
	record_uint(&r, "seq", s->row.sequence);
	record_msg(&r, "id", &s->row.id);
	record_number(&r, "rts", view_time_ms(&s->m));
	record_uint(&r, "rx", s->row.rx);
	record_json(&r, "value", s->word->value);
	record_bool(&r, "chosen", s->chosen);
	if (s->chosen)
		record_text(&r, "rule", rule_name(rule));
	if (s->hidden)
		record_bool(&r, "hidden", true);
	record_end(&r);
}

static void print_member(struct asked *a, struct kith_slice member)
{
	struct about_word chosen = { 0 }, word;
	enum about_rule rule = named_by(a->txn, &a->viewer, &a->of, member,
					&chosen);
	struct abouts words;

	if (!a->tool->json)
		print_resolved(a, member, rule, &chosen);
	abouts_start(&words, a->txn, &a->nobody, &a->of, member);
	while (abouts_next(&words, &word)) {
		struct said s = {
			.word = &word,
			.chosen = rule && word.rx == chosen.rx,
			.hidden = viewer_hides(&a->viewer, word.feed_number),
		};

		if (!message_get(a->txn, word.rx, &s.row) ||
		    !views_read(a->txn, &s.row, &s.m))
			continue;
		if (a->tool->json)
			record_word(a, member, rule, &s);
		else
			print_word(a, &s);
		a->shown++;
	}
}

/* Each member that somebody gave, in the order of the table. */
static int print_all(struct asked *a)
{
	struct kith_slice none = { 0 };
	struct subject all = subject_about(&a->of, none), last = { 0 };
	struct opinion o = { 0 };
	char of[KITH_REF_TEXT_BYTES];

	while (opinions_next(a->txn, &a->nobody, &all, &o)) {
		struct kith_slice member = subject_text(&o.subject);

		if (o.subject.n == last.n &&
		    !memcmp(o.subject.b, last.b, last.n))
			continue;
		last = o.subject;
		if (!a->tool->json && a->shown)
			putchar('\n');
		print_member(a, member);
	}
	if (txn_error(a->txn))
		return tool_damaged(txn_error(a->txn));
	if (a->shown)
		return EXIT_DONE;
	ids_ref(IDS_FULL, &a->of, of);
	return tool_fail(EXIT_NOT_FOUND, "nobody here has said anything about "
			 "%s", of);
}

static int look(struct asked *a)
{
	struct kith_feed_id self;
	bool known = !home_identity(a->tool->home, &self, NULL);

	if (viewer_start(&a->viewer, a->txn, known ? &self : NULL) ||
	    viewer_start(&a->nobody, a->txn, NULL))
		return tool_fail(EXIT_FAILED, "out of memory");
	if (tool_option(a->tool, 'p') &&
	    (viewer_sees_private(&a->viewer, a->tool->keys) ||
	     viewer_sees_private(&a->nobody, a->tool->keys)))
		return tool_fail(EXIT_FAILED, "out of memory");
	return EXIT_DONE;
}

int command_about(struct tool *t, int argc, char **argv)
{
	struct asked a = { .tool = t };
	const char *form = tool_option(t, 'i');
	int code = EXIT_DONE;

	(void)argc;
	if (form && !ids_form_read(form, &a.ids))
		return tool_fail(EXIT_MISUSED, "--ids is short, full or uri, "
				 "not \"%s\"", form);
	if (tool_option(t, 'p'))
		code = tool_open(t, NEEDS_KEYS | NEEDS_VIEWS);
	if (!code)
		code = page_begin(&a.page, t, false);
	if (!code && store_read(t->store, &a.txn))
		code = tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (!code)
		code = look(&a);
	if (!code)
		code = select_ref(t, a.txn, argv[0], &a.of);
	if (!code)
		code = print_all(&a);
	viewer_end(&a.viewer);
	viewer_end(&a.nobody);
	txn_end(a.txn);
	return page_end(&a.page, code);
}
