#include "tests/bench/bench.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "feeds/json.h"

double bench_seconds(clockid_t clock)
{
	struct timespec t;

	clock_gettime(clock, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

struct kith_slice bench_map(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;
	void *p;

	if (fd < 0 || fstat(fd, &st) || !st.st_size)
		bench_fail(path, "cannot be read, or is empty");
	p = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (p == MAP_FAILED)
		bench_fail(path, "cannot be mapped");
	return (struct kith_slice){ p, (size_t)st.st_size };
}

bool bench_next(struct kith_slice *text, struct kith_slice *value)
{
	const uint8_t *end;
	size_t n;

	if (!text->n)
		return false;
	end = memchr(text->p, '\n', text->n);
	n = end ? (size_t)(end - text->p) : text->n;
	*value = (struct kith_slice){ text->p, n };
	if (n > 7 && !memcmp(text->p, "{\"key\":", 7))
		*value = json_get(*value, "value");
	text->p += end ? n + 1 : n;
	text->n -= end ? n + 1 : n;
	return true;
}

unsigned long bench_memory(const char *name)
{
	FILE *f = fopen("/proc/self/status", "r");
	size_t n = strlen(name);
	unsigned long kib = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, name, n) && line[n] == ':')
			kib = strtoul(line + n + 1, NULL, 10);
	if (f)
		fclose(f);
	return kib;
}

unsigned long long bench_written(void)
{
	FILE *f = fopen("/proc/self/io", "r");
	unsigned long long bytes = 0;
	char line[128];

	while (f && fgets(line, sizeof(line), f))
		if (!strncmp(line, "wchar:", 6))
			bytes = strtoull(line + 6, NULL, 10);
	if (f)
		fclose(f);
	return bytes;
}

void bench_fail(const char *what, const char *text)
{
	fprintf(stderr, "bench: %s: %s\n", what, text);
	exit(1);
}
