/* Where the words of a query stand in a message. */
#include <stdlib.h>

#include "feeds/list.h"
#include "src/views/search_private.h"
#include "src/views/search_text.h"
#include "src/views/view.h"

/* A message has no more words than characters. */
enum { WORDS_TEXT_BYTES_MAX = 1 << 20 };

struct reading {
	struct search_words *out;
	size_t room;
	struct search_mark *places; /* of each word in the text; or NULL */
	size_t places_room;
};

/* For one more word. */
static bool make_room(struct reading *r)
{
	struct search_words *w = r->out;
	struct search_mark *places;
	void *words;

	words = list_room(w->word, w->count, &r->room, sizeof(*w->word));
	if (!words)
		return false;
	w->word = words;
	places = list_room(r->places, w->count, &r->places_room,
			   sizeof(*places));
	if (places)
		r->places = places;
	return places;
}

static int on_token(void *context, int flags, const char *token, int n,
		    int from, int to)
{
	struct reading *r = context;
	struct search_words *w = r->out;

	(void)flags;
	if (!make_room(r))
		return SQLITE_NOMEM;
	w->word[w->count].at = w->text.n;
	w->word[w->count].n = (size_t)n;
	r->places[w->count++] = (struct search_mark){ (size_t)from,
						      (size_t)(to - from) };
	kith_buf_put(&w->text, (struct kith_slice){ (const uint8_t *)token,
						    (size_t)n });
	return w->text.err ? SQLITE_NOMEM : SQLITE_OK;
}

static enum kith_err read_words(struct search *s, struct kith_slice text,
				int reason, struct search_words *out,
				struct search_mark **places)
{
	struct reading r = { .out = out };
	int rc;

	*out = (struct search_words){ .text.limit = WORDS_TEXT_BYTES_MAX };
	rc = s->tokenizer.xTokenize(s->tokens, &r, reason,
				    (const char *)text.p, (int)text.n,
				    on_token);
	if (places && !rc)
		*places = r.places;
	else
		free(r.places);
	return rc ? KITH_ENOMEM : KITH_OK;
}

enum kith_err search_words_read(struct search *s, struct kith_slice text,
				struct search_words *out)
{
	return read_words(s, text, FTS5_TOKENIZE_QUERY, out, NULL);
}

void search_words_clear(struct search_words *w)
{
	kith_buf_free(&w->text);
	free(w->word);
	*w = (struct search_words){ 0 };
}

static struct kith_slice word(const struct search_words *w, size_t i)
{
	return (struct kith_slice){ w->text.p + w->word[i].at, w->word[i].n };
}

/* How many words from i on are the phrase; 0: they are not. */
static size_t match_phrase(const struct search_words *text, size_t i,
			   const struct search_words *phrase, bool prefix)
{
	size_t n = phrase->count;

	if (!n || n > text->count - i)
		return 0;
	for (size_t j = 0; j < n; j++) {
		struct kith_slice have = word(text, i + j);
		struct kith_slice want = word(phrase, j);

		if (prefix && j == n - 1 && have.n > want.n)
			have.n = want.n;
		if (!kith_equal(have, want))
			return 0;
	}
	return n;
}

/* The longest phrase that begins at word i, in words. */
static size_t longest(const struct search_hits *h,
		      const struct search_words *text, size_t i)
{
	size_t best = 0, n;

	for (size_t p = 0; p < h->parsed.count; p++) {
		if (h->parsed.phrases[p].absent)
			continue;
		n = match_phrase(text, i, &h->words[p],
				 h->parsed.phrases[p].prefix);
		best = n > best ? n : best;
	}
	return best;
}

static size_t find_marks(const struct search_hits *h,
			 const struct search_words *text,
			 const struct search_mark *places, size_t start,
			 struct search_mark *marks, size_t most)
{
	size_t n = 0, words;

	for (size_t i = 0; i < text->count && n < most; i += words ? words : 1) {
		words = longest(h, text, i);
		if (!words)
			continue;
		marks[n].at = start + places[i].at;
		marks[n++].n = places[i + words - 1].at +
			       places[i + words - 1].n - places[i].at;
	}
	return n;
}

void search_mark(struct search_hits *hits, const struct view_message *m,
		 struct kith_buf *text, struct search_mark *marks, size_t *n)
{
	struct search_mark *places = NULL;
	struct search_words words;
	size_t start = text->n, most = *n;

	*n = 0;
	search_text(m->content, text, &hits->s->scratch);
	if (text->err || text->n == start)
		return;
	if (!read_words(hits->s, (struct kith_slice){ text->p + start,
						      text->n - start },
			FTS5_TOKENIZE_DOCUMENT, &words, &places))
		*n = find_marks(hits, &words, places, start, marks, most);
	free(places);
	search_words_clear(&words);
}
