# src/gossip: what to ask, tell and keep, pure.
noinst_LTLIBRARIES += %D%/libgossip.la
%C%_libgossip_la_SOURCES = %D%/dial.c %D%/dial.h %D%/graph.c %D%/graph.h \
	%D%/lookup.c %D%/lookup.h %D%/notes.c %D%/notes.h
