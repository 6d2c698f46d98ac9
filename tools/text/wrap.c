#include "tools/text/wrap.h"

#include "tools/text/text.h"
#include "tools/text/width.h"

/* Bytes of a mark: what it does, and the style, as a letter. */
enum { MARK_BEGIN = 0x0e, MARK_END = 0x0f, MARK_BYTES = 2 };

/* Few, calm, and sound on light and dark ground. */
static const char *const codes[STYLE_COUNT] = {
	[STYLE_STRONG] = "1",	 [STYLE_EMPHASIS] = "3",
	[STYLE_STRUCK] = "9",	 [STYLE_HEADING] = "1",
	[STYLE_CODE] = "36",	 [STYLE_QUOTE] = "2",
	[STYLE_LINK] = "4",	 [STYLE_NAME] = "1;34",
	[STYLE_FAINT] = "2",	 [STYLE_ALERT] = "33",
};

static void put_mark(struct kith_buf *out, uint8_t what, enum style style)
{
	const uint8_t mark[MARK_BYTES] = { what, (uint8_t)('A' + style) };

	kith_buf_put(out, (struct kith_slice){ mark, sizeof(mark) });
}

void style_begin(struct kith_buf *out, enum style style)
{
	put_mark(out, MARK_BEGIN, style);
}

void style_end(struct kith_buf *out, enum style style)
{
	put_mark(out, MARK_END, style);
}

void style_text(struct kith_buf *out, enum style style, const char *text)
{
	style_begin(out, style);
	kith_buf_text(out, text);
	style_end(out, style);
}

static bool is_mark(struct kith_slice s)
{
	return s.n >= MARK_BYTES &&
	       (s.p[0] == MARK_BEGIN || s.p[0] == MARK_END) &&
	       s.p[1] >= 'A' && s.p[1] < 'A' + STYLE_COUNT;
}

/* Takes a mark or a character; gives its columns. */
static size_t step(struct kith_slice *s)
{
	uint32_t c;

	if (is_mark(*s)) {
		s->p += MARK_BYTES;
		s->n -= MARK_BYTES;
		return 0;
	}
	text_take(s, &c);
	return width_of(c);
}

size_t wrap_width(struct kith_slice marked)
{
	size_t n = 0;

	while (marked.n)
		n += step(&marked);
	return n;
}

/* What a mark changes in the set of styles that have begun. */
static unsigned after_mark(unsigned on, struct kith_slice mark)
{
	unsigned bit = 1u << (mark.p[1] - 'A');

	return mark.p[0] == MARK_BEGIN ? on | bit : on & ~bit;
}

size_t wrap_cut(struct kith_buf *out, struct kith_slice marked, size_t columns)
{
	bool cut = wrap_width(marked) > columns;
	size_t used = 0, width, room = cut && columns ? columns - 1 : columns;
	struct kith_slice rest;
	unsigned on = 0;

	for (; marked.n; marked = rest, used += width) {
		rest = marked;
		width = step(&rest);
		if (used + width > room)
			break;
		if (is_mark(marked))
			on = after_mark(on, marked);
		kith_buf_put(out, (struct kith_slice){
				marked.p, (size_t)(rest.p - marked.p) });
	}
	for (enum style i = 0; i < STYLE_COUNT; i++)
		if (on & 1u << i)
			style_end(out, i);
	if (cut && columns)
		kith_buf_text(out, "…");
	return used + (cut && columns);
}

/* Lines in the making. */
struct lines {
	struct kith_buf *out;
	const struct wrap *how;
	unsigned on;	/* styles that have begun */
	bool told;	/* and the terminal knows of some */
	bool open;	/* a line has begun */
	bool first;	/* none has ended */
	size_t used;	/* columns of it, with what stands before */
	size_t spaces;	/* that stand before the next word */
};

