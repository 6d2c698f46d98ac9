#include "src/daemon/caught_up.h"

#include "src/daemon/daemon.h"
#include "src/views/private.h"

/* A new key may be tried on all that there is: who asks for what is public does
 * not wait for that. */
static enum kith_err look(struct store *s, const struct caught_up *c,
			  struct follow_place *out)
{
	struct txn *t;
	enum kith_err err;

	if (c->private)
		return follow_place(c->follow, out);
	err = store_read(s, &t);
	if (err)
		return err;
	views_place(t, out);
	err = txn_error(t);
	txn_end(t);
	return err;
}

/* A slice, on the writer's thread. */
static enum kith_err step(struct store *s, void *task, struct kith_error *e)
{
	struct caught_up *c = task;
	struct follow_place place;
	enum kith_err err = follow_some(c->follow, FOLLOW_SLICE_MS,
					 &c->more, e);

	if (err)
		return err;
	err = look(s, c, &place);
	if (err)
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	c->more = c->more && place.position < c->until;
	return KITH_OK;
}

static void go_on(struct daemon *d, struct caught_up *c)
{
	struct kith_error e = { 0 };

	if (!intake_run(d, step, &c->task))
		return;
	kith_fail(&e, KITH_ENOMEM, 0, "out of memory");
	c->then(d, c, &e);
}

static void on_stepped(struct daemon *d, struct intake_task *task,
		       const struct ingest_done *outcome)
{
	struct caught_up *c = (struct caught_up *)task;

	if (outcome->code)
		c->then(d, c, &outcome->error);
	else if (c->more && !d->stopping)
		go_on(d, c);
	else
		c->then(d, c, NULL);
}

void caught_up_wait(struct daemon *d, struct caught_up *c)
{
	/* Where that cannot be read: all the way. */
	struct follow_place place = { .end = UINT64_MAX };
	bool current = false;
	struct txn *t;

	c->task.done = on_stepped;
	c->follow = d->follow;
	if (daemon_read(d, &t)) {
		views_place(t, &place);
		current = !c->private || private_is_current(t);
		txn_end(t);
	}
	c->until = place.end;
	if (place.position < place.end || !current)
		go_on(d, c);
	else
		c->then(d, c, NULL);
}
