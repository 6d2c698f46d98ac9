#include "tools/pick/named.h"

#include "feeds/ref.h"
#include "src/views/private.h"
#include "src/views/social.h"
#include "tools/pick/select.h"

enum { LINE_BYTES_MAX = 512 };

/* --- what a name stands for --- */

/* Those that the viewer himself calls so: what he says of them is how they are
 * called to him. */
static void keep_own(struct txn *t, const struct viewer *v,
		     struct name_feeds *found)
{
	struct name_feeds own = { 0 };
	struct about_word word;
	struct abouts a;

	for (size_t i = 0; i < found->count; i++) {
		const struct kith_ref of = { .kind = KITH_REF_FEED,
					     .feed = found->feed[i] };
		struct kith_buf name = { .limit = NAME_BYTES_MAX };

		abouts_start(&a, t, v, &of, KITH_SLICE("name"));
		if (about_by(&a, &v->self, &word) &&
		    name_clean(word.value, &name))
			own.feed[own.count++] = of.feed;
		kith_buf_free(&name);
	}
	if (own.count)
		*found = own;
}

static void keep_known(struct txn *t, const struct viewer *v,
		       struct social **known, struct name_feeds *found,
		       struct kith_slice name)
{
	struct name_feeds near;

	if (!*known && social_open(known, t, &v->self, NAMED_HOPS))
		return;
	names_find(t, v, *known, name, &near);
	if (near.count)
		*found = near;
}

void named_find(struct txn *t, const struct viewer *v, struct social **known,
		struct kith_slice name, struct name_feeds *out)
{
	names_find(t, v, NULL, name, out);
	if (out->count > 1 && v->known)
		keep_own(t, v, out);
	if (out->count > 1 && v->known)
		keep_known(t, v, known, out, name);
}

/* --- a look at the store --- */

int look_begin(struct look *l, struct tool *t)
{
	int code;

	memset(l, 0, sizeof(*l));
	code = tool_open(t, NEEDS_SELF | NEEDS_VIEWS);
	if (code)
		return code;
	if (store_read(t->store, &l->txn))
		return tool_fail(EXIT_UNREADABLE, "the store cannot be read");
	if (viewer_start(&l->viewer, l->txn, &t->self))
		return tool_fail(EXIT_FAILED, "out of memory");
	return EXIT_DONE;
}

int look_private(struct look *l, struct tool *t)
{
	int code;

	memset(l, 0, sizeof(*l));
	code = tool_open(t, NEEDS_KEYS);
	if (!code)
		code = look_begin(l, t);
	if (!code && viewer_sees_private(&l->viewer, t->keys))
		code = tool_fail(EXIT_FAILED, "out of memory");
	return code;
}

void look_end(struct look *l)
{
	viewer_end(&l->viewer);
	if (l->txn)
		txn_end(l->txn);
	l->txn = NULL;
}

/* --- whom a person means --- */

void named_put(struct look *l, const struct kith_feed_id *feed,
	       struct kith_buf *out)
{
	char id[KITH_REF_TEXT_BYTES];

	if (name_of_feed(l->txn, &l->viewer, feed, out))
		kith_buf_byte(out, ' ');
	kith_feed_print(feed, id);
	kith_buf_text(out, id);
}

static int list(struct look *l, struct kith_slice name,
		const struct name_feeds *found)
{
	struct kith_buf line = { .limit = LINE_BYTES_MAX };

	tool_note("%s%zu feeds are called %.*s; say which, by its id:",
		  found->count == NAME_FEEDS_MAX ? "at least " : "",
		  found->count, (int)name.n, (const char *)name.p);
	for (size_t i = 0; i < found->count; i++) {
		kith_buf_reset(&line);
		named_put(l, &found->feed[i], &line);
		kith_buf_byte(&line, '\0');
		if (!line.err)
			tool_note("  %s", (const char *)line.p);
	}
	kith_buf_free(&line);
	return EXIT_NOT_FOUND;
}

static void find(struct look *l, const struct viewer *v, struct kith_slice name,
		 struct name_feeds *out)
{
	struct social *known = NULL;

	named_find(l->txn, v, &known, name, out);
	social_close(known);
}

static void add(struct name_feeds *found, const struct kith_feed_id *feed)
{
	for (size_t i = 0; i < found->count; i++)
		if (kith_feed_equal(&found->feed[i], feed))
			return;
	if (found->count < NAME_FEEDS_MAX)
		found->feed[found->count++] = *feed;
}

/* "name:" in front says what it is anyway. */
static struct kith_slice bare(struct kith_slice text)
{
	struct kith_slice word = KITH_SLICE("name:");

	if (text.n > word.n && !memcmp(text.p, word.p, word.n))
		text = (struct kith_slice){ text.p + word.n, text.n - word.n };
	return text;
}

/* A name that is the start of another's id means neither. */
static bool is_one(struct look *l, struct kith_slice text,
		   struct name_feeds *found, struct kith_feed_id *out)
{
	struct kith_feed_id begins;

	found->count = 0;
	if (!kith_feed_parse(text, out))
		return true;
	find(l, &l->viewer, text, found);
	if (select_feed_begins(l->txn, text, &begins))
		add(found, &begins);
	if (found->count == 1)
		*out = found->feed[0];
	return found->count == 1;
}

int named_feed(struct look *l, struct kith_slice text, const char *what,
	       struct kith_feed_id *out)
{
	struct name_feeds found;

	text = bare(text);
	if (is_one(l, text, &found, out))
		return EXIT_DONE;
	if (found.count)
		return list(l, text, &found);
	return tool_fail(EXIT_NOT_FOUND, "nobody here is called %.*s%s",
			 (int)text.n, (const char *)text.p, what);
}

int named_or_blocked(struct look *l, struct kith_slice text,
		     struct kith_feed_id *out)
{
	const struct viewer nobody = { 0 };
	struct name_feeds found;

	text = bare(text);
	if (is_one(l, text, &found, out))
		return EXIT_DONE;
	if (!found.count)
		find(l, &nobody, text, &found);
	if (found.count > 1)
		return list(l, text, &found);
	if (!found.count)
		return tool_fail(EXIT_NOT_FOUND, "nobody here is called "
				 "%.*s" NAMED_NEITHER, (int)text.n,
				 (const char *)text.p);
	*out = found.feed[0];
	return EXIT_DONE;
}
