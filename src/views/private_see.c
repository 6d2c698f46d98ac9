/* Reading: what was opened stands in place of the box. */
#include <stdlib.h>

#include "feeds/json.h"
#include "src/views/content.h"
#include "src/views/private_parts.h"

/* Opened for one viewer at a time: a long thread's worth.  What is more stays
 * as it is, boxed. */
enum { TEXTS_BYTES_MAX = 64 << 20, SLOTS_AT_FIRST = 64 };

struct text {
	uint64_t rx; /* 0: the slot is free */
	uint8_t *p;  /* NULL: it has none */
	size_t n;
};

/* By receive number; at most half full. */
struct private_texts {
	struct text *slots;
	size_t count, room, bytes;
};

static struct private_texts *texts_new(void)
{
	struct private_texts *x = calloc(1, sizeof(*x));

	if (!x)
		return NULL;
	x->room = SLOTS_AT_FIRST;
	x->slots = calloc(x->room, sizeof(*x->slots));
	if (x->slots)
		return x;
	free(x);
	return NULL;
}

static void texts_wipe(struct private_texts *x)
{
	for (size_t i = 0; i < x->room; i++) {
		if (x->slots[i].p)
			sodium_memzero(x->slots[i].p, x->slots[i].n);
		free(x->slots[i].p);
	}
	memset(x->slots, 0, x->room * sizeof(*x->slots));
	x->count = x->bytes = 0;
}

void private_texts_free(struct private_texts *x)
{
	if (!x)
		return;
	texts_wipe(x);
	free(x->slots);
	free(x);
}

static struct text *find(const struct private_texts *x, uint64_t rx)
{
	size_t i = (size_t)(rx * 0x9e3779b97f4a7c15u >> 20) & (x->room - 1);

	while (x->slots[i].rx && x->slots[i].rx != rx)
		i = (i + 1) & (x->room - 1);
	return &x->slots[i];
}

static bool grow(struct private_texts *x)
{
	struct private_texts more = { .room = 2 * x->room };

	more.slots = calloc(more.room, sizeof(*more.slots));
	if (!more.slots)
		return false;
	for (size_t i = 0; i < x->room; i++)
		if (x->slots[i].rx)
			*find(&more, x->slots[i].rx) = x->slots[i];
	free(x->slots);
	x->slots = more.slots;
	x->room = more.room;
	return true;
}

/* Keeps a copy; an empty one stands for none.  NULL: no room. */
static struct text *keep(struct private_texts *x, uint64_t rx,
			 struct kith_slice plain)
{
	struct text *slot;
	uint8_t *copy = NULL;

	if (plain.n > TEXTS_BYTES_MAX - x->bytes ||
	    (2 * x->count >= x->room && !grow(x)))
		return NULL;
	if (plain.n) {
		copy = malloc(plain.n);
		if (!copy)
			return NULL;
		memcpy(copy, plain.p, plain.n);
	}
	slot = find(x, rx);
	*slot = (struct text){ rx, copy, plain.n };
	x->count++;
	x->bytes += plain.n;
	return slot;
}

enum kith_err opened_content(const struct kith_opened *o, struct kith_buf *out)
{
	*out = (struct kith_buf){ .limit = OPENED_CONTENT_BYTES_MAX };
	kith_buf_reserve(out, o->n); /* so that it seldom moves */
	json_compact(kith_plain(o), out);
	return out->err;
}

void opened_content_free(struct kith_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	kith_buf_free(b);
}

static struct text *open_text(const struct viewer *v, struct txn *t,
			      const struct view_message *m)
{
	struct kith_opened o = { 0 };
	struct kith_buf plain = { 0 };
	struct kith_msg_id previous;
	struct kith_boxed boxed;
	struct opened how;
	struct text *kept = NULL;
	enum kith_err err = KITH_OK;

	if (boxed_read(m->row, m, &previous, &boxed) &&
	    opened_get(t, v->keys, m->row->rx, &how) &&
	    kith_box_open_by_key(&boxed, &how.key, &o) == KITH_OPENED)
		err = opened_content(&o, &plain);
	if (!err)
		kept = keep(v->texts, m->row->rx, kith_bytes(&plain));
	opened_content_free(&plain);
	kith_opened_clear(&o);
	sodium_memzero(&how, sizeof(how));
	return kept;
}

static void see(const struct viewer *v, struct txn *t, struct view_message *m)
{
	struct text *text;

	if (kith_box_scheme(m->content) == KITH_BOX_NONE)
		return;
	text = find(v->texts, m->row->rx);
	if (!text->rx)
		text = open_text(v, t, m);
	if (!text || !text->n)
		return;
	m->boxed = m->content;
	m->content = (struct kith_slice){ text->p, text->n };
}

bool viewer_message(const struct viewer *v, struct txn *t,
		    const struct message_row *row, struct view_message *m)
{
	if (!views_read(t, row, m))
		return false;
	if (v && v->keys)
		see(v, t, m);
	return true;
}

struct kith_slice viewer_content(const struct viewer *v, struct txn *t,
				 const struct message_row *row)
{
	struct view_message m;

	if (!v || !v->keys)
		return json_get(row->canon, "content");
	return viewer_message(v, t, row, &m)
		       ? m.content : json_get(row->canon, "content");
}

enum kith_err viewer_sees_private(struct viewer *v, const struct keys *k)
{
	if (!v->texts)
		v->texts = texts_new();
	if (!v->texts)
		return KITH_ENOMEM;
	v->keys = k;
	return KITH_OK;
}

void viewer_turn(const struct viewer *v)
{
	if (v && v->texts)
		texts_wipe(v->texts);
}

/* --- as clients expect it --- */

/* Members that stand twice, for clients of two ages; the key is base64. */
static void put_said(const struct kith_box_key *key, struct kith_buf *out)
{
	char text[KITH_BOX_KEY_TEXT_BYTES];

	kith_buf_text(out, "\"private\":true");
	if (key) {
		sodium_bin2base64(text, sizeof(text), key->b, key->n,
				  sodium_base64_VARIANT_ORIGINAL);
		kith_buf_text(out, ",\"unbox\":");
		json_put_text(out, text);
		sodium_memzero(text, sizeof(text));
	}
	kith_buf_byte(out, '}');
}

void view_message_put(const struct view_message *m,
		      const struct kith_box_key *key, struct kith_buf *out)
{
	const struct kith_slice canon = m->row->canon, box = m->boxed;
	size_t before;

	if (!box.n) {
		kith_buf_put(out, canon);
		return;
	}
	before = (size_t)(box.p - canon.p);
	kith_buf_put(out, (struct kith_slice){ canon.p, before });
	if (key)
		json_compact(m->content, out);
	else
		content_put_shown(m->content, out);
	/* Without the brace that ends it. */
	kith_buf_put(out, (struct kith_slice){ box.p + box.n,
					       canon.n - before - box.n - 1 });
	kith_buf_text(out, ",\"meta\":{\"original\":{\"content\":");
	kith_buf_put(out, box);
	kith_buf_text(out, "},");
	put_said(key, out);
	kith_buf_text(out, ",\"cyphertext\":");
	kith_buf_put(out, box);
	kith_buf_byte(out, ',');
	put_said(key, out);
}
