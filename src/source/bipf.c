/* The log of ssb-db2, in place: db2/log.bipf. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/message.h"
#include "feeds/ref.h"
#include "src/source/bipf_log.h"
#include "src/source/kind.h"
#include "src/source/log_file.h"

#define PLACE "db2/log.bipf"
#define COMPACTION ".compaction"

/* A value is printed out of one record; escapes make it longer. */
enum { VALUE_BYTES_MAX = 6 * BIPF_LOG_BLOCK_BYTES };

/* A compaction moves records to the front, block by block; the block that it
 * takes them from lies in a file of its own until all is done. */
struct of_bipf {
	struct log_file file, moving;
	bool in_moving;	 /* the block in log is of that file */
	uint64_t offset; /* of the block that comes next */
	uint64_t block;	 /* of the one in log */
	struct bipf_log log;
	struct kith_buf value;
	char text[KITH_ERROR_TEXT_BYTES]; /* of a finding */
};

static bool is_log(const char *name)
{
	return log_file_is(name, PLACE);
}

static void close_log(void *of)
{
	struct of_bipf *l = of;

	log_file_close(&l->file);
	log_file_close(&l->moving);
	kith_buf_free(&l->value);
	free(l);
}

static enum kith_err open_log(const char *name, const struct source_with *with,
			      void **out, struct kith_error *e)
{
	struct of_bipf *l = calloc(1, sizeof(*l));
	enum kith_err err;

	if (!l)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	l->value.limit = VALUE_BYTES_MAX;
	err = log_file_open_in(&l->file, name, PLACE, with, e);
	if (err)
		close_log(l);
	else
		*out = l;
	return err;
}

static enum kith_err rewind_log(void *of, struct kith_error *e)
{
	struct of_bipf *l = of;

	(void)e;
	log_file_close(&l->moving);
	l->in_moving = false;
	l->offset = l->block = 0;
	l->log = (struct bipf_log){ 0 };
	return KITH_OK;
}

static const struct log_file *file_of(const struct of_bipf *l)
{
	return l->in_moving ? &l->moving : &l->file;
}

static enum kith_err read_block(struct log_file *f, uint64_t at,
				struct kith_slice *out, struct kith_error *e)
{
	enum kith_err err = log_file_read(f, at, BIPF_LOG_BLOCK_BYTES, out, e);

	if (!err && out->n > BIPF_LOG_BLOCK_BYTES)
		out->n = BIPF_LOG_BLOCK_BYTES;
	return err;
}

/* The one block of a compaction that is not done; none: *out is empty. */
static enum kith_err moving_block(struct of_bipf *l, struct kith_slice *out,
				  struct kith_error *e)
{
	char path[PATH_MAX + sizeof(COMPACTION)];
	enum kith_err err;

	if (l->in_moving)
		return KITH_OK;
	snprintf(path, sizeof(path), "%s" COMPACTION, l->file.path);
	err = access(path, F_OK) ? KITH_ENOENT
				 : log_file_open(&l->moving, path,
						 &l->file.with, e);
	if (err)
		return err == KITH_ENOENT ? KITH_OK : err;
	l->in_moving = true;
	l->block = BIPF_LOG_STATE_BYTES;
	return read_block(&l->moving, l->block, out, e);
}

/* The next block; none: *out is empty. */
static enum kith_err next_block(struct of_bipf *l, struct kith_slice *out,
				struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	*out = (struct kith_slice){ NULL, 0 };
	if (!l->in_moving) {
		l->block = l->offset;
		err = read_block(&l->file, l->offset, out, e);
	}
	l->offset += out->n;
	if (!err && !out->n)
		err = moving_block(l, out, e);
	bipf_log_begin(&l->log, *out);
	return err;
}

static enum source_step found(struct of_bipf *l, struct source_finding *out,
			      bool harmless, const char *text)
{
	snprintf(l->text, sizeof(l->text), "%s", text);
	*out = (struct source_finding){
		.file = file_of(l)->path,
		.at = l->block + l->log.record,
		.next = l->block + l->log.at,
		.harmless = harmless,
		.text = l->text,
	};
	return SOURCE_FINDING;
}

static enum source_step take(struct of_bipf *l, struct kith_slice record,
			     struct source_message *out,
			     struct source_finding *finding)
{
	struct bipf_log_message m;
	struct kith_error e = { 0 };
	enum kith_err err = bipf_log_read(record, &m, &e);

	kith_buf_reset(&l->value);
	if (!err)
		err = bipf_log_print(&m, &l->value, &e);
	if (err)
		return found(l, finding, false, e.text);
	*out = (struct source_message){
		.value = kith_bytes(&l->value),
		.at = l->block + l->log.record,
		.file = file_of(l)->path,
		.received_us = source_received_us(m.received_ms),
	};
	out->has_id = !kith_msg_parse(m.key, &out->id);
	return SOURCE_MESSAGE;
}

static enum kith_err next(void *of, enum source_step *step,
			  struct source_message *out,
			  struct source_finding *finding, struct kith_error *e)
{
	struct of_bipf *l = of;
	struct kith_slice record, block;
	enum kith_err err;

	for (;;) {
		switch (bipf_log_next(&l->log, &record)) {
		case BIPF_LOG_RECORD:
			*step = take(l, record, out, finding);
			return KITH_OK;
		case BIPF_LOG_ERASED:
			*step = found(l, finding, true, "a deleted record");
			return KITH_OK;
		case BIPF_LOG_BAD:
			*step = found(l, finding, false, l->log.why);
			return KITH_OK;
		case BIPF_LOG_END:
			break;
		}
		err = next_block(l, &block, e);
		if (err)
			return err;
		if (block.n)
			continue;
		*step = SOURCE_END;
		return KITH_OK;
	}
}

const struct source_row source_bipf = {
	.kind = "bipf",
	.is = is_log,
	.open = open_log,
	.close = close_log,
	.next = next,
	.rewind = rewind_log,
};
