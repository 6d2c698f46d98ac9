# src/gossip: what to ask, tell and keep, pure.
noinst_LTLIBRARIES += %D%/libgossip.la
%C%_libgossip_la_SOURCES = %D%/chain.h %D%/dial.c %D%/dial.h %D%/ebt.c %D%/ebt.h \
	%D%/ebt_ask.c %D%/ebt_doubt.c %D%/ebt_feeds.c %D%/ebt_forget.c %D%/ebt_in.c %D%/ebt_limit.c %D%/ebt_near.c \
	%D%/ebt_others.c %D%/ebt_out.c %D%/ebt_peer.c %D%/ebt_private.h %D%/gist.c %D%/gist.h %D%/graph.c \
	%D%/graph.h %D%/history.c %D%/history.h %D%/history_args.c \
	%D%/history_order.c %D%/keep.c %D%/keep.h %D%/lookup.c %D%/lookup.h %D%/notes.c %D%/notes.h \
	%D%/own.c %D%/own.h %D%/wants.c %D%/wants.h \
	%D%/wants_carry.c %D%/wants_fetch.c %D%/wants_fetch.h %D%/wants_fifo.c \
	%D%/wants_news.c %D%/wants_offer.c %D%/wants_own.c %D%/wants_peer.c \
	%D%/wants_private.h %D%/wants_push.c %D%/wants_state.c %D%/wants_table.c
