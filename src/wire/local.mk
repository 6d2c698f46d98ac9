# src/wire: what goes over a connection, pure.
noinst_LTLIBRARIES += %D%/libwire.la
%C%_libwire_la_SOURCES = %D%/address.c %D%/address.h %D%/box.c %D%/box.h \
	%D%/call.c %D%/call.h %D%/capture.c %D%/capture.h \
	%D%/capture_keys.c %D%/capture_names.c %D%/capture_names.h \
	%D%/capture_read.c %D%/muxrpc.c %D%/muxrpc.h \
	%D%/requests.c %D%/requests.h %D%/recorder.c %D%/recorder.h %D%/session.c %D%/session.h \
	%D%/session_send.c %D%/session_state.h %D%/shs.c %D%/shs.h

# What is said on connections, heard from outside: recordings, and what they
# come from.
%C%_libwire_la_SOURCES += %D%/dissect.c %D%/dissect.h %D%/dissect_calls.c %D%/dissect_derive.c \
	%D%/dissect_private.h %D%/flows.c %D%/flows.h %D%/pcap.c %D%/pcap.h %D%/pcap_write.c \
	%D%/segment.c %D%/segment.h %D%/tcp.c %D%/tcp.h \
	%D%/userlink.h
