/*
 * Writes BIPF, and blocks of the log that ssb-db2 keeps it in.
 */
#ifndef SUPPORT_BIPF_H
#define SUPPORT_BIPF_H

#include "feeds/bipf.h"

void bipf_put(struct kith_buf *out, enum bipf_kind kind,
	      struct kith_slice data);
void bipf_put_text(struct kith_buf *out, const char *text);
void bipf_put_int(struct kith_buf *out, int32_t n);
void bipf_put_double(struct kith_buf *out, double d);

/* Any JSON, as the npm package encodes it. */
void bipf_put_json(struct kith_buf *out, struct kith_slice value);

/* A record of a log: into a block that is full there, or the next. */
void bipf_put_record(struct kith_buf *log, struct kith_slice record);

/* Zeros up to the end of the block. */
void bipf_end_block(struct kith_buf *log);

#endif
