#include "src/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

enum { LINES_A_MINUTE = 10, MINUTE_MS = 60000, LINE_BYTES = 1024 };

/* The only mutable variables of a program: set once before threads start. */
static enum log_level shown = LOG_LEVEL_INFO;
static const char *program; /* NULL: a daemon, whose lines are dated */

static const char *const level_names[] = { "error", "warn", "info", "debug" };
static const char *const part_names[] = { "main", "store", "ingest", "peer",
					  "rpc", "net", "config",
					  "depot" };

void log_set_level(enum log_level level)
{
	shown = level;
}

void log_set_program(const char *name)
{
	program = name;
	shown = LOG_LEVEL_WARN;
}

bool log_level_parse(const char *name, enum log_level *out)
{
	for (size_t i = 0; i < sizeof(level_names) / sizeof(*level_names); i++)
		if (!strcmp(name, level_names[i])) {
			*out = (enum log_level)i;
			return true;
		}
	return false;
}

/* Replaces what a terminal would obey; UTF-8 passes. */
static void escape_controls(char *line)
{
	for (char *p = line; *p; p++)
		if ((unsigned char)*p < 0x20 || *p == 0x7f)
			*p = '?';
}

__attribute__((format(printf, 3, 0))) static void
write_line(enum log_level level, enum log_part part, const char *format,
	   va_list args)
{
	char line[LINE_BYTES], stamp[32];
	time_t now = time(NULL);
	struct tm utc;

	vsnprintf(line, sizeof(line), format, args);
	escape_controls(line);
	if (program) {
		fprintf(stderr, "%s: %s\n", program, line);
		return;
	}
	gmtime_r(&now, &utc);
	strftime(stamp, sizeof(stamp), "%Y-%m-%dT%H:%M:%SZ", &utc);
	fprintf(stderr, "%s %-5s %s: %s\n", stamp, level_names[level],
		part_names[part], line);
}

void log_line(enum log_level level, enum log_part part, const char *format,
	      ...)
{
	va_list args;

	if (level > shown)
		return;
	va_start(args, format);
	write_line(level, part, format, args);
	va_end(args);
}

static int64_t monotonic_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* True if the line may pass; *left_out is what to say was not. */
static bool admit(struct log_limit *limit, uint32_t *left_out)
{
	int64_t now = monotonic_ms();

	*left_out = 0;
	if (limit->lines == 0 || now - limit->minute_ms >= MINUTE_MS) {
		*left_out = limit->left_out;
		*limit = (struct log_limit){ .minute_ms = now };
	}
	if (limit->lines >= LINES_A_MINUTE) {
		limit->left_out++;
		return false;
	}
	limit->lines++;
	return true;
}

void log_limited(struct log_limit *limit, enum log_level level,
		 enum log_part part, const char *format, ...)
{
	uint32_t left_out;
	va_list args;

	if (level > shown || !admit(limit, &left_out))
		return;
	if (left_out)
		log_line(level, part, "left out %u lines like the next",
			 left_out);
	va_start(args, format);
	write_line(level, part, format, args);
	va_end(args);
}
