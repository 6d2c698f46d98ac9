/* kith.blobWhy: where a blob stands, for a person. */
#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/daemon/args.h"
#include "src/daemon/daemon.h"
#include "src/daemon/methods.h"

enum { OFFERS_MAX = 100 };

static void put_offer(struct kith_buf *out, const struct wants_offer_of *o)
{
	char peer[KITH_REF_TEXT_BYTES];

	kith_feed_print(&o->peer, peer);
	kith_buf_text(out, "{\"peer\":\"");
	kith_buf_text(out, peer);
	kith_buf_text(out, "\",\"size\":");
	kith_buf_uint(out, o->size);
	kith_buf_text(out, o->lied ? ",\"lied\":true" : ",\"lied\":false");
	kith_buf_text(out, ",\"failures\":");
	kith_buf_uint(out, o->failures);
	kith_buf_byte(out, '}');
}

static void put_state(struct kith_buf *out, const struct wants_state *s,
		      bool full)
{
	static const char *const stands[] = {
		[WANTS_UNKNOWN] = "unknown",   [WANTS_WAITING] = "waiting",
		[WANTS_ASKED] = "asked",       [WANTS_OFFERED] = "offered",
		[WANTS_FETCHING] = "fetching", [WANTS_ASIDE] = "aside",
		[WANTS_PUSHING] = "pushing",
	};

	kith_buf_text(out, "{\"stand\":\"");
	kith_buf_text(out, stands[s->stand]);
	kith_buf_text(out, s->own ? "\",\"own\":true" : "\",\"own\":false");
	kith_buf_text(out, ",\"kept\":");
	kith_buf_uint(out, s->kept);
	kith_buf_text(out, full ? ",\"full\":true" : ",\"full\":false");
	kith_buf_text(out, ",\"offers\":[");
}

void method_blob_why(struct peer *p, const struct session_event *call)
{
	struct kith_slice arg = args_get(call->args, 0);
	struct wants *w = p->daemon->sharing.wants;
	struct kith_buf *out = &p->daemon->item;
	struct wants_offer_of offer;
	struct wants_state state;
	struct kith_blob_id id;

	if (kith_blob_parse(json_plain(json_get(arg, "id")), &id)) {
		call_refuse(p, call, "Error", "invalid id");
		return;
	}
	wants_state(w, &id, &state);
	kith_buf_reset(out);
	put_state(out, &state, p->daemon->sharing.full);
	for (size_t i = 0; i < OFFERS_MAX && wants_offer_at(w, &id, i, &offer);
	     i++) {
		if (i)
			kith_buf_byte(out, ',');
		put_offer(out, &offer);
	}
	kith_buf_text(out, "]}");
	session_send(p->session, call->request, MUXRPC_JSON, kith_bytes(out));
}
