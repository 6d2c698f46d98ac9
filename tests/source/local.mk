# tests/source: one program a module.
if HAVE_CMOCKA
source_bytes_libs = src/source/libsource.la tools/libstream.la \
	feeds/libfeeds.la $(ZLIB_LIBS) $(ZSTD_LIBS) $(CMOCKA_LIBS)
check_PROGRAMS += %D%/unpack %D%/lines %D%/flume
%C%_unpack_LDADD = $(source_bytes_libs)
%C%_lines_LDADD = $(source_bytes_libs)
%C%_flume_LDADD = $(source_bytes_libs)
endif
