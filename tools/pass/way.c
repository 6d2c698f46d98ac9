#include "tools/pass/way.h"

#include "src/client/link.h"

/* How long to look again for whoever has the lock, and how often. */
enum { PATIENCE_MS = 10000, TRY_MS = 100 };

static int give_up(const struct tool *t, long pid)
{
	return tool_fail(EXIT_FAILED, "process %ld writes to %s and does not "
			 "answer on its socket: wait until it ends, or see "
			 "what it is with `ps %ld`", pid, home_path(t->home),
			 pid);
}

/* EBUSY also for a kithd that was killed: for a moment it can be connected to,
 * and has the lock, and answers no more. */
static enum kith_err dial(struct tool *t, struct client **kithd,
			  struct kith_error *e)
{
	struct client *c = NULL;
	struct kith_slice reply;
	enum kith_err err = tool_dial(t, &c, e);

	if (err)
		return err;
	if (client_call(c, "whoami", KITH_SLICE("[]"), &reply, NULL)) {
		client_close(c);
		return KITH_EBUSY;
	}
	*kithd = c;
	return KITH_OK;
}

/* Whoever has the lock is kithd, or about to end, or kithd about to listen. */
int way_find(struct tool *t, struct client **kithd)
{
	int64_t end_ms = link_now_ms() + PATIENCE_MS;
	struct kith_error e;
	enum kith_err err;
	long pid = 0;

	*kithd = NULL;
	if (t->from)
		return tool_fail(EXIT_MISUSED, "what --from names is only "
				 "read: this would write");
	do {
		e = (struct kith_error){ 0 };
		err = home_lock_writer(t->home, &e);
		if (!err)
			return EXIT_DONE;
		if (err != KITH_EBUSY)
			return tool_explain(&e, err);
		e = (struct kith_error){ 0 };
		err = dial(t, kithd, &e);
		if (err != KITH_EBUSY)
			return err ? tool_explain(&e, err) : EXIT_DONE;
		if (home_writer(t->home, &pid))
			home_wait(t->home, TRY_MS);
	} while (link_now_ms() < end_ms);
	return give_up(t, pid);
}
