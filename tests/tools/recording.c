/*
 * Recordings for the tests of kith dissect.
 *
 *	recording		writes into the current folder talk.pcap, what
 *				tests/wire/overheard.h says on one connection,
 *				and talk.keys, the key log that opens it; and
 *				way-NAME.pcap, in all other ways
 *	recording SEED FILE OUT	writes FILE damaged: cut, flipped, or with
 *				parts moved, doubled or taken out
 */
#include <stdio.h>
#include <stdlib.h>

#include <sodium.h>

#include "feeds/base64.h"
#include "tests/tools/recording_ways.h"
#include "tests/wire/overheard.h"

static int write_file(const char *name, struct kith_slice s)
{
	FILE *f = fopen(name, "wb");

	if (!f || fwrite(s.p, 1, s.n, f) != s.n || fclose(f)) {
		perror(name);
		return 1;
	}
	return 0;
}

/* What the options of kith dissect need to know besides. */
static void print_secrets(const struct overheard *o)
{
	char hex[65], key[BASE64_CHARS(SHS_APP_KEY_BYTES) + 1] = "";

	base64_encode((struct kith_slice){ o->app_key, sizeof(o->app_key) },
		      key);
	printf("app_key=%s\n", key);
	sodium_bin2hex(hex, sizeof(hex), o->client_secret, 32);
	printf("client_ephemeral=%s\n", hex);
	sodium_bin2hex(hex, sizeof(hex), o->server_secret, 32);
	printf("server_ephemeral=%s\n", hex);
}

/* --- damage --------------------------------------------------------------- */

/* A fixed sequence for each seed: the same damage in every run. */
static uint32_t draw(uint32_t *seed, size_t below)
{
	*seed = *seed * 1664525u + 1013904223u;
	return below ? (uint32_t)((*seed >> 8) % below) : 0;
}

static void flip(struct kith_buf *b, uint32_t *seed)
{
	static const uint8_t bytes[] = { 0, 0xff, '"', '\n', '{', '0', 0x80 };
	size_t at = draw(seed, b->n);

	if (!b->n)
		return;
	if (draw(seed, 2))
		b->p[at] ^= (uint8_t)(1u << draw(seed, 8));
	else
		b->p[at] = bytes[draw(seed, sizeof(bytes))];
}

/* Puts a copy of one part somewhere else. */
static void move(struct kith_buf *b, uint32_t *seed)
{
	size_t n = 1 + draw(seed, 300), from, to;

	if (n > b->n)
		return;
	from = draw(seed, b->n - n + 1);
	to = draw(seed, b->n - n + 1);
	memmove(b->p + to, b->p + from, n);
}

static void take_out(struct kith_buf *b, uint32_t *seed)
{
	size_t n = 1 + draw(seed, 300), from;

	if (n > b->n)
		return;
	from = draw(seed, b->n - n + 1);
	memmove(b->p + from, b->p + from + n, b->n - from - n);
	b->n -= n;
}

static void damage(struct kith_buf *b, uint32_t seed)
{
	uint32_t s = seed * 2654435761u;
	uint32_t times = 1 + draw(&s, 8);

	if (seed % 4 == 0)
		b->n = draw(&s, b->n);
	for (uint32_t i = 0; i < times && seed % 4; i++) {
		switch (seed % 4) {
		case 1: flip(b, &s); break;
		case 2: move(b, &s); break;
		default: take_out(b, &s); break;
		}
	}
}

static int write_damaged(const char *seed, const char *from, const char *to)
{
	struct kith_buf b = { .limit = OVERHEARD_ROOM };
	uint8_t *room = kith_buf_reserve(&b, OVERHEARD_ROOM);
	FILE *f = fopen(from, "rb");
	int failed;

	if (!f || !room) {
		perror(from);
		return 1;
	}
	b.n = fread(room, 1, OVERHEARD_ROOM, f);
	fclose(f);
	damage(&b, (uint32_t)strtoul(seed, NULL, 10));
	failed = write_file(to, kith_bytes(&b));
	kith_buf_free(&b);
	return failed;
}

static int write_ways(struct kith_slice pcap)
{
	struct kith_buf out = { .limit = OVERHEARD_ROOM };
	const char *way;
	char name[64];
	size_t at = 0;
	int failed = 0;

	while (!failed && (way = recording_way(&at))) {
		kith_buf_reset(&out);
		snprintf(name, sizeof(name), "way-%s.pcap", way);
		failed = !recording_put(way, pcap, &out) ||
			 write_file(name, kith_bytes(&out));
	}
	kith_buf_free(&out);
	return failed;
}

int main(int argc, char **argv)
{
	struct kith_buf pcap = { .limit = OVERHEARD_ROOM };
	struct kith_buf keys = { .limit = 2 * CAPTURE_KEYS_BYTES };
	struct overheard o;
	int failed;

	if (argc == 4)
		return write_damaged(argv[1], argv[2], argv[3]);
	overheard_start(&o);
	overheard_usual(&o);
	overheard_pcap(&o, &pcap);
	capture_keys_encode(&o.keys, &keys);
	print_secrets(&o);
	failed = write_file("talk.pcap", kith_bytes(&pcap)) ||
		 write_file("talk.keys", kith_bytes(&keys)) ||
		 write_ways(kith_bytes(&pcap));
	kith_buf_free(&pcap);
	kith_buf_free(&keys);
	overheard_clear(&o);
	return failed;
}
