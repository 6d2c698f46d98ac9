/*
 * Drives `kith verify --as` over vectors, and holds what it says against the
 * verdicts that they record of other implementations:
 *
 *	recorded [FILE...]
 *
 * FILE is laid out as classic-hard/cases.jsonl (a case a line) or as
 * classic-edge-cases.json (a document with an array of them).  Without any
 * they are our copies of these two, in $SRCDIR; the command is in $BUILDDIR.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "feeds/base64.h"
#include "feeds/json.h"
#include "tests/vectors/recorded.h"

enum {
	CASES_MAX = 4096,
	PATH_BYTES = 4096,
	TEXT_BYTES_MAX = 64 << 20,
	SHOWN_MAX = 20,
	NAME_BYTES = 32
};

struct one {
	struct kith_slice json;
	struct kith_slice hmac; /* quoted; no n: none */
	unsigned lines_before;	/* those of the previous message */
	unsigned records;	/* that the command made of the case */
	bool accepted[KITH_PEERS];
	bool run;
};

struct cases {
	struct one *list;
	size_t n;
	const char *file;
	struct kith_buf text;
	unsigned agreed, wrong;
};

static void die(const char *what)
{
	fprintf(stderr, "recorded: %s: %s\n", what, strerror(errno));
	exit(99);
}

static bool has(struct kith_slice s)
{
	return json_kind(s) == JSON_KIND_STRING;
}

static void read_all(FILE *f, struct kith_buf *out)
{
	uint8_t chunk[8192];
	size_t n;

	while ((n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		kith_buf_put(out, (struct kith_slice){ chunk, n });
	if (out->err)
		die("reading");
}

static void add_case(struct cases *c, struct kith_slice json)
{
	if (c->n == CASES_MAX || json_kind(json) != JSON_KIND_OBJECT)
		return;
	c->list[c->n++] = (struct one){ .json = json,
					.hmac = json_get(json, "hmac") };
}

static void list_lines(struct cases *c)
{
	const uint8_t *p = c->text.p, *end = p + c->text.n, *stop;
	struct kith_slice line, json;

	for (; p < end; p = stop + 1) {
		stop = memchr(p, '\n', (size_t)(end - p));
		stop = stop ? stop : end;
		line = (struct kith_slice){ p, (size_t)(stop - p) };
		if (!json_check(line, &json, NULL))
			add_case(c, json);
	}
}

static void list_cases(struct cases *c)
{
	struct kith_slice document, one;
	size_t at = 0;

	if (json_check(kith_bytes(&c->text), &document, NULL)) {
		list_lines(c);
		return;
	}
	while (json_next_element(json_get(document, "cases"), &at, &one))
		add_case(c, one);
}

static void put_line(FILE *f, struct kith_slice value, unsigned *lines)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };

	if (!json_unescape(value, &text))
		die("a message that is no text");
	if (text.n)
		fwrite(text.p, 1, text.n, f);
	fputc('\n', f);
	for (size_t i = 0; lines && i < text.n; i++)
		*lines += text.p[i] == '\n';
	if (lines)
		++*lines;
	kith_buf_free(&text);
}

/* The file case-N: the message before, if there is one, and the case's. */
static void write_case(struct one *one, size_t number)
{
	struct kith_slice raw = json_get(one->json, "raw");
	struct kith_slice before = json_get(one->json, "prev_raw");
	char name[NAME_BYTES];
	FILE *f;

	snprintf(name, sizeof(name), "case-%zu", number);
	f = fopen(name, "wb");
	if (!f)
		die(name);
	if (has(before))
		put_line(f, before, &one->lines_before);
	put_line(f, has(raw) ? raw : json_get(one->json, "wire"), NULL);
	if (fclose(f))
		die(name);
}

