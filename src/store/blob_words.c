#include "src/store/blob_words.h"

static const char *const names[BLOB_WORD_COUNT] = {
	[BLOB_WORD_ADDED] = "added",
	[BLOB_WORD_WANT] = "want",
	[BLOB_WORD_UNWANT] = "unwant",
	[BLOB_WORD_PIN] = "pin",
	[BLOB_WORD_UNPIN] = "unpin",
	[BLOB_WORD_RM] = "rm",
	[BLOB_WORD_USED] = "used",
};

const char *blob_word_name(enum blob_word word)
{
	return names[word];
}

bool blob_word_by_name(struct kith_slice name, enum blob_word *out)
{
	for (enum blob_word i = 0; i < BLOB_WORD_COUNT; i++)
		if (kith_equal(name, kith_text(names[i]))) {
			*out = i;
			return true;
		}
	return false;
}

/* What is here says so in its row, whoever brought it. */
static void is_here(struct blob_row *row, uint64_t size, int64_t now_us)
{
	if (row->state != BLOB_HERE || row->size != size)
		row->added_us = now_us;
	row->state = BLOB_HERE;
	row->why = BLOB_WHY_NONE;
	row->size = size;
	row->used_us = now_us;
	row->asked = false;
}

void blob_row_came(struct txn *t, const struct kith_blob_id *id, uint64_t size,
		   int64_t now_us, struct blob_row *row)
{
	blob_row_get(t, id, row);
	is_here(row, size, now_us);
	blob_row_put(t, row);
}

enum kith_err blobs_say_came(struct store *s, void *arg, struct kith_error *e)
{
	const struct blobs_came *came = arg;
	struct blob_row row;
	struct txn *t;
	enum kith_err err = store_write(s, &t);

	for (size_t i = 0; !err && i < came->count; i++) {
		const struct blob_came *one = &came->list[i];

		blob_row_came(t, &one->id, one->size, came->now_us, &row);
		if (one->hops < row.hops) {
			row.hops = one->hops;
			blob_row_put(t, &row);
		}
	}
	if (!err)
		err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

static void want(struct blob_row *row, bool here)
{
	if (here)
		return;
	row->asked = true;
	row->state = BLOB_WANTED;
	row->why = BLOB_WHY_NONE;
}

static void unwant(struct blob_row *row)
{
	row->asked = false;
	if (row->state == BLOB_WANTED)
		row->state = BLOB_KNOWN;
}

static enum kith_err is_away(struct kith_error *e)
{
	return kith_fail(e, KITH_ENOENT, 0, "this blob is not here");
}

static enum kith_err rm(struct blob_task *task, struct kith_error *e)
{
	struct blob_row *row = &task->row;
	enum kith_err err;

	if (row->pinned)
		return kith_fail(e, KITH_EBUSY, 0, "this blob is pinned: "
				 "`kith blob unpin` first");
	err = blob_remove(task->blobs, &task->id);
	if (err == KITH_ENOENT && row->state == BLOB_WANTED)
		err = KITH_OK;
	if (err == KITH_ENOENT)
		return is_away(e);
	if (err)
		return kith_fail(e, err, 0, "its file cannot be removed");
	row->state = BLOB_REMOVED;
	row->why = BLOB_WHY_BY_HAND;
	row->asked = row->push = false;
	task->here = false;
	return KITH_OK;
}

static enum kith_err apply(struct blob_task *task, uint64_t size,
			   struct kith_error *e)
{
	struct blob_row *row = &task->row;

	switch (task->word) {
	case BLOB_WORD_ADDED:
		if (!task->here)
			return is_away(e);
		is_here(row, size, task->now_us);
		row->own = true;
		row->hops = 0;
		return KITH_OK;
	case BLOB_WORD_WANT:
		want(row, task->here);
		return KITH_OK;
	case BLOB_WORD_UNWANT:
		unwant(row);
		return KITH_OK;
	case BLOB_WORD_PIN:
	case BLOB_WORD_UNPIN:
		row->pinned = task->word == BLOB_WORD_PIN;
		if (task->here && row->state != BLOB_HERE)
			is_here(row, size, task->now_us);
		return KITH_OK;
	case BLOB_WORD_USED:
		if (row->state == BLOB_HERE &&
		    blob_row_touch(row, task->now_us))
			row->used_us = task->now_us;
		return KITH_OK;
	default:
		return rm(task, e);
	}
}

static bool says_same(const struct blob_row *a, const struct blob_row *b)
{
	return a->state == b->state && a->pinned == b->pinned &&
	       a->own == b->own && a->asked == b->asked &&
	       a->used_us == b->used_us;
}

static enum kith_err say(struct store *s, struct blob_task *task,
			 struct kith_error *e)
{
	struct blob_row before;
	uint64_t size = 0;
	enum kith_err err;
	struct txn *t;

	/* Nothing is to be said of what is always there. */
	task->here = !blob_size(task->blobs, &task->id, &size);
	if (blob_is_empty(&task->id) && task->word != BLOB_WORD_RM)
		return KITH_OK;
	err = store_write(s, &t);
	if (err)
		return kith_fail(e, err, 0, "the store: %s",
				 kith_strerror(err));
	blob_row_get(t, &task->id, &task->row);
	before = task->row;
	err = txn_error(t);
	if (!err)
		err = apply(task, size, e);
	if (err) {
		txn_end(t);
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	}
	task->changed = !says_same(&before, &task->row);
	if (task->word == BLOB_WORD_USED && !task->changed) {
		txn_end(t);
		return KITH_OK;
	}
	blob_row_put(t, &task->row);
	err = txn_commit(t);
	return err ? kith_fail(e, err, 0, "the store: %s", kith_strerror(err))
		   : KITH_OK;
}

enum kith_err blob_say(struct store *s, void *arg, struct kith_error *e)
{
	struct blob_task *task = arg;
	enum kith_err err;

	/* What is said to be here is not removed before its row says so. */
	blobs_keep(task->blobs, &task->id);
	err = say(s, task, e);
	blobs_noted(task->blobs, &task->id);
	return err;
}
