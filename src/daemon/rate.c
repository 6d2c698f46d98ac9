#include "src/daemon/rate.h"

bool rate_allows(struct rate *r, int64_t now_ms, int64_t every_ms, int burst)
{
	if (r->whole_ms < now_ms)
		r->whole_ms = now_ms;
	if (r->whole_ms + every_ms > now_ms + burst * every_ms)
		return false;
	r->whole_ms += every_ms;
	return true;
}
