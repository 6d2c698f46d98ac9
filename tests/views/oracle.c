#include "tests/views/oracle.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>
#include <jansson.h>

#include "feeds/channel.h"
#include "feeds/json.h"
#include "src/views/keyring.h"
#include "src/views/names.h"
#include "src/views/opinions.h"
#include "src/views/postings.h"
#include "src/views/view.h"

enum { LINKS = 256, DEPTH = 31, MEMBERS = 32 };

struct row {
	enum store_table table;
	size_t key_bytes, value_bytes;
	uint8_t key[SUBJECT_BYTES_MAX + TERM_BYTES_MAX];
	uint8_t value[OPINION_HEADER_BYTES + OPINION_BYTES_MAX];
};

struct oracle {
	struct row *rows;
	size_t count, capacity;
	const struct message_row *message;
	struct kith_slice content;
	bool private; /* what was in a box */
	uint64_t time_ms;
	int links;
};

static void put_number(uint8_t *p, uint64_t n)
{
	for (int i = 0; i < 6; i++)
		p[i] = (uint8_t)(n >> (40 - 8 * i));
}

static struct row *new_row(struct oracle *o, enum store_table table,
			   const uint8_t *key, size_t n)
{
	struct row *r;

	if (o->count == o->capacity) {
		o->capacity = o->capacity ? 2 * o->capacity : 1024;
		o->rows = realloc(o->rows, o->capacity * sizeof(*o->rows));
		assert_non_null(o->rows);
	}
	r = &o->rows[o->count++];
	memset(r, 0, sizeof(*r));
	r->table = table;
	memcpy(r->key, key, n);
	r->key_bytes = n;
	return r;
}

static void posting(struct oracle *o, struct term term)
{
	struct row *r = new_row(o, o->private ? TABLE_PRIVATE_POSTINGS
					      : TABLE_POSTINGS,
				term.b, term.n);

	put_number(r->key + term.n, o->time_ms);
	put_number(r->key + term.n + 6, o->message->rx);
	r->key_bytes += 12;
}

/* Names, and what feeds are like, come from what is public only. */
static bool is_public(const struct subject *of)
{
	return of->b[0] == SUBJECT_NAME ||
	       (of->b[0] == SUBJECT_ABOUT && of->b[1] % 16 == KITH_REF_FEED);
}

static void opinion(struct oracle *o, struct subject of, struct kith_slice says)
{
	struct row *r;

	if (o->private && is_public(&of))
		return;
	r = new_row(o, o->private ? TABLE_PRIVATE_OPINIONS : TABLE_OPINIONS,
		    of.b, of.n);
	kith_put_be32(r->key + of.n, o->message->feed_number);
	r->key_bytes += 4;
	if (o->private) {
		kith_put_be64(r->key + r->key_bytes, o->message->sequence);
		r->key_bytes += 8;
	}
	put_number(r->value, o->message->sequence);
	put_number(r->value + 6, o->message->rx);
	memcpy(r->value + 12, says.p ? says.p : r->key, says.n);
	r->value_bytes = 12 + says.n;
}

/* A string that stands in canonical JSON as it is. */
static const char *plain(const json_t *value)
{
	const char *text = json_string_value(value);

	for (const char *p = text; p && *p; p++)
		if ((unsigned char)*p < ' ' || *p == '"' || *p == '\\')
			return NULL;
	return text && strlen(text) == json_string_length(value) ? text : NULL;
}

static bool read_ref(const json_t *value, struct kith_ref *out)
{
	const char *text = plain(value);

	return text && !kith_ref_parse(kith_text(text), out, NULL);
}

static bool read_link(const json_t *value, struct kith_ref *out)
{
	return read_ref(json_is_object(value) ? json_object_get(value, "link")
					      : value, out);
}

/* As unescaped; empty: it is none. */
static struct kith_slice string(const json_t *value)
{
	return (struct kith_slice){ (const uint8_t *)json_string_value(value),
				    json_string_length(value) };
}

static void channel(struct oracle *o, struct kith_slice text)
{
	char name[CHANNEL_TEXT_BYTES];
	size_t n = channel_normalize(text, name);

	if (n)
		posting(o, term_channel((struct kith_slice){
				(const uint8_t *)name, n }));
}

static enum relation relation_of(const char *member)
{
	static const char *const names[] = { "", "root", "fork", "branch",
		"reply", "mentions", "vote", "about", "contact" };

	for (int i = 1; i < RELATION_COUNT; i++)
		if (!strcmp(names[i], member))
			return (enum relation)i;
	return RELATION_OTHER;
}

