#include "src/store/crc32c_cpu.h"

bool crc32c_has_cpu(void)
{
	return __builtin_cpu_supports("sse4.2");
}

__attribute__((target("sse4.2"))) uint32_t
crc32c_cpu(uint32_t crc, struct kith_slice bytes)
{
	uint64_t long_crc = crc, eight;

	for (; bytes.n >= 8; bytes.p += 8, bytes.n -= 8) {
		memcpy(&eight, bytes.p, sizeof(eight));
		long_crc = __builtin_ia32_crc32di(long_crc, eight);
	}
	crc = (uint32_t)long_crc;
	for (; bytes.n; bytes.p++, bytes.n--)
		crc = __builtin_ia32_crc32qi(crc, *bytes.p);
	return crc;
}
