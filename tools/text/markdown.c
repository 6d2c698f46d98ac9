#include "tools/text/markdown.h"

#include <stdio.h>

#include "tools/text/markdown_private.h"
#include "tools/text/text.h"

enum { BLOCK_BYTES_MAX = 1 << 20, RULE_COLUMNS = 24, COLUMNS_MIN = 20,
       GIST_BYTES_MAX = 600, GIST_COLUMNS = 1 << 20,
       BEHIND_BYTES = 64 };

static size_t levels_shown(const struct render *r)
{
	return r->depth < LEVELS_MAX ? r->depth : LEVELS_MAX;
}

static void put_level(struct kith_buf *out, const struct level *l, bool bullet)
{
	if (l->kind == LEVEL_QUOTE) {
		style_text(out, STYLE_QUOTE, "│");
		kith_buf_byte(out, ' ');
	} else if (l->kind == LEVEL_ITEM && bullet && l->fresh) {
		kith_buf_text(out, l->bullet);
	} else if (l->kind == LEVEL_ITEM) {
		for (size_t n = text_width(kith_text(l->bullet)); n; n--)
			kith_buf_byte(out, ' ');
	}
}

/* What stands before a line: bars, bullets or their room. */
static void put_before(const struct render *r, struct kith_buf *out,
		       bool bullets)
{
	if (r->gist)
		return;
	kith_buf_put(out, r->how->margin);
	for (size_t i = 0; i < levels_shown(r); i++)
		put_level(out, &r->levels[i], bullets);
}

size_t render_columns(const struct render *r)
{
	struct kith_buf before = { .limit = BLOCK_BYTES_MAX };
	size_t used;

	put_before(r, &before, false);
	used = wrap_width(kith_bytes(&before));
	kith_buf_free(&before);
	return r->how->columns > used ? r->how->columns - used : 0;
}

/* A blank line after what came before, if there is to be one. */
static void put_gap(struct render *r)
{
	struct kith_buf before = { .limit = BLOCK_BYTES_MAX };
	struct wrap w = { .columns = r->how->columns,
			  .colour = r->how->colour };

	if (r->gap && r->out->n > r->start) {
		put_before(r, &before, false);
		w.first = kith_bytes(&before);
		wrap_put(r->out, (struct kith_slice){ 0 }, &w);
		kith_buf_free(&before);
	}
	r->gap = false;
}

void render_lines(struct render *r, struct kith_slice marked, bool as_is)
{
	struct kith_buf first = { .limit = BLOCK_BYTES_MAX };
	struct kith_buf rest = { .limit = BLOCK_BYTES_MAX };
	struct wrap w = { .colour = r->how->colour, .as_is = as_is };
	size_t least;

	put_gap(r);
	put_before(r, &first, true);
	put_before(r, &rest, false);
	if (r->code) {
		kith_buf_text(&first, "    ");
		kith_buf_text(&rest, "    ");
	}
	w.rest = kith_bytes(&rest);
	least = wrap_width(w.rest) + COLUMNS_MIN;
	w.columns = r->how->columns > least ? r->how->columns : least;
	w.first = kith_bytes(&first);
	wrap_put(r->out, marked, &w);
	for (size_t i = 0; i < levels_shown(r); i++)
		r->levels[i].fresh = false;
	if (first.err || rest.err)
		r->text.err = first.err ? first.err : rest.err;
	kith_buf_free(&first);
	kith_buf_free(&rest);
}

/* Writes what the open block has so far. */
static void flush(struct render *r)
{
	if (r->text.n)
		render_lines(r, kith_bytes(&r->text), r->code);
	r->text.n = 0;
}

/* In a list whose items stand close. */
static bool is_tight(const struct render *r)
{
	for (size_t i = levels_shown(r); i-- > 0;)
		if (r->levels[i].kind == LEVEL_LIST)
			return r->levels[i].tight;
	return false;
}

static void push(struct render *r, const struct level *l)
{
	put_gap(r);
	if (r->depth < LEVELS_MAX)
		r->levels[r->depth] = *l;
	r->depth++;
}

