/*
 * The same folder behind a URL: any dumb host carries feeds.
 *
 *	https://host/path		any web server: for reading
 *	webdavs://host/path		WebDAV
 *	sftp://user@host/path		SFTP; /~/path is in the user's home
 *	s3://bucket/prefix		S3, of Amazon or of anybody
 *
 * http and webdav are the same without TLS.  Files are put whole and never
 * appended to: FOLDER_APPENDS is not there, and a file that was put is there
 * under its name at once, so that no part file needs to be renamed.
 * FOLDER_LISTS is there where a listing worked when the folder was opened.
 * A write that the server does not allow takes FOLDER_WRITES away.
 *
 * Whatever passes by itself is waited for, with back-off and within
 * url/session.h's limits; everything else is an error that says what to do.
 * Passwords and keys come from the home's `urls`, the environment, ~/.netrc or
 * the SSH agent, never from a URL, and stand in no text.  Blocks; one thread a
 * folder.  Manual: kith-urls(7).
 */
#ifndef DEPOT_FOLDER_URL_H
#define DEPOT_FOLDER_URL_H

#include "src/depot/folder.h"
#include "src/depot/name.h"
#include "src/store/home.h"

struct folder_url {
	const char *url;
	/* Its file `urls` has the keys of hosts, and depots/ keeps what small
	 * files looked like, so that they are asked for only if they changed.
	 * NULL: neither. */
	const struct home *home;
	/* Asked often while something is under way; false: give up, with EIO.
	 * NULL: never. */
	bool (*go_on)(void *arg);
	/* Told why it takes long: "again in 4 s: ...".  NULL: nobody is. */
	void (*note)(void *arg, const char *text);
	void *arg;
	/* The first wait before another try, and how long nothing may come;
	 * 0: as url/session.h has them. */
	int64_t first_wait_ms;
	unsigned stall_s;
};

/* text begins with the scheme of a URL, ours or another's: it is no path. */
bool folder_url_is(const char *text);

/* Connects where that shows what the folder can do.  EFORMAT: no such URL, or
 * one with a password in it; EDENIED: the host, its certificate or its key is
 * not trusted, or it does not trust us; EIO: it cannot be reached.  That
 * nothing is there yet is no error.  Borrows config; gives; folder_free. */
KITH_CHECK enum kith_err folder_url_open(const struct folder_url *config,
					 struct folder **out,
					 struct kith_error *e);

/* The writer that the URL names behind #writer=, as in folder->where: the
 * first whom a reader asks where nothing can be listed.  False: none. */
bool folder_url_writer(const char *where, struct depot_writer_id *out);

/* What a folder of folder_url_open has cost so far. */
struct folder_url_cost {
	uint64_t requests; /* those made again among them */
	uint64_t again;
	uint64_t not_modified; /* were answered without a body */
	uint64_t bytes_in, bytes_out; /* of bodies */
};
void folder_url_cost(const struct folder *f, struct folder_url_cost *out);

#endif
