/* A live peer as a source: its clock, single messages, and whole feeds. */
#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/message.h"
#include "feeds/ref.h"
#include "feeds/verify.h"
#include "src/source/kind.h"
#include "src/source/peer_own.h"

enum {
	SILENCE_MS = 5000, /* of a stream, and then it counts as empty */
	SILENT_MAX = 2,	   /* streams without a word: it stalls */
	BATCH_MAX = 256,   /* messages asked for at once */
	SKIP_MAX = 10000,  /* messages behind the one that was asked for */
	SKIP_BYTES_MAX = 8 << 20,
	ARGS_BYTES = 256
};

/* --- messages ------------------------------------------------------------- */

enum kith_err peer_ask_history(struct peer *p, const struct kith_feed_id *feed,
			       uint64_t sequence, uint64_t limit,
			       struct kith_error *e)
{
	struct kith_buf args = { .limit = ARGS_BYTES };
	enum kith_err err;

	peer_put_history(&args, feed, sequence, limit);
	err = args.err ? kith_fail(e, args.err, 0, "out of memory")
		       : client_source(p->client, "createHistoryStream",
				       kith_bytes(&args), e);
	kith_buf_free(&args);
	p->walking = false;
	p->stream = (struct peer_stream){ .open = !err, .feed = *feed,
					  .next = sequence, .batch = limit,
					  .left = limit };
	return err;
}

/* A feed of which nothing comes, where the peer has answered of others, is not
 * asked for again: one may block us, and the rest is there to be read. */
static void note_mute(struct peer *p, const struct kith_feed_id *feed)
{
	struct peer_word *word = peer_clock_of(&p->clock, feed);

	if (word && p->heard)
		word->mute = true;
}

static bool is_mute(const struct peer *p, const struct kith_feed_id *feed)
{
	const struct peer_word *word = peer_clock_of(&p->clock, feed);

	return word && word->mute;
}

static void note_heard(struct peer *p)
{
	p->silent = 0;
	p->heard = true;
}

/* Not a word came: once that is an answer, too, as of some whose feed's author
 * blocks us. */
static enum kith_err fell_silent(struct peer *p, struct kith_error *e)
{
	if (++p->silent < SILENT_MAX)
		return KITH_ENOENT;
	return kith_fail(e, KITH_EIO, 0, "the peer does not answer any more: "
			 "nothing came for %d s", p->silence_ms / 1000);
}

/* The next item of the stream; ENOENT: its end, be it that the peer refuses or
 * does not say a word. */
static enum kith_err next_item(struct peer *p, struct kith_slice *item,
			       struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err = client_next(p->client, p->silence_ms, item, &why);

	if (err != KITH_EBUSY)
		note_heard(p);
	if (!err)
		return KITH_OK;
	p->stream.open = false;
	if (err == KITH_EBUSY && p->stream.left == p->stream.batch)
		note_mute(p, &p->stream.feed);
	if (err == KITH_EBUSY)
		return fell_silent(p, e);
	if (err == KITH_EDENIED)
		return KITH_ENOENT;
	return err == KITH_ENOENT ? err : kith_fail(e, err, 0, "%s", why.text);
}

/* Takes {key,value,timestamp} apart, or a bare value. */
static void read_item(struct kith_slice item, struct source_message *out)
{
	struct kith_slice value = json_get(item, "value");
	double ms;

	*out = (struct source_message){ .value = item };
	if (json_kind(value) != JSON_KIND_OBJECT)
		return;
	out->value = value;
	out->has_id = !kith_msg_parse(json_plain(json_get(item, "key")),
				      &out->id);
	if (json_number(json_get(item, "timestamp"), &ms))
		out->received_us = source_received_us(ms);
}

/* It must be a message of the feed; of which place, and signed, is for the
 * caller to see. */
static enum kith_err decode(struct peer *p, const struct kith_feed_id *feed,
			    struct kith_slice value, struct kith_error *e)
{
	struct kith_error why = { 0 };

	kith_decoder_reset(p->decoder);
	if (kith_msg_decode(p->decoder, KITH_CLASSIC, value, &p->message, &why))
		return kith_fail(e, KITH_EFORMAT, why.offset, "the peer sent "
				 "what is no message: %.80s", why.text);
	if (!kith_feed_equal(&p->message.author, feed))
		return kith_fail(e, KITH_EFORMAT, 0, "the peer sent a message "
				 "of another feed than it was asked for");
	return KITH_OK;
}

