/* By connection: its calls, how long they took, what went each way and how
 * they ended. */
#include "tools/wire/dissect.h"

#include <stdio.h>
#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/list.h"
#include "feeds/ref.h"
#include "tools/print/record.h"
#include "tools/text/text.h"

enum { SUM_CALLS_MAX = 100000, /* kept at once; of others only the count */
       NAME_COLUMNS = 32, MICROS = 1000000 };

struct sum_call {
	struct dissect_call call; /* name in text, no args */
	char text[DISSECT_NAME_BYTES_MAX];
};

/* The calls of one connection that are over. */
struct sum_conn {
	struct sum_call **calls;
	size_t n, capacity;
	uint64_t left_out;
};

struct sums {
	size_t kept;
};

static struct sum_conn *sum_of(struct conn *c)
{
	if (!c->sum)
		c->sum = calloc(1, sizeof(*c->sum));
	return c->sum;
}

static bool has_room(struct sum_conn *s)
{
	struct sum_call **more = list_room(s->calls, s->n, &s->capacity,
					   sizeof(struct sum_call *));

	if (more)
		s->calls = more;
	return more;
}

static void add(struct dissection *d, struct conn *c,
		const struct dissect_call *call)
{
	struct sum_conn *s = sum_of(c);
	struct sum_call *copy;

	if (!s)
		return;
	if (d->sums->kept == SUM_CALLS_MAX || !has_room(s) ||
	    !(copy = malloc(sizeof(*copy)))) {
		s->left_out++;
		return;
	}
	copy->call = *call;
	copy->call.args = (struct kith_slice){ NULL, 0 };
	memcpy(copy->text, call->name.p, call->name.n);
	copy->call.name.p = (const uint8_t *)copy->text;
	s->calls[s->n++] = copy;
	d->sums->kept++;
}

/* Those that are open still, as far as the filter lets them through. */
static void add_open(struct dissection *d, struct conn *c)
{
	const struct dissect_call *call;
	size_t at = 0;

	while ((call = dissect_open_call(c->dissect, &at))) {
		struct dissect_event e = {
			.what = DISSECT_CALL,
			.call = call,
			.packet.request = call->number,
		};
		struct heard h = { .event = &e, .conn = c,
				   .dir = call->number > 0 ? DISSECT_IN
							   : DISSECT_OUT };

		if (dissect_filter_has(d, &h))
			add(d, c, call);
	}
}

static int compare(const void *a, const void *b)
{
	const struct dissect_call *x = &(*(struct sum_call *const *)a)->call;
	const struct dissect_call *y = &(*(struct sum_call *const *)b)->call;

	if (x->opened_us != y->opened_us)
		return x->opened_us < y->opened_us ? -1 : 1;
	return x->number < y->number ? -1 : x->number > y->number;
}

static const char *ending(const struct dissect_call *c)
{
	if (c->failed)
		return "error";
	if (c->over)
		return "end";
	if (c->said[DISSECT_IN].ended || c->said[DISSECT_OUT].ended)
		return "half";
	return "open";
}

/* --- for people ----------------------------------------------------------- */

static void print_conn(struct dissection *d, const struct conn *c)
{
	char start[DISSECT_TIME_BYTES], id[KITH_REF_TEXT_BYTES] = "";
	char in[TEXT_SIZE_BYTES], out[TEXT_SIZE_BYTES];

	dissect_time(d, c->first_us, start);
	text_size(c->said[DISSECT_IN], in);
	text_size(c->said[DISSECT_OUT], out);
	if (c->has_id)
		kith_feed_print(&c->id, id);
	printf("connection %lu at %s s, for %.3f s: in %llu packets, %s; out "
	       "%llu packets, %s\n",
	       (unsigned long)c->number, start,
	       (double)(c->last_us - c->first_us) / MICROS,
	       (unsigned long long)c->packets[DISSECT_IN], in,
	       (unsigned long long)c->packets[DISSECT_OUT], out);
	fputs("  ", stdout);
	text_print(stdout, kith_text(c->at));
	printf(" %s\n", id);
}

static void print_said(const struct dissect_said *s)
{
	char size[TEXT_SIZE_BYTES];

	text_size(s->bytes, size);
	printf(" %6llu %9s", (unsigned long long)s->items, size);
}

static void print_call(struct dissection *d, const struct dissect_call *c)
{
	char start[DISSECT_TIME_BYTES];

	dissect_time(d, c->opened_us, start);
	printf("  %12s %-6s %6ld  ", start, c->number > 0 ? "theirs" : "ours",
	       labs((long)c->number));
	text_print_cut(stdout, c->name, NAME_COLUMNS, true);
	printf(" %-6s %11.3f", rpc_shape_name(c->shape),
	       (double)(c->last_us - c->opened_us) / 1e3);
	print_said(&c->said[DISSECT_IN]);
	print_said(&c->said[DISSECT_OUT]);
	printf("  %s\n", ending(c));
}

