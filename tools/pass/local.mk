# tools/pass: the ways to whoever writes the store
tools_kith_SOURCES += %D%/blob_box.c %D%/blob_box.h %D%/blobs.c %D%/blobs.h \
	%D%/bring.c %D%/bring.h %D%/chore.c %D%/chore.h %D%/depot_sink.c \
	%D%/depot_sink.h %D%/expect.c %D%/expect.h %D%/retaining.c \
	%D%/retaining.h %D%/scratch.c %D%/scratch.h %D%/sink.c %D%/sink.h \
	%D%/sink_calls.c %D%/sink_private.h %D%/tally.c %D%/tally.h %D%/way.c \
	%D%/way.h %D%/writer.c %D%/writer.h
