#include "src/store/crc32c_cpu.h"

bool crc32c_has_cpu(void)
{
	return false;
}

uint32_t crc32c_cpu(uint32_t crc, struct kith_slice bytes)
{
	(void)bytes;
	return crc;
}