static enum kith_err check_signature(const struct kith_msg *m,
				     struct kith_error *e)
{
	struct kith_verify_item item = { m->author.b, m->signing,
					 m->signature, false };

	kith_verify(&item, 1);
	return item.valid ? KITH_OK
			  : kith_fail(e, KITH_ESIGN, 0, "the peer sent a "
				      "message %llu whose signature is wrong",
				      (unsigned long long)m->sequence);
}

enum kith_err peer_take(struct peer *p, struct source_message *out,
			struct kith_error *e)
{
	struct kith_slice item = { 0 };
	enum kith_err err = next_item(p, &item, e);

	if (err)
		return err;
	read_item(item, out);
	out->at = p->stream.next;
	return decode(p, &p->stream.feed, out->value, e);
}

/* ssb-db2 sends by claimed time, and cuts off in that order: what was asked
 * for may come later, and only if there is no limit. */
static enum kith_err take_later(struct peer *p,
				const struct kith_feed_id *feed,
				uint64_t sequence, struct source_message *out,
				struct kith_error *e)
{
	enum kith_err err = peer_ask_history(p, feed, sequence, 0, e);
	size_t bytes = 0;

	for (int i = 0; !err && i < SKIP_MAX && bytes < SKIP_BYTES_MAX; i++) {
		err = peer_take(p, out, e);
		if (!err && p->message.sequence == sequence)
			break;
		bytes += out->value.n;
	}
	if (!err && p->message.sequence != sequence)
		err = KITH_ENOENT;
	client_source_end(p->client);
	p->stream.open = false;
	return err;
}

/* Opens the stream that begins with the message, unless it comes next anyway.
 * Who asks for one after the other gets more at a time. */
static enum kith_err reach(struct peer *p, const struct kith_feed_id *feed,
			   uint64_t sequence, struct kith_error *e)
{
	const struct peer_stream *s = &p->stream;
	uint64_t batch = 1;

	if (!p->walking && s->next == sequence &&
	    kith_feed_equal(&s->feed, feed)) {
		if (s->open && s->left)
			return KITH_OK;
		batch = s->batch && s->batch < BATCH_MAX ? 4 * s->batch
							 : BATCH_MAX;
	}
	return peer_ask_history(p, feed, sequence, batch, e);
}

/* What came when it was asked for together with others. */
static enum kith_err take_answer(struct peer *p, const struct peer_answer *a,
				 struct source_message *out,
				 struct kith_error *e)
{
	if (a->bad)
		return kith_fail(e, KITH_EFORMAT, 0, "the peer sent what is "
				 "no message: empty, or too long");
	if (!a->item.n)
		return KITH_ENOENT;
	read_item(kith_bytes(&a->item), out);
	out->at = a->place.sequence;
	return decode(p, &a->place.feed, out->value, e);
}

static enum kith_err peer_at(void *of, const struct kith_feed_id *feed,
			     uint64_t sequence, struct source_message *out,
			     struct kith_error *e)
{
	struct peer *p = of;
	const struct peer_answer *known = peer_ahead_of(&p->ahead, feed,
							sequence);
	struct source_message found = { 0 };
	enum kith_err err = KITH_OK;

	if (is_mute(p, feed))
		return KITH_ENOENT;
	if (!known)
		err = reach(p, feed, sequence, e);
	if (!err)
		err = known ? take_answer(p, known, &found, e)
			    : peer_take(p, &found, e);
	if (!err && p->message.sequence < sequence)
		return kith_fail(e, KITH_EFORMAT, 0, "the peer was asked for "
				 "message %llu and sent %llu",
				 (unsigned long long)sequence,
				 (unsigned long long)p->message.sequence);
	if (!err && p->message.sequence > sequence)
		err = take_later(p, feed, sequence, &found, e);
	if (!err)
		err = check_signature(&p->message, e);
	if (err)
		return err;
	if (!known) {
		p->stream.next = sequence + 1;
		p->stream.left -= p->stream.left > 0;
	}
	*out = found;
	return KITH_OK;
}

static void note_silence(struct peer *p)
{
	for (size_t i = 0; i < p->ahead.count; i++)
		if (p->ahead.answers[i].silent)
			note_mute(p, &p->ahead.answers[i].place.feed);
}

