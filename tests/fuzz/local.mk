# Fuzz targets: one for every parser of foreign bytes.
#
# fuzz_NAME.c holds LLVMFuzzerTestOneInput and corpus/NAME/ at least one input.
# A target is two lines here, in the order of the layers:
#
#	fuzz_targets += %D%/fuzz_NAME
#	%C%_fuzz_NAME_LDADD = src/wire/libwire.la $(fuzz_base)
#
# Configured with --enable-fuzz (clang) each is a libFuzzer program; else
# `make check` replays its corpus.
fuzz_targets =
fuzz_base = feeds/libfeeds.la $(FUZZ_MAIN)

if FUZZ
FUZZ_MAIN = $(FUZZ_LDFLAGS)
noinst_PROGRAMS += $(fuzz_targets)
else
FUZZ_MAIN = %D%/libreplay.la
check_LTLIBRARIES += %D%/libreplay.la
check_PROGRAMS += $(fuzz_targets)
endif
%C%_libreplay_la_SOURCES = %D%/replay.c %D%/replay.h
EXTRA_DIST += %D%/corpus %D%/mutant
fuzz-targets: $(fuzz_targets)
.PHONY: fuzz-targets

fuzz_targets += %D%/fuzz_box1
%C%_fuzz_box1_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_box2
%C%_fuzz_box2_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_json
%C%_fuzz_json_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_media
%C%_fuzz_media_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_message
%C%_fuzz_message_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_proof
%C%_fuzz_proof_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_ref
%C%_fuzz_ref_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_rules
%C%_fuzz_rules_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_secret
%C%_fuzz_secret_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_seal
%C%_fuzz_seal_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_verify
%C%_fuzz_verify_LDADD = tests/support/libforger.la $(fuzz_base) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_words
%C%_fuzz_words_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_contact
%C%_fuzz_contact_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_address
%C%_fuzz_address_LDADD = src/wire/libwire.la $(fuzz_base)
fuzz_targets += %D%/fuzz_box
%C%_fuzz_box_LDADD = src/wire/libwire.la $(fuzz_base)
fuzz_targets += %D%/fuzz_capture
%C%_fuzz_capture_LDADD = src/wire/libwire.la $(fuzz_base)
fuzz_targets += %D%/fuzz_muxrpc
%C%_fuzz_muxrpc_LDADD = src/wire/libwire.la $(fuzz_base)
fuzz_targets += %D%/fuzz_session
%C%_fuzz_session_LDADD = src/wire/libwire.la $(fuzz_base)
fuzz_targets += %D%/fuzz_shs
%C%_fuzz_shs_LDADD = src/wire/libwire.la $(fuzz_base)
fuzz_targets += %D%/fuzz_row
%C%_fuzz_row_LDADD = src/store/libstore.la src/liblog.la $(fuzz_base)
fuzz_targets += %D%/fuzz_backup
%C%_fuzz_backup_LDADD = src/store/libstore.la src/liblog.la $(fuzz_base) \
	$(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_dump
%C%_fuzz_dump_LDADD = tools/stream/libstream.la src/store/libstore.la \
	src/liblog.la $(fuzz_base)
fuzz_targets += %D%/fuzz_notes
%C%_fuzz_notes_LDADD = src/gossip/libgossip.la $(fuzz_base)
fuzz_targets += %D%/fuzz_ebt
%C%_fuzz_ebt_LDADD = src/gossip/libgossip.la $(fuzz_base)
fuzz_targets += %D%/fuzz_wants
%C%_fuzz_wants_LDADD = src/gossip/libgossip.la $(fuzz_base)
fuzz_targets += %D%/fuzz_history
%C%_fuzz_history_LDADD = src/gossip/libgossip.la $(fuzz_base)
fuzz_targets += %D%/fuzz_bipf
%C%_fuzz_bipf_LDADD = $(fuzz_base)
fuzz_targets += %D%/fuzz_bipf_log
%C%_fuzz_bipf_log_LDADD = src/source/libsource.la $(fuzz_base)
fuzz_targets += %D%/fuzz_leveldb
%C%_fuzz_leveldb_LDADD = src/source/libsource.la src/store/libstore.la \
	$(fuzz_base)
fuzz_targets += %D%/fuzz_source
%C%_fuzz_source_LDADD = src/source/libsource.la src/client/libclient.la \
	src/depot/libdepot.la src/url/liburl.la src/ingest/libingest.la \
	src/views/libviews.la src/store/libstore.la src/gossip/libgossip.la \
	src/wire/libwire.la src/liblog.la $(fuzz_base) $(ZLIB_LIBS) \
	$(ZSTD_LIBS) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_flume_log
%C%_fuzz_flume_log_LDADD = src/source/libsource.la $(fuzz_base) $(ZLIB_LIBS) $(ZSTD_LIBS)
fuzz_targets += %D%/fuzz_pages
%C%_fuzz_pages_LDADD = src/store/libstore.la src/liblog.la $(fuzz_base)
fuzz_targets += %D%/fuzz_views
%C%_fuzz_views_LDADD = src/views/libviews.la src/store/libstore.la \
	src/liblog.la $(fuzz_base)
fuzz_targets += %D%/fuzz_web
%C%_fuzz_web_LDADD = src/web/libweb.la src/store/libstore.la src/liblog.la \
	$(fuzz_base)
fuzz_targets += %D%/fuzz_mentions
%C%_fuzz_mentions_LDADD = tools/text/libtext.la $(fuzz_base) $(MD4C_LIBS) -lm
fuzz_targets += %D%/fuzz_markdown
%C%_fuzz_markdown_LDADD = tools/text/libtext.la $(fuzz_base) $(MD4C_LIBS) -lm
fuzz_targets += %D%/fuzz_search
%C%_fuzz_search_LDADD = src/views/libviews.la src/store/libstore.la \
	src/liblog.la $(fuzz_base)
fuzz_targets += %D%/fuzz_query
%C%_fuzz_query_LDADD = src/views/libviews.la src/gossip/libgossip.la \
	src/store/libstore.la src/liblog.la $(fuzz_base) -lm
fuzz_targets += %D%/fuzz_mfr
%C%_fuzz_mfr_LDADD = src/views/libviews.la $(fuzz_base) -lm
fuzz_targets += %D%/fuzz_url
%C%_fuzz_url_LDADD = src/url/liburl.la $(fuzz_base) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_bundle
%C%_fuzz_bundle_LDADD = src/depot/libdepot.la src/store/libstore.la \
	src/liblog.la $(fuzz_base) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_memory
%C%_fuzz_memory_LDADD = src/depot/libdepot.la src/gossip/libgossip.la \
	src/store/libstore.la src/liblog.la $(fuzz_base) $(SODIUM_LIBS)
depot_format_libs = src/depot/libdepot.la src/store/libstore.la \
	src/liblog.la $(fuzz_base) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_depot_lines %D%/fuzz_depot_head \
	%D%/fuzz_depot_notes %D%/fuzz_depot_seal
%C%_fuzz_depot_lines_LDADD = $(depot_format_libs)
%C%_fuzz_depot_head_LDADD = $(depot_format_libs)
%C%_fuzz_depot_notes_LDADD = $(depot_format_libs)
%C%_fuzz_depot_seal_LDADD = $(depot_format_libs)
fuzz_targets += %D%/fuzz_decode %D%/fuzz_redact
%C%_fuzz_decode_LDADD = tools/wire/libdecode.la tools/text/libtext.la src/views/libviews.la \
	src/wire/libwire.la $(fuzz_base) $(SODIUM_LIBS) $(MD4C_LIBS) -lm
%C%_fuzz_redact_LDADD = tools/wire/libdecode.la $(fuzz_base) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_dissect
%C%_fuzz_dissect_LDADD = tests/wire/liboverheard.la src/gossip/libgossip.la \
	src/wire/libwire.la $(fuzz_base) $(SODIUM_LIBS)
fuzz_targets += %D%/fuzz_pcap
%C%_fuzz_pcap_LDADD = src/wire/libwire.la $(fuzz_base)
