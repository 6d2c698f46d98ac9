/*
 * What the head of an answer of HTTP says of a file.
 *
 * Pure, but for loading libcurl, which reads dates.  Source: RFC 9110.
 */
#ifndef URL_HEAD_H
#define URL_HEAD_H

#include "feeds/bytes.h"

/* By which a host knows a file again; both empty: it does not say.  What
 * changed in the second of the answer may do so again unseen: only a settled
 * one proves that a file is the same. */
struct url_version {
	char etag[256];
	char modified[64];
	bool settled;
};

bool url_version_empty(const struct url_version *v);
/* Both say something, and it is not the same. */
bool url_version_differs(const struct url_version *a,
			 const struct url_version *b);

struct url_head {
	struct url_version version;
	int64_t date, changed; /* s; -1: not said */
	int64_t retry_after_s; /* -1: not said */
	/* Content-Range: the first and last byte of a part, and how many the
	 * file has. */
	uint64_t first, last, total;
	bool has_range, has_total;
	bool encoded; /* compressed by the host */
	char location[1024]; /* "": it sends nowhere */
};

void url_head_init(struct url_head *h);

/* Takes one line, with its end.  What is too long or no line is as if it had
 * not been said; a line of a status begins anew. */
void url_head_take(struct url_head *h, struct kith_slice line);

#endif
