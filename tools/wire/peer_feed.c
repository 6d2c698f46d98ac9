/* kith peer ADDRESS feed: a feed as one peer gives it, put in order where it
 * does not come so, and printed or checked. */
#include "tools/wire/peer.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/peek.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "src/client/link.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum {
	ARGS_BYTES_MAX = 512,
	TOLD_MAX = 10,
	HELD_MAX = 256,	    /* messages that came before their turn */
	USELESS_MAX = 10000 /* items in a row that bring the feed no further */
};

struct held {
	uint64_t sequence; /* 0: free */
	struct kith_buf value;
};

struct check {
	const struct ask *ask;
	struct kith_feed_id feed;
	struct kith_decoder *decoder; /* NULL: nothing is checked */
	struct kith_tip tip;
	uint64_t next; /* whose turn it is */
	uint64_t messages, bad;
	struct held held[HELD_MAX];
	size_t held_count;
	int64_t heard_ms; /* when the feed went on for the last time */
	unsigned useless; /* items since then */
};

static void tell(struct check *c, const char *why)
{
	struct record r;

	if (c->bad++ >= TOLD_MAX)
		return;
	if (c->ask->tool->json) {
		record_begin(&r);
		record_feed(&r, "feed", &c->feed);
		record_uint(&r, "at", c->messages);
		record_text(&r, "problem", why);
		record_end(&r);
		return;
	}
	printf("message %llu that came: ", (unsigned long long)c->messages);
	text_print(stdout, kith_text(why));
	putchar('\n');
}

static const char *chain_fault(enum kith_err err)
{
	switch (err) {
	case KITH_OK: return NULL;
	case KITH_EEXIST: return "it comes again, or out of order";
	case KITH_EGAP: return "the one before it did not come";
	case KITH_EFORK: return "it names another previous one: a fork";
	default: return kith_strerror(err);
	}
}

static void check_message(struct check *c, struct kith_slice value)
{
	struct kith_verify_item item = { 0 };
	struct kith_error e = { 0 };
	const char *why = NULL;
	struct kith_msg m;

	kith_decoder_reset(c->decoder);
	if (kith_msg_decode(c->decoder, KITH_CLASSIC, value, &m, &e)) {
		tell(c, e.text);
		return;
	}
	item = (struct kith_verify_item){ m.author.b, m.signing, m.signature,
					  false };
	kith_verify(&item, 1);
	if (!item.valid)
		why = "the signature is bad";
	else if (!kith_feed_equal(&m.author, &c->feed))
		why = "it is of another feed";
	else
		why = chain_fault(kith_chain(&c->tip, &m));
	if (why)
		tell(c, why);
	else
		c->tip = (struct kith_tip){ m.sequence, m.id, m.claimed };
}

static void print_message(struct kith_slice value)
{
	if (isatty(STDOUT_FILENO))
		text_print(stdout, value);
	else
		fwrite(value.p, 1, value.n, stdout);
	putchar('\n');
}

static void take_in_turn(struct check *c, struct kith_slice value,
			 uint64_t sequence)
{
	c->messages++;
	c->next = sequence + 1;
	if (c->decoder)
		check_message(c, value);
	else
		print_message(value);
}

/* The one with this number, or, for 0, that with the least; NULL: none. */
static struct held *find_held(struct check *c, uint64_t sequence)
{
	struct held *best = NULL;

	for (struct held *h = c->held; h < c->held + HELD_MAX; h++)
		if (h->sequence &&
		    (sequence ? h->sequence == sequence
			      : !best || h->sequence < best->sequence))
			best = h;
	return best;
}

static void let_go(struct check *c, struct held *h)
{
	uint64_t sequence = h->sequence;

	h->sequence = 0;
	c->held_count--;
	take_in_turn(c, kith_bytes(&h->value), sequence);
}

static bool hold(struct check *c, struct kith_slice value, uint64_t sequence)
{
	struct held *h = c->held;

	while (h->sequence)
		h++;
	h->value.limit = KITH_MSG_WIRE_BYTES_MAX;
	kith_buf_reset(&h->value);
	kith_buf_put(&h->value, value);
	if (h->value.err)
		return false;
	h->sequence = sequence;
	c->held_count++;
	return true;
}

/* Some peers give a feed out of order: what comes too early waits for its
 * turn (protocol/05 section 2). */
