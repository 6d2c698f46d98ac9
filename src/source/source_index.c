#include "src/source/source_index.h"

#include <stdlib.h>

#include <sodium.h>

#include "feeds/list.h"
#include "feeds/message.h"
#include "src/gossip/lookup.h"
#include "src/source/values.h"

/* Messages that claim one place; more are passed over. */
enum { AT_A_PLACE_MAX = 64 };

/* One message.  Those of a feed stand together, by sequence and then as they
 * came; what claims the place of another stands behind it. */
struct entry {
	uint8_t id[KITH_ID_BYTES];
	uint64_t sequence;
	uint32_t feed;
	uint32_t number; /* of all messages of the walk, from 0 */
};

struct feed {
	struct kith_feed_id id;
	uint32_t number; /* as the walk met it */
	uint32_t begin, end; /* of entries */
	uint64_t messages;
};

struct source_index {
	struct source *source;
	struct source_with with;
	struct kith_decoder *decoder;
	struct entry *entries;
	size_t count, capacity;
	uint32_t walked; /* messages that the walk gave */
	struct feed *feeds; /* at last by id */
	size_t feed_count, feed_capacity;
	struct lookup by_feed; /* to feeds */
	struct lookup by_id;   /* to entries, once it was needed */
	bool has_ids;
	struct source_values *values; /* likewise */
};

static enum kith_err no_memory(struct kith_error *e)
{
	return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

static enum kith_err too_many(struct kith_error *e)
{
	return kith_fail(e, KITH_ETOOBIG, 0, "it has more than %d messages: "
			 "`kith import` it into a store, and name that",
			 SOURCE_INDEX_MESSAGES_MAX);
}

/* --- feeds ---------------------------------------------------------------- */

static uint32_t hash_feed(const struct lookup *l, const struct kith_feed_id *id)
{
	return lookup_hash(l, id->b, sizeof(id->b));
}

/* NULL: the source does not have it. */
static struct feed *find_feed(const struct source_index *x,
			      const struct kith_feed_id *id)
{
	uint32_t hash, at = 0, number;

	if (!x->by_feed.size)
		return NULL;
	hash = hash_feed(&x->by_feed, id);
	while ((number = lookup_next(&x->by_feed, hash, &at)) != LOOKUP_NONE)
		if (kith_feed_equal(&x->feeds[number].id, id))
			return &x->feeds[number];
	return NULL;
}

/* NULL when out of memory. */
static struct feed *take_feed(struct source_index *x,
			      const struct kith_feed_id *id)
{
	struct feed *more, *f = find_feed(x, id);

	if (f)
		return f;
	more = list_room(x->feeds, x->feed_count, &x->feed_capacity,
			 sizeof(*more));
	if (!more)
		return NULL;
	x->feeds = more;
	if (lookup_reserve(&x->by_feed))
		return NULL;
	f = &x->feeds[x->feed_count];
	*f = (struct feed){ .id = *id, .number = (uint32_t)x->feed_count };
	lookup_put(&x->by_feed, hash_feed(&x->by_feed, id), f->number);
	x->feed_count++;
	return f;
}

static int by_feed_id(const void *a, const void *b)
{
	const struct feed *one = a, *other = b;

	return source_compare(&one->id, &other->id);
}

/* --- the walk ------------------------------------------------------------- */

static void tell(const struct source_index *x, const struct source_finding *f)
{
	if (x->with.finding)
		x->with.finding(x->with.arg, f);
}

static enum kith_err add(struct source_index *x, const struct kith_msg *m,
			 struct kith_error *e)
{
	struct feed *f = take_feed(x, &m->author);
	struct entry *entry;

	if (!f)
		return no_memory(e);
	entry = list_room(x->entries, x->count, &x->capacity, sizeof(*entry));
	if (!entry)
		return no_memory(e);
	x->entries = entry;
	entry = &x->entries[x->count++];
	memcpy(entry->id, m->id.b, sizeof(entry->id));
	entry->sequence = m->sequence;
	entry->feed = f->number;
	entry->number = x->walked;
	return KITH_OK;
}

/* What is no message costs only itself. */
static enum kith_err take(struct source_index *x,
			  const struct source_message *m, struct kith_error *e)
{
	struct kith_error why = { 0 };
	struct kith_msg decoded;
	enum kith_err err;

	kith_decoder_reset(x->decoder);
	err = kith_msg_decode(x->decoder, KITH_CLASSIC, m->value, &decoded,
			      &why);
	if (err == KITH_ENOMEM)
		return no_memory(e);
	if (!err)
		return add(x, &decoded, e);
	if (source_is_other(m, NULL)) {
		if (x->with.other)
			x->with.other(x->with.arg);
		return KITH_OK;
	}
	tell(x, &(struct source_finding){ .file = m->file,
					  .at = m->at,
					  .next = m->at + 1,
					  .text = why.text });
	return KITH_OK;
}

static enum kith_err walk(struct source_index *x, struct kith_error *e)
{
	enum source_step step = SOURCE_MESSAGE;
	enum kith_err err = source_rewind(x->source, e);

