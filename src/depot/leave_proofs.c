/* Proofs of forks: those that we have and the depot has not. */
#include <sodium.h>

#include "feeds/json.h"
#include "feeds/peek.h"
#include "src/depot/leave.h"
#include "src/store/proofs.h"

struct depot_range session_proof_mark(const struct kith_feed_id *feed,
				      uint64_t sequence)
{
	static const uint8_t key[] = "kith depot: proof of a fork";
	struct depot_range mark = { .feed = { .format = feed->format },
				    .first = sequence,
				    .last = sequence };

	crypto_generichash(mark.feed.b, sizeof(mark.feed.b), feed->b,
			   sizeof(feed->b), key, sizeof(key));
	return mark;
}

bool session_proof_read(struct kith_slice json, struct kith_slice pair[2],
			struct kith_feed_id *feed, uint64_t *sequence)
{
	struct kith_slice all;
	size_t at = 0;

	if (json_check(json, NULL, NULL))
		return false;
	all = json_get(json, "proof");
	return json_next_element(all, &at, &pair[0]) &&
	       json_next_element(all, &at, &pair[1]) &&
	       msg_peek(pair[0], feed, sequence) && *sequence &&
	       *sequence <= KITH_SEQUENCE_MAX &&
	       feed->format != KITH_FORMAT_NONE;
}

static bool is_there(const struct session *s, const struct depot_range *mark)
{
	struct depot_range missing;

	for (size_t i = 0; i < s->memory->known_count; i++)
		if (s->memory->known[i]->ranges &&
		    !depot_ranges_lack(s->memory->known[i]->ranges, mark,
				       &missing))
			return true;
	return false;
}

static bool is_to_be_left(struct session *s, const struct proof_row *row)
{
	struct depot_range mark = session_proof_mark(&row->feed, row->sequence);
	int hops = graph_hops(s->config->graph, &row->feed);

	return row->count == 2 && hops >= 0 && hops <= s->config->hops &&
	       !is_there(s, &mark);
}

static void encode(const struct proof_row *row, struct kith_buf *out)
{
	kith_buf_reset(out);
	kith_buf_text(out, "{\"proof\":[");
	kith_buf_put(out, row->messages[0].canon);
	kith_buf_byte(out, ',');
	kith_buf_put(out, row->messages[1].canon);
	kith_buf_text(out, "]}");
}

enum kith_err leave_proofs(struct leave *l)
{
	struct kith_buf text = { .limit = DEPOT_LINE_JSON_MAX };
	struct proof_row row = { 0 };
	struct txn *t;
	enum kith_err err = store_read(l->s->config->store, &t);

	if (err)
		return err;
	while (!err && proof_next(t, &row)) {
		if (!is_to_be_left(l->s, &row))
			continue;
		encode(&row, &text);
		err = text.err ? text.err
			       : leave_put(l, DEPOT_FORK, kith_bytes(&text));
	}
	if (!err)
		err = txn_error(t);
	txn_end(t);
	kith_buf_free(&text);
	return err;
}
