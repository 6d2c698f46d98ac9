/* All that is known of a feed, and why it is here. */
#include <stdio.h>

#include "feeds/ref.h"
#include "src/store/messages.h"
#include "src/views/abouts.h"
#include "src/views/social.h"
#include "tools/people/commands.h"
#include "tools/pick/newest.h"
#include "tools/print/post.h"
#include "tools/print/record.h"
#include "tools/print/when.h"
#include "tools/print/who.h"
#include "tools/say/attach.h"
#include "tools/text/markdown.h"
#include "tools/text/text.h"

enum { POSTS_SHOWN = 3, POST_LINES = 10, NAMES_SHOWN = 8, HOPS_MAX = 3,
       LINE_BYTES_MAX = 65536 };

struct profile {
	struct reading *r;
	struct kith_feed_id id;
	struct kith_ref ref;
	struct feed_row feed; /* last 0: nothing is here */
	struct social *social; /* NULL: we have no identity */
	uint64_t follows, followers;
	bool is_self;
};

/* Who calls it how; the number of them. */
static unsigned put_names(const struct profile *p, struct kith_buf *out)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	struct about_word word;
	struct abouts words;
	unsigned n = 0;

	abouts_start(&words, p->r->txn, &p->r->viewer, &p->ref,
		     KITH_SLICE("name"));
	while (n < NAMES_SHOWN && abouts_next(&words, &word)) {
		kith_buf_reset(&name);
		if (!name_clean(word.value, &name))
			continue;
		if (n++)
			kith_buf_text(out, ", ");
		text_put(out, kith_bytes(&name));
		style_begin(out, STYLE_FAINT);
		if (kith_feed_equal(&word.author, &p->id)) {
			kith_buf_text(out, p->is_self ? " (your own)"
						      : " (own)");
			style_end(out, STYLE_FAINT);
			continue;
		}
		kith_buf_text(out, " (by ");
		style_end(out, STYLE_FAINT);
		person_put(&p->r->people, &word.author, out);
		style_text(out, STYLE_FAINT, ")");
	}
	kith_buf_free(&name);
	return n;
}

static void put_count(struct kith_buf *out, uint64_t n, const char *thing)
{
	char text[TEXT_COUNT_BYTES];

	kith_buf_text(out, text_count(n, thing, text));
}

static void count_edges(struct profile *p)
{
	struct contact c = { .from = p->id };
	struct kith_feed_id who;
	struct followers f;

	while (contacts_of(p->r->txn, &c))
		p->follows += c.edge == CONTACT_FOLLOW &&
			      !kith_feed_equal(&c.to, &p->id);
	followers_start(&f, p->r->txn, &p->r->viewer, &p->id, CONTACT_FOLLOW);
	while (followers_next(&f, &who))
		p->followers++;
	followers_end(&f);
}

static void put_why(const struct profile *p, struct kith_buf *out)
{
	struct social_step steps[SOCIAL_STEPS_MAX];
	size_t n;

	if (p->is_self) {
		kith_buf_text(out, "it is you");
		return;
	}
	n = p->social ? social_why(p->social, p->r->txn, &p->id, steps) : 0;
	reading_put_way(p->r, steps, n, "them", out);
	if (!n && p->feed.last)
		kith_buf_text(out, "nobody whom you reach follows them: it was "
				   "imported, or fetched once");
	else if (!n)
		kith_buf_text(out, "nobody whom you reach follows them");
}

static void put_messages(const struct profile *p, struct kith_buf *out)
{
	char size[TEXT_SIZE_BYTES], when[WHEN_BYTES];

	if (!p->feed.last) {
		kith_buf_text(out, "none here yet");
		return;
	}
	put_count(out, feed_held(&p->feed), "message");
	text_size(p->feed.bytes, size);
	when_put(p->r->page.now_ms, p->feed.last_claimed, when);
	kith_buf_text(out, ", ");
	kith_buf_text(out, size);
	kith_buf_text(out, ", the last ");
	kith_buf_text(out, when);
}

/* What few have is said where there is some. */
static void print_more(struct profile *p, struct kith_buf *what)
{
	char text[KITH_REF_TEXT_BYTES];
	struct kith_feed_id root;

	if (who_aliases(p->r, p->feed.number, false, what))
		page_fact(&p->r->page, "aliases", what);
	if (who_metafeed(p->r->txn, &p->id, &root)) {
		kith_feed_print(&root, text);
		kith_buf_text(what, text);
		page_fact(&p->r->page, "metafeed", what);
	}
	if (who_groups(p->r, &p->id, false, what))
		page_fact(&p->r->page, "groups", what);
}

static void print_facts(struct profile *p)
{
	struct kith_buf what = { .limit = LINE_BYTES_MAX };
	char text[KITH_REF_TEXT_BYTES];
	struct kith_blob_id image;

	kith_feed_print(&p->id, text);
	kith_buf_text(&what, text);
	page_fact(&p->r->page, "id", &what);
	if (put_names(p, &what))
		page_fact(&p->r->page, "names", &what);
	if (image_of(p->r->txn, &p->r->viewer, &p->ref, &image)) {
		kith_blob_print(&image, text);
		kith_buf_text(&what, text);
		page_fact(&p->r->page, "image", &what);
	}
	put_count(&what, p->follows, "feed");
	page_fact(&p->r->page, "follows", &what);
	put_count(&what, p->followers, "feed");
	page_fact(&p->r->page, "followed by", &what);
	put_messages(p, &what);
	page_fact(&p->r->page, "messages", &what);
	put_why(p, &what);
	page_fact(&p->r->page, "why here", &what);
	print_more(p, &what);
	kith_buf_free(&what);
}

