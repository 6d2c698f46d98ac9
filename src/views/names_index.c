/* The index of names: feeds by what they are called. */
#include "feeds/channel.h"
#include "src/views/names.h"
#include "src/views/rows.h"

/* SUBJECT_NAME: the folded name, 0, format and bytes of the feed. */
enum { TARGET_BYTES = 1 + KITH_ID_BYTES };

size_t name_fold(struct kith_slice name, uint8_t out[static NAME_BYTES_MAX])
{
	char folded[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(name, folded);

	/* A NUL ends it in keys, so none stands within. */
	if (memchr(folded, 0, n))
		return 0;
	while (n && folded[0] == '@')
		memmove(folded, folded + 1, n--);
	memcpy(out, folded, n);
	return n;
}

/* The fold of a name as it is shown: what is unseen does not count. */
static size_t fold_value(struct kith_slice value,
			 uint8_t out[static NAME_BYTES_MAX])
{
	uint8_t bytes[NAME_BYTES_MAX];
	/* As long as its limit, so it takes no other memory: a view must not
	 * say less where there is none. */
	struct kith_buf name = { .p = bytes, .cap = sizeof(bytes),
				 .limit = sizeof(bytes) };

	return name_clean(value, &name) ? name_fold(kith_bytes(&name), out)
					: 0;
}

static void put_bytes(struct subject *s, const void *p, size_t n)
{
	if (n)
		memcpy(s->b + s->n, p, n);
	s->n += n;
}

static struct subject subject_prefix(struct kith_slice folded)
{
	struct subject s = { .n = 1, .b = { SUBJECT_NAME } };

	put_bytes(&s, folded.p, folded.n);
	return s;
}

void names_rows(struct rows *r, const struct kith_ref *of,
		struct kith_slice value)
{
	uint8_t folded[NAME_BYTES_MAX], target[TARGET_BYTES + 1] = { 0 };
	struct subject s;
	size_t n;

	if (of->kind != KITH_REF_FEED)
		return;
	n = fold_value(value, folded);
	if (!n)
		return;
	target[1] = (uint8_t)of->feed.format;
	memcpy(target + 2, of->feed.b, KITH_ID_BYTES);
	s = subject_prefix((struct kith_slice){ folded, n });
	put_bytes(&s, target, sizeof(target));
	rows_opinion(r, &s, (struct kith_slice){ 0 });
}

void names_start(struct names *n, struct txn *t, const struct viewer *v,
		 struct kith_slice prefix)
{
	uint8_t folded[NAME_BYTES_MAX];
	size_t bytes = name_fold(prefix, folded);

	*n = (struct names){ .txn = t, .viewer = v };
	n->prefix = subject_prefix((struct kith_slice){ folded, bytes });
}

void names_start_whole(struct names *n, struct txn *t, const struct viewer *v,
		       struct kith_slice name)
{
	names_start(n, t, v, name);
	put_bytes(&n->prefix, "", 1);
}

/* The folded name and the feed of a row. */
static bool read_subject(const struct subject *s, struct kith_slice *folded,
			 struct kith_feed_id *feed)
{
	size_t end = s->n - TARGET_BYTES - 1;

	if (s->n < 2 + TARGET_BYTES || s->b[end])
		return false;
	*folded = (struct kith_slice){ s->b + 1, end - 1 };
	feed->format = (enum kith_format)s->b[end + 1];
	memcpy(feed->b, s->b + end + 2, KITH_ID_BYTES);
	return true;
}

/* To the row after all authors who gave this feed this name. */
static bool next_subject(struct names *n)
{
	if (n->at.subject.n)
		n->at.author = UINT32_MAX;
	return opinions_next(n->txn, n->viewer, &n->prefix, &n->at);
}

/* The name that the viewer has for the feed folds so. */
static bool is_resolved(struct names *n, const struct kith_feed_id *feed,
			struct kith_slice folded, struct kith_buf *name)
{
	uint8_t own[NAME_BYTES_MAX];
	size_t bytes;

	kith_buf_reset(name);
	if (!name_of_feed(n->txn, n->viewer, feed, name))
		return false;
	bytes = name_fold(kith_bytes(name), own);
	return kith_equal(folded, (struct kith_slice){ own, bytes });
}

/* Or the one that it gives itself does. */
static bool is_own(struct names *n, const struct kith_feed_id *feed,
		   struct kith_slice folded, struct kith_buf *name)
{
	const struct kith_ref of = { .kind = KITH_REF_FEED, .feed = *feed };
	struct about_word word;
	struct abouts a;
	uint8_t own[NAME_BYTES_MAX];

	abouts_start(&a, n->txn, n->viewer, &of, KITH_SLICE("name"));
	if (!about_by(&a, feed, &word) ||
	    !kith_equal(folded,
			(struct kith_slice){ own,
					     fold_value(word.value, own) }))
		return false;
	kith_buf_reset(name);
	return name_clean(word.value, name);
}

bool names_next(struct names *n, struct kith_feed_id *feed,
		struct kith_buf *name)
{
	struct kith_slice folded;

	while (next_subject(n))
		if (read_subject(&n->at.subject, &folded, feed) &&
		    (is_resolved(n, feed, folded, name) ||
		     is_own(n, feed, folded, name)))
			return true;
	return false;
}
