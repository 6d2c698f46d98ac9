#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "src/url/private.h"

/* --- letting us in -------------------------------------------------------- */

/* Who runs this, and where that one's home is: as ssh finds both. */
struct owner {
	struct passwd row;
	char text[1024];
};

static bool find_owner(struct owner *o)
{
	struct passwd *found = NULL;

	return !getpwuid_r(geteuid(), &o->row, o->text, sizeof(o->text),
			   &found) &&
	       found;
}

static void find_user(struct url_session *s)
{
	const char *name = s->address.user[0] ? s->address.user
					      : s->settings.user;
	struct owner o;

	if (!name[0] && find_owner(&o))
		name = o.row.pw_name;
	snprintf(s->ssh_user, sizeof(s->ssh_user), "%s", name);
}

static void find_home(char *to, size_t n)
{
	const char *home = getenv("HOME");
	struct owner o;

	if ((!home || !*home) && find_owner(&o))
		home = o.row.pw_dir;
	snprintf(to, n, "%s", home ? home : "");
}

/* The key that ssh would try first and libssh2 can use. */
static void find_key(struct url_session *s, const char *home)
{
	static const char *const names[] = { "id_ed25519", "id_ecdsa",
					     "id_rsa" };

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		snprintf(s->ssh_key, sizeof(s->ssh_key), "%.400s/.ssh/%s",
			 home, names[i]);
		if (access(s->ssh_key, R_OK) == 0)
			return;
	}
	s->ssh_key[0] = '\0';
}

static enum kith_err prepare(struct url_session *s, struct kith_error *e)
{
	const struct url_settings *set = &s->settings;
	struct kith_buf user = { .limit = sizeof(s->base) };
	char home[PATH_MAX];
	int n;

	find_user(s);
	find_home(home, sizeof(home));
	if (set->ssh_key[0])
		memcpy(s->ssh_key, set->ssh_key, sizeof(s->ssh_key));
	else
		find_key(s, home);
	if (set->known_hosts[0])
		memcpy(s->known_hosts, set->known_hosts,
		       sizeof(s->known_hosts));
	else
		snprintf(s->known_hosts, sizeof(s->known_hosts),
			 "%.400s/.ssh/known_hosts", home);
	url_escape(&user, s->ssh_user, false);
	n = snprintf(s->base, sizeof(s->base), "sftp://%.*s@%s%s%s%s",
		     (int)user.n, user.n ? (const char *)user.p : "",
		     s->address.host, s->address.port[0] ? ":" : "",
		     s->address.port, s->address.path);
	kith_buf_free(&user);
	if (n < 0 || (size_t)n >= sizeof(s->base))
		return kith_fail(e, KITH_EFORMAT, 0, "the URL is too long");
	return KITH_OK;
}

/* Without a file of known hosts libcurl would trust any: one is always named,
 * and a host that is not in it is refused. */
static CURLcode sign(struct url_session *s, struct url_call *call)
{
	const struct url_settings *set = &s->settings;
	long ways = CURLSSH_AUTH_AGENT | CURLSSH_AUTH_PASSWORD |
		    CURLSSH_AUTH_KEYBOARD;
	CURL *curl = s->curl;
	CURLcode code;

	(void)call;
	if (s->ssh_key[0])
		ways |= CURLSSH_AUTH_PUBLICKEY;
	code = libcurl.easy_setopt(curl, CURLOPT_SSH_KNOWNHOSTS,
				   s->known_hosts);
	if (!code)
		code = libcurl.easy_setopt(curl, CURLOPT_SSH_AUTH_TYPES, ways);
	if (!code && s->ssh_key[0])
		code = libcurl.easy_setopt(curl, CURLOPT_SSH_PRIVATE_KEYFILE,
					   s->ssh_key);
	if (!code && set->ssh_passphrase[0])
		code = libcurl.easy_setopt(curl, CURLOPT_KEYPASSWD,
					   set->ssh_passphrase);
	if (!code)
		code = libcurl.easy_setopt(curl, CURLOPT_NETRC,
					   (long)CURL_NETRC_OPTIONAL);
	if (!code && set->password[0])
		code = libcurl.easy_setopt(curl, CURLOPT_USERNAME,
					   s->ssh_user);
	if (!code && set->password[0])
		code = libcurl.easy_setopt(curl, CURLOPT_PASSWORD,
					   set->password);
	return code;
}

/* --- lists ---------------------------------------------------------------- */

static enum kith_err list(struct url_session *s, const char *name,
			  struct url_listing *out, struct kith_error *e)
{
	struct kith_buf text = { 0 };
	char path[URL_TEXT_BYTES];
	struct url_call call;
	enum kith_err err;

