/* Private messages and groups, boxed where they are appended. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/opener.h"
#include "feeds/ref.h"
#include "src/ingest/group.h"
#include "src/ingest/letter.h"
#include "tests/support/node.h"

enum { TEXT_BYTES = 4096, PEERS = 20 };

/* A node, and who else may read. */
struct letters {
	struct node n;
	struct keys *keys;
	struct author peers[PEERS];
	struct letter letter;
};

static void open_all(struct letters *l)
{
	node_open(&l->n, 0);
	assert_int_equal(keys_new(l->n.self.signer, &l->keys), KITH_OK);
	for (int i = 0; i < PEERS; i++)
		author_init(&l->peers[i], (uint8_t)(i + 1));
}

static void close_all(struct letters *l)
{
	for (int i = 0; i < PEERS; i++)
		author_clear(&l->peers[i]);
	keys_free(l->keys);
	node_close(&l->n);
}

/* The ids of the node itself and the first n others, as JSON. */
static const char *recps_of(struct letters *l, size_t n)
{
	static char text[TEXT_BYTES];
	char id[KITH_REF_TEXT_BYTES];
	size_t at;

	kith_feed_print(author_id(&l->n.self), id);
	at = (size_t)snprintf(text, sizeof(text), "[\"%s\"", id);
	for (size_t i = 0; i < n; i++) {
		kith_feed_print(author_id(&l->peers[i]), id);
		at += (size_t)snprintf(text + at, sizeof(text) - at, ",\"%s\"",
				       id);
	}
	snprintf(text + at, sizeof(text) - at, "]");
	return text;
}

static enum kith_err address(struct letters *l, const char *recps,
			     enum kith_box box, struct kith_error *e)
{
	return letter_address(&l->letter, l->keys, kith_text(recps), box, e);
}

static struct ingest_done publish_by(struct letters *l, const char *content,
				     const struct ingest_hook *hook, void *arg)
{
	struct ingest_done done;

	assert_int_equal(ingest_publish_by(l->n.in, kith_text(content), hook,
					   arg, NULL), KITH_OK);
	ingest_wait(l->n.in);
	assert_true(ingest_done(l->n.in, &done));
	return done;
}

static struct ingest_done publish(struct letters *l, const char *content)
{
	return publish_by(l, content, &letter_hook, &l->letter);
}

/* What s opens of our message, with the key of a group or NULL. */
static enum kith_opening open_as(struct letters *l,
				 const struct kith_signer *s,
				 const uint8_t *group, uint64_t sequence,
				 struct kith_opened *out)
{
	struct kith_opener *o = kith_opener_new(s);
	struct feed_row feed;
	struct message_row row;
	struct kith_msg_id previous;
	struct kith_boxed boxed = { .author = author_id(&l->n.self) };
	enum kith_opening opening;
	struct txn *t;

	assert_non_null(o);
	if (group)
		assert_int_equal(kith_opener_add_group(o, group), KITH_OK);
	assert_int_equal(store_read(l->n.h.store, &t), KITH_OK);
	assert_true(feed_get(t, author_id(&l->n.self), &feed));
	assert_true(message_by_sequence(t, feed.number, sequence, &row));
	boxed.content = json_get(row.canon, "content");
	if (!kith_msg_parse(json_plain(json_get(row.canon, "previous")),
			    &previous))
		boxed.previous = &previous;
	opening = kith_open(o, &boxed, KITH_TRY_USUAL, out);
	txn_end(t);
	kith_opener_free(o);
	return opening;
}

static void assert_read(struct letters *l, const struct kith_signer *s,
			uint64_t sequence, const char *content)
{
	struct kith_opened out;

	assert_int_equal(open_as(l, s, NULL, sequence, &out), KITH_OPENED);
	assert_true(kith_equal(kith_plain(&out), kith_text(content)));
}

static void assert_closed(struct letters *l, const struct kith_signer *s,
			  uint64_t sequence)
{
	struct kith_opened out;

	assert_int_equal(open_as(l, s, NULL, sequence, &out), KITH_FOREIGN);
}

