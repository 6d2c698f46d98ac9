#include "tools/keep/fsck.h"

#include <inttypes.h>
#include <stdlib.h>
#include <time.h>

#include "feeds/list.h"
#include "feeds/ref.h"
#include "src/fsck/child.h"
#include "tools/keep/commands.h"
#include "tools/stream/interrupt.h"

enum { THREADS_MAX = 64 };

static double now_s(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static struct repair_cut *find_cut(struct fsck_command *c,
				   const struct kith_feed_id *feed)
{
	struct repair_cut *more;

	for (size_t i = c->cut_count; i-- > 0;)
		if (kith_feed_equal(&c->cuts[i].feed, feed))
			return &c->cuts[i];
	more = list_room(c->cuts, c->cut_count, &c->cut_capacity,
			 sizeof(*more));
	if (!more) {
		c->no_memory = true;
		return NULL;
	}
	c->cuts = more;
	more = &c->cuts[c->cut_count++];
	*more = (struct repair_cut){ UINT64_MAX, *feed, FSCK_CORRUPT };
	return more;
}

/* A feed is cut before the first of its messages that is damaged. */
static void note_cut(struct fsck_command *c, const struct fsck_finding *f)
{
	struct repair_cut *cut;

	if (fsck_classes[f->class].repair != FSCK_REFETCH || !f->sequence ||
	    f->feed.format == KITH_FORMAT_NONE || c->no_memory)
		return;
	cut = find_cut(c, &f->feed);
	if (cut && f->sequence < cut->sequence) {
		cut->sequence = f->sequence;
		cut->class = f->class;
	}
}

static void finding(void *arg, const struct fsck_finding *f)
{
	struct fsck_command *c = arg;

	c->findings[f->class]++;
	if (f->rx && f->rx < c->first_bad)
		c->first_bad = f->rx;
	if (tool_option(c->tool, 'w'))
		note_cut(c, f);
	fsck_print_finding(c, f);
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
	c->seen = *p;
	fsck_resume_write(c, false);
	return !interrupt_pending();
}

static enum kith_err run(struct fsck_command *c, struct kith_error *e)
{
	struct fsck_config config = {
		.home = c->tool->home,
		.depth = c->depth,
		.threads = c->threads,
		.hmac = c->network.has_key ? c->network.key : NULL,
		.feeds = c->feed_count ? c->feeds : NULL,
		.feed_count = c->feed_count,
		.finding = finding,
		.arg = c,
		.tick = tick,
		.verified = c->verified,
		.verified_id = c->verified_id,
		.progress = &c->seen,
	};
	enum kith_err err;

	c->started = now_s();
	c->told = 0;
	c->first_bad = UINT64_MAX;
	c->cut_count = 0;
	memset(c->findings, 0, sizeof(c->findings));
	progress_start(&c->progress, "checked", tool_option(c->tool, 'q'));
	err = child_run(fsck_run, &config, &c->summary, e);
	progress_end(&c->progress);
	fsck_resume_write(c, true);
	return err;
}

int fsck_check(struct fsck_command *c)
{
	struct kith_error e = { 0 };
	enum kith_err err = run(c, &e);

	if (!err && c->verified && !c->summary.resumed) {
		tool_note("what was checked before is not there any more: "
			  "checking all again");
		c->verified = 0;
		err = run(c, &e);
	}
	if (err == KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "interrupted");
	if (err || c->no_memory)
		return tool_fail(EXIT_UNREADABLE, "%s",
				 err ? e.text : "out of memory");
	return EXIT_DONE;
}

uint64_t fsck_count(const struct fsck_command *c, enum fsck_repair repair)
{
	uint64_t n = 0;

	for (int i = 0; i < FSCK_CLASSES; i++)
		if (fsck_classes[i].repair == repair)
			n += c->findings[i];
	return n;
}

/* Every repair mends what those before it do. */
static void advise(const struct fsck_command *c)
{
	static const enum fsck_repair order[] = {
		FSCK_SALVAGE, FSCK_QUARANTINE, FSCK_REFETCH, FSCK_REBUILD,
	};
	char argument[TOOL_ARGUMENT_BYTES];

	for (size_t i = 0; i < sizeof(order) / sizeof(*order); i++)
		if (fsck_count(c, order[i])) {
			tool_note("to mend it: stop kithd, then `kith%s fsck "
				  "--write --%s`",
				  tool_home_argument(c->tool, argument),
				  fsck_repair_name(order[i]));
			return;
		}
}

static int check_only(struct fsck_command *c)
{
	int code = fsck_check(c);

	if (code)
		return code;
	fsck_print_summary(c);
	if (c->summary.astray && !c->summary.findings)
		tool_note("%" PRIu64 " pages are of no use any more; `kith "
			  "compact` gives them back", c->summary.astray);
	if (!c->summary.pinned)
		tool_note("the snapshot could not be pinned: a kithd at work "
			  "may have changed it meanwhile");
	if (c->summary.findings)
		advise(c);
	return c->summary.findings ? EXIT_FAILED : EXIT_DONE;
}

/* A repair wants to know all. */
static enum fsck_depth depth_of(const struct tool *t)
{
	if (tool_option(t, 'F'))
		return FSCK_FULL;
	if (tool_option(t, 'w'))
		return tool_option(t, 'L') ? FSCK_LINKS : FSCK_FULL;
	return tool_option(t, 'Q') ? FSCK_QUICK : FSCK_LINKS;
}

static int read_feeds(struct fsck_command *c, int argc, char **argv)
{
	if (argc > FSCK_FEEDS_MAX)
		return tool_fail(EXIT_MISUSED, "at most %d feeds at a time",
				 FSCK_FEEDS_MAX);
	for (int i = 0; i < argc; i++)
		if (kith_feed_parse(kith_text(argv[i]), &c->feeds[i]))
			return tool_fail(EXIT_MISUSED, "%s is no feed's whole "
					 "id, and a store that may be damaged "
					 "is not asked which it begins",
					 argv[i]);
	c->feed_count = (size_t)argc;
	if (argc && tool_option(c->tool, 'w'))
		return tool_fail(EXIT_MISUSED, "a repair is for the whole "
				 "store, not for some feeds");
	return EXIT_DONE;
}

static int prepare(struct fsck_command *c, int argc, char **argv)
{
	uint64_t threads = 0;
	int code = network_read(c->tool->home, &c->network);

	for (const char *p = "bras"; *p && !tool_option(c->tool, 'w'); p++)
		if (tool_option(c->tool, *p))
			return tool_fail(EXIT_MISUSED,
					 "a repair needs --write");
	if (!code && !tool_number(c->tool, 'J', 0, &threads))
		code = EXIT_MISUSED;
	c->threads = threads < THREADS_MAX ? (unsigned)threads : THREADS_MAX;
	c->depth = depth_of(c->tool);
	return code ? code : read_feeds(c, argc, argv);
}

int command_fsck(struct tool *t, int argc, char **argv)
{
	struct fsck_command *c = calloc(1, sizeof(*c));
	int code;

	if (!c)
		return tool_fail(EXIT_FAILED, "out of memory");
	c->tool = t;
	code = prepare(c, argc, argv);
	if (!code) {
		interrupt_hold();
		fsck_resume_read(c);
		code = tool_option(t, 'w') ? fsck_mend(c) : check_only(c);
	}
	free(c->cuts);
	free(c);
	return code;
}
