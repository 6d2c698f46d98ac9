#include <errno.h>

#include "tools/carry/bundle.h"
#include "tools/stream/interrupt.h"

int bundle_file_open(struct bundle_file *f, const char *name)
{
	*f = (struct bundle_file){ .name = name };
	if (!strcmp(name, "-"))
		f->name = "standard input";
	f->unpack = unpack_open(name, interrupt_stops, NULL);
	if (!f->unpack)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", f->name,
				 strerror(errno));
	f->reader = bundle_reader_new();
	return f->reader ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}

void bundle_file_close(struct bundle_file *f)
{
	bundle_reader_free(f->reader);
	unpack_close(f->unpack);
}

/* False: there are no more. */
static bool read_on(struct bundle_file *f)
{
	const char *why;

	if (unpack_next(f->unpack, &f->rest))
		return true;
	f->rest.n = 0;
	why = unpack_failed(f->unpack);
	if (why && !f->cut)
		tool_note("%s cannot be read further: %s", f->name, why);
	f->cut = why;
	return false;
}

int bundle_file_next(struct bundle_file *f, enum bundle_step *step,
		     struct bundle_item *out)
{
	do
		*step = bundle_next(f->reader, &f->rest, out);
	while (*step == BUNDLE_MORE && read_on(f));
	if (*step == BUNDLE_MORE)
		*step = bundle_finish(f->reader, out);
	if (*step == BUNDLE_NONE)
		return tool_fail(EXIT_UNREADABLE, "%s is no bundle: %s",
				 f->name, out->why);
	return EXIT_DONE;
}

bool bundle_file_ended(const struct bundle_file *f)
{
	return bundle_ended(f->reader) && !f->cut;
}
