#include "tools/keep/fsck.h"

#include <inttypes.h>
#include <time.h>

#include "src/store/home.h"

/* The repair that was asked for; false, after an error text: none, or more
 * than one. */
static bool chosen(const struct tool *t, enum fsck_repair *out)
{
	static const struct {
		int letter;
		enum fsck_repair repair;
	} options[] = {
		{ 'b', FSCK_REBUILD }, { 'r', FSCK_REFETCH },
		{ 'a', FSCK_QUARANTINE }, { 's', FSCK_SALVAGE },
	};
	int n = 0;

	for (size_t i = 0; i < sizeof(options) / sizeof(*options); i++)
		if (tool_option(t, options[i].letter)) {
			*out = options[i].repair;
			n++;
		}
	if (n == 1)
		return true;
	tool_note("--write needs one of --rebuild, --refetch, --quarantine and "
		  "--salvage");
	return false;
}

/* A repair that leaves some of it unmended is refused, with the one that does
 * not. */
static int refuse_less(const struct fsck_command *c, enum fsck_repair repair)
{
	bool pages = fsck_count(c, FSCK_SALVAGE);
	bool messages = fsck_count(c, FSCK_REFETCH);
	bool facts = fsck_count(c, FSCK_QUARANTINE);

	if (pages && repair != FSCK_SALVAGE)
		return tool_fail(EXIT_FAILED, "pages of the file are damaged: "
				 "only --salvage mends that; nothing was "
				 "changed");
	if ((messages || facts) && repair == FSCK_REBUILD)
		return tool_fail(EXIT_FAILED, "more than indexes is damaged: "
				 "--%s mends that; nothing was changed",
				 facts ? "quarantine" : "refetch");
	return EXIT_DONE;
}

static int lock(struct fsck_command *c)
{
	struct kith_error e = { 0 };
	enum kith_err err = home_lock_writer(c->tool->home, &e);

	if (err == KITH_EBUSY)
		return tool_fail(EXIT_FAILED, "%s; a repair needs the store "
				 "for itself: `kith stop`", e.text);
	return err ? tool_fail(EXIT_UNREADABLE, "%s", e.text) : EXIT_DONE;
}

static void told(void *arg, const struct repair_feed *f)
{
	fsck_print_feed(arg, f);
}

static void tick(void *arg, uint64_t messages, uint64_t total)
{
	struct fsck_command *c = arg;

	c->progress.messages = messages;
	c->progress.total = total;
	progress_at(&c->progress, messages);
	progress_bytes(&c->progress, 0);
}

static int repair(struct fsck_command *c, enum fsck_repair which)
{
	struct kith_feed_id self;
	bool known = !home_identity(c->tool->home, &self, NULL);
	struct repair_config config = {
		.home = c->tool->home,
		.repair = which,
		.self = known ? &self : NULL,
		.hmac = c->network.has_key ? c->network.key : NULL,
		.cuts = c->cuts,
		.cut_count = c->cut_count,
		.now_us = (int64_t)time(NULL) * 1000000,
		.told = told,
		.arg = c,
		.tick = tick,
	};
	struct repair_outcome outcome;
	struct kith_error e = { 0 };
	enum kith_err err;

	progress_start(&c->progress, "written", tool_option(c->tool, 'q'));
	err = repair_run(&config, &outcome, &e);
	progress_end(&c->progress);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s; nothing was changed",
				 e.text);
	fsck_print_outcome(c, which, &outcome);
	return EXIT_DONE;
}

int fsck_mend(struct fsck_command *c)
{
	enum fsck_repair which = FSCK_REBUILD;
	int code = chosen(c->tool, &which) ? lock(c) : EXIT_MISUSED;

	if (!code)
		code = fsck_check(c);
	if (code)
		return code;
	fsck_print_summary(c);
	code = refuse_less(c, which);
	if (!code)
		code = repair(c, which);
	if (code)
		return code;
	/* What was mended has to show it. */
	code = fsck_check(c);
	if (code)
		return code;
	fsck_print_summary(c);
	return c->summary.findings ? EXIT_FAILED : EXIT_DONE;
}
