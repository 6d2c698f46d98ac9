#include "src/store/ask.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sodium.h>
#include <stdlib.h>
#include <termios.h>
#include <unistd.h>

#include "src/store/store_private.h"

/* How often to look for a signal while somebody types. */
enum { LOOK_MS = 100 };

enum kith_err ask_init(struct kith_buf *b, struct kith_error *e)
{
	*b = (struct kith_buf){ .limit = ASK_BYTES_MAX };
	return kith_buf_reserve(b, b->limit)
		       ? KITH_OK
		       : kith_fail(e, KITH_ENOMEM, 0, "out of memory");
}

void ask_clear(struct kith_buf *b)
{
	if (b->p)
		sodium_memzero(b->p, b->cap);
	kith_buf_free(b);
}

bool ask_is_terminal(void)
{
	return isatty(STDIN_FILENO);
}

/* --- the terminal --- */

/* A terminal without echo, and the signals that would leave it so. */
struct quiet {
	int fd;
	struct termios before;
	sigset_t held, mask;
};

static void restore(const struct quiet *q)
{
	tcsetattr(q->fd, TCSADRAIN, &q->before);
	sigprocmask(SIG_SETMASK, &q->mask, NULL);
}

/* False, with all as it was: no terminal that obeys. */
static bool hush(struct quiet *q)
{
	static const int held[] = { SIGINT, SIGTERM, SIGQUIT, SIGHUP, SIGTSTP };
	struct termios silent;

	if (tcgetattr(q->fd, &q->before))
		return false;
	silent = q->before;
	silent.c_lflag &= ~(tcflag_t)(ECHO | ECHONL);
	silent.c_lflag |= ICANON;
	sigemptyset(&q->held);
	for (size_t i = 0; i < sizeof(held) / sizeof(*held); i++)
		sigaddset(&q->held, held[i]);
	sigprocmask(SIG_BLOCK, &q->held, &q->mask);
	if (!tcsetattr(q->fd, TCSADRAIN, &silent))
		return true;
	restore(q);
	return false;
}

static bool was_signalled(const struct quiet *q)
{
	sigset_t pending;

	sigpending(&pending);
	for (int s = 1; s < NSIG; s++)
		if (sigismember(&q->held, s) == 1 &&
		    sigismember(&pending, s) == 1)
			return true;
	return false;
}

static bool say(int fd, const char *text)
{
	size_t n = strlen(text);

	return write(fd, text, n) == (ssize_t)n;
}

/* Waits until a line is there.  A signal does what it does, with the terminal
 * as it was before; if the process goes on then, it asks again. */
static enum kith_err wait_for_line(struct quiet *q, const char *prompt,
				   struct kith_error *e)
{
	struct pollfd p = { .fd = q->fd, .events = POLLIN };

	while (poll(&p, 1, LOOK_MS) <= 0) {
		if (!was_signalled(q))
			continue;
		restore(q);
		if (!hush(q) || !say(q->fd, prompt))
			return kith_fail(e, KITH_EDENIED, 0,
					 "the terminal is gone");
	}
	return KITH_OK;
}

/* Takes a line; a terminal gives one a read, and at most its own limit. */
static enum kith_err read_line(int fd, struct kith_buf *out,
			       struct kith_error *e)
{
	size_t room = out->limit - out->n;
	uint8_t *to = kith_buf_reserve(out, room);
	ssize_t n = to && room ? read(fd, to, room) : 0;
	const uint8_t *end;

	if (n < 0)
		return kith_fail(e, KITH_EIO, 0, "cannot read the terminal: %s",
				 strerror(errno));
	if (n == 0)
		return kith_fail(e, KITH_EDENIED, 0, "nothing was typed");
	end = memchr(to, '\n', (size_t)n);
	out->n += end ? (size_t)(end - to) : (size_t)n;
	return KITH_OK;
}

enum kith_err ask_line(const char *prompt, struct kith_buf *out,
		       struct kith_error *e)
{
	struct quiet q = { .fd = open("/dev/tty", O_RDWR | O_NOCTTY |
						  O_CLOEXEC) };
	enum kith_err err;

