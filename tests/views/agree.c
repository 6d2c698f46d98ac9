#include "tests/views/agree.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/channels.h"
#include "src/views/names.h"
#include "src/views/votes.h"

enum { NAMES_MAX = 4096, CHANNELS_MAX = 4096 };

bool agree_differ(struct agree *a, const char *what, const struct kith_ref *of)
{
	char text[KITH_REF_TEXT_BYTES] = "", self[KITH_REF_TEXT_BYTES] = "";

	if (of)
		kith_ref_print_uri(of, text);
	if (a->viewer->known)
		kith_feed_print(&a->viewer->self, self);
	fprintf(stderr, "%s of %s differs for %s\n", what, text, self);
	a->differs = true;
	return false;
}

const struct kith_feed_id *agree_self(const struct agree *a)
{
	return a->viewer->known ? &a->viewer->self : NULL;
}

/* --- names --- */

/* What an author says, unless it is taken back or hidden. */
static struct kith_slice word_by(const struct agree *a,
				 const struct kith_feed_id *author,
				 const struct kith_ref *of, const char *member)
{
	const struct said *s = past_word(a->past, "about", author, of, member);
	struct kith_slice value = { 0 };

	if (s && !past_hides(a->past, agree_self(a), author))
		value = json_get(s->content, member);
	if (json_kind(value) == JSON_KIND_NULL ||
	    (json_kind(value) == JSON_KIND_OBJECT &&
	     json_says_true(json_get(value, "remove"))))
		value.n = 0;
	return value;
}

static bool shown_as(struct kith_slice value, bool image, struct kith_buf *out)
{
	struct kith_blob_id blob;
	char text[KITH_REF_TEXT_BYTES];

	kith_buf_reset(out);
	if (!image)
		return name_clean(value, out);
	if (json_kind(value) == JSON_KIND_OBJECT)
		value = json_get(value, "link");
	if (kith_blob_parse(json_plain(value), &blob))
		return false;
	kith_blob_print(&blob, text);
	kith_buf_text(out, text);
	return true;
}

/* A value that some say, and how many. */
struct claim {
	struct kith_slice value;
	size_t heads;
};

static bool is_better(const struct claim *x, const struct claim *best)
{
	size_t n = x->value.n < best->value.n ? x->value.n : best->value.n;
	int order;

	if (x->heads != best->heads)
		return x->heads > best->heads;
	order = n ? memcmp(x->value.p, best->value.p, n) : 0;
	return order ? order < 0 : x->value.n < best->value.n;
}

static struct kith_slice essence(struct kith_slice value)
{
	struct kith_slice link = { 0 };

	if (json_kind(value) == JSON_KIND_OBJECT)
		link = json_get(value, "link");
	return link.n ? link : value;
}

/* The usable words of those whom the viewer follows. */
static size_t collect(const struct agree *a, const struct kith_ref *of,
		      const char *member, bool image,
		      struct kith_slice words[static NAMES_MAX])
{
	struct kith_buf shown = { .limit = NAME_BYTES_MAX };
	size_t n = 0;

	for (size_t i = 0; a->viewer->known && i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];
		struct kith_slice value;

		if (!s->has_target || !past_ref_equal(&s->target, of) ||
		    past_word(a->past, "about", &s->author, of, member) != s ||
		    past_edge(a->past, &a->viewer->self, &s->author) !=
			    CONTACT_FOLLOW)
			continue;
		value = word_by(a, &s->author, of, member);
		if (value.n && shown_as(value, image, &shown) && n < NAMES_MAX)
			words[n++] = value;
	}
	kith_buf_free(&shown);
	return n;
}

static struct kith_slice most_common(const struct agree *a,
				     const struct kith_ref *of,
				     const char *member, bool image)
{
	static struct kith_slice words[NAMES_MAX];
	size_t n = collect(a, of, member, image, words);
	struct claim best = { 0 };
	struct kith_slice winner = { 0 };

	for (size_t i = 0; i < n; i++) {
		struct claim x = { essence(words[i]), 0 };

		for (size_t k = 0; k < n; k++)
			x.heads += kith_equal(essence(words[k]), x.value);
		if (is_better(&x, &best)) {
			best = x;
			winner = words[i];
		}
	}
	return winner;
}

static bool author_of(const struct past *p, const struct kith_ref *of,
		      struct kith_feed_id *out)
{
	const struct said *s;

	if (of->kind == KITH_REF_FEED) {
		*out = of->feed;
		return true;
	}
	s = of->kind == KITH_REF_MSG ? past_find(p, &of->msg) : NULL;
	if (s)
		*out = s->author;
	return s;
}

