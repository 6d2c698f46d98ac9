#include "src/url/fault.h"

#include <curl/curl.h>

enum { NEVER = 0, TWICE = 2, OFTEN = 5 };

static const struct url_fault http_faults[] = {
	{ 400, KITH_EIO, NEVER, "it does not understand the request" },
	{ 401, KITH_EDENIED, NEVER,
	  "it wants a user name and password: put them into ~/.netrc" },
	{ 403, KITH_EDENIED, NEVER,
	  "it does not allow this: ask who runs it for the right" },
	{ 404, KITH_ENOENT, NEVER, "there is no such file" },
	{ 405, KITH_EDENIED, NEVER, "it cannot do this: is it WebDAV?" },
	{ 407, KITH_EDENIED, NEVER,
	  "the proxy wants a password: see https_proxy" },
	{ 408, KITH_EIO, OFTEN, "it got tired of waiting for us" },
	{ 409, KITH_EIO, NEVER, "the folder it would be in is not there" },
	{ 410, KITH_ENOENT, NEVER, "the file is gone" },
	{ 411, KITH_EIO, NEVER, "it wants to know how long a file is" },
	{ 412, KITH_EEXIST, NEVER,
	  "somebody else changed the file meanwhile: run it again" },
	{ 413, KITH_ETOOBIG, NEVER,
	  "the file is larger than it takes: see its configuration" },
	{ 416, KITH_EFORMAT, NEVER, "the file is shorter than it was" },
	{ 423, KITH_EBUSY, TWICE,
	  "another program has locked the file: try later" },
	{ 425, KITH_EBUSY, OFTEN, "it is too early: try later" },
	{ 429, KITH_EBUSY, OFTEN, "it had too many requests: try later" },
	{ 451, KITH_EDENIED, NEVER, "the law does not allow it" },
	{ 500, KITH_EIO, OFTEN, "it is in trouble: try later" },
	{ 501, KITH_EDENIED, NEVER, "it cannot do this: is it WebDAV?" },
	{ 502, KITH_EIO, OFTEN, "what stands behind it is down: try later" },
	{ 503, KITH_EBUSY, OFTEN, "it is busy or being mended: try later" },
	{ 504, KITH_EIO, OFTEN, "what stands behind it is slow: try later" },
	{ 507, KITH_EFULL, NEVER, "it has no room left" },
	{ 511, KITH_EDENIED, NEVER,
	  "this network wants a sign-in: open a browser" },
};
static const struct url_fault moved = {
	300, KITH_EIO, NEVER, "the folder is somewhere else now"
};
static const struct url_fault refused = { 400, KITH_EIO, NEVER,
					  "it refuses the request" };
static const struct url_fault troubled = { 500, KITH_EIO, OFTEN,
					   "it is in trouble: try later" };