static void take_turn(struct check *c, struct kith_slice value,
		      uint64_t sequence)
{
	struct held *h;

	if (sequence > c->next && hold(c, value, sequence)) {
		h = c->held_count == HELD_MAX ? find_held(c, 0) : NULL;
		if (h)
			let_go(c, h);
	} else {
		take_in_turn(c, value, sequence);
	}
	while ((h = find_held(c, c->next)))
		let_go(c, h);
}

/* Only what the feed had not had so far, and is not bad, is worth waiting for
 * more. */
static void take_message(struct check *c, struct kith_slice value)
{
	struct kith_feed_id author;
	uint64_t sequence, bad = c->bad;
	bool is_message = msg_peek(value, &author, &sequence);
	bool useful = is_message && sequence >= c->next &&
		      kith_feed_equal(&author, &c->feed);

	take_turn(c, value, is_message ? sequence : c->next);
	c->useless++;
	if (!useful || c->bad != bad)
		return;
	c->useless = 0;
	c->heard_ms = link_now_ms();
}

static void take_rest(struct check *c)
{
	struct held *h;

	while ((h = find_held(c, 0)))
		let_go(c, h);
	for (size_t i = 0; i < HELD_MAX; i++)
		kith_buf_free(&c->held[i].value);
}

static int sum_up(const struct check *c)
{
	struct record r;

	if (!c->messages)
		return tool_fail(EXIT_NOT_FOUND, "nothing came: %s has nothing "
				 "of that feed, or does not give it to you",
				 c->ask->address);
	if (!c->decoder)
		return EXIT_DONE;
	if (c->ask->tool->json) {
		record_begin(&r);
		record_feed(&r, "feed", &c->feed);
		record_uint(&r, "seq", c->tip.sequence);
		record_uint(&r, "messages", c->messages);
		record_uint(&r, "bad", c->bad);
		record_end(&r);
	} else {
		printf("%llu messages came, good up to number %llu, %llu "
		       "bad\n", (unsigned long long)c->messages,
		       (unsigned long long)c->tip.sequence,
		       (unsigned long long)c->bad);
	}
	return c->bad ? EXIT_FAILED : EXIT_DONE;
}

static enum kith_err ask_history(struct check *c, struct kith_error *e)
{
	struct kith_buf args = { .limit = ARGS_BYTES_MAX };
	char id[KITH_REF_TEXT_BYTES];
	enum kith_err err;

	kith_feed_print(&c->feed, id);
	kith_buf_text(&args, "[{\"id\":");
	json_put_text(&args, id);
	kith_buf_text(&args, ",\"seq\":1,\"sequence\":1,\"live\":false,"
			     "\"keys\":false}]");
	err = client_source(c->ask->client, "createHistoryStream",
			    kith_bytes(&args), e);
	kith_buf_free(&args);
	return err;
}

/* Old programs put {key,value} around it all the same. */
static struct kith_slice value_of(struct kith_slice item)
{
	struct kith_slice value = json_get(item, "value");

	return json_kind(value) == JSON_KIND_OBJECT ? value : item;
}

static int fetch(struct check *c)
{
	struct kith_error e = { 0 };
	struct kith_slice item;
	enum kith_err err = ask_history(c, &e);

	c->heard_ms = link_now_ms();
	while (!err) {
		err = client_next(c->ask->client,
				  ask_time_left(c->ask, c->heard_ms), &item,
				  &e);
		if (!err)
			take_message(c, value_of(item));
		if (!err && c->useless == USELESS_MAX)
			err = kith_fail(&e, KITH_EIO, 0, "%d items in a row "
					"bring the feed no further",
					USELESS_MAX);
	}
	take_rest(c);
	/* Who does not give a feed may well say nothing at all. */
	if (err != KITH_ENOENT && !(err == KITH_EBUSY && !c->messages))
		return ask_failed(c->ask, err, &e);
	return sum_up(c);
}

int ask_feed(struct ask *a)
{
	struct check *c = calloc(1, sizeof(*c));
	int code = EXIT_FAILED;

	if (!c)
		return tool_fail(EXIT_FAILED, "out of memory");
	c->ask = a;
	c->feed = a->feed;
	c->next = 1;
	if (tool_option(a->tool, 'v'))
		c->decoder = kith_decoder_new(a->network.has_key
						      ? a->network.key
						      : NULL);
	if (tool_option(a->tool, 'v') && !c->decoder)
		tool_fail(EXIT_FAILED, "out of memory");
	else
		code = fetch(c);
	kith_decoder_free(c->decoder);
	free(c);
	return code;
}
