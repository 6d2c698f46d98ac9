#include "src/gossip/gist.h"

#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "feeds/ref.h"
#include "feeds/verify.h"

enum { DISTANCE_MAX = 1000, LEVELS_MAX = 8 /* of lists of blobs */ };

enum topic {
	TOPIC_NONE,
	TOPIC_NOTES,	/* an object of feeds and notes, or a message */
	TOPIC_MESSAGES,
	TOPIC_CLOCK,	/* an object of feeds and sequences */
	TOPIC_UPTO,	/* {id, sequence} */
	TOPIC_WANTS,	/* an object of blobs and numbers */
	TOPIC_BLOBS,	/* blobs, anywhere near the top */
	TOPIC_HISTORY,	/* arguments of createHistoryStream */
	TOPIC_TIME
};

/* What is asked in a method's arguments, and what its items and answers are. */
static const struct {
	const char *name;
	enum topic asked, said;
} methods[] = {
	{ "ebt.replicate", TOPIC_NONE, TOPIC_NOTES },
	{ "ebt.replicateFormat", TOPIC_NONE, TOPIC_NOTES },
	{ "ebt.clock", TOPIC_NONE, TOPIC_CLOCK },
	{ "createHistoryStream", TOPIC_HISTORY, TOPIC_MESSAGES },
	{ "partialReplication.getFeed", TOPIC_HISTORY, TOPIC_MESSAGES },
	{ "partialReplication.getFeedReverse", TOPIC_HISTORY, TOPIC_MESSAGES },
	{ "replicate.upto", TOPIC_NONE, TOPIC_UPTO },
	{ "blobs.createWants", TOPIC_NONE, TOPIC_WANTS },
	{ "blobs.get", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.getSlice", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.has", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.size", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.want", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.push", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.add", TOPIC_BLOBS, TOPIC_NONE },
	{ "blobs.changes", TOPIC_NONE, TOPIC_BLOBS },
	{ "gossip.ping", TOPIC_NONE, TOPIC_TIME },
	{ "conn.ping", TOPIC_NONE, TOPIC_TIME },
	{ NULL, TOPIC_NONE, TOPIC_MESSAGES },
};

struct gist {
	struct kith_decoder *decoder;
	struct kith_error error; /* of the last row */
	enum topic topic;
	struct kith_slice value; /* being walked, */
	size_t at;
	struct {
		struct kith_slice value;
		size_t at;
	} outer[LEVELS_MAX]; /* and what it stands in */
	size_t level;
	bool over;
};

struct gist *gist_new(const uint8_t *hmac)
{
	struct gist *g = calloc(1, sizeof(*g));

	if (!g)
		return NULL;
	g->decoder = kith_decoder_new(hmac);
	if (g->decoder)
		return g;
	free(g);
	return NULL;
}

void gist_free(struct gist *g)
{
	if (!g)
		return;
	kith_decoder_free(g->decoder);
	free(g);
}

/* --- messages --- */

/* It may stand alone or in {key, value, timestamp}. */
static bool find_message(struct kith_slice item, struct gist_row *out)
{
	struct kith_slice inner = json_get(item, "value");
	struct kith_feed_id author;
	uint64_t sequence;

	if (json_kind(inner) == JSON_KIND_OBJECT)
		item = inner;
	if (!msg_peek(item, &author, &sequence))
		return false;
	*out = (struct gist_row){
		.kind = GIST_MESSAGE,
		.has_feed = author.format != KITH_FORMAT_NONE,
		.feed = author,
		.sequence = sequence,
		.value = item,
	};
	return true;
}

static enum kith_err verify(struct gist *g, struct gist_row *row)
{
	struct kith_verify_item item = { 0 };
	struct kith_msg m;
	enum kith_err err;

