# tests/url: one program a module.
if HAVE_CMOCKA
# A web server that lies.
check_LTLIBRARIES += tests/support/liblying.la
tests_support_liblying_la_SOURCES = tests/support/lying.c \
	tests/support/lying.h
tests_support_liblying_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

url_libs = src/url/liburl.la feeds/libfeeds.la $(CMOCKA_LIBS) $(SODIUM_LIBS)
check_PROGRAMS += %D%/address %D%/curl %D%/head %D%/listing %D%/settings
%C%_address_LDADD = $(url_libs)
%C%_curl_CFLAGS = $(AM_CFLAGS) $(CURL_CFLAGS) $(CMOCKA_CFLAGS)
%C%_curl_LDADD = $(url_libs)
%C%_head_LDADD = $(url_libs)
%C%_settings_LDADD = $(url_libs)
%C%_listing_LDADD = tests/support/liballoc.la $(url_libs)
%C%_listing_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
check_PROGRAMS += %D%/session %D%/manners
%C%_session_SOURCES = %D%/session.c %D%/case.c %D%/case.h
%C%_session_LDADD = tests/support/liblying.la $(url_libs) -lpthread
%C%_manners_SOURCES = %D%/manners.c %D%/case.c %D%/case.h
%C%_manners_LDADD = tests/support/liblying.la $(url_libs) -lpthread
endif
