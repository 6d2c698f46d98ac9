# tools: the command line
#
# What it writes, packed or not, and keeps on disk for a while.
noinst_LTLIBRARIES += %D%/libstream.la
%C%_libstream_la_SOURCES = %D%/target.c %D%/target.h %D%/interrupt.c \
	%D%/interrupt.h %D%/spill.c %D%/spill.h %D%/spill_run.c \
	%D%/spill_private.h
%C%_libstream_la_CFLAGS = $(AM_CFLAGS) $(ZLIB_CFLAGS) $(ZSTD_CFLAGS)

# Text of others and of ours as lines of a terminal.
noinst_LTLIBRARIES += %D%/libtext.la
%C%_libtext_la_SOURCES = %D%/text.c %D%/text.h %D%/width.c %D%/width.h \
	%D%/wrap.c %D%/wrap.h %D%/markdown.c %D%/markdown.h \
	%D%/markdown_private.h %D%/markdown_span.c %D%/markdown_table.c \
	%D%/mentions.c %D%/mentions.h
%C%_libtext_la_CFLAGS = $(AM_CFLAGS) $(MD4C_CFLAGS)

bin_PROGRAMS += %D%/kith
%C%_kith_SOURCES = %D%/main.c %D%/table.c %D%/options.c \
	%D%/options.h %D%/commands.h %D%/tool.c \
	%D%/tool.h %D%/help.c %D%/complete.c %D%/complete.h \
	%D%/complete_bash.c %D%/complete_zsh.c %D%/complete_fish.c \
	%D%/complete_words.c

# What several commands share: words and records for people and scripts, ids
# and ranges, progress, the ways to whoever writes the store.
%C%_kith_SOURCES += %D%/record.c %D%/record.h \
	%D%/page.c %D%/page.h %D%/when.c %D%/when.h \
	%D%/select.c %D%/select.h %D%/select_find.c %D%/select_find.h \
	%D%/ids.c %D%/ids.h %D%/list.c %D%/list.h %D%/show.c %D%/show.h \
	%D%/named.c %D%/named.h %D%/draft.c %D%/draft.h \
	%D%/preview.c %D%/preview.h \
	%D%/progress.c %D%/progress.h %D%/network.c %D%/network.h \
	%D%/verbs.c %D%/verbs.h \
	%D%/writer.c %D%/writer.h %D%/way.c %D%/way.h %D%/chore.c %D%/chore.h \
	%D%/sink.c %D%/sink.h %D%/sink_private.h %D%/sink_calls.c \
	%D%/scratch.c %D%/scratch.h %D%/input.c %D%/input.h \
	%D%/expect.c %D%/expect.h %D%/tally.c %D%/tally.h \
	%D%/bring.c %D%/bring.h \
	%D%/catch_up.c %D%/catch_up.h

# What is read that is not the home's store.
%C%_kith_SOURCES += %D%/visit.c %D%/visit.h %D%/from.c %D%/from.h \
	%D%/from_fill.c %D%/from_fill.h %D%/order.c %D%/order.h \
	%D%/passing.c %D%/passing.h

# What commands share that show messages to a person.
%C%_kith_SOURCES += %D%/reading.c %D%/reading.h %D%/person.c %D%/person.h \
	%D%/post.c %D%/post.h %D%/newest.c %D%/newest.h \
	%D%/live.c %D%/live.h %D%/timeline.c %D%/thread.c %D%/channels.c \
	%D%/inbox.c %D%/unread.c %D%/profile.c %D%/whois.c %D%/follows.c

