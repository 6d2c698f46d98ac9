#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "feeds/secret_seal.h"
#include "src/log.h"
#include "src/store/ask.h"
#include "src/store/store_private.h"

enum { SECRET_MODE = 0400, FOR_OTHERS = 0077 };

static const char NAME[] = "secret", UNFINISHED[] = "secret.new";

/* The owner only may read it; others' doing is undone and told, but not in the
 * folder of another program. */
static enum kith_err check_mode(const struct home *h, int fd,
				struct kith_error *e)
{
	struct stat st;

	if (fstat(fd, &st))
		return home_fail(e, errno, "cannot read", NAME);
	if (!S_ISREG(st.st_mode) || st.st_uid != geteuid())
		return kith_fail(e, KITH_EDENIED, 0,
				 "secret is not a file of this user");
	if (!(st.st_mode & FOR_OTHERS) || home_check_ours(h, NULL))
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
	if (fd < 0 && errno == ENOENT && h->other)
		return read_text(h->other, out, e);
	if (fd < 0 && errno == ENOENT)
		return kith_fail(e, KITH_ENOENT, 0, "there is no identity in "
				 "%s: `kith init` makes one", h->path);
	if (fd < 0)
		return home_fail(e, errno, "cannot read", NAME);
	err = check_mode(h, fd, e);
	close(fd);
	return err ? err : home_read(h, NAME, out, e);
}

enum kith_err home_secret_text(const struct home *h, struct kith_buf *out,
			       struct kith_error *e)
{
	enum kith_err err;

	*out = (struct kith_buf){ .limit = KITH_SECRET_FILE_BYTES_MAX };
	err = read_text(h, out, e);
	if (err)
		ask_clear(out);
	return err;
}

static enum kith_err unseal(const struct home *h, struct kith_slice text,
			    struct kith_signer **out, struct kith_error *e)
{
	struct kith_buf passphrase;
	enum kith_err err = ask_init(&passphrase, e);

	if (!err)
		err = ask_passphrase(h->passphrase_file,
				     "Passphrase of this identity: ",
				     &passphrase, e);
	if (!err)
		err = kith_secret_unseal(text, kith_bytes(&passphrase), out,
					 e);
	ask_clear(&passphrase);
	return err;
}

/* The reason alone would not say of what. */
static enum kith_err of_secret(enum kith_err err, const struct kith_error *why,
			       struct kith_error *e)
{
	return err ? kith_fail(e, err, why->offset, "secret: %s",
			       *why->text ? why->text : kith_strerror(err))
		   : KITH_OK;
}

enum kith_err home_secret_read(const struct home *h, struct kith_signer **out,
			       struct kith_error *e)
{
	struct kith_error why = { 0 };
	struct kith_buf text;
	enum kith_err err = home_secret_text(h, &text, e);

	if (err)
		return err;
	err = kith_secret_is_sealed(kith_bytes(&text))
		      ? unseal(h, kith_bytes(&text), out, &why)
		      : kith_secret_decode(kith_bytes(&text), out, &why);
	ask_clear(&text);
	return of_secret(err, &why, e);
}

enum kith_err home_identity(const struct home *h, struct kith_feed_id *out,
			    struct kith_error *e)
{
	struct kith_error why = { 0 };
	struct kith_buf text;
	enum kith_err err = home_secret_text(h, &text, e);

	if (err)
		return err;
	err = kith_secret_identity(kith_bytes(&text), out, &why);
	ask_clear(&text);
	return of_secret(err, &why, e);
}

void home_passphrase_from(struct home *h, const char *file)
{
	h->passphrase_file = file;
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

enum kith_err home_secret_install(const struct home *h,
				  struct kith_slice text, struct kith_error *e)
{
	int rc = create(h, text);

	return rc ? home_fail(e, rc, "cannot create", NAME) : KITH_OK;
}

enum kith_err home_secret_create(const struct home *h,
				 const struct kith_signer *s,
				 struct kith_error *e)
{
	struct kith_buf text = { .limit = KITH_SECRET_FILE_BYTES_MAX };
	enum kith_err err;

	if (!kith_buf_reserve(&text, text.limit))
		return kith_fail(e, KITH_ENOMEM, 0, "out of memory");
	kith_secret_encode(s, &text);
	err = text.err ? text.err
		       : home_secret_install(h, kith_bytes(&text), e);
	ask_clear(&text);
	return err;
}

/* A descriptor to write to the old file with, which nobody may; -1: none. */
static int open_old(const struct home *h)
{
	int fd;

	if (fchmodat(h->folder, NAME, SECRET_MODE | S_IWUSR, 0))
		return -1;
	fd = openat(h->folder, NAME, O_WRONLY | O_CLOEXEC);
	return fchmodat(h->folder, NAME, SECRET_MODE, 0) ? -1 : fd;
}

/* Writes zeros over what has no name any more, as far as the file system lets
 * that reach the disk.  A copy that somebody linked is theirs. */
static void overwrite(int fd)
{
	static const uint8_t zeros[KITH_SECRET_FILE_BYTES_MAX];
	struct stat st;

	if (fstat(fd, &st) || st.st_nlink || st.st_size <= 0 ||
	    st.st_size > (off_t)sizeof(zeros) ||
	    home_write_all(fd, (struct kith_slice){ zeros,
						    (size_t)st.st_size }))
		log_debug(LOG_STORE, "the old secret was not written over");
}

/* The new file is whole and synced before it takes the name, and the old one is
 * there until then. */
static int replace(const struct home *h, struct kith_slice text)
{
	int err, old;

	if (faccessat(h->folder, NAME, F_OK, 0))
		return errno;
	err = write_unfinished(h, text);
	old = err ? -1 : open_old(h);
	if (!err && renameat(h->folder, UNFINISHED, h->folder, NAME))
		err = errno;
	if (err)
		unlinkat(h->folder, UNFINISHED, 0);
	else if (fsync(h->folder))
		err = errno;
	if (!err && old >= 0)
		overwrite(old);
	if (old >= 0)
		close(old);
	return err;
}

enum kith_err home_secret_replace(const struct home *h,
				  struct kith_slice text, struct kith_error *e)
{
	enum kith_err err = home_check_ours(h, e);
	int rc;

	if (err)
		return err;
	rc = replace(h, text);
	return rc ? home_fail(e, rc, "cannot replace", NAME) : KITH_OK;
}

bool home_forbid_core(void)
{
	struct rlimit none = { 0, 0 };

	return !setrlimit(RLIMIT_CORE, &none);
}
