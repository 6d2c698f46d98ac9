#include "src/source/flume_log.h"
#include "tests/fuzz/replay.h"

enum { STEPS_MAX = 1 << 16, PIECE_MAX = 7 };

/* What came out of a log. */
struct result {
	size_t records, erased, bytes;
	uint64_t sum, offset;
	bool bad, whole;
};

static void count(struct result *r, struct kith_slice record)
{
	r->bytes += record.n;
	for (size_t i = 0; i < record.n; i++)
		r->sum = r->sum * 31 + record.p[i];
}

/* Gives the log in pieces of so many bytes. */
static struct result read_log(const uint8_t *data, size_t size, size_t piece)
{
	struct result r = { 0 };
	struct kith_slice in = { NULL, 0 }, record;
	enum flume_log_step step;
	struct flume_log f;

	flume_log_init(&f);
	for (;;) {
		step = flume_log_next(&f, &in, &record);
		if (step == FLUME_LOG_BAD || (step == FLUME_LOG_MORE && !size))
			break;
		if (step == FLUME_LOG_MORE) {
			if (in.n)
				__builtin_trap();
			in.p = data;
			in.n = size < piece ? size : piece;
			data += in.n;
			size -= in.n;
			continue;
		}
		if (record.n > FLUME_LOG_RECORD_BYTES_MAX)
			__builtin_trap();
		r.records += step == FLUME_LOG_RECORD;
		r.erased += step == FLUME_LOG_ERASED;
		count(&r, record);
	}
	r.bad = step == FLUME_LOG_BAD;
	r.whole = flume_log_is_whole(&f);
	r.offset = f.offset;
	flume_log_clear(&f);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, pieces;

	if (size > STEPS_MAX)
		return 0;
	whole = read_log(data, size, size + 1);
	for (size_t piece = 1; piece <= PIECE_MAX; piece++) {
		pieces = read_log(data, size, piece);
		if (pieces.records != whole.records ||
		    pieces.erased != whole.erased ||
		    pieces.bytes != whole.bytes || pieces.sum != whole.sum ||
		    pieces.offset != whole.offset ||
		    pieces.bad != whole.bad || pieces.whole != whole.whole)
			__builtin_trap();
	}
	return 0;
}
