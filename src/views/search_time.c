#include <time.h>

#include "src/views/search.h"

/* So many digits at the front of *s, which is moved behind them. */
static bool take_number(struct kith_slice *s, size_t digits, int *out)
{
	*out = 0;
	if (s->n < digits)
		return false;
	for (size_t i = 0; i < digits; i++) {
		if (s->p[i] < '0' || s->p[i] > '9')
			return false;
		*out = *out * 10 + (s->p[i] - '0');
	}
	*s = (struct kith_slice){ s->p + digits, s->n - digits };
	return true;
}

static bool take_char(struct kith_slice *s, char c)
{
	if (!s->n || s->p[0] != (uint8_t)c)
		return false;
	*s = (struct kith_slice){ s->p + 1, s->n - 1 };
	return true;
}

static bool read_parts(struct kith_slice s, struct tm *tm)
{
	*tm = (struct tm){ .tm_mday = 1, .tm_isdst = -1 };
	tm->tm_mon = 1;
	if (!take_number(&s, 4, &tm->tm_year) ||
	    (take_char(&s, '-') && !take_number(&s, 2, &tm->tm_mon)) ||
	    (take_char(&s, '-') && !take_number(&s, 2, &tm->tm_mday)) ||
	    (take_char(&s, 'T') && (!take_number(&s, 2, &tm->tm_hour) ||
				    !take_char(&s, ':') ||
				    !take_number(&s, 2, &tm->tm_min))))
		return false;
	return !s.n && tm->tm_mon >= 1 && tm->tm_mon <= 12 &&
	       tm->tm_mday >= 1 && tm->tm_mday <= 31 && tm->tm_hour < 24 &&
	       tm->tm_min < 60 && tm->tm_year >= 1970;
}

bool search_time(struct kith_slice text, uint64_t *ms)
{
	struct tm tm;
	time_t t;

	if (!read_parts(text, &tm))
		return false;
	tm.tm_year -= 1900;
	tm.tm_mon -= 1;
	t = mktime(&tm);
	*ms = t > 0 ? (uint64_t)t * 1000 : 0;
	return true;
}
