#include "tools/commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "feeds/ref.h"
#include "src/fsck/child.h"
#include "tools/interrupt.h"
#include "tools/network.h"
#include "tools/progress.h"
#include "tools/record.h"
#include "tools/text.h"

enum { THREADS_MAX = 64, FEEDS_MAX = 64 };

struct fsck_command {
	struct tool *tool;
	struct progress progress;
	uint64_t told;	  /* bytes that progress knows of */
	uint64_t repairs; /* bit 1 << enum fsck_repair of each that would help */
	double started;
};

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

static void finding(void *arg, const struct fsck_finding *f)
{
	struct fsck_command *c = arg;

	c->repairs |= UINT64_C(1) << fsck_classes[f->class].repair;
	if (tool_option(c->tool, 'q'))
		return;
	if (c->tool->json)
		print_record(f);
	else
		print_line(f);
	fflush(stdout);
}

static bool tick(void *arg, const struct fsck_progress *p)
{
	struct fsck_command *c = arg;
	uint64_t bytes = p->bytes > c->told ? p->bytes - c->told : 0;

	c->told += bytes;
	c->progress.messages = p->messages;
	c->progress.total = p->total_messages;
	progress_at(&c->progress, p->messages);
	progress_bytes(&c->progress, bytes);
	return !interrupt_pending();
}

static void advise(const struct fsck_command *c)
{
	char argument[TOOL_ARGUMENT_BYTES];

	for (int i = FSCK_REFETCH; i <= FSCK_SALVAGE; i++)
		if (c->repairs >> i & 1)
			tool_note("to mend: stop kithd, then kith%s fsck "
				  "--write --%s",
				  tool_home_argument(c->tool, argument),
				  fsck_repair_name((enum fsck_repair)i));
}

static int print_summary(struct fsck_command *c, const struct fsck_summary *s)
{
	double seconds = now_s() - c->started;
	struct record r;

	if (c->tool->json && !tool_option(c->tool, 'q')) {
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
	} else if (!tool_option(c->tool, 'q')) {
		printf("%" PRIu64 " messages of %" PRIu64 " feeds, %" PRIu64
		       " signatures: ", s->messages, s->feeds, s->signatures);
		if (s->findings)
			printf("%" PRIu64 " findings", s->findings);
		else
			fputs("clean", stdout);
		printf(" (%.1f s, %.0f messages a second)\n", seconds,
		       (double)s->messages / (seconds > 0 ? seconds : 1));
	}
	if (s->astray)
		tool_note("%" PRIu64 " pages are of no use any more; kith "
			  "compact gives them back", s->astray);
	if (!s->pinned)
		tool_note("the snapshot could not be pinned: a kithd at work "
			  "may have changed it meanwhile");
	if (s->findings)
		advise(c);
	return s->findings ? EXIT_FAILED : EXIT_DONE;
}

static enum fsck_depth depth_of(const struct tool *t)
{
	if (tool_option(t, 'F'))
		return FSCK_FULL;
	return tool_option(t, 'Q') ? FSCK_QUICK : FSCK_LINKS;
}

static int read_feeds(int argc, char **argv, struct kith_feed_id *out)
{
	if (argc > FEEDS_MAX)
		return tool_fail(EXIT_MISUSED, "at most %d feeds at a time",
				 FEEDS_MAX);
	for (int i = 0; i < argc; i++)
		if (kith_feed_parse(kith_text(argv[i]), &out[i]))
			return tool_fail(EXIT_MISUSED, "%s is no feed's id",
					 argv[i]);
	return EXIT_DONE;
}

static int check(struct fsck_command *c, const struct fsck_config *config)
{
	struct fsck_summary summary;
	struct kith_error e = { 0 };
	enum kith_err err;

	interrupt_hold();
	c->started = now_s();
	progress_start(&c->progress, "checked", tool_option(c->tool, 'q'));
	err = child_run(fsck_run, config, &summary, &e);
	progress_end(&c->progress);
	if (err == KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "interrupted");
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s", e.text);
	return print_summary(c, &summary);
}

int command_fsck(struct tool *t, int argc, char **argv)
{
	struct fsck_command c = { .tool = t };
	struct kith_feed_id feeds[FEEDS_MAX];
	struct network network;
	uint64_t threads;
	int code = network_read(t->home, &network);

	if (!code && !tool_number(t, 'J', 0, &threads))
		code = EXIT_MISUSED;
	if (!code)
		code = read_feeds(argc, argv, feeds);
	if (code)
		return code;
	return check(&c, &(struct fsck_config){
		.home = t->home,
		.depth = depth_of(t),
		.threads = threads < THREADS_MAX ? (unsigned)threads
						 : THREADS_MAX,
		.hmac = network.has_key ? network.key : NULL,
		.feeds = argc ? feeds : NULL,
		.feed_count = (size_t)argc,
		.finding = finding,
		.arg = &c,
		.tick = tick,
	});
}
