#include "tools/text/mentions.h"

#include <md4c.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "feeds/ref.h"

/* md4c 0.4.8 reads behind the last line where a link there has no end. */
enum { BEHIND_BYTES = 64, LABEL_BYTES_MAX = 4096, UNBOX_BYTES_MAX = 80 };

struct finder {
	mentions_fn *fn;
	void *of;
	struct kith_slice text;
	unsigned code, links;	/* depth */
	struct kith_buf target, label; /* of the outermost link */
};

static void found(struct finder *f, enum mention_kind kind,
		  struct kith_slice target, struct kith_slice label)
{
	struct kith_slice whole = target.n ? target : label;
	struct mention m = { .kind = kind, .target = target, .label = label };

	/* Some texts are md4c's own. */
	if (whole.p >= f->text.p && whole.p < f->text.p + f->text.n) {
		m.at = (size_t)(whole.p - f->text.p);
		m.n = whole.n;
	}
	f->fn(f->of, &m);
}

/* --- links --- */

struct kith_slice mention_id(struct kith_slice target)
{
	const uint8_t *end = memchr(target.p, '?', target.n);

	return (struct kith_slice){ target.p, end ? (size_t)(end - target.p)
						  : target.n };
}

static bool is_sigil(uint8_t c)
{
	return c == '@' || c == '&' || c == '%';
}

static bool is_id(struct kith_slice s)
{
	struct kith_ref ref;

	return s.n && is_sigil(s.p[0]) && !kith_ref_parse(s, &ref, NULL);
}

static void link_ends(struct finder *f)
{
	struct kith_slice target = kith_bytes(&f->target);
	struct kith_slice label = kith_bytes(&f->label);
	const struct kith_slice nothing = { NULL, 0 };
	char channel[CHANNEL_TEXT_BYTES];

	if (label.n && label.p[0] == '@') {
		label.p++;
		label.n--;
	}
	if (target.n && is_id(mention_id(target)))
		found(f, MENTION_LINK, target, label);
	else if (target.n && target.p[0] == '#' &&
		 channel_normalize(target, channel))
		found(f, MENTION_CHANNEL, target, nothing);
}

/* --- text --- */