/* A record that the command printed. */
static void take_record(struct cases *c, struct kith_slice record)
{
	struct kith_slice source = json_plain(json_get(record, "source"));
	struct kith_slice digits = { source.p + 5, source.n - 5 }, verdict;
	uint64_t number = 0, line = 0;
	size_t at = 0;
	struct one *one;

	if (source.n < 6 || !json_uint(digits, &number) || number >= c->n ||
	    !json_uint(json_get(record, "line"), &line))
		die("a record of no case");
	one = &c->list[number];
	if (line <= one->lines_before)
		return;
	one->records++;
	while (json_next_element(json_get(record, "verdicts"), &at, &verdict))
		for (unsigned i = 0; i < KITH_PEERS; i++)
			if (json_is(json_get(verdict, "peer"),
				    kith_peer_name((enum kith_peer)i)))
				one->accepted[i] = json_is(
					json_get(verdict, "state"), "accept");
}

/* Starts the command; what it prints comes from the file given. */
static FILE *start(char *const *argv, pid_t *pid)
{
	int fds[2];
	FILE *f;

	if (pipe(fds))
		die("pipe");
	*pid = fork();
	if (*pid < 0)
		die("fork");
	if (*pid == 0) {
		dup2(fds[1], STDOUT_FILENO);
		close(fds[0]);
		close(fds[1]);
		execv(argv[0], argv);
		_exit(127);
	}
	close(fds[1]);
	f = fdopen(fds[0], "r");
	if (!f)
		die("pipe");
	return f;
}

static void take_output(struct cases *c, char *const *argv)
{
	struct kith_slice json;
	char *line = NULL;
	size_t cap = 0;
	ssize_t n;
	int status;
	pid_t pid;
	FILE *f = start(argv, &pid);

	while ((n = getline(&line, &cap, f)) > 0)
		if (!json_check((struct kith_slice){ (uint8_t *)line,
						     (size_t)n }, &json, NULL))
			take_record(c, json);
	free(line);
	fclose(f);
	if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status) ||
	    WEXITSTATUS(status) > 1)
		die("kith");
}

/* Runs the command on all cases of that network key. */
static void run_command(struct cases *c, struct kith_slice hmac)
{
	static char verify[] = "verify", json[] = "--json", as[] = "--as",
		    whole[] = "--whole", k[] = "--hmac",
		    list[] = "all,tweetnacl,rust-npm";
	struct kith_slice key = json_plain(hmac);
	char **argv = calloc(c->n + 16, sizeof(*argv));
	char kith[PATH_BYTES], text[PATH_BYTES];
	char (*names)[NAME_BYTES] = calloc(c->n + 1, sizeof(*names));
	size_t n = 0;

	if (!argv || !names)
		die("memory");
	snprintf(kith, sizeof(kith), "%s/tools/kith", getenv("BUILDDIR"));
	argv[n++] = kith;
	argv[n++] = verify;
	argv[n++] = json;
	argv[n++] = whole;
	argv[n++] = as;
	argv[n++] = list;
	if (key.n) {
		snprintf(text, sizeof(text), "%.*s", (int)key.n,
			 (const char *)key.p);
		argv[n++] = k;
		argv[n++] = text;
	}
	for (size_t i = 0; i < c->n; i++) {
		if (!kith_equal(c->list[i].hmac, hmac))
			continue;
		c->list[i].run = true;
		snprintf(names[i], NAME_BYTES, "case-%zu", i);
		argv[n++] = names[i];
	}
	take_output(c, argv);
	free(names);
	free(argv);
}

/* 32 bytes, or none at all. */
static bool is_key(struct kith_slice hmac)
{
	uint8_t key[KITH_HMAC_BYTES];

	return !has(hmac) || base64_decode(json_plain(hmac), key, sizeof(key));
}

static void complain(struct cases *c, size_t number, enum kith_peer peer,
		     bool expected)
{
	struct kith_slice name = json_get(c->list[number].json, "desc");

	if (!has(name))
		name = json_get(c->list[number].json, "name");
	if (c->wrong++ >= SHOWN_MAX)
		return;
	printf("%s: case %zu %.*s: %s %s it, the command says otherwise\n",
	       c->file, number, (int)name.n, (const char *)name.p,
	       kith_peer_name(peer), expected ? "takes" : "refuses");
}

