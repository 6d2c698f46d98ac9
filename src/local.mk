# src/log: one line an event, for every layer but the pure ones.
noinst_LTLIBRARIES += %D%/liblog.la
%C%_liblog_la_SOURCES = %D%/log.c %D%/log.h %D%/limits.h

# The daemon: every layer, from the top down.
bin_PROGRAMS += %D%/kithd
%C%_kithd_SOURCES = %D%/daemon/main.c
%C%_kithd_LDADD = %D%/daemon/libdaemon.la %D%/client/libclient.la \
	%D%/net/libnet.la \
	%D%/web/libweb.la %D%/depot/libdepot.la %D%/url/liburl.la \
	%D%/ingest/libingest.la %D%/views/libviews.la %D%/store/libstore.la \
	%D%/gossip/libgossip.la %D%/wire/libwire.la %D%/liblog.la \
	feeds/libfeeds.la $(UV_LIBS) $(LMDB_LIBS) $(JANSSON_LIBS) \
	$(SODIUM_LIBS) -lm -lpthread
