/*
 * A made-up network, always the same:
 *	generate MESSAGES FEEDS feed|mixed|talk SEED
 *
 * Prints messages as they are sent, one a line: feed after feed, or mixed as
 * they would have come over time.  Feeds have long-tailed lengths; kinds and
 * sizes of messages are roughly those of the real network (an eighth private,
 * a quarter votes, a tenth contacts).  Signatures are real.
 *
 * talk is mixed, and people answer each other: threads of all lengths, votes on
 * what was just said, mentions, channels, names, and words that come again.
 */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "feeds/message.h"
#include "feeds/ref.h"

/* Each signer locks pages of its own, which the system has not many of. */
enum { FEEDS_MAX = 1 << 20, SIGNERS_MAX = 4096, TEXT_BYTES_MAX = 4096,
       OUT_BYTES = 1 << 20 };

/* Of talk. */
enum { THREADS = 256, RECENT = 1024, CHANNELS = 200, WORDS = 20000 };

static const double TAIL = 2.5; /* the greater, the longer */

struct author {
	struct kith_feed_id id; /* format NONE: not made yet */
	struct kith_tip tip;
	uint64_t left; /* messages still to write, feed after feed */
};

struct network {
	struct author *authors;
	struct {
		struct kith_signer *signer;
		uint32_t author;
	} signers[SIGNERS_MAX];
	uint32_t count;
	uint64_t random, seed;
	double now_ms;
	struct kith_decoder *decoder;
	struct kith_buf content;
	bool talk;
	/* Threads that are talked in, and the newest message of each; and what
	 * was said last. */
	struct {
		struct kith_msg_id root, tip;
	} threads[THREADS];
	struct kith_msg_id recent[RECENT];
	uint32_t thread_count, thread, said; /* thread: of the next, or all */
};

/* xorshift64*, by Vigna. */
static uint64_t draw(struct network *n)
{
	n->random ^= n->random >> 12;
	n->random ^= n->random << 25;
	n->random ^= n->random >> 27;
	return n->random * UINT64_C(2685821657736338717);
}

static uint32_t below(struct network *n, uint32_t limit)
{
	return (uint32_t)((draw(n) >> 32) * limit >> 32);
}

static uint32_t draw_author(struct network *n)
{
	double u = (double)(draw(n) >> 11) / 9007199254740992.0;

	return (uint32_t)(n->count * pow(u, TAIL));
}

static const struct kith_signer *signer_of(struct network *n, uint32_t i)
{
	uint8_t seed[KITH_SEED_BYTES], from[12];
	size_t slot = i % SIGNERS_MAX;

	if (n->signers[slot].signer && n->signers[slot].author == i)
		return n->signers[slot].signer;
	kith_signer_free(n->signers[slot].signer);
	kith_put_be64(from, n->seed);
	kith_put_be32(from + 8, i);
	crypto_generichash(seed, sizeof(seed), from, sizeof(from), NULL, 0);
	n->signers[slot].signer = kith_signer_from_seed(seed);
	n->signers[slot].author = i;
	if (!n->signers[slot].signer)
		exit(1);
	return n->signers[slot].signer;
}

static struct author *author_of(struct network *n, uint32_t i)
{
	struct author *a = &n->authors[i];

	if (!a->id.format)
		a->id = *kith_signer_id(signer_of(n, i));
	return a;
}

static void put(struct network *n, const char *text)
{
	kith_buf_text(&n->content, text);
}

static void put_words(struct network *n, uint32_t bytes)
{
	static const char letters[] = "etaoinshrdlucmfwypvbgkjqxz";

	while (bytes--) {
		uint32_t at = below(n, 40);

		kith_buf_byte(&n->content, at < 26 && letters[at]
					   ? (uint8_t)letters[at] : ' ');
	}
}

static void put_box(struct network *n)
{
	uint8_t bytes[900], text[1300];
	uint32_t size = 200 + below(n, 700);

	for (uint32_t i = 0; i < size; i++)
		bytes[i] = (uint8_t)draw(n);
	sodium_bin2base64((char *)text, sizeof(text), bytes, size,
			  sodium_base64_VARIANT_ORIGINAL);
	put(n, "\"");
	put(n, (const char *)text);
	put(n, ".box\"");
}

