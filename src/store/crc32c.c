#include "src/store/crc32c.h"

#include "src/store/crc32c_cpu.h"

/* Castagnoli's polynomial, bits reversed (RFC 3720, appendix B.4). */
static const uint32_t POLYNOMIAL = 0x82f63b78;

static void make_tables(uint32_t table[8][256])
{
	for (uint32_t i = 0; i < 256; i++) {
		uint32_t crc = i;

		for (int bit = 0; bit < 8; bit++)
			crc = crc & 1 ? crc >> 1 ^ POLYNOMIAL : crc >> 1;
		table[0][i] = crc;
	}
	for (int k = 1; k < 8; k++)
		for (int i = 0; i < 256; i++) {
			uint32_t crc = table[k - 1][i];

			table[k][i] = crc >> 8 ^ table[0][crc & 0xff];
		}
}

static uint32_t little_endian(const uint8_t *p)
{
	return (uint32_t)p[3] << 24 | (uint32_t)p[2] << 16 |
	       (uint32_t)p[1] << 8 | p[0];
}

static uint32_t crc_of_eight(const uint32_t table[8][256], uint32_t crc,
			     const uint8_t *p)
{
	uint32_t low = crc ^ little_endian(p), high = little_endian(p + 4);

	return table[7][low & 0xff] ^ table[6][low >> 8 & 0xff] ^
	       table[5][low >> 16 & 0xff] ^ table[4][low >> 24] ^
	       table[3][high & 0xff] ^ table[2][high >> 8 & 0xff] ^
	       table[1][high >> 16 & 0xff] ^ table[0][high >> 24];
}

void crc32c_init_table(struct crc32c *c)
{
	c->hardware = false;
	make_tables(c->table);
}

void crc32c_init(struct crc32c *c)
{
	c->hardware = crc32c_has_cpu();
	if (!c->hardware)
		crc32c_init_table(c);
}

uint32_t crc32c(const struct crc32c *c, uint32_t crc, struct kith_slice bytes)
{
	crc = ~crc;
	if (c->hardware)
		return ~crc32c_cpu(crc, bytes);
	for (; bytes.n >= 8; bytes.p += 8, bytes.n -= 8)
		crc = crc_of_eight(c->table, crc, bytes.p);
	for (; bytes.n; bytes.p++, bytes.n--)
		crc = crc >> 8 ^ c->table[0][(crc ^ *bytes.p) & 0xff];
	return ~crc;
}
