/* What follows from what was counted, and how it is said. */
#include <stdio.h>

#include "tools/count/stats.h"
#include "tools/text/text.h"

bool stats_days(const struct stats *s, uint64_t *first, uint64_t *last)
{
	const struct stats_table *t = &s->by[STATS_DAY];
	bool any = false;

	*first = UINT64_MAX;
	*last = 0;
	for (size_t i = 0; i < t->count; i++) {
		uint64_t day = t->rows[i].key;

		if (day == STATS_NO_DAY)
			continue;
		any = true;
		*first = day < *first ? day : *first;
		*last = day > *last ? day : *last;
	}
	return any;
}

double stats_rate(const struct stats *s, uint64_t days)
{
	const struct stats_table *t = &s->by[STATS_DAY];
	uint64_t newest, oldest, n = 0;

	if (!stats_days(s, &oldest, &newest))
		return 0;
	if (days > newest - oldest + 1)
		days = newest - oldest + 1;
	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].key != STATS_NO_DAY &&
		    t->rows[i].key + days > newest)
			n += t->rows[i].sum.messages;
	return (double)n / (double)days;
}

uint64_t stats_most(const struct stats_table *t)
{
	uint64_t most = 0;

	for (size_t i = 0; i < t->count; i++)
		if (t->rows[i].sum.messages > most)
			most = t->rows[i].sum.messages;
	return most;
}

unsigned stats_percent(uint64_t part, uint64_t whole)
{
	return whole ? (unsigned)(100.0 * (double)part / (double)whole + 0.5)
		     : 0;
}

const char *stats_span(uint64_t ms, char out[static STATS_SPAN_BYTES])
{
	static const struct {
		double ms;
		const char *name;
	} units[] = { { 365.25 * 86400e3, "year" }, { 86400e3, "day" },
		      { 3600e3, "hour" }, { 60e3, "minute" },
		      { 1e3, "second" } };

	for (size_t i = 0; i < sizeof(units) / sizeof(*units); i++) {
		double n = (double)ms / units[i].ms;

		if (n < 1.95)
			continue;
		snprintf(out, STATS_SPAN_BYTES,
			 n < 9.95 ? "%.1f %ss" : "%.0f %ss", n,
			 units[i].name);
		return out;
	}
	snprintf(out, STATS_SPAN_BYTES, "%llu ms", (unsigned long long)ms);
	return out;
}

const char *stats_dates(const struct stats *s,
			char out[static STATS_DATES_BYTES])
{
	char first[TEXT_TIME_BYTES], last[TEXT_TIME_BYTES];

	text_time(s->all.first_ms, first);
	text_time(s->all.last_ms, last);
	if (strncmp(first, last, 10) != 0)
		snprintf(out, STATS_DATES_BYTES, "from %.10s to %.10s", first,
			 last);
	else
		snprintf(out, STATS_DATES_BYTES, "on %.10s", first);
	return out;
}