static void push_item(struct render *r, const MD_BLOCK_LI_DETAIL *d)
{
	struct level item = { .kind = LEVEL_ITEM, .fresh = true };
	struct level *list = NULL;

	if (r->depth && r->depth <= LEVELS_MAX)
		list = &r->levels[r->depth - 1];
	if (d->is_task)
		snprintf(item.bullet, sizeof(item.bullet), "%s ",
			 d->task_mark == ' ' ? "☐" : "☑");
	else if (list && list->ordered)
		snprintf(item.bullet, sizeof(item.bullet), "%u. ",
			 list->number++);
	else
		snprintf(item.bullet, sizeof(item.bullet), "• ");
	push(r, &item);
}

static void put_rule(struct render *r)
{
	if (r->gist)
		return;
	style_begin(&r->text, STYLE_FAINT);
	for (int i = 0; i < RULE_COLUMNS; i++)
		kith_buf_text(&r->text, "─");
	style_end(&r->text, STYLE_FAINT);
}

static void enter_heading(struct render *r, const MD_BLOCK_H_DETAIL *d)
{
	if (!r->how->colour && !r->gist) {
		for (unsigned i = 0; i < d->level; i++)
			kith_buf_byte(&r->text, '#');
		kith_buf_byte(&r->text, ' ');
	}
	style_begin(&r->text, STYLE_HEADING);
}

static int enter(MD_BLOCKTYPE type, void *detail, void *render)
{
	struct render *r = render;
	const MD_BLOCK_OL_DETAIL *ol = detail;
	struct level quote = { .kind = LEVEL_QUOTE };
	struct level list = { .kind = LEVEL_LIST };

	if (type != MD_BLOCK_TH && type != MD_BLOCK_TD && !r->table)
		flush(r);
	switch (type) {
	case MD_BLOCK_QUOTE:
		push(r, &quote);
		break;
	case MD_BLOCK_UL:
		list.tight = ((MD_BLOCK_UL_DETAIL *)detail)->is_tight;
		push(r, &list);
		break;
	case MD_BLOCK_OL:
		list.tight = ol->is_tight;
		list.ordered = true;
		list.number = ol->start;
		push(r, &list);
		break;
	case MD_BLOCK_LI:
		push_item(r, detail);
		break;
	case MD_BLOCK_HR:
		put_rule(r);
		break;
	case MD_BLOCK_H:
		enter_heading(r, detail);
		break;
	case MD_BLOCK_CODE:
		r->code = true;
		style_begin(&r->text, STYLE_CODE);
		break;
	case MD_BLOCK_TABLE:
		r->table = true;
		break;
	default:
		break;
	}
	return r->text.err != KITH_OK;
}

/* Drops the end of the last line of code. */
static void end_code(struct render *r)
{
	if (r->text.n && r->text.p[r->text.n - 1] == '\n')
		r->text.n--;
	style_end(&r->text, STYLE_CODE);
	flush(r);
	r->code = false;
}

static int leave(MD_BLOCKTYPE type, void *detail, void *render)
{
	struct render *r = render;
	bool container = type == MD_BLOCK_QUOTE || type == MD_BLOCK_UL ||
			 type == MD_BLOCK_OL || type == MD_BLOCK_LI;

	(void)detail;
	switch (type) {
	case MD_BLOCK_TH:
	case MD_BLOCK_TD:
		kith_buf_byte(&r->text, CELL_END);
		return r->text.err != KITH_OK;
	case MD_BLOCK_TR:
		kith_buf_byte(&r->text, ROW_END);
		return r->text.err != KITH_OK;
	case MD_BLOCK_THEAD:
	case MD_BLOCK_TBODY:
		return r->text.err != KITH_OK;
	case MD_BLOCK_TABLE:
		table_put(r);
		r->text.n = 0;
		r->table = false;
		break;
	case MD_BLOCK_H:
		style_end(&r->text, STYLE_HEADING);
		break;
	case MD_BLOCK_CODE:
		end_code(r);
		break;
	default:
		break;
	}
	flush(r);
	r->depth -= container;
	r->gap = !is_tight(r);
	return r->text.err != KITH_OK;
}

