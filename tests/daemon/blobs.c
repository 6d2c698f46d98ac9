#include <setjmp.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"
#include "feeds/ref.h"
#include "tests/support/bed.h"

enum { MAX = 1000, LIMIT = 5000, TEXT_BYTES = 512 };

struct scene {
	struct bed bed;
	struct config config;
	struct client *other;
};

static uint8_t bytes[MAX + 1];

static int set_up(void **state)
{
	struct scene *b = calloc(1, sizeof(*b));

	config_init(&b->config);
	b->config.blob_max = MAX;
	b->config.blob_limit = LIMIT;
	bed_init(&b->bed);
	bed_open(&b->bed, &b->config);
	/* It looks into the folder when it is told to, not by itself soon after
	 * its start. */
	b->bed.daemon->sharing.checked = true;
	bed_start(&b->bed);
	b->other = bed_dial(&b->bed);
	*state = b;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *b = *state;

	client_close(b->other);
	bed_close(&b->bed);
	free(b);
	return 0;
}

/* --- blobs --- */

/* n bytes that begin with seed, and the text of their id. */
static struct kith_slice blob(uint8_t seed, size_t n,
			      char id[static KITH_REF_TEXT_BYTES])
{
	struct kith_slice data = { bytes, n };
	struct kith_blob_id hash;

	memset(bytes, seed, sizeof(bytes));
	crypto_hash_sha256(hash.b, data.p, data.n);
	kith_blob_print(&hash, id);
	return data;
}

static enum kith_err add(struct client *c, const char *id,
			 struct kith_slice data, struct kith_error *e)
{
	char args[TEXT_BYTES];
	enum kith_err err;

	snprintf(args, sizeof(args), id ? "[\"%s\"]" : "[]", id);
	err = client_sink(c, "blobs.add", kith_text(args), e);
	if (!err)
		err = client_put(c, data, e);
	return err ? err : client_sink_end(c, e);
}

static void assert_added(struct scene *b, uint8_t seed, size_t n,
			 char id[static KITH_REF_TEXT_BYTES])
{
	struct kith_slice data = blob(seed, n, id);
	struct kith_error e = { 0 };

	if (add(b->other, id, data, &e))
		fail_msg("%s", e.text);
}

static enum kith_err ask(struct client *c, const char *name, const char *id,
			 struct kith_slice *reply, struct kith_error *e)
{
	char args[TEXT_BYTES];

	snprintf(args, sizeof(args), "[\"%s\"]", id);
	return client_call(c, name, kith_text(args), reply, e);
}

static void assert_says(struct scene *b, const char *name, const char *id,
			const char *expected)
{
	struct kith_error e = { 0 };
	struct kith_slice reply;

	if (ask(b->bed.client, name, id, &reply, &e))
		fail_msg("%s: %s", name, e.text);
	assert_true(kith_equal(reply, kith_text(expected)));
}

static struct kith_slice say(struct scene *b, const char *id, const char *word)
{
	char args[TEXT_BYTES];

	snprintf(args, sizeof(args), "[{\"id\":\"%s\",\"word\":\"%s\"}]", id,
		 word);
	return bed_call(&b->bed, "kith.blob", args);
}

/* --- tests --- */

static void added_blob_is_read_back_whole(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES], args[TEXT_BYTES];
	struct kith_slice item;

	assert_added(b, 1, MAX - 1, id);
	assert_says(b, "blobs.has", id, "true");
	assert_says(b, "blobs.size", id, "999");
	snprintf(args, sizeof(args), "[{\"key\":\"%s\"}]", id);
	assert_int_equal(client_source(b->bed.client, "blobs.get",
				       kith_text(args), &e), KITH_OK);
	item = bed_next(&b->bed);
	assert_int_equal(item.n, MAX - 1);
	assert_memory_equal(item.p, bytes, item.n);
	assert_int_equal(client_next(b->bed.client, BED_WAIT_MS, &item, &e),
			 KITH_ENOENT);
}

static void blob_of_the_limit_is_refused(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_slice data = blob(2, MAX, id);

	assert_int_equal(add(b->other, NULL, data, &e), KITH_EDENIED);
	assert_non_null(strstr(e.text, "bigger than blobs.max"));
	assert_says(b, "blobs.has", id, "false");
}

static void bytes_that_are_another_blob_are_refused(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES], other[KITH_REF_TEXT_BYTES];
	struct kith_slice data;

	blob(3, 10, other);
	data = blob(4, 10, id);
	assert_int_equal(add(b->other, other, data, &e), KITH_EDENIED);
	assert_says(b, "blobs.has", id, "false");
	assert_says(b, "blobs.has", other, "false");
}

static void want_is_answered_when_the_blob_comes(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES], args[TEXT_BYTES];
	struct kith_slice reply;
	void *user = NULL;

	blob(5, 20, id);
	snprintf(args, sizeof(args), "[\"%s\"]", id);
	assert_int_equal(client_start(b->bed.client, "blobs.want",
				      kith_text(args), id, &e), KITH_OK);
	assert_added(b, 5, 20, id);
	assert_int_equal(client_answer(b->bed.client, &user, &reply, &e),
			 KITH_OK);
	assert_true(kith_equal(reply, KITH_SLICE("true")));
}

