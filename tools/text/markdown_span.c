/* Markdown within a paragraph: styles, links, images, ids. */
#include <stdio.h>

#include "tools/text/markdown_private.h"
#include "tools/text/text.h"

enum { ID_BYTES_MIN = 40, ENTITY_BYTES_MAX = 12, OWN_BYTES_MAX = 64 };

static const struct {
	MD_SPANTYPE type;
	enum style style;
	const char *mark; /* where there is no colour */
} spans[] = {
	{ MD_SPAN_EM, STYLE_EMPHASIS, "*" },
	{ MD_SPAN_STRONG, STYLE_STRONG, "**" },
	{ MD_SPAN_DEL, STYLE_STRUCK, "~~" },
	{ MD_SPAN_CODE, STYLE_CODE, "`" },
};

static void enter_style(struct render *r, size_t i)
{
	if (r->images)
		return;
	if (!r->how->colour && !r->gist)
		kith_buf_text(&r->text, spans[i].mark);
	if (!r->styles[spans[i].style]++)
		style_begin(&r->text, spans[i].style);
}

static void leave_style(struct render *r, size_t i)
{
	if (r->images || !r->styles[spans[i].style])
		return;
	if (!--r->styles[spans[i].style])
		style_end(&r->text, spans[i].style);
	if (!r->how->colour && !r->gist)
		kith_buf_text(&r->text, spans[i].mark);
}

static void put_ref(struct render *r, const struct kith_ref *ref)
{
	char text[KITH_REF_TEXT_BYTES], cut[TEXT_SHORT_CHARS + 1];

	if (ref->kind == KITH_REF_FEED && r->how->name) {
		r->how->name(r->how->of, &ref->feed, &r->text);
		return;
	}
	if (ref->kind == KITH_REF_FEED)
		kith_feed_print(&ref->feed, text);
	else if (ref->kind == KITH_REF_MSG)
		kith_msg_print(&ref->msg, text);
	else
		kith_blob_print(&ref->blob, text);
	snprintf(cut, sizeof(cut), "%.*s", TEXT_SHORT_CHARS, text);
	style_text(&r->text, STYLE_FAINT, cut);
}

/* An id, with ?query or without; false: none. */
static bool read_ref(struct kith_slice s, struct kith_ref *out)
{
	const uint8_t *query = s.n ? memchr(s.p, '?', s.n) : NULL;

	if (query && s.p[0] == '&')
		s.n = (size_t)(query - s.p);
	return !kith_ref_parse(s, out, NULL);
}

static bool in_id(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') ||
	       (c >= 'A' && c <= 'Z') || memchr("+/=.-_:", c, 7);
}

/* Bytes of an id at the front of s; 0: there is none. */
static size_t id_at(struct kith_slice s, struct kith_ref *out)
{
	size_t n = 1;

	if (!memchr("@%&", s.p[0], 3))
		return 0;
	while (n < s.n && n < KITH_REF_TEXT_BYTES && in_id(s.p[n]))
		n++;
	for (; n >= ID_BYTES_MIN; n--)
		if (in_id(s.p[n - 1]) &&
		    !kith_ref_parse((struct kith_slice){ s.p, n }, out, NULL))
			return n;
	return 0;
}

/* Text as it stands, but ids, which are cut or named. */
static void put_text(struct render *r, struct kith_slice s)
{
	struct kith_ref ref;
	size_t n, plain = 0;

	while (plain < s.n) {
		n = id_at((struct kith_slice){ s.p + plain, s.n - plain },
			  &ref);
		if (!n) {
			plain++;
			continue;
		}
		text_put(&r->text, (struct kith_slice){ s.p, plain });
		put_ref(r, &ref);
		s.p += plain + n;
		s.n -= plain + n;
		plain = 0;
	}
	text_put(&r->text, s);
}

static const struct {
	const char *name, *text;
} entities[] = {
	{ "&amp;", "&" },      { "&lt;", "<" },	      { "&gt;", ">" },
	{ "&quot;", "\"" },    { "&apos;", "'" },     { "&nbsp;", " " },
	{ "&hellip;", "…" }, { "&mdash;", "—" }, { "&ndash;", "–" },
	{ "&copy;", "©" },
};