/* Addresses of links, at the end. */
static void put_notes(struct render *r)
{
	struct kith_slice left = kith_bytes(&r->notes);
	const uint8_t *end;
	unsigned number = 0;
	size_t n;

	r->gap = true;
	while (left.n) {
		left.p++;
		left.n--;
		end = memchr(left.p, ROW_END, left.n);
		n = end ? (size_t)(end - left.p) : left.n;
		kith_buf_reset(&r->text);
		style_begin(&r->text, STYLE_FAINT);
		kith_buf_byte(&r->text, '[');
		kith_buf_uint(&r->text, ++number);
		kith_buf_text(&r->text, "] ");
		kith_buf_put(&r->text, (struct kith_slice){ left.p, n });
		style_end(&r->text, STYLE_FAINT);
		render_lines(r, kith_bytes(&r->text), true);
		left.p += n;
		left.n -= n;
	}
}

/* What Markdown makes no sense of: the lines as they are. */
static void put_plain(struct render *r, struct kith_slice text)
{
	const uint8_t *end;
	size_t n;

	r->depth = 0;
	r->code = r->gap = false;
	kith_buf_reset(&r->text);
	while (text.n) {
		end = memchr(text.p, '\n', text.n);
		n = end ? (size_t)(end - text.p) : text.n;
		text_put(&r->text, (struct kith_slice){ text.p, n });
		if (end)
			kith_buf_byte(&r->text, '\n');
		n += end != NULL;
		text.p += n;
		text.n -= n;
	}
	flush(r);
}

static const MD_PARSER parser = {
	.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES | MD_FLAG_STRIKETHROUGH |
		 MD_FLAG_TASKLISTS | MD_FLAG_PERMISSIVEURLAUTOLINKS,
	.enter_block = enter,
	.leave_block = leave,
	.enter_span = span_enter,
	.leave_span = span_leave,
	.text = span_text,
};

/* False: it makes no sense of the text.  md4c 0.4.8 reads behind the last line
 * where a link there has no end, so that one is given an end, and room. */
static bool parse(struct render *r, struct kith_slice text)
{
	static const uint8_t room[BEHIND_BYTES] = { '\n' };
	struct kith_buf copy = { .limit = MARKDOWN_BYTES_MAX + sizeof(room) };
	bool ok;

	kith_buf_put(&copy, text);
	kith_buf_put(&copy, (struct kith_slice){ room, sizeof(room) });
	r->source = (struct kith_slice){ copy.p, text.n + 1 };
	ok = !copy.err && !md_parse((const char *)copy.p, (MD_SIZE)text.n + 1,
				    &parser, r);
	kith_buf_free(&copy);
	return ok;
}

static void put(struct kith_buf *out, struct kith_slice text,
		const struct markdown *how, bool gist)
{
	struct render r = {
		.how = how,
		.out = out,
		.start = out->n,
		.text = { .limit = BLOCK_BYTES_MAX },
		.notes = { .limit = BLOCK_BYTES_MAX },
		.gist = gist,
	};

	if (text.n > MARKDOWN_BYTES_MAX)
		text.n = MARKDOWN_BYTES_MAX;
	if (!text.n)
		return;
	if (parse(&r, text)) {
		r.depth = 0;
		put_notes(&r);
	} else {
		out->n = r.start;
		put_plain(&r, text);
	}
	kith_buf_free(&r.text);
	kith_buf_free(&r.notes);
}

void markdown_put(struct kith_buf *out, struct kith_slice text,
		  const struct markdown *how)
{
	put(out, text, how, false);
}

/* The beginning of a text, of whole characters. */
static struct kith_slice beginning(struct kith_slice text)
{
	if (text.n > GIST_BYTES_MAX) {
		text.n = GIST_BYTES_MAX;
		while (text.n && (text.p[text.n] & 0xc0) == 0x80)
			text.n--;
	}
	return text;
}

void markdown_gist(struct kith_buf *out, struct kith_slice text,
		   const struct markdown *how)
{
	struct markdown line = { .columns = GIST_COLUMNS, .name = how->name,
				 .of = how->of };
	struct kith_buf lines = { .limit = BLOCK_BYTES_MAX };
	bool space = false, any = false;

	put(&lines, beginning(text), &line, true);
	for (size_t i = 0; i < lines.n; i++) {
		if (lines.p[i] == ' ' || lines.p[i] == '\n') {
			space = any;
			continue;
		}
		if (space)
			kith_buf_byte(out, ' ');
		space = false;
		any = true;
		kith_buf_byte(out, lines.p[i]);
	}
	kith_buf_free(&lines);
}
