# tools/pick: what a person means: ids, ranges, names; and which messages
tools_kith_SOURCES += %D%/ids.c %D%/ids.h %D%/live.c %D%/live.h %D%/named.c \
	%D%/named.h %D%/newest.c %D%/newest.h %D%/select.c %D%/select.h \
	%D%/select_blob.c %D%/select_find.c %D%/select_find.h
