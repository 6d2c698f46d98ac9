#include "src/views/search_text.h"

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/content.h"

enum { ID_CHARACTERS = 43, TARGET_BYTES_MAX = 2048, MENTIONS_MAX = 256 };

static const char *const types[] = { "post", "post-edit", "about", "blog",
				     "gathering" };
static const char *const members[] = { "contentWarning", "name", "title",
				       "summary", "description", "text" };
static const char *const schemes[] = { "http://", "https://", "ssb:", "ftp://",
				       "mailto:", "magnet:", "data:" };

static bool is_space(uint8_t c)
{
	return c <= ' ';
}

static bool is_base64(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '=';
}

static bool is_letter(uint8_t c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || c >= 0x80;
}

static bool begins(struct kith_slice s, const char *word)
{
	size_t n = strlen(word);

	return s.n >= n && !memcmp(s.p, word, n);
}

/* Bytes of the address at the front of s, to where one ends in running text;
 * 0: there is none. */
static size_t address_length(struct kith_slice s)
{
	size_t n = 0;

	for (size_t i = 0; i < sizeof(schemes) / sizeof(*schemes) && !n; i++)
		if (begins(s, schemes[i]))
			n = strlen(schemes[i]);
	for (; n && n < s.n && !is_space(s.p[n]) && !strchr("<>\"]|)", s.p[n]);
	     n++)
		;
	return n;
}

/* The same of an id. */
static size_t id_length(struct kith_slice s)
{
	size_t n = 1;

	if (!s.n || (s.p[0] != '@' && s.p[0] != '%' && s.p[0] != '&'))
		return 0;
	while (n < s.n && is_base64(s.p[n]))
		n++;
	if (n <= ID_CHARACTERS)
		return 0;
	while (n < s.n && (is_base64(s.p[n]) || strchr(".?-_", s.p[n])))
		n++;
	return n;
}

/* The same of "](target)", of which nothing is a word. */
static size_t target_length(struct kith_slice s)
{
	size_t n = 2, open = 1;

	if (!begins(s, "]("))
		return 0;
	for (; n < s.n && n < TARGET_BYTES_MAX && open; n++) {
		if (s.p[n] == '\n')
			return 0;
		open += s.p[n] == '(';
		open -= s.p[n] == ')';
	}
	return open ? 0 : n;
}

static size_t skipped(struct kith_slice s, bool in_word)
{
	size_t n = target_length(s);

	if (!n && !in_word)
		n = address_length(s);
	return n ? n : id_length(s);
}

static bool is_mark(uint8_t c)
{
	return c == '*' || c == '`' || c == '[' || c == ']' || c == '\\';
}

/* What stood before the next character, in rising order. */
enum gap { GAP_NONE, GAP_SPACE, GAP_TAKEN_OUT };

static void put_gap(struct kith_buf *out, size_t start, enum gap gap, uint8_t c)
{
	if (out->n == start || !gap)
		return;
	if (gap == GAP_TAKEN_OUT &&
	    (strchr(".,;:!?)", c) || out->p[out->n - 1] == '('))
		return;
	kith_buf_byte(out, ' ');
}

/* Text that needs nothing done to it is the most of all. */
static size_t plain_length(struct kith_slice s)
{
	size_t n = 0;

	while (n < s.n && (is_letter(s.p[n]) || s.p[n] == '.' || s.p[n] == ','))
		n++;
	return n;
}

static void put_words(struct kith_slice s, struct kith_buf *out)
{
	size_t start = out->n, n;
	enum gap gap = GAP_NONE;
	bool in_word = false;

	while (s.n && !out->err) {
		n = skipped(s, in_word);
		if (n || is_mark(s.p[0])) {
			gap = GAP_TAKEN_OUT;
			n = n ? n : 1;
			in_word = false;
		} else if (is_space(s.p[0])) {
			gap = gap ? gap : GAP_SPACE;
			n = 1;
			in_word = false;
		} else {
			put_gap(out, start, gap, s.p[0]);
			gap = GAP_NONE;
			n = plain_length(s);
			in_word = n;
			n = n ? n : 1;
			kith_buf_put(out, (struct kith_slice){ s.p, n });
		}
		s = (struct kith_slice){ s.p + n, s.n - n };
	}
}

static bool says_words(struct kith_slice content)
{
	struct kith_slice type;

	if (json_kind(content) != JSON_KIND_OBJECT)
		return false;
	type = json_get(content, "type");
	for (size_t i = 0; i < sizeof(types) / sizeof(*types); i++)
		if (json_is(type, types[i]))
			return true;
	return false;
}

static bool is_member(struct kith_slice key)
{
	for (size_t i = 0; i < sizeof(members) / sizeof(*members); i++)
		if (json_is(key, members[i]))
			return true;
	return false;
}

void search_text(struct kith_slice content, struct kith_buf *out,
		 struct kith_buf *scratch)
{
	struct kith_slice key, value, text;
	size_t at = 0, start = out->n;

	if (!says_words(content))
		return;
	while (json_next_member(content, &at, &key, &value)) {
		if (!is_member(key) || json_kind(value) != JSON_KIND_STRING)
			continue;
		text = json_plain(value);
		kith_buf_reset(scratch);
		if (!text.n && json_unescape(value, scratch))
			text = kith_bytes(scratch);
		if (text.n && out->n > start)
			kith_buf_byte(out, '\n');
		put_words(text, out);
	}
}

/* --- where and by whom it is said --- */

/* A link: a text, or an object whose link is one. */
static struct kith_slice link_text(struct kith_slice value)
{
	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	return json_plain(value);
}

/* Step 0 is the member channel, those behind it are mentions. */
bool search_channel_next(struct kith_slice content, size_t *step, char *name,
			 size_t *n)
{
	struct kith_slice mentions, item, text;
	size_t at = 0, i = 1;

	if (!*step) {
		++*step;
		*n = content_channel(json_get(content, "channel"), name);
		if (*n)
			return true;
	}
	mentions = json_get(content, "mentions");
	while (i <= MENTIONS_MAX && json_next_element(mentions, &at, &item)) {
		if (i++ < *step)
			continue;
		*step = i;
		text = link_text(item);
		*n = text.n && text.p[0] == '#' ? channel_normalize(text, name)
						: 0;
		if (*n)
			return true;
	}
	return false;
}

void search_put_channel(struct kith_buf *out, struct kith_slice name)
{
	kith_buf_byte(out, 'c');
	kith_buf_hex(out, name);
}

void search_put_author(struct kith_buf *out, uint32_t feed_number)
{
	kith_buf_byte(out, 'a');
	kith_buf_uint(out, feed_number);
}
