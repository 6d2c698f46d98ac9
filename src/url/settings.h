/*
 * Keys of hosts: from the home's file `urls` and from the environment.
 *
 *	url webdavs://cloud.example.org/
 *	user anna
 *	password correct horse battery staple
 *
 *	url s3://kith/
 *	endpoint https://s3.example.org
 *	region eu-central-1
 *	key AKIA...
 *	secret ...
 *
 * Lines of a name and a value; they hold for URLs that begin with the `url`
 * above them.  KITH_... of the environment goes before the file, and AWS_...
 * behind it.  Pure but for getenv.  Manual: kith-urls(7).
 */
#ifndef URL_SETTINGS_H
#define URL_SETTINGS_H

#include "feeds/bytes.h"

enum {
	URL_SETTING_BYTES = 512,
	URL_TOKEN_BYTES = 4096,
	URL_SETTINGS_FILE_BYTES = 64 * 1024
};

/* "" is not set.  Holds secrets: url_settings_clear. */
struct url_settings {
	char user[URL_SETTING_BYTES], password[URL_SETTING_BYTES];
	char ca[URL_SETTING_BYTES]; /* a file of certificates to trust */
	char known_hosts[URL_SETTING_BYTES];
	char ssh_key[URL_SETTING_BYTES], ssh_passphrase[URL_SETTING_BYTES];
	char endpoint[URL_SETTING_BYTES], region[URL_SETTING_BYTES];
	char key[URL_SETTING_BYTES], secret[URL_SETTING_BYTES];
	char token[URL_TOKEN_BYTES];
	char style[URL_SETTING_BYTES]; /* path, host */
};

/* What file says of url, and the environment.  file may be empty.  EFORMAT: e
 * names the line, never its value. */
KITH_CHECK enum kith_err url_settings_read(struct kith_slice file,
					   const char *url,
					   struct url_settings *out,
					   struct kith_error *e);
void url_settings_clear(struct url_settings *s);

#endif
