#include "src/daemon/blobs_check.h"

#include <stdlib.h>

#include "src/daemon/blobs_keep.h"
#include "src/daemon/daemon.h"

struct folder_check {
	struct intake_task task;
	struct blob_check check;
	bool more;
};

void blobs_check_begins(struct daemon *d)
{
	d->sharing.checks++;
}

static void meet_wants(struct daemon *d, const struct blob_check *c)
{
	uint64_t size;

	for (size_t i = 0; i < c->named_count; i++)
		if (c->named[i].fault == BLOB_FAULT_NEW &&
		    !blob_size(c->blobs, &c->named[i].id, &size))
			sharing_came(d, &c->named[i].id, size, false);
}

void blobs_check_ends(struct daemon *d, const struct blob_check *c)
{
	d->sharing.checks--;
	if (d->sharing.over)
		return;
	if (!c->dry)
		meet_wants(d, c);
	if (d->sharing.ready)
		blobs_recount(d);
	else
		d->sharing.recount = true;
}

static enum kith_err step(struct store *s, void *task, struct kith_error *e)
{
	struct folder_check *f = task;

	return blob_check_some(s, &f->check, &f->more, e);
}

static bool found_any(const struct blob_check *c)
{
	uint64_t n = 0;

	for (int i = 0; i < BLOB_FAULTS; i++)
		n += c->counts.found[i];
	return n;
}

static void finish(struct daemon *d, struct folder_check *f)
{
	if (found_any(&f->check))
		log_info(LOG_STORE, "the folder of blobs was changed: new=%zu "
				    "lost=%zu damaged=%zu",
			 (size_t)f->check.counts.found[BLOB_FAULT_NEW],
			 (size_t)f->check.counts.found[BLOB_FAULT_LOST],
			 (size_t)f->check.counts.found[BLOB_FAULT_DAMAGED]);
	blobs_check_ends(d, &f->check);
	blob_check_clear(&f->check);
	free(f);
}

static void on_step(struct daemon *d, struct intake_task *task,
		    const struct ingest_done *outcome)
{
	struct folder_check *f = (struct folder_check *)(void *)task;

	if (outcome->code)
		log_warn(LOG_STORE, "the folder of blobs is not checked: %s",
			 outcome->error.text);
	if (outcome->code || !f->more || d->stopping ||
	    intake_run(d, step, &f->task))
		finish(d, f);
}

void blobs_check_folder(struct daemon *d)
{
	struct folder_check *f = calloc(1, sizeof(*f));

	if (!f)
		return;
	f->check.blobs = d->sharing.files;
	f->task.done = on_step;
	blobs_check_begins(d);
	if (intake_run(d, step, &f->task))
		finish(d, f);
}
