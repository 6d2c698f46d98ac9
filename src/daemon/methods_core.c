/* manifest, whoami, version. */
#include "feeds/ref.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"
#include "src/daemon/rpc.h"

void method_manifest(struct peer *p, const struct session_event *call)
{
	struct kith_buf *out = &p->daemon->item;

	kith_buf_reset(out);
	rpc_manifest(out);
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

void method_whoami(struct peer *p, const struct session_event *call)
{
	struct kith_buf *out = &p->daemon->item;
	char id[KITH_REF_TEXT_BYTES];

	kith_feed_print(&p->daemon->self, id);
	kith_buf_reset(out);
	kith_buf_text(out, "{\"id\":\"");
	kith_buf_text(out, id);
	kith_buf_text(out, "\"}");
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}

void method_version(struct peer *p, const struct session_event *call)
{
	session_send(p->session, call->request, MUXRPC_STRING,
		     KITH_SLICE(PACKAGE_VERSION));
}
