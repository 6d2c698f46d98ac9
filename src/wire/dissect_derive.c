#include "src/wire/dissect_private.h"

/* Plays the side whose secret it is once more: what it says is thrown away,
 * what the other said is what was heard. */
static bool replay(struct shs *s, struct kith_slice heard,
		   struct box_keys *out)
{
	struct kith_buf said = { .limit = DISSECT_HANDSHAKE_BYTES };
	enum shs_step step = shs_next(s, &heard, &said);

	if (step == SHS_ASK) {
		shs_accept(s);
		step = shs_next(s, &heard, &said);
	}
	kith_buf_free(&said);
	if (step == SHS_DONE)
		shs_keys(s, out);
	return step == SHS_DONE;
}

static bool owns(const struct dissect_secret *secret, const uint8_t *ephemeral)
{
	uint8_t public[SHS_EPHEMERAL_BYTES];

	/* Public keys, both. */
	return !crypto_scalarmult_base(public, secret->ephemeral) &&
	       !memcmp(public, ephemeral, sizeof(public));
}

bool dissect_derive(const struct dissect *d,
		    const struct dissect_secret *secret,
		    struct capture_keys *out)
{
	bool client = secret->server;
	enum dissect_dir theirs = client ? !d->config.client : d->config.client;
	const struct dissect_side *side = &d->side[theirs];
	struct shs_config config = { .self = secret->self,
				     .server = secret->server };
	struct box_keys keys;
	struct shs *s;
	bool done;

	if (!owns(secret, dissect_ephemeral(d, client)))
		return false;
	memcpy(config.app_key, secret->app_key, sizeof(config.app_key));
	memcpy(config.ephemeral, secret->ephemeral, sizeof(config.ephemeral));
	s = shs_new(&config);
	done = s && replay(s, (struct kith_slice){ side->handshake,
						   side->have }, &keys);
	shs_free(s);
	sodium_memzero(&config, sizeof(config));
	if (!done)
		return false;
	memcpy(out->client, dissect_ephemeral(d, true), sizeof(out->client));
	memcpy(out->server, dissect_ephemeral(d, false), sizeof(out->server));
	capture_keys_set(out, &keys, client);
	sodium_memzero(&keys, sizeof(keys));
	return true;
}
