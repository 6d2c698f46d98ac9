# src/net: sockets and timers; the only place that knows libuv.
noinst_LTLIBRARIES += %D%/libnet.la
%C%_libnet_la_SOURCES = %D%/net.c %D%/net.h %D%/conn.c %D%/dial.c \
	%D%/listen.c %D%/internal.h
%C%_libnet_la_CFLAGS = $(AM_CFLAGS) $(UV_CFLAGS)
%C%_libnet_la_LIBADD = $(UV_LIBS)
