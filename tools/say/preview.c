#include "tools/say/preview.h"

#include <stdio.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/views/names.h"
#include "src/views/view.h"
#include "tools/pick/named.h"
#include "tools/print/page.h"
#include "tools/text/markdown.h"
#include "tools/text/text.h"

enum { BYTES_MAX = 1 << 20, GIST_BYTES_MAX = 60, ANSWER_BYTES = 16 };

static const char margin[] = "  ";

struct preview {
	struct look look;
	struct page page;
	struct kith_slice content;
	struct kith_buf out, seen; /* seen: ids, a line each */
};

bool preview_wanted(const struct tool *t)
{
	return isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) &&
	       isatty(STDERR_FILENO) && !t->json && !tool_option(t, 'y');
}

/* --- what it says --- */

static void put_name(void *of, const struct kith_feed_id *feed,
		     struct kith_buf *out)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	struct preview *p = of;
	char id[TEXT_SHORT_BYTES];

	text_short_feed(feed, id);
	if (name_of_feed(p->look.txn, &p->look.viewer, feed, &name)) {
		kith_buf_byte(out, '@');
		text_put(out, kith_bytes(&name));
	} else {
		text_put(out, kith_text(id));
	}
	kith_buf_free(&name);
}

static void put_text(struct preview *p, struct kith_slice text)
{
	struct markdown how = {
		.columns = page_measure(&p->page),
		.colour = p->page.colour,
		.margin = kith_text(margin),
		.name = put_name,
		.of = p,
	};

	markdown_put(&p->out, text, &how);
}

/* Any other content as it is, so that nothing is hidden. */
static void put_json(struct preview *p)
{
	struct kith_buf compact = { .limit = BYTES_MAX };
	struct kith_buf pretty = { .limit = BYTES_MAX };
	const uint8_t *at, *end;

	json_compact(p->content, &compact);
	if (!compact.err)
		json_pretty(kith_bytes(&compact), &pretty);
	kith_buf_byte(&pretty, '\n');
	if (pretty.err)
		p->out.err = pretty.err;
	for (at = pretty.p; !p->out.err && at < pretty.p + pretty.n;
	     at = end + 1) {
		end = memchr(at, '\n', pretty.n - (size_t)(at - pretty.p));
		kith_buf_text(&p->out, margin);
		text_put(&p->out, (struct kith_slice){ at,
						       (size_t)(end - at) });
		kith_buf_byte(&p->out, '\n');
	}
	kith_buf_free(&compact);
	kith_buf_free(&pretty);
}

static void put_member(struct preview *p, const char *name, const char *said)
{
	struct kith_buf text = { .limit = BYTES_MAX };

	if (json_unescape(json_get(p->content, name), &text)) {
		kith_buf_text(&p->out, said);
		text_put(&p->out, kith_bytes(&text));
		kith_buf_byte(&p->out, '\n');
	}
	kith_buf_free(&text);
}

/* --- what it links to --- */

static void put_message(struct preview *p, const struct kith_msg_id *id)
{
	struct kith_buf text = { .limit = BYTES_MAX };
	struct message_row row;
	struct view_message m;
	struct feed_row feed;

	if (!message_by_id(p->look.txn, id, &row) ||
	    !feed_by_number(p->look.txn, row.feed_number, &feed)) {
		kith_buf_text(&p->out, "  (not here)");
		return;
	}
	views_message(&row, &feed, &m);
	kith_buf_text(&p->out, "  by ");
	put_name(p, &m.author, &p->out);
	if (json_unescape(json_get(m.content, "text"), &text)) {
		kith_buf_text(&p->out, ": ");
		text_put_cut(&p->out, kith_bytes(&text), GIST_BYTES_MAX, false);
	}
	kith_buf_free(&text);
}

static bool was_seen(struct preview *p, struct kith_slice id)
{
	const uint8_t *at = p->seen.p, *end;
	size_t n;

	while (at && at < p->seen.p + p->seen.n) {
		end = memchr(at, '\n', p->seen.n - (size_t)(at - p->seen.p));
		n = (size_t)(end - at);
		if (kith_equal((struct kith_slice){ at, n }, id))
			return true;
		at = end + 1;
	}
	kith_buf_put(&p->seen, id);
	kith_buf_byte(&p->seen, '\n');
	return false;
}

static void put_link(struct preview *p, struct kith_slice id)
{
	struct kith_ref ref;

	if (kith_ref_parse(id, &ref, NULL) || was_seen(p, id))
		return;
	kith_buf_text(&p->out, margin);
	kith_buf_put(&p->out, id);
	if (ref.kind == KITH_REF_MSG)
		put_message(p, &ref.msg);
	if (ref.kind == KITH_REF_FEED) {
		kith_buf_text(&p->out, "  ");
		put_name(p, &ref.feed, &p->out);
	}
	kith_buf_byte(&p->out, '\n');
}