# The commands.
%C%_kith_SOURCES += %D%/identity.c %D%/identity.h %D%/identity_adopt.c \
	%D%/ssb.c %D%/ssb.h %D%/words.c %D%/passphrase.c %D%/feed.c \
	%D%/status.c %D%/status_depots.c %D%/status_depots.h %D%/stop.c %D%/peers.c %D%/views.c \
	%D%/publish.c %D%/publish.h %D%/compose.c %D%/like.c %D%/name.c \
	%D%/subscribe.c %D%/contact.c \
	%D%/feeds.c %D%/forks.c %D%/forks.h %D%/forks_find.c \
	%D%/forks_search.c %D%/side.c %D%/side.h %D%/side_feeds.c \
	%D%/side_messages.c %D%/compare.c %D%/compare.h %D%/clock.c \
	%D%/diff.c %D%/diff.h %D%/diff_views.c %D%/sync_plan.c \
	%D%/log.c %D%/search.c %D%/cat.c %D%/import.c %D%/export.c %D%/verify.c \
	%D%/compact.c %D%/forget.c %D%/retention.c %D%/sweep.c %D%/sweep.h \
	%D%/backup.c %D%/restore.c %D%/restore.h \
	%D%/restore_file.c %D%/restore_file.h \
	%D%/restore_guess.c %D%/restore_guess.h \
	%D%/fsck.c %D%/fsck.h %D%/fsck_print.c %D%/fsck_repair.c \
	%D%/fsck_resume.c
%C%_kith_LDADD = %D%/libdecode.la %D%/libstream.la %D%/libdraw.la \
	%D%/libtext.la src/source/libsource.la \
	src/client/libclient.la src/fsck/libfsck.la src/depot/libdepot.la \
	src/url/liburl.la src/ingest/libingest.la src/views/libviews.la \
	src/store/libstore.la src/gossip/libgossip.la src/wire/libwire.la \
	src/liblog.la feeds/libfeeds.la $(SODIUM_LIBS) \
	$(LMDB_LIBS) $(ZLIB_LIBS) $(ZSTD_LIBS) $(MD4C_LIBS) $(QRENCODE_LIBS) \
	-lm -lpthread
%C%_kith_CFLAGS = $(AM_CFLAGS) $(QRENCODE_CFLAGS)

# What is said of a message: kith verify and kith lint.
%C%_kith_SOURCES += %D%/feed_tips.c %D%/feed_tips.h %D%/lint.c %D%/lint.h \
	%D%/lint_links.c %D%/lint_private.h \
	%D%/verify_report.c %D%/verify_report.h

# What is counted and drawn: kith stats, space, graph and explain.
noinst_LTLIBRARIES += %D%/libdraw.la
%C%_libdraw_la_SOURCES = %D%/bars.c %D%/bars.h %D%/graph_layout.c \
	%D%/graph_layout.h %D%/quantiles.c %D%/quantiles.h %D%/svg.c \
	%D%/svg.h
%C%_kith_SOURCES += %D%/chart.c %D%/chart.h %D%/explain.c %D%/explain.h \
	%D%/explain_print.c %D%/follow_map.c %D%/follow_map.h %D%/graph.c \
	%D%/graph.h %D%/graph_forms.c %D%/graph_labels.c \
	%D%/graph_picture.c %D%/graph_picture.h %D%/graph_print.c \
	%D%/graph_svg.c \
	%D%/graph_why.c %D%/retention.h %D%/space.c %D%/stats.c \
	%D%/stats.h %D%/stats_count.c %D%/stats_print.c \
	%D%/stats_columns.c %D%/stats_draw.h %D%/stats_records.c \
	%D%/stats_svg.c

# Blobs: what kith blob does, and what is attached.
%C%_kith_SOURCES += %D%/blobs.c %D%/blobs.h %D%/blob.c %D%/blob_list.c \
	%D%/blob_gc.c %D%/blob_space.c %D%/blob_why.c \
	%D%/attach.c %D%/attach.h %D%/blob_box.c %D%/blob_box.h

# Bundles: what kith bundle does.
%C%_kith_SOURCES += %D%/bundle.c %D%/bundle.h %D%/bundle_reach.c \
	%D%/bundle_file.c %D%/bundle_out.c %D%/bundle_clock.c \
	%D%/bundle_depot.c \
	%D%/bundle_plan.c %D%/bundle_plan.h %D%/bundle_create.c \
	%D%/bundle_verify.c %D%/bundle_apply.c %D%/bundle_apply.h \
	%D%/bundle_apply_messages.c %D%/bundle_qr.c

