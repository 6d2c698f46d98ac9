/* How a client comes to be connected: dialled, and, but on the unix socket,
 * shaken hands with. */
#include "src/client/client_private.h"

#include <stdlib.h>
#include <string.h>

#include <sodium.h>

#include "src/limits.h"

/* Runs the handshake over the link; *keys are the caller's to wipe. */
static enum kith_err shake(struct link *l, struct shs *shs,
			   int64_t deadline_ms, struct box_keys *keys,
			   struct kith_error *e)
{
	enum kith_err err = KITH_OK;
	enum shs_step step;

	while ((step = shs_next(shs, &l->pending, &l->out)) == SHS_MORE) {
		if (l->ended)
			return kith_fail(e, KITH_EDENIED, 0,
					 "the peer hung up in the handshake: "
					 "it has another key or app key, or "
					 "does not want us");
		err = link_move(l, deadline_ms, e);
		if (err == KITH_EBUSY)
			err = kith_fail(e, KITH_EIO, 0,
					"no answer in the handshake");
		if (err)
			return err;
	}
	if (step != SHS_DONE)
		return kith_fail(e, KITH_EDENIED, 0, "handshake failed: %s",
				 shs_why(shs));
	shs_keys(shs, keys);
	return KITH_OK;
}

static enum kith_err authenticate(struct client *c, const struct address *a,
				  const struct kith_signer *signer,
				  const uint8_t *app_key,
				  struct box_keys *keys, struct kith_error *e)
{
	struct shs_config config = { .self = signer, .server = a->key };
	struct kith_signer *guest = NULL;
	struct shs *shs = NULL;
	enum kith_err err;

	if (a->has_seed) {
		config.self = guest = kith_signer_from_seed(a->seed);
		if (!guest)
			return KITH_ENOMEM;
	}
	memcpy(config.app_key, app_key, sizeof(config.app_key));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	shs = shs_new(&config);
	err = shs ? shake(&c->link, shs,
			  link_now_ms() + LIMIT_HANDSHAKE_CLIENT_MS, keys, e)
		  : KITH_ENOMEM;
	memcpy(c->remote, a->key, sizeof(c->remote));
	c->has_remote = true;
	sodium_memzero(&config, sizeof(config));
	shs_free(shs);
	kith_signer_free(guest);
	return err;
}

static enum kith_err open_session(struct client *c, const struct box_keys *keys)
{
	struct session_config config = {
		.keys = keys,
		.limits = { .call_bytes = LIMIT_CALL_BYTES,
			    .body_bytes = LIMIT_BODY_BYTES,
			    .requests = LIMIT_REQUESTS },
	};

	randombytes_buf(&config.factor, sizeof(config.factor));
	c->session = session_new(&config);
	return c->session ? KITH_OK : KITH_ENOMEM;
}

static enum kith_err open_all(struct client *c, const struct address *a,
			      const struct kith_signer *signer,
			      const uint8_t *app_key, struct kith_error *e)
{
	struct box_keys keys;
	enum kith_err err;

	err = link_dial(&c->link, a, link_now_ms() + CLIENT_TIMEOUT_MS, e);
	if (err)
		return err;
	if (a->noauth)
		return open_session(c, NULL);
	err = authenticate(c, a, signer, app_key, &keys, e);
	if (!err)
		err = open_session(c, &keys);
	sodium_memzero(&keys, sizeof(keys));
	return err;
}

enum kith_err client_open(const struct address *a,
			  const struct kith_signer *signer,
			  const uint8_t *app_key, struct client **out,
			  struct kith_error *e)
{
	struct client *c = calloc(1, sizeof(*c));
	enum kith_err err;

	if (!c)
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	err = open_all(c, a, signer, app_key, e);
	if (err) {
		session_free(c->session);
		link_clear(&c->link);
		free(c);
		return kith_fail(e, err, 0, "%s", kith_strerror(err));
	}
	*out = c;
	return KITH_OK;
}
