#include "tools/text/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "src/client/link.h"
#include "tools/text/text.h"

enum { EVERY_MS = 200, LOOK_AT_CLOCK = 64, LEFT_AFTER_MS = 2000 };

void progress_start(struct progress *p, const char *done, bool quiet)
{
	*p = (struct progress){ .done = done,
				.things = "messages",
				.shown = !quiet && isatty(STDERR_FILENO),
				.started_ms = link_now_ms() };
	p->printed_ms = p->started_ms;
}

void progress_total(struct progress *p, uint64_t total)
{
	p->total = total;
	p->at = 0;
}

void progress_at(struct progress *p, uint64_t at)
{
	p->at = at;
}

static uint64_t a_second(uint64_t n, uint64_t ms)
{
	return (uint64_t)((double)n * 1000 / (double)ms);
}

/* "12034 messages read, 10.2 MB, 23012 a second (19.5 MB/s)"; work without
 * messages: "10.2 MB copied, 19.5 MB/s". */
static void print_done(const struct progress *p, uint64_t ms)
{
	char size[TEXT_SIZE_BYTES], rate[TEXT_SIZE_BYTES];

	text_size(p->bytes, size);
	text_size(a_second(p->bytes, ms), rate);
	if (p->messages && !p->bytes)
		fprintf(stderr, "%llu %s %s, %llu a second",
			(unsigned long long)p->messages, p->things, p->done,
			(unsigned long long)a_second(p->messages, ms));
	else if (p->messages)
		fprintf(stderr, "%llu %s %s, %s, %llu a second (%s/s)",
			(unsigned long long)p->messages, p->things, p->done,
			size,
			(unsigned long long)a_second(p->messages, ms), rate);
	else
		fprintf(stderr, "%s %s, %s/s", size, p->done, rate);
}

/* Goes by the average so far, once that says something. */
static void print_left(const struct progress *p, uint64_t ms)
{
	uint64_t at = p->at < p->total ? p->at : p->total, s;

	if (!p->total)
		return;
	fprintf(stderr, ", %u %%", (unsigned)((double)at * 100 /
					     (double)p->total));
	if (ms < LEFT_AFTER_MS || !at)
		return;
	s = (uint64_t)((double)ms / 1000 * (double)(p->total - at) /
		       (double)at);
	if (s >= 3600)
		fprintf(stderr, ", %llu:%02llu:%02llu left",
			(unsigned long long)s / 3600,
			(unsigned long long)s / 60 % 60,
			(unsigned long long)s % 60);
	else
		fprintf(stderr, ", %llu:%02llu left",
			(unsigned long long)s / 60,
			(unsigned long long)s % 60);
}

/* Looks at the clock now and then, and prints when it is time. */
static void show(struct progress *p)
{
	int64_t now_ms;
	uint64_t ms;

	if (!p->shown || ++p->steps % LOOK_AT_CLOCK)
		return;
	now_ms = link_now_ms();
	if (now_ms - p->printed_ms < EVERY_MS)
		return;
	p->printed_ms = now_ms;
	ms = (uint64_t)(now_ms - p->started_ms);
	fputs("\r\033[K", stderr);
	print_done(p, ms);
	print_left(p, ms);
	fflush(stderr);
}

void progress_step(struct progress *p, uint64_t bytes)
{
	p->messages++;
	p->bytes += bytes;
	show(p);
}

void progress_bytes(struct progress *p, uint64_t bytes)
{
	p->bytes += bytes;
	/* Such steps are large: none may be passed over. */
	p->steps |= LOOK_AT_CLOCK - 1;
	show(p);
}

void progress_end(struct progress *p)
{
	if (p->shown && p->printed_ms != p->started_ms)
		fputs("\r\033[K", stderr);
}
