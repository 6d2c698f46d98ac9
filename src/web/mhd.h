/*
 * libmicrohttpd, loaded when there is a port to serve: it brings libraries for
 * TLS whose start takes longer than all of kithd's.
 */
#ifndef WEB_MHD_H
#define WEB_MHD_H

#include <microhttpd.h>

#include "feeds/err.h"

/* Its functions, by the names they have there without MHD_. */
struct mhd {
	__typeof__(&MHD_start_daemon) start_daemon;
	__typeof__(&MHD_stop_daemon) stop_daemon;
	__typeof__(&MHD_get_daemon_info) get_daemon_info;
	__typeof__(&MHD_lookup_connection_value) lookup_connection_value;
	__typeof__(&MHD_queue_response) queue_response;
	__typeof__(&MHD_add_response_header) add_response_header;
	__typeof__(&MHD_destroy_response) destroy_response;
	__typeof__(&MHD_create_response_from_buffer)
		create_response_from_buffer;
	__typeof__(&MHD_create_response_from_callback)
		create_response_from_callback;
};

/* Fills *out; the library stays loaded.  ENOENT: it is not installed, or has
 * not all of these. */
KITH_CHECK enum kith_err mhd_load(struct mhd *out, struct kith_error *e);

#endif
