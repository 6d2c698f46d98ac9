# tests/feeds
EXTRA_DIST += tests/vectors/protocol/refs.json

if HAVE_CMOCKA
feeds_test_cflags = $(AM_CFLAGS) $(CMOCKA_CFLAGS)
feeds_test_libs = tests/support/libdata.la feeds/libfeeds.la $(CMOCKA_LIBS)

check_PROGRAMS += %D%/base64 %D%/channel %D%/contact %D%/list \
	%D%/media %D%/ref \
	%D%/secret \
	%D%/secret_seal %D%/signer %D%/words
%C%_base64_CFLAGS = $(feeds_test_cflags)
%C%_base64_LDADD = $(feeds_test_libs)
%C%_channel_CFLAGS = $(feeds_test_cflags)
%C%_channel_LDADD = $(feeds_test_libs)
%C%_contact_CFLAGS = $(feeds_test_cflags)
%C%_contact_LDADD = $(feeds_test_libs)
%C%_list_CFLAGS = $(feeds_test_cflags)
%C%_list_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_list_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_media_CFLAGS = $(feeds_test_cflags)
%C%_media_LDADD = $(feeds_test_libs)
%C%_ref_CFLAGS = $(feeds_test_cflags)
%C%_ref_LDADD = $(feeds_test_libs)
%C%_secret_CFLAGS = $(feeds_test_cflags)
%C%_secret_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_secret_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_secret_seal_CFLAGS = $(feeds_test_cflags)
%C%_secret_seal_LDADD = $(feeds_test_libs) $(SODIUM_LIBS) \
	tests/support/liballoc.la
%C%_secret_seal_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_signer_CFLAGS = $(feeds_test_cflags)
%C%_signer_LDADD = $(feeds_test_libs) $(SODIUM_LIBS)
%C%_words_CFLAGS = $(feeds_test_cflags)
%C%_words_LDADD = $(feeds_test_libs) $(SODIUM_LIBS)
endif

# JSON, numbers, messages, signatures.
EXTRA_DIST += tests/vectors/protocol/classic-chain.json \
	tests/vectors/protocol/classic-ed25519-edge.json \
	tests/vectors/protocol/classic-edge-cases.json \
	tests/vectors/protocol/classic-limits.json \
	tests/vectors/protocol/number-format.json \
	tests/vectors/protocol/string-escape.json

if HAVE_CMOCKA
check_PROGRAMS += %D%/classic %D%/classic_build %D%/json %D%/json_print \
	%D%/message %D%/number %D%/peek %D%/proof %D%/stored %D%/verify
%C%_classic_build_CFLAGS = $(feeds_test_cflags)
%C%_classic_build_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_classic_build_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_classic_CFLAGS = $(feeds_test_cflags)
%C%_classic_LDADD = $(feeds_test_libs) $(SODIUM_LIBS)
%C%_proof_CFLAGS = $(feeds_test_cflags)
%C%_proof_LDADD = $(feeds_test_libs)
%C%_peek_CFLAGS = $(feeds_test_cflags)
%C%_peek_LDADD = $(feeds_test_libs)
%C%_stored_CFLAGS = $(feeds_test_cflags)
%C%_stored_LDADD = $(feeds_test_libs)
%C%_verify_CFLAGS = $(feeds_test_cflags)
%C%_verify_LDADD = $(feeds_test_libs)
%C%_message_CFLAGS = $(feeds_test_cflags)
%C%_message_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_message_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_json_CFLAGS = $(feeds_test_cflags)
%C%_json_LDADD = $(feeds_test_libs)
%C%_json_print_CFLAGS = $(feeds_test_cflags)
%C%_json_print_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_json_print_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_number_CFLAGS = $(feeds_test_cflags)
%C%_number_LDADD = $(feeds_test_libs) -lm
endif

# Signatures: what stands behind the verifier, and the verifier itself.
check_LTLIBRARIES += tests/support/libforger.la
tests_support_libforger_la_SOURCES = tests/support/forger.c \
	tests/support/forger.h
check_PROGRAMS += %D%/signatures
%C%_signatures_LDADD = tests/support/libforger.la feeds/libfeeds.la \
	$(SODIUM_LIBS)