static void put_feed(struct network *n)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&author_of(n, draw_author(n))->id, id);
	put(n, id);
}

static void put_message_id(struct network *n)
{
	struct author *a = author_of(n, draw_author(n));
	char id[KITH_REF_TEXT_BYTES];

	if (!a->tip.sequence)
		a->tip.id = (struct kith_msg_id){ .format = KITH_CLASSIC };
	kith_msg_print(&a->tip.id, id);
	put(n, id);
}

static void put_post(struct network *n)
{
	/* Mostly short, sometimes long. */
	uint32_t size = 20 + below(n, 300);

	if (!below(n, 12))
		size = below(n, TEXT_BYTES_MAX);
	put(n, "{\"type\":\"post\",\"text\":\"");
	put_words(n, size);
	if (below(n, 2)) {
		put(n, "\",\"root\":\"");
		put_message_id(n);
		put(n, "\",\"branch\":\"");
		put_message_id(n);
	}
	put(n, "\"}");
}

/* --- talk ----------------------------------------------------------------- */

/* Below limit, small numbers the more often the greater skew. */
static uint32_t skewed(struct network *n, uint32_t limit, double skew)
{
	double u = (double)(draw(n) >> 11) / 9007199254740992.0;

	return (uint32_t)(limit * pow(u, skew));
}

static void put_id(struct network *n, const struct kith_msg_id *id)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_msg_print(id, text);
	put(n, text);
}

/* The same word for the same number. */
static void put_word(struct network *n, uint32_t number)
{
	static const char *const syllables[] = {
		"ka", "lo", "mi", "ten", "ru", "sa", "vel", "do", "pin", "ga",
		"ho", "ri", "mun", "be", "so", "ta", "le", "fin", "wa", "jo"
	};
	enum { COUNT = sizeof(syllables) / sizeof(*syllables) };

	do {
		put(n, syllables[number % COUNT]);
		number /= COUNT;
	} while (number);
}

static void put_talk(struct network *n)
{
	uint32_t words = 3 + skewed(n, 60, 2);

	while (words--) {
		put_word(n, skewed(n, WORDS, 3));
		put(n, words ? " " : "");
	}
}

static void put_mention(struct network *n)
{
	put(n, ",\"mentions\":[{\"link\":\"");
	put_feed(n);
	put(n, "\",\"name\":\"");
	put_word(n, below(n, WORDS));
	put(n, "\"}]");
}

/* A thread of its own, or an answer in one; some are talked in much. */
static void put_said(struct network *n)
{
	n->thread = n->thread_count && below(n, 5)
			    ? skewed(n, n->thread_count, TAIL)
			    : THREADS;
	put(n, "{\"type\":\"post\",\"text\":\"");
	put_talk(n);
	put(n, "\"");
	if (n->thread < THREADS) {
		put(n, ",\"root\":\"");
		put_id(n, &n->threads[n->thread].root);
		put(n, "\",\"branch\":\"");
		put_id(n, &n->threads[n->thread].tip);
		put(n, "\"");
	} else if (!below(n, 3)) {
		put(n, ",\"channel\":\"");
		put_word(n, skewed(n, CHANNELS, TAIL));
		put(n, "\"");
	}
	if (!below(n, 8))
		put_mention(n);
	put(n, "}");
}

static void put_vote(struct network *n)
{
	uint32_t known = n->said < RECENT ? n->said : RECENT;

	put(n, "{\"type\":\"vote\",\"vote\":{\"link\":\"");
	put_id(n, &n->recent[skewed(n, known, TAIL)]);
	put(n, "\",\"value\":1,\"expression\":\"Like\"}}");
}

static void put_name(struct network *n)
{
	put(n, "{\"type\":\"about\",\"about\":\"");
	put_feed(n);
	put(n, "\",\"name\":\"");
	put_word(n, below(n, WORDS));
	put(n, "\"}");
}

