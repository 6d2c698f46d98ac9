#include "tests/crash/truth.h"

#include <err.h>
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "tests/support/disk_io.h"

enum { HEX_BYTES = 2 * KITH_ID_BYTES + 1, MORE_BYTES = 96, TEXT_BYTES = 256 };

/* --- writing --- */

static void mark_id(const char *word, const uint8_t id[static KITH_ID_BYTES],
		    const char *more)
{
	char hex[HEX_BYTES], text[TEXT_BYTES];

	sodium_bin2hex(hex, sizeof(hex), id, KITH_ID_BYTES);
	snprintf(text, sizeof(text), "%s %s%.*s", word, hex, MORE_BYTES,
		 more);
	if (disk_mark)
		disk_mark(text);
}

static void mark(const char *word, const struct kith_feed_id *feed,
		 const char *more)
{
	mark_id(word, feed->b, more);
}

void truth_blob(const struct kith_blob_id *id)
{
	mark_id("blob", id->b, "");
}

void truth_own(const struct kith_feed_id *feed)
{
	mark("own", feed, "");
}

void truth_copied(const struct kith_feed_id *feed)
{
	mark("copied", feed, "");
}

static void mark_until(const char *word, const struct kith_feed_id *feed,
		       uint64_t until)
{
	char more[MORE_BYTES];

	snprintf(more, sizeof(more), " %llu", (unsigned long long)until);
	mark(word, feed, more);
}

void truth_going(const struct kith_feed_id *feed, uint64_t until)
{
	mark_until("going", feed, until);
}

void truth_gone(const struct kith_feed_id *feed, uint64_t until)
{
	mark_until("gone", feed, until);
}

void truth_held(const struct kith_feed_id *feed, uint64_t sequence,
		const struct kith_msg_id *id)
{
	char hex[HEX_BYTES], more[MORE_BYTES];

	sodium_bin2hex(hex, sizeof(hex), id->b, sizeof(id->b));
	snprintf(more, sizeof(more), " %llu %s",
		 (unsigned long long)sequence, hex);
	mark("held", feed, more);
}

/* --- reading --- */

static void read_hex(const char *hex, uint8_t out[static KITH_ID_BYTES])
{
	if (sodium_hex2bin(out, KITH_ID_BYTES, hex, 2 * KITH_ID_BYTES, NULL,
			   NULL, NULL))
		errx(3, "a mark makes no sense: %s", hex);
}

struct truth_feed *truth_feed(struct truth *t, const struct kith_feed_id *id)
{
	struct truth_feed *f;

	for (size_t i = 0; i < t->count; i++)
		if (kith_feed_equal(&t->feeds[i].id, id))
			return &t->feeds[i];
	if (t->count == TRUTH_FEEDS_MAX)
		errx(3, "too many feeds");
	f = &t->feeds[t->count++];
	*f = (struct truth_feed){ .id = *id, .own = SIZE_MAX,
				  .going = SIZE_MAX, .gone = SIZE_MAX,
				  .copied = SIZE_MAX };
	return f;
}

void truth_note(struct truth_feed *f, const struct kith_msg_id *id, size_t at)
{
	f->held = realloc(f->held, (f->count + 1) * sizeof(*f->held));
	f->ids = realloc(f->ids, (f->count + 1) * sizeof(*f->ids));
	if (!f->held || !f->ids)
		errx(3, "out of memory");
	f->held[f->count] = at;
	f->ids[f->count++] = *id;
}

static struct truth_feed *feed_of(struct truth *t, const char *hex)
{
	struct kith_feed_id id = { .format = KITH_CLASSIC };

	read_hex(hex, id.b);
	return truth_feed(t, &id);
}

static void read_held(struct truth_feed *f, unsigned long long sequence,
		      const char *hex, size_t at)
{
	struct kith_msg_id id = { .format = KITH_CLASSIC };

	read_hex(hex, id.b);
	if (sequence <= f->count)
		return;
	if (sequence != f->count + 1)
		errx(3, "acknowledged out of order");
	truth_note(f, &id, at);
}

static void read_blob(struct truth *t, const char *hex, size_t at)
{
	if (t->blob_count == TRUTH_BLOBS_MAX)
		errx(3, "too many blobs");
	read_hex(hex, t->blobs[t->blob_count].id.b);
	t->blobs[t->blob_count++].at = at;
}

static void read_mark(struct truth *t, const char *text, size_t at)
{
	char word[8], feed[HEX_BYTES], id[HEX_BYTES];
	unsigned long long sequence = 0;
	struct truth_feed *f;
	int n = sscanf(text, "%7s %64s %llu %64s", word, feed, &sequence, id);

	if (n < 2)
		errx(3, "a mark makes no sense: %s", text);
	if (!strcmp(word, "blob")) {
		read_blob(t, feed, at);
		return;
	}
	f = feed_of(t, feed);
	if (n == 3)
		f->until = sequence;
	if (!strcmp(word, "own"))
		f->own = at;
	else if (!strcmp(word, "copied"))
		f->copied = f->copied < at ? f->copied : at;
	else if (!strcmp(word, "going"))
		f->going = at;
	else if (!strcmp(word, "gone"))
		f->gone = at;
	else if (n == 4)
		read_held(f, sequence, id, at);
}

void truth_read(struct truth *t, const struct disk *d, size_t early)
{
	char text[TEXT_BYTES];

	*t = (struct truth){ 0 };
	for (size_t i = 0; i < disk_count(d); i++) {
		const struct disk_record *r = disk_at(d, i);
		size_t n = r->head.data_bytes;

		if (r->head.kind != RECORD_MARK || n >= sizeof(text))
			continue;
		memcpy(text, r->data, n);
		text[n] = '\0';
		read_mark(t, text, i > early ? i - early : 0);
	}
}

void truth_clear(struct truth *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->feeds[i].held);
		free(t->feeds[i].ids);
	}
	t->count = t->blob_count = 0;
}

size_t truth_floor(const struct truth_feed *f, size_t done)
{
	size_t n = f->count;

	/* Messages go oldest first, and a feed of which none is left ends
	 * nowhere. */
	if (f->going < done && f->until >= n)
		return 0;
	while (n && f->held[n - 1] >= done)
		n--;
	return n;
}
