#include "feeds/ref.h"
#include "src/log.h"
#include "src/views/private_parts.h"

enum {
	TRIAL_BYTES = 16,
	GROUP_BYTES = 3 * ID_ROW_BYTES + KITH_BOX2_KEY_BYTES,
	NUMBER_KEY_BYTES = 5,
	WAITING_KEY_BYTES = 1 + 2 * ID_ROW_BYTES,
	DROPPED_BYTES = 8
};

struct row_key {
	size_t n;
	uint8_t b[WAITING_KEY_BYTES];
};

static struct kith_slice slice(const struct row_key *key)
{
	return (struct kith_slice){ key->b, key->n };
}

static struct row_key lone_key(enum keyring_kind kind)
{
	return (struct row_key){ .n = 1, .b = { (uint8_t)kind } };
}

static struct row_key group_row_key(uint32_t number)
{
	struct row_key key = lone_key(KEYRING_GROUP);

	kith_put_be32(key.b + 1, number);
	key.n = NUMBER_KEY_BYTES;
	return key;
}

static void put_id(uint8_t *p, enum kith_format format, const uint8_t *id)
{
	p[0] = (uint8_t)format;
	memcpy(p + 1, id, KITH_ID_BYTES);
}

static struct row_key waiting_key(const struct kith_msg_id *root,
				  const struct kith_feed_id *by)
{
	struct row_key key = lone_key(KEYRING_WAITING);

	put_id(key.b + 1, root->format, root->b);
	put_id(key.b + 1 + ID_ROW_BYTES, by->format, by->b);
	key.n = WAITING_KEY_BYTES;
	return key;
}

/* --- a group's key as bytes --- */

static void encode(const struct group_key *g, uint8_t *p)
{
	put_id(p, g->group.format, g->group.b);
	put_id(p + ID_ROW_BYTES, g->root.format, g->root.b);
	put_id(p + 2 * ID_ROW_BYTES, g->by.format, g->by.b);
	memcpy(p + 3 * ID_ROW_BYTES, g->key, sizeof(g->key));
}

static struct kith_msg_id read_msg(const uint8_t *p)
{
	struct kith_msg_id id = { .format = (enum kith_format)p[0] };

	memcpy(id.b, p + 1, KITH_ID_BYTES);
	return id;
}

static void decode(const uint8_t *p, struct group_key *g)
{
	g->group = read_msg(p);
	g->root = read_msg(p + ID_ROW_BYTES);
	p += 2 * ID_ROW_BYTES;
	g->by.format = (enum kith_format)p[0];
	memcpy(g->by.b, p + 1, KITH_ID_BYTES);
	memcpy(g->key, p + ID_ROW_BYTES, sizeof(g->key));
}

static void seal_group(const struct keys *k, const struct row_key *key,
		       const struct group_key *g, uint8_t *out)
{
	uint8_t plain[GROUP_BYTES];

	encode(g, plain);
	keys_seal(k, TABLE_KEYRING, slice(key),
		  (struct kith_slice){ plain, sizeof(plain) }, out);
	sodium_memzero(plain, sizeof(plain));
}

static bool unseal_group(const struct keys *k, struct kith_slice key,
			 struct kith_slice sealed, struct group_key *out)
{
	uint8_t plain[GROUP_BYTES];
	bool good = sealed.n == GROUP_BYTES + SEALED_MORE_BYTES &&
		    keys_unseal(k, TABLE_KEYRING, key, sealed, plain);

	if (good)
		decode(plain, out);
	sodium_memzero(plain, sizeof(plain));
	return good;
}

/* --- whose it is --- */

bool keyring_owner(struct txn *t, struct kith_feed_id *out)
{
	struct row_key key = lone_key(KEYRING_OWNER);
	struct kith_slice value;

	if (!txn_get(t, TABLE_KEYRING, slice(&key), &value) ||
	    value.n != ID_ROW_BYTES)
		return false;
	out->format = (enum kith_format)value.p[0];
	memcpy(out->b, value.p + 1, KITH_ID_BYTES);
	return true;
}

void keyring_owner_put(struct txn *t, const struct kith_feed_id *owner)
{
	struct row_key key = lone_key(KEYRING_OWNER);
	uint8_t value[ID_ROW_BYTES];

	put_id(value, owner->format, owner->b);
	txn_put(t, TABLE_KEYRING, slice(&key),
		(struct kith_slice){ value, sizeof(value) });
}

