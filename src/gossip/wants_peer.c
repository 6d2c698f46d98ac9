#include <stdlib.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "src/gossip/wants_private.h"

/* A quoted id, a colon, a number, a comma. */
enum { ENTRY_BYTES_MAX = KITH_REF_TEXT_BYTES + 24, CLOSING_BYTES = 2 };

#define VALUE_MAX 9007199254740991.0

/* --- coming and going ----------------------------------------------------- */

struct wants_peer *wants_join(struct wants *w, const struct kith_feed_id *peer,
			      int64_t now_ms)
{
	struct wants_peer *p = calloc(1, sizeof(*p));

	if (!p)
		return NULL;
	w->now_ms = now_ms;
	p->id = *peer;
	p->session = ++w->session;
	p->joined = w->number;
	p->allowance = (int64_t)WANTS_CARRIED_PEER_MAX * 1000;
	p->allowed_ms = now_ms;
	p->speed = 1 << 20;
	chain_init(&p->ring);
	chain_init(&p->asking);
	chain_init(&p->carried);
	chain_init(&p->offers);
	chain_init(&p->fetches);
	for (size_t i = 0; i < NEARNESSES; i++)
		chain_init(&p->lines[i]);
	chain_put(&w->peers, &p->ring);
	return p;
}

static void leave_fetches(struct wants_peer *p)
{
	while (!chain_is_alone(&p->fetches)) {
		struct wants_fetch *f = CHAIN_OWNER(
			p->fetches.next, struct wants_fetch, of_peer);

		chain_take(&f->of_peer);
		f->peer = NULL;
	}
}

void wants_leave(struct wants *w, struct wants_peer *p, int64_t now_ms)
{
	w->now_ms = now_ms;
	leave_fetches(p);
	wants_bar(w, p);
	wants_carrier_left(w, p);
	w->asked_count -= p->asked.count + p->answers.count + p->looking;
	wants_fifo_clear(&p->asked);
	wants_fifo_clear(&p->answers);
	chain_take(&p->ring);
	chain_take(&p->asking);
	free(p);
}

struct wants_peer *wants_session(const struct wants *w, uint64_t session)
{
	for (struct chain *c = w->peers.next; c != &w->peers; c = c->next) {
		struct wants_peer *p = CHAIN_OWNER(c, struct wants_peer, ring);

		if (p->session == session)
			return p;
	}
	return NULL;
}

/* --- what it says --------------------------------------------------------- */

static uint32_t owed(const struct wants_peer *p)
{
	return p->asked.count + p->answers.count + p->looking;
}

/* It ends with the looks that are under way, whether or not the peer takes its
 * answers: nothing else of its connection may wait for that. */
bool wants_is_full(const struct wants_peer *p)
{
	return owed(p) >= WANTS_ASKED_MAX && p->asked.count + p->looking > 0;
}

static bool may_ask(const struct wants *w, const struct wants_peer *p)
{
	return owed(p) < ASKED_LEAST ||
	       (owed(p) < WANTS_ASKED_MAX &&
		w->asked_count < WANTS_ASKED_ALL_MAX);
}

static void put(struct wants *w, struct wants_fifo *fifo,
		const struct kith_blob_id *id, int64_t value)
{
	if (wants_fifo_put(fifo, &(struct wants_entry){ *id, value }))
		w->asked_count++;
	else
		w->ever.dropped++;
}

/* What is in the table need not be looked for. */
static void hear_want(struct wants *w, struct wants_peer *p,
		      const struct kith_blob_id *id, int64_t distance)
{
	const struct wants_blob *b = wants_find(w, id);

	if (b && !b->pushing)
		wants_carry(w, p, id, distance);
	else if (!b && w->options.stingy)
		return;
	else if (!may_ask(w, p))
		w->ever.dropped++;
	else if (b)
		put(w, &p->answers, id, (int64_t)b->size);
	else {
		put(w, &p->asked, id, distance);
		chain_move(&w->asking, &p->asking);
	}
}

static bool read_value(struct kith_slice value, int64_t *out)
{
	double d;

	if (!json_number(value, &d))
		return false;
	/* Also keeps the cast defined; NaN fails it as well. */
	if (!(d >= -VALUE_MAX && d <= VALUE_MAX) || d == 0 ||
	    (double)(int64_t)d != d)
		return false;
	*out = (int64_t)d;
	return true;
}

static void hear_entry(struct wants *w, struct wants_peer *p,
		       struct kith_slice key, struct kith_slice value)
{
	struct kith_blob_id id;
	int64_t n;

	if (kith_blob_parse(json_plain(key), &id) || !read_value(value, &n))
		return;
	if (n > 0)
		wants_offer(w, p, &id, (uint64_t)n, w->now_ms);
	else
		hear_want(w, p, &id, n < -DISTANCE_MAX ? DISTANCE_MAX : -n);
}

bool wants_item(struct wants *w, struct wants_peer *p, struct kith_slice item,
		int64_t now_ms)
{
	struct kith_slice key, value;
	size_t at = 0, entries = 0;

	w->now_ms = now_ms;
	while (json_next_member(item, &at, &key, &value)) {
		if (entries++ < WANTS_ITEM_ENTRIES_MAX)
			hear_entry(w, p, key, value);
		else
			w->ever.dropped++;
	}
	return !wants_is_full(p);
}

