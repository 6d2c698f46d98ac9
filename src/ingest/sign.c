/*
 * Our own messages are signed twice, and must come out the same
 * (kith_msg_finish): by the writer, and at the same time by a verifier where
 * one is free.  Where none has begun when the writer is done, it does both.
 */
#include "src/ingest/ingest_private.h"

static void ask(struct ingest *in, struct kith_slice message)
{
	if (in->verifier_count == 1)
		return; /* as many as cores: it would only take turns */
	pthread_mutex_lock(&in->lock);
	in->second.message = message;
	in->second.state = SECOND_ASKED;
	pthread_mutex_unlock(&in->lock);
	pthread_cond_signal(&in->to_verify);
}

/* False: nobody has begun, and nobody will. */
static bool get_answer(struct ingest *in, uint8_t out[KITH_SIGNATURE_BYTES])
{
	bool answered;

	pthread_mutex_lock(&in->lock);
	while (in->second.state == SECOND_TAKEN)
		pthread_cond_wait(&in->second.is_done, &in->lock);
	answered = in->second.state == SECOND_DONE;
	if (answered)
		memcpy(out, in->second.signature, KITH_SIGNATURE_BYTES);
	in->second.state = SECOND_NONE;
	pthread_mutex_unlock(&in->lock);
	return answered;
}

void sign_twice(struct ingest *in, struct kith_slice message,
		uint8_t out[static KITH_SIGNATURE_BYTES],
		uint8_t again[static KITH_SIGNATURE_BYTES])
{
	ask(in, message);
	kith_sign(in->config.signer, message, out);
	if (!get_answer(in, again))
		kith_sign(in->config.signer, message, again);
}

void sign_answer(struct ingest *in)
{
	uint8_t signature[KITH_SIGNATURE_BYTES];
	struct kith_slice message = in->second.message;

	in->second.state = SECOND_TAKEN;
	pthread_mutex_unlock(&in->lock);
	kith_sign(in->config.signer, message, signature);
	pthread_mutex_lock(&in->lock);
	memcpy(in->second.signature, signature, sizeof(signature));
	in->second.state = SECOND_DONE;
	pthread_cond_signal(&in->second.is_done);
}
