# tests/vectors: the conformance runner, and copies of what it runs on.
check_PROGRAMS += %D%/run
%C%_run_SOURCES = %D%/run.c %D%/trial.c %D%/trial.h %D%/recorded.c \
	%D%/recorded.h %D%/set_address.c %D%/set_box1.c \
	%D%/set_classic.c %D%/set_json.c %D%/set_notes.c %D%/set_private.c \
	%D%/set_refs.c \
	%D%/set_shs.c %D%/set_verdict.c %D%/set_wire.c
%C%_run_LDADD = src/gossip/libgossip.la src/wire/libwire.la \
	feeds/libfeeds.la $(SODIUM_LIBS)

dist_check_SCRIPTS += %D%/vectors.sh
EXTRA_DIST += %D%/own
