#include "src/wire/flows.h"

#include <stdlib.h>

#include "src/wire/address.h"

/* Those that spoke last stand first: that is where most searches end. */
struct flows {
	size_t n;
	struct flow *flow[FLOWS_MAX];
};

static bool is_of(const struct flow *f, const struct segment *s)
{
	return (endpoint_equal(&f->client, &s->from) &&
		endpoint_equal(&f->server, &s->to)) ||
	       (endpoint_equal(&f->client, &s->to) &&
		endpoint_equal(&f->server, &s->from));
}

static void to_front(struct flows *f, size_t i)
{
	struct flow *flow = f->flow[i];

	memmove(f->flow + 1, f->flow, i * sizeof(struct flow *));
	f->flow[0] = flow;
}

/* The first packet of a connection, and not that of this one again. */
static bool opens_another(const struct flow *f, const struct segment *s)
{
	const struct tcp *t = flow_is_client(f, s) ? &f->client_says
						   : &f->server_says;

	return (s->flags & (SEGMENT_SYN | SEGMENT_ACK)) == SEGMENT_SYN &&
	       t->begun && (f->client_says.ended || f->server_says.ended ||
			    s->sequence + 1 != t->first_byte);
}

struct flows *flows_new(void)
{
	return calloc(1, sizeof(struct flows));
}

void flows_free(struct flows *f)
{
	struct flow *last;

	if (!f)
		return;
	while ((last = flows_last(f)))
		flows_remove(f, last);
	free(f);
}

struct flow *flows_find(struct flows *f, const struct segment *s,
			struct flow **old)
{
	*old = NULL;
	for (size_t i = 0; i < f->n; i++) {
		if (!is_of(f->flow[i], s))
			continue;
		to_front(f, i);
		if (!opens_another(f->flow[0], s))
			return f->flow[0];
		*old = f->flow[0];
		return NULL;
	}
	return NULL;
}

/* Without its beginning nobody says who dialled. */
static bool from_client(const struct segment *s)
{
	if (s->flags & SEGMENT_SYN)
		return !(s->flags & SEGMENT_ACK);
	if ((s->to.port == ADDRESS_DEFAULT_PORT) !=
	    (s->from.port == ADDRESS_DEFAULT_PORT))
		return s->to.port == ADDRESS_DEFAULT_PORT;
	return s->to.port < s->from.port;
}

struct flow *flows_add(struct flows *f, const struct segment *s)
{
	bool client = from_client(s);
	struct flow *flow;

	if (f->n == FLOWS_MAX)
		return NULL;
	flow = calloc(1, sizeof(*flow));
	if (!flow)
		return NULL;
	flow->client = client ? s->from : s->to;
	flow->server = client ? s->to : s->from;
	f->flow[f->n] = flow;
	to_front(f, f->n++);
	return flow;
}

struct flow *flows_oldest(const struct flows *f)
{
	return f->n == FLOWS_MAX ? flows_last(f) : NULL;
}

struct flow *flows_last(const struct flows *f)
{
	return f->n ? f->flow[f->n - 1] : NULL;
}

void flows_remove(struct flows *f, struct flow *flow)
{
	size_t i = 0;

	while (i < f->n && f->flow[i] != flow)
		i++;
	if (i == f->n)
		return;
	f->n--;
	memmove(f->flow + i, f->flow + i + 1, (f->n - i) * sizeof(struct flow *));
	tcp_clear(&flow->client_says);
	tcp_clear(&flow->server_says);
	free(flow);
}
