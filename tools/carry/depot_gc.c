/* kith depot gc: room in a depot. */
#include <stdio.h>

#include "src/depot/gc.h"
#include "tools/carry/depot.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

static void print_record(const struct gc_plan *plan, const struct gc_report *g)
{
	struct record r;

	record_begin(&r);
	record_bool(&r, "dry_run", plan->dry_run);
	record_uint(&r, "bytes_before", g->bytes_before);
	record_uint(&r, "bytes", g->bytes_after);
	record_uint(&r, "removed", g->removed);
	record_uint(&r, "removed_bytes", g->removed_bytes);
	record_uint(&r, "merged", g->merged);
	record_uint(&r, "adopted", g->adopted);
	record_uint(&r, "strays", g->strays);
	record_uint(&r, "kept", g->kept);
	if (*g->waits.name)
		record_text(&r, "waits", g->waits.name);
	record_end(&r);
}

static void print_lines(const struct gc_plan *plan, const struct gc_report *g)
{
	const char *would = plan->dry_run ? "would be " : "";
	char n[TEXT_COUNT_BYTES], size[TEXT_SIZE_BYTES];

	if (g->adopted || plan->adopt)
		printf("%s %sadopted\n", text_count(g->adopted, "message", n),
		       would);
	if (g->merged)
		printf("%s %smade into one\n",
		       text_count(g->merged, "small segment", n), would);
	text_size(g->removed_bytes, size);
	if (g->removed)
		printf("%s %sremoved, %s\n",
		       text_count(g->removed, "segment", n), would, size);
	if (g->strays)
		printf("%s that nothing named removed\n",
		       text_count(g->strays, "file", n));
	text_size(g->bytes_after, size);
	printf("%s of messages there\n", size);
}

/* Over the budget, and nothing more may go. */
static int judge(const struct gc_plan *plan, const struct gc_report *g)
{
	char size[TEXT_SIZE_BYTES], n[TEXT_COUNT_BYTES];

	if (!plan->has_budget || g->bytes_after <= plan->budget_bytes)
		return EXIT_DONE;
	text_size(plan->budget_bytes, size);
	if (*g->waits.name)
		return tool_fail(EXIT_FAILED, "more than %s is left: %s of "
				 "yours still needed, by %s for one; --forget "
				 "removes what others lack, too", size,
				 text_count(g->kept, "segment is",
					    n), g->waits.name);
	return tool_fail(EXIT_FAILED, "more than %s is left: the rest was "
			 "written by others, is the last segment of yours, or "
			 "nobody has told to have it", size);
}

static int make_plan(struct tool *t, struct gc_plan *plan,
		     struct depot_writer_id *adopt)
{
	const char *name = tool_option(t, 'a');

	*plan = (struct gc_plan){ .has_budget = tool_option(t, 'b'),
				  .forget = tool_option(t, 'F'),
				  .dry_run = tool_option(t, 'n') };
	if (!tool_size(t, 'b', &plan->budget_bytes))
		return EXIT_MISUSED;
	if (!name)
		return EXIT_DONE;
	if (!depot_writer_is(name))
		return tool_fail(EXIT_MISUSED, "\"%s\" is no writer: see `kith "
				 "depot status`", name);
	snprintf(adopt->name, sizeof(adopt->name), "%s", name);
	plan->adopt = adopt;
	return EXIT_DONE;
}

int depot_gc_word(struct tool *t, int argc, char **argv)
{
	const struct sync_wish reading = { .dry_run = true,
					   .import_only = true };
	struct depot_writer_id adopt;
	struct kith_error e = { 0 };
	struct gc_report report;
	struct gc_plan plan;
	struct sync *sync;
	enum kith_err err;
	int code = make_plan(t, &plan, &adopt);

	(void)argc;
	if (!code)
		code = sync_begin(t, argv[0], &reading, &sync);
	if (code)
		return code;
	sync_config(sync)->dry_run = plan.dry_run;
	err = depot_gc(sync_folder(sync), sync_config(sync), &plan, &report,
		       &e);
	if (err)
		code = depot_fail(&e, err);
	else if (t->json)
		print_record(&plan, &report);
	else
		print_lines(&plan, &report);
	if (!code)
		code = judge(&plan, &report);
	sync_end(sync);
	return code;
}
