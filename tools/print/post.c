#include "tools/print/post.h"

#include <stdio.h>

#include "feeds/contact.h"
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/content.h"
#include "src/views/votes.h"
#include "tools/print/record.h"
#include "tools/print/show.h"
#include "tools/print/when.h"
#include "tools/text/markdown.h"
#include "tools/text/text.h"

enum { TEXT_BYTES_MAX = 1 << 20, LIKERS_NAMED = 3, CHANNEL_COLUMNS = 31,
       GIST_COLUMNS_MIN = 20, TYPE_COLUMNS = 24, STAMP_COLUMNS = 15,
       STAMP_COLUMNS_ISO = 25 };

static bool is_post(const struct view_message *m)
{
	return json_is(json_get(m->content, "type"), "post");
}

/* Appends a string member, safe, on one line, cut; false: there is none. */
static bool put_cut(struct kith_buf *out, struct kith_slice value,
		    size_t columns)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	size_t before = out->n;

	if (json_unescape(value, &text))
		text_put_cut(out, kith_bytes(&text), columns, false);
	kith_buf_free(&text);
	return out->n > before;
}

void post_put_time(struct reading *r, const struct view_message *m,
		   struct kith_buf *out)
{
	enum when_claim claim = when_judge(r->txn, m);
	char when[WHEN_BYTES], lie[WHEN_LIE_BYTES];

	when_put(r->page.now_ms, view_time_ms(m), when);
	when_put_claim(r->page.now_ms, m, claim, lie);
	style_text(out, STYLE_FAINT, when);
	if (!*lie)
		return;
	kith_buf_byte(out, ' ');
	style_begin(out, STYLE_ALERT);
	kith_buf_byte(out, '(');
	kith_buf_text(out, lie);
	kith_buf_byte(out, ')');
	style_end(out, STYLE_ALERT);
}

void post_put_stamp(struct reading *r, const struct view_message *m,
		    struct kith_buf *out)
{
	size_t columns = r->page.now_ms == 0 ? STAMP_COLUMNS_ISO
					     : STAMP_COLUMNS;
	bool lies = when_judge(r->txn, m) != WHEN_TRUE;
	char when[WHEN_BYTES];

	when_put(r->page.now_ms, view_time_ms(m), when);
	style_begin(out, STYLE_FAINT);
	text_put_cut(out, kith_text(when), columns, true);
	style_end(out, STYLE_FAINT);
	style_text(out, STYLE_ALERT, lies ? "!" : " ");
	kith_buf_byte(out, ' ');
}

static void put_channel(struct kith_buf *out, struct kith_slice content)
{
	struct kith_buf name = { .limit = TEXT_BYTES_MAX };

	if (!put_cut(&name, json_get(content, "channel"), CHANNEL_COLUMNS))
		return;
	kith_buf_text(out, name.p[0] == '#' ? "  " : "  #");
	kith_buf_put(out, kith_bytes(&name));
	kith_buf_free(&name);
}

static void print_head(struct reading *r, const struct view_message *m,
		       const struct post_look *look)
{
	struct kith_buf left = { .limit = TEXT_BYTES_MAX };
	struct kith_buf right = { .limit = TEXT_BYTES_MAX };

	kith_buf_text(&left, look->margin);
	person_put(&r->people, &m->author, &left);
	kith_buf_text(&left, "  ");
	post_put_time(r, m, &left);
	put_channel(&left, m->content);
	if (m->boxed.n)
		style_text(&left, STYLE_FAINT, "  private");
	if (look->new) {
		kith_buf_text(&left, "  ");
		style_text(&left, STYLE_ALERT, "new");
	}
	person_put_msg(r->txn, &m->row->id, &right);
	page_print_sides(&r->page, kith_bytes(&left), kith_bytes(&right),
			 page_measure(&r->page));
	kith_buf_free(&left);
	kith_buf_free(&right);
}

static struct markdown markdown_of(struct reading *r, struct kith_slice margin)
{
	return (struct markdown){
		.columns = page_measure(&r->page),
		.colour = r->page.colour,
		.margin = margin,
		.name = person_put_mention,
		.of = &r->people,
	};
}

