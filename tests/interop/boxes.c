/*
 * Our boxes for boxes.js: a line of JSON in, one out.
 *
 *	{"do":"box1","plain":...,"recps":[feed...]}
 *	{"do":"box2","seed":...,"previous":...,"plain":...,"recps":[id...],
 *	 "self":key,"groups":{id:key...}}		-> {"content":...}
 *	{"do":"open","seed":...,"author":...,"previous":...,"content":...,
 *	 "self":key,"groups":{id:key...},"poboxes":[secret...]}
 *				-> {"opening":n,"via":n,"key":...,"plain":...}
 *	{"do":"init"}					-> {"plain":...}
 *	{"do":"add","group":...,"root":...,"key":...,"text":...,
 *	 "members":[feed...],"previous":[id...]}	-> {"plain":...}
 *	{"do":"read","plain":...}	-> {"group":...,"root":...,"key":...,
 *					    "members":[...],"text":...}
 *	{"do":"group","init":id,"key":...}	-> {"group":...,"uri":...}
 *
 * Keys are base64, ids and previous as in messages.
 */
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "feeds/group.h"
#include "feeds/json.h"
#include "feeds/opener.h"

enum { BUFFER_BYTES_MAX = 1 << 20 };

static void fail(const char *why)
{
	fprintf(stderr, "boxes: %s\n", why);
	exit(1);
}

/* The line, and what is made of it. */
struct job {
	struct kith_slice json;
	struct kith_signer *signer;
	struct kith_feed_id author;
	struct kith_msg_id previous;
	bool first;
	struct kith_buf plain, out;
};

static struct kith_slice get(const struct job *j, const char *name)
{
	return json_get(j->json, name);
}

static void read_key(struct kith_slice value, uint8_t out[static 32])
{
	if (!base64_decode(json_plain(value), out, 32))
		fail("a key is not base64 of 32 bytes");
}

static struct kith_msg_id read_msg(struct kith_slice value)
{
	struct kith_msg_id id;

	if (kith_msg_parse(json_plain(value), &id) != KITH_OK)
		fail("not a message id");
	return id;
}

static struct kith_feed_id read_feed(struct kith_slice value)
{
	struct kith_feed_id id;

	if (kith_feed_parse(json_plain(value), &id) != KITH_OK)
		fail("not a feed id");
	return id;
}

static void read_place(struct job *j)
{
	uint8_t seed[KITH_SEED_BYTES];
	struct kith_slice author = get(j, "author");

	read_key(get(j, "seed"), seed);
	j->signer = kith_signer_from_seed(seed);
	if (!j->signer)
		fail("out of memory");
	j->author = author.n ? read_feed(author) : *kith_signer_id(j->signer);
	j->first = json_kind(get(j, "previous")) == JSON_KIND_NULL;
	if (!j->first)
		j->previous = read_msg(get(j, "previous"));
}

/* Prints {"NAME":text}. */
static void answer(const char *name, struct kith_slice json)
{
	printf("{\"%s\":%.*s}\n", name, (int)json.n, (const char *)json.p);
}

static void answer_plain(struct job *j)
{
	struct kith_buf text = { .limit = BUFFER_BYTES_MAX };

	json_put_string(&text, kith_bytes(&j->out));
	answer("plain", kith_bytes(&text));
	kith_buf_free(&text);
}

static void box1(struct job *j)
{
	struct kith_feed_id recps[KITH_BOX1_RECIPIENTS_MAX];
	uint8_t random[KITH_BOX1_RANDOM_BYTES];
	struct kith_error e = { 0 };
	struct kith_slice value;
	size_t n = 0, at = 0;

	while (n < KITH_BOX1_RECIPIENTS_MAX &&
	       json_next_element(get(j, "recps"), &at, &value))
		recps[n++] = read_feed(value);
	randombytes_buf(random, sizeof(random));
	if (kith_box1_write(kith_bytes(&j->plain), recps, n, random, &j->out,
			    &e))
		fail(e.text);
	answer("content", kith_bytes(&j->out));
}

static struct kith_slice group_key(const struct job *j, struct kith_slice id)
{
	struct kith_slice name, key;
	size_t at = 0;

	while (json_next_member(get(j, "groups"), &at, &name, &key))
		if (kith_equal(name, id))
			return key;
	return (struct kith_slice){ NULL, 0 };
}

