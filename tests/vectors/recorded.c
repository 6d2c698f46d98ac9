#include "tests/vectors/recorded.h"

#include "feeds/json.h"

enum { NAME_BYTES = 96 };

static bool begins(const char *name, const char *with)
{
	return !strncmp(name, with, strlen(with));
}

enum kith_peer recorded_peer(struct kith_slice key)
{
	struct kith_slice plain = json_plain(key);
	char name[NAME_BYTES] = "";

	if (plain.n < sizeof(name) && plain.n)
		memcpy(name, plain.p, plain.n);
	if (begins(name, "js_tweetnacl"))
		return KITH_PEER_VALIDATE_JS;
	if (!strcmp(name, "js") || begins(name, "ssb_validate"))
		return KITH_PEER_VALIDATE;
	if (begins(name, "ssb_classic") || !strcmp(name, "db2"))
		return KITH_PEER_CLASSIC;
	if (begins(name, "rust") && strstr(name, "wire"))
		return KITH_PEER_RUST;
	if (begins(name, "rust"))
		return KITH_PEER_RUST_NPM;
	if (!strcmp(name, "go") || begins(name, "go_"))
		return KITH_PEER_GO;
	return KITH_PEERS;
}

bool recorded_verdict(struct kith_slice value, bool *accepted)
{
	struct kith_slice ok = json_get(value, "ok"), text = json_plain(value);

	if (json_kind(value) == JSON_KIND_OBJECT) {
		*accepted = json_says_true(ok);
		return json_kind(ok) == JSON_KIND_BOOL;
	}
	*accepted = json_is(value, "accept");
	return *accepted || (text.n >= 6 && !memcmp(text.p, "reject", 6)) ||
	       (text.n >= 5 && !memcmp(text.p, "throw", 5)) ||
	       (json_kind(value) == JSON_KIND_STRING && !text.n);
}
