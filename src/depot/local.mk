# src/depot: a replica that is a folder.
noinst_LTLIBRARIES += %D%/libdepot.la
%C%_libdepot_la_SOURCES = \
	%D%/blob_in.c \
	%D%/blob_in.h \
	%D%/bundle.c \
	%D%/bundle.h \
	%D%/bundle_blob.c \
	%D%/bundle_read.c \
	%D%/carry.c \
	%D%/carry.h \
	%D%/carry_file.c \
	%D%/carry_file.h \
	%D%/carry_list.c \
	%D%/carry_list.h \
	%D%/carry_wants.c \
	%D%/carry_wants.h \
	%D%/folder.c \
	%D%/folder.h \
	%D%/folder_disk.c \
	%D%/folder_disk_names.c \
	%D%/folder_disk_private.h \
	%D%/folder_disk_write.c \
	%D%/folder_url.c \
	%D%/folder_url.h \
	%D%/folder_url_kept.c \
	%D%/folder_url_private.h \
	%D%/folder_url_write.c \
	%D%/head.h \
	%D%/line.h \
	%D%/memory.c \
	%D%/memory.h \
	%D%/memory_decode.c \
	%D%/memory_encode.c \
	%D%/memory_private.h \
	%D%/name.h \
	%D%/notes.h \
	%D%/ranges.h \
	%D%/seal.h \
	%D%/session.h \
	%D%/stream.h
%C%_libdepot_la_SOURCES += %D%/file_hash.c %D%/head.c %D%/line.c \
	%D%/name.c %D%/notes.c %D%/ranges.c %D%/rows.c %D%/rows.h %D%/seal.c \
	%D%/seal_folder.c %D%/slots.c %D%/stream.c %D%/head_text.c \
	%D%/head_text.h %D%/hex.h %D%/keep_row.h

# A session, and what goes in and out in it.
%C%_libdepot_la_SOURCES += %D%/session.c %D%/session_count.c \
	%D%/session_enter.c %D%/session_feeds.c %D%/session_feeds.h \
	%D%/session_notes.c %D%/session_private.h %D%/session_self.c \
	%D%/session_writers.c %D%/take.c %D%/take.h %D%/take_flight.c \
	%D%/take_left.c %D%/take_message.c %D%/take_segment.c \
	%D%/leave.c %D%/leave.h %D%/leave_check.c %D%/leave_close.c \
	%D%/leave_messages.c %D%/leave_proofs.c %D%/leave_say.c \
	%D%/leave_write.c

# What somebody who looks after a depot wants to know, and to have mended.
%C%_libdepot_la_SOURCES += %D%/survey.c %D%/survey.h %D%/scrub.c %D%/scrub.h \
	%D%/scrub_blobs.c %D%/scrub_heal.c %D%/scrub_private.h \
	%D%/gc.c %D%/gc.h %D%/gc_private.h %D%/merge.c
