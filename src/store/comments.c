#include "src/store/comments.h"

#include <stdbool.h>

/* Length of the comment at the front of n bytes; 0: none. */
static size_t comment_length(const uint8_t *p, size_t n)
{
	bool line = n > 1 && p[1] == '/';
	size_t i = 2;

	if (n < 2 || p[0] != '/' || (!line && p[1] != '*'))
		return 0;
	if (line)
		while (i < n && p[i] != '\n')
			i++;
	else
		while (i < n && !(i > 2 && p[i - 1] == '*' && p[i] == '/'))
			i++;
	return !line && i < n ? i + 1 : i;
}

/* Length of the JSON string at the front of n bytes, with its quotes. */
static size_t string_length(const uint8_t *p, size_t n)
{
	size_t i = 1;

	while (i < n && p[i] != '"')
		i += p[i] == '\\' ? 2 : 1;
	return i < n ? i + 1 : n;
}

static void blank(uint8_t *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (p[i] != '\n')
			p[i] = ' ';
}

void comments_blank(uint8_t *text, size_t n)
{
	size_t at = 0, length;

	while (at < n) {
		if (text[at] == '"') {
			at += string_length(text + at, n - at);
			continue;
		}
		length = comment_length(text + at, n - at);
		blank(text + at, length);
		at += length ? length : 1;
	}
}
