#include "tools/begin/status_depots.h"

#include <stdio.h>

#include "feeds/json.h"
#include "src/store/wall.h"
#include "tools/print/when.h"
#include "tools/text/text.h"

enum { PLACE_COLUMNS = 200, REASON_COLUMNS = 300 };

/* What kithd sends is JSON as others see it: escapes are undone. */
static void print_text(struct kith_slice value, size_t columns)
{
	struct kith_buf text = { .limit = 4096 };

	if (json_unescape(value, &text))
		text_print_cut(stdout, kith_bytes(&text), columns, false);
	kith_buf_free(&text);
}

static unsigned long long number(struct kith_slice object, const char *name)
{
	uint64_t n;

	return json_uint(json_get(object, name), &n) ? n : 0;
}

static void print_synced(struct kith_slice depot, const char *verb)
{
	char when[WHEN_BYTES];
	double ms;

	if (!json_number(json_get(depot, "synced_ms"), &ms) || ms <= 0)
		return;
	when_put((double)wall_us() / 1000, ms, when);
	printf("%s %s", verb, when);
}

static void print_one(struct kith_slice depot)
{
	struct kith_slice state = json_get(depot, "state");

	printf("depot      ");
	print_text(json_get(depot, "place"), PLACE_COLUMNS);
	if (json_is(state, "absent"))
		printf(": not there");
	else if (json_is(state, "syncing"))
		printf(": is being synced");
	else
		print_synced(depot, json_is(state, "failing")
					    ? ": was synced" : ": synced");
	printf("; messages in %llu, out %llu", number(depot, "in"),
	       number(depot, "out"));
	if (json_is(state, "failing")) {
		printf("; not synced: ");
		print_text(json_get(depot, "reason"), REASON_COLUMNS);
	}
	putchar('\n');
}

void status_depots_print(struct kith_slice depots)
{
	struct kith_slice depot;
	size_t at = 0;

	while (json_next_element(depots, &at, &depot))
		print_one(depot);
}