/* {key,value,...}: the command judges the value. */
static bool is_wrapped(const struct one *one)
{
	struct kith_buf text = { .limit = TEXT_BYTES_MAX };
	struct kith_slice json, value = { NULL, 0 };

	if (json_unescape(json_get(one->json, "raw"), &text) &&
	    !json_check(kith_bytes(&text), &json, NULL))
		value = json_get(json, "value");
	kith_buf_free(&text);
	return value.n;
}

static void compare(struct cases *c, size_t number)
{
	const struct one *one = &c->list[number];
	struct kith_slice record = json_get(one->json, "ref"), key, value;
	bool expected = false, said;
	size_t at = 0;

	if (!record.n)
		record = one->json;
	if (is_wrapped(one))
		return;
	while (json_next_member(record, &at, &key, &value)) {
		enum kith_peer peer = recorded_peer(key);

		if (peer == KITH_PEERS || !recorded_verdict(value, &expected))
			continue;
		/* Text that is several lines is several things to say no to,
		 * and an empty one is none. */
		said = one->records == 1 && one->accepted[peer];
		if (said == expected)
			c->agreed++;
		else
			complain(c, number, peer, expected);
	}
}

static void run_file(const char *name, unsigned *agreed, unsigned *wrong)
{
	struct cases c = { .file = name, .text.limit = TEXT_BYTES_MAX };
	FILE *f = fopen(name, "rb");

	c.list = calloc(CASES_MAX, sizeof(*c.list));
	if (!f || !c.list)
		die(name);
	read_all(f, &c.text);
	fclose(f);
	list_cases(&c);
	for (size_t i = 0; i < c.n; i++)
		write_case(&c.list[i], i);
	for (size_t i = 0; i < c.n; i++)
		if (!c.list[i].run && is_key(c.list[i].hmac))
			run_command(&c, c.list[i].hmac);
	for (size_t i = 0; i < c.n; i++)
		if (c.list[i].run) /* others are no key that kith takes */
			compare(&c, i);
	*agreed += c.agreed;
	*wrong += c.wrong;
	kith_buf_free(&c.text);
	free(c.list);
}

/* A folder of its own to work in. */
static void enter_folder(char *path, size_t size)
{
	const char *root = getenv("TMPDIR");

	snprintf(path, size, "%s/kith-recorded.XXXXXX", root ? root : "/tmp");
	if (!mkdtemp(path) || chdir(path))
		die(path);
}

static void leave_folder(const char *path)
{
	char name[NAME_BYTES];

	for (size_t i = 0; i < CASES_MAX; i++) {
		snprintf(name, sizeof(name), "case-%zu", i);
		unlink(name);
	}
	if (chdir("/") || rmdir(path))
		die(path);
}

int main(int argc, char **argv)
{
	static const char *const ours[] = {
		"own/classic-hard/cases.jsonl",
		"protocol/classic-edge-cases.json",
	};
	char folder[PATH_BYTES], path[2 * PATH_BYTES], *files[64];
	unsigned agreed = 0, wrong = 0;
	int count = 0;

	if (!getenv("BUILDDIR") || !getenv("SRCDIR"))
		die("BUILDDIR and SRCDIR");
	for (int i = 1; i < argc && count < 64; i++)
		files[count++] = realpath(argv[i], NULL);
	enter_folder(folder, sizeof(folder));
	for (int i = 0; i < count; i++)
		run_file(files[i] ? files[i] : argv[i + 1], &agreed, &wrong);
	for (size_t i = 0; argc < 2 && i < 2; i++) {
		snprintf(path, sizeof(path), "%s/tests/vectors/%s",
			 getenv("SRCDIR"), ours[i]);
		run_file(path, &agreed, &wrong);
	}
	leave_folder(folder);
	printf("%u verdicts agree, %u do not\n", agreed, wrong);
	return wrong || !agreed;
}
