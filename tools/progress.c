#include "tools/progress.h"

#include <stdio.h>
#include <unistd.h>

#include "src/client/link.h"
#include "tools/text.h"

enum { EVERY_MS = 200, LOOK_AT_CLOCK = 64 };

void progress_start(struct progress *p, const char *done, bool quiet)
{
	*p = (struct progress){ .done = done,
				.shown = !quiet && isatty(STDERR_FILENO),
				.started_ms = link_now_ms() };
	p->printed_ms = p->started_ms;
}

static void print(const struct progress *p, int64_t now_ms)
{
	uint64_t ms = (uint64_t)(now_ms - p->started_ms);
	char size[TEXT_SIZE_BYTES];

	text_size(p->bytes, size);
	fprintf(stderr, "\r\033[K%llu messages %s, %s, %llu a second",
		(unsigned long long)p->messages, p->done, size,
		(unsigned long long)(p->messages * 1000 / (ms ? ms : 1)));
	fflush(stderr);
}

void progress_step(struct progress *p, uint64_t bytes)
{
	int64_t now_ms;

	p->messages++;
	p->bytes += bytes;
	if (!p->shown || p->messages % LOOK_AT_CLOCK)
		return;
	now_ms = link_now_ms();
	if (now_ms - p->printed_ms < EVERY_MS)
		return;
	p->printed_ms = now_ms;
	print(p, now_ms);
}

void progress_end(struct progress *p)
{
	if (p->shown && p->printed_ms != p->started_ms)
		fputs("\r\033[K", stderr);
}
