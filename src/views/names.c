#include "src/views/names.h"

#include "feeds/json.h"

/* Raw text of a message's string is at most a message. */
enum { TEXT_BYTES_MAX = KITH_MSG_CANON_BYTES_MAX };

/* --- how a name looks --- */

/* One character of valid UTF-8 at the front of s, which is not empty. */
static uint32_t take_character(struct kith_slice *s)
{
	const uint8_t *p = s->p;
	size_t n = p[0] < 0x80 ? 1 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : 4;
	uint32_t c = n == 1 ? p[0] : p[0] & (0x7fu >> n);

	if (n > s->n)
		n = s->n;
	for (size_t i = 1; i < n; i++)
		c = c << 6 | (p[i] & 0x3f);
	s->p += n;
	s->n -= n;
	return c;
}

static bool is_space(uint32_t c)
{
	return c == ' ' || (c >= 0x09 && c <= 0x0d) || c == 0x85 ||
	       c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) ||
	       c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
	       c == 0x3000;
}

/* What cannot be seen, or turns around what is beside it. */
static bool is_unseen(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0xad ||
	       c == 0x61c || c == 0x180e || (c >= 0x200b && c <= 0x200f) ||
	       (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x206f) ||
	       c == 0xfeff || (c >= 0xfff9 && c <= 0xfffb) ||
	       (c >= 0xe0000 && c <= 0xe0fff);
}

static void clean(struct kith_slice text, struct kith_buf *out)
{
	size_t units = 0, began = out->n;
	bool gap = false;

	while (text.n) {
		struct kith_slice rest = text;
		uint32_t c = take_character(&rest);
		size_t more = c > 0xffff ? 2 : 1;
		struct kith_slice one = { text.p, text.n - rest.n };

		text = rest;
		if (is_space(c)) {
			gap = out->n > began;
			continue;
		}
		if (is_unseen(c) || (c == '@' && out->n == began))
			continue;
		units += more + gap;
		if (units > NAME_UNITS_MAX)
			return;
		if (gap)
			kith_buf_byte(out, ' ');
		gap = false;
		kith_buf_put(out, one);
	}
}

bool name_clean(struct kith_slice value, struct kith_buf *out)
{
	uint8_t bytes[TEXT_BYTES_MAX];
	/* As long as its limit, so it takes no other memory. */
	struct kith_buf text = { .p = bytes, .cap = sizeof(bytes),
				 .limit = sizeof(bytes) };
	struct kith_slice plain = json_plain(value);
	size_t began = out->n;

	if (!plain.n && json_unescape(value, &text))
		plain = kith_bytes(&text);
	clean(plain, out);
	return out->n > began;
}

/* --- what is of use --- */

static bool is_name(struct kith_slice value)
{
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	bool yes = name_clean(value, &name);

	kith_buf_free(&name);
	return yes;
}

static bool is_text(struct kith_slice value)
{
	return json_units(value) > 0;
}

/* A query behind the id (blobs that are encrypted) is not part of it. */
static bool read_blob(struct kith_slice value, struct kith_blob_id *out)
{
	struct kith_slice text = json_plain(about_essence(value));
	const uint8_t *query = text.n ? memchr(text.p, '?', text.n) : NULL;

	if (query)
		text.n = (size_t)(query - text.p);
	return !kith_blob_parse(text, out);
}

static bool is_blob(struct kith_slice value)
{
	struct kith_blob_id id;

	return read_blob(value, &id);
}

static bool resolve(struct txn *t, const struct viewer *v,
		    const struct kith_ref *of, struct kith_slice member,
		    about_use_fn *use, struct about_word *out)
{
	struct abouts a;

	abouts_start(&a, t, v, of, member);
	return about_resolve(&a, ABOUT_FOLLOWED, use, out);
}

bool name_of(struct txn *t, const struct viewer *v, const struct kith_ref *of,
	     struct kith_buf *out)
{
	struct about_word word;

	return resolve(t, v, of, KITH_SLICE("name"), is_name, &word) &&
	       name_clean(word.value, out);
}

bool name_of_feed(struct txn *t, const struct viewer *v,
		  const struct kith_feed_id *feed, struct kith_buf *out)
{
	const struct kith_ref of = { .kind = KITH_REF_FEED, .feed = *feed };

	return name_of(t, v, &of, out);
}

bool description_of(struct txn *t, const struct viewer *v,
		    const struct kith_ref *of, struct kith_buf *out)
{
	struct about_word word;

	return resolve(t, v, of, KITH_SLICE("description"), is_text, &word) &&
	       json_unescape(word.value, out);
}

bool image_of(struct txn *t, const struct viewer *v, const struct kith_ref *of,
	      struct kith_blob_id *out)
{
	struct about_word word;

	return resolve(t, v, of, KITH_SLICE("image"), is_blob, &word) &&
	       read_blob(word.value, out);
}

bool title_of(struct txn *t, const struct viewer *v, const struct kith_ref *of,
	      struct kith_buf *out)
{
	struct about_word word;
	struct abouts a;

	abouts_start(&a, t, v, of, KITH_SLICE("title"));
	return about_latest(&a, is_name, &word) &&
	       name_clean(word.value, out);
}

enum about_rule named_by(struct txn *t, const struct viewer *v,
			 const struct kith_ref *of, struct kith_slice member,
			 struct about_word *out)
{
	static const struct {
		const char *member;
		about_use_fn *use;
		bool newest;
	} known[] = {
		{ "name", is_name, false }, { "description", is_text, false },
		{ "image", is_blob, false }, { "title", is_name, true },
	};
	bool newest = of->kind == KITH_REF_MSG;
	about_use_fn *use = NULL;
	struct abouts a;

	for (size_t i = 0; i < sizeof(known) / sizeof(*known); i++) {
		if (!kith_equal(member, kith_text(known[i].member)))
			continue;
		use = known[i].use;
		newest = known[i].newest;
	}
	abouts_start(&a, t, v, of, member);
	if (!newest)
		return about_rule(&a, ABOUT_FOLLOWED, use, out);
	return about_latest(&a, use, out) ? ABOUT_RULE_NEWEST
					  : ABOUT_RULE_NONE;
}
