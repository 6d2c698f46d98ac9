#include "src/web/mhd.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define FUNCTION(name) { "MHD_" #name, offsetof(struct mhd, name) }

static const struct {
	const char *name;
	size_t offset;
} functions[] = {
	FUNCTION(start_daemon),
	FUNCTION(stop_daemon),
	FUNCTION(get_daemon_info),
	FUNCTION(lookup_connection_value),
	FUNCTION(queue_response),
	FUNCTION(add_response_header),
	FUNCTION(destroy_response),
	FUNCTION(create_response_from_buffer),
	FUNCTION(create_response_from_callback),
};

/* The name of all versions with this interface, and of what it is built with. */
static const char *const files[] = { "libmicrohttpd.so.12",
				     "libmicrohttpd.so" };

static void *load(void)
{
	void *library = NULL;

	for (size_t i = 0; !library && i < sizeof(files) / sizeof(*files); i++)
		library = dlopen(files[i], RTLD_NOW | RTLD_LOCAL);
	return library;
}

enum kith_err mhd_load(struct mhd *out, struct kith_error *e)
{
	void *library = load();

	if (!library)
		return kith_fail(e, KITH_ENOENT, 0, "libmicrohttpd is needed "
				 "and not installed");
	for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++) {
		void *function = dlsym(library, functions[i].name);

		if (!function)
			return kith_fail(e, KITH_ENOENT, 0, "libmicrohttpd is "
					 "too old: it lacks %s",
					 functions[i].name);
		memcpy((char *)out + functions[i].offset, &function,
		       sizeof(function));
	}
	return KITH_OK;
}
