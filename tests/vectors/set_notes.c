/*
 * ebt-notes: what a peer says it has of a feed, as one number.
 */
#include "feeds/json.h"
#include "src/gossip/notes.h"
#include "tests/vectors/trial.h"

/* Beyond this sequence JavaScript's 32-bit shifts wrap: a quirk, not a rule. */
enum { JS_SEQUENCE_MAX = (1 << 30) - 1 };

static bool is_integer(double d)
{
	const double exact = 9007199254740992; /* above it all are integers */

	return d >= exact || d <= -exact || d == (double)(int64_t)d;
}

static void encode(struct trial *t)
{
	bool receive = json_says_true(trial_get(t, "receive"));
	struct note note = { .receive = receive };
	double sequence, expected;

	if (!json_number(trial_get(t, "seq"), &sequence) ||
	    !json_number(trial_get(t, "note"), &expected)) {
		trial_fail(t, "seq or note is no number");
		return;
	}
	note.replicate = sequence >= 0;
	if (sequence > NOTE_SEQUENCE_MAX) {
		trial_rule(t, "sequence that no note can name");
		return;
	}
	note.sequence = sequence > 0 ? (uint32_t)sequence : 0;
	if (sequence > JS_SEQUENCE_MAX) {
		trial_rule(t, "sequence over 30 bits");
		expected = 2 * sequence + !note.receive;
	}
	if ((double)note_encode(&note) != expected)
		trial_fail(t, "note is %lld", (long long)note_encode(&note));
}

/* A negative number refuses the feed whatever its value; what is no integer
 * of 32 bits is ignored (protocol/05 section 5). */
static void decode(struct trial *t)
{
	struct kith_slice value = trial_get(t, "note");
	bool replicate = json_says_true(trial_get(t, "replicate"));
	bool receive = json_says_true(trial_get(t, "receive"));
	bool readable = true, is_number;
	double number = 0, sequence = 0;
	struct note note;

	is_number = json_number(value, &number);
	if (!json_number(trial_get(t, "sequence"), &sequence))
		sequence = -1;
	if (!is_number || !is_integer(number) ||
	    number > 2 * (double)NOTE_SEQUENCE_MAX + 1) {
		trial_rule(t, "not an integer of 32 bits is ignored");
		readable = false;
	} else if (number < 0 && (number != -1 || replicate)) {
		trial_rule(t, "negative refuses");
		replicate = false;
	} else if (number > (double)INT32_MAX) {
		trial_rule(t, "sequence over 30 bits");
		receive = !((int64_t)number & 1);
		sequence = (double)((int64_t)number >> 1);
	}
	if (note_decode(value, &note) != readable) {
		trial_fail(t, readable ? "is not read" : "is read");
		return;
	}
	if (!readable)
		return;
	trial_expect_bool(t, "replicate", note.replicate, replicate);
	if (!replicate)
		return;
	trial_expect_bool(t, "receive", note.receive, receive);
	if ((double)note.sequence != sequence)
		trial_fail(t, "sequence is %u", note.sequence);
}

const struct vector_set sets_notes[] = {
	{ "ebt-notes", "encode.jsonl", false, encode },
	{ "ebt-notes", "decode.jsonl", false, decode },
	{ NULL, NULL, false, NULL },
};