# Looking into the store.
%C%_kith_SOURCES += %D%/about.c %D%/cat.h %D%/cat_bfe.c %D%/cat_forms.c \
	%D%/feeds.h %D%/feeds_where.c %D%/links.c %D%/listing.c %D%/listing.h \
	%D%/listing_run.c %D%/tail.c %D%/thread_graph.c %D%/thread_graph.h \
	%D%/tree.c %D%/who.c %D%/who.h

# What is private.
%C%_kith_SOURCES += %D%/compose.h %D%/dm.c %D%/group.c %D%/inbox.h \
	%D%/inbox_private.c %D%/readers.c %D%/readers.h

# Queries over the views.
%C%_kith_SOURCES += %D%/query.c

# What shells complete, from the table of commands; where the program can be
# run that was built.
%D%/completions/kith %D%/completions/_kith %D%/completions/kith.fish: %D%/kith$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D%/completions && \
	case $@ in *_kith) sh=zsh ;; *.fish) sh=fish ;; *) sh=bash ;; esac && \
	$(builddir)/%D%/kith$(EXEEXT) help --complete $$sh >$@-t && mv $@-t $@
bash_completion_dir = $(datadir)/bash-completion/completions
zsh_completion_dir = $(datadir)/zsh/site-functions
fish_completion_dir = $(datadir)/fish/vendor_completions.d
if !CROSS_COMPILING
nodist_bash_completion__DATA = %D%/completions/kith
nodist_zsh_completion__DATA = %D%/completions/_kith
nodist_fish_completion__DATA = %D%/completions/kith.fish
endif
CLEANFILES += %D%/completions/kith %D%/completions/_kith \
	%D%/completions/kith.fish

# Depots: a session with one.
%C%_kith_SOURCES += %D%/depot_sink.c %D%/depot_sink.h %D%/sync.c \
	%D%/sync.h %D%/sync_place.c %D%/sync_print.c
%C%_kith_SOURCES += %D%/depot.c %D%/depot.h %D%/depot_status.c \
	%D%/depot_verify.c %D%/depot_gc.c

# Captures.
%C%_kith_SOURCES += %D%/capture.c %D%/tap.c %D%/tap.h %D%/tap_io.c \
	%D%/tap_pair.c

# What was said on connections: kith dissect.
%C%_kith_SOURCES += %D%/dissect.c %D%/dissect.h %D%/dissect_conns.c \
	%D%/dissect_deep.c %D%/dissect_filter.c %D%/dissect_json.c \
	%D%/dissect_keys.c %D%/dissect_lines.c %D%/dissect_list.c \
	%D%/dissect_out.c %D%/dissect_pcap.c %D%/dissect_read.c \
	%D%/dissect_sum.c %D%/dissect_words.c

# Tokens explained, and texts taken out of messages: pure.
noinst_LTLIBRARIES += %D%/libdecode.la
%C%_libdecode_la_SOURCES = %D%/decode.h %D%/decode_private.h \
	%D%/decode_address.c %D%/decode_bencode.c %D%/decode_bipf.c \
	%D%/decode_box.c %D%/decode_cbor.c %D%/decode_frames.c \
	%D%/decode_ids.c %D%/decode_json.c %D%/decode_lines.c \
	%D%/decode_link.c %D%/decode_put.c %D%/decode_secret.c \
	%D%/decode_spell.c %D%/decode_token.c %D%/decode_uri.c \
	%D%/redact_line.c %D%/redact_line.h
%C%_kith_SOURCES += %D%/decode.c %D%/redact.c %D%/export_row.c \
	%D%/export_row.h %D%/export_sqlite.c

# Peers asked by themselves.
%C%_kith_SOURCES += %D%/remote.c %D%/remote.h %D%/rpc.c %D%/peer.c

# Moving in from other programs: kith adopt.
%C%_kith_SOURCES += %D%/adopt.c %D%/adopt.h %D%/adopt_identity.c \
	%D%/adopt_config.c %D%/adopt_keys.c %D%/adopt_log.c \
	%D%/adopt_blobs.c %D%/adopt_peers.c

# What Wireshark needs to show what kith dissect wrote for it.
dist_pkgdata_DATA = %D%/wireshark/ssb.lua
