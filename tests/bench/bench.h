/* What the benchmarks share.  Failing ends the program. */
#ifndef BENCH_BENCH_H
#define BENCH_BENCH_H

#include <time.h>

#include "feeds/bytes.h"

/* Seconds of a clock. */
double bench_seconds(clockid_t clock);

/* A whole file, mapped; never unmapped. */
struct kith_slice bench_map(const char *path);

/* Takes the next line off text; *value is the message in it, bare or within
 * {key,value,timestamp}.  False at the end. */
bool bench_next(struct kith_slice *text, struct kith_slice *value);

/* VmHWM, RssAnon and the like, in KiB; 0 if there is no such line. */
unsigned long bench_memory(const char *name);

/* Bytes that this process has written, whatever the file system makes of
 * them. */
unsigned long long bench_written(void);

/* Prints "bench: what: text" and ends the program. */
_Noreturn void bench_fail(const char *what, const char *text);

#endif