	while (!err && step != SOURCE_END) {
		struct source_message m;
		struct source_finding f;

		err = source_next(x->source, &step, &m, &f, e);
		if (!err && step == SOURCE_FINDING)
			tell(x, &f);
		if (err || step != SOURCE_MESSAGE)
			continue;
		err = x->walked < SOURCE_INDEX_MESSAGES_MAX ? take(x, &m, e)
							    : too_many(e);
		x->walked++;
	}
	return err;
}

/* --- in order ------------------------------------------------------------- */

static int by_place(const void *a, const void *b)
{
	const struct entry *one = a, *other = b;

	if (one->feed != other->feed)
		return one->feed < other->feed ? -1 : 1;
	if (one->sequence != other->sequence)
		return one->sequence < other->sequence ? -1 : 1;
	return one->number < other->number ? -1 : one->number > other->number;
}

/* The same message once more, or too many others; before is where the place
 * begins. */
static bool is_idle(const struct entry *before, const struct entry *end,
		     const struct entry *entry)
{
	if (end - before == AT_A_PLACE_MAX)
		return true;
	for (; before < end; before++)
		if (!memcmp(before->id, entry->id, sizeof(entry->id)))
			return true;
	return false;
}

static bool is_same_place(const struct entry *a, const struct entry *b)
{
	return a->feed == b->feed && a->sequence == b->sequence;
}

/* Takes out what is there twice, and tells each feed where its entries are. */
static void settle(struct source_index *x)
{
	struct entry *place = x->entries, *to = x->entries;

	for (const struct entry *from = to; from < x->entries + x->count;
	     from++) {
		struct feed *f = &x->feeds[from->feed];
		bool begins = to == x->entries || !is_same_place(place, from);

		if (begins)
			place = to;
		else if (is_idle(place, to, from))
			continue;
		if (!f->end)
			f->begin = (uint32_t)(to - x->entries);
		*to++ = *from;
		f->end = (uint32_t)(to - x->entries);
		f->messages += begins;
	}
	x->count = (size_t)(to - x->entries);
}

/* By id, and the lookup told of it. */
static enum kith_err order_feeds(struct source_index *x, struct kith_error *e)
{
	uint8_t key[LOOKUP_KEY_BYTES];

	qsort(x->feeds, x->feed_count, sizeof(*x->feeds), by_feed_id);
	memcpy(key, x->by_feed.key, sizeof(key));
	lookup_set_key(&x->by_feed, key);
	for (uint32_t i = 0; i < x->feed_count; i++) {
		if (lookup_reserve(&x->by_feed))
			return no_memory(e);
		lookup_put(&x->by_feed,
			   hash_feed(&x->by_feed, &x->feeds[i].id), i);
	}
	return KITH_OK;
}

static enum kith_err order(struct source_index *x, struct kith_error *e)
{
	if (!x->count)
		return KITH_OK;
	qsort(x->entries, x->count, sizeof(*x->entries), by_place);
	settle(x);
	return order_feeds(x, e);
}

enum kith_err source_index_new(struct source *s,
			       const struct source_with *with,
			       struct source_index **out, struct kith_error *e)
{
	struct source_index *x = calloc(1, sizeof(*x));
	uint8_t key[LOOKUP_KEY_BYTES];
	enum kith_err err;

