/* kithd: the daemon's command line. */
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "src/daemon/daemon.h"
#include "src/limits.h"
#include "src/store/signals.h"

/* Exit codes: protocol/16 section 2. */
enum { EXIT_DONE = 0, EXIT_FAILED = 1, EXIT_MISUSED = 2, EXIT_UNREADABLE = 3 };

/* For LIMIT_CONNECTIONS, each with as many blobs as it may be sent at once. */
enum { DESCRIPTORS = 8 * LIMIT_CONNECTIONS };

enum { SHOWN_BYTES = 64 }; /* of a path, in an error's text */

static const struct option long_options[] = {
	{ "home", required_argument, NULL, 'd' },
	{ "listen", required_argument, NULL, 'l' },
	{ "app-key", required_argument, NULL, 'k' },
	{ "hops", required_argument, NULL, 'n' },
	{ "config", required_argument, NULL, 'c' },
	{ "passphrase-file", required_argument, NULL, 'p' },
	{ "help-config", no_argument, NULL, 'C' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static const char usage[] =
	"usage: kithd [options]\n"
	"  --home DIR          the home folder; else $KITH_HOME, else ~/.kith\n"
	"  --listen HOST:PORT  where peers can connect\n"
	"  --app-key BASE64    the network, if not the main one\n"
	"  --hops N            how far the follow graph is replicated\n"
	"  --config FILE       instead of the file config in the home folder\n"
	"  --help-config       what may stand in it\n"
	"  --passphrase-file FILE  its first line opens a sealed secret\n"
	"  --version, --help\n";

/* What the command line said; NULL: nothing. */
struct arguments {
	const char *home, *listen, *app_key, *hops, *config, *passphrase_file;
};

/* malformed: the exit code of what was read and makes no sense. */
static int say(enum kith_err err, const struct kith_error *e, int malformed)
{
	fprintf(stderr, "kithd: %s\n", e->code ? e->text : kith_strerror(err));
	switch (err) {
	case KITH_EFORMAT:
	case KITH_ETOOBIG: return malformed;
	case KITH_ENOENT:
	case KITH_EDENIED:
	case KITH_EIO: return EXIT_UNREADABLE;
	default: return EXIT_FAILED;
	}
}

/* --- configuration --- */

/* The end of a long path: an error's text needs room for what is wrong. */
static const char *shown(const char *path, char out[static SHOWN_BYTES])
{
	size_t n = strlen(path);

	if (n < SHOWN_BYTES)
		return path;
	snprintf(out, SHOWN_BYTES, "...%s", path + n - (SHOWN_BYTES - 4));
	return out;
}

static enum kith_err cannot_read(const char *path, struct kith_error *e)
{
	char text[SHOWN_BYTES];

	return kith_fail(e, KITH_EIO, 0, "cannot read the configuration %s: %s",
			 shown(path, text), strerror(errno));
}

/* Not through the home, because --config may name any file. */
static enum kith_err read_file(const char *path, struct kith_buf *out,
			       struct kith_error *e)
{
	FILE *f = fopen(path, "rb");
	uint8_t chunk[4096];
	char text[SHOWN_BYTES];
	size_t n;

	if (!f)
		return cannot_read(path, e);
	while (!out->err && (n = fread(chunk, 1, sizeof(chunk), f)) > 0)
		kith_buf_put(out, (struct kith_slice){ chunk, n });
	if (ferror(f))
		cannot_read(path, e);
	else if (out->err)
		kith_fail(e, out->err, 0, "%s is longer than %zu bytes",
			  shown(path, text), out->limit);
	fclose(f);
	return e->code;
}

/* path: where it is. */
static enum kith_err read_home_config(const struct arguments *a,
				      struct kith_buf *out,
				      char path[static PATH_MAX],
				      struct kith_error *e)
{
	struct kith_error why = { 0 };
	struct home *home;
	enum kith_err err = home_open(a->home, false, &home, e);

	if (err)
		return err;
	err = home_read(home, "config", out, &why);
	if (err == KITH_ENOENT)
		err = KITH_OK;
	else if (err)
		kith_fail(e, err, 0, "%s", why.text);
	else if (home_file(home, "config", path, PATH_MAX))
		err = kith_fail(e, KITH_EFORMAT, 0, "the path of the home is "
				"too long");
	home_close(home);
	return err;
}

static enum kith_err read_config(const struct arguments *a, struct config *c,
				 struct kith_error *e)
{
	struct kith_buf text = { .limit = LIMIT_CONFIG_BYTES };
	struct kith_error why = { 0 };
	char path[PATH_MAX] = "", where[SHOWN_BYTES];
	unsigned unknown = 0;
	enum kith_err err = a->config ? read_file(a->config, &text, e)
				      : read_home_config(a, &text, path, e);

	if (!err && text.n) {
		err = config_read(c, kith_bytes(&text), &unknown, &why);
		if (err)
			kith_fail(e, err, 0, "%s: %s",
				  shown(a->config ? a->config : path, where),
				  why.text);
	}
	if (unknown)
		log_info(LOG_CONFIG, "options of other programs ignored: %u",
			 unknown);
	kith_buf_free(&text);
	return err;
}

/* The command line is stronger than the file. */
static enum kith_err apply(const struct arguments *a, struct config *c,
			   struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	if (a->listen)
		err = config_listen(c, a->listen, e);
	if (!err && a->app_key)
		err = config_set(c, "caps.shs", a->app_key, e);
	if (!err && a->hops)
		err = config_set(c, "friends.hops", a->hops, e);
	return err;
}

/* --- running --- */

static int run(const struct arguments *a)
{
	struct kith_error e = { 0 };
	struct config config;
	struct daemon *d;
	enum log_level level;
	enum kith_err err;

	config_init(&config);
	err = read_config(a, &config, &e);
	if (!err)
		err = apply(a, &config, &e);
	if (err)
		return say(err, &e, EXIT_MISUSED);
	if (log_level_parse(config.log_level, &level))
		log_set_level(level);
	config.passphrase_file = a->passphrase_file;
	err = daemon_open(&config, a->home, &d, &e);
	if (err)
		return say(err, &e, EXIT_UNREADABLE);
	err = daemon_run(d, &e);
	daemon_close(d);
	return err ? say(err, &e, EXIT_UNREADABLE) : EXIT_DONE;
}

/* Each connection may have some files open besides.  Fewer do, with errors
 * where there are too many. */
static void ask_for_descriptors(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) || files.rlim_cur >= DESCRIPTORS)
		return;
	files.rlim_cur = files.rlim_max < DESCRIPTORS ? files.rlim_max
						      : DESCRIPTORS;
	if (setrlimit(RLIMIT_NOFILE, &files))
		log_warn(LOG_MAIN, "few files can be open at once");
}

int main(int argc, char **argv)
{
	struct arguments a = { 0 };
	int option;

	while ((option = getopt_long(argc, argv, "", long_options, NULL)) != -1)
		switch (option) {
		case 'd': a.home = optarg; break;
		case 'l': a.listen = optarg; break;
		case 'k': a.app_key = optarg; break;
		case 'n': a.hops = optarg; break;
		case 'c': a.config = optarg; break;
		case 'p': a.passphrase_file = optarg; break;
		case 'C': config_help(stdout); return EXIT_DONE;
		case 'h': fputs(usage, stdout); return EXIT_DONE;
		case 'V': puts("kithd " PACKAGE_VERSION); return EXIT_DONE;
		default: fputs(usage, stderr); return EXIT_MISUSED;
		}
	if (optind < argc) {
		fputs(usage, stderr);
		return EXIT_MISUSED;
	}
	if (!home_forbid_core())
		log_warn(LOG_MAIN, "core files are not forbidden");
	ask_for_descriptors();
	store_signals();
	if (kith_init()) {
		fputs("kithd: the system has no random source\n", stderr);
		return EXIT_FAILED;
	}
	return run(&a);
}