static void use_shared(const struct kith_direct_keys *shared,
		       enum kith_scheme scheme, struct kith_box2_key *out)
{
	out->scheme = scheme;
	memcpy(out->b, shared->b[0], sizeof(out->b));
}

static void find_key(const struct job *j, struct kith_slice id,
		     struct kith_box2_key *out)
{
	struct kith_slice group = group_key(j, id);
	struct kith_direct_keys shared;
	uint8_t pobox[KITH_CURVE_BYTES];
	struct kith_feed_id feed;

	if (group.n) {
		out->scheme = KITH_SCHEME_GROUP;
		read_key(group, out->b);
		return;
	}
	if (kith_pobox_parse(json_plain(id), pobox) == KITH_OK) {
		if (kith_pobox_keys(j->signer, pobox, &shared) != KITH_OK)
			fail("no key for a po-box");
		use_shared(&shared, KITH_SCHEME_POBOX, out);
		return;
	}
	feed = read_feed(id);
	if (kith_feed_equal(&feed, kith_signer_id(j->signer))) {
		out->scheme = KITH_SCHEME_SELF;
		read_key(get(j, "self"), out->b);
		return;
	}
	if (kith_direct_keys(j->signer, &feed, &shared) != KITH_OK)
		fail("no key for a feed");
	use_shared(&shared, KITH_SCHEME_DIRECT, out);
}

static void box2(struct job *j)
{
	struct kith_box2_key keys[KITH_BOX2_SLOTS_MAX];
	uint8_t random[KITH_BOX2_KEY_BYTES];
	struct kith_box2_draft d = { .keys = keys, .random = random };
	struct kith_error e = { 0 };
	struct kith_slice value;
	size_t at = 0;

	read_place(j);
	while (d.n < KITH_BOX2_SLOTS_MAX &&
	       json_next_element(get(j, "recps"), &at, &value))
		find_key(j, value, &keys[d.n++]);
	randombytes_buf(random, sizeof(random));
	d.plain = kith_bytes(&j->plain);
	d.author = &j->author;
	d.previous = j->first ? NULL : &j->previous;
	if (kith_box2_write(&d, NULL, &j->out, &e))
		fail(e.text);
	answer("content", kith_bytes(&j->out));
}

static void add_keys(const struct job *j, struct kith_opener *o)
{
	struct kith_slice name, value;
	struct kith_pobox pobox;
	uint8_t key[32];
	size_t at = 0;

	if (get(j, "self").n) {
		read_key(get(j, "self"), key);
		kith_opener_set_self(o, key);
	}
	while (json_next_member(get(j, "groups"), &at, &name, &value)) {
		read_key(value, key);
		if (kith_opener_add_group(o, key) != KITH_OK)
			fail("too many groups");
	}
	at = 0;
	while (json_next_element(get(j, "poboxes"), &at, &value)) {
		read_key(value, key);
		kith_pobox_init(&pobox, key);
		if (kith_opener_add_pobox(o, &pobox) != KITH_OK)
			fail("too many po-boxes");
	}
}

/* What was opened opens again by its own key alone. */
static void expect_again(const struct kith_boxed *m,
			 const struct kith_opened *opened)
{
	struct kith_opened again;

	if (kith_box_open_by_key(m, &opened->key, &again) != KITH_OPENED ||
	    !kith_equal(kith_plain(&again), kith_plain(opened)))
		fail("does not open again by its own key");
}

static void open_box(struct job *j)
{
	struct kith_boxed m = { .content = get(j, "content"),
				.author = &j->author };
	char key[KITH_BOX_KEY_TEXT_BYTES];
	struct kith_opener *o;
	struct kith_opened opened;
	enum kith_opening got;

	read_place(j);
	m.previous = j->first ? NULL : &j->previous;
	o = kith_opener_new(j->signer);
	if (!o)
		fail("out of memory");
	add_keys(j, o);
	got = kith_open(o, &m, KITH_TRY_USUAL, &opened);
	kith_opener_free(o);
	if (got != KITH_OPENED) {
		printf("{\"opening\":%d}\n", got);
		return;
	}
	expect_again(&m, &opened);
	kith_box_key_print(&opened.key, key);
	json_put_string(&j->out, kith_plain(&opened));
	printf("{\"opening\":%d,\"via\":%d,\"key\":\"%s\",\"plain\":%.*s}\n",
	       got, opened.via, key, (int)j->out.n, (const char *)j->out.p);
}

