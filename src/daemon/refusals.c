#include "src/daemon/refusals.h"

#include <string.h>

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Numbers tell one message from another, not one reason. */
static void generalize(const char *why, char out[static REFUSALS_WHY_BYTES])
{
	size_t n = 0;

	for (; *why && n < REFUSALS_WHY_BYTES - 1; why++)
		if (!is_digit(*why))
			out[n++] = *why;
		else if (!is_digit(why[1]))
			out[n++] = 'N';
	out[n] = '\0';
}

static void count_reason(struct refusals *r, const struct refusal *one)
{
	struct refusal_reason new = { .verdict = one->verdict, .count = 1 };

	generalize(one->why, new.text);
	for (size_t i = 0; i < r->reason_count; i++)
		if (r->reasons[i].verdict == new.verdict &&
		    !strcmp(r->reasons[i].text, new.text)) {
			r->reasons[i].count++;
			return;
		}
	if (r->reason_count < REFUSALS_REASONS_MAX)
		r->reasons[r->reason_count++] = new;
	else
		r->other++;
}

void refusals_note(struct refusals *r, const struct refusal *one)
{
	count_reason(r, one);
	r->kept[r->count++ % REFUSALS_KEPT] = *one;
}

uint64_t refusals_oldest(const struct refusals *r)
{
	return r->count > REFUSALS_KEPT ? r->count - REFUSALS_KEPT + 1 : 1;
}

const struct refusal *refusals_get(const struct refusals *r, uint64_t n)
{
	if (n < refusals_oldest(r) || n > r->count)
		return NULL;
	return &r->kept[(n - 1) % REFUSALS_KEPT];
}
