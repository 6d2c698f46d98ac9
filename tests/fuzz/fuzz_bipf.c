#include "feeds/bipf.h"
#include "feeds/json.h"
#include "tests/fuzz/replay.h"

enum { BYTES_MAX = 1 << 16, OUT_BYTES_MAX = 1 << 20 };

/* Walkers stay inside, whatever the bytes are. */
static void walk(const struct bipf *v)
{
	struct kith_slice key;
	struct bipf one;
	size_t at = 0;

	while (bipf_next_member(v, &at, &key, &one) ||
	       bipf_next_element(v, &at, &one))
		if (at > v->data.n || one.data.p + one.data.n !=
					      v->data.p + at)
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_slice rest = { data, size };
	struct kith_buf out = { .limit = OUT_BYTES_MAX };
	struct kith_error e = { 0 };
	enum kith_err checked, printed;
	struct bipf v;

	if (size > BYTES_MAX || bipf_take(&rest, &v, NULL))
		return 0;
	walk(&v);
	checked = bipf_check((struct kith_slice){ data, size - rest.n }, NULL,
			     &e);
	printed = bipf_print(&v, &out, NULL);
	if (checked && e.offset > size)
		__builtin_trap();
	if (checked != printed && printed != KITH_ETOOBIG)
		__builtin_trap();
	if (!printed && json_check(kith_bytes(&out), NULL, NULL))
		__builtin_trap();
	kith_buf_free(&out);
	return 0;
}
