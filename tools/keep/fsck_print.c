#include "tools/keep/fsck.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

#include "feeds/ref.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static void print_record(const struct fsck_finding *f)
{
	const struct fsck_class_row *class = &fsck_classes[f->class];
	struct record r;

	record_begin(&r);
	record_text(&r, "state", class->name);
	if (f->feed.format != KITH_FORMAT_NONE)
		record_feed(&r, "feed", &f->feed);
	if (f->sequence) {
		record_uint(&r, "seq", f->sequence);
		record_uint(&r, "last", f->last);
	}
	if (f->rx)
		record_uint(&r, "rx", f->rx);
	if (f->table >= 0)
		record_text(&r, "table",
			    store_table_name((enum store_table)f->table));
	if (f->page)
		record_uint(&r, "page", f->page);
	record_text(&r, "problem", f->text);
	record_text(&r, "repair", fsck_repair_name(class->repair));
	record_end(&r);
}

/* "@feed:42..57: corrupt: its row fails its checksum" */
static void print_line(const struct fsck_finding *f)
{
	char id[KITH_REF_TEXT_BYTES];

	if (f->feed.format != KITH_FORMAT_NONE) {
		kith_feed_print(&f->feed, id);
		fputs(id, stdout);
		if (f->sequence)
			printf(":%" PRIu64, f->sequence);
		if (f->last > f->sequence)
			printf("..%" PRIu64, f->last);
		fputs(": ", stdout);
	} else if (f->rx) {
		printf("rx:%" PRIu64 ": ", f->rx);
	} else if (f->page) {
		printf("page %" PRIu64 ": ", f->page);
	}
	printf("%s: ", fsck_classes[f->class].name);
	text_print(stdout, kith_text(f->text));
	putchar('\n');
}

void fsck_print_finding(const struct fsck_command *c,
			const struct fsck_finding *f)
{
	if (tool_option(c->tool, 'q'))
		return;
	if (c->tool->json)
		print_record(f);
	else
		print_line(f);
	fflush(stdout);
}

static void print_summary_record(const struct fsck_summary *s)
{
	struct record r;

	record_begin(&r);
	record_text(&r, "state", s->findings ? "findings" : "clean");
	record_uint(&r, "findings", s->findings);
	record_uint(&r, "messages", s->messages);
	record_uint(&r, "feeds", s->feeds);
	record_uint(&r, "signatures", s->signatures);
	record_uint(&r, "pages", s->pages);
	record_uint(&r, "bytes", s->bytes);
	record_uint(&r, "rx", s->last_rx);
	record_end(&r);
}

void fsck_print_summary(const struct fsck_command *c)
{
	const struct fsck_summary *s = &c->summary;
	double seconds = now_s() - c->started;

	if (tool_option(c->tool, 'q'))
		return;
	if (c->tool->json) {
		print_summary_record(s);
		return;
	}
	printf("%" PRIu64 " messages of %" PRIu64 " feeds, %" PRIu64
	       " signatures: ", s->messages, s->feeds, s->signatures);
	if (s->findings)
		printf("%" PRIu64 " findings", s->findings);
	else
		fputs("clean", stdout);
	printf(" (%.1f s, %.0f messages a second)\n", seconds,
	       (double)s->messages / (seconds > 0 ? seconds : 1));
	fflush(stdout);
}

void fsck_print_feed(const struct fsck_command *c, const struct repair_feed *f)
{
	char id[KITH_REF_TEXT_BYTES];
	struct record r;

	if (tool_option(c->tool, 'q'))
		return;
	if (c->tool->json) {
		record_begin(&r);
		record_text(&r, "state", "cut");
		record_feed(&r, "feed", &f->feed);
		record_uint(&r, "seq", f->sequence);
		record_uint(&r, "dropped", f->dropped);
		record_uint(&r, "aside", f->aside);
		record_end(&r);
		return;
	}
	kith_feed_print(&f->feed, id);
	printf("%s: cut before message %" PRIu64, id, f->sequence);
	if (f->dropped)
		printf(", %" PRIu64 " dropped", f->dropped);
	if (f->aside)
		printf(", %" PRIu64 " set aside", f->aside);
	puts(f->own ? "; it is yours: nothing is published until a peer shows "
		      "that it is whole again"
		    : "; the next sync brings them again");
}

void fsck_print_outcome(const struct fsck_command *c, enum fsck_repair repair,
			const struct repair_outcome *o)
{
	struct record r;

	if (tool_option(c->tool, 'q'))
		return;
	if (c->tool->json) {
		record_begin(&r);
		record_text(&r, "state", "mended");
		record_text(&r, "repair", fsck_repair_name(repair));
		record_uint(&r, "messages", o->messages);
		record_uint(&r, "dropped", o->dropped);
		record_uint(&r, "aside", o->aside);
		record_uint(&r, "back", o->back);
		record_end(&r);
		return;
	}
	printf("%s: %" PRIu64 " messages kept, %" PRIu64 " dropped, %" PRIu64
	       " set aside, %" PRIu64 " put back\n", fsck_repair_name(repair),
	       o->messages, o->dropped, o->aside, o->back);
	if (o->facts)
		printf("%" PRIu64 " local facts could not be kept\n",
		       o->facts);
	if (repair == FSCK_SALVAGE)
		printf("the damaged file is kept as %s/store/damaged-%" PRIu64
		       "/data.mdb: remove it when all is well\n",
		       home_path(c->tool->home), o->kept);
	fflush(stdout);
}
