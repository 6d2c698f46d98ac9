/*
 * The log: one line an event on stderr, for every layer but the pure ones.
 *
 * Lower case, no full stop, key=value for what a script may want.  What a peer
 * can cause is limited by log_limited, so that no peer fills a disk.  Any
 * thread.  Control characters are escaped.
 */
#ifndef SRC_LOG_H
#define SRC_LOG_H

#include <stdbool.h>
#include <stdint.h>

enum log_level {
	LOG_LEVEL_ERROR,
	LOG_LEVEL_WARN,
	LOG_LEVEL_INFO,
	LOG_LEVEL_DEBUG
};

/* The part of the program that speaks. */
enum log_part {
	LOG_MAIN,
	LOG_STORE,
	LOG_INGEST,
	LOG_PEER,
	LOG_RPC,
	LOG_NET,
	LOG_CONFIG,
	LOG_DEPOT
};

/* Set once, before threads start; INFO otherwise. */
void log_set_level(enum log_level level);
/* For a program that a person runs, also set once: warnings and errors only,
 * as "name: text".  Keeps a view of name. */
void log_set_program(const char *name);
bool log_level_parse(const char *name, enum log_level *out);

void log_line(enum log_level level, enum log_part part, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

#define log_error(part, ...) log_line(LOG_LEVEL_ERROR, part, __VA_ARGS__)
#define log_warn(part, ...)  log_line(LOG_LEVEL_WARN, part, __VA_ARGS__)
#define log_info(part, ...)  log_line(LOG_LEVEL_INFO, part, __VA_ARGS__)
#define log_debug(part, ...) log_line(LOG_LEVEL_DEBUG, part, __VA_ARGS__)

/* Embedded, zeroed: lets a few lines through each minute and counts the rest;
 * the next line that passes says how many were left out. */
struct log_limit {
	int64_t minute_ms;
	uint32_t lines, left_out;
};
void log_limited(struct log_limit *limit, enum log_level level,
		 enum log_part part, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

#endif
