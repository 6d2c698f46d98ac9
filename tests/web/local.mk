# tests/web
if HAVE_CMOCKA
check_PROGRAMS += %D%/ask %D%/web
web_tests_libs = tests/support/libhome.la src/web/libweb.la src/store/libstore.la src/liblog.la \
	feeds/libfeeds.la $(LMDB_LIBS) $(SODIUM_LIBS) $(CMOCKA_LIBS) -lm -lpthread
%C%_ask_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_ask_LDADD = $(web_tests_libs)
%C%_web_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_web_LDADD = $(web_tests_libs)
endif
