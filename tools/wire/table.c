/* kith: peers, and what is said to them.  The rows of this room, and their
 * options. */
#include "tools/wire/commands.h"

#include "tools/print/list.h"
#include "tools/rows.h"

#define ADDRESS_IS                                                             \
	"ADDRESS is that of a peer, its @ID or @NAME where the address is "    \
	"known, or \"local\", which is kithd.  "

static const struct option_row peer_options[] = {
	{ 'v', "verify", NULL, "feed: check every message, and print none" },
	{ 'T', "timeout", "SECONDS", "give up when nothing comes for so long" },
	{ 0 },
};

static const struct option_row peers_options[] = { IDS_OPTION, { 0 } };

static const struct option_row rpc_options[] = {
	{ 't', "type", "TYPE", "async, source, sink or duplex; else as the "
			       "peer says" },
	{ 'f', "frames", NULL, "show every packet" },
	{ 'r', "raw", NULL, "bodies as they come, nothing between them" },
	{ 'T', "timeout", "SECONDS", "give up when nothing comes for so long" },
	{ 0 },
};

static const struct option_row capture_options[] = {
	{ 'p', "peer", "FEED", "only connections with this peer" },
	{ 'l', "limit", "SIZE", "of the file: 64M, 2G (256M)" },
	{ 'r', "rotate", NULL, "at half of it put the file aside as FILE.1 and "
			       "go on" },
	{ 'w', "headers", NULL, "no bodies, only how long they were" },
	{ 'k', "keylog", "FILE", "append the keys of sessions to FILE" },
	{ 0 },
};

static const struct option_row tap_options[] = {
	{ 'L', "listen", "ADDRESS", "where the client connects: HOST:PORT" },
	{ 't', "to", "ADDRESS", "the server: net:HOST:PORT~shs:KEY" },
	{ 's', "key", "FILE", "a secret file, of the server or a client; may "
			      "be given again" },
	{ 'a', "app-key", "KEY", "the network, base64, if not the main one" },
	{ 'k', "keylog", "FILE", "append the keys of sessions to FILE" },
	{ 'b', "bytes", NULL, "without keys: with the sealed bytes" },
	{ 'w', "headers", NULL, "no bodies, only how long they were" },
	{ 'l', "limit", "SIZE", "of the file: 64M, 2G (256M)" },
	{ 'd', "duration", "SECONDS", "then end" },
	{ 0 },
};

static const struct option_row dissect_options[] = {
	{ 'v', "verbose", NULL, "every layer of every event, and frames" },
	{ 'F', "flow", NULL, "a diagram of who said what to whom" },
	{ 's', "summary", NULL, "by connection: its calls, how long they took, "
				"and how they ended" },
	{ 'o', "pcapng", "OUT", "write what was opened into this file, for "
				"Wireshark" },
	{ 'f', "follow", NULL, "go on as the file grows" },
	{ 'b', "bodies", NULL, "what was said whole, not cut" },
	{ 'c', "conn", "N", "only this connection" },
	{ 'd', "dir", "DIR", "only what came in, or went out" },
	{ 'r', "req", "N", "only requests of this number" },
	{ 'n', "name", "NAME", "only calls of this method, or namespace" },
	{ 't', "type", "TYPE", "only events of this type: call, data, "
			       "end-err, ..." },
	{ 'i', "feed", "FEED", "only what speaks of the feed @ID" },
	{ 'k', "keys", "FILE", "a key log, for what was recorded sealed" },
	{ 'S', "secret", "FILE", "or the secret of one side," },
	{ 'e', "ephemeral", "HEX", "with its secret ephemeral key," },
	{ 'R', "server", "FEED", "and whom it dialled, if it did" },
	{ 'a', "app-key", "KEY", "of the network, base64" },
	{ 'm', "hmac", "KEY", "the network's message key, base64" },
	PAGE_OPTIONS,
	{ 0 },
};

static const struct option_row decode_options[] = {
	{ 'p', "private", NULL, "open what is private, with your keys" },
	{ 0 },
};

