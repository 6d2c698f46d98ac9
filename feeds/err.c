#include "feeds/err.h"

#include <stdarg.h>
#include <stdio.h>

const char *kith_strerror(enum kith_err e)
{
	switch (e) {
	case KITH_OK: return "no error";
	case KITH_ENOMEM: return "out of memory";
	case KITH_ETOOBIG: return "longer than the limit";
	case KITH_EFORMAT: return "malformed";
	case KITH_ESIGN: return "bad signature";
	case KITH_EGAP: return "earlier messages are missing";
	case KITH_EFORK: return "contradicts a message that is held";
	case KITH_EEXIST: return "there already";
	case KITH_ENOENT: return "not found";
	case KITH_EDENIED: return "not allowed";
	case KITH_EIO: return "reading or writing failed";
	case KITH_EFULL: return "no room left";
	case KITH_EBUSY: return "in use by another";
	}
	return "unknown error";
}

enum kith_err kith_fail(struct kith_error *e, enum kith_err code,
			size_t offset, const char *format, ...)
{
	va_list args;

	if (!e || e->code)
		return code;
	e->code = code;
	e->offset = offset;
	va_start(args, format);
	vsnprintf(e->text, sizeof(e->text), format, args);
	va_end(args);
	return code;
}
