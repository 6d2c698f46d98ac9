#include "src/views/search_private.h"
#include "src/views/view.h"

/* Spreads what is close together: splitmix64. */
static uint64_t spread(uint64_t x)
{
	x += 0x9e3779b97f4a7c15;
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9;
	x = (x ^ x >> 27) * 0x94d049bb133111eb;
	return x ^ x >> 31;
}

/* However many messages claim one moment, one of these is soon free: each is
 * looked for in a range twice as wide as the one before. */
uint64_t search_slot(uint64_t time_ms, uint64_t rx, unsigned k)
{
	unsigned bits = k < SEARCH_SLOT_BITS ? k : SEARCH_SLOT_BITS;

	if (k < 2)
		return time_ms + k;
	return time_ms + 1 +
	       (spread(rx * SEARCH_SLOTS + k) & ((UINT64_C(1) << bits) - 1));
}

int64_t search_message_word(const struct kith_msg_id *id)
{
	return (int64_t)kith_be64(id->b);
}

uint64_t search_time_of(const struct view_message *m)
{
	double ms = view_time_ms(m);

	if (!(ms > 0))
		return 0;
	return ms < (double)SEARCH_TIME_MAX ? (uint64_t)ms : SEARCH_TIME_MAX;
}
