#include "tests/gossip/wants_case.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"

enum {
	TEXT_BYTES = 4096,
	ITEM_BYTES = 1 << 20,
	LETTERS = 26,
	FLOOD_BYTES_MAX = 4 << 20
};

void case_open(struct wants_case *c, const struct wants_options *options)
{
	struct wants_options o;

	wants_defaults(&o);
	*c = (struct wants_case){ .body.limit = ITEM_BYTES };
	c->w = wants_new(options ? options : &o);
	assert_non_null(c->w);
}

void case_close(struct wants_case *c)
{
	for (size_t i = 0; i < LETTERS; i++)
		if (c->fetches[i])
			case_ends(c, (char)('a' + i), WANTS_CUT, 0);
	for (size_t i = 0; i < LETTERS; i++)
		if (c->peers[i])
			case_leave(c, (char)('A' + i));
	wants_free(c->w);
	kith_buf_free(&c->body);
}

struct kith_blob_id case_blob(char letter)
{
	struct kith_blob_id id;

	memset(id.b, letter, sizeof(id.b));
	return id;
}

struct wants_peer *case_peer(const struct wants_case *c, char peer)
{
	assert_non_null(c->peers[peer - 'A']);
	return c->peers[peer - 'A'];
}

void case_join(struct wants_case *c, const char *peers)
{
	for (; *peers; peers++) {
		struct kith_feed_id id = { .format = KITH_CLASSIC };
		struct wants_peer **p = &c->peers[*peers - 'A'];

		memset(id.b, *peers, sizeof(id.b));
		*p = wants_join(c->w, &id, c->now_ms);
		assert_non_null(*p);
		wants_peer_attach(*p, p);
	}
}

void case_listen(struct wants_case *c, const char *peers)
{
	for (; *peers; peers++) {
		wants_listens(c->w, case_peer(c, *peers));
		assert_true(wants_say(c->w, case_peer(c, *peers), &c->body));
	}
}

void case_leave(struct wants_case *c, char peer)
{
	wants_leave(c->w, case_peer(c, peer), c->now_ms);
	c->peers[peer - 'A'] = NULL;
}

void case_want(struct wants_case *c, char blob, uint8_t hops)
{
	struct wants_own own = { .id = case_blob(blob), .hops = hops };

	assert_int_equal(wants_want(c->w, &own, c->now_ms), KITH_OK);
}

void case_came(struct wants_case *c, char blob, uint64_t size)
{
	struct kith_blob_id id = case_blob(blob);

	wants_came(c->w, &id, size, c->now_ms);
}

void case_hear(struct wants_case *c, char peer, const char *item)
{
	struct kith_buf json = { .limit = ITEM_BYTES };
	char text[KITH_REF_TEXT_BYTES];

	kith_buf_byte(&json, '{');
	while (*item) {
		struct kith_blob_id id = case_blob(*item);
		size_t n = strcspn(item + 1, " ");

		kith_blob_print(&id, text);
		kith_buf_text(&json, json.n > 1 ? ",\"" : "\"");
		kith_buf_text(&json, text);
		kith_buf_text(&json, "\":");
		kith_buf_put(&json, (struct kith_slice){
					    (const uint8_t *)item + 1, n });
		item += 1 + n;
		item += *item == ' ';
	}
	kith_buf_byte(&json, '}');
	assert_int_equal(json.err, KITH_OK);
	wants_item(c->w, case_peer(c, peer), kith_bytes(&json), c->now_ms);
	kith_buf_free(&json);
}

static void put_blob(struct kith_buf *out, struct kith_slice text)
{
	struct kith_blob_id id;

	assert_int_equal(kith_blob_parse(json_plain(text), &id), KITH_OK);
	kith_buf_byte(out, id.b[0]);
}

static void put_item(struct kith_buf *out, struct kith_slice item)
{
	struct kith_slice ids, key, value;
	size_t at = 0, n = 0;

	assert_int_equal(json_check(item, NULL, NULL), KITH_OK);
	if (json_next_element(item, &at, &ids)) {
		at = 0;
		kith_buf_byte(out, '[');
		while (json_next_element(ids, &at, &value)) {
			kith_buf_text(out, n++ ? " " : "");
			put_blob(out, value);
		}
		kith_buf_byte(out, ']');
		return;
	}
	at = 0;
	kith_buf_byte(out, '{');
	while (json_next_member(item, &at, &key, &value)) {
		kith_buf_text(out, n++ ? " " : "");
		put_blob(out, key);
		kith_buf_put(out, value);
	}
	kith_buf_byte(out, '}');
}

static void compare(struct kith_buf *got, const char *expected,
		    const char *file, int line)
{
	kith_buf_byte(got, '\0');
	_assert_string_equal((const char *)got->p, expected, file, line);
	kith_buf_free(got);
}