	if (q.fd < 0)
		return kith_fail(e, KITH_EDENIED, 0,
				 "there is no terminal to ask on");
	if (hush(&q)) {
		err = say(q.fd, prompt) ? wait_for_line(&q, prompt, e)
					: kith_fail(e, KITH_EDENIED, 0,
						    "the terminal is gone");
		if (!err)
			err = read_line(q.fd, out, e);
		restore(&q);
		say(q.fd, "\n");
	} else {
		err = kith_fail(e, KITH_EDENIED, 0,
				"the terminal does not obey");
	}
	close(q.fd);
	return err;
}

/* --- files --- */

static enum kith_err read_all(int fd, const char *name, struct kith_buf *out,
			      struct kith_error *e)
{
	int err = home_read_all(fd, out);

	if (err == EFBIG)
		return kith_fail(e, KITH_ETOOBIG, 0,
				 "%s is longer than %zu bytes", name,
				 out->limit);
	return err ? home_fail(e, err, "cannot read", name) : KITH_OK;
}

enum kith_err ask_input(struct kith_buf *out, struct kith_error *e)
{
	return read_all(STDIN_FILENO, "standard input", out, e);
}

static enum kith_err read_first_line(const char *file, struct kith_buf *out,
				     struct kith_error *e)
{
	int fd = open(file, O_RDONLY | O_CLOEXEC);
	size_t before = out->n;
	const uint8_t *end;
	enum kith_err err;

	/* Not ENOENT, which callers take for a secret that is not there. */
	if (fd < 0)
		return kith_fail(e, KITH_EIO, 0, "cannot read %s: %s", file,
				 strerror(errno));
	err = read_all(fd, file, out, e);
	close(fd);
	if (err)
		return err;
	end = out->n > before ? memchr(out->p + before, '\n', out->n - before)
			      : NULL;
	if (end)
		out->n = (size_t)(end - out->p);
	if (out->n > before && out->p[out->n - 1] == '\r')
		out->n--;
	return KITH_OK;
}

/* --- passphrases --- */

static enum kith_err ask_terminal(const char *prompt, struct kith_buf *out,
				  struct kith_error *e)
{
	struct kith_error why = { 0 };
	enum kith_err err = ask_line(prompt, out, &why);

	if (err == KITH_EDENIED)
		return kith_fail(e, err, 0, "a passphrase is needed, and %s: "
				 "give --passphrase-file, or set "
				 "KITH_PASSPHRASE_FILE", why.text);
	return err ? kith_fail(e, err, 0, "%s", why.text) : KITH_OK;
}

/* file: NULL for the terminal. */
static enum kith_err ask(const char *file, const char *prompt,
			 struct kith_buf *out, struct kith_error *e)
{
	size_t before = out->n;
	enum kith_err err = file ? read_first_line(file, out, e)
				 : ask_terminal(prompt, out, e);

	if (!err && out->n == before)
		err = kith_fail(e, KITH_EDENIED, 0, "the passphrase %s%s is "
				"empty", file ? "in " : "",
				file ? file : "typed");
	return err;
}

enum kith_err ask_passphrase(const char *file, const char *prompt,
			     struct kith_buf *out, struct kith_error *e)
{
	const char *named = getenv("KITH_PASSPHRASE_FILE");

	if (!file && named && *named)
		file = named;
	return ask(file, prompt, out, e);
}

enum kith_err ask_new_passphrase(const char *file, const char *prompt,
				 struct kith_buf *out, struct kith_error *e)
{
	struct kith_buf again;
	enum kith_err err = ask(file, prompt, out, e);

	if (err || file)
		return err;
	err = ask_init(&again, e);
	if (!err)
		err = ask_terminal("The same again: ", &again, e);
	if (!err && !kith_equal(kith_bytes(out), kith_bytes(&again)))
		err = kith_fail(e, KITH_EDENIED, 0,
				"the two passphrases differ");
	ask_clear(&again);
	return err;
}
