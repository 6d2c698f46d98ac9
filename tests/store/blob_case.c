#include "tests/store/blob_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

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