static void make_talk(struct network *n)
{
	uint32_t kind = below(n, 64);

	n->thread = THREADS + 1;
	if (kind < 8) {
		put_box(n);
	} else if (kind < 24 && n->said) {
		put_vote(n);
	} else if (kind < 30) {
		put(n, "{\"type\":\"contact\",\"contact\":\"");
		put_feed(n);
		put(n, "\",\"following\":true}");
	} else if (kind < 32) {
		put_name(n);
	} else {
		put_said(n);
	}
}

/* What was said is there to be answered and liked. */
static void note_said(struct network *n, const struct kith_msg_id *id)
{
	uint32_t at = n->thread;

	if (at > THREADS)
		return;
	n->recent[n->said < RECENT ? n->said : below(n, RECENT)] = *id;
	n->said++;
	if (at == THREADS) {
		at = n->thread_count < THREADS ? n->thread_count++
					       : below(n, THREADS);
		n->threads[at].root = *id;
	}
	n->threads[at].tip = *id;
}

static void make_content(struct network *n)
{
	uint32_t kind = below(n, 64);

	if (kind < 8) {
		put_box(n);
	} else if (kind < 24) {
		put(n, "{\"type\":\"vote\",\"vote\":{\"link\":\"");
		put_message_id(n);
		put(n, "\",\"value\":1,\"expression\":\"Like\"}}");
	} else if (kind < 30) {
		put(n, "{\"type\":\"contact\",\"contact\":\"");
		put_feed(n);
		put(n, "\",\"following\":true}");
	} else {
		put_post(n);
	}
}

static void write_message(struct network *n, uint32_t i)
{
	struct author *a = author_of(n, i);
	struct kith_draft draft = { .format = KITH_CLASSIC };
	struct kith_error e = { 0 };
	struct kith_msg m;

	kith_buf_reset(&n->content);
	if (n->talk)
		make_talk(n);
	else
		make_content(n);
	n->now_ms += 1 + below(n, 60000);
	draft.content = kith_bytes(&n->content);
	draft.now_ms = n->now_ms;
	kith_decoder_reset(n->decoder);
	if (kith_msg_build(n->decoder, signer_of(n, i), &a->tip, &draft, &m,
			   &e)) {
		fprintf(stderr, "generate: %s\n", e.text);
		exit(1);
	}
	a->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
	if (n->talk)
		note_said(n, &m.id);
	if (fwrite(m.canon.p, 1, m.canon.n, stdout) != m.canon.n ||
	    putchar('\n') == EOF)
		exit(1);
}

static void feed_after_feed(struct network *n, uint64_t messages)
{
	for (uint64_t k = 0; k < messages; k++)
		n->authors[draw_author(n)].left++;
	for (uint32_t i = 0; i < n->count; i++)
		while (n->authors[i].left) {
			n->authors[i].left--;
			write_message(n, i);
		}
}

int main(int argc, char **argv)
{
	static struct network n = { .content.limit = 65536 };
	uint64_t messages;

	if (argc != 5 || kith_init())
		return 2;
	messages = strtoull(argv[1], NULL, 10);
	n.count = (uint32_t)strtoul(argv[2], NULL, 10);
	n.seed = strtoull(argv[4], NULL, 10);
	n.random = n.seed * 2 + 1;
	n.now_ms = 1500000000000;
	n.talk = !strcmp(argv[3], "talk");
	if (!n.count || n.count > FEEDS_MAX)
		return 2;
	n.authors = calloc(n.count, sizeof(*n.authors));
	n.decoder = kith_decoder_new(NULL);
	if (!n.authors || !n.decoder)
		return 1;
	setvbuf(stdout, NULL, _IOFBF, OUT_BYTES);
	if (!strcmp(argv[3], "feed"))
		feed_after_feed(&n, messages);
	else
		for (uint64_t k = 0; k < messages; k++)
			write_message(&n, draw_author(&n));
	return fflush(stdout) ? 1 : 0;
}
