/*
 * What peers ask to find out whether we are a room; we are none.
 * Source: protocol/07 section 7.
 */
#include "src/daemon/methods.h"

void method_room_metadata(struct peer *p, const struct session_event *call)
{
	session_send(p->session, call->request, MUXRPC_JSON,
		     KITH_SLICE("false"));
}

void method_is_room(struct peer *p, const struct session_event *call)
{
	session_send(p->session, call->request, MUXRPC_JSON,
		     KITH_SLICE("false"));
}