static void links_of(struct oracle *o, json_t *value, enum relation relation,
		     int depth)
{
	const char *text = plain(value), *key;
	struct kith_ref ref;
	json_t *inner;
	size_t i;

	if (text && strlen(text) > 1 && o->links < LINKS) {
		if (*text == '#') {
			o->links++;
			channel(o, kith_text(text));
		} else if (read_ref(value, &ref)) {
			o->links++;
			posting(o, term_link(&ref, relation));
		}
	}
	if (depth == DEPTH)
		return;
	json_array_foreach(value, i, inner)
		links_of(o, inner, relation, depth + 1);
	json_object_foreach(value, key, inner)
		links_of(o, inner, depth ? relation : relation_of(key),
			 depth + 1);
}

static struct kith_slice brief(struct kith_slice value)
{
	return value.n <= OPINION_BYTES_MAX ? value : (struct kith_slice){ 0 };
}

static void name(struct oracle *o, const struct kith_ref *of,
		 struct kith_slice value)
{
	struct kith_buf clean = { .limit = NAME_BYTES_MAX };
	uint8_t folded[NAME_BYTES_MAX];
	struct subject s = { .n = 1, .b = { SUBJECT_NAME } };
	size_t n = name_clean(value, &clean)
			   ? name_fold(kith_bytes(&clean), folded) : 0;

	kith_buf_free(&clean);
	if (!n || of->kind != KITH_REF_FEED)
		return;
	memcpy(s.b + 1, folded, n);
	s.b[n + 1] = 0;
	s.b[n + 2] = (uint8_t)of->feed.format;
	memcpy(s.b + n + 3, of->feed.b, KITH_ID_BYTES);
	s.n = n + 3 + KITH_ID_BYTES;
	opinion(o, s, (struct kith_slice){ 0 });
}

static void about(struct oracle *o, json_t *content)
{
	struct kith_ref of;
	const char *key;
	json_t *value;
	int members = 0;

	if (!read_link(json_object_get(content, "about"), &of))
		return;
	json_object_foreach(content, key, value) {
		json_t *as_value = json_string(key);
		bool counts = members++ < MEMBERS && plain(as_value) && *key &&
			      strlen(key) <= TERM_TEXT_BYTES_MAX &&
			      strcmp(key, "type") != 0 &&
			      strcmp(key, "about") != 0;

		json_decref(as_value);
		if (!counts)
			continue;
		opinion(o, subject_about(&of, kith_text(key)),
			brief(json_get(o->content, key)));
		if (!strcmp(key, "name"))
			name(o, &of, json_get(o->content, key));
	}
}

static void says(struct oracle *o, json_t *content)
{
	const char *type = json_string_value(json_object_get(content, "type"));
	json_t *vote = json_object_get(content, "vote");
	struct kith_slice text = string(json_object_get(content, "channel"));
	char normal[CHANNEL_TEXT_BYTES];
	struct kith_ref on;
	size_t n = text.n ? channel_normalize(text, normal) : 0;

	if (type && !strcmp(type, "about"))
		about(o, content);
	if (type && !strcmp(type, "vote") && read_link(vote, &on))
		opinion(o, subject_vote(&on),
			brief(json_get(json_get(o->content, "vote"), "value")));
	if (type && !strcmp(type, "channel") && n)
		opinion(o, subject_channel((struct kith_slice){
				(const uint8_t *)normal, n }),
			brief(json_get(o->content, "subscribed")));
}

static void one_message(struct oracle *o, const struct message_row *row,
			struct kith_slice of)
{
	double claimed = 0, received_ms = (double)row->received_us / 1000;
	json_t *content;
	const char *type;
	bool is_number;

