/*
 * Runs vectors of the protocol against our code:
 *
 *	run [DIR...]
 *
 * DIR is a folder of sets, at any depth, or one set; without any they are
 * $SRCDIR/tests/vectors/own and protocol.  A line a set, a line a rule, and
 * the first failures; the last line counts them all.  Exits 1 when a case
 * failed or there was none, 2 when a folder cannot be read.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "feeds/json.h"
#include "tests/vectors/trial.h"

enum {
	PATH_BYTES = 4096,
	RULES_MAX = 16,
	FAILURES_SHOWN = 5,
	DOCUMENT_BYTES_MAX = 64 << 20
};

static const struct vector_set *const families[] = {
	sets_classic, sets_json, sets_notes,	sets_refs, sets_address,
	sets_shs,     sets_wire, sets_verdict,	sets_box1, sets_private,
};

enum { FAMILIES = sizeof(families) / sizeof(families[0]) };

struct rule_count {
	const char *name;
	size_t cases;
};

/* What the cases of one folder gave. */
struct tally {
	const char *folder, *name; /* its path; as printed */
	size_t passed, failed;
	struct rule_count rules[RULES_MAX];
	char failures[FAILURES_SHOWN][TRIAL_WHY_BYTES + 256];
};

struct totals {
	size_t passed, failed, skipped;
	bool unreadable;
};

static void count_rule(struct tally *sum, const char *rule)
{
	size_t i = 0;

	while (i < RULES_MAX - 1 && sum->rules[i].name &&
	       strcmp(sum->rules[i].name, rule) != 0)
		i++;
	sum->rules[i].name = rule;
	sum->rules[i].cases++;
}

static void count_case(struct tally *sum, const struct trial *t,
		       const char *file, size_t line)
{
	if (t->rule)
		count_rule(sum, t->rule);
	if (!t->why[0]) {
		sum->passed++;
		return;
	}
	if (sum->failed < FAILURES_SHOWN)
		snprintf(sum->failures[sum->failed],
			 sizeof(sum->failures[0]), "%s:%zu: %s", file, line,
			 t->why);
	sum->failed++;
}

static void run_case(const struct vector_set *set, struct trial *t)
{
	struct kith_error e = { 0 };

	t->json = (struct kith_slice){ NULL, 0 };
	if (!set->csv && json_check(t->line, &t->json, &e))
		trial_fail(t, "not JSON: %s", e.text);
	else
		set->run(t);
}

static void run_element(const struct vector_set *set, struct trial *t,
			struct kith_slice element, struct tally *sum,
			size_t number)
{
	if (json_kind(element) != JSON_KIND_OBJECT)
		return;
	trial_clear(t, false);
	t->line = t->json = element;
	set->run(t);
	count_case(sum, t, set->file, number);
}

static size_t run_lists(const struct vector_set *set, struct trial *t,
			struct tally *sum)
{
	struct kith_slice value, element;
	size_t at = 0, number = 0;

	while (json_next_member(t->document, &at, &t->list, &value)) {
		size_t i = 0;

		t->tip = (struct kith_tip){ 0 };
		while (json_next_element(value, &i, &element))
			run_element(set, t, element, sum, ++number);
	}
	return number;
}

/* A document is one JSON object.  Its cases are the elements of its arrays,
 * or, where it has none, its members. */
static void run_document(const struct vector_set *set, struct trial *t,
			 struct tally *sum)
{
	struct kith_slice value;
	size_t at = 0, number = 0;

	if (run_lists(set, t, sum))
		return;
	while (json_next_member(t->document, &at, &t->list, &value))
		run_element(set, t, value, sum, ++number);
}

/* Reads a whole file; false and nothing to free: it cannot be read. */
static bool read_document(const char *path, struct kith_buf *out)
{
	FILE *f = fopen(path, "r");
	uint8_t chunk[4096];
	size_t n;
	bool done;

	if (!f)
		return false;
	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		kith_buf_put(out, (struct kith_slice){ chunk, n });
	done = !ferror(f) && !out->err;
	fclose(f);
	if (!done)
		kith_buf_free(out);
	return done;
}

static bool run_whole(const struct vector_set *set, const char *path,
		      struct tally *sum)
{
	struct kith_buf text = { .limit = DOCUMENT_BYTES_MAX };
	struct kith_error e = { 0 };
	struct trial t = { .folder = sum->folder };

	if (!read_document(path, &text))
		return false;
	if (json_check(kith_bytes(&text), &t.document, &e)) {
		trial_fail(&t, "not JSON: %s", e.text);
		count_case(sum, &t, set->file, 0);
	} else {
		run_document(set, &t, sum);
	}
	trial_clear(&t, true);
	kith_buf_free(&text);
	return true;
}

static bool run_lines(const struct vector_set *set, const char *path,
		      struct tally *sum)
{
	FILE *f = fopen(path, "r");
	struct trial t = { .folder = sum->folder };
	char *line = NULL;
	size_t cap = 0, number = 0;
	ssize_t n;

	if (!f)
		return false;
	while ((n = getline(&line, &cap, f)) >= 0) {
		number++;
		while (n > 0 && (line[n - 1] == '\n' || line[n - 1] == '\r'))
			n--;
		if (n == 0)
			continue;
		trial_clear(&t, false);
		t.line = (struct kith_slice){ (uint8_t *)line, (size_t)n };
		run_case(set, &t);
		count_case(sum, &t, set->file, number);
	}
	trial_clear(&t, true);
	free(line);
	fclose(f);
	return true;
}

