# tests/client
if HAVE_CMOCKA
check_PROGRAMS += %D%/client
%C%_client_SOURCES = %D%/client.c %D%/server.c %D%/server.h
%C%_client_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_client_LDADD = src/client/libclient.la src/wire/libwire.la \
	feeds/libfeeds.la $(SODIUM_LIBS) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/capture_file
%C%_capture_file_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_capture_file_LDADD = src/client/libclient.la src/wire/libwire.la \
	feeds/libfeeds.la $(SODIUM_LIBS) $(CMOCKA_LIBS)
endif
