/* kith clock: how far a source has each feed. */
#include "tools/look/commands.h"

#include <stdio.h>

#include "feeds/ref.h"
#include "tools/from/side.h"
#include "tools/print/record.h"

static void print_line(const struct source_feed *f)
{
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&f->id, id);
	if (!f->known)
		printf("%s ?\n", id);
	else if (f->first > 1)
		printf("%s %llu..%llu\n", id, (unsigned long long)f->first,
		       (unsigned long long)f->last);
	else
		printf("%s %llu\n", id, (unsigned long long)f->last);
}

static void print_record(const struct source_feed *f)
{
	struct record r;

	record_begin(&r);
	record_feed(&r, "feed", &f->id);
	if (f->known) {
		record_uint(&r, "first", f->first);
		record_uint(&r, "seq", f->last);
		record_uint(&r, "messages", f->messages);
	} else {
		record_text(&r, "state", "unknown");
	}
	record_end(&r);
}

static int print_all(const struct tool *t, struct side *s, struct wanted *w)
{
	int code = sides_look(s, 1, w);

	for (size_t i = 0; !code && i < s->count; i++) {
		if (t->json)
			print_record(&s->feeds[i]);
		else
			print_line(&s->feeds[i]);
	}
	if (!code && !s->count && s->asked)
		tool_note("%s does not say how far it has any feed", s->name);
	return code ? code : visit_code(&s->visit);
}

int command_clock(struct tool *t, int argc, char **argv)
{
	struct wanted wanted;
	struct side s;
	int code = wanted_read(&wanted, t);

	if (code)
		return code;
	code = side_open(&s, t, argc ? argv[0] : NULL);
	if (!code)
		code = print_all(t, &s, &wanted);
	side_close(&s);
	return code;
}
