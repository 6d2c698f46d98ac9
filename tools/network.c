#include "tools/network.h"

#include "feeds/base64.h"
#include "feeds/json.h"
#include "src/gossip/wants.h"
#include "src/limits.h"
#include "src/store/comments.h"

static void read_number(struct kith_slice config, const char *outer,
			const char *inner, uint64_t *out)
{
	uint64_t n;

	if (json_uint(json_get(json_get(config, outer), inner), &n))
		*out = n;
}

static void read_space(struct kith_slice config, struct network *out)
{
	read_number(config, "store", "limit", &out->store_limit);
	read_number(config, "retention", "days", &out->retention_days);
	read_number(config, "retention", "hops", &out->retention_hops);
	if (out->store_limit && out->store_limit < STORE_LIMIT_BYTES_MIN)
		out->store_limit = STORE_LIMIT_BYTES_MIN;
	if (!out->retention_hops)
		out->retention_hops = NETWORK_RETENTION_HOPS;
}

/* Of a quota, 0 is none. */
static void read_quota(struct kith_slice config, const char *name,
		       uint64_t *out)
{
	uint64_t bytes = 0;

	read_number(config, "blobs", name, &bytes);
	if (bytes)
		*out = bytes;
}

static void read_blobs(struct kith_slice config, struct network *out)
{
	static const char *const names[KEEP_HOPS] = {
		NULL, "quota1", "quota2", "quota3", "quotaOthers",
	};

	read_quota(config, "max", &out->blob_max);
	read_quota(config, "limit", &out->blob_quotas.total);
	for (size_t i = 1; i < KEEP_HOPS; i++)
		read_quota(config, names[i], &out->blob_quotas.hops[i]);
}

/* Reads a key of 32 bytes, where there is one.  False: it is none. */
static bool read_key(struct kith_slice key, uint8_t *out, bool *has)
{
	if (!key.n || json_kind(key) == JSON_KIND_NULL || json_is(key, ""))
		return true;
	*has = base64_decode(json_plain(key), out, KITH_HMAC_BYTES);
	return *has;
}

static int parse(const struct home *h, struct kith_buf *text,
		 struct network *out)
{
	struct kith_slice config, caps;
	struct kith_error e = { 0 };
	bool has_app_key;

	comments_blank(text->p, text->n);
	if (json_check(kith_bytes(text), &config, &e))
		return tool_fail(EXIT_UNREADABLE, "%s/config: %s (at byte "
				 "%zu)", home_path(h), e.text, e.offset);
	read_number(config, "friends", "hops", &out->hops);
	read_space(config, out);
	read_blobs(config, out);
	caps = json_get(config, "caps");
	if (!read_key(json_get(caps, "sign"), out->key, &out->has_key))
		return tool_fail(EXIT_UNREADABLE, "caps.sign in %s/config must "
				 "be 32 bytes in base64", home_path(h));
	if (!read_key(json_get(caps, "shs"), out->app_key, &has_app_key))
		return tool_fail(EXIT_UNREADABLE, "caps.shs in %s/config must "
				 "be 32 bytes in base64", home_path(h));
	return EXIT_DONE;
}

void network_main(struct network *out)
{
	bool known;

	*out = (struct network){ .hops = NETWORK_HOPS,
				 .retention_hops = NETWORK_RETENTION_HOPS,
				 .blob_max = WANTS_SIZE_MAX };
	read_key(KITH_SLICE("\"" NETWORK_APP_KEY "\""), out->app_key, &known);
	out->blob_quotas.total = KEEP_NO_LIMIT;
	for (size_t i = 0; i < KEEP_HOPS; i++)
		out->blob_quotas.hops[i] = KEEP_NO_LIMIT;
}

int network_read(const struct home *h, struct network *out)
{
	struct kith_buf text = { .limit = LIMIT_CONFIG_BYTES };
	struct kith_error e = { 0 };
	enum kith_err err = home_read(h, "config", &text, &e);
	int code;

	network_main(out);
	if (err == KITH_ENOENT)
		return EXIT_DONE;
	code = err ? tool_fail(EXIT_UNREADABLE, "%s", e.text)
		   : parse(h, &text, out);
	kith_buf_free(&text);
	return code;
}
