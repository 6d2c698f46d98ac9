/* kith forks --find on sources that can be asked for single messages. */
#include <stdio.h>

#include "feeds/ref.h"
#include "src/source/kind.h"
#include "tools/look/compare.h"
#include "tools/look/forks.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

struct found {
	struct compare compare;
	uint64_t forks, unknown;
};

static void print_record(const struct found *s, const struct compared *f, int i)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &f->feed);
	record_uint(&r, "seq", f->part.until);
	record_msg(&r, "id", &f->part.ids[i]);
	record_text(&r, "source", s->compare.sides[i].name);
	record_end(&r);
}

static void print_fork(const struct found *s, const struct compared *f)
{
	char feed[KITH_REF_TEXT_BYTES], id[KITH_REF_TEXT_BYTES];
	bool json = s->compare.tool->json;

	kith_feed_print(&f->feed, feed);
	if (!json)
		printf("%s signed two messages %llu:\n", feed,
		       (unsigned long long)f->part.until);
	for (int i = 0; i < 2; i++) {
		if (json) {
			print_record(s, f, i);
			continue;
		}
		kith_msg_print(&f->part.ids[i], id);
		printf("  %s  ", id);
		text_print(stdout, kith_text(s->compare.sides[i].name));
		putchar('\n');
	}
}

static int tell(void *arg, const struct compared *f)
{
	struct found *s = arg;

	if (f->state == COMPARE_UNKNOWN)
		s->unknown++;
	if (f->state != COMPARE_DIVERGED)
		return EXIT_DONE;
	if (f->forged) {
		tool_note("no proof: %s", f->problem);
		return EXIT_DONE;
	}
	s->forks++;
	print_fork(s, f);
	return EXIT_DONE;
}

static int search(struct tool *t, const char *const names[2])
{
	char feeds[TEXT_COUNT_BYTES];
	struct found s = { .forks = 0 };
	int code = compare_open(&s.compare, t, names);

	if (!code)
		code = compare_run(&s.compare, tell, &s);
	if (!code && s.unknown)
		tool_note("%s could not be compared",
			  text_count(s.unknown, "feed", feeds));
	if (!code && !s.forks && !t->json)
		printf("no fork: what both have of a feed is the same\n");
	if (!code)
		code = s.forks ? EXIT_FAILED : compare_code(&s.compare);
	compare_close(&s.compare);
	return code;
}

/* A file of messages, which is read whole: also where its messages are in no
 * order, twice, or forged. */
static bool is_lines(const char *text)
{
	const char *name;
	const struct source_row *row = source_find(text, &name, NULL);

	return row && !strcmp(row->kind, "lines");
}

int forks_search(struct tool *t, char **names, const uint8_t *hmac)
{
	if (!is_lines(names[0]) || !is_lines(names[1]))
		return search(t, (const char *const[]){ names[0], names[1] });
	for (int i = 0; i < 2; i++)
		if (!strncmp(names[i], "lines:", 6))
			names[i] += 6;
	return forks_find(t, names[0], names[1], hmac);
}
