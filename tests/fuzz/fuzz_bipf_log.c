#include "feeds/json.h"
#include "src/source/bipf_log.h"
#include "tests/fuzz/replay.h"

enum { OUT_BYTES_MAX = 6 * BIPF_LOG_BLOCK_BYTES };

static void read_record(struct kith_slice record, struct kith_buf *out)
{
	struct bipf_log_message m;
	struct kith_error e = { 0 };

	if (bipf_log_read(record, &m, &e)) {
		if (e.offset > record.n || !*e.text)
			__builtin_trap();
		return;
	}
	kith_buf_reset(out);
	if (!bipf_log_print(&m, out, NULL) &&
	    json_check(kith_bytes(out), NULL, NULL))
		__builtin_trap();
}

/* A block is gone through to its end, each byte once. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_buf out = { .limit = OUT_BYTES_MAX };
	struct kith_slice record;
	enum bipf_log_step step;
	struct bipf_log l;

	if (size > BIPF_LOG_BLOCK_BYTES)
		size = BIPF_LOG_BLOCK_BYTES;
	bipf_log_begin(&l, (struct kith_slice){ data, size });
	while ((step = bipf_log_next(&l, &record)) != BIPF_LOG_END) {
		if (l.at <= l.record || l.at > size)
			__builtin_trap();
		if (step == BIPF_LOG_RECORD)
			read_record(record, &out);
	}
	if (l.at != size)
		__builtin_trap();
	kith_buf_free(&out);
	return 0;
}
