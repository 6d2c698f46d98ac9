/*
 * What a host's answer means, and what to do about it: one table.
 *
 * Pure.
 */
#ifndef URL_FAULT_H
#define URL_FAULT_H

#include "feeds/err.h"

struct url_fault {
	int code;
	enum kith_err err;
	unsigned again; /* how often it is worth another try */
	const char *text;
};

/* Of a status of HTTP from 300 on, and of a code of libcurl but CURLE_OK.
 * Never NULL. */
const struct url_fault *url_fault_http(long status);
const struct url_fault *url_fault_curl(int code);

/* Why a certificate was not good enough, by OpenSSL's number; 0: it is of
 * another host. */
const char *url_fault_certificate(long verify);

#endif
