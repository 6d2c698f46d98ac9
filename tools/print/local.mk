# tools/print: words and records for people and scripts
tools_kith_SOURCES += %D%/chart.c %D%/chart.h %D%/list.c %D%/list.h \
	%D%/page.c %D%/page.h %D%/person.c %D%/person.h %D%/post.c %D%/post.h \
	%D%/reading.c %D%/reading.h %D%/record.c %D%/record.h %D%/show.c \
	%D%/show.h %D%/when.c %D%/when.h %D%/who.c %D%/who.h
