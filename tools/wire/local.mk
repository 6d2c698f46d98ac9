# tools/wire: peers, and what is said to them
#
# Tokens explained, and texts taken out of messages: pure.
noinst_LTLIBRARIES += %D%/libdecode.la
%C%_libdecode_la_SOURCES = %D%/decode.h %D%/decode_address.c \
	%D%/decode_bencode.c %D%/decode_bipf.c %D%/decode_box.c \
	%D%/decode_cbor.c %D%/decode_frames.c %D%/decode_ids.c \
	%D%/decode_json.c %D%/decode_lines.c %D%/decode_link.c \
	%D%/decode_private.h %D%/decode_put.c %D%/decode_secret.c \
	%D%/decode_spell.c %D%/decode_token.c %D%/decode_uri.c \
	%D%/redact_line.c %D%/redact_line.h

tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/capture.c %D%/connect.c \
	%D%/decode.c %D%/dissect.c %D%/dissect.h %D%/dissect_conns.c \
	%D%/dissect_deep.c %D%/dissect_filter.c %D%/dissect_json.c \
	%D%/dissect_keys.c %D%/dissect_lines.c %D%/dissect_list.c \
	%D%/dissect_out.c %D%/dissect_pcap.c %D%/dissect_read.c \
	%D%/dissect_sum.c %D%/dissect_words.c %D%/peer.c %D%/peer.h \
	%D%/peer_feed.c %D%/peers.c %D%/redact.c %D%/remote.c %D%/remote.h \
	%D%/rpc.c %D%/stop.c %D%/tap.c %D%/tap.h %D%/tap_io.c %D%/tap_pair.c