const struct command wire_commands[] = {
	{ .name = "connect", .args = "ADDRESS | FEED",
	  .summary = "connect to a peer, and stay connected",
	  .more = "ADDRESS is net:HOST:PORT~shs:KEY or HOST:PORT:@ID.  " FEED_IS
		  "  One whose address kithd knows needs no other.",
	  .example = "kith connect 127.0.0.1:8009:"
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .least = 1, .most = 1, .needs = NEEDS_HOME,
	  .run = command_connect },
	{ .name = "disconnect", .args = "ADDRESS | FEED",
	  .summary = "disconnect from a peer until the next connect",
	  .more = "ADDRESS as for `kith connect`.  " FEED_IS,
	  .example = "kith disconnect "
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .least = 1, .most = 1, .needs = NEEDS_HOME,
	  .run = command_disconnect },
	{ .name = "peers", .args = "",
	  .summary = "list the peers that kithd is connected to or knows",
	  .example = "kith peers",
	  .options = peers_options,
	  .needs = NEEDS_HOME | NEEDS_VIEWS | NEEDS_SELF,
	  .run = command_peers },
	{ .name = "peer",
	  .args = "ADDRESS ping | clock | feed FEED | blobs has &BLOB",
	  .summary = "ask one peer what it has",
	  .more = ADDRESS_IS
		  "ping measures the way there and the difference of clocks; "
		  "clock lists the feeds it says it has, and how far; feed "
		  "prints one as the peer gives it, or, with --verify, checks "
		  "it; blobs has asks for one blob.",
	  .example = "kith peer local ping\n"
		     "kith peer local feed --verify "
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .options = peer_options, .least = 2, .most = 4,
	  .needs = NEEDS_HOME, .verbs = peer_verbs, .verb_second = true,
	  .run = verbs_run },
	{ .name = "rpc", .args = "ADDRESS NAME [ARGS-JSON]",
	  .summary = "call kithd or any peer, and print what it says",
	  .more = ADDRESS_IS
		  "Each item that comes is a line of JSON; what is sent to a "
		  "sink or a duplex is read from standard input, a value a "
		  "line.  The call manifest says which there are.",
	  .example = "kith rpc local whoami\n"
		     "kith rpc local createLogStream '[{\"limit\":2}]'",
	  .options = rpc_options, .least = 2, .most = 3,
	  .needs = NEEDS_HOME, .run = command_rpc },
	{ .name = "stop", .args = "",
	  .summary = "stop kithd and wait until it has",
	  .example = "kith stop",
	  .needs = NEEDS_HOME, .run = command_stop },
	{ .name = "capture", .args = "[start [FILE] | status | stop | FILE]",
	  .summary = "have kithd write down what is said with peers",
	  .more = "Each packet of each connection as a line of JSON, opened, "
		  "for `kith dissect`.  Without FILE: into the home, by the "
		  "time.  status, or no word: whether a capture is on, and "
		  "how far.  A FILE without a slash or a dot needs start in "
		  "front.  A capture is for you alone: it holds what was said.  "
		  "kith-wire(1) has it all.",
	  .example = "kith capture start wire.ssbcap\n"
		     "kith capture\n"
		     "kith capture stop",
	  .options = capture_options, .most = 2, .needs = NEEDS_HOME,
	  .verbs = capture_verbs, .run = command_capture },
	{ .name = "tap", .args = "--listen ADDRESS --to ADDRESS FILE",
	  .summary = "stand between two programs and write down what they say",
	  .more = "To open what it passes on, it needs with --key the secret "
		  "files of both: it is the server to the client, and the "
		  "client to the server.  Without any it writes down how much "
		  "went when.  FILE may be \"-\", standard output.  "
		  "kith-wire(1) has it all.",
	  .example = "kith tap --listen 127.0.0.1:0 --to 127.0.0.1:8009 "
		     "--duration 1 raw.ssbcap",
	  .options = tap_options, .least = 1, .most = 1, .run = command_tap },
	{ .name = "dissect", .args = "[FILE]",
	  .summary = "show what was said on connections, layer by layer",
	  .more = "FILE is a capture of `kith capture` or `kith tap`, or a "
		  "pcap or pcapng file, which keys may open; \"-\" or nothing "
		  "is standard input.  Of a file that is damaged, all that can "
		  "be read is shown.",
	  .example = "kith dissect talk.ssbcap\n"
		     "kith dissect --summary talk.ssbcap\n"
		     "kith dissect --flow --name ebt talk.ssbcap",
	  .options = dissect_options, .most = 1, .run = command_dissect },
	{ .name = "decode", .args = "THING | -",
	  .summary = "say what a token is, and what is in it",
	  .more = "THING is an id, a URI, an address, an invite, an alias or a "
		  "link; a box; a message; or bytes in hex, base32 or base64: "
		  "BFE, bencode, BIPF, CBOR, packets of a connection, a sealed "
		  "beacon.  \"-\" is standard input.  What may be several "
		  "things is explained as each of them.  Of secret keys only "
		  "the public half is said.",
	  .example = "kith decode "
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .options = decode_options, .least = 1, .most = 1,
	  .run = command_decode },
	{ .name = "redact", .args = "[FILE]",
	  .summary = "take out of messages what people wrote, for a bug report",
	  .more = "FILE or standard input has a message a line, whole or "
		  "damaged.  Texts become fillers of their length, and ids, "
		  "keys and signatures others, the same for the same; what is "
		  "left is the form: lengths, escapes, names of members, "
		  "offsets.  No signature fits any more.",
	  .example = "kith export | kith redact >report.ndjson",
	  .most = 1, .run = command_redact },
	{ 0 },
};