/* --- letters --- */

static void letter_is_read_by_those_named_and_nobody_else(void **state)
{
	static const char content[] = "{\"type\":\"post\",\"text\":\"x\"}";
	static const enum kith_box boxes[] = { KITH_BOX1, KITH_BOX2 };
	struct ingest_done done;
	struct letters l;
	(void)state;

	open_all(&l);
	for (uint64_t i = 0; i < 4; i++) { /* the first of its feed, too */
		assert_int_equal(address(&l, recps_of(&l, 2), boxes[1 - i % 2],
					 NULL), KITH_OK);
		done = publish(&l, content);
		assert_int_equal(done.code, KITH_OK);
		assert_int_equal(done.sequence, i + 1);
		assert_read(&l, l.peers[0].signer, i + 1, content);
		assert_read(&l, l.peers[1].signer, i + 1, content);
		assert_closed(&l, l.peers[2].signer, i + 1);
	}
	assert_chain(l.n.h.store, author_id(&l.n.self), 4);
	close_all(&l);
}

static void content_is_spelled_as_the_network_does(void **state)
{
	struct letters l;
	(void)state;

	open_all(&l);
	assert_int_equal(address(&l, recps_of(&l, 1), KITH_BOX_NONE, NULL),
			 KITH_OK);
	assert_int_equal(l.letter.box, KITH_BOX1);
	assert_int_equal(publish(&l, " { \"type\" : \"post\", \"n\": 1.0 } ")
				 .code, KITH_OK);
	assert_read(&l, l.peers[0].signer, 1, "{\"type\":\"post\",\"n\":1}");
	close_all(&l);
}

static void readers_are_counted_once_and_up_to_the_limit(void **state)
{
	char twice[2 * TEXT_BYTES];
	struct kith_error e = { 0 };
	struct letters l;
	(void)state;

	open_all(&l);
	assert_int_equal(address(&l, recps_of(&l, 6), KITH_BOX1, NULL),
			 KITH_OK);
	assert_int_equal(l.letter.count, 7);
	assert_int_equal(address(&l, recps_of(&l, 7), KITH_BOX1, &e),
			 KITH_ETOOBIG);
	assert_non_null(strstr(e.text, "max recipients is: 7, found: 8"));
	assert_int_equal(address(&l, recps_of(&l, 15), KITH_BOX2, NULL),
			 KITH_OK);
	assert_int_equal(l.letter.count, 16);
	assert_int_equal(address(&l, recps_of(&l, 16), KITH_BOX2, NULL),
			 KITH_ETOOBIG);
	snprintf(twice, sizeof(twice), "%s", recps_of(&l, 1));
	twice[strlen(twice) - 1] = ',';
	snprintf(twice + strlen(twice), sizeof(twice) - strlen(twice), "%s",
		 recps_of(&l, 1) + 1);
	assert_int_equal(address(&l, twice, KITH_BOX1, NULL), KITH_OK);
	assert_int_equal(l.letter.count, 2);
	close_all(&l);
}

static void readers_that_do_not_exist_are_refused(void **state)
{
	static const char *const bad[] = { "[]", "[\"nobody\"]", "[7]",
					   "[{}]", "[null]" };
	static const char zero[] =
		"[\"@AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=.ed25519\"]";
	static const char group[] =
		"[\"%BwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwcHBwc=.cloaked\"]";
	struct kith_error e = { 0 };
	struct ingest_done done;
	struct letters l;
	(void)state;

	open_all(&l);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(address(&l, bad[i], KITH_BOX_NONE, NULL),
				 KITH_EFORMAT);
	assert_int_equal(address(&l, group, KITH_BOX1, &e), KITH_EFORMAT);
	assert_int_equal(address(&l, group, KITH_BOX_NONE, NULL), KITH_OK);
	assert_int_equal(l.letter.box, KITH_BOX2);
	done = publish(&l, "{\"type\":\"post\"}");
	assert_int_equal(done.code, KITH_ENOENT);
	assert_non_null(strstr(done.error.text, "you are in no group %Bwc"));
	for (int box = KITH_BOX1; box <= KITH_BOX2; box++) {
		assert_int_equal(address(&l, zero, (enum kith_box)box, NULL),
				 KITH_OK);
		done = publish(&l, "{\"type\":\"post\"}");
		assert_int_equal(done.code, KITH_EFORMAT);
	}
	assert_int_equal(node_stored(&l.n), 0);
	close_all(&l);
}

