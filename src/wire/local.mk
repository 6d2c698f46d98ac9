# src/wire: what goes over a connection, pure.
noinst_LTLIBRARIES += %D%/libwire.la
%C%_libwire_la_SOURCES = %D%/address.c %D%/address.h %D%/box.c %D%/box.h \
	%D%/muxrpc.c %D%/muxrpc.h %D%/shs.c %D%/shs.h
