#include "tools/pick/select_find.h"

#include <stdio.h>

#include "feeds/base64.h"
#include "src/store/local.h"
#include "src/store/scan.h"
#include "src/views/contacts.h"
#include "src/views/social.h"
#include "tools/pick/ids.h"
#include "tools/pick/named.h"
#include "tools/pick/select.h"
#include "tools/tool.h"

enum { PREFIX_BYTES_MAX = 8 };

/* --- candidates ----------------------------------------------------------- */

/* Ids that a text may mean, gathered while looking. */
struct candidates {
	struct kith_slice prefix; /* with its sigil */
	size_t count;
	char text[SELECT_CANDIDATES_MAX][KITH_REF_TEXT_BYTES];
};

static bool begins(struct kith_slice text, struct kith_slice prefix)
{
	return text.n >= prefix.n && !memcmp(text.p, prefix.p, prefix.n);
}

static void add(struct candidates *c, const char *text)
{
	for (size_t i = 0; i < c->count && i < SELECT_CANDIDATES_MAX; i++)
		if (!strcmp(c->text[i], text))
			return;
	if (c->count < SELECT_CANDIDATES_MAX)
		snprintf(c->text[c->count], KITH_REF_TEXT_BYTES, "%s", text);
	c->count++;
}

static bool consider(struct candidates *c, const char *text)
{
	if (!begins(kith_text(text), c->prefix))
		return false;
	add(c, text);
	return true;
}

/* Listings cut ids with an ellipsis: it may come back with them. */
static struct kith_slice without_ellipsis(struct kith_slice s)
{
	struct kith_slice dots = KITH_SLICE("…");

	if (s.n >= dots.n && !memcmp(s.p + s.n - dots.n, dots.p, dots.n))
		s.n -= dots.n;
	return s;
}

static int list(const struct candidates *c)
{
	for (size_t i = 0; i < c->count && i < SELECT_CANDIDATES_MAX; i++)
		tool_note("  %s", c->text[i]);
	if (c->count > SELECT_CANDIDATES_MAX)
		tool_note("  and %zu others", c->count - SELECT_CANDIDATES_MAX);
	return EXIT_NOT_FOUND;
}

static int check_messages(const struct candidates *c)
{
	int n = (int)c->prefix.n;
	const char *p = (const char *)c->prefix.p;

	if (c->count == 1)
		return EXIT_DONE;
	if (!c->count)
		return tool_fail(EXIT_NOT_FOUND, "no message here begins with "
				 "%.*s; `kith log` lists what is", n, p);
	tool_note("%zu messages begin with %.*s; type more of it:", c->count,
		  n, p);
	return list(c);
}

static bool is_prefix(struct kith_slice text)
{
	return text.n > SELECT_PREFIX_MIN;
}

static int too_short(struct kith_slice prefix)
{
	return tool_fail(EXIT_MISUSED, "%.*s is no message id, and a prefix of "
			 "one has %d characters or more", (int)prefix.n,
			 (const char *)prefix.p, SELECT_PREFIX_MIN);
}

/* --- feeds ---------------------------------------------------------------- */

static void consider_feed(struct candidates *c, const struct kith_feed_id *id,
			  struct kith_feed_id *out)
{
	char name[KITH_REF_TEXT_BYTES];

	kith_feed_print(id, name);
	if (consider(c, name))
		*out = *id;
}

/* Feeds that are here, those that somebody here follows or blocks, and peers
 * whose address is known. */
static void consider_feeds(struct candidates *c, struct txn *t,
			   struct kith_feed_id *out)
{
	struct kith_feed_id peer = { .format = KITH_CLASSIC };
	struct address_row address = { 0 };
	struct contact contact = { 0 };
	struct feed_row row;
	uint32_t number = 0;

	while (feed_next(t, &number, &row))
		consider_feed(c, &row.id, out);
	while (contacts_next(t, &contact))
		consider_feed(c, &contact.to, out);
	while (address_row_next(t, &address)) {
		memcpy(peer.b, address.key, sizeof(peer.b));
		consider_feed(c, &peer, out);
	}
}

bool select_feed_begins(struct txn *t, struct kith_slice text,
			struct kith_feed_id *out)
{
	struct candidates c = { .prefix = without_ellipsis(text) };

	if (!kith_feed_parse(text, out))
		return true;
	if (!is_prefix(c.prefix) || c.prefix.p[0] != '@')
		return false;
	consider_feeds(&c, t, out);
	return c.count == 1;
}