/* A remark of ours in place of text. */
static void print_remark(struct reading *r, const char *margin,
			 const char *text)
{
	struct kith_buf line = { .limit = TEXT_BYTES_MAX };

	style_text(&line, STYLE_FAINT, text);
	page_print(&r->page, kith_bytes(&line), margin);
	kith_buf_free(&line);
}

/* Cuts lines off behind most of them, unless few would be hidden; gives how
 * many.  No style reaches over the end of a line. */
static size_t cut_lines(struct kith_buf *lines, size_t most)
{
	size_t count = 0, keep = 0;

	for (size_t i = 0; i < lines->n; i++) {
		count += lines->p[i] == '\n';
		if (count == most && !keep)
			keep = i + 1;
	}
	if (!most || count <= most + most / 2)
		return 0;
	lines->n = keep;
	return count - most;
}

static void print_more(struct reading *r, const struct view_message *m,
		       const char *margin, size_t hidden)
{
	struct kith_buf line = { .limit = TEXT_BYTES_MAX };

	style_begin(&line, STYLE_FAINT);
	kith_buf_text(&line, "… ");
	kith_buf_uint(&line, hidden);
	kith_buf_text(&line, " more lines: `kith thread ");
	person_put_msg(r->txn, &m->row->id, &line);
	style_text(&line, STYLE_FAINT, "`");
	page_print(&r->page, kith_bytes(&line), margin);
	kith_buf_free(&line);
}

/* Prints a member as Markdown; false: there is none. */
static bool print_text(struct reading *r, const struct view_message *m,
		       const char *member, const struct post_look *look)
{
	struct markdown how = markdown_of(r, kith_text(look->margin));
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_buf lines = { .limit = SIZE_MAX };
	size_t hidden;
	bool any;

	if (json_unescape(json_get(m->content, member), &text))
		markdown_put(&lines, kith_bytes(&text), &how);
	any = lines.n > 0;
	hidden = cut_lines(&lines, look->lines);
	if (any)
		fwrite(lines.p, 1, lines.n, stdout);
	if (hidden)
		print_more(r, m, look->margin, hidden);
	kith_buf_free(&text);
	kith_buf_free(&lines);
	return any;
}

/* True if there is a warning, and the text stays closed. */
static bool print_warning(struct reading *r, const struct view_message *m,
			  const struct post_look *look)
{
	struct kith_buf line = { .limit = TEXT_BYTES_MAX };
	struct kith_buf warning = { .limit = TEXT_BYTES_MAX };
	bool warned = put_cut(&warning, json_get(m->content, "contentWarning"),
			      page_measure(&r->page) / 2);

	if (warned) {
		style_begin(&line, STYLE_ALERT);
		kith_buf_text(&line, "warning: ");
		kith_buf_put(&line, kith_bytes(&warning));
		style_end(&line, STYLE_ALERT);
		if (!look->opened) {
			kith_buf_text(&line, "; `kith thread ");
			person_put_msg(r->txn, &m->row->id, &line);
			kith_buf_text(&line, "` shows the text");
		}
		page_print(&r->page, kith_bytes(&line), look->margin);
	}
	kith_buf_free(&line);
	kith_buf_free(&warning);
	return warned && !look->opened;
}

static void print_body(struct reading *r, const struct view_message *m,
		       const struct post_look *look)
{
	struct kith_buf gist = { .limit = TEXT_BYTES_MAX };

	if (json_kind(m->content) == JSON_KIND_STRING) {
		print_remark(r, look->margin, "private");
	} else if (!is_post(m)) {
		post_put_gist(r, m, &gist);
		page_print(&r->page, kith_bytes(&gist), look->margin);
		if (content_is_written(m->content))
			print_text(r, m, "summary", look);
	} else if (!print_warning(r, m, look) &&
		   !print_text(r, m, "text", look)) {
		print_remark(r, look->margin, "without a text");
	}
	kith_buf_free(&gist);
}