/* A line is a case, but in a document of JSON. */
static bool run_file(const struct vector_set *set, const char *path,
		     struct tally *sum)
{
	const char *dot = strrchr(path, '.');

	if (!set->run)
		return true;
	return dot && !strcmp(dot, ".json") ? run_whole(set, path, sum) :
					      run_lines(set, path, sum);
}

static const struct vector_set *find_set(const char *folder, size_t n,
					 const char *file)
{
	for (size_t i = 0; i < FAMILIES; i++)
		for (const struct vector_set *s = families[i]; s->folder; s++)
			if (strlen(s->folder) == n &&
			    !memcmp(s->folder, folder, n) &&
			    (!file || !strcmp(s->file, file)))
				return s;
	return NULL;
}

/* The row for file of the set that the last known folder of name is. */
static const struct vector_set *set_of(const char *name, const char *file)
{
	size_t end = strlen(name);

	while (end > 0) {
		size_t start = end;

		while (start > 0 && name[start - 1] != '/')
			start--;
		if (find_set(name + start, end - start, NULL))
			return find_set(name + start, end - start, file);
		end = start > 0 ? start - 1 : 0;
	}
	return NULL;
}

static bool is_vectors(const char *name)
{
	const char *dot = strrchr(name, '.');

	return dot && (!strcmp(dot, ".jsonl") || !strcmp(dot, ".csv") ||
		       !strcmp(dot, ".json"));
}

static void print_tally(const struct tally *sum)
{
	printf("%s: %zu passed, %zu failed\n", sum->name, sum->passed,
	       sum->failed);
	for (size_t i = 0; i < RULES_MAX && sum->rules[i].name; i++)
		printf("  rule %s: %zu cases\n", sum->rules[i].name,
		       sum->rules[i].cases);
	for (size_t i = 0; i < FAILURES_SHOWN && i < sum->failed; i++)
		printf("  failed %s\n", sum->failures[i]);
}

/* Runs one file of a folder, or says that nobody knows it. */
static void visit_file(const char *folder, const char *name,
		       struct tally *sum, struct totals *all)
{
	const struct vector_set *set = set_of(sum->name, name);
	char path[PATH_BYTES];

	if (!is_vectors(name))
		return;
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	if (!set) {
		printf("%s/%s: unknown, skipped\n", sum->name, name);
		all->skipped++;
	} else if (!run_file(set, path, sum)) {
		printf("%s/%s: cannot be read\n", sum->name, name);
		all->unreadable = true;
	}
}

static int visible(const struct dirent *e)
{
	return e->d_name[0] != '.';
}

/* name: how the folder is called in what we print. */
static void visit(const char *folder, const char *name, struct totals *all)
{
	struct tally sum = { .folder = folder, .name = name };
	char path[PATH_BYTES], below[PATH_BYTES];
	struct dirent **entries;
	struct stat st;
	int n = scandir(folder, &entries, visible, alphasort);

	if (n < 0) {
		fprintf(stderr, "run: %s: cannot be read\n", folder);
		all->unreadable = true;
		return;
	}
	for (int i = 0; i < n; i++) {
		const char *entry = entries[i]->d_name;

		snprintf(path, sizeof(path), "%s/%s", folder, entry);
		snprintf(below, sizeof(below), "%s%s%s", name,
			 *name ? "/" : "", entry);
		if (stat(path, &st) == 0 && S_ISDIR(st.st_mode))
			visit(path, below, all);
		else
			visit_file(folder, entry, &sum, all);
		free(entries[i]);
	}
	free(entries);
	if (sum.passed + sum.failed > 0)
		print_tally(&sum);
	all->passed += sum.passed;
	all->failed += sum.failed;
}

/* A set that is named itself goes by its own name, a folder of sets by none.
 */
static void visit_root(char *dir, struct totals *all)
{
	char full[PATH_BYTES];
	const char *name;

	if (!realpath(dir, full)) {
		fprintf(stderr, "run: %s: cannot be read\n", dir);
		all->unreadable = true;
		return;
	}
	name = strrchr(full, '/') + 1;
	visit(full, find_set(name, strlen(name), NULL) ? name : "", all);
}

static void visit_ours(const char *root, const char *folder,
		       struct totals *all)
{
	char path[PATH_BYTES];

	snprintf(path, sizeof(path), "%s/tests/vectors/%s", root, folder);
	visit_root(path, all);
}

int main(int argc, char **argv)
{
	const char *root = getenv("SRCDIR");
	struct totals all = { 0 };

	if (kith_init())
		return 2;
	if (argc < 2) {
		visit_ours(root ? root : ".", "own", &all);
		visit_ours(root ? root : ".", "protocol", &all);
	}
	for (int i = 1; i < argc; i++)
		visit_root(argv[i], &all);
	printf("%zu passed, %zu failed", all.passed, all.failed);
	if (all.skipped)
		printf(", %zu skipped", all.skipped);
	printf("\n");
	if (all.unreadable)
		return 2;
	return all.failed > 0 || all.passed == 0;
}