	snprintf(path, sizeof(path), "%s%s", name, *name ? "/" : "");
	url_call_init(s, &call, "GET", path);
	err = url_list_text(s, &call, &text, e);
	if (!err)
		err = url_list_checked(s, url_listing_sftp(kith_bytes(&text),
							   out), e);
	kith_buf_free(&text);
	return err;
}

/* libcurl asks for no file's length alone, so the folder tells. */
static enum kith_err size(struct url_session *s, const char *name,
			  uint64_t *bytes, struct kith_error *e)
{
	struct url_listing found = { 0 };
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;
	char folder[URL_TEXT_BYTES];
	enum kith_err err;

	snprintf(folder, sizeof(folder), "%.*s",
		 slash ? (int)(slash - name) : 0, name);
	err = list(s, folder, &found, e);
	if (!err)
		err = KITH_ENOENT;
	else
		found.count = 0;
	for (size_t i = 0; i < found.count && err == KITH_ENOENT; i++) {
		if (found.entries[i].folder ||
		    strcmp(found.entries[i].name, last) != 0)
			continue;
		*bytes = found.entries[i].bytes;
		err = KITH_OK;
	}
	url_listing_free(&found);
	if (err == KITH_ENOENT)
		return kith_fail(e, err, 0, "%.60s: there is no such file",
				 s->address.host);
	return err;
}

/* --- orders --------------------------------------------------------------- */

/* A path as an order has it: in quotes; that of the user's home is relative. */
static bool put_path(struct kith_buf *out, const struct url_session *s,
		     const char *name)
{
	char path[URL_LINE_BYTES];
	const char *p = path;
	int n = snprintf(path, sizeof(path), "%s/%s", s->address.path, name);

	if (n < 0 || (size_t)n >= sizeof(path) || !url_unescape(path))
		return false;
	if (strncmp(p, "/~/", 3) == 0)
		p += 3;
	kith_buf_text(out, " \"");
	for (; *p; p++) {
		if (*p == '"' || *p == '\\')
			kith_buf_byte(out, '\\');
		kith_buf_byte(out, (uint8_t)*p);
	}
	kith_buf_byte(out, '"');
	return true;
}

/* other may be NULL. */
static void add_order(const struct url_session *s, struct url_call *call,
		      const char *order, const char *name, const char *other)
{
	struct kith_buf line = { .limit = 4 * URL_LINE_BYTES };
	bool fits;

	kith_buf_text(&line, order);
	fits = put_path(&line, s, name) &&
	       (!other || put_path(&line, s, other));
	kith_buf_byte(&line, '\0');
	if (fits && !line.err)
		url_call_order(call, (const char *)line.p);
	else
		call->lacks_memory = true;
	kith_buf_free(&line);
}

/* Those that are there need not be made: libcurl goes on after a '*'. */
static void add_folders(const struct url_session *s, struct url_call *call,
			const char *name)
{
	char path[URL_TEXT_BYTES];

	for (size_t n = 0; n < sizeof(path) && name[n]; n++) {
		if (name[n] != '/')
			continue;
		memcpy(path, name, n);
		path[n] = '\0';
		add_order(s, call, "*mkdir", path, NULL);
	}
}

static enum kith_err give_orders(struct url_session *s, struct url_call *call,
				 struct kith_error *e)
{
	struct url_answer a;
	enum kith_err err = url_try(s, call, &a, e);

	url_call_clear(call);
	return err;
}

/* That an order failed is told without a reason: the list tells it. */
static enum kith_err remove_file(struct url_session *s, const char *name,
				 struct kith_error *e)
{
	struct kith_error first = { 0 };
	struct url_call call;
	enum kith_err err;
	uint64_t bytes;

	url_call_init(s, &call, "GET", "");
	call.only_head = true;
	add_order(s, &call, "rm", name, NULL);
	err = give_orders(s, &call, &first);
	if (!err || size(s, name, &bytes, NULL) == KITH_ENOENT)
		return KITH_OK;
	return kith_fail(e, err == KITH_EIO ? KITH_EDENIED : err, 0, "%s",
			 first.text);
}

static enum kith_err rename_file(struct url_session *s, const char *from,
				 const char *to, struct kith_error *e)
{
	struct url_call call;
	uint64_t bytes;
	enum kith_err err = size(s, to, &bytes, NULL);

	if (!err)
		return kith_fail(e, KITH_EEXIST, 0, "%.60s: the file is there",
				 s->address.host);
	if (err != KITH_ENOENT)
		return size(s, to, &bytes, e);
	err = size(s, from, &bytes, e);
	if (err)
		return err;
	url_call_init(s, &call, "GET", "");
	call.only_head = true;
	add_folders(s, &call, to);
	add_order(s, &call, "rename", from, to);
	return give_orders(s, &call, e);
}

const struct url_host url_sftp = {
	.writes = true,
	.prepare = prepare,
	.sign = sign,
	.size = size,
	.remove = remove_file,
	.rename = rename_file,
	.list = list,
};
