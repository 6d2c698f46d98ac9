#include <math.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "feeds/verdict_private.h"

/* 2^53. */
#define DOUBLE_END 9007199254740992.0

static bool refuse_sequence(struct hearing *h, const char *why)
{
	return hearing_refuse(h, KITH_RULE_PLACE,
			      hearing_member(h, CLASSIC_SEQUENCE), why);
}

static bool refuse_previous(struct hearing *h, const char *why)
{
	return hearing_refuse(h, KITH_RULE_PLACE,
			      hearing_member(h, CLASSIC_PREVIOUS), why);
}

/* An integer of 64 bits, spelled without a point or exponent. */
static bool is_int64(struct kith_slice value)
{
	uint64_t n = 0, limit = INT64_MAX;
	size_t i = 0;

	if (value.n && value.p[0] == '-') {
		limit++;
		i++;
	}
	for (; i < value.n; i++) {
		unsigned digit = (unsigned)value.p[i] - '0';

		if (digit > 9 || n > (limit - digit) / 10)
			return false;
		n = n * 10 + digit;
	}
	return value.n > 0;
}

/* The sequence as the peer reads it. */
static bool read_sequence(struct hearing *h, double *out)
{
	struct kith_slice value = hearing_member(h, CLASSIC_SEQUENCE);

	if (!json_number(value, out))
		return refuse_sequence(h, "not a number");
	switch (h->peer->sequence) {
	case SEQUENCE_31_BITS:
		if (!(fabs(*out) < DOUBLE_END) || floor(*out) != *out)
			return refuse_sequence(h, "not a whole number");
		if (*out > INT32_MAX || *out < INT32_MIN)
			return refuse_sequence(h, "over 2147483647");
		return true;
	case SEQUENCE_CUT:
		*out = *out > 0 ? floor(*out) : 0;
		return *out < DOUBLE_END ||
		       refuse_sequence(h, "2^53 or more");
	default:
		return (isfinite(*out) && floor(*out) == *out) ||
		       refuse_sequence(h, "not a whole number");
	}
}

/* An array around one value is that value's text to JavaScript. */
static struct kith_slice inside_arrays(struct kith_slice value)
{
	struct kith_slice one, more;
	size_t at;

	while (json_kind(value) == JSON_KIND_ARRAY) {
		at = 0;
		if (!json_next_element(value, &at, &one) ||
		    json_next_element(value, &at, &more))
			break;
		value = one;
	}
	return value;
}

/* %, 44 characters and .sha256; whatever may follow if tail. */
static bool parse_previous(struct kith_slice text, bool tail,
			   struct kith_msg_id *out)
{
	size_t chars = BASE64_CHARS(KITH_ID_BYTES), n = chars + 8;

	if (text.n < n || (!tail && text.n != n) || text.p[0] != '%' ||
	    memcmp(text.p + 1 + chars, ".sha256", 7) != 0)
		return false;
	out->format = KITH_CLASSIC;
	return base64_decode((struct kith_slice){ text.p + 1, chars }, out->b,
			     sizeof(out->b));
}

static bool check_previous(struct hearing *h)
{
	bool tail = h->peer->previous == PREVIOUS_PARSED;
	struct kith_slice value = hearing_member(h, CLASSIC_PREVIOUS);
	struct kith_msg_id id;

	if (h->peer->previous == PREVIOUS_LOOSE)
		value = inside_arrays(value);
	if (!parse_previous(hearing_string(h, value), tail, &id))
		return refuse_previous(h, "not the id of a classic message");
	if (h->t->has_tip && !kith_msg_equal(&id, &h->t->tip.id))
		return refuse_previous(h, "not the message before: a fork");
	return true;
}

/* go-ssb judges a message alone. */
static bool check_unseen(struct hearing *h)
{
	struct kith_slice sequence = hearing_member(h, CLASSIC_SEQUENCE);
	struct kith_slice previous = hearing_member(h, CLASSIC_PREVIOUS);

	if (json_kind(sequence) != JSON_KIND_NULL && !is_int64(sequence))
		return refuse_sequence(h, "not spelled as a whole number");
	if (json_kind(previous) != JSON_KIND_NULL &&
	    !go_reads_message(hearing_string(h, previous)))
		return refuse_previous(h, "neither null nor a message id");
	return true;
}

bool check_place(struct hearing *h)
{
	struct kith_slice previous = hearing_member(h, CLASSIC_PREVIOUS);
	bool is_null, first;
	double sequence = 0;

	if (h->peer->previous == PREVIOUS_UNSEEN)
		return check_unseen(h);
	if (h->peer->keys == KEYS_OF_OBJECT)
		previous = hearing_parsed(h, CLASSIC_PREVIOUS);
	is_null = json_kind(previous) == JSON_KIND_NULL;
	first = h->t->has_tip ? h->t->tip.sequence == 0 : is_null;
	if (first && !is_null)
		return refuse_previous(h, "must be null in the first message "
					  "of a feed");
	if (!read_sequence(h, &sequence))
		return false;
	if (first)
		return sequence == 1 ||
		       refuse_sequence(h, "must be 1 in the first message of "
					  "a feed");
	if (h->t->has_tip && sequence != (double)h->t->tip.sequence + 1)
		return refuse_sequence(h, "not the next of its feed");
	return check_previous(h);
}