static void put_links(struct preview *p, struct kith_slice value)
{
	struct kith_slice key, one;
	size_t at = 0;

	if (json_kind(value) == JSON_KIND_STRING)
		put_link(p, json_plain(value));
	while (json_next_member(value, &at, &key, &one))
		put_links(p, one);
	at = 0;
	while (json_next_element(value, &at, &one))
		put_links(p, one);
}

/* But who reads it. */
static void put_all_links(struct preview *p)
{
	struct kith_slice key, value;
	size_t at = 0;

	while (json_next_member(p->content, &at, &key, &value))
		if (!json_is(key, "recps"))
			put_links(p, value);
}

/* --- asking --- */

/* "you", or what they are called here; and the whole id in any case. */
static void put_reader(struct preview *p, struct kith_slice value,
		       struct kith_buf *out)
{
	struct kith_slice id;
	struct kith_ref ref;

	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	id = json_plain(value);
	if (kith_ref_parse(id, &ref, NULL)) {
		text_put(out, value);
	} else if (ref.kind != KITH_REF_FEED) {
		kith_buf_text(out, "whoever is in the group ");
		text_put(out, id);
	} else if (kith_feed_equal(&ref.feed, &p->look.viewer.self)) {
		kith_buf_text(out, "you ");
		text_put(out, id);
	} else {
		named_put(&p->look, &ref.feed, out);
	}
}

static void put_readers(struct preview *p)
{
	struct kith_slice recps = json_get(p->content, "recps"), one;
	size_t at = 0;

	kith_buf_text(&p->out, "This will be read by nobody but\n");
	while (json_next_element(recps, &at, &one)) {
		kith_buf_text(&p->out, margin);
		put_reader(p, one, &p->out);
		kith_buf_byte(&p->out, '\n');
	}
	kith_buf_byte(&p->out, '\n');
}

int preview_readers(struct tool *t, struct kith_slice content)
{
	struct preview p = { .content = content };
	struct kith_slice recps = json_get(content, "recps"), one;
	struct kith_buf line = { .limit = BYTES_MAX };
	int code = look_begin(&p.look, t);
	size_t at = 0;

	while (!code && json_next_element(recps, &at, &one)) {
		kith_buf_reset(&line);
		put_reader(&p, one, &line);
		tool_note("for %.*s", (int)line.n, (const char *)line.p);
	}
	look_end(&p.look);
	kith_buf_free(&line);
	return code;
}

static void put_all(struct preview *p)
{
	struct kith_buf text = { .limit = BYTES_MAX };
	size_t before;

	if (json_get(p->content, "recps").n)
		put_readers(p);
	else
		kith_buf_text(&p->out, "This will be public:\n\n");
	if (json_unescape(json_get(p->content, "text"), &text)) {
		put_member(p, "contentWarning", "  behind the warning: ");
		put_text(p, kith_bytes(&text));
	} else {
		put_json(p);
	}
	kith_buf_byte(&p->out, '\n');
	before = p->out.n;
	put_member(p, "channel", "  in the channel #");
	put_all_links(p);
	if (p->out.n > before)
		kith_buf_byte(&p->out, '\n');
	kith_buf_free(&text);
}

static int answer(const struct tool *t, struct preview *p)
{
	struct kith_buf me = { .limit = BYTES_MAX };
	FILE *tty = fopen("/dev/tty", "r");
	char line[ANSWER_BYTES] = "";

	named_put(&p->look, &t->self, &me);
	do {
		printf("Sign and publish it as %.*s? [y/n] ", (int)me.n,
		       (const char *)me.p);
		fflush(stdout);
	} while (tty && fgets(line, sizeof(line), tty) &&
		 !strchr("yYnN", *line));
	if (tty)
		fclose(tty);
	kith_buf_free(&me);
	if (*line == 'y' || *line == 'Y')
		return EXIT_DONE;
	return tool_fail(EXIT_FAILED, "nothing was published");
}

int preview_ask(struct tool *t, struct kith_slice content)
{
	struct preview p = { .content = content, .out.limit = BYTES_MAX,
			     .seen.limit = BYTES_MAX };
	int code = page_begin(&p.page, t, true);

	if (code)
		return code;
	code = look_begin(&p.look, t);
	if (!code) {
		put_all(&p);
		fwrite(p.out.p, 1, p.out.n, stdout);
		code = p.out.err ? tool_fail(EXIT_FAILED, "%s",
					     kith_strerror(p.out.err))
				 : answer(t, &p);
	}
	look_end(&p.look);
	kith_buf_free(&p.out);
	kith_buf_free(&p.seen);
	return page_end(&p.page, code);
}