static void print_description(const struct profile *p)
{
	struct kith_buf text = { .limit = LINE_BYTES_MAX };
	struct kith_buf lines = { .limit = 1 << 20 };
	struct markdown how = {
		.columns = page_measure(&p->r->page),
		.colour = p->r->page.colour,
		.margin = KITH_SLICE("  "),
		.name = person_put_mention,
		.of = &p->r->people,
	};

	if (description_of(p->r->txn, &p->r->viewer, &p->ref, &text))
		markdown_put(&lines, kith_bytes(&text), &how);
	if (lines.n) {
		putchar('\n');
		fwrite(lines.p, 1, lines.n, stdout);
	}
	kith_buf_free(&text);
	kith_buf_free(&lines);
}

static int print_posts(struct profile *p)
{
	struct newest list = { 0 };
	struct message_row row;
	struct view_message m;
	struct posting at;
	struct term t = term_author_type(p->feed.number, KITH_SLICE("post"));
	const struct post_look look = { .margin = "", .lines = POST_LINES };
	enum kith_err err = newest_add(&list, p->r->txn,
					&p->r->viewer, &t);

	for (int n = 0; !err && n < POSTS_SHOWN && newest_next(&list, &at);) {
		if (!reading_message(p->r, at.rx, &row, &m))
			continue;
		putchar('\n');
		post_print(p->r, &m, &look);
		n++;
	}
	newest_end(&list);
	return err ? tool_fail(EXIT_FAILED, "out of memory") : EXIT_DONE;
}

static void record_more(struct profile *p, struct record *to)
{
	struct kith_buf list = { .limit = LINE_BYTES_MAX };
	struct kith_feed_id root;

	if (who_aliases(p->r, p->feed.number, true, &list))
		record_json(to, "aliases", kith_bytes(&list));
	if (who_metafeed(p->r->txn, &p->id, &root))
		record_feed(to, "metafeed", &root);
	kith_buf_reset(&list);
	if (who_groups(p->r, &p->id, true, &list))
		record_json(to, "groups", kith_bytes(&list));
	kith_buf_free(&list);
}

static void record_profile(struct profile *p)
{
	struct kith_buf text = { .limit = LINE_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_blob_id image;
	struct record to;

	record_begin(&to);
	record_feed(&to, "feed", &p->id);
	reading_record_name(p->r, &to, &p->id);
	if (description_of(p->r->txn, &p->r->viewer, &p->ref, &text))
		record_string(&to, "description", kith_bytes(&text));
	if (image_of(p->r->txn, &p->r->viewer, &p->ref, &image)) {
		kith_blob_print(&image, id);
		record_text(&to, "image", id);
	}
	record_uint(&to, "follows", p->follows);
	record_uint(&to, "followers", p->followers);
	record_uint(&to, "first", p->feed.first);
	record_uint(&to, "seq", p->feed.last);
	record_uint(&to, "bytes", p->feed.bytes);
	if (p->feed.last)
		record_number(&to, "ts", p->feed.last_claimed);
	if (p->social && social_hops(p->social, &p->id) != GRAPH_HOPS_FAR)
		record_int(&to, "hops", social_hops(p->social, &p->id));
	record_more(p, &to);
	record_end(&to);
	kith_buf_free(&text);
}

static int print_profile(struct profile *p)
{
	struct kith_buf head = { .limit = LINE_BYTES_MAX };
	int code = EXIT_DONE;

	count_edges(p);
	if (p->r->page.json) {
		record_profile(p);
		return EXIT_DONE;
	}
	style_begin(&head, STYLE_NAME);
	if (*person_name(&p->r->people, &p->id))
		kith_buf_text(&head, person_name(&p->r->people, &p->id));
	else
		kith_buf_text(&head, "without a name");
	style_end(&head, STYLE_NAME);
	page_print_line(&p->r->page, kith_bytes(&head), p->r->page.columns);
	kith_buf_free(&head);
	print_description(p);
	putchar('\n');
	print_facts(p);
	if (viewer_hides(&p->r->viewer, p->feed.number) && p->feed.last)
		reading_nothing(p->r, "you block them: their posts are hidden");
	else if (p->feed.last)
		code = print_posts(p);
	return code;
}

static int run(struct reading *r, const char *text)
{
	struct profile p = { .r = r, .id = r->viewer.self };
	int code = EXIT_DONE;

	if (text)
		code = reading_select(r, text, &p.id);
	else if (!r->viewer.known)
		code = tool_lacks(r->tool, "identity");
	if (code)
		return code;
	p.ref = (struct kith_ref){ .kind = KITH_REF_FEED, .feed = p.id };
	p.is_self = r->viewer.known && kith_feed_equal(&p.id,
						       &r->viewer.self);
	feed_get(r->txn, &p.id, &p.feed);
	if (r->viewer.known &&
	    social_open(&p.social, r->txn, &r->viewer.self, HOPS_MAX))
		return tool_fail(EXIT_FAILED, "out of memory");
	code = print_profile(&p);
	social_close(p.social);
	return code;
}

static int set_image(struct tool *t)
{
	int code = tool_open(t, NEEDS_SELF);

	return code ? code : profile_image(t);
}

int command_profile(struct tool *t, int argc, char **argv)
{
	struct reading r;
	int code;

	if (tool_option(t, 'i'))
		return argc ? tool_fail(EXIT_MISUSED, "--image is of your own "
					"feed; `kith name --of` gives others "
					"one")
			    : set_image(t);
	code = tool_option(t, 'p') ? reading_begin_private(&r, t, false)
				   : reading_begin(&r, t, false);
	if (!code)
		code = run(&r, argc ? argv[0] : NULL);
	return reading_end(&r, code);
}
