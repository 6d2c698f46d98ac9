# tests/store
if HAVE_CMOCKA
# A home in a temporary folder, for every test that needs one.
check_LTLIBRARIES += tests/support/libhome.la
tests_support_libhome_la_SOURCES = tests/support/home.c tests/support/home.h \
	tools/stream/remove_all.c tools/stream/remove_all.h
tests_support_libhome_la_CFLAGS = $(AM_CFLAGS) $(CMOCKA_CFLAGS)

store_tests_libs = tests/support/libhome.la src/store/libstore.la \
	src/liblog.la feeds/libfeeds.la $(CMOCKA_LIBS)

check_PROGRAMS += %D%/home %D%/row %D%/store %D%/messages %D%/local \
	%D%/alloc %D%/proofs %D%/schema %D%/generation %D%/seal %D%/id_index \
	%D%/signals
EXTRA_DIST += %D%/schema-1.mdb
%C%_proofs_LDADD = $(store_tests_libs)
%C%_schema_LDADD = $(store_tests_libs)
%C%_signals_LDADD = $(store_tests_libs)
%C%_id_index_LDADD = $(store_tests_libs)
check_PROGRAMS += %D%/compact %D%/compact_writers
check_PROGRAMS += %D%/copy %D%/scan %D%/ssb_folder
%C%_scan_LDADD = $(store_tests_libs)
%C%_copy_LDADD = $(store_tests_libs)
%C%_ssb_folder_LDADD = $(store_tests_libs)
check_PROGRAMS += %D%/comments %D%/pages
%C%_comments_LDADD = $(store_tests_libs)
check_PROGRAMS += %D%/blobs %D%/blob_rows %D%/blob_batch %D%/blob_writer
%C%_blob_batch_SOURCES = %D%/blob_case.c %D%/blob_case.h %D%/blob_batch.c
%C%_blob_batch_LDADD = $(store_tests_libs) $(SODIUM_LIBS)
%C%_blob_rows_SOURCES = %D%/blob_case.c %D%/blob_case.h %D%/blob_rows.c
%C%_blobs_SOURCES = %D%/blob_case.c %D%/blob_case.h %D%/blobs.c
%C%_blob_writer_SOURCES = %D%/blob_case.c %D%/blob_case.h %D%/blob_writer.c
%C%_blob_writer_LDADD = $(store_tests_libs) $(SODIUM_LIBS)
%C%_blob_rows_LDADD = $(store_tests_libs) $(SODIUM_LIBS)
%C%_blobs_LDADD = $(store_tests_libs) $(SODIUM_LIBS)
check_PROGRAMS += %D%/backup_file %D%/dump %D%/home_secret
%C%_home_secret_LDADD = $(store_tests_libs) $(SODIUM_LIBS)
%C%_backup_file_LDADD = $(store_tests_libs) $(SODIUM_LIBS) \
	tests/support/liballoc.la
%C%_backup_file_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_dump_LDADD = $(store_tests_libs)
%C%_pages_LDADD = $(store_tests_libs)
%C%_compact_LDADD = $(store_tests_libs) $(SODIUM_LIBS)
%C%_compact_writers_LDADD = $(store_tests_libs)
%C%_generation_LDADD = $(store_tests_libs)
%C%_seal_LDADD = $(store_tests_libs)
%C%_home_LDADD = $(store_tests_libs)
%C%_store_LDADD = $(store_tests_libs)
%C%_messages_LDADD = $(store_tests_libs)
%C%_local_LDADD = $(store_tests_libs)
%C%_row_LDADD = $(store_tests_libs)
%C%_alloc_LDADD = $(store_tests_libs) tests/support/liballoc.la
%C%_alloc_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif
