#include "src/wire/capture_names.h"

#include "feeds/json.h"

#define COUNT(a) (sizeof(a) / sizeof(*(a)))
#define BIT(layer) (1U << (layer))

static const char *const layers[] = {
	[CAPTURE_FILE] = "file", [CAPTURE_TCP] = "tcp", [CAPTURE_SHS] = "shs",
	[CAPTURE_BOX] = "box",	 [CAPTURE_RPC] = "rpc",
};

static const struct {
	const char *name;
	unsigned layers;
} events[] = {
	[CAPTURE_SAID] = { "said", BIT(CAPTURE_TCP) | BIT(CAPTURE_SHS) |
					   BIT(CAPTURE_BOX) |
					   BIT(CAPTURE_RPC) },
	[CAPTURE_START] = { "start", BIT(CAPTURE_FILE) },
	[CAPTURE_LOST] = { "lost", BIT(CAPTURE_FILE) },
	[CAPTURE_STOP] = { "stop", BIT(CAPTURE_FILE) },
	[CAPTURE_CONNECT] = { "connect", BIT(CAPTURE_TCP) },
	[CAPTURE_ACCEPT] = { "accept", BIT(CAPTURE_TCP) },
	[CAPTURE_ONGOING] = { "ongoing", BIT(CAPTURE_TCP) },
	[CAPTURE_CLOSE] = { "close", BIT(CAPTURE_TCP) },
	[CAPTURE_DONE] = { "done", BIT(CAPTURE_SHS) },
	[CAPTURE_FAIL] = { "fail", BIT(CAPTURE_SHS) },
	[CAPTURE_GOODBYE] = { "goodbye", BIT(CAPTURE_BOX) | BIT(CAPTURE_RPC) },
	[CAPTURE_BAD] = { "bad", BIT(CAPTURE_BOX) | BIT(CAPTURE_RPC) },
};

const char *capture_layer_name(enum capture_layer layer)
{
	return layers[layer];
}

const char *capture_event_name(enum capture_event event)
{
	return events[event].name;
}

bool capture_find_layer(struct kith_slice value, enum capture_layer *out)
{
	for (size_t i = 0; i < COUNT(layers); i++)
		if (json_is(value, layers[i])) {
			*out = (enum capture_layer)i;
			return true;
		}
	return false;
}

bool capture_find_event(struct kith_slice value, enum capture_event *out)
{
	for (size_t i = 0; i < COUNT(events); i++)
		if (json_is(value, events[i].name)) {
			*out = (enum capture_event)i;
			return true;
		}
	return false;
}

bool capture_find_type(struct kith_slice value, enum muxrpc_type *out)
{
	for (int i = MUXRPC_BINARY; i <= MUXRPC_RESERVED; i++)
		if (json_is(value, muxrpc_type_name((enum muxrpc_type)i))) {
			*out = (enum muxrpc_type)i;
			return true;
		}
	return false;
}

bool capture_has(enum capture_layer layer, enum capture_event event)
{
	return events[event].layers & BIT(layer);
}
