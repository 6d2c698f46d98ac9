# tests/daemon
if HAVE_CMOCKA
daemon_test_libs = src/daemon/libdaemon.la src/client/libclient.la \
	src/net/libnet.la \
	src/web/libweb.la src/depot/libdepot.la src/url/liburl.la \
	src/ingest/libingest.la src/views/libviews.la src/store/libstore.la \
	src/gossip/libgossip.la src/wire/libwire.la src/liblog.la \
	feeds/libfeeds.la $(UV_LIBS) $(LMDB_LIBS) $(JANSSON_LIBS) \
	$(SODIUM_LIBS) -lm -lpthread

# A daemon that a test asks (tests/support/bed.h).
check_LTLIBRARIES += tests/support/libbed.la
tests_support_libbed_la_SOURCES = tests/support/bed.c tests/support/bed.h
tests_support_libbed_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
bed_libs = tests/support/libbed.la src/client/libclient.la \
	tests/support/libauthor.la tests/support/libhome.la \
	$(daemon_test_libs) $(CMOCKA_LIBS)

check_PROGRAMS += %D%/args %D%/config %D%/load %D%/methods %D%/rpc
%C%_args_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_args_LDADD = $(daemon_test_libs) $(CMOCKA_LIBS)
%C%_config_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_config_LDADD = $(daemon_test_libs) $(CMOCKA_LIBS)
%C%_load_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_load_LDADD = $(bed_libs)
%C%_methods_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_methods_LDADD = $(bed_libs)
%C%_rpc_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_rpc_LDADD = $(daemon_test_libs) $(CMOCKA_LIBS)
endif

# What was refused, and how often it may be asked for.
if HAVE_CMOCKA
check_PROGRAMS += %D%/rate %D%/refusals
%C%_rate_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_rate_LDADD = $(daemon_test_libs) $(CMOCKA_LIBS)
%C%_refusals_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_refusals_LDADD = $(daemon_test_libs) $(CMOCKA_LIBS)
endif

# The methods that read from the views.
if HAVE_CMOCKA
check_PROGRAMS += %D%/queries
%C%_queries_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_queries_LDADD = tests/support/libdata.la $(bed_libs)
endif
EXTRA_DIST += tests/vectors/protocol/api-views.json

# Blobs.
if HAVE_CMOCKA
check_PROGRAMS += %D%/blobs
%C%_blobs_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_blobs_LDADD = $(bed_libs)
endif

# What is private.
if HAVE_CMOCKA
check_PROGRAMS += %D%/letters
%C%_letters_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_letters_LDADD = tests/views/liboracle.la $(bed_libs)
endif

# Captures.
if HAVE_CMOCKA
check_PROGRAMS += %D%/capture %D%/capture_end
capture_scene = %D%/capture_scene.c %D%/capture_scene.h
%C%_capture_SOURCES = %D%/capture.c $(capture_scene)
%C%_capture_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_capture_LDADD = $(bed_libs)
%C%_capture_end_SOURCES = %D%/capture_end.c $(capture_scene)
%C%_capture_end_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_capture_end_LDADD = $(bed_libs)
endif