static void init(struct job *j)
{
	kith_group_init_write(&j->out);
	answer_plain(j);
}

static void add(struct job *j)
{
	struct kith_group_add a = { .root = read_msg(get(j, "root")) };
	struct kith_tangle t = { .root = a.root };
	struct kith_slice value;
	size_t at = 0;

	if (kith_group_parse(json_plain(get(j, "group")), &a.group) != KITH_OK)
		fail("not a group's id");
	read_key(get(j, "key"), a.key);
	a.text = kith_bytes(&j->plain);
	while (a.n < KITH_GROUP_MEMBERS_MAX &&
	       json_next_element(get(j, "members"), &at, &value))
		a.members[a.n++] = read_feed(value);
	at = 0;
	while (t.n < KITH_GROUP_TIPS_MAX &&
	       json_next_element(get(j, "previous"), &at, &value))
		t.previous[t.n++] = read_msg(value);
	if (kith_group_add_write(&a, &t, &t, &j->out) != KITH_OK)
		fail("members are not to be added");
	answer_plain(j);
}

static void put_members(const struct kith_group_add *a, struct kith_buf *out)
{
	char text[KITH_REF_TEXT_BYTES];

	for (size_t i = 0; i < a->n; i++) {
		kith_feed_print(&a->members[i], text);
		kith_buf_byte(out, i ? ',' : '[');
		json_put_text(out, text);
	}
	kith_buf_byte(out, ']');
}

static void read_add(struct job *j)
{
	char group[KITH_REF_TEXT_BYTES], root[KITH_REF_TEXT_BYTES];
	char key[BASE64_CHARS(KITH_BOX2_KEY_BYTES)];
	struct kith_slice text = KITH_SLICE("null");
	struct kith_group_add a;

	if (kith_group_add_read(kith_bytes(&j->plain), &a) != KITH_OK)
		fail("adds no members");
	kith_msg_print(&a.group, group);
	kith_msg_print(&a.root, root);
	base64_encode((struct kith_slice){ a.key, sizeof(a.key) }, key);
	put_members(&a, &j->out);
	if (a.text.n > 0)
		text = a.text;
	printf("{\"group\":\"%s\",\"root\":\"%s\",\"key\":\"%.*s\","
	       "\"members\":%.*s,\"text\":%.*s}\n",
	       group, root, (int)sizeof(key), key, (int)j->out.n,
	       (const char *)j->out.p, (int)text.n, (const char *)text.p);
}

static void group(struct job *j)
{
	struct kith_msg_id id = read_msg(get(j, "init"));
	char text[KITH_REF_TEXT_BYTES], uri[KITH_REF_TEXT_BYTES];
	struct kith_box_key key;
	struct kith_msg_id got;

	if (kith_box_key_parse(json_plain(get(j, "key")), &key) ||
	    kith_group_id(&id, &key, &got) != KITH_OK)
		fail("no id of a group");
	kith_msg_print(&got, text);
	kith_group_print_uri(&got, uri);
	printf("{\"group\":\"%s\",\"uri\":\"%s\"}\n", text, uri);
}

static const struct {
	const char *name;
	void (*run)(struct job *j);
} jobs[] = {
	{ "box1", box1 }, { "box2", box2 }, { "open", open_box },
	{ "init", init }, { "add", add },   { "read", read_add },
	{ "group", group },
};

static void run(struct kith_slice line)
{
	struct job j = { .plain = { .limit = BUFFER_BYTES_MAX },
			 .out = { .limit = BUFFER_BYTES_MAX } };
	size_t i = 0;

	if (json_check(line, &j.json, NULL) != KITH_OK)
		fail("a line is not JSON");
	if (get(&j, "plain").n && !json_unescape(get(&j, "plain"), &j.plain))
		fail("plain is not a string");
	while (!json_is(get(&j, "do"), jobs[i].name))
		if (++i == sizeof(jobs) / sizeof(jobs[0]))
			fail("unknown job");
	jobs[i].run(&j);
	kith_signer_free(j.signer);
	kith_buf_free(&j.plain);
	kith_buf_free(&j.out);
}

int main(void)
{
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;

	if (kith_init())
		return 2;
	while ((n = getline(&line, &cap, stdin)) > 0)
		run((struct kith_slice){ (uint8_t *)line, (size_t)n });
	free(line);
	return 0;
}