if HAVE_CMOCKA
check_PROGRAMS += %D%/verifier
%C%_verifier_CFLAGS = $(feeds_test_cflags)
%C%_verifier_LDADD = tests/support/libforger.la $(feeds_test_libs) \
	$(SODIUM_LIBS)
if INT128
check_PROGRAMS += %D%/verify_comb %D%/verify_field
%C%_verify_comb_CFLAGS = $(feeds_test_cflags)
%C%_verify_comb_LDADD = tests/support/libforger.la $(feeds_test_libs) \
	$(SODIUM_LIBS)
%C%_verify_field_CFLAGS = $(feeds_test_cflags)
%C%_verify_field_LDADD = $(feeds_test_libs) $(SODIUM_LIBS)
endif
endif

# The rules one by one, and what other peers would say.
if HAVE_CMOCKA
check_PROGRAMS += %D%/quirks %D%/rules %D%/verdict
%C%_quirks_CFLAGS = $(feeds_test_cflags)
%C%_quirks_LDADD = $(feeds_test_libs)
%C%_rules_CFLAGS = $(feeds_test_cflags)
%C%_rules_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_rules_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
%C%_verdict_CFLAGS = $(feeds_test_cflags)
%C%_verdict_LDADD = $(feeds_test_libs) tests/support/liballoc.la
%C%_verdict_LDFLAGS = $(AM_LDFLAGS) $(WRAP_ALLOC)
endif

# Private messages.
EXTRA_DIST += tests/vectors/protocol/bfe.json \
	tests/vectors/protocol/box1.json tests/vectors/protocol/box2.json \
	tests/vectors/protocol/box2-dm-key.json \
	tests/vectors/protocol/box2-pobox-key.json

if HAVE_CMOCKA
check_LTLIBRARIES += %D%/libprivate.la
%C%_libprivate_la_SOURCES = %D%/private.c %D%/private.h
%C%_libprivate_la_CFLAGS = $(feeds_test_cflags)
feeds_private_libs = %D%/libprivate.la $(feeds_test_libs) $(SODIUM_LIBS)

check_PROGRAMS += %D%/bfe %D%/box1 %D%/box2 %D%/boxed %D%/direct %D%/group \
	%D%/opener
%C%_bfe_CFLAGS = $(feeds_test_cflags)
%C%_bfe_LDADD = $(feeds_private_libs)
%C%_box1_CFLAGS = $(feeds_test_cflags)
%C%_box1_LDADD = $(feeds_private_libs)
%C%_box2_CFLAGS = $(feeds_test_cflags)
%C%_box2_LDADD = $(feeds_private_libs)
%C%_boxed_CFLAGS = $(feeds_test_cflags)
%C%_boxed_LDADD = $(feeds_private_libs)
%C%_direct_CFLAGS = $(feeds_test_cflags)
%C%_direct_LDADD = $(feeds_private_libs)
%C%_group_CFLAGS = $(feeds_test_cflags)
%C%_group_LDADD = $(feeds_private_libs)
%C%_opener_CFLAGS = $(feeds_test_cflags)
%C%_opener_LDADD = $(feeds_private_libs)
endif

# BIPF.
EXTRA_DIST += tests/vectors/own/bipf/values.txt
if HAVE_CMOCKA
check_PROGRAMS += %D%/bipf
%C%_bipf_CFLAGS = $(feeds_test_cflags)
%C%_bipf_LDADD = tests/support/libbipf.la $(feeds_test_libs) -lm
endif

# Formats of others, to be looked at.
if HAVE_CMOCKA
check_PROGRAMS += %D%/bencode %D%/bfe_value %D%/cbor
%C%_bencode_CFLAGS = $(feeds_test_cflags)
%C%_bencode_LDADD = $(feeds_test_libs)
%C%_bfe_value_CFLAGS = $(feeds_test_cflags)
%C%_bfe_value_LDADD = $(feeds_test_libs)
%C%_cbor_CFLAGS = $(feeds_test_cflags)
%C%_cbor_LDADD = $(feeds_test_libs)
endif
