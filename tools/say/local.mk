# tools/say: say something
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/attach.c %D%/attach.h \
	%D%/compose.c %D%/compose.h %D%/dm.c %D%/draft.c %D%/draft.h \
	%D%/group.c %D%/like.c %D%/lint.c %D%/lint.h %D%/lint_links.c \
	%D%/lint_private.h %D%/name.c %D%/preview.c %D%/preview.h \
	%D%/publish.c %D%/publish.h %D%/readers.c %D%/readers.h %D%/subscribe.c