	kith_decoder_reset(g->decoder);
	err = kith_msg_decode(g->decoder, KITH_CLASSIC, row->value, &m,
			      &g->error);
	if (err)
		return kith_fail(&g->error, err, 0, "%s", kith_strerror(err));
	row->has_id = true;
	row->id = m.id;
	item.key = m.author.b;
	item.message = m.signing;
	item.signature = m.signature;
	kith_verify(&item, 1);
	if (!item.valid)
		return kith_fail(&g->error, KITH_ESIGN, 0,
				 "the signature does not verify");
	return KITH_OK;
}

/* Whoever sends {key, value} may claim any id. */
static enum kith_err compare_key(struct gist *g, const struct gist_row *row)
{
	struct kith_slice key = json_plain(json_get(g->value, "key"));
	struct kith_msg_id id;

	if (!key.n || row->value.p == g->value.p)
		return KITH_OK;
	if (!kith_msg_parse(key, &id) && kith_msg_equal(&id, &row->id))
		return KITH_OK;
	return kith_fail(&g->error, KITH_EFORMAT, 0,
			 "it comes with the id of another");
}

static bool next_message(struct gist *g, struct gist_row *out)
{
	if (!find_message(g->value, out))
		return false;
	g->error = (struct kith_error){ 0 };
	out->good = !verify(g, out) && !compare_key(g, out);
	out->problem = &g->error;
	g->over = true;
	return true;
}

/* --- objects of entries --- */

static bool ignored(struct kith_slice text, struct gist_row *out)
{
	*out = (struct gist_row){ .kind = GIST_IGNORED, .text = text };
	return true;
}

static bool read_note(struct kith_slice key, struct kith_slice value,
		      struct gist_row *out)
{
	*out = (struct gist_row){ .kind = GIST_NOTE, .has_feed = true };
	if (kith_feed_parse(json_plain(key), &out->feed) ||
	    !note_decode(value, &out->note))
		return ignored(key, out);
	return true;
}

static bool read_clock(struct kith_slice key, struct kith_slice value,
		       struct gist_row *out)
{
	*out = (struct gist_row){ .kind = GIST_CLOCK, .has_feed = true };
	if (kith_feed_parse(json_plain(key), &out->feed) ||
	    !json_uint(value, &out->sequence))
		return ignored(key, out);
	return true;
}

static bool read_want(struct kith_slice key, struct kith_slice value,
		      struct gist_row *out)
{
	double d;

	*out = (struct gist_row){ .kind = GIST_HAVE };
	if (kith_blob_parse(json_plain(key), &out->blob) ||
	    !json_number(value, &d) || d == 0)
		return ignored(key, out);
	if (d > 0 && json_uint(value, &out->bytes))
		return true;
	if (d > 0 || d < -DISTANCE_MAX || (double)(int32_t)d != d)
		return ignored(key, out);
	out->kind = GIST_WANT;
	out->distance = (uint32_t)-d;
	return true;
}

static bool next_entry(struct gist *g, struct gist_row *out)
{
	struct kith_slice key, value;

	if (!json_next_member(g->value, &g->at, &key, &value))
		return false;
	switch (g->topic) {
	case TOPIC_NOTES: return read_note(key, value, out);
	case TOPIC_CLOCK: return read_clock(key, value, out);
	default: return read_want(key, value, out);
	}
}

/* --- the rest --- */

static bool read_upto(struct gist *g, struct gist_row *out)
{
	struct kith_slice id = json_plain(json_get(g->value, "id"));

	g->over = true;
	*out = (struct gist_row){ .kind = GIST_CLOCK, .has_feed = true };
	return !kith_feed_parse(id, &out->feed) &&
	       json_uint(json_get(g->value, "sequence"), &out->sequence);
}

static bool read_history(struct gist *g, struct gist_row *out)
{
	g->over = true;
	*out = (struct gist_row){ .kind = GIST_ASK, .has_feed = true };
	if (history_args_decode(g->value, &out->history, NULL))
		return false;
	out->feed = out->history.id;
	return true;
}

