#include <errno.h>
#include <unistd.h>

#include "tools/carry/bundle.h"

static int open_target(struct bundle_out *o, const char *name)
{
	bool standard = !name || !strcmp(name, "-");

	if (standard && isatty(STDOUT_FILENO))
		return tool_fail(EXIT_MISUSED, "a bundle is nothing for a "
				 "terminal: name a file");
	o->target = target_open(name, target_packing_of(name));
	return o->target ? EXIT_DONE
			 : tool_fail(EXIT_UNREADABLE, "cannot write %s: %s",
				     name ? name : "the output",
				     strerror(errno));
}

int bundle_out_open(struct bundle_out *o, const char *name, bool memory)
{
	int code = EXIT_DONE;

	*o = (struct bundle_out){ .memory.limit = BUNDLE_MEMORY_BYTES };
	if (!memory)
		code = open_target(o, name);
	if (code)
		return code;
	o->writer = bundle_writer_new();
	return o->writer ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}

bool bundle_out_flush(struct bundle_out *o)
{
	struct kith_slice bytes;

	if (o->failed)
		return false;
	o->failed = bundle_writer_take(o->writer, &bytes) != KITH_OK;
	if (o->failed)
		return false;
	o->bytes += bytes.n;
	if (o->target)
		target_put(o->target, bytes);
	else
		kith_buf_put(&o->memory, bytes);
	o->failed = o->target && target_failed(o->target);
	return !o->failed;
}

int bundle_out_finish(struct bundle_out *o)
{
	struct target *target = o->target;
	struct kith_slice rest;
	enum kith_err err;
	bool fine;

	bundle_put_end(o->writer);
	fine = bundle_out_flush(o);
	err = bundle_writer_take(o->writer, &rest);
	if (err)
		return tool_fail(EXIT_FAILED, "no bundle can be made of this: "
				 "%s", kith_strerror(err));
	o->target = NULL;
	if (!fine)
		target_drop(target);
	else if (target)
		fine = target_finish(target);
	return fine ? EXIT_DONE
		    : tool_fail(EXIT_UNREADABLE, "cannot write the bundle: %s",
				strerror(errno));
}

void bundle_out_close(struct bundle_out *o)
{
	target_drop(o->target);
	bundle_writer_free(o->writer);
	kith_buf_free(&o->memory);
}
