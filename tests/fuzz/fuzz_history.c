#include "feeds/json.h"
#include "src/gossip/history.h"
#include "tests/fuzz/replay.h"

/* What we understood, written and read again, is the same. */
static void write_and_read(const struct history_args *args)
{
	struct kith_buf text = { .limit = 1000 };
	struct history_args again;

	history_args_encode(args, &text);
	if (json_check(kith_bytes(&text), NULL, NULL) ||
	    history_args_decode(kith_bytes(&text), &again, NULL) ||
	    !kith_feed_equal(&args->id, &again.id) ||
	    args->sequence != again.sequence || args->live != again.live ||
	    args->keys != again.keys ||
	    (args->limit > 0 && args->limit != again.limit))
		__builtin_trap();
	kith_buf_free(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct kith_error e = { 0 };
	struct history_args args;
	struct kith_slice value;

	if (json_check((struct kith_slice){ data, size }, &value, NULL))
		return 0;
	if (!history_args_decode(value, &args, &e))
		write_and_read(&args);
	else if (e.code != KITH_EFORMAT || !e.text[0])
		__builtin_trap();
	return 0;
}
