# tools/people: people: whom one follows, and who they are
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/about.c %D%/contact.c \
	%D%/explain.c %D%/explain.h %D%/explain_print.c %D%/follows.c \
	%D%/profile.c %D%/whois.c
