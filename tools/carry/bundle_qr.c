#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <qrencode.h>

#include "tools/carry/bundle.h"
#include "tools/text/text.h"

enum {
	QR_BYTES_MAX = 2953, /* version 40, level L: ISO/IEC 18004, table 7 */
	QUIET = 4	     /* modules around it, of the same */
};

/* Black on white, whatever the terminal's colours are. */
#define INK "\033[30;107m"
#define PLAIN "\033[0m"

static bool is_dark(const QRcode *code, int x, int y)
{
	return x >= 0 && y >= 0 && x < code->width && y < code->width &&
	       (code->data[y * code->width + x] & 1);
}

/* Two rows of modules in one of characters. */
static void draw(const QRcode *code, bool terminal)
{
	static const char *const halves[] = { " ", "\u2584", "\u2580",
					      "\u2588" };

	for (int y = -QUIET; y < code->width + QUIET; y += 2) {
		fputs(terminal ? INK : "", stdout);
		for (int x = -QUIET; x < code->width + QUIET; x++)
			fputs(halves[2 * is_dark(code, x, y) +
				     is_dark(code, x, y + 1)], stdout);
		fputs(terminal ? PLAIN "\n" : "\n", stdout);
	}
	fflush(stdout);
}

static int refuse(uint64_t bytes)
{
	char size[TEXT_SIZE_BYTES];

	text_size(bytes, size);
	return tool_fail(EXIT_FAILED, "this bundle has %s, and a QR code holds "
			 "no more than %d bytes: take less, by --feed, or by "
			 "--for with what the reader has; or name a FILE in "
			 "place of --qr, and hand that over", size,
			 QR_BYTES_MAX);
}

int bundle_draw(const struct bundle_out *o)
{
	bool terminal = isatty(STDOUT_FILENO);
	size_t columns = text_columns(), width;
	QRcode *code;
	int made = EXIT_DONE;

	if (o->memory.err || o->bytes > QR_BYTES_MAX)
		return refuse(o->bytes);
	code = QRcode_encodeData((int)o->memory.n, o->memory.p, 0,
				 QR_ECLEVEL_L);
	if (!code)
		return tool_fail(EXIT_FAILED, "out of memory");
	width = (size_t)code->width + 2 * (size_t)QUIET;
	if (terminal && width > columns)
		made = tool_fail(EXIT_FAILED, "the QR code is %zu columns "
				 "wide, and the terminal %zu: make it wider, "
				 "or its letters smaller, or take less", width,
				 columns);
	else
		draw(code, terminal);
	QRcode_free(code);
	return made;
}
