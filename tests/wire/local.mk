# tests/wire
EXTRA_DIST += tests/vectors/protocol/boxstream.json \
	tests/vectors/protocol/muxrpc.json tests/vectors/protocol/shs.json

if HAVE_CMOCKA
check_LTLIBRARIES += %D%/libvectors.la
%C%_libvectors_la_SOURCES = %D%/vectors.c %D%/vectors.h
%C%_libvectors_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
wire_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS) $(JANSSON_CFLAGS)
wire_test_libs = %D%/libvectors.la src/wire/libwire.la feeds/libfeeds.la \
	tests/support/liballoc.la $(CMOCKA_LIBS) $(JANSSON_LIBS)

check_PROGRAMS += %D%/shs
%C%_shs_CFLAGS = $(wire_test_cflags)
%C%_shs_LDADD = $(wire_test_libs)
%C%_shs_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)

check_PROGRAMS += %D%/box
%C%_box_CFLAGS = $(wire_test_cflags)
%C%_box_LDADD = $(wire_test_libs)
%C%_box_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)

check_PROGRAMS += %D%/muxrpc
%C%_muxrpc_CFLAGS = $(wire_test_cflags)
%C%_muxrpc_LDADD = $(wire_test_libs)
%C%_muxrpc_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)

check_LTLIBRARIES += %D%/libtalk.la
%C%_libtalk_la_SOURCES = %D%/talk.c %D%/talk.h
%C%_libtalk_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

check_PROGRAMS += %D%/session_streams
%C%_session_streams_CFLAGS = $(wire_test_cflags)
%C%_session_streams_LDADD = %D%/libtalk.la $(wire_test_libs)
endif

if HAVE_CMOCKA
check_PROGRAMS += %D%/address
%C%_address_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
%C%_address_LDADD = tests/support/libdata.la src/wire/libwire.la \
	feeds/libfeeds.la $(CMOCKA_LIBS)

check_PROGRAMS += %D%/session_bad
%C%_session_bad_CFLAGS = $(wire_test_cflags)
%C%_session_bad_LDADD = %D%/libtalk.la $(wire_test_libs)

check_PROGRAMS += %D%/session_captured
%C%_session_captured_CFLAGS = $(wire_test_cflags)
%C%_session_captured_LDADD = %D%/libtalk.la $(wire_test_libs)

check_PROGRAMS += %D%/session_bytes
%C%_session_bytes_CFLAGS = $(wire_test_cflags)
%C%_session_bytes_LDADD = %D%/libtalk.la $(wire_test_libs)
%C%_session_bytes_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif

# Captures.
if HAVE_CMOCKA
check_PROGRAMS += %D%/capture %D%/capture_keys
%C%_capture_keys_CFLAGS = $(wire_test_cflags)
%C%_capture_keys_LDADD = $(wire_test_libs)
%C%_capture_CFLAGS = $(wire_test_cflags)
%C%_capture_LDADD = $(wire_test_libs)
%C%_capture_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)

check_PROGRAMS += %D%/recorder
%C%_recorder_CFLAGS = $(wire_test_cflags)
%C%_recorder_LDADD = $(wire_test_libs)
endif

# What is heard from outside.
check_LTLIBRARIES += %D%/liboverheard.la
%C%_liboverheard_la_SOURCES = %D%/overheard.c %D%/overheard.h
if HAVE_CMOCKA
check_PROGRAMS += %D%/dissect %D%/dissect_packets %D%/pcap %D%/tcp %D%/segment
%C%_dissect_packets_CFLAGS = $(wire_test_cflags)
%C%_dissect_packets_LDADD = $(wire_test_libs) $(SODIUM_LIBS)
%C%_dissect_CFLAGS = $(wire_test_cflags)
%C%_dissect_LDADD = %D%/liboverheard.la $(wire_test_libs) $(SODIUM_LIBS)
%C%_dissect_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_pcap_CFLAGS = $(wire_test_cflags)
%C%_pcap_LDADD = %D%/liboverheard.la $(wire_test_libs)
%C%_pcap_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_tcp_CFLAGS = $(wire_test_cflags)
%C%_tcp_LDADD = $(wire_test_libs)
%C%_tcp_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_segment_CFLAGS = $(wire_test_cflags)
%C%_segment_LDADD = $(wire_test_libs)
endif
