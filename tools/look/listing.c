#include "tools/look/listing.h"

#include <stdio.h>
#include <unistd.h>

#include "feeds/json.h"
#include "src/views/link_walk.h"
#include "src/views/private.h"
#include "tools/text/text.h"

/* --- options -------------------------------------------------------------- */

static int read_forms(struct listing *l)
{
	const struct tool *t = l->tool;

	l->raw = tool_option(t, 'R');
	l->full = tool_option(t, 'F');
	l->links = tool_option(t, 'l');
	l->show.brief = tool_option(t, 'o');
	if (l->raw + l->full + l->show.brief > 1)
		return tool_fail(EXIT_MISUSED, "one of --oneline, --full and "
				 "--raw");
	if (l->raw && t->json)
		return tool_fail(EXIT_MISUSED, "--raw are the bytes as stored: "
				 "there is no --json of them");
	return EXIT_DONE;
}

static int read_filters(struct listing *l)
{
	const char *channel = tool_option(l->tool, 'c');

	l->type = tool_option(l->tool, 't');
	l->channel = l->channel_text;
	if (channel && !channel_normalize(kith_text(channel), l->channel_text))
		return tool_fail(EXIT_MISUSED, "\"%s\" names no channel",
				 channel);
	return EXIT_DONE;
}

static int open_private(struct listing *l)
{
	int code = EXIT_DONE;

	l->private = tool_option(l->tool, 'p');
	if (!l->private)
		return EXIT_DONE;
	code = tool_open(l->tool, NEEDS_KEYS | NEEDS_VIEWS);
	if (!code && viewer_sees_private(&l->viewer, l->tool->keys))
		code = tool_fail(EXIT_FAILED, "out of memory");
	return code;
}

int listing_begin(struct listing *l, struct tool *t, uint64_t limit, bool live)
{
	int code;

	*l = (struct listing){ .tool = t };
	if (!list_read(&l->list, t, limit, IDS_SHORT))
		return EXIT_MISUSED;
	code = read_forms(l);
	if (!code)
		code = read_filters(l);
	if (!code)
		code = open_private(l);
	/* Exact bytes are for no pager. */
	if (!code)
		code = page_begin(&l->page, t, live || l->raw);
	l->show.ids = l->list.ids;
	if (l->page.terminal)
		l->show.columns = l->page.columns;
	return code;
}

int listing_end(struct listing *l, int code)
{
	viewer_end(&l->viewer);
	return page_end(&l->page, code);
}

/* --- which ---------------------------------------------------------------- */

static bool is_in_channel(const struct view_message *m, const char *name)
{
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l))
		if (l.channel && l.name_bytes == strlen(name) &&
		    !memcmp(l.name, name, l.name_bytes))
			return true;
	return false;
}

bool listing_wants(struct listing *l, struct txn *t, struct view_message *m)
{
	const struct message_row *row = m->row;

	if (!list_has(&l->list, m))
		return false;
	if (l->private) {
		viewer_turn(&l->viewer);
		if (!viewer_message(&l->viewer, t, row, m))
			return false;
	}
	return (!l->type || json_is(json_get(m->content, "type"), l->type)) &&
	       (!*l->channel || is_in_channel(m, l->channel));
}

/* --- how ------------------------------------------------------------------ */

static void print_raw(const struct listing *l, struct kith_slice canon)
{
	if (l->page.terminal)
		text_print(stdout, canon);
	else
		fwrite(canon.p, 1, canon.n, stdout);
	putchar(l->list.null ? '\0' : '\n');
}

static void put_links(const struct view_message *m, struct kith_buf *out)
{
	struct kith_buf path = { .limit = 1 << 16 };
	char id[KITH_REF_TEXT_BYTES];
	struct link_walk w;
	struct link l;

	link_walk_start(&w, m->content);
	while (link_walk_next(&w, &l)) {
		kith_buf_reset(&path);
		show_put_path(m->content, &l, &path);
		kith_buf_text(out, out->n ? "," : "[");
		kith_buf_text(out, "{\"path\":");
		json_put_string(out, kith_bytes(&path));
		if (l.channel) {
			kith_buf_text(out, ",\"channel\":");
			json_put_string(out, (struct kith_slice){
				(const uint8_t *)l.name, l.name_bytes });
		} else {
			ids_ref(IDS_FULL, &l.ref, id);
			kith_buf_text(out, ",\"to\":");
			json_put_text(out, id);
		}
		kith_buf_byte(out, '}');
	}
	kith_buf_text(out, out->n ? "]" : "[]");
	kith_buf_free(&path);
}

static void print_record(const struct listing *l, struct txn *t,
			 const struct view_message *m)
{
	struct kith_buf links = { .limit = 1 << 20 };
	struct record r;

	list_record(&l->list, &r);
	show_record(&r, t, m, true);
	if (l->links) {
		put_links(m, &links);
		record_json(&r, "links", kith_bytes(&links));
		kith_buf_free(&links);
	}
	record_end(&r);
}

void listing_print(struct listing *l, struct txn *t,
		   const struct view_message *m)
{
	if (l->tool->json) {
		print_record(l, t, m);
		return;
	}
	if (l->raw)
		print_raw(l, m->row->canon);
	else if (l->full)
		show_full(t, m, &l->show);
	else
		show_line(t, m, &l->show);
	if (l->links && !l->raw)
		show_links(m, &l->show);
}
