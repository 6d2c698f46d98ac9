#include "tools/print/when.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MINUTE_S = 60, HOUR_S = 3600, DAY_S = 86400, WEEK_DAYS = 7,
       DAY_MS = 86400000, AHEAD_MS = 60000 };

static const char *const days[] = { "Sun", "Mon", "Tue", "Wed",
				    "Thu", "Fri", "Sat" };
static const char *const months[] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				      "Jul", "Aug", "Sep", "Oct", "Nov",
				      "Dec" };

/* False: no calendar has it. */
static bool local_time(double ms, struct tm *out)
{
	time_t t;

	if (!(fabs(ms) < 1e14))
		return false;
	t = (time_t)floor(ms / 1000);
	return localtime_r(&t, out);
}

static void put_full(const struct tm *at, char out[static WHEN_BYTES])
{
	long east = at->tm_gmtoff / MINUTE_S, minutes = labs(east);

	snprintf(out, WHEN_BYTES, "%04ld-%02d-%02dT%02d:%02d:%02d%c%02ld:%02ld",
		 at->tm_year + 1900L, at->tm_mon + 1, at->tm_mday, at->tm_hour,
		 at->tm_min, at->tm_sec, east < 0 ? '-' : '+', minutes / 60,
		 minutes % 60);
}

/* Days from the one of then to that of now, by the calendar. */
static long days_between(const struct tm *then, const struct tm *now)
{
	struct tm a = { .tm_year = then->tm_year, .tm_mon = then->tm_mon,
			.tm_mday = then->tm_mday, .tm_hour = 12 };
	struct tm b = { .tm_year = now->tm_year, .tm_mon = now->tm_mon,
			.tm_mday = now->tm_mday, .tm_hour = 12 };

	return lround(difftime(timegm(&b), timegm(&a)) / DAY_S);
}

static void put_date(const struct tm *at, const struct tm *now,
		     char out[static WHEN_BYTES])
{
	if (at->tm_year == now->tm_year)
		snprintf(out, WHEN_BYTES, "%d %s %02d:%02d", at->tm_mday,
			 months[at->tm_mon], at->tm_hour, at->tm_min);
	else
		snprintf(out, WHEN_BYTES, "%d %s %ld", at->tm_mday,
			 months[at->tm_mon], at->tm_year + 1900L);
}

static void put_day(const struct tm *at, const struct tm *now,
		    char out[static WHEN_BYTES])
{
	long ago = days_between(at, now);

	if (ago < 0 || ago >= WEEK_DAYS)
		put_date(at, now, out);
	else
		snprintf(out, WHEN_BYTES, "%s %02d:%02d",
			 ago == 0 ? "today" : ago == 1 ? "yesterday"
						       : days[at->tm_wday],
			 at->tm_hour, at->tm_min);
}

void when_put(double now_ms, double ms, char out[static WHEN_BYTES])
{
	double seconds = (now_ms - ms) / 1000;
	struct tm at, now;
	int minutes;

	snprintf(out, WHEN_BYTES, "-");
	if (!local_time(ms, &at))
		return;
	if (now_ms == 0) {
		put_full(&at, out);
	} else if (seconds >= -MINUTE_S && seconds < MINUTE_S) {
		snprintf(out, WHEN_BYTES, "just now");
	} else if (seconds >= 0 && seconds < HOUR_S) {
		minutes = (int)(seconds / MINUTE_S);
		snprintf(out, WHEN_BYTES, "%d minute%s ago", minutes,
			 minutes == 1 ? "" : "s");
	} else if (local_time(now_ms, &now)) {
		put_day(&at, &now, out);
	}
}

static double received_ms(const struct message_row *row)
{
	return (double)row->received_us / 1000;
}

static bool is_ahead(const struct view_message *m)
{
	return !(m->claimed <= received_ms(m->row) + AHEAD_MS);
}

enum when_claim when_judge(struct txn *t, const struct view_message *m)
{
	struct message_row row;
	struct view_message before;
	struct feed_row feed;

	if (is_ahead(m))
		return WHEN_AHEAD;
	if (!message_by_sequence(t, m->row->feed_number, m->row->sequence - 1,
				 &row) ||
	    !feed_by_number(t, row.feed_number, &feed))
		return WHEN_TRUE;
	views_message(&row, &feed, &before);
	/* One that was ahead itself says nothing of those behind it. */
	return !is_ahead(&before) && m->claimed < before.claimed - DAY_MS
		       ? WHEN_BEHIND
		       : WHEN_TRUE;
}

void when_put_claim(double now_ms, const struct view_message *m,
		    enum when_claim claim, char out[static WHEN_LIE_BYTES])
{
	char at[WHEN_BYTES];

	when_put(now_ms, m->claimed, at);
	out[0] = '\0';
	if (claim == WHEN_AHEAD)
		snprintf(out, WHEN_LIE_BYTES, "claims %s",
			 at[0] == '-' ? "no time there is" : at);
	if (claim == WHEN_BEHIND)
		snprintf(out, WHEN_LIE_BYTES, "dated before what came earlier");
}