static const struct url_fault curl_faults[] = {
	{ CURLE_UNSUPPORTED_PROTOCOL, KITH_EDENIED, NEVER,
	  "it does not speak HTTP, or libcurl here lacks the protocol" },
	{ CURLE_URL_MALFORMAT, KITH_EFORMAT, NEVER, "this is no URL" },
	{ CURLE_COULDNT_RESOLVE_PROXY, KITH_EIO, NEVER,
	  "there is no such proxy: see https_proxy" },
	{ CURLE_COULDNT_RESOLVE_HOST, KITH_EIO, TWICE,
	  "no such host is known: is there a network?" },
	{ CURLE_COULDNT_CONNECT, KITH_EIO, TWICE,
	  "it does not answer: is it running, and the port right?" },
	{ CURLE_WEIRD_SERVER_REPLY, KITH_EIO, NEVER,
	  "it does not speak HTTP there" },
	{ CURLE_REMOTE_ACCESS_DENIED, KITH_EDENIED, NEVER,
	  "this user may not do this: see the rights there" },
	{ CURLE_PARTIAL_FILE, KITH_EIO, OFTEN,
	  "it sent less than it said: try later" },
	{ CURLE_OUT_OF_MEMORY, KITH_ENOMEM, NEVER, "out of memory" },
	{ CURLE_OPERATION_TIMEDOUT, KITH_EIO, TWICE,
	  "nothing comes any more: try later" },
	{ CURLE_SSL_CONNECT_ERROR, KITH_EIO, TWICE, "TLS fails" },
	{ CURLE_BAD_DOWNLOAD_RESUME, KITH_EFORMAT, NEVER,
	  "the file is shorter than it was" },
	{ CURLE_ABORTED_BY_CALLBACK, KITH_EIO, NEVER, "stopped" },
	{ CURLE_GOT_NOTHING, KITH_EIO, OFTEN, "it hung up without an answer" },
	{ CURLE_SEND_ERROR, KITH_EIO, OFTEN, "the connection broke" },
	{ CURLE_RECV_ERROR, KITH_EIO, OFTEN, "the connection broke" },
	{ CURLE_HTTP2, KITH_EIO, OFTEN, "the connection broke" },
	{ CURLE_HTTP2_STREAM, KITH_EIO, OFTEN, "the connection broke" },
	{ CURLE_SSL_CACERT_BADFILE, KITH_EDENIED, NEVER,
	  "the file of certificates cannot be read: see SSL_CERT_FILE" },
	{ CURLE_FILESIZE_EXCEEDED, KITH_ETOOBIG, NEVER,
	  "the file is too large" },
	{ CURLE_LOGIN_DENIED, KITH_EDENIED, NEVER,
	  "it does not let this user in: see ssh-add -l, or KITH_SSH_KEY" },
	{ CURLE_REMOTE_DISK_FULL, KITH_EFULL, NEVER, "it has no room left" },
	{ CURLE_REMOTE_FILE_EXISTS, KITH_EEXIST, NEVER, "the file is there" },
	{ CURLE_REMOTE_FILE_NOT_FOUND, KITH_ENOENT, NEVER,
	  "there is no such file" },
	{ CURLE_SSH, KITH_EIO, TWICE, "the SSH connection broke" },
	{ CURLE_QUOTE_ERROR, KITH_EIO, NEVER, "it does not allow this" },
	{ CURLE_PEER_FAILED_VERIFICATION, KITH_EDENIED, NEVER,
	  "its key is not in known_hosts: connect once with ssh, and compare" },
	{ CURLE_PROXY, KITH_EIO, NEVER, "the proxy refuses: see https_proxy" },
};
static const struct url_fault strange = { 0, KITH_EIO, NEVER,
					  "the transfer failed" };

static const struct {
	long number;
	const char *text;
} certificates[] = {
	/* What libcurl leaves there when only the name is wrong. */
	{ 0, "its certificate is another host's" },
	{ 1, "its certificate is another host's" },
	{ 9, "its certificate is not valid yet: is the clock right?" },
	{ 10, "its certificate is out of date: ask who runs it" },
	{ 18, "nobody vouches for its certificate: name it in KITH_URL_CA" },
	{ 19, "nobody vouches for its certificate: name it in KITH_URL_CA" },
	{ 20, "nobody vouches for its certificate: name it in KITH_URL_CA" },
	{ 21, "nobody vouches for its certificate: name it in KITH_URL_CA" },
	{ 23, "its certificate was revoked" },
	{ 62, "its certificate is another host's" },
	{ 64, "its certificate is another host's" },
};

static const struct url_fault *find(const struct url_fault *rows, size_t count,
				    long code)
{
	for (size_t i = 0; i < count; i++)
		if (rows[i].code == code)
			return &rows[i];
	return NULL;
}

const struct url_fault *url_fault_http(long status)
{
	const struct url_fault *row =
		find(http_faults, sizeof(http_faults) / sizeof(http_faults[0]),
		     status);

	if (row)
		return row;
	if (status >= 500)
		return &troubled;
	return status >= 400 ? &refused : &moved;
}

const struct url_fault *url_fault_curl(int code)
{
	const struct url_fault *row =
		find(curl_faults, sizeof(curl_faults) / sizeof(curl_faults[0]),
		     code);

	return row ? row : &strange;
}

const char *url_fault_certificate(long verify)
{
	for (size_t i = 0; i < sizeof(certificates) / sizeof(certificates[0]);
	     i++)
		if (certificates[i].number == verify)
			return certificates[i].text;
	return "its certificate cannot be trusted";
}
