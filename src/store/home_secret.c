#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/secret.h"
#include "src/log.h"
#include "src/store/store_private.h"

enum { SECRET_MODE = 0400, FOR_OTHERS = 0077 };

static const char NAME[] = "secret", UNFINISHED[] = "secret.new";

/* The owner only may read it; others' doing is undone and told. */
static enum kith_err check_mode(int fd, struct kith_error *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return home_fail(e, errno, "cannot read", NAME);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return kith_fail(e, KITH_EDENIED, 0,
				 "secret is not a file of this user");
	if (!(st.st_mode & FOR_OTHERS))
		return KITH_OK;
	if (fchmod(fd, SECRET_MODE))
		return home_fail(e, errno, "cannot close to others", NAME);
	log_warn(LOG_STORE, "secret was open to other users, mode=%04o; it is "
		 "closed now", (unsigned)st.st_mode & 07777);
	return KITH_OK;
}

/* Reads the text into out, which never grows: no copy stays behind. */
static enum kith_err read_text(const struct home *h, struct kith_buf *out,
			       struct kith_error *e)
{
	enum kith_err err;
	int fd;

	if (!kith_buf_reserve(out, out->limit))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	fd = openat(h->folder, NAME, O_RDONLY | O_CLOEXEC);
	if (fd < 0 && errno == ENOENT)
		return kith_fail(e, KITH_ENOENT, 0, "there is no identity in "
				 "%s: kith init makes one", h->path);
	if (fd < 0)
		return home_fail(e, errno, "cannot read", NAME);
	err = check_mode(fd, e);
	close(fd);
	return err ? err : home_read(h, NAME, out, e);
}

enum kith_err home_secret_read(const struct home *h, struct kith_signer **out,
			       struct kith_error *e)
{
	struct kith_buf text = { .limit = KITH_SECRET_FILE_BYTES_MAX };
	enum kith_err err = read_text(h, &text, e);

	if (!err)
		err = kith_secret_decode(kith_bytes(&text), out, e);
	if (text.p)
		sodium_memzero(text.p, text.cap);
	kith_buf_free(&text);
	return err;
}

enum kith_err home_identity(const struct home *h, struct kith_feed_id *out,
			    struct kith_error *e)
{
	struct kith_signer *s = NULL;
	enum kith_err err = home_secret_read(h, &s, e);

	if (!err)
		*out = *kith_signer_id(s);
	kith_signer_free(s);
	return err;
}

static int write_unfinished(const struct home *h, struct kith_slice text)
{
	int fd, err;

	/* What a crash left there was nobody's key yet. */
	if (unlinkat(h->folder, UNFINISHED, 0) && errno != ENOENT)
		return errno;
	fd = openat(h->folder, UNFINISHED,
		    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, SECRET_MODE);
	if (fd < 0)
		return errno;
	err = home_write_all(fd, text);
	return close(fd) && !err ? errno : err;
}

/* A crash in the middle must not leave half a key, which no later init would
 * dare to replace: so the whole file gets its name at once.  Unlike a rename,
 * a link never replaces one that is there. */
static int create(const struct home *h, struct kith_slice text)
{
	int err = write_unfinished(h, text);

	if (!err && linkat(h->folder, UNFINISHED, h->folder, NAME, 0))
		err = errno;
	unlinkat(h->folder, UNFINISHED, 0);
	if (!err && fsync(h->folder))
		err = errno;
	return err;
}

enum kith_err home_secret_create(const struct home *h,
				 const struct kith_signer *s,
				 struct kith_error *e)
{
	struct kith_buf text = { .limit = KITH_SECRET_FILE_BYTES_MAX };
	enum kith_err err;
	int rc;

	if (!kith_buf_reserve(&text, text.limit))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	kith_secret_encode(s, &text);
	err = text.err;
	if (!err) {
		rc = create(h, kith_bytes(&text));
		err = rc ? home_fail(e, rc, "cannot create", NAME) : KITH_OK;
	}
	sodium_memzero(text.p, text.cap);
	kith_buf_free(&text);
	return err;
}