static void consider_names(struct candidates *c, struct txn *t,
			   const struct viewer *v, struct kith_slice name,
			   struct kith_feed_id *out)
{
	char id[KITH_REF_TEXT_BYTES];
	struct social *known = NULL;
	struct name_feeds found;

	named_find(t, v, &known, name, &found);
	social_close(known);
	for (size_t i = 0; i < found.count; i++) {
		kith_feed_print(&found.feed[i], id);
		add(c, id);
		*out = found.feed[i];
	}
}

/* Where nobody else is called so: those whom the viewer blocks. */
static void consider_blocked(struct candidates *c, struct txn *t,
			     struct kith_slice name, struct kith_feed_id *out)
{
	const struct viewer nobody = { 0 };

	if (!c->count)
		consider_names(c, t, &nobody, name, out);
}

/* Those that have this name, or whose ids begin so; a name that is the start of
 * another's id means neither.  is_name: it is no id. */
static void find_named(struct candidates *c, struct txn *t,
		       const struct viewer *v, bool is_name,
		       struct kith_feed_id *out)
{
	struct kith_slice name = c->prefix;

	c->prefix = without_ellipsis(name);
	if (!is_name && is_prefix(c->prefix))
		consider_feeds(c, t, out);
	if (!is_name)
		name = (struct kith_slice){ name.p + 1, name.n - 1 };
	if (!name.n)
		return;
	consider_names(c, t, v, name, out);
	consider_blocked(c, t, name, out);
	c->prefix = name;
}

static int check_feeds(const struct candidates *c, bool is_name)
{
	int n = (int)c->prefix.n;
	const char *p = (const char *)c->prefix.p;

	if (c->count == 1)
		return EXIT_DONE;
	if (!c->count)
		return tool_fail(EXIT_NOT_FOUND, "no feed here is called "
				 "%.*s%s", n, p,
				 is_name ? "; `kith whois` finds names"
					 : NAMED_NEITHER);
	tool_note("%zu feeds are called %.*s, or their ids begin so; say "
		  "which, by its id:", c->count, n, p);
	return list(c);
}

int find_feed(struct txn *t, const struct viewer *v, struct kith_slice text,
	      struct kith_feed_id *out, bool *found)
{
	struct kith_slice word = KITH_SLICE("name:");
	bool is_name = begins(text, word);
	struct candidates c = { .prefix = text };
	char sigil[FIND_TEXT_BYTES];

	if (found)
		*found = true;
	if (ids_feed_read(text, out))
		return EXIT_DONE;
	if (find_sigil(text, sigil))
		c.prefix = kith_text(sigil);
	if (is_name)
		c.prefix = (struct kith_slice){ text.p + word.n,
						text.n - word.n };
	else if (!c.prefix.n || c.prefix.p[0] != '@')
		return tool_fail(EXIT_MISUSED, "%.*s is no feed: one is "
				 "@ID, enough of that, or @NAME", (int)text.n,
				 (const char *)text.p);
	find_named(&c, t, v, is_name, out);
	if (found)
		*found = c.count;
	return found && !c.count ? EXIT_DONE : check_feeds(&c, is_name);
}

/* --- messages ------------------------------------------------------------- */

/* The whole bytes that the base64 behind a sigil spells so far. */
static size_t prefix_bytes(struct kith_slice prefix,
			   uint8_t out[static PREFIX_BYTES_MAX])
{
	char whole[BASE64_CHARS(KITH_ID_BYTES) + 1];
	uint8_t id[KITH_ID_BYTES];
	size_t chars = prefix.n - 1, n;

	memset(whole, 'A', sizeof(whole));
	whole[sizeof(whole) - 2] = '=';
	if (chars > sizeof(whole) - 3)
		chars = sizeof(whole) - 3;
	memcpy(whole, prefix.p + 1, chars);
	if (!base64_decode((struct kith_slice){ (const uint8_t *)whole,
						sizeof(whole) - 1 },
			   id, sizeof(id)))
		return 0;
	n = chars * 6 / 8;
	n = n < PREFIX_BYTES_MAX ? n : PREFIX_BYTES_MAX;
	memcpy(out, id, n);
	return n;
}