static enum kith_err peer_ahead(void *of, const struct source_place *places,
				size_t n, struct kith_error *e)
{
	struct source_place asked[SOURCE_AHEAD_MAX];
	struct peer *p = of;
	enum kith_err err;
	size_t count = 0;

	for (size_t i = 0; i < n; i++)
		if (!is_mute(p, &places[i].feed))
			asked[count++] = places[i];
	if (!count)
		return KITH_OK;
	client_source_end(p->client);
	p->stream.open = false;
	err = peer_ahead_ask(&p->ahead, p->client, asked, count, p->silence_ms,
			     e);
	if (!err)
		note_heard(p);
	note_silence(p);
	if (err == KITH_EBUSY)
		err = fell_silent(p, e);
	return err == KITH_ENOENT ? KITH_OK : err;
}

/* --- its clock ------------------------------------------------------------ */

enum kith_err peer_ask_clock(struct peer *p, struct kith_error *e)
{
	enum kith_err err;

	if (p->asked)
		return KITH_OK;
	p->stream = (struct peer_stream){ .open = false };
	peer_clock_free(&p->clock);
	err = peer_clock_ask(p->client, &p->clock, e);
	p->asked = !err;
	return err;
}

static void fill_feed(const struct peer_word *word, struct source_feed *out)
{
	*out = (struct source_feed){ .id = word->feed };
	if (word->sequence == KITH_CLOCK_REFUSED)
		return;
	out->known = true;
	out->first = word->sequence > 0;
	out->last = out->messages = (uint64_t)word->sequence;
}

static enum kith_err peer_clock(void *of,
				bool (*fn)(void *arg,
					   const struct source_feed *f),
				void *arg, struct kith_error *e)
{
	struct peer *p = of;
	struct source_feed feed;
	enum kith_err err = peer_ask_clock(p, e);
	bool on = !err;

	for (size_t i = 0; on && i < p->clock.count; i++) {
		fill_feed(&p->clock.words[i], &feed);
		on = fn(arg, &feed);
	}
	return err;
}

static enum kith_err peer_feed(void *of, const struct kith_feed_id *id,
			       struct source_feed *out, struct kith_error *e)
{
	struct peer *p = of;
	const struct peer_word *word;
	enum kith_err err = peer_ask_clock(p, e);

	if (err)
		return err;
	word = peer_clock_of(&p->clock, id);
	if (word)
		fill_feed(word, out);
	else
		*out = (struct source_feed){ .id = *id };
	return KITH_OK;
}

/* --- opening -------------------------------------------------------------- */

static bool peer_is(const char *name)
{
	struct address a;

	return !address_parse(kith_text(name), &a, NULL);
}

static void peer_close(void *of)
{
	struct peer *p = of;

	if (!p)
		return;
	client_close(p->client);
	kith_decoder_free(p->decoder);
	peer_clock_free(&p->clock);
	peer_ahead_free(&p->ahead);
	free(p);
}

static enum kith_err connect_to(struct peer *p, const struct address *a,
				const struct source_with *with,
				struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err;

	if (!a->noauth && !with->app_key)
		return kith_fail(e, KITH_EDENIED, 0, "no network's key to "
				 "connect with");
	if (!a->noauth && !a->has_seed && !with->signer)
		return kith_fail(e, KITH_EDENIED, 0, "to connect to a peer "
				 "takes an identity: make one with `kith "
				 "init`");
	err = client_open(a, with->signer, with->app_key, &p->client, &why);
	/* Nobody there is not the same as busy to who reads. */
	if (err == KITH_EBUSY)
		err = KITH_EIO;
	return err ? kith_fail(e, err, 0, "%s", why.text) : KITH_OK;
}

static enum kith_err peer_open(const char *name,
			       const struct source_with *with, void **out,
			       struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err;
	struct address a;
	struct peer *p;

	if (address_parse(kith_text(name), &a, &why))
		return kith_fail(e, KITH_EFORMAT, 0, "no address to dial: "
				 "%.80s; one looks like "
				 "net:example.org:8008~shs:KEY", why.text);
	p = calloc(1, sizeof(*p));
	if (!p)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	p->walk_next = 1;
	p->silence_ms = with->silence_ms ? with->silence_ms : SILENCE_MS;
	p->decoder = kith_decoder_new(with->hmac);
	err = p->decoder ? connect_to(p, &a, with, e)
			 : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	if (err)
		peer_close(p);
	else
		*out = p;
	return err;
}

const struct source_row source_peer = {
	.kind = "peer",
	.can = SOURCE_CLOCK | SOURCE_PLACES | SOURCE_ASKED,
	.is = peer_is,
	.open = peer_open,
	.close = peer_close,
	.next = peer_next,
	.rewind = peer_rewind,
	.clock = peer_clock,
	.feed = peer_feed,
	.at = peer_at,
	.ahead = peer_ahead,
};