static bool resolve(const struct agree *a, const struct kith_ref *of,
		    const char *member, bool image, struct kith_buf *out)
{
	struct kith_feed_id author;

	if (a->viewer->known &&
	    shown_as(word_by(a, &a->viewer->self, of, member), image, out))
		return true;
	if (author_of(a->past, of, &author) &&
	    shown_as(word_by(a, &author, of, member), image, out))
		return true;
	return shown_as(most_common(a, of, member, image), image, out);
}

static bool agree_on_name(struct agree *a, const struct kith_ref *of)
{
	struct kith_buf want = { .limit = NAME_BYTES_MAX };
	struct kith_buf got = { .limit = NAME_BYTES_MAX };
	char text[KITH_REF_TEXT_BYTES] = "";
	struct kith_blob_id blob;
	bool ok;

	ok = resolve(a, of, "name", false, &want) ==
	     name_of(a->txn, a->viewer, of, &got) &&
	     kith_equal(kith_bytes(&want), kith_bytes(&got));
	if (!ok)
		fprintf(stderr, "want %.*s, got %.*s\n", (int)want.n, want.p,
			(int)got.n, got.p);
	if (ok && resolve(a, of, "image", true, &want)) {
		ok = image_of(a->txn, a->viewer, of, &blob);
		kith_blob_print(&blob, text);
	}
	ok = ok && kith_equal(kith_bytes(&want), kith_text(text));
	kith_buf_free(&want);
	kith_buf_free(&got);
	return ok;
}

/* Whoever has a name, or gives it to themselves, is found by its beginning. */
static bool agree_on_search(struct agree *a, const struct kith_feed_id *feed)
{
	const struct kith_ref of = { .kind = KITH_REF_FEED, .feed = *feed };
	struct kith_buf want = { .limit = NAME_BYTES_MAX };
	struct kith_buf name = { .limit = NAME_BYTES_MAX };
	uint8_t folded[NAME_BYTES_MAX];
	struct kith_feed_id found;
	struct names n;
	bool ok = true;
	size_t bytes;

	if (resolve(a, &of, "name", false, &want)) {
		bytes = name_fold(kith_bytes(&want), folded);
		names_start(&n, a->txn, a->viewer,
			    (struct kith_slice){ folded, bytes ? 1 : 0 });
		ok = !bytes;
		while (!ok && names_next(&n, &found, &name))
			ok = kith_feed_equal(&found, feed) &&
			     kith_equal(kith_bytes(&name), kith_bytes(&want));
	}
	kith_buf_free(&want);
	kith_buf_free(&name);
	return ok;
}

bool agree_on_names(struct agree *a)
{
	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];
		struct kith_ref of = s->target;

		if (json_is(s->type, "about") && s->has_target &&
		    !agree_on_name(a, &of))
			return agree_differ(a, "the name or image", &of);
		of = (struct kith_ref){ .kind = KITH_REF_FEED,
					.feed = s->author };
		if (!s->first)
			continue;
		if (!agree_on_name(a, &of))
			return agree_differ(a, "the name or image", &of);
		if (!agree_on_search(a, &s->author))
			return agree_differ(a, "the search for a name", &of);
	}
	return true;
}

/* --- votes --- */

static void count_votes(const struct agree *a, const struct kith_ref *on,
			struct votes_total *out)
{
	*out = (struct votes_total){ 0 };
	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];
		double value;

		if (!s->has_target || !past_ref_equal(&s->target, on) ||
		    !json_is(s->type, "vote") ||
		    past_word(a->past, "vote", &s->author, on, NULL) != s ||
		    past_hides(a->past, agree_self(a), &s->author) ||
		    !json_number(json_get(json_get(s->content, "vote"),
					  "value"), &value))
			continue;
		out->up += value > 0;
		out->down += value < 0;
		if (a->viewer->known &&
		    kith_feed_equal(&s->author, &a->viewer->self))
			out->own = (value > 0) - (value < 0);
	}
}

bool agree_on_votes(struct agree *a)
{
	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];
		struct votes_total want, got;

		if (!json_is(s->type, "vote") || !s->has_target)
			continue;
		count_votes(a, &s->target, &want);
		votes_count(a->txn, a->viewer, &s->target, &got);
		if (want.up != got.up || want.down != got.down ||
		    want.own != got.own)
			return agree_differ(a, "the votes", &s->target);
	}
	return true;
}

/* --- channels --- */

