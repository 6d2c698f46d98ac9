# tools/text: text for people
noinst_LTLIBRARIES += %D%/libtext.la
%C%_libtext_la_SOURCES = %D%/markdown.c %D%/markdown.h %D%/markdown_private.h \
	%D%/markdown_span.c %D%/markdown_table.c %D%/mentions.c %D%/mentions.h \
	%D%/text.c %D%/text.h %D%/width.c %D%/width.h %D%/wrap.c %D%/wrap.h
%C%_libtext_la_CFLAGS = $(AM_CFLAGS) $(MD4C_CFLAGS)

tools_kith_SOURCES += %D%/progress.c %D%/progress.h %D%/reasons.c \
	%D%/reasons.h