static bool read_time(struct gist *g, struct gist_row *out)
{
	g->over = true;
	*out = (struct gist_row){ .kind = GIST_TIME };
	return json_number(g->value, &out->time_ms);
}

static bool is_blob(struct kith_slice value, struct gist_row *out)
{
	*out = (struct gist_row){ .kind = GIST_BLOB };
	return json_kind(value) == JSON_KIND_STRING &&
	       !kith_blob_parse(json_plain(value), &out->blob);
}

/* The blob that one argument names: by itself, or as {key}, under any of the
 * names that it has. */
static bool named_blob(struct kith_slice value, struct gist_row *out)
{
	static const char *const names[] = { "key", "hash", "id" };

	if (is_blob(value, out))
		return true;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (is_blob(json_get(value, names[i]), out))
			return true;
	return false;
}

static void go_in(struct gist *g, struct kith_slice inner)
{
	g->outer[g->level].value = g->value;
	g->outer[g->level++].at = g->at;
	g->value = inner;
	g->at = 0;
}

static void go_out(struct gist *g)
{
	g->value = g->outer[--g->level].value;
	g->at = g->outer[g->level].at;
}

/* One id, or [id...], and of these any may be a list again. */
static bool next_blob(struct gist *g, struct gist_row *out)
{
	struct kith_slice value;

	if (json_kind(g->value) != JSON_KIND_ARRAY) {
		g->over = true;
		return named_blob(g->value, out);
	}
	for (;;) {
		while (json_next_element(g->value, &g->at, &value)) {
			if (named_blob(value, out))
				return true;
			if (g->level < LEVELS_MAX &&
			    json_kind(value) == JSON_KIND_ARRAY)
				go_in(g, value);
		}
		if (!g->level)
			return false;
		go_out(g);
	}
}

enum gist_blob gist_fetched(const struct dissect_event *e)
{
	struct gist_row row;
	struct kith_slice only;
	size_t at = 0;

	if (e->what != DISSECT_END || !e->has_hash ||
	    !kith_equal(e->call->name, KITH_SLICE("blobs.get")) ||
	    !json_next_element(e->call->args, &at, &only) ||
	    !named_blob(only, &row))
		return GIST_NO_BLOB;
	/* Blobs are public: memcmp is right here. */
	return memcmp(row.blob.b, e->hash, sizeof(e->hash)) ? GIST_BLOB_WRONG
							     : GIST_BLOB_GOOD;
}

static enum topic topic_of(const struct dissect_event *e)
{
	size_t i = 0;

	while (methods[i].name &&
	       !kith_equal(e->call->name, kith_text(methods[i].name)))
		i++;
	return e->what == DISSECT_CALL ? methods[i].asked : methods[i].said;
}

void gist_start(struct gist *g, const struct dissect_event *e)
{
	bool item = e->what == DISSECT_DATA || e->what == DISSECT_REPLY;

	g->over = !e->call || !e->json.n || (!item && e->what != DISSECT_CALL);
	if (g->over)
		return;
	g->topic = topic_of(e);
	g->value = e->what == DISSECT_CALL ? json_get(e->json, "args")
					   : e->json;
	g->at = 0;
	g->level = 0;
}

bool gist_next(struct gist *g, struct gist_row *out)
{
	if (g->over)
		return false;
	switch (g->topic) {
	case TOPIC_NONE: return false;
	case TOPIC_MESSAGES: return next_message(g, out);
	case TOPIC_NOTES:
		return (g->at == 0 && next_message(g, out)) ||
		       (!g->over && next_entry(g, out));
	case TOPIC_CLOCK:
	case TOPIC_WANTS: return next_entry(g, out);
	case TOPIC_UPTO: return read_upto(g, out);
	case TOPIC_BLOBS: return next_blob(g, out);
	case TOPIC_HISTORY: return read_history(g, out);
	case TOPIC_TIME: return read_time(g, out);
	}
	return false;
}
