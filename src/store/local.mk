# src/store: LMDB, its tables, and the home folder.
noinst_LTLIBRARIES += %D%/libstore.la
%C%_libstore_la_SOURCES = \
	%D%/ask.c \
	%D%/ask.h \
	%D%/backup_file.c \
	%D%/backup_file.h \
	%D%/backup_private.h \
	%D%/backup_read.c \
	%D%/backup_write.c \
	%D%/blob_batch.c \
	%D%/blob_batch.h \
	%D%/blob_check.c \
	%D%/blob_check.h \
	%D%/blob_rows.c \
	%D%/blob_rows.h \
	%D%/blob_words.c \
	%D%/blob_words.h \
	%D%/blobs.c \
	%D%/blobs.h \
	%D%/blobs_private.h \
	%D%/blobs_walk.c \
	%D%/blobs_write.c \
	%D%/comments.c \
	%D%/comments.h \
	%D%/compact.c \
	%D%/compact.h \
	%D%/copy.c \
	%D%/crc32c.c \
	%D%/crc32c.h \
	%D%/crc32c_cpu.h \
	%D%/create.c \
	%D%/dump.c \
	%D%/dump.h \
	%D%/environment.c \
	%D%/feeds.c \
	%D%/fill.c \
	%D%/foresight.c \
	%D%/foresight.h \
	%D%/generation.c \
	%D%/generation.h \
	%D%/home.c \
	%D%/home.h \
	%D%/home_fs.c \
	%D%/home_lock.c \
	%D%/home_secret.c \
	%D%/id_index.c \
	%D%/id_index.h \
	%D%/keys.c \
	%D%/keys.h \
	%D%/local.c \
	%D%/local.h \
	%D%/messages.c \
	%D%/messages.h \
	%D%/page.c \
	%D%/page.h \
	%D%/pages.c \
	%D%/pages.h \
	%D%/pages_enter.c \
	%D%/pages_heads.c \
	%D%/pages_private.h \
	%D%/pages_walk.c \
	%D%/pages_walk.h \
	%D%/proofs.c \
	%D%/proofs.h \
	%D%/recover.c \
	%D%/renew.c \
	%D%/renew.h \
	%D%/row.c \
	%D%/row.h \
	%D%/schema.c \
	%D%/scan.c \
	%D%/scan.h \
	%D%/seal.c \
	%D%/seal.h \
	%D%/signals.c \
	%D%/signals.h \
	%D%/ssb_folder.c \
	%D%/ssb_folder.h \
	%D%/store.c \
	%D%/store.h \
	%D%/store_private.h \
	%D%/txn.c \
	%D%/txn_cursor.c \
	%D%/wall.h
if CPU_X86_64
%C%_libstore_la_SOURCES += %D%/crc32c_x86_64.c
else
%C%_libstore_la_SOURCES += %D%/crc32c_portable.c
endif
%C%_libstore_la_CFLAGS = $(AM_CFLAGS) $(LMDB_CFLAGS)
%C%_libstore_la_LIBADD = $(LMDB_LIBS) $(SODIUM_LIBS)