/* --- our own --- */

bool keyring_has_self(struct txn *t)
{
	struct row_key key = lone_key(KEYRING_SELF);
	struct kith_slice value;

	return txn_get(t, TABLE_KEYRING, slice(&key), &value);
}

bool keyring_self_get(struct txn *t, const struct keys *k,
		      uint8_t out[static KITH_BOX2_KEY_BYTES])
{
	struct row_key key = lone_key(KEYRING_SELF);
	struct kith_slice value;

	return txn_get(t, TABLE_KEYRING, slice(&key), &value) &&
	       value.n == KITH_BOX2_KEY_BYTES + SEALED_MORE_BYTES &&
	       keys_unseal(k, TABLE_KEYRING, slice(&key), value, out);
}

/* One of other keys is not written over: it may be wanted again. */
bool keyring_self_put(struct txn *t, const struct keys *k,
		      const uint8_t own[static KITH_BOX2_KEY_BYTES])
{
	uint8_t sealed[KITH_BOX2_KEY_BYTES + SEALED_MORE_BYTES];
	struct row_key key = lone_key(KEYRING_SELF);

	if (keyring_has_self(t) || txn_error(t))
		return false;
	keys_seal(k, TABLE_KEYRING, slice(&key),
		  (struct kith_slice){ own, KITH_BOX2_KEY_BYTES }, sealed);
	txn_put(t, TABLE_KEYRING, slice(&key),
		(struct kith_slice){ sealed, sizeof(sealed) });
	return !txn_error(t);
}

bool keyring_self(struct txn *t, const struct keys *k,
		  uint8_t out[static KITH_BOX2_KEY_BYTES])
{
	if (keyring_has_self(t) || txn_error(t))
		return keyring_self_get(t, k, out);
	randombytes_buf(out, KITH_BOX2_KEY_BYTES);
	return keyring_self_put(t, k, out);
}

/* --- what found no room --- */

uint64_t keyring_dropped(struct txn *t)
{
	struct row_key key = lone_key(KEYRING_DROPPED);
	struct kith_slice value;

	return txn_get(t, TABLE_KEYRING, slice(&key), &value) &&
			       value.n == DROPPED_BYTES
		       ? kith_be64(value.p) : 0;
}

void keyring_forget_dropped(struct txn *t)
{
	struct row_key key = lone_key(KEYRING_DROPPED);

	txn_delete(t, TABLE_KEYRING, slice(&key));
}

/* Said once; then counted. */
static void drop(struct txn *t, const struct kith_feed_id *by)
{
	struct row_key key = lone_key(KEYRING_DROPPED);
	uint64_t count = keyring_dropped(t) + 1;
	char feed[KITH_REF_TEXT_BYTES];
	uint8_t value[DROPPED_BYTES];

	kith_put_be64(value, count);
	txn_put(t, TABLE_KEYRING, slice(&key),
		(struct kith_slice){ value, sizeof(value) });
	if (count > 1)
		return;
	kith_feed_print(by, feed);
	log_warn(LOG_STORE, "too many keys of groups: one was not taken, and "
		 "status counts them from here by=%s", feed);
}

/* --- groups --- */

/* A row of a group, and its number; false: the cursor stands on none. */
static bool is_group(const struct cursor *c, uint32_t *number)
{
	if (c->key.n != NUMBER_KEY_BYTES || c->key.p[0] != KEYRING_GROUP ||
	    c->value.n != TRIAL_BYTES + GROUP_BYTES + SEALED_MORE_BYTES)
		return false;
	*number = kith_be32(c->key.p + 1);
	return true;
}

static struct kith_slice sealed_of(struct kith_slice value)
{
	return (struct kith_slice){ value.p + TRIAL_BYTES,
				    value.n - TRIAL_BYTES };
}

bool keyring_next(struct txn *t, const struct keys *k, uint32_t *at,
		  struct group_key *out)
{
	struct row_key from = group_row_key(*at + 1);
	bool found = false, more;
	struct cursor c;

