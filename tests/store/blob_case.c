#include "tests/store/blob_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include <cmocka.h>
#include <sodium.h>

int blob_case_open(void **state)
{
	struct blob_case *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	test_home_open(&f->home);
	test_home_store(&f->home, 0);
	assert_int_equal(blobs_open(f->home.home, &f->blobs, NULL), KITH_OK);
	*state = f;
	return 0;
}

int blob_case_close(void **state)
{
	struct blob_case *f = *state;

	blobs_close(f->blobs);
	test_home_close(&f->home);
	free(f);
	return 0;
}

const char *blob_case_path(const struct blob_case *f,
			   const struct kith_blob_id *id)
{
	static char path[BLOB_CASE_PATH_BYTES];
	char hex[65];

	sodium_bin2hex(hex, sizeof(hex), id->b, sizeof(id->b));
	snprintf(path, sizeof(path), "%s/blobs/sha256/%.2s/%s", f->home.path,
		 hex, hex + 2);
	return path;
}

struct kith_slice case_bytes(unsigned seed, size_t n)
{
	static uint8_t all[2 * CASE_LIMIT];

	assert_in_range(n, 0, sizeof(all));
	for (size_t i = 0; i < n; i++) {
		seed = seed * 1103515245u + 12345u;
		all[i] = (uint8_t)(seed >> 16);
	}
	return (struct kith_slice){ all, n };
}

struct kith_blob_id case_id(struct kith_slice s)
{
	struct kith_blob_id id;

	crypto_hash_sha256(id.b, s.p, s.n);
	return id;
}

bool case_same(const struct kith_blob_id *a, const struct kith_blob_id *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

const char *case_part(const struct blob_case *f,
			   const struct kith_blob_id *id)
{
	static char path[BLOB_CASE_PATH_BYTES];
	char hex[65];

	sodium_bin2hex(hex, sizeof(hex), id->b, sizeof(id->b));
	snprintf(path, sizeof(path), "%s/blobs/tmp/%s.part", f->home.path, hex);
	return path;
}

bool case_exists(const char *path)
{
	struct stat st;

	return !stat(path, &st);
}

size_t case_in_tmp(const struct blob_case *f)
{
	struct blob_parts parts = { 0 };

	assert_int_equal(blobs_tidy(f->blobs, 0, UINT64_MAX, &parts), KITH_OK);
	return (size_t)parts.count;
}

struct blob_writer *case_begin(struct blob_case *f,
				 const struct kith_blob_id *id, bool resume)
{
	struct blob_write how = { .id = id, .limit = CASE_LIMIT,
				  .resume = resume };
	struct blob_writer *w;

	assert_int_equal(blob_writer_new(f->blobs, &how, &w, NULL), KITH_OK);
	return w;
}

void case_put(struct blob_writer *w, struct kith_slice s)
{
	assert_int_equal(blob_writer_put(w, s, NULL), KITH_OK);
}

struct kith_blob_id case_add(struct blob_case *f, struct kith_slice s)
{
	struct blob_writer *w = case_begin(f, NULL, false);
	struct kith_blob_id id;

	case_put(w, s);
	assert_int_equal(blob_writer_finish(w, &id, NULL), KITH_OK);
	return id;
}

void case_write(const char *path, struct kith_slice s)
{
	FILE *file = fopen(path, "wb");

	assert_non_null(file);
	assert_int_equal(fwrite(s.p, 1, s.n, file), s.n);
	assert_int_equal(fclose(file), 0);
}

void assert_absent(struct blob_case *f, const struct kith_blob_id *id)
{
	struct blob_file *file;
	uint64_t size;

	assert_int_equal(blob_size(f->blobs, id, &size), KITH_ENOENT);
	assert_int_equal(blob_open(f->blobs, id, &file), KITH_ENOENT);
}