static void print_sum(struct dissection *d, const struct conn *c)
{
	const struct sum_conn *s = c->sum;

	print_conn(d, c);
	if (s && s->n)
		printf("  %12s %-6s %6s  %-*s %-6s %11s %6s %9s %6s %9s\n",
		       "began", "whose", "req", NAME_COLUMNS, "call", "shape",
		       "took ms", "in", "", "out", "");
	for (size_t i = 0; s && i < s->n; i++)
		print_call(d, &s->calls[i]->call);
	if (s && s->left_out)
		printf("  and %llu more calls\n",
		       (unsigned long long)s->left_out);
}

/* --- for scripts ---------------------------------------------------------- */

/* What went one way, as an object. */
static void record_way(struct record *r, const char *name, const char *things,
		       uint64_t n, uint64_t bytes)
{
	struct kith_buf way = { .limit = 256 };

	kith_buf_text(&way, "{\"");
	kith_buf_text(&way, things);
	kith_buf_text(&way, "\":");
	kith_buf_uint(&way, n);
	kith_buf_text(&way, ",\"bytes\":");
	kith_buf_uint(&way, bytes);
	kith_buf_byte(&way, '}');
	record_json(r, name, kith_bytes(&way));
	kith_buf_free(&way);
}

static void record_call(const struct conn *c, const struct dissect_call *call)
{
	const struct dissect_said *in = &call->said[DISSECT_IN];
	const struct dissect_said *out = &call->said[DISSECT_OUT];
	struct kith_buf name = { .limit = SIZE_MAX };
	struct record r;

	json_put_string(&name, call->name);
	record_begin(&r);
	record_uint(&r, "conn", c->number);
	record_int(&r, "req", call->number);
	record_json(&r, "name", kith_bytes(&name));
	record_text(&r, "shape", rpc_shape_name(call->shape));
	record_number(&r, "time", (double)call->opened_us / 1e3);
	record_number(&r, "took",
		      (double)(call->last_us - call->opened_us) / 1e3);
	record_way(&r, "in", "items", in->items, in->bytes);
	record_way(&r, "out", "items", out->items, out->bytes);
	record_text(&r, "state", ending(call));
	record_end(&r);
	kith_buf_free(&name);
}

static void record_conn(const struct conn *c)
{
	struct record r;

	record_begin(&r);
	record_uint(&r, "conn", c->number);
	record_text(&r, "at", c->at);
	if (c->has_id)
		record_feed(&r, "peer", &c->id);
	record_number(&r, "time", (double)c->first_us / 1e3);
	record_number(&r, "took", (double)(c->last_us - c->first_us) / 1e3);
	record_way(&r, "in", "packets", c->packets[DISSECT_IN],
		   c->said[DISSECT_IN]);
	record_way(&r, "out", "packets", c->packets[DISSECT_OUT],
		   c->said[DISSECT_OUT]);
	record_uint(&r, "calls", c->sum ? c->sum->n + c->sum->left_out : 0);
	record_end(&r);
}

/* --- the view ------------------------------------------------------------- */

static int begin(struct dissection *d)
{
	d->sums = calloc(1, sizeof(*d->sums));
	return d->sums ? EXIT_DONE : tool_fail(EXIT_FAILED, "out of memory");
}

static void show(struct dissection *d, const struct heard *h)
{
	if (h->event && h->event->call && h->event->call->over)
		add(d, h->conn, h->event->call);
}

static void over(struct dissection *d, struct conn *c)
{
	struct sum_conn *s;

	if (d->filter.has_conn && d->filter.conn != c->number)
		return;
	add_open(d, c);
	s = c->sum;
	if (s && s->n)
		qsort(s->calls, s->n, sizeof(struct sum_call *), compare);
	if (d->page.json)
		record_conn(c);
	else
		print_sum(d, c);
	for (size_t i = 0; s && i < s->n; i++) {
		if (d->page.json)
			record_call(c, &s->calls[i]->call);
		free(s->calls[i]);
		d->sums->kept--;
	}
	if (s)
		free(s->calls);
	free(s);
	c->sum = NULL;
}

static int end(struct dissection *d, int code)
{
	free(d->sums);
	return code;
}

const struct dissect_view dissect_sum = { .letter = 's', .all = true,
					  .begin = begin, .show = show,
					  .over = over, .end = end };
