/* publish, and private.*: protocol/08 sections 6; protocol/12. */
#include "feeds/json.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/opened.h"
#include "src/daemon/publishing.h"

/* --- publishing --- */

/* The name that ssb-db2 has for it; without it the recipients decide. */
static bool read_format(struct kith_slice options, enum kith_box *box)
{
	struct kith_slice format = json_get(options, "encryptionFormat");

	*box = json_is(format, "box")	 ? KITH_BOX1
	       : json_is(format, "box2") ? KITH_BOX2
					 : KITH_BOX_NONE;
	return !format.n || *box != KITH_BOX_NONE;
}

static void publish_letter(struct peer *p, const struct session_event *call,
			   struct kith_slice recps, enum kith_box box)
{
	struct publishing *publishing = publishing_new(p, call);
	struct kith_error e = { 0 };

	if (!publishing)
		return;
	if (letter_address(&publishing->letter, p->daemon->keys, recps, box,
			   &e))
		publishing_refuse(publishing, "Error", e.text);
	else
		publishing_start(publishing, args_get(call->args, 0),
				 &letter_hook, &publishing->letter);
}

/* What names its readers is for them alone. */
void method_publish(struct peer *p, const struct session_event *call)
{
	struct kith_slice content = args_get(call->args, 0);
	struct kith_slice recps = json_get(content, "recps");
	struct publishing *publishing;

	if (!content.n) {
		call_refuse(p, call, "UsageError", "Param 0 is required");
		return;
	}
	if (json_kind(recps) > JSON_KIND_NULL) {
		publish_letter(p, call, recps, KITH_BOX_NONE);
		return;
	}
	publishing = publishing_new(p, call);
	if (publishing)
		publishing_start(publishing, content, NULL, NULL);
}

void method_private_publish(struct peer *p, const struct session_event *call)
{
	struct kith_slice recps = args_get(call->args, 1);
	enum kith_box box;

	if (!read_format(args_get(call->args, 2), &box))
		call_refuse(p, call, "UsageError",
			    "encryptionFormat must be \"box\" or \"box2\"");
	else if (json_kind(args_get(call->args, 0)) != JSON_KIND_OBJECT)
		call_refuse(p, call, "UsageError",
			    "Param 0 must be the content, an object");
	else if (json_kind(recps) != JSON_KIND_ARRAY)
		call_refuse(p, call, "UsageError",
			    "Param 1 must be the recipients, an array of ids");
	else
		publish_letter(p, call, recps, box);
}

/* --- unboxing --- */

/* A message, {key,value,timestamp} or bare, or a box1 alone. */
static bool unbox(struct daemon *d, struct txn *t, struct kith_slice what,
		  struct kith_buf *out)
{
	struct kith_slice value = json_get(what, "value");

	if (json_kind(what) == JSON_KIND_STRING)
		return opened_box(d, t, what, out);
	if (!value.n)
		return opened_foreign(d, t, what, NULL, out);
	kith_buf_put(out, (struct kith_slice){ what.p,
					       (size_t)(value.p - what.p) });
	if (!opened_foreign(d, t, value, NULL, out))
		return false;
	value.p += value.n;
	kith_buf_put(out, (struct kith_slice){
		value.p, what.n - (size_t)(value.p - what.p) });
	return true;
}

void method_private_unbox(struct peer *p, const struct session_event *call)
{
	struct kith_buf *out = &p->daemon->item;
	struct txn *t;

	if (!daemon_read(p->daemon, &t)) {
		call_refuse(p, call, "Error", "cannot read the store");
		return;
	}
	kith_buf_reset(out);
	if (!unbox(p->daemon, t, args_get(call->args, 0), out)) {
		kith_buf_reset(out);
		kith_buf_text(out, "false");
	}
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
	txn_end(t);
}
