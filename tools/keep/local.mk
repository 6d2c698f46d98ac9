# tools/keep: keep house
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/backup.c %D%/blob.c \
	%D%/blob.h %D%/blob_gc.c %D%/blob_list.c %D%/blob_space.c \
	%D%/blob_why.c %D%/compact.c %D%/feed.c %D%/forget.c %D%/fsck.c \
	%D%/fsck.h %D%/fsck_print.c %D%/fsck_repair.c %D%/fsck_resume.c \
	%D%/passphrase.c %D%/restore.c %D%/restore_file.c %D%/restore_file.h \
	%D%/restore_guess.c %D%/restore_guess.h %D%/retention.c %D%/sweep.c \
	%D%/sweep.h %D%/views.c
