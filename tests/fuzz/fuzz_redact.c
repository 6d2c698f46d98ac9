#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/replay.h"
#include "tools/wire/redact_line.h"

/* What may stand for something that was written, or for a base64 digit. */
static int is_text(uint8_t c)
{
	return c >= 0x80 || (c >= '0' && c <= '9') ||
	       (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c && strchr("+/-_", c));
}

/* Every byte that gives a line its form stays where it is. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct redaction state = { .key = { 1 } };
	static uint8_t line[REDACT_LINE_BYTES_MAX];

	if (size > sizeof(line))
		return 0;
	memcpy(line, data, size);
	redact_line(&state, line, size);
	for (size_t i = 0; i < size; i++)
		if (is_text(data[i]) ? !is_text(line[i]) : line[i] != data[i])
			abort();
	return 0;
}
