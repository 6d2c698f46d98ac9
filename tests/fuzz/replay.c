/*
 * Runs a fuzz target on the empty input, then on every file of its corpus and
 * on every beginning of the short ones.  A target named fuzz_NAME finds its
 * corpus in $SRCDIR/tests/fuzz/corpus/NAME, or in the folder it is given.
 */
#include "tests/fuzz/replay.h"

#include <dirent.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { INPUT_BYTES_MAX = 1 << 20, CUT_BYTES_MAX = 2048 };

/* A copy of exactly n bytes lets the sanitizers see every byte too far. */
static void replay(const uint8_t *bytes, size_t n)
{
	uint8_t *copy = malloc(n ? n : 1);

	if (!copy)
		abort();
	memcpy(copy, bytes, n);
	LLVMFuzzerTestOneInput(copy, n);
	free(copy);
}

static bool replay_file(const char *path)
{
	static uint8_t bytes[INPUT_BYTES_MAX];
	FILE *f = fopen(path, "rb");
	size_t n;

	if (!f)
		return false;
	n = fread(bytes, 1, sizeof(bytes), f);
	fclose(f);
	replay(bytes, n);
	for (size_t cut = 1; n <= CUT_BYTES_MAX && cut < n; cut++)
		replay(bytes, cut);
	return true;
}

static size_t replay_dir(const char *dir)
{
	DIR *d = chdir(dir) == 0 ? opendir(".") : NULL;
	size_t inputs = 0;

	for (struct dirent *e; d && (e = readdir(d));)
		if (e->d_name[0] != '.')
			inputs += replay_file(e->d_name);
	if (d)
		closedir(d);
	return inputs;
}

int main(int argc, char **argv)
{
	const char *source = getenv("SRCDIR");
	const char *program = strrchr(argv[0], '/');
	const char *name = strstr(program ? program : argv[0], "fuzz_");
	char dir[4096];
	size_t inputs;

	if (!name || argc > 2) {
		fprintf(stderr, "usage: fuzz_NAME [FOLDER]\n");
		return 2;
	}
	snprintf(dir, sizeof(dir), "%s/tests/fuzz/corpus/%s",
		 source ? source : ".", name + strlen("fuzz_"));
	replay((const uint8_t *)"", 0);
	inputs = replay_dir(argc == 2 ? argv[1] : dir);
	printf("%s: %zu inputs\n", name, inputs);
	if (inputs == 0)
		fprintf(stderr, "%s: no corpus in %s\n", name, dir);
	return inputs == 0;
}