/* --- what the store says -------------------------------------------------- */

bool wants_next_look(struct wants *w, struct wants_look *out)
{
	struct wants_entry entry;
	struct wants_peer *p;

	if (chain_is_alone(&w->asking))
		return false;
	p = CHAIN_OWNER(w->asking.next, struct wants_peer, asking);
	chain_take(&p->asking);
	if (!wants_fifo_get(&p->asked, &entry))
		return wants_next_look(w, out); /* memory ran out with it */
	if (p->asked.count)
		chain_put(&w->asking, &p->asking);
	p->looking++;
	*out = (struct wants_look){ entry.id, p->session, entry.value };
	return true;
}

void wants_looked(struct wants *w, const struct wants_look *look, int64_t size,
		  int64_t now_ms)
{
	struct wants_peer *p = wants_session(w, look->session);

	w->now_ms = now_ms;
	if (!p)
		return;
	p->looking--;
	w->asked_count--;
	if (size > 0)
		put(w, &p->answers, &look->id, size);
	else if (size < 0)
		wants_carry(w, p, &look->id, look->distance);
}

/* --- what it is told ------------------------------------------------------ */

void wants_listens(struct wants *w, struct wants_peer *p)
{
	(void)w;
	p->listens = true;
	p->greeted = false;
	p->legacy = false;
	p->cursor = 0;
}

void wants_is_legacy(struct wants *w, struct wants_peer *p)
{
	if (p->listens && !p->legacy)
		return; /* it calls ours, so items reach it */
	wants_listens(w, p);
	p->legacy = p->greeted = true;
}

static void put_id(struct kith_buf *body, const struct kith_blob_id *id,
		   size_t i)
{
	char text[KITH_REF_TEXT_BYTES];

	kith_blob_print(id, text);
	kith_buf_text(body, i ? ",\"" : "\"");
	kith_buf_text(body, text);
	kith_buf_byte(body, '"');
}

/* Room for an entry and what closes the item; without memory it ends here. */
static bool has_room(struct kith_buf *body, size_t entries)
{
	if (entries == WANTS_SAY_ENTRIES_MAX)
		return false;
	if (kith_buf_reserve(body, ENTRY_BYTES_MAX + CLOSING_BYTES))
		return true;
	body->err = KITH_OK;
	return false;
}

static size_t say_answers(struct wants *w, struct wants_peer *p,
			  struct kith_buf *body)
{
	struct wants_entry entry;
	size_t i = 0;

	for (; has_room(body, i) && wants_fifo_get(&p->answers, &entry); i++) {
		w->asked_count--;
		put_id(body, &entry.id, i);
		kith_buf_byte(body, ':');
		kith_buf_int(body, entry.value);
	}
	return i;
}

static size_t say_news(struct wants *w, struct wants_peer *p,
		       struct kith_buf *body)
{
	struct wants_news news;
	size_t i = 0;

	for (; has_room(body, i) && wants_hear(w, p, &news); i++) {
		put_id(body, &news.id, i);
		if (p->legacy)
			continue;
		kith_buf_byte(body, ':');
		kith_buf_int(body, news.value);
	}
	return i;
}

/* Answers and news do not share an item: while a blob is pushed both name it,
 * and of two members of one name the last counts. */
bool wants_say(struct wants *w, struct wants_peer *p, struct kith_buf *body)
{
	bool first = !p->greeted;
	size_t n = 0;

	kith_buf_reset(body);
	if (!p->listens ||
	    !kith_buf_reserve(body, ENTRY_BYTES_MAX + CLOSING_BYTES * 2)) {
		body->err = KITH_OK;
		return false;
	}
	kith_buf_text(body, p->legacy ? "[[" : "{");
	if (!first && !p->legacy)
		n = say_answers(w, p, body);
	if (!n)
		n = say_news(w, p, body);
	kith_buf_text(body, p->legacy ? "]]" : "}");
	p->greeted = true;
	return n || first;
}

static bool has_something(const struct wants *w, const struct wants_peer *p)
{
	return p->listens &&
	       (!p->greeted || p->cursor < w->number ||
		(p->answers.count && !p->legacy));
}

struct wants_peer *wants_ready(struct wants *w, struct wants_peer *after)
{
	struct chain *c = after ? after->ring.next : w->peers.next;

	for (; c != &w->peers; c = c->next) {
		struct wants_peer *p = CHAIN_OWNER(c, struct wants_peer, ring);

		if (has_something(w, p))
			return p;
	}
	return NULL;
}

/* --- peers that know no items --------------------------------------------- */

void wants_has(struct wants *w, struct wants_peer *p, struct kith_slice asked,
	       struct kith_slice answer, int64_t now_ms)
{
	struct kith_slice ids, id_text, has;
	struct kith_blob_id id;
	size_t at = 0, at_answer = 0, first = 0;

	if (!json_next_element(asked, &first, &ids))
		return;
	while (json_next_element(ids, &at, &id_text) &&
	       json_next_element(answer, &at_answer, &has))
		if (json_says_true(has) &&
		    !kith_blob_parse(json_plain(id_text), &id))
			wants_offer(w, p, &id, 0, now_ms);
}

void wants_peer_attach(struct wants_peer *p, void *user)
{
	p->user = user;
}

void *wants_peer_user(const struct wants_peer *p)
{
	return p->user;
}
