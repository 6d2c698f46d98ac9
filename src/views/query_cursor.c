/*
 * Cursors: a place in an order, as a text to give back.
 *
 * "1", order, direction, 4 digits of the views' versions, 16 of the key, 12 of
 * the receive number, 8 of the message's id: all hexadecimal.  A place stays
 * good whatever arrives; the id tells a cursor of another store.
 */
#include <math.h>

#include "src/views/query_private.h"

enum { EPOCH_AT = 3, KEY_AT = 7, RX_AT = 23, ID_AT = 35, CURSOR_CHARS = 43 };

static const char orders[] = "xctq"; /* by enum query_key */

uint16_t cursor_epoch(void)
{
	uint32_t hash = 2166136261u;

	for (size_t i = 0; views[i]; i++) {
		for (const char *p = views[i]->name; *p; p++)
			hash = (hash ^ (uint8_t)*p) * 16777619u;
		hash = (hash ^ views[i]->version) * 16777619u;
	}
	return (uint16_t)(hash >> 16 ^ hash);
}

static uint64_t bits_of(double d)
{
	uint64_t bits;

	memcpy(&bits, &d, sizeof(bits));
	return bits;
}

static double double_of(uint64_t bits)
{
	double d;

	memcpy(&d, &bits, sizeof(d));
	return d;
}

static bool read_hex(struct kith_slice text, size_t at, size_t n,
		     uint64_t *out)
{
	*out = 0;
	for (size_t i = at; i < at + n; i++) {
		uint8_t c = text.p[i];

		if (!(c >= '0' && c <= '9') && !(c >= 'a' && c <= 'f'))
			return false;
		*out = *out << 4 | (uint64_t)(c <= '9' ? c - '0' :
							 c - 'a' + 10);
	}
	return true;
}

bool cursor_read(struct kith_slice text, struct query *q)
{
	uint64_t seen, key, rx, id;

	if (text.n != CURSOR_CHARS || text.p[0] != '1' ||
	    text.p[1] != (uint8_t)orders[q->order] ||
	    text.p[2] != (q->descending ? 'd' : 'a') ||
	    !read_hex(text, EPOCH_AT, KEY_AT - EPOCH_AT, &seen) ||
	    !read_hex(text, KEY_AT, RX_AT - KEY_AT, &key) ||
	    !read_hex(text, RX_AT, ID_AT - RX_AT, &rx) ||
	    !read_hex(text, ID_AT, CURSOR_CHARS - ID_AT, &id))
		return false;
	q->from = (struct place){ double_of(key), rx };
	kith_put_be32(q->from_id, (uint32_t)id);
	return seen == q->epoch && !isnan(q->from.key);
}

static char *put_hex(char *out, uint64_t bits, size_t digits)
{
	static const char hex[] = "0123456789abcdef";

	for (size_t i = digits; i > 0; bits >>= 4)
		out[--i] = hex[bits & 15];
	return out + digits;
}

/* Digit by digit: each message of an answer has one. */
void cursor_write(const struct query *q, const struct place *at,
		  const struct kith_msg_id *id,
		  char out[static QUERY_CURSOR_BYTES])
{
	*out++ = '1';
	*out++ = orders[q->order];
	*out++ = q->descending ? 'd' : 'a';
	out = put_hex(out, q->epoch, KEY_AT - EPOCH_AT);
	out = put_hex(out, bits_of(at->key), RX_AT - KEY_AT);
	out = put_hex(out, at->rx, ID_AT - RX_AT);
	out = put_hex(out, kith_be32(id->b), CURSOR_CHARS - ID_AT);
	*out = '\0';
}

int place_compare(const struct place *a, const struct place *b)
{
	if (a->key != b->key)
		return a->key < b->key ? -1 : 1;
	return (a->rx > b->rx) - (a->rx < b->rx);
}

/* As the lists have it: whole, and not below zero. */
static double time_of(const struct view_message *m)
{
	double ms = view_time_ms(m);

	return ms > 0 ? (double)(uint64_t)ms : 0;
}

struct place place_of(enum query_key order, const struct view_message *m)
{
	struct place p = { .rx = m->row->rx };

	switch (order) {
	case KEY_RX:
		p.key = (double)m->row->rx;
		break;
	case KEY_TS:
		p.key = m->claimed;
		break;
	case KEY_RTS:
		p.key = time_of(m);
		break;
	case KEY_SEQ:
		p.key = (double)m->row->sequence;
		break;
	}
	return p;
}
