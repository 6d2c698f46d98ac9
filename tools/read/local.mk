# tools/read: what was said, for who reads
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/channels.c %D%/inbox.c \
	%D%/inbox.h %D%/inbox_private.c %D%/query.c %D%/search.c %D%/thread.c \
	%D%/thread_graph.c %D%/thread_graph.h %D%/timeline.c %D%/unread.c
