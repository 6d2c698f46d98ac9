#include "tools/input.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "tools/interrupt.h"
#include "tools/ssb.h"
#include "tools/tool.h"

static bool is_folder(const char *name)
{
	struct stat st;

	return !stat(name, &st) && S_ISDIR(st.st_mode);
}

/* The log that kith reads in a folder. */
static bool log_in(const char *folder, char out[static PATH_MAX])
{
	struct ssb_folder f;
	int n = snprintf(out, PATH_MAX, "%s/%s", folder,
			 ssb_item_name(SSB_FLUME));

	return n > 0 && n < PATH_MAX && !ssb_folder_look(folder, &f, NULL) &&
	       f.there[SSB_FLUME];
}

uint64_t input_size_of(const char *name)
{
	char path[PATH_MAX];
	struct stat st;

	if (is_folder(name))
		name = log_in(name, path) ? path : "";
	return !stat(name, &st) && S_ISREG(st.st_mode) ? (uint64_t)st.st_size
						       : 0;
}

static int refuse_folder(const char *name)
{
	struct ssb_folder f;

	if (!ssb_explain(name))
		return tool_fail(EXIT_UNREADABLE, "%s is a folder, and not one "
				 "of another Scuttlebutt program", name);
	if (!ssb_folder_look(name, &f, NULL) && f.there[SSB_DB2])
		return tool_fail(EXIT_UNREADABLE, "%s/%s is not read yet: "
				 "while that program runs, `ssb-server "
				 "createLogStream >FILE` or the like writes "
				 "all that it has, and `kith import FILE` "
				 "takes it; or let kithd replicate from it, by "
				 "`kith connect`", name,
				 ssb_item_name(SSB_DB2));
	return tool_fail(EXIT_UNREADABLE, "%s has no messages", name);
}

static int open_folder(struct input *in, const char *folder)
{
	if (!log_in(folder, in->name))
		return refuse_folder(folder);
	ssb_explain(folder);
	in->is_log = true;
	flume_init(&in->flume);
	return EXIT_DONE;
}

int input_open(struct input *in, const char *name)
{
	bool input = !strcmp(name, "-");
	int code = EXIT_DONE;

	*in = (struct input){ .text.limit = LINES_BYTES_MAX };
	if (!input && is_folder(name))
		code = open_folder(in, name);
	else
		snprintf(in->name, sizeof(in->name), "%s", name);
	if (code)
		return code;
	if (!lines_open(&in->lines, in->name, interrupt_stops, NULL))
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
	if (in->is_log)
		flume_clear(&in->flume);
	kith_buf_free(&in->text);
	lines_close(&in->lines);
}

/* --- the log of ssb-db --- */

/* Where it ends for now may be inside a record: that program is writing, or
 * was killed. */
static bool end_log(struct input *in)
{
	if (!unpack_failed(in->lines.unpack) && !flume_is_whole(&in->flume))
		tool_note("%s: the last record is not whole, at byte %llu: "
			  "left out", in->name,
			  (unsigned long long)in->flume.offset);
	return false;
}

static bool fail_log(struct input *in)
{
	kith_fail(&in->error, KITH_EFORMAT, 0, "a record is damaged, %s, at "
		  "byte %llu", in->flume.why,
		  (unsigned long long)in->flume.offset);
	return false;
}

static bool next_record(struct input *in, struct kith_slice *out)
{
	for (;;) {
		switch (flume_next(&in->flume, &in->rest, out)) {
		case FLUME_MORE:
			if (!unpack_next(in->lines.unpack, &in->rest))
				return end_log(in);
			break;
		case FLUME_RECORD:
			in->number++;
			return true;
		case FLUME_ERASED:
			in->number++;
			in->erased++;
			break;
		case FLUME_BAD:
			return fail_log(in);
		}
	}
}

/* --- lines --- */

/* Nothing but a bracket: JSON.stringify with an indent begins and ends so. */
static bool is_bracket(struct kith_slice line, uint8_t bracket)
{
	return line.n && line.p[0] == bracket &&
	       (line.n == 1 || (line.n == 2 && line.p[1] == '\r'));
}

/* The next line, or the one that was not taken. */
static bool take_line(struct input *in, struct kith_slice *out)
{
	if (!in->has_kept)
		return lines_next(&in->lines, out);
	in->has_kept = false;
	*out = in->kept;
	return true;
}

/* The lines up to the closing bracket; those between are indented, and one that
 * is not belongs to something else. */
static void gather(struct input *in, struct kith_slice line,
		   struct kith_slice *out)
{
	kith_buf_reset(&in->text);
	kith_buf_put(&in->text, line);
	while (lines_next(&in->lines, &line)) {
		in->has_kept = !is_bracket(line, '}') &&
			       (!line.n || line.p[0] != ' ');
		in->kept = line;
		if (in->has_kept)
			break;
		kith_buf_put(&in->text, line);
		if (line.p[0] == '}')
			break;
	}
	in->too_long = in->text.err;
	*out = in->too_long ? (struct kith_slice){ NULL, 0 }
			    : kith_bytes(&in->text);
}

static bool next_line(struct input *in, struct kith_slice *out)
{
	struct kith_slice line;

	do
		if (!take_line(in, &line))
			return false;
	while (!in->lines.too_long && lines_blank(line));
	in->number = in->lines.number;
	in->too_long = in->lines.too_long;
	*out = line;
	if (is_bracket(line, '{'))
		gather(in, line, out);
	return true;
}

bool input_next(struct input *in, struct kith_slice *out)
{
	return in->is_log ? next_record(in, out) : next_line(in, out);
}

const char *input_failed(const struct input *in)
{
	if (in->error.code)
		return in->error.text;
	return lines_failed(&in->lines);
}

uint64_t input_position(const struct input *in)
{
	return unpack_position(in->lines.unpack);
}

uint64_t input_size(const struct input *in)
{
	return unpack_size(in->lines.unpack);
}