void case_says(struct wants_case *c, char peer, const char *items,
	       const char *file, int line)
{
	struct kith_buf got = { .limit = TEXT_BYTES };

	while (wants_say(c->w, case_peer(c, peer), &c->body)) {
		kith_buf_text(&got, got.n ? " " : "");
		put_item(&got, kith_bytes(&c->body));
	}
	compare(&got, items, file, line);
}

static void put_fetch(struct wants_case *c, struct kith_buf *out,
		      struct wants_fetch *f, bool begins)
{
	struct wants_request r;

	wants_request(f, &r);
	kith_buf_byte(out, r.id.b[0]);
	if (!begins)
		return;
	kith_buf_byte(
		out,
		(uint8_t)('A' + ((struct wants_peer **)wants_peer_user(r.peer) -
				 c->peers)));
	if (r.from) {
		kith_buf_byte(out, '+');
		kith_buf_uint(out, r.from);
	}
	c->fetches[r.id.b[0] - 'a'] = f;
}

static void put_look(const struct wants_case *c, struct kith_buf *out)
{
	kith_buf_byte(out, c->last.look.id.b[0]);
	kith_buf_int(out, -c->last.look.distance);
}

static void put_step(struct wants_case *c, struct kith_buf *out,
		     enum wants_step step)
{
	kith_buf_text(out, out->n ? " " : "");
	switch (step) {
	case WANTS_LOOK:
		kith_buf_text(out, "look ");
		put_look(c, out);
		break;
	case WANTS_FETCH:
		kith_buf_text(out, "fetch ");
		put_fetch(c, out, c->last.fetch, true);
		break;
	case WANTS_STOP:
		kith_buf_text(out, "stop ");
		put_fetch(c, out, c->last.fetch, false);
		break;
	case WANTS_PUSHED:
		kith_buf_text(out, "pushed ");
		kith_buf_byte(out, c->last.look.id.b[0]);
		break;
	case WANTS_IDLE: break;
	}
}

void case_does(struct wants_case *c, const char *steps, const char *file,
	       int line)
{
	struct kith_buf got = { .limit = TEXT_BYTES };
	struct wants_do next;
	enum wants_step step;

	while ((step = wants_next(c->w, c->now_ms, &next)) != WANTS_IDLE) {
		c->last = next;
		put_step(c, &got, step);
	}
	compare(&got, steps, file, line);
}

void case_looked(struct wants_case *c, int64_t size)
{
	wants_looked(c->w, &c->last.look, size, c->now_ms);
}

void case_progress(struct wants_case *c, char blob, uint64_t bytes)
{
	wants_progress(c->w, c->fetches[blob - 'a'], bytes, c->now_ms);
}

void case_ends(struct wants_case *c, char blob, enum wants_verdict verdict,
	       uint64_t kept)
{
	struct wants_fetch *f = c->fetches[blob - 'a'];

	assert_non_null(f);
	c->fetches[blob - 'a'] = NULL;
	wants_fetched(c->w, f, verdict, kept, c->now_ms);
}

struct kith_blob_id case_numbered(uint32_t n)
{
	struct kith_blob_id id = { { 0 } };

	kith_put_be32(id.b, n + 1);
	return id;
}

void case_flood(struct wants_case *c, char peer, uint32_t from, uint32_t count,
		int64_t value)
{
	struct kith_buf item = { .limit = FLOOD_BYTES_MAX };
	char text[KITH_REF_TEXT_BYTES];

	for (uint32_t i = 0; i < count; i++) {
		struct kith_blob_id id = case_numbered(from + i);

		kith_blob_print(&id, text);
		kith_buf_text(&item, i ? ",\"" : "{\"");
		kith_buf_text(&item, text);
		kith_buf_text(&item, "\":");
		kith_buf_int(&item, value);
	}
	kith_buf_byte(&item, '}');
	assert_int_equal(item.err, KITH_OK);
	wants_item(c->w, case_peer(c, peer), kith_bytes(&item), c->now_ms);
	kith_buf_free(&item);
}

uint32_t case_look_all(struct wants_case *c)
{
	uint32_t n = 0;

	while (wants_next(c->w, c->now_ms, &c->last) == WANTS_LOOK) {
		case_looked(c, WANTS_ABSENT);
		n++;
	}
	return n;
}

void case_want_many(struct wants_case *c, uint32_t from, uint32_t count,
		    uint8_t hops, enum kith_err expected)
{
	for (uint32_t i = 0; i < count; i++) {
		struct wants_own own = { .id = case_numbered(from + i),
					 .hops = hops };

		assert_int_equal(wants_want(c->w, &own, c->now_ms), expected);
	}
}

struct wants_counts case_counts(const struct wants_case *c)
{
	struct wants_counts n;

	wants_counts(c->w, &n);
	return n;
}
