#include <sodium.h>

#include "src/wire/capture.h"

static const struct kith_slice tag = { (const uint8_t *)"SSB1", 4 };

void capture_keys_set(struct capture_keys *k, const struct box_keys *side,
		      bool client)
{
	uint8_t *sent_key = client ? k->to_server_key : k->to_client_key;
	uint8_t *sent_nonce = client ? k->to_server_nonce : k->to_client_nonce;
	uint8_t *got_key = client ? k->to_client_key : k->to_server_key;
	uint8_t *got_nonce = client ? k->to_client_nonce : k->to_server_nonce;

	memcpy(sent_key, side->send_key, sizeof(side->send_key));
	memcpy(sent_nonce, side->send_nonce, sizeof(side->send_nonce));
	memcpy(got_key, side->recv_key, sizeof(side->recv_key));
	memcpy(got_nonce, side->recv_nonce, sizeof(side->recv_nonce));
}

void capture_keys_get(const struct capture_keys *k, bool client,
		      struct box_keys *side)
{
	const uint8_t *sent_key = client ? k->to_server_key : k->to_client_key;
	const uint8_t *sent_nonce = client ? k->to_server_nonce
					   : k->to_client_nonce;
	const uint8_t *got_key = client ? k->to_client_key : k->to_server_key;
	const uint8_t *got_nonce = client ? k->to_client_nonce
					  : k->to_server_nonce;

	memcpy(side->send_key, sent_key, sizeof(side->send_key));
	memcpy(side->send_nonce, sent_nonce, sizeof(side->send_nonce));
	memcpy(side->recv_key, got_key, sizeof(side->recv_key));
	memcpy(side->recv_nonce, got_nonce, sizeof(side->recv_nonce));
}

/* --- lines --- */

/* In a time that does not tell what they are.  The NUL behind them has its
 * place from what follows. */
static void put_hex(struct kith_buf *b, const uint8_t *bytes, size_t n)
{
	uint8_t *to;

	kith_buf_byte(b, ' ');
	to = kith_buf_reserve(b, 2 * n + 1);
	if (!to)
		return;
	sodium_bin2hex((char *)to, 2 * n + 1, bytes, n);
	b->n += 2 * n;
}

void capture_keys_encode(const struct capture_keys *k, struct kith_buf *out)
{
	size_t at = out->n;

	kith_buf_put(out, tag);
	put_hex(out, k->client, sizeof(k->client));
	put_hex(out, k->server, sizeof(k->server));
	put_hex(out, k->to_server_key, sizeof(k->to_server_key));
	put_hex(out, k->to_server_nonce, sizeof(k->to_server_nonce));
	put_hex(out, k->to_client_key, sizeof(k->to_client_key));
	put_hex(out, k->to_client_nonce, sizeof(k->to_client_nonce));
	kith_buf_byte(out, '\n');
	if (!out->err)
		return;
	if (out->n > at)
		sodium_memzero(out->p + at, out->n - at);
	out->n = at;
}

/* Takes a space and n bytes in hex off the front. */
static bool take_hex(struct kith_slice *in, uint8_t *out, size_t n)
{
	size_t got;

	if (in->n < 2 * n + 1 || in->p[0] != ' ')
		return false;
	if (sodium_hex2bin(out, n, (const char *)in->p + 1, 2 * n, NULL, &got,
			   NULL) ||
	    got != n)
		return false;
	in->p += 2 * n + 1;
	in->n -= 2 * n + 1;
	return true;
}

bool capture_keys_decode(struct kith_slice text, struct capture_keys *out)
{
	struct capture_keys k;
	bool ok;

	if (text.n < tag.n || memcmp(text.p, tag.p, tag.n) != 0)
		return false;
	text.p += tag.n;
	text.n -= tag.n;
	ok = take_hex(&text, k.client, sizeof(k.client)) &&
	     take_hex(&text, k.server, sizeof(k.server)) &&
	     take_hex(&text, k.to_server_key, sizeof(k.to_server_key)) &&
	     take_hex(&text, k.to_server_nonce, sizeof(k.to_server_nonce)) &&
	     take_hex(&text, k.to_client_key, sizeof(k.to_client_key)) &&
	     take_hex(&text, k.to_client_nonce, sizeof(k.to_client_nonce)) &&
	     text.n == 0;
	if (ok)
		*out = k;
	sodium_memzero(&k, sizeof(k));
	return ok;
}
