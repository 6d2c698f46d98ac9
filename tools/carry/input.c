#include "tools/carry/input.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tools/stream/interrupt.h"
#include "tools/tool.h"

/* The logs of a folder, in the order in which they are read. */
static const struct {
	enum ssb_item item;
	const char *kind; /* of source */
} logs[] = { { SSB_FLUME, "flume" }, { SSB_DB2, "bipf" } };

enum { LOGS = sizeof(logs) / sizeof(*logs), TOLD_MAX = 10 };

static bool is_folder(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISDIR(st.st_mode);
}

/* --- folders -------------------------------------------------------------- */

static uint64_t size_of_logs(const struct ssb_folder *f)
{
	uint64_t bytes = 0;

	for (size_t i = 0; i < LOGS; i++)
		bytes += f->bytes[logs[i].item];
	return bytes;
}

uint64_t input_size_of(const char *name)
{
	struct ssb_folder f;
	struct stat st;

	if (is_folder(name))
		return ssb_folder_look(name, &f, NULL) ? 0 : size_of_logs(&f);
	return !stat(name, &st) && S_ISREG(st.st_mode) ? (uint64_t)st.st_size
						       : 0;
}

static int open_folder(struct input *in, const char *name)
{
	struct ssb_folder *f = &in->folder;

	if (!ssb_explain(name))
		return tool_fail(EXIT_UNREADABLE, "%s is a folder, and not one "
				 "of another Scuttlebutt program", name);
	if (ssb_folder_look(name, f, NULL) ||
	    (!f->there[SSB_FLUME] && !f->there[SSB_DB2]))
		return tool_fail(EXIT_UNREADABLE, "%s has no messages", name);
	in->is_log = true;
	return EXIT_DONE;
}

/* The next log that there is; false: none, or it cannot be opened. */
static bool next_log(struct input *in)
{
	char name[PATH_MAX + 8];

	if (in->log)
		in->base += in->folder.bytes[in->item];
	source_close(in->log);
	in->log = NULL;
	in->at = 0;
	for (size_t i = 0; i < LOGS; i++) {
		if (!in->folder.there[logs[i].item])
			continue;
		in->item = logs[i].item;
		in->folder.there[in->item] = false;
		snprintf(name, sizeof(name), "%s:%s", logs[i].kind, in->name);
		return !source_open(name, NULL, &in->log, &in->error);
	}
	return false;
}

static void tell(struct input *in, const struct source_finding *f)
{
	if (f->harmless) {
		in->erased++;
		return;
	}
	if (++in->damaged <= TOLD_MAX)
		tool_note("%s, at byte %llu: %s%s", f->file,
			  (unsigned long long)f->at, f->text,
			  in->damaged == TOLD_MAX
				  ? " (more are only counted)" : "");
}

static bool next_record(struct input *in, struct kith_slice *out)
{
	struct source_message m;
	struct source_finding f;
	enum source_step step;

	for (;;) {
		if (!in->log && !next_log(in))
			return false;
		if (interrupt_pending() ||
		    source_next(in->log, &step, &m, &f, &in->error))
			return false;
		if (step == SOURCE_END && !next_log(in))
			return false;
		if (step == SOURCE_FINDING)
			tell(in, &f);
		if (step != SOURCE_MESSAGE)
			continue;
		in->number = in->at = m.at;
		*out = m.value;
		return true;
	}
}

/* --- either --------------------------------------------------------------- */

int input_open(struct input *in, const char *name)
{
	bool input = !strcmp(name, "-");

	*in = (struct input){ .is_log = false };
	snprintf(in->name, sizeof(in->name), "%s", name);
	if (!input && is_folder(name))
		return open_folder(in, name);
	if (!texts_open(&in->texts, name, interrupt_stops, NULL))
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s",
				 in->name, strerror(errno));
	if (input)
		snprintf(in->name, sizeof(in->name), "standard input");
	return EXIT_DONE;
}

void input_close(struct input *in)
{
	if (in->erased)
		tool_note("%s: %llu messages were deleted there", in->name,
			  (unsigned long long)in->erased);
	source_close(in->log);
	if (!in->is_log)
		texts_close(&in->texts);
}

static bool next_text(struct input *in, struct kith_slice *out)
{
	struct text text;

	if (!texts_next(&in->texts, &text))
		return false;
	in->number = text.line;
	in->too_long = text.too_long;
	*out = text.json;
	return true;
}

bool input_next(struct input *in, struct kith_slice *out)
{
	return in->is_log ? next_record(in, out) : next_text(in, out);
}

const char *input_failed(const struct input *in)
{
	if (in->error.code)
		return in->error.text;
	return in->is_log ? NULL : texts_failed(&in->texts);
}

uint64_t input_position(const struct input *in)
{
	return in->is_log ? in->base + in->at
			  : unpack_position(in->texts.lines.unpack);
}

uint64_t input_size(const struct input *in)
{
	return in->is_log ? size_of_logs(&in->folder)
			  : unpack_size(in->texts.lines.unpack);
}