/* "liked by Ada, Bob and 3 others". */
static void print_likes(struct reading *r, const struct view_message *m,
			const char *margin)
{
	struct kith_ref on = { .kind = KITH_REF_MSG, .msg = m->row->id };
	struct kith_buf line = { .limit = TEXT_BYTES_MAX };
	struct votes_total total;
	struct votes votes;
	struct vote vote;
	uint64_t named = 0;

	votes_count(r->txn, &r->viewer, &on, &total);
	if (!total.up)
		return;
	style_begin(&line, STYLE_FAINT);
	kith_buf_text(&line, "liked by ");
	votes_start(&votes, r->txn, &r->viewer, &on);
	while (named < LIKERS_NAMED && votes_next(&votes, &vote)) {
		if (vote.value < 0)
			continue;
		if (named++)
			kith_buf_text(&line, named == total.up ? " and " : ", ");
		style_end(&line, STYLE_FAINT);
		person_put(&r->people, &vote.author, &line);
		style_begin(&line, STYLE_FAINT);
	}
	if (total.up > named) {
		kith_buf_text(&line, " and ");
		kith_buf_uint(&line, total.up - named);
		kith_buf_text(&line, total.up - named == 1 ? " other"
							   : " others");
	}
	style_end(&line, STYLE_FAINT);
	page_print(&r->page, kith_bytes(&line), margin);
	kith_buf_free(&line);
}

void post_print(struct reading *r, const struct view_message *m,
		const struct post_look *look)
{
	char margin[PAGE_MEASURE];
	struct post_look inner = *look;

	snprintf(margin, sizeof(margin), "%s  ", look->margin);
	inner.margin = margin;
	print_head(r, m, look);
	print_body(r, m, &inner);
	print_likes(r, m, margin);
}

static void put_person_or_id(struct reading *r, struct kith_slice value,
			     struct kith_buf *out)
{
	struct kith_ref ref;
	char text[KITH_REF_TEXT_BYTES];

	if (kith_ref_parse(json_plain(value), &ref, NULL))
		return;
	if (ref.kind == KITH_REF_FEED) {
		person_put(&r->people, &ref.feed, out);
	} else if (ref.kind == KITH_REF_MSG) {
		person_put_msg(r->txn, &ref.msg, out);
	} else {
		kith_blob_print(&ref.blob, text);
		text[TEXT_SHORT_CHARS] = '\0';
		kith_buf_text(out, text);
	}
}

/* A link: an id, or an object whose link is one. */
static struct kith_slice link_of(struct kith_slice value)
{
	return json_kind(value) == JSON_KIND_OBJECT ? json_get(value, "link")
						    : value;
}

static void gist_of_contact(struct reading *r, const struct view_message *m,
			    struct kith_buf *out)
{
	static const char *const words[] = { "says nothing of ", "follows ",
					     "unfollows ", "blocks " };
	struct kith_feed_id to;
	enum contact_edge edge;

	if (!contact_read(m->content, &to, &edge)) {
		kith_buf_text(out, "a contact that names nobody");
		return;
	}
	kith_buf_text(out, words[edge]);
	person_put(&r->people, &to, out);
}

/* A title that others gave, as those of gatherings are. */
static void put_title(struct reading *r, const struct view_message *m,
		      struct kith_buf *out)
{
	const struct kith_ref of = { .kind = KITH_REF_MSG, .msg = m->row->id };
	struct kith_buf title = { .limit = NAME_BYTES_MAX };

	if (title_of(r->txn, &r->viewer, &of, &title))
		text_put(out, kith_bytes(&title));
	kith_buf_free(&title);
}

/* The text, the title, or only the type. */
static void gist_of_text(struct reading *r, const struct view_message *m,
			  struct kith_buf *out)
{
	struct markdown how = markdown_of(r, (struct kith_slice){ 0 });
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	size_t before = out->n, said;

	if (!is_post(m)) {
		put_cut(out, json_get(m->content, "type"), TYPE_COLUMNS);
		kith_buf_text(out, out->n > before ? ": " : "");
	}
	said = out->n;
	if (json_unescape(json_get(m->content, "text"), &text) ||
	    json_unescape(json_get(m->content, "title"), &text) ||
	    json_unescape(json_get(m->content, "name"), &text))
		markdown_gist(out, kith_bytes(&text), &how);
	else
		put_title(r, m, out);
	if (out->n == said && said > before)
		out->n -= 2; /* the colon */
	else if (out->n == said)
		kith_buf_text(out, "without a text");
	kith_buf_free(&text);
}

/* The warning in place of what it warns of. */
static void gist_of_post(struct reading *r, const struct view_message *m,
			 struct kith_buf *out)
{
	if (!put_cut(out, json_get(m->content, "contentWarning"),
		     PAGE_MEASURE))
		gist_of_text(r, m, out);
}