static void tell(struct lines *l)
{
	if (!l->how->colour)
		return;
	if (l->told)
		kith_buf_text(l->out, "\033[0m");
	for (int i = 0; i < STYLE_COUNT; i++) {
		if (!(l->on & 1u << i))
			continue;
		kith_buf_text(l->out, "\033[");
		kith_buf_text(l->out, codes[i]);
		kith_buf_byte(l->out, 'm');
	}
	l->told = l->on != 0;
}

/* Appends marked text that stays together. */
static void put_piece(struct lines *l, struct kith_slice s)
{
	struct kith_slice rest;

	while (s.n) {
		rest = s;
		l->used += step(&rest);
		if (is_mark(s)) {
			l->on = after_mark(l->on, s);
			tell(l);
		} else {
			kith_buf_put(l->out, (struct kith_slice){
					s.p, (size_t)(rest.p - s.p) });
		}
		s = rest;
	}
}

static struct kith_slice before(const struct lines *l)
{
	return l->first ? l->how->first : l->how->rest;
}

static void open_line(struct lines *l)
{
	unsigned on = l->on;

	l->open = true;
	l->used = 0;
	l->on = 0;
	put_piece(l, before(l));
	l->on = on;
	if (on)
		tell(l);
}

/* Drops the spaces at the end of what has no text behind it. */
static struct kith_slice trimmed(struct kith_slice s)
{
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

static void end_line(struct lines *l)
{
	unsigned on = l->on;

	if (!l->open) {
		l->on = 0;
		put_piece(l, trimmed(before(l)));
	}
	l->on = 0;
	if (l->told)
		tell(l);
	l->on = on;
	kith_buf_byte(l->out, '\n');
	l->open = l->first = false;
	l->spaces = 0;
}

static void put_spaces(struct lines *l)
{
	for (; l->spaces; l->spaces--, l->used++)
		kith_buf_byte(l->out, ' ');
}

/* A word wider than a line, in pieces that are not. */
static void put_long(struct lines *l, struct kith_slice word)
{
	struct kith_slice rest = word;
	size_t n = 0, width;

	while (rest.n) {
		struct kith_slice next = rest;

		width = step(&next);
		if (n && l->used + n + width > l->how->columns) {
			put_piece(l, (struct kith_slice){
					word.p, (size_t)(rest.p - word.p) });
			end_line(l);
			open_line(l);
			word = rest;
			n = 0;
		}
		n += width;
		rest = next;
	}
	put_piece(l, word);
}

static void put_word(struct lines *l, struct kith_slice word)
{
	size_t width = wrap_width(word);
	bool whole = l->how->as_is;

	if (l->open && !whole &&
	    l->used + l->spaces + width > l->how->columns) {
		end_line(l);
	}
	if (!l->open)
		open_line(l);
	put_spaces(l);
	if (!whole && l->used + width > l->how->columns)
		put_long(l, word);
	else
		put_piece(l, word);
}

/* Takes a word from the front of a line, which begins with one. */
static struct kith_slice take_word(struct kith_slice *line)
{
	struct kith_slice word = { line->p, 0 };

	while (word.n < line->n && line->p[word.n] != ' ')
		word.n++;
	line->p += word.n;
	line->n -= word.n;
	return word;
}

static void put_line(struct lines *l, struct kith_slice line)
{
	while (line.n) {
		if (line.p[0] == ' ') {
			l->spaces++;
			line.p++;
			line.n--;
			continue;
		}
		put_word(l, take_word(&line));
	}
	end_line(l);
}

void wrap_put(struct kith_buf *out, struct kith_slice marked,
	      const struct wrap *how)
{
	struct lines l = { .out = out, .how = how, .first = true };
	const uint8_t *end;
	size_t n;

	do {
		end = marked.n ? memchr(marked.p, '\n', marked.n) : NULL;
		n = end ? (size_t)(end - marked.p) : marked.n;
		put_line(&l, (struct kith_slice){ marked.p, n });
		marked.p = end ? end + 1 : NULL;
		marked.n -= n + (end != NULL);
	} while (end);
}
