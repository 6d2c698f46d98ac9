#include "src/daemon/rpc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "feeds/json.h"

static struct kith_buf manifest(void)
{
	struct kith_buf b = { .limit = 65536 };

	rpc_manifest(&b);
	assert_int_equal(b.err, KITH_OK);
	return b;
}

static void manifest_is_canonical_json(void **state)
{
	struct kith_buf b = manifest(), again = { .limit = 65536 };

	(void)state;
	assert_int_equal(json_check(kith_bytes(&b), NULL, NULL), KITH_OK);
	json_compact(kith_bytes(&b), &again);
	assert_true(kith_equal(kith_bytes(&b), kith_bytes(&again)));
	kith_buf_free(&b);
	kith_buf_free(&again);
}

/* The value at a dotted name. */
static struct kith_slice look_up(struct kith_slice object, const char *name)
{
	const char *dot = strchr(name, '.');
	char space[32] = "";

	if (!dot)
		return json_get(object, name);
	memcpy(space, name, (size_t)(dot - name));
	return json_get(json_get(object, space), dot + 1);
}

static void manifest_has_every_method_with_its_type(void **state)
{
	struct kith_buf b = manifest();

	(void)state;
	for (const struct rpc_method *m = rpc_methods; m->name; m++)
		assert_true(json_is(look_up(kith_bytes(&b), m->name),
				    rpc_shape_name(m->shape)));
	kith_buf_free(&b);
}

static void namespace_stands_in_the_manifest_once(void **state)
{
	struct kith_buf b = manifest();
	struct kith_slice key, value, keys[64];
	size_t at = 0, n = 0;

	(void)state;
	while (json_next_member(kith_bytes(&b), &at, &key, &value)) {
		for (size_t i = 0; i < n; i++)
			assert_false(kith_equal(keys[i], key));
		keys[n++] = key;
	}
	assert_true(n > 0);
	kith_buf_free(&b);
}

static void strangers_get_what_the_network_allows_and_no_more(void **state)
{
	static const char *const allowed[] = {
		"manifest", "createHistoryStream", "blobs.changes",
		"blobs.createWants", "blobs.get", "blobs.getSlice",
		"blobs.has", "conn.ping", "ebt.clock", "ebt.replicate",
		"gossip.ping", "room.metadata", "tunnel.isRoom",
	};
	size_t n = 0;

	(void)state;
	for (const struct rpc_method *m = rpc_methods; m->name; m++) {
		if (m->who != RPC_ANYONE)
			continue;
		assert_string_equal(m->name, allowed[n]);
		n++;
	}
	assert_int_equal(n, sizeof(allowed) / sizeof(*allowed));
}

static void method_is_found_by_its_whole_name_only(void **state)
{
	(void)state;
	assert_string_equal(rpc_find(KITH_SLICE("ebt.replicate"))->name,
			    "ebt.replicate");
	assert_null(rpc_find(KITH_SLICE("ebt")));
	assert_null(rpc_find(KITH_SLICE("ebt.replicateFormat")));
	assert_null(rpc_find(KITH_SLICE("")));
}

static void manifest_file_is_written_once(void **state)
{
	char dir[] = "/tmp/kith-rpc-XXXXXX", path[64];
	struct stat first, second;
	struct home *h;

	(void)state;
	assert_non_null(mkdtemp(dir));
	assert_int_equal(home_open(dir, false, &h, NULL), KITH_OK);
	assert_int_equal(rpc_write_manifest(h, NULL), KITH_OK);
	snprintf(path, sizeof(path), "%s/manifest.json", dir);
	assert_int_equal(stat(path, &first), 0);
	assert_int_equal(rpc_write_manifest(h, NULL), KITH_OK);
	assert_int_equal(stat(path, &second), 0);
	assert_int_equal(first.st_ino, second.st_ino);
	home_close(h);
	unlink(path);
	rmdir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(manifest_is_canonical_json),
		cmocka_unit_test(manifest_has_every_method_with_its_type),
		cmocka_unit_test(namespace_stands_in_the_manifest_once),
		cmocka_unit_test(
			strangers_get_what_the_network_allows_and_no_more),
		cmocka_unit_test(method_is_found_by_its_whole_name_only),
		cmocka_unit_test(manifest_file_is_written_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
