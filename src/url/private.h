/*
 * What the files of src/url share: a session's inside, one request and its
 * answer.
 */
#ifndef URL_PRIVATE_H
#define URL_PRIVATE_H

#include "src/url/curl.h"
#include "src/url/fault.h"
#include "src/url/head.h"
#include "src/url/session.h"

enum { URL_LINE_BYTES = 2 * URL_TEXT_BYTES, URL_TROUBLE_BYTES = 4096 };

struct url_session {
	struct url_address address;
	struct url_settings settings;
	const struct url_host *host;
	CURL *curl; /* keeps the connections */
	char base[URL_LINE_BYTES]; /* as libcurl takes it; no '/' at its end */
	size_t bucket_bytes; /* of base, up to an S3 bucket's own URL */
	char ssh_key[URL_SETTING_BYTES], known_hosts[URL_SETTING_BYTES];
	char ssh_user[URL_SETTING_BYTES];
	bool (*go_on)(void *arg);
	void (*note)(void *arg, const char *text);
	void *arg;
	int64_t first_wait_ms, waited_ms;
	unsigned stall_s;
	bool read_only, no_conditions;
	struct url_cost cost;
};

/* Where a body goes: to the end of one of these. */
struct url_sink {
	struct kith_buf *buf; /* NULL: fd */
	int fd;
	uint64_t skip; /* bytes to be left out first */
	uint64_t max;  /* more than that is an error */
	uint64_t got;
};

enum url_condition {
	URL_ALWAYS,
	URL_IF_OTHER, /* than version: to read it */
	URL_IF_SAME,  /* as version, or absent as it is: to write it */
};

struct url_call {
	const char *method;
	char url[URL_LINE_BYTES];
	struct curl_slist *headers, *orders; /* of HTTP; of SFTP */
	bool lacks_memory, is_signed;
	bool only_head; /* no body comes */
	bool hasty;	/* a 500 is not waited for */
	bool stranger;	/* of a host that gets no password */
	bool ranged;
	uint64_t from, to; /* to: the last byte */
	enum url_condition condition;
	struct url_version version;
	const struct url_body *body;
	struct url_sink sink; /* buf NULL and fd -1: no body is expected */
};

struct url_answer {
	CURLcode code;
	long status; /* of HTTP; 0 of SFTP */
	long verify;
	struct url_head head;
	uint64_t length;
	bool has_length;
	bool begun, taken; /* the body: its first byte came; it is for us */
	bool whole;    /* all of the file, though a range was asked for */
	bool replaced; /* another version than asked for */
	bool over;     /* more bytes than there should be */
	bool stopped, endless;
	char trouble[URL_TROUBLE_BYTES]; /* the body of an error */
	size_t trouble_bytes, header_bytes;
	struct kith_error spool; /* why the sink failed */
};

/* What differs between kinds of hosts. */
struct url_host {
	bool writes, http;
	/* Fills in s->base. */
	enum kith_err (*prepare)(struct url_session *s, struct kith_error *e);
	/* What an error's own text means; NULL: see the tables. */
	const struct url_fault *(*judge)(const struct url_call *call,
					 const struct url_answer *a);
	/* Sets what lets us in, for one call. */
	CURLcode (*sign)(struct url_session *s, struct url_call *call);
	enum kith_err (*size)(struct url_session *s, const char *name,
			      uint64_t *bytes, struct kith_error *e);
	/* NULL: none are needed. */
	enum kith_err (*make_folder)(struct url_session *s, const char *name,
				     struct kith_error *e);
	enum kith_err (*remove)(struct url_session *s, const char *name,
				struct kith_error *e);
	enum kith_err (*rename)(struct url_session *s, const char *from,
				const char *to, struct kith_error *e);
	enum kith_err (*list)(struct url_session *s, const char *name,
			      struct url_listing *out, struct kith_error *e);
};

extern const struct url_host url_files, url_dav, url_s3, url_sftp;

/* --- session.c ------------------------------------------------------------ */

/* A call for a name below the base; "" the base itself.  url_call_clear. */
void url_call_init(const struct url_session *s, struct url_call *call,
		   const char *method, const char *name);
void url_call_clear(struct url_call *call);
void url_call_header(struct url_call *call, const char *name,
		     const char *value);
void url_call_body(const struct url_session *s, struct url_call *call,
		   const struct url_body *body);
void url_call_order(struct url_call *call, const char *order);

/* Makes the folders that name lies in, and the one of the URL, where the host
 * has folders. */
enum kith_err url_make_folders(struct url_session *s, const char *name,
			       struct kith_error *e);
/* Gives the text of a list, call cleared; one that is not there is empty. */
enum kith_err url_list_text(struct url_session *s, struct url_call *call,
			    struct kith_buf *text, struct kith_error *e);
/* What a parser of lists found, with a text for a person. */
enum kith_err url_list_checked(const struct url_session *s, enum kith_err err,
			       struct kith_error *e);
/* By a HEAD. */
enum kith_err url_http_size(struct url_session *s, const char *name,
			    uint64_t *bytes, struct kith_error *e);
/* By a DELETE. */
enum kith_err url_http_remove(struct url_session *s, const char *name,
			      struct kith_error *e);
CURLcode url_http_sign(struct url_session *s, struct url_call *call);
/* scheme://host:port and the path. */
enum kith_err url_http_prepare(struct url_session *s, struct kith_error *e);

/* --- attempt.c ------------------------------------------------------------ */

/* One request, one answer.  *a is zeroed first. */
void url_attempt(struct url_session *s, struct url_call *call,
		 struct url_answer *a);

/* --- try.c ---------------------------------------------------------------- */

/* Requests until one succeeds or none can: follows, waits, resumes.  The error
 * is that of the last one. */
enum kith_err url_try(struct url_session *s, struct url_call *call,
		      struct url_answer *a, struct kith_error *e);

#endif
