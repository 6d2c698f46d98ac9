# tools/from: what is read that is not the home's store
tools_kith_SOURCES += %D%/feed_tips.c %D%/feed_tips.h %D%/from.c %D%/from.h \
	%D%/from_fill.c %D%/from_fill.h %D%/order.c %D%/order.h %D%/passing.c \
	%D%/passing.h %D%/side.c %D%/side.h %D%/side_feeds.c \
	%D%/side_messages.c %D%/ssb.c %D%/ssb.h %D%/visit.c %D%/visit.h \
	%D%/wanted.c %D%/wanted.h
