#include "tools/from/ssb.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "feeds/secret_seal.h"
#include "src/store/ask.h"
#include "tools/text/text.h"

bool ssb_explain(const char *path)
{
	struct ssb_folder f;
	char size[TEXT_SIZE_BYTES];

	if (ssb_folder_look(path, &f, NULL) || !ssb_folder_is_foreign(&f))
		return false;
	tool_note("%s is the folder of another Scuttlebutt program; kith reads "
		  "there, and changes nothing:", path);
	for (int i = 0; i < SSB_ITEM_COUNT; i++) {
		if (!f.there[i])
			continue;
		text_size(f.bytes[i], size);
		tool_note("  %-16s %9s  %s", ssb_item_name((enum ssb_item)i),
			  f.bytes[i] ? size : "",
			  ssb_item_fate((enum ssb_item)i));
	}
	return true;
}

/* path, or the secret in it where it is a folder. */
static int open_secret(const char *path)
{
	char inside[PATH_MAX];
	struct stat st;
	int n;

	if (stat(path, &st))
		return -1;
	if (!S_ISDIR(st.st_mode))
		return open(path, O_RDONLY | O_CLOEXEC);
	n = snprintf(inside, sizeof(inside), "%s/secret", path);
	if (n < 0 || (size_t)n >= sizeof(inside)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return open(inside, O_RDONLY | O_CLOEXEC);
}

/* Into out, which never grows, so that no copy stays behind; one byte over
 * the limit is enough to be refused for. */
static int read_into(int fd, struct kith_buf *out)
{
	ssize_t n;

	if (!kith_buf_reserve(out, out->limit))
		return ENOMEM;
	while (out->n < out->limit) {
		n = read(fd, out->p + out->n, out->limit - out->n);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return errno;
		if (!n)
			return 0;
		out->n += (size_t)n;
	}
	return 0;
}

/* A file that kith sealed; the new home gets an open one. */
static int unseal(const char *path, struct kith_slice text,
		  const char *passphrase_file, struct kith_signer **out)
{
	struct kith_error e = { 0 };
	struct kith_buf passphrase;
	enum kith_err err = ask_init(&passphrase, &e);

	if (!err)
		err = ask_passphrase(passphrase_file,
				     "Passphrase of that identity: ",
				     &passphrase, &e);
	if (!err)
		err = kith_secret_unseal(text, kith_bytes(&passphrase), out,
					 &e);
	ask_clear(&passphrase);
	if (err)
		return tool_fail(EXIT_UNREADABLE, "%s: %s", path, e.text);
	tool_note("the key is not sealed in its new home: `kith passphrase` "
		  "seals it");
	return EXIT_DONE;
}

static int decode(const char *path, struct kith_slice text,
		  const char *passphrase_file, struct kith_signer **out)
{
	struct kith_error e = { 0 };

	if (kith_secret_is_sealed(text))
		return unseal(path, text, passphrase_file, out);
	if (kith_secret_decode(text, out, &e))
		return tool_fail(EXIT_UNREADABLE, "%s is no secret file: %s",
				 path, e.text);
	return EXIT_DONE;
}

int ssb_secret_read(const char *path, const char *passphrase_file,
		    struct kith_signer **out)
{
	struct kith_buf text = { .limit = KITH_SECRET_FILE_BYTES_MAX + 1 };
	int fd = open_secret(path), err, code;

	if (fd < 0)
		return tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", path,
				 strerror(errno));
	err = read_into(fd, &text);
	close(fd);
	if (err)
		code = tool_fail(EXIT_UNREADABLE, "cannot read %s: %s", path,
				 strerror(err));
	else
		code = decode(path, kith_bytes(&text), passphrase_file, out);
	if (text.p)
		sodium_memzero(text.p, text.cap);
	kith_buf_free(&text);
	return code;
}