static void put_utf8(struct kith_buf *out, uint32_t c)
{
	if (c < 0x80) {
		kith_buf_byte(out, (uint8_t)c);
		return;
	}
	if (c < 0x800) {
		kith_buf_byte(out, (uint8_t)(0xc0 | c >> 6));
	} else {
		if (c < 0x10000) {
			kith_buf_byte(out, (uint8_t)(0xe0 | c >> 12));
		} else {
			kith_buf_byte(out, (uint8_t)(0xf0 | c >> 18));
			kith_buf_byte(out, (uint8_t)(0x80 | (c >> 12 & 63)));
		}
		kith_buf_byte(out, (uint8_t)(0x80 | (c >> 6 & 63)));
	}
	kith_buf_byte(out, (uint8_t)(0x80 | (c & 63)));
}

/* &#960; and &#x3c0;. */
static bool numeric(struct kith_slice s, uint32_t *out)
{
	bool hex = s.n > 3 && (s.p[2] | 0x20) == 'x';
	uint32_t v = 0;

	if (s.n < 4 || s.n > ENTITY_BYTES_MAX || s.p[1] != '#')
		return false;
	for (size_t i = hex ? 3 : 2; i + 1 < s.n; i++) {
		uint8_t c = s.p[i];

		v = c <= '9' ? v * (hex ? 16 : 10) + (c - '0')
			     : v * 16 + ((c | 0x20u) - 'a') + 10;
		if (v > 0x10ffff)
			return false;
	}
	*out = v;
	return v && (v >> 11) != 0x1b;
}

/* Appends what an entity stands for, not made safe. */
static void put_entity(struct kith_buf *out, struct kith_slice s)
{
	uint32_t c;

	for (size_t i = 0; i < sizeof(entities) / sizeof(*entities); i++)
		if (kith_equal(s, kith_text(entities[i].name))) {
			kith_buf_text(out, entities[i].text);
			return;
		}
	if (numeric(s, &c))
		put_utf8(out, c);
	else
		kith_buf_put(out, s);
}

/* The text of an attribute, not made safe. */
static void read_attribute(const MD_ATTRIBUTE *a, struct kith_buf *out)
{
	for (size_t i = 0; a->text && a->substr_offsets[i] < a->size; i++) {
		MD_OFFSET at = a->substr_offsets[i];
		struct kith_slice piece = {
			(const uint8_t *)a->text + at,
			a->substr_offsets[i + 1] - at,
		};

		if (a->substr_types[i] == MD_TEXT_ENTITY)
			put_entity(out, piece);
		else
			kith_buf_put(out, piece);
	}
}

/* Keeps an address for the end of the text, and puts its number. */
static void put_note(struct render *r, struct kith_slice address)
{
	char number[16];

	if (r->note_count == NOTES_MAX || r->gist)
		return;
	kith_buf_byte(&r->notes, ROW_END);
	text_put(&r->notes, address);
	snprintf(number, sizeof(number), " [%u]", ++r->note_count);
	style_text(&r->text, STYLE_FAINT, number);
}

/* "[file NAME &short]", or image. */
static void put_blob(struct render *r, const char *what, struct kith_slice name,
		     const struct kith_ref *ref)
{
	kith_buf_byte(&r->text, '[');
	kith_buf_text(&r->text, what);
	if (name.n)
		kith_buf_byte(&r->text, ' ');
	kith_buf_put(&r->text, name);
	if (ref) {
		kith_buf_byte(&r->text, ' ');
		put_ref(r, ref);
	}
	kith_buf_byte(&r->text, ']');
}

/* Cuts what was put from at on, and gives it; false: out of memory. */
static bool cut(struct render *r, size_t at, struct kith_buf *out)
{
	*out = (struct kith_buf){ .limit = r->text.limit };
	if (at > r->text.n)
		at = r->text.n;
	if (at < r->text.n)
		kith_buf_put(out, (struct kith_slice){ r->text.p + at,
						       r->text.n - at });
	if (out->err)
		r->text.err = out->err;
	else
		r->text.n = at;
	return !out->err;
}

static void put_link(struct render *r, struct kith_slice label,
		     struct kith_slice address)
{
	struct kith_buf safe = { .limit = MARKDOWN_BYTES_MAX };
	struct kith_ref ref;

	text_put(&safe, address);
	if (read_ref(address, &ref) && ref.kind == KITH_REF_FEED) {
		put_ref(r, &ref);
	} else if (read_ref(address, &ref) && ref.kind == KITH_REF_BLOB) {
		put_blob(r, "file", label, &ref);
	} else if (read_ref(address, &ref)) {
		/* A label that is the id was cut already. */
		if (label.n && !memchr(label.p, '%', label.n)) {
			kith_buf_put(&r->text, label);
			kith_buf_byte(&r->text, ' ');
		}
		put_ref(r, &ref);
	} else {
		style_begin(&r->text, STYLE_LINK);
		kith_buf_put(&r->text, label.n ? label : kith_bytes(&safe));
		style_end(&r->text, STYLE_LINK);
		if (label.n && !kith_equal(label, kith_bytes(&safe)) &&
		    address.n && address.p[0] != '#')
			put_note(r, address);
	}
	kith_buf_free(&safe);
}