	o->message = row;
	o->content = of;
	o->links = 0;
	content = json_loadb((const char *)o->content.p, o->content.n,
			     JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
	assert_non_null(content);
	is_number = json_number(json_get(row->canon, "timestamp"), &claimed);
	assert_true(is_number);
	if (claimed > received_ms)
		claimed = received_ms;
	o->time_ms = claimed > 0 ? (uint64_t)claimed : 0;

	type = plain(json_object_get(content, "type"));
	posting(o, term_all());
	posting(o, term_type(kith_text(type ? type : "")));
	posting(o, term_author_type(row->feed_number,
				    kith_text(type ? type : "")));
	if (json_is_object(content)) {
		channel(o, string(json_object_get(content, "channel")));
		links_of(o, content, RELATION_OTHER, 0);
		says(o, content);
	}
	json_decref(content);
}

static int compare(const void *left, const void *right)
{
	const struct row *a = left, *b = right;
	size_t n = a->key_bytes < b->key_bytes ? a->key_bytes : b->key_bytes;
	int order = a->table != b->table ? (a->table < b->table ? -1 : 1)
					 : memcmp(a->key, b->key, n);

	if (!order)
		order = (a->key_bytes > b->key_bytes) -
			(a->key_bytes < b->key_bytes);
	/* Of the same key the newest, then the greatest comes first. */
	return order ? order : memcmp(b->value, a->value, sizeof(a->value));
}

/* In the order of the tables, and each row once. */
static void sort_rows(struct oracle *o)
{
	size_t kept = 0;

	o->message = NULL;
	if (o->count)
		qsort(o->rows, o->count, sizeof(*o->rows), compare);
	for (size_t i = 0; i < o->count; i++)
		if (!kept || o->rows[i].table != o->rows[kept - 1].table ||
		    o->rows[i].key_bytes != o->rows[kept - 1].key_bytes ||
		    memcmp(o->rows[i].key, o->rows[kept - 1].key,
			   o->rows[i].key_bytes) != 0)
			o->rows[kept++] = o->rows[i];
	o->count = kept;
}

static void find_all(struct oracle *o, struct txn *t)
{
	struct message_row row;

	for (uint64_t rx = 0; message_from(t, rx + 1, &row); rx = row.rx)
		one_message(o, &row, json_get(row.canon, "content"));
	sort_rows(o);
}

static void assert_same(const struct row *r, const struct cursor *c)
{
	assert_int_equal(c->key.n, r->key_bytes);
	assert_memory_equal(c->key.p, r->key, c->key.n);
	assert_int_equal(c->value.n, r->value_bytes);
	if (r->value_bytes)
		assert_memory_equal(c->value.p, r->value, r->value_bytes);
}

static void assert_table(const struct oracle *o, struct txn *t,
			 enum store_table table)
{
	struct cursor c;
	bool more;

	cursor_open(&c, t, table);
	more = cursor_seek(&c, (struct kith_slice){ 0 });
	for (size_t i = 0; i < o->count; i++)
		if (o->rows[i].table == table) {
			assert_true(more);
			assert_same(&o->rows[i], &c);
			more = cursor_next(&c);
		}
	assert_false(more);
	cursor_close(&c);
}

void assert_views_right(struct store *s)
{
	struct oracle o = { 0 };
	struct txn *t;

	assert_int_equal(store_read(s, &t), KITH_OK);
	find_all(&o, t);
	assert_table(&o, t, TABLE_POSTINGS);
	assert_table(&o, t, TABLE_OPINIONS);
	assert_int_equal(txn_error(t), KITH_OK);
	txn_end(t);
	free(o.rows);
}

/* --- private --- */

static void read_boxed(const struct view_message *m, struct kith_msg_id *id,
		       struct kith_boxed *out)
{
	struct kith_slice text = json_plain(json_get(m->row->canon,
						     "previous"));

	*out = (struct kith_boxed){ .content = m->content,
				    .author = &m->author };
	if (text.n) {
		assert_int_equal(kith_msg_parse(text, id), KITH_OK);
		out->previous = id;
	}
}

/* One key after another. */
static enum kith_opening try_all(struct txn *t, const struct keys *k,
				 const struct kith_boxed *boxed,
				 struct kith_opened *out)
{
	struct kith_box2_key key = { .scheme = KITH_SCHEME_GROUP };
	enum kith_opening opening = kith_box1_open(keys_signer(k), boxed, out);
	struct kith_direct_keys direct = { 0 };
	struct group_key g;
	uint32_t at = 0;

