/*
 * How long a key that comes late takes: late_key HOME [MESSAGES [OURS]]
 *
 * MESSAGES, 100,000 if not said, of other people's groups are there, OURS in a
 * hundred of them (100 if not said) of one group; then comes its key.  Prints
 * how long it takes until all that it opens is in the views.
 */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/message.h"
#include "src/views/follow.h"
#include "src/views/keyring.h"
#include "src/views/view.h"
#include "tests/bench/bench.h"

enum { FEEDS = 20, CONTENT_BYTES = 8192, COMMIT_EVERY = 5000,
       RECEIVED_S = 1700000000 };

struct writer {
	struct kith_signer *signer;
	struct feed_row feed;
	struct kith_tip tip;
};

struct bench {
	struct home *home;
	struct store *store;
	struct txn *txn;
	struct kith_decoder *decoder;
	struct writer writers[FEEDS];
	struct kith_buf plain, box;
	struct follow *follow;
	struct keys *keys;
};

static struct kith_signer *signer_of(uint8_t n)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_signer *s;

	memset(seed, n, sizeof(seed));
	s = kith_signer_from_seed(seed);
	if (!s)
		bench_fail("late_key", "out of memory");
	return s;
}

static void check(enum kith_err err, const char *what)
{
	if (err)
		bench_fail(what, kith_strerror(err));
}

static void box(struct bench *b, struct writer *w, bool ours, size_t n,
		const struct kith_box2_key keys[2])
{
	uint8_t random[KITH_BOX2_KEY_BYTES] = { 1 };
	struct kith_box2_draft draft = {
		.author = kith_signer_id(w->signer),
		.previous = w->tip.sequence ? &w->tip.id : NULL,
		.keys = &keys[!ours],
		.n = 1,
		.random = random,
	};
	char text[200];

	memcpy(random + 8, &n, sizeof(n));
	kith_buf_reset(&b->plain);
	kith_buf_reset(&b->box);
	snprintf(text, sizeof(text), "{\"type\":\"post\",\"text\":\"what is "
		 "said in the group for the %zuth time, as long as people "
		 "write in the mean\",\"channel\":\"group\"}", n);
	kith_buf_text(&b->plain, text);
	draft.plain = kith_bytes(&b->plain);
	check(kith_box2_write(&draft, NULL, &b->box, NULL), "box");
}

static void append(struct bench *b, struct writer *w)
{
	struct kith_draft draft = { .format = KITH_CLASSIC,
				    .content = kith_bytes(&b->box),
				    .now_ms = RECEIVED_S * 1000.0 };
	struct view_message m;
	struct message_row row;
	struct kith_msg msg;

	kith_decoder_reset(b->decoder);
	check(kith_msg_build(b->decoder, w->signer, &w->tip, &draft, &msg,
			     NULL), "build");
	check(message_append(b->txn, &w->feed, &msg,
			     (int64_t)RECEIVED_S * 1000000, 1, &row),
	      "append");
	w->tip = (struct kith_tip){ msg.sequence, msg.id, msg.claimed };
	m = (struct view_message){ .row = &row, .author = msg.author,
				   .claimed = msg.claimed,
				   .content = msg.content };
	views_fold(b->txn, &m, VIEW_ADDED);
}

static void commit(struct bench *b)
{
	for (size_t i = 0; i < FEEDS; i++)
		if (b->writers[i].feed.last)
			feed_put(b->txn, &b->writers[i].feed);
	check(txn_commit(b->txn), "commit");
}

static void fill(struct bench *b, size_t messages, size_t ours,
		 const struct kith_box2_key keys[2])
{
	for (size_t i = 0; i < FEEDS; i++) {
		b->writers[i].signer = signer_of((uint8_t)(10 + i));
		b->writers[i].feed.id = *kith_signer_id(b->writers[i].signer);
	}
	for (size_t i = 0; i < messages; i++) {
		struct writer *w = &b->writers[i % FEEDS];

		if (i % COMMIT_EVERY == 0)
			check(store_write(b->store, &b->txn), "write");
		box(b, w, i % 100 < ours, i, keys);
		append(b, w);
		if (i % COMMIT_EVERY == COMMIT_EVERY - 1 || i + 1 == messages)
			commit(b);
	}
}

static double catch_up(struct bench *b)
{
	double start = bench_seconds(CLOCK_MONOTONIC);
	struct kith_error e = { 0 };
	bool more = true;

	while (more)
		if (follow_some(b->follow, FOLLOW_SLICE_MS, &more, &e))
			bench_fail("follow", e.text);
	return bench_seconds(CLOCK_MONOTONIC) - start;
}

static void add_key(struct bench *b, const struct kith_box2_key *key)
{
	struct group_key g = { .group.format = KITH_CLOAKED,
			       .by = *kith_signer_id(keys_signer(b->keys)) };
	struct txn *t;

	memcpy(g.key, key->b, sizeof(g.key));
	check(store_write(b->store, &t), "write");
	if (!keyring_put(t, b->keys, &g))
		bench_fail("keyring", "it is full");
	check(txn_commit(t), "commit");
}

static void print(struct bench *b, const char *what, double seconds)
{
	struct private_status s;
	struct txn *t;

	check(store_read(b->store, &t), "read");
	private_status(t, &s);
	txn_end(t);
	printf("%s: %.2f s, opened %llu, shut %llu\n", what, seconds,
	       (unsigned long long)s.opened, (unsigned long long)s.shut);
}

static void open_all(struct bench *b, const char *path)
{
	struct store_options o = { .write = true };
	struct kith_error e = { 0 };

	b->plain.limit = b->box.limit = CONTENT_BYTES;
	b->decoder = kith_decoder_new(NULL);
	if (!b->decoder || kith_init() || home_open(path, true, &b->home, &e) ||
	    home_lock_writer(b->home, &e) ||
	    store_open(b->home, &o, &b->store, &e) ||
	    views_start(b->store, &e) ||
	    follow_open(b->store, &b->follow, &e))
		bench_fail("late_key", e.text);
	check(keys_new(signer_of(1), &b->keys), "keys");
	check(follow_private(b->follow, b->keys), "keys");
}

int main(int argc, char **argv)
{
	const struct kith_box2_key keys[] = {
		{ .scheme = KITH_SCHEME_GROUP, .b = { 1, 2, 3 } },
		{ .scheme = KITH_SCHEME_GROUP, .b = { 4, 5, 6 } },
	};
	static struct bench b;
	size_t messages = 100000, ours = 100;

	if (argc < 2)
		bench_fail("late_key", "HOME [MESSAGES [OURS]]");
	if (argc > 2)
		messages = strtoul(argv[2], NULL, 10);
	if (argc > 3)
		ours = strtoul(argv[3], NULL, 10);
	open_all(&b, argv[1]);
	fill(&b, messages, ours, keys);
	print(&b, "without the key", catch_up(&b));
	add_key(&b, &keys[0]);
	print(&b, "the key came", catch_up(&b));
	follow_close(b.follow);
	keys_free(b.keys);
	store_close(b.store);
	home_close(b.home);
	return 0;
}
