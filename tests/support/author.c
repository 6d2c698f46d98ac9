#include "tests/support/author.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/verify.h"
#include "src/store/messages.h"

enum { AUTHOR_BYTES_MAX = 64 << 20, FIRST_MS = 1600000000 };

void author_init(struct author *a, uint8_t n)
{
	uint8_t seed[KITH_SEED_BYTES];

	memset(seed, n, sizeof(seed));
	*a = (struct author){ .bytes.limit = AUTHOR_BYTES_MAX };
	a->signer = kith_signer_from_seed(seed);
	a->decoder = kith_decoder_new(NULL);
	assert_non_null(a->signer);
	assert_non_null(a->decoder);
}

void author_clear(struct author *a)
{
	kith_signer_free(a->signer);
	kith_decoder_free(a->decoder);
	kith_buf_free(&a->bytes);
	free(a->offsets);
}

const struct kith_feed_id *author_id(const struct author *a)
{
	return kith_signer_id(a->signer);
}

static void keep(struct author *a, struct kith_slice canon)
{
	size_t *more = realloc(a->offsets, (a->count + 1) * sizeof(*more));

	assert_non_null(more);
	a->offsets = more;
	a->offsets[a->count++] = a->bytes.n;
	kith_buf_put(&a->bytes, canon);
	assert_int_equal(a->bytes.err, KITH_OK);
}

void author_write(struct author *a, struct kith_slice content)
{
	struct kith_draft draft = {
		.format = KITH_CLASSIC,
		.content = content,
		.now_ms = FIRST_MS,
	};
	struct kith_error e = { 0 };
	struct kith_msg m;

	kith_decoder_reset(a->decoder);
	if (kith_msg_build(a->decoder, a->signer, &a->tip, &draft, &m, &e))
		fail_msg("%s", e.text);
	keep(a, m.canon);
	a->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
}

void author_post(struct author *a, size_t n)
{
	char content[64];

	while (n--) {
		snprintf(content, sizeof(content),
			 "{\"type\":\"post\",\"text\":\"number %zu\"}",
			 a->count + 1);
		author_write(a, kith_text(content));
	}
}

struct kith_slice author_message(const struct author *a, uint64_t sequence)
{
	size_t at, end;

	assert_in_range(sequence, 1, a->count);
	at = a->offsets[sequence - 1];
	end = sequence < a->count ? a->offsets[sequence] : a->bytes.n;
	return (struct kith_slice){ a->bytes.p + at, end - at };
}

void author_go_back(struct author *a, uint64_t sequence)
{
	struct kith_msg m;

	a->tip = (struct kith_tip){ 0 };
	if (!sequence)
		return;
	kith_decoder_reset(a->decoder);
	assert_int_equal(kith_msg_decode(a->decoder, KITH_CLASSIC,
					 author_message(a, sequence), &m,
					 NULL), KITH_OK);
	a->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
}

static void check_next(struct kith_decoder *d, const struct message_row *row,
		       struct kith_tip *tip)
{
	struct kith_verify_item item;
	struct kith_msg m;

	kith_decoder_reset(d);
	assert_int_equal(kith_msg_decode(d, row->format, row->canon, &m, NULL),
			 KITH_OK);
	item = (struct kith_verify_item){ m.author.b, m.signing, m.signature,
					  false };
	kith_verify(&item, 1);
	assert_true(item.valid);
	assert_true(kith_msg_equal(&m.id, &row->id));
	assert_true(kith_equal(m.canon, row->canon));
	assert_int_equal(kith_chain(tip, &m), KITH_OK);
	*tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
}

void assert_chain(struct store *s, const struct kith_feed_id *feed,
		  uint64_t last)
{
	struct kith_decoder *d = kith_decoder_new(NULL);
	struct kith_tip tip = { 0 };
	struct message_row row;
	struct feed_row f;
	struct txn *t;

	assert_non_null(d);
	assert_int_equal(store_read(s, &t), KITH_OK);
	assert_int_equal(feed_get(t, feed, &f), last > 0);
	assert_int_equal(f.last, last);
	for (uint64_t i = 1; i <= last; i++) {
		assert_true(message_by_sequence(t, f.number, i, &row));
		check_next(d, &row, &tip);
		assert_true(message_by_id(t, &tip.id, &row));
		assert_int_equal(row.sequence, i);
	}
	assert_true(kith_msg_equal(&tip.id, &f.last_id));
	assert_false(message_by_sequence(t, f.number, last + 1, &row));
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	kith_decoder_free(d);
}
