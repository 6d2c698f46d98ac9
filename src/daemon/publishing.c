#include "src/daemon/publishing.h"

#include <stdlib.h>

#include "src/daemon/daemon.h"
#include "src/limits.h"

static void free_publishing(struct publishing *p)
{
	group_init_clear(&p->init);
	letter_wipe(&p->answer); /* it may hold what is said in private */
	free(p);
}

static void on_closed(struct request *r, struct kith_slice error)
{
	struct publishing *p = (struct publishing *)r;

	(void)error;
	p->orphaned = true;
	if (p->done)
		free_publishing(p);
}

static const struct request_ops ops = { .closed = on_closed };

struct publishing *publishing_new(struct peer *p,
				  const struct session_event *call)
{
	struct kith_error e = { 0 };
	struct publishing *publishing = NULL;
	const char *why = e.text;

	if (!own_feed_holds(p->daemon, &e)) {
		publishing = calloc(1, sizeof(*publishing));
		why = "out of memory";
	}
	if (!publishing) {
		call_refuse(p, call, "Error", why);
		return NULL;
	}
	publishing->answer.limit = LIMIT_BODY_BYTES;
	request_open(&publishing->request, &ops, p, call->request);
	return publishing;
}

void publishing_refuse(struct publishing *p, const char *name,
		       const char *text)
{
	p->done = true;
	request_fail(&p->request, name, text);
}

void publishing_start(struct publishing *p, struct kith_slice content,
		      const struct ingest_hook *hook, void *arg)
{
	struct ingest *in = p->request.peer->daemon->ingest;
	enum kith_err err;

	err = ingest_publish_by(in, content, hook, arg, p);
	p->done = err;
	if (err)
		publishing_refuse(p, "Error", kith_strerror(err));
}

bool publishing_item(struct txn *t, uint64_t rx, struct kith_buf *out)
{
	struct message_row row;

	if (!message_get(t, rx, &row))
		return false;
	message_item(&row, out);
	return true;
}

static void answer(struct publishing *p, struct txn *t, uint64_t rx)
{
	kith_buf_reset(&p->answer);
	if (publishing_item(t, rx, &p->answer))
		request_reply(&p->request, kith_bytes(&p->answer));
	else
		request_fail(&p->request, "Error",
			     "cannot read the message back");
}

void publishing_done(struct txn *t, const struct ingest_done *done)
{
	struct publishing *p = done->user;

	p->done = true;
	if (p->orphaned)
		free_publishing(p);
	else if (done->code)
		request_fail(&p->request, "Error", done->error.text);
	else if (p->then)
		p->then(p, t, done);
	else
		answer(p, t, done->rx);
}
