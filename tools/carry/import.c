#include "tools/carry/commands.h"

#include <stdlib.h>

#include "tools/carry/input.h"
#include "tools/pass/bring.h"
#include "tools/stream/interrupt.h"
#include "tools/stream/spill.h"

struct import {
	struct tool *tool;
	int files;
	char **names;
	struct sink *sink;
	struct bring *bring;
	uint64_t progress_base; /* bytes of the files before */
	uint32_t file;		/* that is read now */
	bool damaged;		/* part of a log could not be read */
};

static const char *file_name(void *arg, uint32_t file)
{
	const struct import *im = arg;

	if (!im->files || !strcmp(im->names[file], "-"))
		return "standard input";
	return im->names[file];
}

static int take_text(struct import *im, const struct input *in,
		     struct kith_slice text)
{
	const struct bring_place from = { in->number, im->file };
	struct progress *p = bring_progress(im->bring);
	struct kith_slice value;

	progress_at(p, im->progress_base + input_position(in));
	progress_step(p, text.n);
	if (in->too_long)
		bring_refuse(im->bring, &from, "longer than any message");
	else if (!lines_value(text, &value, NULL))
		bring_refuse(im->bring, &from, "no JSON object");
	else
		return bring_put(im->bring, value, &from);
	return EXIT_DONE;
}

static int take_input(struct import *im, struct input *in)
{
	struct kith_slice text;
	int code = EXIT_DONE;

	while (!code && bring_goes_on(im->bring) && input_next(in, &text))
		code = take_text(im, in, text);
	if (!bring_stopped(im->bring) && !code && input_failed(in))
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s behind line "
				 "%llu: %s", in->name,
				 (unsigned long long)in->number,
				 input_failed(in));
	im->progress_base += input_size(in);
	return code;
}

static int take_file(struct import *im, const char *name)
{
	struct input in;
	int code = input_open(&in, name);

	if (!code) {
		code = take_input(im, &in);
		im->damaged = im->damaged || in.damaged;
		input_close(&in);
	}
	return code;
}

/* How much there is to read, if all of it can be known. */
static uint64_t total_bytes(const struct import *im)
{
	uint64_t total = 0, size = 1;

	for (int i = 0; i < im->files && size; i++) {
		size = input_size_of(im->names[i]);
		total += size;
	}
	return size ? total : 0;
}

static int take_files(struct import *im)
{
	int code = im->files ? EXIT_DONE : take_file(im, "-");

	progress_total(bring_progress(im->bring), total_bytes(im));
	for (int i = 0; i < im->files && !code && !bring_stopped(im->bring);
	     i++) {
		im->file = (uint32_t)i;
		code = take_file(im, im->names[i]);
	}
	return code;
}

static int prepare(struct import *im)
{
	struct bring_how how = { .tool = im->tool,
				 .strict = tool_option(im->tool, 'x'),
				 .trial = tool_option(im->tool, 'n'),
				 .again = "import the same again",
				 .name = file_name,
				 .arg = im };
	const char *folder = getenv("TMPDIR");
	uint64_t limit;
	int code;

	if (!tool_number(im->tool, 's', SPILL_DISK_BYTES >> 20, &limit) ||
	    limit > UINT64_MAX >> 20)
		return EXIT_MISUSED;
	if (!folder || !*folder)
		folder = home_path(im->tool->home);
	code = sink_open(im->tool, how.trial ? folder : NULL, &im->sink);
	if (code)
		return code;
	how.sink = im->sink;
	how.folder = folder;
	how.spill_bytes = limit << 20;
	return bring_new(&how, &im->bring);
}

int command_import(struct tool *t, int argc, char **argv)
{
	struct import im = { .tool = t, .files = argc, .names = argv };
	int code;

	interrupt_hold();
	code = prepare(&im);
	if (!code) {
		code = bring_settle(im.bring, take_files(&im));
		code = bring_end(im.bring, code);
	}
	if (!code && im.damaged)
		code = EXIT_FAILED;
	bring_free(im.bring);
	sink_close(im.sink);
	return code;
}
