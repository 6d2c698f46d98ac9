#include "tools/keep/fsck.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "src/store/home.h"

/*
 * store/fsck: one line, how far a check has come.
 *
 *	kith-fsck 1 DEPTH RX FORMAT ID
 *
 * with the depth as a number and the message's id in hexadecimal.  The id tells
 * whether it is still the same log.
 */
enum { LINE_BYTES = 256, EVERY_S = 5, HEX_BYTES = 2 * KITH_ID_BYTES + 1 };

static const char NAME[] = "store/fsck";

static bool read_hex(const char *hex, uint8_t out[static KITH_ID_BYTES])
{
	for (size_t i = 0; i < KITH_ID_BYTES; i++) {
		char pair[3] = { hex[2 * i], hex[2 * i + 1], '\0' };
		char *end;

		out[i] = (uint8_t)strtoul(pair, &end, 16);
		if (*end || end == pair)
			return false;
	}
	return true;
}

/* A number and the space behind it. */
static bool read_number(const char **p, uint64_t *out)
{
	char *end;

	*out = strtoull(*p, &end, 10);
	if (end == *p || *end != ' ')
		return false;
	*p = end + 1;
	return true;
}

static void read_line(struct fsck_command *c, const char *p)
{
	static const char start[] = "kith-fsck 1 ";
	uint64_t depth, rx, format;

	if (strncmp(p, start, sizeof(start) - 1) != 0)
		return;
	p += sizeof(start) - 1;
	if (!read_number(&p, &depth) || depth < (uint64_t)c->depth ||
	    !read_number(&p, &rx) || !read_number(&p, &format) ||
	    strcspn(p, "\n") != HEX_BYTES - 1 ||
	    !read_hex(p, c->verified_id.b))
		return;
	c->verified = rx;
	c->verified_id.format = (enum kith_format)format;
}

void fsck_resume_read(struct fsck_command *c)
{
	struct kith_buf line = { .limit = LINE_BYTES };

	if (!tool_option(c->tool, 'u') ||
	    home_read(c->tool->home, NAME, &line, NULL)) {
		kith_buf_free(&line);
		return;
	}
	kith_buf_byte(&line, 0);
	if (!line.err)
		read_line(c, (const char *)line.p);
	kith_buf_free(&line);
}

static void write_line(const struct fsck_command *c)
{
	char line[LINE_BYTES];
	int n = snprintf(line, sizeof(line), "kith-fsck 1 %d %" PRIu64 " %d ",
			 (int)c->depth, c->seen.verified,
			 (int)c->seen.verified_id.format);

	for (size_t i = 0; i < KITH_ID_BYTES; i++)
		n += snprintf(line + n, sizeof(line) - (size_t)n, "%02x",
			      c->seen.verified_id.b[i]);
	snprintf(line + n, sizeof(line) - (size_t)n, "\n");
	/* A check is none the worse where nothing can be written. */
	(void)!home_write(c->tool->home, NAME, kith_text(line), NULL);
}

void fsck_resume_write(struct fsck_command *c, bool end)
{
	int64_t now_s = (int64_t)time(NULL);

	if (c->depth == FSCK_QUICK || c->feed_count || !c->seen.verified ||
	    c->seen.verified >= c->first_bad ||
	    (c->verified && c->seen.verified == c->verified))
		return;
	if (!end && !c->saved_s)
		c->saved_s = now_s;
	if (!end && now_s - c->saved_s < EVERY_S)
		return;
	c->saved_s = now_s;
	write_line(c);
}