static void wanted_blob_is_wanted_after_a_restart(void **state)
{
	struct scene *b = *state;
	char id[KITH_REF_TEXT_BYTES];

	blob(6, 20, id);
	say(b, id, "want");
	bed_comes_to_stand(&b->bed, id, "asked");
	bed_restart(&b->bed, &b->config);
	client_close(b->other);
	b->other = bed_dial(&b->bed);
	bed_comes_to_stand(&b->bed, id, "asked");
	say(b, id, "unwant");
	bed_comes_to_stand(&b->bed, id, "unknown");
}

static void blob_that_we_name_is_wanted(void **state)
{
	struct scene *b = *state;
	char id[KITH_REF_TEXT_BYTES], args[TEXT_BYTES];

	blob(7, 20, id);
	snprintf(args, sizeof(args), "[{\"type\":\"post\",\"text\":\"x\","
		 "\"mentions\":[{\"link\":\"%s\"}]}]", id);
	bed_call(&b->bed, "publish", args);
	bed_comes_to_stand(&b->bed, id, "asked");
	assert_added(b, 7, 20, id);
	bed_comes_to_stand(&b->bed, id, "unknown");
}

static void pinned_blob_is_not_removed(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_slice reply;

	assert_added(b, 8, 20, id);
	assert_true(json_says_true(json_get(say(b, id, "pin"), "pinned")));
	assert_int_equal(ask(b->bed.client, "blobs.rm", id, &reply, &e),
			 KITH_EDENIED);
	assert_says(b, "blobs.has", id, "true");
	say(b, id, "unpin");
	assert_says(b, "blobs.rm", id, "true");
	assert_says(b, "blobs.has", id, "false");
}

/* Of ours nothing is removed to make room. */
static void blobs_over_the_limit_of_all_are_refused(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_slice data;
	enum kith_err err;
	uint8_t seed = 10;

	do {
		data = blob(seed, 900, id);
		err = add(b->other, id, data, &e);
	} while (!err && seed++ < 20);
	assert_int_equal(err, KITH_EDENIED);
	assert_non_null(strstr(e.text, "no room"));
	assert_int_equal(seed, 10 + LIMIT / 900);
	assert_says(b, "blobs.has", id, "false");
}

static void put_by_hand(struct scene *b, const char *id, struct kith_slice data)
{
	struct kith_blob_id hash;
	char hex[65], path[4096];
	const char *home = b->bed.h.path;
	FILE *f;

	assert_int_equal(kith_blob_parse(kith_text(id), &hash), KITH_OK);
	sodium_bin2hex(hex, sizeof(hex), hash.b, sizeof(hash.b));
	snprintf(path, sizeof(path), "%s/blobs", home);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/blobs/sha256", home);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/blobs/sha256/%.2s", home, hex);
	mkdir(path, 0700);
	snprintf(path, sizeof(path), "%s/blobs/sha256/%.2s/%s", home, hex,
		 hex + 2);
	f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(data.p, 1, data.n, f), data.n);
	fclose(f);
}

static void file_put_by_hand_meets_a_want_after_a_check(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_slice data = blob(30, 40, id), item;
	uint64_t found = 0;

	say(b, id, "want");
	bed_comes_to_stand(&b->bed, id, "asked");
	put_by_hand(b, id, data);
	assert_says(b, "blobs.has", id, "true");
	assert_int_equal(client_source(b->other, "kith.blobsCheck",
				       KITH_SLICE("[{}]"), &e), KITH_OK);
	while (!client_next(b->other, BED_WAIT_MS, &item, &e))
		if (!json_uint(json_get(item, "new"), &found))
			found = 0;
	assert_int_equal(found, 1);
	bed_comes_to_stand(&b->bed, id, "unknown");
}

static void list_goes_on_live_behind_a_sync(void **state)
{
	struct scene *b = *state;
	struct kith_error e = { 0 };
	char id[KITH_REF_TEXT_BYTES];
	struct kith_slice item;

	assert_added(b, 40, 50, id);
	assert_int_equal(client_source(b->bed.client, "blobs.ls", KITH_SLICE(
			"[{\"live\":true,\"meta\":true}]"), &e), KITH_OK);
	item = bed_next(&b->bed);
	assert_true(json_is(json_get(item, "id"), id));
	assert_true(kith_equal(json_get(item, "size"), KITH_SLICE("50")));
	item = bed_next(&b->bed);
	assert_true(json_says_true(json_get(item, "sync")));
	assert_added(b, 41, 60, id);
	item = bed_next(&b->bed);
	assert_true(json_is(json_get(item, "id"), id));
}

#define BED_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BED_TEST(added_blob_is_read_back_whole),
		BED_TEST(blob_of_the_limit_is_refused),
		BED_TEST(bytes_that_are_another_blob_are_refused),
		BED_TEST(want_is_answered_when_the_blob_comes),
		BED_TEST(wanted_blob_is_wanted_after_a_restart),
		BED_TEST(blob_that_we_name_is_wanted),
		BED_TEST(pinned_blob_is_not_removed),
		BED_TEST(blobs_over_the_limit_of_all_are_refused),
		BED_TEST(file_put_by_hand_meets_a_want_after_a_check),
		BED_TEST(list_goes_on_live_behind_a_sync),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