static int message_by_prefix(struct txn *t, struct kith_slice text,
			     struct message_row *out)
{
	struct candidates c = { .prefix = without_ellipsis(text) };
	uint8_t bytes[PREFIX_BYTES_MAX];
	char name[KITH_REF_TEXT_BYTES];
	struct message_row row;
	struct kith_slice key;
	struct id_scan scan;

	if (!is_prefix(c.prefix))
		return too_short(c.prefix);
	key = (struct kith_slice){ bytes, prefix_bytes(c.prefix, bytes) };
	if (!key.n)
		return check_messages(&c);
	id_scan_start(&scan, t, key);
	while (id_scan_next(&scan, &row)) {
		kith_msg_print(&row.id, name);
		if (consider(&c, name))
			*out = row;
	}
	id_scan_end(&scan);
	return check_messages(&c);
}

static int message_by_id_of(struct txn *t, const struct kith_msg_id *id,
			    struct kith_slice text, struct message_row *out)
{
	return message_by_id(t, id, out)
		       ? EXIT_DONE
		       : tool_fail(EXIT_NOT_FOUND, "no message %.*s here",
				   (int)text.n, (const char *)text.p);
}

int find_message(struct txn *t, struct kith_slice text,
		 struct message_row *out)
{
	struct kith_msg_id id = { .format = KITH_CLASSIC };

	if (!kith_msg_parse(text, &id))
		return message_by_id_of(t, &id, text, out);
	if (text.n && text.p[0] == '%') {
		if (ids_spelled((struct kith_slice){ text.p + 1, text.n - 1 },
				id.b))
			return message_by_id_of(t, &id, text, out);
		return message_by_prefix(t, text, out);
	}
	return tool_fail(EXIT_MISUSED, "%.*s selects nothing: a feed is "
			 "@ID or @NAME, a message %%ID, a receive number rx:N",
			 (int)text.n, (const char *)text.p);
}

int select_message(struct txn *t, const char *text, struct message_row *out)
{
	struct kith_slice s = kith_text(text);
	struct kith_msg_id id;

	if (*text != '%' && kith_msg_parse(s, &id))
		return tool_fail(EXIT_MISUSED, "%s is no message: one is named "
				 "by its %%ID, or by enough of that", text);
	return find_message(t, s, out);
}

/* --- either --------------------------------------------------------------- */

int find_spelled(struct txn *t, struct kith_slice text, bool *is_feed,
		 struct kith_feed_id *feed, struct message_row *row)
{
	struct kith_msg_id id = { .format = KITH_CLASSIC };
	struct candidates c = { .prefix = text };
	char name[KITH_REF_TEXT_BYTES];
	struct feed_row of;

	feed->format = KITH_CLASSIC;
	if (!ids_spelled(text, id.b))
		return EXIT_MISUSED;
	memcpy(feed->b, id.b, sizeof(feed->b));
	if (message_by_id(t, &id, row)) {
		kith_msg_print(&id, name);
		add(&c, name);
	}
	*is_feed = feed_get(t, feed, &of);
	if (*is_feed) {
		kith_feed_print(feed, name);
		add(&c, name);
	}
	if (c.count == 1)
		return EXIT_DONE;
	if (!c.count)
		return tool_fail(EXIT_NOT_FOUND, "no feed and no message here "
				 "is %.*s", (int)text.n,
				 (const char *)text.p);
	tool_note("a feed and a message are %.*s; say which:", (int)text.n,
		  (const char *)text.p);
	return list(&c);
}

/* URIs spell two characters of base64 in their own way. */
static void plain_alphabet(char *text)
{
	for (; *text; text++) {
		if (*text == '-')
			*text = '+';
		if (*text == '_')
			*text = '/';
	}
}

bool find_sigil(struct kith_slice text, char out[static FIND_TEXT_BYTES])
{
	static const struct {
		const char *uri;
		char sigil;
	} kinds[] = { { "ssb:feed/classic/", '@' },
		      { "ssb:message/classic/", '%' } };

	for (size_t i = 0; i < 2; i++) {
		struct kith_slice front = kith_text(kinds[i].uri);
		size_t n = 1;

		if (!begins(text, front) || text.n >= FIND_TEXT_BYTES)
			continue;
		out[0] = kinds[i].sigil;
		memcpy(out + n, text.p + front.n, text.n - front.n);
		n += text.n - front.n;
		out[n] = '\0';
		plain_alphabet(out);
		return true;
	}
	return false;
}
