#include "src/gossip/notes.h"

#include <assert.h>

#include "feeds/json.h"

enum { PLAIN_DIGITS_MAX = 15 };

/* Below this not every integer is a double, and nobody means one. */
#define LOWEST 9007199254740991.0

/* Almost every value is a short run of digits: no double is needed. */
static bool plain_digits(struct kith_slice value, double *out)
{
	uint64_t n = 0;

	if (value.n == 0 || value.n > PLAIN_DIGITS_MAX)
		return false;
	for (size_t i = 0; i < value.n; i++) {
		if (value.p[i] < '0' || value.p[i] > '9')
			return false;
		n = n * 10 + (uint64_t)(value.p[i] - '0');
	}
	*out = (double)n;
	return true;
}

bool note_decode(struct kith_slice value, struct note *out)
{
	double d;
	uint32_t bits;

	if (!plain_digits(value, &d) && !json_number(value, &d))
		return false;
	/* Also keeps the cast below defined; NaN fails it as well. */
	if (!(d >= -LOWEST && d <= UINT32_MAX))
		return false;
	if ((double)(int64_t)d != d)
		return false;
	if (d < 0) {
		*out = (struct note){ .replicate = false };
		return true;
	}
	bits = (uint32_t)d;
	*out = (struct note){ .replicate = true,
			      .receive = !(bits & 1),
			      .sequence = bits >> 1 };
	return true;
}

int64_t note_encode(const struct note *n)
{
	if (!n->replicate)
		return -1;
	assert(n->sequence <= NOTE_SEQUENCE_MAX);
	return (int64_t)n->sequence << 1 | !n->receive;
}
