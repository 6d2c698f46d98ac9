/* A pcap or pcapng file, down to the bytes of its connections. */
#include <stdlib.h>

#include "src/wire/flows.h"
#include "src/wire/userlink.h"
#include "tests/fuzz/replay.h"

/* What came of a file: enough to tell two readings of it apart. */
struct outcome {
	uint64_t packets, bytes, gaps, ends;
	enum pcap_step step;
};

static void drain(struct tcp *t, bool flush, struct outcome *out)
{
	struct tcp_out o;
	enum tcp_step step;

	while ((step = tcp_next(t, flush, &o)) != TCP_MORE) {
		out->bytes += o.bytes.n;
		out->gaps += o.missing;
		out->ends += step == TCP_END;
		if (step == TCP_BYTES && !o.bytes.n)
			abort();
	}
}

static void end_flow(struct flows *f, struct flow *flow, struct outcome *out)
{
	drain(&flow->client_says, true, out);
	drain(&flow->server_says, true, out);
	if (flow->client_says.held || flow->server_says.held)
		abort();
	flows_remove(f, flow);
}

static void take_segment(struct flows *f, const struct segment *s,
			 struct outcome *out)
{
	char text[ENDPOINT_TEXT_BYTES];
	struct flow *old, *flow = flows_find(f, s, &old);

	endpoint_print(&s->from, text);
	if (old)
		end_flow(f, old, out);
	if (!flow && flows_oldest(f))
		end_flow(f, flows_oldest(f), out);
	if (!flow)
		flow = flows_add(f, s);
	if (!flow)
		abort();
	tcp_put(flow_is_client(flow, s) ? &flow->client_says
					: &flow->server_says, s);
	drain(&flow->client_says, false, out);
	drain(&flow->server_says, false, out);
}

static void take(struct flows *f, const struct pcap_packet *p,
		 struct outcome *out)
{
	struct kith_slice s = p->bytes;
	struct userlink u;
	struct segment g;

	if (p->bytes.n > PCAP_PACKET_BYTES_MAX * 2 || p->length < p->bytes.n)
		abort();
	out->packets++;
	if (p->link == PCAP_LINK_USER0)
		(void)!userlink_decode(&s, &u);
	else if (segment_read(p, &g) && g.tcp)
		take_segment(f, &g, out);
}

static struct outcome read_file(struct kith_slice s, size_t most)
{
	struct pcap_reader *r = pcap_reader_new();
	struct flows *f = flows_new();
	struct outcome out = { 0 };
	struct pcap_packet p;
	struct flow *last;

	if (!r || !f)
		abort();
	while (s.n && out.step != PCAP_BAD) {
		struct kith_slice in = { s.p, s.n < most ? s.n : most };

		s.p += in.n;
		s.n -= in.n;
		while ((out.step = pcap_next(r, &in, &p)) == PCAP_PACKET)
			take(f, &p, &out);
	}
	while ((last = flows_last(f)))
		end_flow(f, last, &out);
	flows_free(f);
	pcap_reader_free(r);
	return out;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice in = { data, size };
	struct outcome whole = read_file(in, SIZE_MAX);
	struct outcome cut = read_file(in, 1 + size % 61);

	if (whole.packets != cut.packets || whole.bytes != cut.bytes ||
	    whole.gaps != cut.gaps || whole.ends != cut.ends ||
	    whole.step != cut.step)
		abort();
	return 0;
}