	cursor_open(&c, t, TABLE_KEYRING);
	more = cursor_seek(&c, slice(&from));
	for (; more && !found && is_group(&c, at); more = cursor_next(&c))
		found = unseal_group(k, c.key, sealed_of(c.value), out);
	cursor_close(&c);
	return found;
}

bool keyring_by_number(struct txn *t, const struct keys *k, uint32_t number,
		       struct group_key *out)
{
	uint32_t at = number - 1;
	bool found = keyring_next(t, k, &at, out) && at == number;

	if (!found)
		sodium_memzero(out, sizeof(*out));
	return found;
}

bool keyring_get(struct txn *t, const struct keys *k,
		 const struct kith_msg_id *group, struct group_key *out)
{
	uint32_t at = 0;

	while (keyring_next(t, k, &at, out))
		if (kith_msg_equal(&out->group, group))
			return true;
	sodium_memzero(out, sizeof(*out));
	return false;
}

bool keyring_is_first(struct txn *t, const struct keys *k,
		      const struct group_key *g)
{
	struct group_key first;
	bool is = !keyring_get(t, k, &g->group, &first) ||
		  !sodium_memcmp(first.key, g->key, sizeof(g->key));

	sodium_memzero(&first, sizeof(first));
	return is;
}

static uint32_t last_number(struct txn *t)
{
	struct row_key above = lone_key(KEYRING_GROUP + 1);
	uint32_t number = 0;
	struct cursor c;

	cursor_open(&c, t, TABLE_KEYRING);
	if (cursor_seek(&c, slice(&above)) ? cursor_previous(&c)
					   : cursor_last(&c))
		(void)is_group(&c, &number);
	cursor_close(&c);
	return number;
}

/* Whether it is there already, and whether there is room for it. */
static bool look(struct txn *t, const struct keys *k,
		 const struct group_key *g, bool *known)
{
	size_t all = 0, by = 0;
	struct group_key other;
	uint32_t at = 0;

	*known = false;
	while (!*known && keyring_next(t, k, &at, &other)) {
		*known = kith_msg_equal(&other.group, &g->group) &&
			 !sodium_memcmp(other.key, g->key, sizeof(g->key));
		by += kith_feed_equal(&other.by, &g->by);
		all++;
	}
	sodium_memzero(&other, sizeof(other));
	return all < KEYRING_GROUPS_MAX &&
	       (by < KEYRING_BY_AUTHOR_MAX ||
		kith_feed_equal(&g->by, kith_signer_id(k->signer)));
}

bool keyring_put(struct txn *t, const struct keys *k,
		 const struct group_key *g)
{
	uint8_t value[TRIAL_BYTES + GROUP_BYTES + SEALED_MORE_BYTES];
	struct row_key key;
	bool known, room = look(t, k, g, &known);

	if (known)
		return true;
	if (!room) {
		drop(t, &g->by);
		return false;
	}
	key = group_row_key(last_number(t) + 1);
	kith_put_be64(value, 0);
	kith_put_be64(value + 8, message_end(t));
	seal_group(k, &key, g, value + TRIAL_BYTES);
	txn_put(t, TABLE_KEYRING, slice(&key),
		(struct kith_slice){ value, sizeof(value) });
	return true;
}

size_t keyring_count(struct txn *t)
{
	return last_number(t) + keyring_has_self(t);
}

/* --- trials --- */

void keyring_trial(struct txn *t, struct keyring_trial *out)
{
	struct row_key from = group_row_key(0);
	struct cursor c;
	uint32_t number;
	bool more;

	*out = (struct keyring_trial){ 0 };
	cursor_open(&c, t, TABLE_KEYRING);
	more = cursor_seek(&c, slice(&from));
	for (; more && !out->number && is_group(&c, &number);
	     more = cursor_next(&c))
		if (kith_be64(c.value.p) < kith_be64(c.value.p + 8))
			*out = (struct keyring_trial){
				number, kith_be64(c.value.p),
				kith_be64(c.value.p + 8),
			};
	cursor_close(&c);
}

