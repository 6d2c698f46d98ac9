# src/wire: what goes over a connection, pure.
noinst_LTLIBRARIES += %D%/libwire.la
%C%_libwire_la_SOURCES = %D%/address.c %D%/address.h %D%/box.c %D%/box.h \
	%D%/call.c %D%/call.h %D%/muxrpc.c %D%/muxrpc.h \
	%D%/requests.c %D%/requests.h %D%/session.c %D%/session.h \
	%D%/session_send.c %D%/session_state.h %D%/shs.c %D%/shs.h