static void put_image(struct render *r, struct kith_slice alt,
		      struct kith_slice address)
{
	struct kith_ref ref;
	bool is_ref = read_ref(address, &ref);

	put_blob(r, "image", alt, is_ref ? &ref : NULL);
	if (!is_ref && address.n)
		put_note(r, address);
}

/* Writes the link or image whose own text begins at. */
static void leave_link(struct render *r, const MD_ATTRIBUTE *a, size_t at,
		       bool image)
{
	struct kith_buf label, address = { .limit = MARKDOWN_BYTES_MAX };

	if (cut(r, at, &label)) {
		read_attribute(a, &address);
		(image ? put_image : put_link)(r, kith_bytes(&label),
					       kith_bytes(&address));
	}
	kith_buf_free(&label);
	kith_buf_free(&address);
}

int span_enter(MD_SPANTYPE type, void *detail, void *render)
{
	struct render *r = render;

	(void)detail;
	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		if (spans[i].type == type)
			enter_style(r, i);
	if (type == MD_SPAN_IMG && !r->images++)
		r->alt = r->text.n;
	if (type == MD_SPAN_A && !r->images)
		r->label = r->text.n;
	return r->text.err != KITH_OK;
}

int span_leave(MD_SPANTYPE type, void *detail, void *render)
{
	struct render *r = render;

	for (size_t i = 0; i < sizeof(spans) / sizeof(*spans); i++)
		if (spans[i].type == type)
			leave_style(r, i);
	if (type == MD_SPAN_IMG && r->images && !--r->images)
		leave_link(r, &((MD_SPAN_IMG_DETAIL *)detail)->src, r->alt,
			   true);
	if (type == MD_SPAN_A && !r->images)
		leave_link(r, &((MD_SPAN_A_DETAIL *)detail)->href, r->label,
			   false);
	return r->text.err != KITH_OK;
}

/* Code in a block keeps its lines; tabs go to the next eighth column. */
static void put_code(struct render *r, struct kith_slice s)
{
	size_t start, column;

	for (size_t i = 0; i < s.n; i++) {
		struct kith_slice one = { s.p + i, 1 };

		if (s.p[i] == '\n') {
			kith_buf_byte(&r->text, '\n');
			continue;
		}
		if (s.p[i] != '\t') {
			while (i + 1 < s.n && s.p[i + 1] != '\n' &&
			       s.p[i + 1] != '\t') {
				one.n++;
				i++;
			}
			text_put(&r->text, one);
			continue;
		}
		for (start = r->text.n; start && r->text.p[start - 1] != '\n';)
			start--;
		column = r->text.n - start;
		do
			kith_buf_byte(&r->text, ' ');
		while (++column % 8);
	}
}

/* A piece of the source, or white space of md4c's own: whatever it gives, no
 * byte outside of these is read. */
static bool is_sound(const struct render *r, struct kith_slice s)
{
	const uint8_t *start = r->source.p, *end = start + r->source.n;

	return s.p >= start && s.p <= end ? s.n <= (size_t)(end - s.p)
					  : s.n <= OWN_BYTES_MAX;
}

int span_text(MD_TEXTTYPE type, const MD_CHAR *text, MD_SIZE n, void *render)
{
	struct kith_slice s = { (const uint8_t *)text, n };
	struct kith_buf entity = { .limit = MARKDOWN_BYTES_MAX };
	struct render *r = render;

	if (!is_sound(r, s))
		return -1;
	switch (type) {
	case MD_TEXT_BR:
	case MD_TEXT_SOFTBR:
		kith_buf_byte(&r->text, r->images || r->table ? ' ' : '\n');
		break;
	case MD_TEXT_NULLCHAR:
		kith_buf_text(&r->text, "\xef\xbf\xbd");
		break;
	case MD_TEXT_ENTITY:
		put_entity(&entity, s);
		text_put(&r->text, kith_bytes(&entity));
		kith_buf_free(&entity);
		break;
	case MD_TEXT_CODE:
		if (r->code)
			put_code(r, s);
		else
			text_put(&r->text, s);
		break;
	default:
		put_text(r, s);
	}
	return r->text.err != KITH_OK;
}
