/*
 * Our handshake as the npm suite shs1-test runs it, over stdin and stdout:
 *	shs1 NETWORK SERVER_PUBLIC		the client
 *	shs1 NETWORK SERVER_SECRET SERVER_PUBLIC	the server
 * All in hex.  In the end the keys and nonces of both directions follow.
 */
#include <sodium.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "feeds/signer.h"
#include "src/wire/shs.h"

static void unhex(const char *text, uint8_t *out, size_t n)
{
	size_t got;

	if (sodium_hex2bin(out, n, text, strlen(text), NULL, &got, NULL) != 0 ||
	    got != n)
		exit(2);
}

static void write_all(const uint8_t *p, size_t n)
{
	while (n > 0) {
		ssize_t wrote = write(STDOUT_FILENO, p, n);

		if (wrote <= 0)
			exit(1);
		p += wrote;
		n -= (size_t)wrote;
	}
}

/* One step with what is at hand; true when the handshake is over. */
static bool step(struct shs *s, struct kith_slice in)
{
	struct kith_buf out = { .limit = 1024 };
	enum shs_step got = shs_next(s, &in, &out);

	if (got == SHS_ASK) {
		shs_accept(s);
		got = shs_next(s, &in, &out);
	}
	if (got == SHS_BAD)
		exit(1);
	write_all(out.p, out.n);
	kith_buf_free(&out);
	return got == SHS_DONE;
}

static void shake(struct shs *s)
{
	uint8_t bytes[256] = { 0 };
	ssize_t n = 0;

	while (!step(s, (struct kith_slice){ bytes, (size_t)n })) {
		n = read(STDIN_FILENO, bytes, sizeof(bytes));
		if (n <= 0)
			exit(1);
	}
}

static struct kith_signer *self(const char *server_secret)
{
	uint8_t secret[KITH_SECRET_BYTES];

	if (!server_secret)
		return kith_signer_generate();
	unhex(server_secret, secret, sizeof(secret));
	return kith_signer_from_seed(secret); /* its first half */
}

int main(int argc, char **argv)
{
	struct shs_config config = { 0 };
	struct box_keys keys;
	struct kith_signer *signer;
	uint8_t server[KITH_PUBLIC_BYTES];
	struct shs *s;

	if (argc < 3 || argc > 4 || kith_init() != KITH_OK)
		return 2;
	signer = self(argc == 4 ? argv[2] : NULL);
	unhex(argv[1], config.app_key, sizeof(config.app_key));
	unhex(argv[argc - 1], server, sizeof(server));
	randombytes_buf(config.ephemeral, sizeof(config.ephemeral));
	config.self = signer;
	config.server = argc == 3 ? server : NULL;
	s = shs_new(&config);
	if (!signer || !s)
		return 2;
	shake(s);
	shs_keys(s, &keys);
	write_all(keys.send_key, sizeof(keys.send_key));
	write_all(keys.send_nonce, sizeof(keys.send_nonce));
	write_all(keys.recv_key, sizeof(keys.recv_key));
	write_all(keys.recv_nonce, sizeof(keys.recv_nonce));
	shs_free(s);
	kith_signer_free(signer);
	return 0;
}