/* What a post says that is named there. */
static void put_quote(struct reading *r, struct kith_slice link,
		      struct kith_buf *out)
{
	struct message_row row;
	struct view_message m;
	struct kith_msg_id id;

	if (kith_msg_parse(json_plain(link), &id) ||
	    !reading_message_by_id(r, &id, &row, &m) ||
	    !content_is_written(m.content))
		return;
	kith_buf_text(out, ": ");
	gist_of_post(r, &m, out);
}

static void gist_of_vote(struct reading *r, const struct view_message *m,
			 struct kith_buf *out)
{
	struct kith_slice vote = json_get(m->content, "vote");
	double value = 0;

	if (!json_number(json_get(vote, "value"), &value))
		value = 0;
	kith_buf_text(out, value > 0 ? "likes " : value < 0 ? "dislikes "
						: "takes a like back of ");
	put_person_or_id(r, link_of(vote), out);
	put_quote(r, link_of(vote), out);
}

static void gist_of_about(struct reading *r, const struct view_message *m,
			  struct kith_buf *out)
{
	static const char *const members[] = { "name", "title",
					       "description" };
	struct kith_slice about = link_of(json_get(m->content, "about"));

	kith_buf_text(out, "about ");
	put_person_or_id(r, about, out);
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++) {
		size_t before = out->n;

		kith_buf_text(out, ": ");
		if (put_cut(out, json_get(m->content, members[i]),
			    PAGE_MEASURE))
			return;
		out->n = before;
	}
	if (json_get(m->content, "image").n)
		kith_buf_text(out, ": an image");
}

/* The first of recps is the group. */
static void gist_of_add(struct reading *r, const struct view_message *m,
			struct kith_buf *out)
{
	struct kith_slice recps = json_get(m->content, "recps"), one;
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	size_t at = 0;

	kith_buf_text(out, "adds");
	json_next_element(recps, &at, &one);
	for (bool first = true; json_next_element(recps, &at, &one);
	     first = false) {
		kith_buf_text(out, first ? " " : ", ");
		put_person_or_id(r, one, out);
	}
	kith_buf_text(out, " to the group");
	if (put_cut(&text, json_get(m->content, "text"), PAGE_MEASURE)) {
		kith_buf_text(out, ": ");
		kith_buf_put(out, kith_bytes(&text));
	}
	kith_buf_free(&text);
}

void post_put_gist(struct reading *r, const struct view_message *m,
		   struct kith_buf *out)
{
	struct kith_slice type = json_get(m->content, "type");

	if (json_kind(m->content) == JSON_KIND_STRING)
		kith_buf_text(out, "private");
	else if (json_is(type, "contact"))
		gist_of_contact(r, m, out);
	else if (json_is(type, "vote"))
		gist_of_vote(r, m, out);
	else if (json_is(type, "about"))
		gist_of_about(r, m, out);
	else if (json_is(type, "group/add-member"))
		gist_of_add(r, m, out);
	else
		gist_of_post(r, m, out);
}

/* What it says begins with a verb. */
static bool is_deed(const struct view_message *m)
{
	struct kith_slice type = json_get(m->content, "type");

	return json_is(type, "vote") || json_is(type, "contact") ||
	       json_is(type, "group/add-member");
}

void post_print_line(struct reading *r, const struct view_message *m,
		     struct kith_slice left)
{
	struct kith_buf line = { .limit = TEXT_BYTES_MAX };
	struct kith_buf right = { .limit = TEXT_BYTES_MAX };

	kith_buf_put(&line, left);
	person_put(&r->people, &m->author, &line);
	kith_buf_text(&line, is_deed(m) ? " " : ": ");
	post_put_gist(r, m, &line);
	person_put_msg(r->txn, &m->row->id, &right);
	page_print_sides(&r->page, kith_bytes(&line), kith_bytes(&right),
			 r->page.columns);
	kith_buf_free(&line);
	kith_buf_free(&right);
}

void post_record(struct reading *r, const struct view_message *m)
{
	struct record to;

	record_begin(&to);
	show_record(&to, r->txn, m, true);
	reading_record_name(r, &to, &m->author);
	record_end(&to);
}