static void content_has_the_room_that_readers_leave(void **state)
{
	char content[KITH_MSG_UNITS_MAX + 64];
	struct ingest_done done;
	struct letters l;
	size_t room;
	(void)state;

	open_all(&l);
	for (int box = KITH_BOX1; box <= KITH_BOX2; box++) {
		assert_int_equal(address(&l, recps_of(&l, 6),
					 (enum kith_box)box, NULL), KITH_OK);
		room = kith_box_room((enum kith_box)box, 7);
		room -= strlen("{\"type\":\"post\",\"text\":\"\"}");
		for (size_t more = 0; more < 2; more++) {
			int n = (int)(room + more);

			snprintf(content, sizeof(content),
				 "{\"type\":\"post\",\"text\":\"%0*d\"}", n, 0);
			done = publish(&l, content);
			assert_int_equal(done.code,
					 more ? KITH_ETOOBIG : KITH_OK);
		}
		assert_non_null(strstr(done.error.text, "too long by 1 bytes"));
	}
	assert_int_equal(node_stored(&l.n), 2);
	close_all(&l);
}

static void what_peers_would_not_take_in_the_open_is_not_boxed(void **state)
{
	static const char *const bad[] = { "[]", "\"x\"", "{\"type\":\"x\"}",
					   "{}", "{", "" };
	struct letters l;
	(void)state;

	open_all(&l);
	assert_int_equal(address(&l, recps_of(&l, 1), KITH_BOX1, NULL),
			 KITH_OK);
	for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++)
		assert_int_equal(publish(&l, bad[i]).code, KITH_EFORMAT);
	assert_int_equal(node_stored(&l.n), 0);
	close_all(&l);
}

/* --- groups --- */

static void address_group(struct letters *l, const struct kith_msg_id *group)
{
	char id[KITH_REF_TEXT_BYTES], recps[KITH_REF_TEXT_BYTES + 8];

	kith_msg_print(group, id);
	snprintf(recps, sizeof(recps), "[\"%s\"]", id);
	assert_int_equal(address(l, recps, KITH_BOX_NONE, NULL), KITH_OK);
}

static void group_is_in_the_keyring_with_its_first_message(void **state)
{
	struct group_init init;
	struct group_key key;
	struct kith_opened out;
	struct letters l;
	struct txn *t;
	(void)state;

	open_all(&l);
	init = (struct group_init){ .keys = l.keys };
	assert_int_equal(publish_by(&l, "{}", &group_init_hook, &init).code,
			 KITH_OK);
	assert_true(init.kept);
	assert_int_equal(store_read(l.n.h.store, &t), KITH_OK);
	assert_true(keyring_get(t, l.keys, &init.group, &key));
	assert_true(kith_msg_equal(&key.root, &init.root));
	txn_end(t);
	assert_int_equal(open_as(&l, l.peers[0].signer, key.key, 1, &out),
			 KITH_OPENED);
	assert_true(kith_group_is_init(kith_plain(&out)));
	address_group(&l, &init.group);
	assert_int_equal(publish(&l, "{\"type\":\"post\",\"tangles\":{"
				     "\"group\":1,\"x\":2},\"n\":3}").code,
			 KITH_OK);
	assert_closed(&l, l.peers[0].signer, 2);
	assert_int_equal(open_as(&l, l.peers[0].signer, key.key, 2, &out),
			 KITH_OPENED);
	group_init_clear(&init);
	close_all(&l);
}