	while (opening == KITH_FOREIGN && keyring_next(t, k, &at, &g)) {
		memcpy(key.b, g.key, sizeof(key.b));
		opening = kith_box2_open(boxed, &key, 1, out);
	}
	key.scheme = KITH_SCHEME_SELF;
	if (opening == KITH_FOREIGN && keyring_self_get(t, k, key.b) &&
	    kith_feed_equal(boxed->author, kith_signer_id(keys_signer(k))))
		opening = kith_box2_open(boxed, &key, 1, out);
	key.scheme = KITH_SCHEME_DIRECT;
	if (kith_direct_keys(keys_signer(k), boxed->author, &direct))
		return opening;
	for (size_t i = 0; i < direct.n && opening == KITH_FOREIGN; i++) {
		memcpy(key.b, direct.b[i], sizeof(key.b));
		opening = kith_box2_open(boxed, &key, 1, out);
	}
	return opening;
}

/* True: it was opened, and the viewer sees that. */
static bool one_private(struct oracle *o, struct txn *t, const struct keys *k,
			const struct viewer *v, const struct message_row *row)
{
	struct kith_slice seen = viewer_content(v, t, row);
	struct kith_buf spelled = { .limit = 1 << 16 };
	enum kith_opening opening;
	struct kith_msg_id previous;
	struct kith_boxed boxed;
	struct kith_opened out;
	struct view_message m;
	struct opened how;

	assert_true(views_read(t, row, &m));
	read_boxed(&m, &previous, &boxed);
	opening = try_all(t, k, &boxed, &out);
	assert_int_equal(opened_get(t, k, row->rx, &how),
			 opening == KITH_OPENED);
	if (opening != KITH_OPENED) {
		assert_true(kith_equal(seen, m.content));
		return false;
	}
	json_compact(kith_plain(&out), &spelled);
	assert_true(kith_equal(seen, kith_bytes(&spelled)));
	one_message(o, row, kith_bytes(&spelled));
	kith_buf_free(&spelled);
	return true;
}

size_t assert_private_right(struct store *s, const struct keys *k)
{
	struct oracle o = { .private = true };
	struct message_row row;
	struct viewer v;
	struct txn *t;
	size_t opened = 0;

	assert_int_equal(store_read(s, &t), KITH_OK);
	assert_true(private_is_current(t));
	assert_int_equal(viewer_start(&v, t, kith_signer_id(keys_signer(k))),
			 KITH_OK);
	assert_int_equal(viewer_sees_private(&v, k), KITH_OK);
	for (uint64_t rx = 0; message_from(t, rx + 1, &row); rx = row.rx)
		opened += one_private(&o, t, k, &v, &row);
	sort_rows(&o);
	assert_table(&o, t, TABLE_PRIVATE_POSTINGS);
	assert_table(&o, t, TABLE_PRIVATE_OPINIONS);
	assert_int_equal(txn_count(t, TABLE_OPENINGS), opened);
	assert_int_equal(txn_error(t), KITH_OK);
	viewer_end(&v);
	txn_end(t);
	free(o.rows);
	return opened;
}

uint64_t count_view_rows(struct store *s)
{
	struct txn *t;
	uint64_t n;

	assert_int_equal(store_read(s, &t), KITH_OK);
	n = txn_count(t, TABLE_POSTINGS) + txn_count(t, TABLE_OPINIONS);
	txn_end(t);
	return n;
}

/* --- two stores --- */

/* What the other store calls a feed. */
static uint32_t number_there(struct txn *here, struct txn *there,
			     uint32_t number)
{
	struct feed_row feed, other;

	assert_true(feed_by_number(here, number, &feed));
	assert_true(feed_get(there, &feed.id, &other));
	return other.number;
}

static uint64_t rx_there(struct txn *here, struct txn *there, uint64_t rx)
{
	struct message_row row, other;

	assert_true(message_get(here, rx, &row));
	assert_true(message_by_id(there, &row.id, &other));
	return other.rx;
}

static void assert_posting_there(struct txn *here, struct txn *there,
				 struct kith_slice key)
{
	uint8_t other[TERM_BYTES_MAX + POSTING_BYTES];
	struct kith_slice value;
	struct posting at;

	assert_true(posting_read(key, &at));
	memcpy(other, key.p, key.n);
	if (key.p[0] == TERM_AUTHOR_TYPE)
		kith_put_be32(other + 1, number_there(here, there,
						      kith_be32(key.p + 1)));
	put_number(other + key.n - 6, rx_there(here, there, at.rx));
	assert_true(txn_get(there, TABLE_POSTINGS,
			    (struct kith_slice){ other, key.n }, &value));
}

static void assert_opinion_there(struct txn *here, struct txn *there,
				 const struct cursor *c)
{
	struct opinion o, other = { 0 };

	assert_true(opinion_read(c->key, c->value, &o));
	assert_true(opinion_get(there, NULL, &o.subject,
				number_there(here, there, o.author), &other));
	assert_int_equal(other.sequence, o.sequence);
	assert_int_equal(other.rx, rx_there(here, there, o.rx));
	assert_true(kith_equal(other.says, o.says));
}

void assert_views_same(struct store *a, struct store *b)
{
	struct txn *here, *there;
	struct cursor c;

	assert_int_equal(count_view_rows(a), count_view_rows(b));
	assert_int_equal(store_read(a, &here), KITH_OK);
	assert_int_equal(store_read(b, &there), KITH_OK);
	cursor_open(&c, here, TABLE_POSTINGS);
	for (bool more = cursor_seek(&c, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&c))
		assert_posting_there(here, there, c.key);
	cursor_close(&c);
	cursor_open(&c, here, TABLE_OPINIONS);
	for (bool more = cursor_seek(&c, (struct kith_slice){ 0 }); more;
	     more = cursor_next(&c))
		assert_opinion_there(here, there, &c);
	cursor_close(&c);
	txn_end(there);
	txn_end(here);
}