void keyring_tried(struct txn *t, const struct keyring_trial *trial)
{
	uint8_t copy[TRIAL_BYTES + GROUP_BYTES + SEALED_MORE_BYTES];
	struct row_key key = group_row_key(trial->number);
	struct kith_slice value;

	if (!txn_get(t, TABLE_KEYRING, slice(&key), &value) ||
	    value.n != sizeof(copy))
		return;
	memcpy(copy, value.p, sizeof(copy));
	kith_put_be64(copy, trial->tried);
	txn_put(t, TABLE_KEYRING, slice(&key),
		(struct kith_slice){ copy, sizeof(copy) });
}

void keyring_tried_all(struct txn *t)
{
	struct keyring_trial trial;

	for (keyring_trial(t, &trial); trial.number && !txn_error(t);
	     keyring_trial(t, &trial)) {
		trial.tried = trial.until;
		keyring_tried(t, &trial);
	}
}

/* --- keys that wait --- */

static bool waits(const struct cursor *c)
{
	return c->key.n && c->key.p[0] == KEYRING_WAITING;
}

/* Whoever sends many keys of groups that never begin leaves room for those of
 * others. */
static bool has_room_for(struct txn *t, const struct row_key *key)
{
	enum { BY_AT = 1 + ID_ROW_BYTES };
	struct row_key from = lone_key(KEYRING_WAITING);
	size_t all = 0, by = 0;
	struct cursor c;

	cursor_open(&c, t, TABLE_KEYRING);
	for (bool more = cursor_seek(&c, slice(&from)); more && waits(&c);
	     more = cursor_next(&c)) {
		all++;
		by += c.key.n == key->n &&
		      !memcmp(c.key.p + BY_AT, key->b + BY_AT, ID_ROW_BYTES);
	}
	cursor_close(&c);
	return all < KEYRING_WAITING_MAX && by < KEYRING_BY_AUTHOR_MAX;
}

bool keyring_waits(struct txn *t)
{
	struct row_key from = lone_key(KEYRING_WAITING);
	struct cursor c;
	bool found;

	cursor_open(&c, t, TABLE_KEYRING);
	found = cursor_seek(&c, slice(&from)) && waits(&c);
	cursor_close(&c);
	return found;
}

void keyring_wait(struct txn *t, const struct keys *k,
		  const struct group_key *g)
{
	uint8_t sealed[GROUP_BYTES + SEALED_MORE_BYTES];
	struct row_key key = waiting_key(&g->root, &g->by);

	if (!has_room_for(t, &key)) {
		drop(t, &g->by);
		return;
	}
	seal_group(k, &key, g, sealed);
	txn_put(t, TABLE_KEYRING, slice(&key),
		(struct kith_slice){ sealed, sizeof(sealed) });
}

bool keyring_take(struct txn *t, const struct keys *k,
		  const struct kith_msg_id *root, struct group_key *out)
{
	const struct kith_feed_id least = { 0 };
	struct row_key key = waiting_key(root, &least);
	bool found, good = false;
	struct cursor c;

	key.n = 1 + ID_ROW_BYTES;
	cursor_open(&c, t, TABLE_KEYRING);
	found = cursor_seek(&c, slice(&key)) && c.key.n == WAITING_KEY_BYTES &&
		!memcmp(c.key.p, key.b, key.n);
	if (found) {
		good = unseal_group(k, c.key, c.value, out);
		memcpy(key.b, c.key.p, WAITING_KEY_BYTES);
		key.n = WAITING_KEY_BYTES;
	}
	cursor_close(&c);
	if (found)
		txn_delete(t, TABLE_KEYRING, slice(&key));
	return good;
}

bool keyring_row_is_whole(struct kith_slice key, struct kith_slice value)
{
	switch (key.n ? key.p[0] : 0) {
	case KEYRING_OWNER:
		return key.n == 1 && value.n == ID_ROW_BYTES;
	case KEYRING_SELF:
		return key.n == 1 &&
		       value.n == KITH_BOX2_KEY_BYTES + SEALED_MORE_BYTES;
	case KEYRING_GROUP:
		return key.n == NUMBER_KEY_BYTES &&
		       value.n == TRIAL_BYTES + GROUP_BYTES +
					  SEALED_MORE_BYTES;
	case KEYRING_DROPPED:
		return key.n == 1 && value.n == DROPPED_BYTES;
	case KEYRING_WAITING:
		return key.n == WAITING_KEY_BYTES &&
		       value.n == GROUP_BYTES + SEALED_MORE_BYTES;
	default:
		return false;
	}
}