/* The root of the group's tangle, and what else stood in tangles. */
static void what_is_for_a_group_stands_in_its_tangle(void **state)
{
	struct kith_tangle tangle;
	struct group_init init;
	struct kith_opened out;
	struct letters l;
	uint8_t key[KITH_BOX2_KEY_BYTES];
	(void)state;

	open_all(&l);
	init = (struct group_init){ .keys = l.keys };
	publish_by(&l, "{}", &group_init_hook, &init);
	memcpy(key, init.key, sizeof(key));
	address_group(&l, &init.group);
	assert_int_equal(publish(&l, "{\"type\":\"post\",\"tangles\":{"
				     "\"group\":1,\"x\":2}}").code, KITH_OK);
	assert_int_equal(open_as(&l, l.peers[0].signer, key, 2, &out),
			 KITH_OPENED);
	assert_int_equal(kith_tangle_read(kith_plain(&out), "group", &tangle),
			 KITH_OK);
	assert_true(kith_msg_equal(&tangle.root, &init.root));
	assert_int_equal(tangle.n, 1);
	assert_true(kith_msg_equal(&tangle.previous[0], &init.root));
	assert_true(kith_equal(json_get(json_get(kith_plain(&out), "tangles"),
					"x"), KITH_SLICE("2")));
	group_init_clear(&init);
	close_all(&l);
}

static void who_is_added_gets_the_key(void **state)
{
	char feed[KITH_REF_TEXT_BYTES], feeds[KITH_REF_TEXT_BYTES + 8];
	struct kith_group_add read;
	struct group_init init;
	struct kith_opened out;
	struct group_add add;
	struct letters l;
	(void)state;

	open_all(&l);
	init = (struct group_init){ .keys = l.keys };
	publish_by(&l, "{}", &group_init_hook, &init);
	add = (struct group_add){ .keys = l.keys,
				  .add = { .group = init.group,
					   .text = KITH_SLICE("hi") } };
	kith_feed_print(author_id(&l.peers[0]), feed);
	snprintf(feeds, sizeof(feeds), "[\"%s\"]", feed);
	assert_int_equal(group_add_members(&add, kith_text(feeds), NULL),
			 KITH_OK);
	assert_int_equal(publish_by(&l, "{}", &group_add_hook, &add).code,
			 KITH_OK);
	assert_int_equal(open_as(&l, l.peers[0].signer, NULL, 2, &out),
			 KITH_OPENED);
	assert_int_equal(kith_group_add_read(kith_plain(&out), &read), KITH_OK);
	assert_memory_equal(read.key, init.key, sizeof(read.key));
	assert_true(kith_msg_equal(&read.group, &init.group));
	assert_int_equal(read.n, 1);
	assert_closed(&l, l.peers[1].signer, 2);
	add.add.group.b[0] ^= 1;
	assert_int_equal(publish_by(&l, "{}", &group_add_hook, &add).code,
			 KITH_ENOENT);
	assert_int_equal(group_add_members(&add, KITH_SLICE("[]"), NULL),
			 KITH_EFORMAT);
	assert_int_equal(group_add_members(&add, KITH_SLICE("[\"x\"]"), NULL),
			 KITH_EFORMAT);
	group_init_clear(&init);
	close_all(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(letter_is_read_by_those_named_and_nobody_else),
		cmocka_unit_test(content_is_spelled_as_the_network_does),
		cmocka_unit_test(readers_are_counted_once_and_up_to_the_limit),
		cmocka_unit_test(readers_that_do_not_exist_are_refused),
		cmocka_unit_test(content_has_the_room_that_readers_leave),
		cmocka_unit_test(
			what_peers_would_not_take_in_the_open_is_not_boxed),
		cmocka_unit_test(
			group_is_in_the_keyring_with_its_first_message),
		cmocka_unit_test(what_is_for_a_group_stands_in_its_tangle),
		cmocka_unit_test(who_is_added_gets_the_key),
	};

	if (kith_init())
		return 1;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