	if (!x)
		return no_memory(e);
	x->source = s;
	x->with = *with;
	randombytes_buf(key, sizeof(key));
	lookup_set_key(&x->by_feed, key);
	lookup_set_key(&x->by_id, key);
	x->decoder = kith_decoder_new(with->hmac);
	err = x->decoder ? walk(x, e) : no_memory(e);
	if (!err)
		err = order(x, e);
	if (err)
		source_index_free(x);
	else
		*out = x;
	return err;
}

void source_index_free(struct source_index *x)
{
	if (!x)
		return;
	source_values_free(x->values);
	lookup_clear(&x->by_feed);
	lookup_clear(&x->by_id);
	kith_decoder_free(x->decoder);
	free(x->entries);
	free(x->feeds);
	free(x);
}

/* --- questions ------------------------------------------------------------ */

/* The first entry at a place; NULL: there is none. */
static const struct entry *find_in(const struct source_index *x,
				   const struct feed *f, uint64_t sequence)
{
	size_t low = f->begin, high = f->end;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (x->entries[middle].sequence < sequence)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == f->end || x->entries[low].sequence != sequence)
		return NULL;
	return &x->entries[low];
}

static const struct entry *find(const struct source_index *x,
				const struct kith_feed_id *id,
				uint64_t sequence)
{
	const struct feed *f = find_feed(x, id);

	return f ? find_in(x, f, sequence) : NULL;
}

static struct kith_msg_id id_of(const struct entry *entry)
{
	struct kith_msg_id id = { .format = KITH_CLASSIC };

	memcpy(id.b, entry->id, sizeof(id.b));
	return id;
}

void source_index_clock(const struct source_index *x,
			bool (*fn)(void *arg, const struct source_feed *f),
			void *arg)
{
	for (size_t i = 0; i < x->feed_count; i++) {
		const struct feed *f = &x->feeds[i];
		uint64_t last = x->entries[f->end - 1].sequence;
		const struct source_feed told = {
			.id = f->id,
			.first = x->entries[f->begin].sequence,
			.last = last,
			.messages = f->messages,
			.known = true,
			.has_tip = true,
			.tip = id_of(find_in(x, f, last)),
		};

		if (!fn(arg, &told))
			return;
	}
}

enum kith_err source_index_id_at(const struct source_index *x,
				 const struct kith_feed_id *feed,
				 uint64_t sequence, struct kith_msg_id *out)
{
	const struct entry *entry = find(x, feed, sequence);

	if (!entry)
		return KITH_ENOENT;
	*out = id_of(entry);
	return KITH_OK;
}

/* The walk that copied the values gave here what that for the index did. */
static bool is_that(struct source_index *x, const struct entry *entry,
		    const struct source_message *m)
{
	struct kith_msg decoded;

	kith_decoder_reset(x->decoder);
	return !kith_msg_decode(x->decoder, KITH_CLASSIC, m->value, &decoded,
				NULL) &&
	       !memcmp(decoded.id.b, entry->id, sizeof(entry->id));
}

static enum kith_err give(struct source_index *x, const struct entry *entry,
			  struct source_message *out, struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (!entry)
		return KITH_ENOENT;
	if (!x->values)
		err = source_values_new(x->source, x->walked, &x->values, e);
	if (!err)
		err = source_values_get(x->values, entry->number, out, e);
	if (err == KITH_ENOENT || (!err && !is_that(x, entry, out)))
		return kith_fail(e, KITH_EIO, 0, "it changed while it was "
				 "read");
	return err;
}

enum kith_err source_index_at(struct source_index *x,
			      const struct kith_feed_id *feed,
			      uint64_t sequence, struct source_message *out,
			      struct kith_error *e)
{
	return give(x, find(x, feed, sequence), out, e);
}

static uint32_t hash_id(const struct source_index *x, const uint8_t *id)
{
	return lookup_hash(&x->by_id, id, KITH_ID_BYTES);
}

static enum kith_err need_ids(struct source_index *x, struct kith_error *e)
{
	for (uint32_t i = 0; !x->has_ids && i < x->count; i++) {
		if (lookup_reserve(&x->by_id)) {
			lookup_clear(&x->by_id);
			return no_memory(e);
		}
		lookup_put(&x->by_id, hash_id(x, x->entries[i].id), i);
	}
	x->has_ids = true;
	return KITH_OK;
}

enum kith_err source_index_by_id(struct source_index *x,
				 const struct kith_msg_id *id,
				 struct source_message *out,
				 struct kith_error *e)
{
	enum kith_err err = need_ids(x, e);
	uint32_t hash, at = 0, number;

	if (err)
		return err;
	if (!x->by_id.size || id->format != KITH_CLASSIC)
		return KITH_ENOENT;
	hash = hash_id(x, id->b);
	while ((number = lookup_next(&x->by_id, hash, &at)) != LOOKUP_NONE)
		if (!memcmp(x->entries[number].id, id->b, KITH_ID_BYTES))
			return give(x, &x->entries[number], out, e);
	return KITH_ENOENT;
}