static bool is_named(struct kith_slice text, struct kith_slice channel)
{
	char normal[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(text, normal);

	return kith_equal(channel,
			  (struct kith_slice){ (const uint8_t *)normal, n });
}

/* One word behind #, of less than 30 characters. */
static bool is_tag(struct kith_slice text)
{
	char word[64];

	if (text.n < 2 || text.n >= 30 || text.p[0] != '#')
		return false;
	memcpy(word, text.p + 1, text.n - 1);
	word[text.n - 1] = '\0';
	return strcspn(word, " \n#") == text.n - 1;
}

static bool has_tag(struct kith_slice value, struct kith_slice channel)
{
	struct kith_slice key, item, text = json_plain(value);
	size_t at = 0;

	if (json_kind(value) == JSON_KIND_STRING)
		return is_tag(text) && is_named(text, channel);
	while (json_kind(value) == JSON_KIND_ARRAY &&
	       json_next_element(value, &at, &item))
		if (has_tag(item, channel))
			return true;
	while (json_kind(value) == JSON_KIND_OBJECT &&
	       json_next_member(value, &at, &key, &item))
		if (has_tag(item, channel))
			return true;
	return false;
}

static bool has_channel(const struct said *s, struct kith_slice channel)
{
	struct kith_buf text = { .limit = KITH_MSG_CANON_BYTES_MAX };
	bool yes = json_unescape(json_get(s->content, "channel"), &text) &&
		   is_named(kith_bytes(&text), channel);

	kith_buf_free(&text);
	return yes;
}

static bool is_in(const struct said *s, struct kith_slice channel)
{
	return has_channel(s, channel) || has_tag(s->content, channel);
}

/* The author's newest word on a channel is that they subscribe. */
static bool subscribes(const struct past *p, const struct kith_feed_id *author,
		       struct kith_slice channel)
{
	const struct said *newest = NULL;

	for (size_t i = 0; i < p->n; i++) {
		const struct said *s = &p->all[i];

		if (kith_feed_equal(&s->author, author) &&
		    json_is(s->type, "channel") &&
		    has_channel(s, channel) &&
		    (!newest || s->sequence > newest->sequence))
			newest = s;
	}
	return newest &&
	       json_says_true(json_get(newest->content, "subscribed"));
}

static bool counts(const struct agree *a, const struct said *s,
		   struct kith_slice channel)
{
	return is_in(s, channel) &&
	       (json_is(s->type, "post") || json_is(s->type, "blog") ||
		json_is(s->type, "gathering")) &&
	       !past_hides(a->past, agree_self(a), &s->author);
}

static void count_channel(const struct agree *a, struct kith_slice channel,
			  struct channel_row *out)
{
	*out = (struct channel_row){ 0 };
	for (size_t i = 0; i < a->past->n; i++) {
		const struct said *s = &a->past->all[i];
		struct posting at = { s->time_ms, s->rx };

		if (counts(a, s, channel)) {
			out->messages++;
			if (posting_compare(&at, &out->newest) > 0)
				out->newest = at;
		}
		if (a->viewer->known && s->first &&
		    !kith_feed_equal(&s->author, &a->viewer->self) &&
		    past_edge(a->past, &a->viewer->self, &s->author) ==
			    CONTACT_FOLLOW)
			out->followed += subscribes(a->past, &s->author,
						    channel);
	}
	out->subscribed = a->viewer->known &&
			  subscribes(a->past, &a->viewer->self, channel);
}

/* Each channel of the walk has what the loop counts; and each that the loop
 * meets is in the walk. */
bool agree_on_channels(struct agree *a)
{
	struct channel_row got, want;
	struct channels c;
	uint64_t in_walk = 0, met = 0;

	channels_start(&c, a->txn, a->viewer);
	while (channels_next(&c, &got)) {
		count_channel(a, channel_name(&got), &want);
		if (want.messages != got.messages ||
		    (want.messages &&
		     posting_compare(&want.newest, &got.newest)) ||
		    want.subscribed != got.subscribed ||
		    want.followed != got.followed) {
			fprintf(stderr, "channel %.*s: %u %u messages\n",
				(int)got.name_bytes, got.name,
				(unsigned)want.messages,
				(unsigned)got.messages);
			return agree_differ(a, "a channel", NULL);
		}
		in_walk += want.messages;
		for (size_t i = 0; i < a->past->n; i++)
			met += counts(a, &a->past->all[i], channel_name(&got));
	}
	return in_walk == met || agree_differ(a, "the list of channels", NULL);
}
