/*
 * libcurl, loaded when the first URL is used: it brings thirty libraries, whose
 * start takes longer than all of kithd's, and more memory.
 */
#ifndef URL_CURL_H
#define URL_CURL_H

#include <curl/curl.h>

#include "feeds/err.h"

/* Its functions, by the names they have there without curl_. */
struct url_curl {
	__typeof__(&curl_version_info) version_info;
	__typeof__(&curl_easy_init) easy_init;
	__typeof__(&curl_easy_cleanup) easy_cleanup;
	__typeof__(&curl_easy_reset) easy_reset;
	__typeof__(&curl_easy_setopt) easy_setopt;
	__typeof__(&curl_easy_getinfo) easy_getinfo;
	__typeof__(&curl_easy_perform) easy_perform;
	__typeof__(&curl_slist_append) slist_append;
	__typeof__(&curl_slist_free_all) slist_free_all;
	__typeof__(&curl_url) url;
	__typeof__(&curl_url_cleanup) url_cleanup;
	__typeof__(&curl_url_get) url_get;
	__typeof__(&curl_url_set) url_set;
	__typeof__(&curl_getdate) getdate;
	__typeof__(&curl_free) free;
};

/* For who has called url_curl_load, or was given what needs it. */
extern struct url_curl libcurl;

/* Fills libcurl, once; the library stays loaded.  Any thread.  EIO: it is not
 * installed, or too old. */
KITH_CHECK enum kith_err url_curl_load(struct kith_error *e);

#endif
