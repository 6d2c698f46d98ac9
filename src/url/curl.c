#include "src/url/curl.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>

enum { OLDEST = 0x075800 }; /* 7.88, as configure asks for */

#define FUNCTION(name) { "curl_" #name, offsetof(struct url_curl, name) }

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(version_info),
	FUNCTION(easy_init),
	FUNCTION(easy_cleanup),
	FUNCTION(easy_reset),
	FUNCTION(easy_setopt),
	FUNCTION(easy_getinfo),
	FUNCTION(easy_perform),
	FUNCTION(slist_append),
	FUNCTION(slist_free_all),
	FUNCTION(url),
	FUNCTION(url_cleanup),
	FUNCTION(url_get),
	FUNCTION(url_set),
	FUNCTION(getdate),
	FUNCTION(free),
};

/* The name of all versions with this interface, and of what it is built with. */
static const char *const files[] = { "libcurl.so.4", "libcurl.so" };

/* Once loaded, it is the same for all. */
struct url_curl libcurl;
static bool loaded;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER; /* of loaded */

static void *open_library(void)
{
	void *library = NULL;

	for (size_t i = 0; !library && i < sizeof(files) / sizeof(*files); i++)
		library = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

static enum kith_err load(struct kith_error *e)
{
	void *library = open_library();

	if (!library)
		return kith_fail(e, KITH_EIO, 0, "for URLs libcurl (libcurl.so.4) "
				 "is needed and not installed");
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return kith_fail(e, KITH_EIO, 0, "libcurl is too old: "
					 "it lacks %s", functions[i].name);
		memcpy((char *)&libcurl + functions[i].offset, &function,
		       sizeof(function));
	}
	if (libcurl.version_info(CURLVERSION_NOW)->version_num < OLDEST)
		return kith_fail(e, KITH_EIO, 0, "libcurl is too old: 7.88 is "
				 "needed");
	return KITH_OK;
}

enum kith_err url_curl_load(struct kith_error *e)
{
	enum kith_err err = KITH_OK;

	pthread_mutex_lock(&lock);
	if (!loaded)
		err = load(e);
	loaded = !err;
	pthread_mutex_unlock(&lock);
	return err;
}
