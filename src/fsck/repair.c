#include "src/fsck/repair.h"

#include <stdlib.h>

#include "src/fsck/repair_private.h"
#include "src/store/renew.h"
#include "src/views/view.h"

enum { COMMIT_DIRTY_BYTES = 8 << 20 };

void repair_fail(struct repair *r, enum kith_err err)
{
	if (!r->err)
		r->err = err;
}

void repair_step(struct repair *r)
{
	enum kith_err err = txn_error(r->txn);

	if (r->check.err)
		repair_fail(r, r->check.err);
	if (err)
		repair_fail(r, err);
	if (r->err || txn_dirty(r->txn) < COMMIT_DIRTY_BYTES)
		return;
	err = txn_commit(r->txn);
	r->txn = NULL;
	if (!err)
		err = store_write(r->to, &r->txn);
	if (err)
		repair_fail(r, err);
}

static void ignore(void *arg, const struct fsck_finding *f)
{
	(void)arg;
	(void)f;
}

static enum kith_err open_old(struct repair *r, struct kith_error *e)
{
	r->quiet = (struct fsck_config){ .home = r->config->home,
					 .depth = FSCK_LINKS,
					 .finding = ignore };
	r->check.config = &r->quiet;
	crc32c_init(&r->check.crc);
	return pages_open(r->config->home, &r->check.pages, e);
}

static enum kith_err fill(struct repair *r)
{
	enum kith_err err = store_write(r->to, &r->txn);

	if (err)
		return err;
	feeds_read(&r->check);
	repair_fail(r, r->check.err);
	repair_facts(r);
	repair_log(r);
	if (!r->err)
		repair_own(r);
	if (!r->err)
		quarantine_return(r);
	if (r->err) {
		txn_end(r->txn);
		return r->err;
	}
	return txn_commit(r->txn);
}

static enum kith_err renew(struct repair *r, struct kith_error *e)
{
	bool keep = r->config->repair == FSCK_SALVAGE;
	enum kith_err err = renew_begin(r->config->home, &r->to, e);

	if (err)
		return err;
	err = fill(r);
	if (err)
		kith_fail(e, err, 0, "the repaired store cannot be written: %s",
			  kith_strerror(err));
	else
		err = views_catch_up(r->to, e);
	if (err) {
		renew_drop(r->to);
		return err;
	}
	return renew_finish(r->to, keep, &r->outcome.kept, e);
}

enum kith_err repair_run(const struct repair_config *config,
			 struct repair_outcome *out, struct kith_error *e)
{
	struct repair *r = calloc(1, sizeof(*r));
	enum kith_err err;

	if (!r)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	r->config = config;
	err = open_old(r, e);
	if (!err)
		err = renew(r, e);
	if (!err)
		*out = r->outcome;
	feeds_free(&r->check);
	free(r->check.lost.items);
	pages_close(r->check.pages);
	free(r->feeds);
	free(r);
	return err;
}