static bool is_space(uint8_t c)
{
	return c == ' ' || c == '\n' || c == '\t' || c == '\r';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static bool is_digit(uint8_t c)
{
	return c >= '0' && c <= '9';
}

static bool is_name_char(uint8_t c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c >= 0x80;
}

static bool is_id_char(uint8_t c)
{
	return is_letter(c) || is_digit(c) || c == '+' || c == '/' ||
	       c == '=' || c == '.';
}

static bool ends_channel(uint8_t c)
{
	return is_space(c) || (c && strchr(",.()[]\"?!<>'`^#", c));
}

static bool is_emoji_char(uint8_t c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '-' || c == '+';
}

static struct kith_slice inside(struct kith_slice s, size_t front, size_t back)
{
	return (struct kith_slice){ s.p + front, s.n - front - back };
}

/* What of s belongs to the token at its front; empty: none is there. */
static struct kith_slice id_in(struct kith_slice s)
{
	struct kith_slice id = { s.p, 1 };

	while (id.n < s.n && is_id_char(id.p[id.n]))
		id.n++;
	while (id.n > 1 && id.p[id.n - 1] == '.')
		id.n--;
	if (!is_id(id))
		id.n = 0;
	return id;
}

static struct kith_slice channel_in(struct kith_slice s)
{
	struct kith_slice tag = { s.p, 1 };

	if (s.n < 2 || is_digit(s.p[1]))
		return (struct kith_slice){ s.p, 0 };
	while (tag.n < s.n && !ends_channel(tag.p[tag.n]))
		tag.n++;
	while (tag.n > 1 && strchr(":;*_~", tag.p[tag.n - 1]))
		tag.n--;
	/* As everywhere, one letter is no channel in a text. */
	tag.n = tag.n > 2 ? tag.n : 0;
	return tag;
}

/* With its colons. */
static struct kith_slice emoji_in(struct kith_slice s)
{
	struct kith_slice name = { s.p, 1 };
	bool letter = false;

	for (; name.n < s.n && is_emoji_char(s.p[name.n]); name.n++)
		letter |= is_letter(s.p[name.n]);
	letter = letter && name.n < s.n && s.p[name.n] == ':';
	name.n = letter ? name.n + 1 : 0;
	return name;
}

/* Dashes, quotation marks and dots: U+2000 to U+207F. */
static bool is_quote_at(struct kith_slice s)
{
	return s.n > 2 && s.p[0] == 0xe2 && (s.p[1] == 0x80 || s.p[1] == 0x81);
}

/* With its @. */
static struct kith_slice name_in(struct kith_slice s)
{
	struct kith_slice name = { s.p, 1 };

	while (name.n < s.n && is_name_char(s.p[name.n]) &&
	       !is_quote_at(inside(s, name.n, 0)) &&
	       name.n <= MENTIONS_NAME_BYTES_MAX)
		name.n++;
	while (name.n > 1 && name.p[name.n - 1] == '-')
		name.n--;
	name.n = name.n > 1 ? name.n : 0;
	return name;
}

/* Whether a token may begin behind this byte. */
static bool may_begin(const struct finder *f, const uint8_t *p)
{
	uint8_t before;

	if (p <= f->text.p || p > f->text.p + f->text.n)
		return true;
	before = p[-1];
	return !is_name_char(before) && before != '\\' && before != '/' &&
	       before != '&';
}

/* Looks at what begins at the front of s; gives how many bytes it takes. */
static size_t token(struct finder *f, struct kith_slice s)
{
	const struct kith_slice nothing = { NULL, 0 };
	struct kith_slice t = { s.p, 0 };

	if (is_sigil(*s.p)) {
		t = id_in(s);
		if (t.n)
			found(f, MENTION_LINK, t, nothing);
	}
	if (*s.p == '@' && !t.n) {
		t = name_in(s);
		if (t.n)
			found(f, MENTION_NAME, nothing, inside(t, 1, 0));
	}
	if (*s.p == '#') {
		t = channel_in(s);
		if (t.n)
			found(f, MENTION_CHANNEL, t, nothing);
	}
	if (*s.p == ':') {
		t = emoji_in(s);
		if (t.n)
			found(f, MENTION_EMOJI, nothing, inside(t, 1, 1));
	}
	return t.n ? t.n : 1;
}

static void look_at(struct finder *f, struct kith_slice s)
{
	size_t n;

	while (s.n) {
		n = 1;
		if ((is_sigil(*s.p) || *s.p == '#' || *s.p == ':') &&
		    may_begin(f, s.p))
			n = token(f, s);
		s.p += n;
		s.n -= n;
	}
}

/* --- md4c's calls --- */

static int block_enter(MD_BLOCKTYPE type, void *detail, void *of)
{
	struct finder *f = of;

	(void)detail;
	f->code += type == MD_BLOCK_CODE;
	return 0;
}

static int block_leave(MD_BLOCKTYPE type, void *detail, void *of)
{
	struct finder *f = of;

	(void)detail;
	f->code -= type == MD_BLOCK_CODE;
	return 0;
}

static int span_enter(MD_SPANTYPE type, void *detail, void *of)
{
	const MD_ATTRIBUTE *to = NULL;
	struct finder *f = of;

	f->code += type == MD_SPAN_CODE;
	if (type == MD_SPAN_A)
		to = &((MD_SPAN_A_DETAIL *)detail)->href;
	if (type == MD_SPAN_IMG)
		to = &((MD_SPAN_IMG_DETAIL *)detail)->src;
	if (to && !f->links++) {
		kith_buf_reset(&f->target);
		kith_buf_reset(&f->label);
		kith_buf_put(&f->target, (struct kith_slice){
				(const uint8_t *)to->text, to->size });
	}
	return 0;
}

static int span_leave(MD_SPANTYPE type, void *detail, void *of)
{
	struct finder *f = of;

	(void)detail;
	f->code -= type == MD_SPAN_CODE;
	if ((type == MD_SPAN_A || type == MD_SPAN_IMG) && !--f->links)
		link_ends(f);
	return 0;
}

static int text_piece(MD_TEXTTYPE type, const MD_CHAR *p, MD_SIZE n, void *of)
{
	struct kith_slice s = { (const uint8_t *)p, n };
	struct finder *f = of;

	if (f->links)
		kith_buf_put(&f->label, type == MD_TEXT_BR ||
					type == MD_TEXT_SOFTBR ?
						KITH_SLICE(" ") : s);
	else if (type == MD_TEXT_NORMAL && !f->code)
		look_at(f, s);
	return 0;
}

bool mentions_find(struct kith_slice text, mentions_fn *fn, void *of)
{
	static const uint8_t room[BEHIND_BYTES] = { '\n' };
	static const MD_PARSER parser = {
		.flags = MD_FLAG_NOHTML | MD_FLAG_TABLES |
			 MD_FLAG_STRIKETHROUGH | MD_FLAG_TASKLISTS |
			 MD_FLAG_PERMISSIVEURLAUTOLINKS,
		.enter_block = block_enter,
		.leave_block = block_leave,
		.enter_span = span_enter,
		.leave_span = span_leave,
		.text = text_piece,
	};
	struct kith_buf copy = { .limit = MENTIONS_TEXT_BYTES_MAX +
					  sizeof(room) };
	struct finder f = { .fn = fn, .of = of,
			    .target.limit = LABEL_BYTES_MAX,
			    .label.limit = LABEL_BYTES_MAX };
	bool ok;

	kith_buf_put(&copy, text);
	kith_buf_put(&copy, (struct kith_slice){ room, sizeof(room) });
	f.text = (struct kith_slice){ copy.p, text.n + 1 };
	ok = !copy.err && !md_parse((const char *)copy.p, (MD_SIZE)text.n + 1,
				    &parser, &f);
	kith_buf_free(&f.target);
	kith_buf_free(&f.label);
	kith_buf_free(&copy);
	return ok;
}

/* --- the list of a message --- */

struct list {
	struct kith_buf *out, one;
	size_t start;
};

static void write_link(struct kith_buf *b, const struct mention *m)
{
	const struct kith_slice unbox = KITH_SLICE("?unbox=");
	struct kith_slice id = mention_id(m->target), rest;

	rest = (struct kith_slice){ id.p + id.n, m->target.n - id.n };
	kith_buf_text(b, "{\"link\":");
	json_put_string(b, id);
	if (rest.n > unbox.n && rest.n < UNBOX_BYTES_MAX &&
	    !memcmp(rest.p, unbox.p, unbox.n)) {
		kith_buf_text(b, ",\"query\":{\"unbox\":");
		json_put_string(b, inside(rest, unbox.n, 0));
		kith_buf_byte(b, '}');
	}
	if (m->label.n) {
		kith_buf_text(b, ",\"name\":");
		json_put_string(b, m->label);
	}
	kith_buf_byte(b, '}');
}

static void write_one(struct kith_buf *b, const struct mention *m)
{
	if (m->kind == MENTION_LINK)
		write_link(b, m);
	if (m->kind == MENTION_CHANNEL) {
		kith_buf_text(b, "{\"link\":");
		json_put_string(b, m->target);
		kith_buf_byte(b, '}');
	}
	if (m->kind == MENTION_EMOJI) {
		kith_buf_text(b, "{\"emoji\":true,\"name\":");
		json_put_string(b, m->label);
		kith_buf_byte(b, '}');
	}
}

static bool is_listed(const struct list *l, struct kith_slice one)
{
	struct kith_slice had, all = { l->out->p + l->start,
				       l->out->n - l->start };
	size_t at = 0;

	while (json_next_element(all, &at, &had))
		if (kith_equal(had, one))
			return true;
	return false;
}

static void list_one(void *of, const struct mention *m)
{
	struct list *l = of;

	kith_buf_reset(&l->one);
	write_one(&l->one, m);
	if (!l->one.n || is_listed(l, kith_bytes(&l->one)))
		return;
	if (l->out->p[l->out->n - 1] != '[')
		kith_buf_byte(l->out, ',');
	kith_buf_put(l->out, kith_bytes(&l->one));
}

bool mentions_write(struct kith_slice text, struct kith_buf *out)
{
	struct list l = { .out = out, .start = out->n,
			  .one.limit = MENTIONS_TEXT_BYTES_MAX };
	bool ok;

	kith_buf_byte(out, '[');
	ok = !out->err && mentions_find(text, list_one, &l) && !l.one.err;
	kith_buf_byte(out, ']');
	kith_buf_free(&l.one);
	return ok && !out->err;
}
