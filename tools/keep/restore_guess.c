#include "tools/keep/restore_guess.h"

#include "feeds/secret_seal.h"

enum { STORE_MAGIC_AT = 16 };

static bool starts_with(struct kith_slice s, struct kith_slice start)
{
	return s.n >= start.n && !memcmp(s.p, start.p, start.n);
}

static bool contains(struct kith_slice s, struct kith_slice part)
{
	return s.n && memmem(s.p, s.n, part.p, part.n);
}

static bool is_empty(struct kith_slice head)
{
	return !head.n;
}

static bool is_secret(struct kith_slice head)
{
	struct kith_feed_id id;

	return !kith_secret_identity(head, &id, NULL);
}

static bool is_messages(struct kith_slice head)
{
	return (starts_with(head, KITH_SLICE("{")) ||
		starts_with(head, KITH_SLICE("["))) &&
	       contains(head, KITH_SLICE("\"author\"")) &&
	       contains(head, KITH_SLICE("\"sequence\""));
}

static bool is_packed(struct kith_slice head)
{
	return starts_with(head, KITH_SLICE("\x1f\x8b")) ||
	       starts_with(head, KITH_SLICE("\x28\xb5\x2f\xfd"));
}

/* As LMDB begins its file, whatever the order of bytes. */
static bool is_store(struct kith_slice head)
{
	struct kith_slice magic;

	if (head.n < STORE_MAGIC_AT)
		return false;
	magic = (struct kith_slice){ head.p + STORE_MAGIC_AT,
				     head.n - STORE_MAGIC_AT };
	return starts_with(magic, KITH_SLICE("\xde\xc0\xef\xbe")) ||
	       starts_with(magic, KITH_SLICE("\xbe\xef\xc0\xde"));
}

static const struct guess {
	bool (*fits)(struct kith_slice head);
	const char *advice;
} guesses[] = {
	{ is_empty, "it is empty" },
	{ is_secret, "it is the secret of an identity, from which `kith init "
		     "--secret FILE` makes a home" },
	{ is_messages, "it seems to hold messages, which `kith import FILE` "
		       "takes in" },
	{ is_packed, "it is packed by gzip or zstd: unpack it if a backup is "
		     "in it; messages are taken in by `kith import FILE` as "
		     "they are" },
	{ is_store, "it is the store of a home, without its key: `kith --home "
		    "DIR backup FILE`, for the folder of that home, makes a "
		    "backup" },
};

const char *restore_guess(struct kith_slice head)
{
	for (size_t i = 0; i < sizeof(guesses) / sizeof(guesses[0]); i++)
		if (guesses[i].fits(head))
			return guesses[i].advice;
	return NULL;
}
