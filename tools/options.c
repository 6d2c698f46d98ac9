/* The options of every command: letter, name, what it takes, what it does. */
#include "tools/options.h"

#include "tools/listing.h"
#include "tools/page.h"
#include "tools/publish.h"

const struct option_row global_options[] = {
	{ 'H', "home", "DIR", "the home folder ($KITH_HOME, else ~/.kith)" },
	{ 'j', "json", NULL, "one JSON object a line" },
	{ 'X', "from", "SOURCE", "read a depot, file or store in place of the "
				 "home's: kith-sources(7)" },
	{ 'P', "passphrase-file", "FILE",
	  "its first line is the passphrase, if one is needed" },
	{ 'h', "help", NULL, "say how to use the command" },
	{ 'V', "version", NULL, "print the version" },
	{ 0 },
};

const struct option_row init_options[] = {
	{ 'w', "words", NULL, "adopt the identity of 24 words, which are asked "
			      "for or read from standard input" },
	{ 's', "secret", "FILE", "adopt the identity in the secret file of "
				 "another program, which stays as it is" },
	{ 'f', "first", "FEED", "nobody else writes to the adopted feed, and "
				"all of it is here" },
	{ 0 },
};

const struct option_row publish_options[] = {
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct option_row post_options[] = {
	{ 'a', "attach", "FILE", "put a file with it; may be given again" },
	{ 'c', "channel", "CHANNEL", "put it into this channel" },
	{ 'w', "warning", "TEXT", "readers see this first, and then choose" },
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct option_row reply_options[] = {
	{ 'a', "attach", "FILE", "put a file with it; may be given again" },
	{ 'f', "fork", NULL, "begin a thread of its own under the message" },
	{ 'w', "warning", "TEXT", "readers see this first, and then choose" },
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct option_row dm_options[] = {
	{ 'a', "attach", "FILE", "put a file with it, boxed; may be given "
				 "again" },
	{ 'b', "box2", NULL, "the newer scheme, which fewer programs read, for "
			     "up to 15 others" },
	{ 'w', "warning", "TEXT", "readers see this first, and then choose" },
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct option_row group_options[] = {
	{ 't', "text", "TEXT", "invite: say this to those who are invited" },
	{ 'l', "limit", "N", "log: the newest N messages (20), or \"all\"" },
	{ 'a', "attach", "FILE", "post: put a file with it, boxed" },
	{ 'w', "warning", "TEXT", "post: readers see this first" },
	PUBLISH_OPTIONS,
	PAGE_OPTIONS, { 0 }
};

const struct option_row like_options[] = {
	{ 'u', "undo", NULL, "take it back" },
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct option_row name_options[] = {
	{ 'o', "of", "WHOM", "of another feed, or of a message %ID" },
	{ 'd', "description", "TEXT", "say who or what it is" },
	{ 'i', "image", "FILE", "a picture, or the id of one: &BLOB" },
	PUBLISH_OPTIONS,
	{ 0 },
};

const struct option_row passphrase_options[] = {
	{ 'n', "new-file", "FILE", "its first line is the new passphrase" },
	{ 'r', "remove", NULL, "take the passphrase away" },
	{ 0 },
};

const struct option_row backup_options[] = {
	{ 'p', "passphrase", NULL, "ask for a passphrase, twice, and seal the "
				   "file with it" },
	{ 0 },
};

const struct option_row views_options[] = {
	{ 'r', "rebuild", "VIEW", "make this one anew from the log" },
	{ 0 },
};

const struct option_row feeds_options[] = {
	{ 's', "sort", "WHAT", "by hops (default), bytes, messages, last, "
			       "state or id" },
	{ 'w', "where", "CONDITION", "only those: state=forked, hops<=1; may "
				     "be given again" },
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	{ 'r', "reverse", NULL, "the other way round" },
	IDS_OPTION,
	{ '0', "null", NULL, "end records with a NUL byte" },
	{ 0 },
};

const struct option_row forks_options[] = {
	{ 'p', "proof", "PLACE", "print the proof for @ID:42 as two lines" },
	{ 'v', "verify", "FILE", "check such a proof; needs no home" },
	{ 'f', "find", NULL, "look where two sources contradict each other" },
	{ 'd', "drop", NULL, "take the feed again, in spite of its fork" },
	{ 'k', "hmac", "KEY", "the network's message key, base64" },
	{ 0 },
};

const struct option_row clock_options[] = {
	{ 'F', "feeds", "FEED", "only these: ids or starts of ids, with commas "
				"between; may be given again" },
	{ 0 },
};

const struct option_row diff_options[] = {
	{ 'F', "feeds", "FEED", "only these: ids or starts of ids, with commas "
				"between; may be given again" },
	{ 'm', "messages", NULL, "list the messages that only one has" },
	{ 'b', "bytes", NULL, "say how many bytes they are" },
	{ 'a', "all", NULL, "list the feeds that are equal, too" },
	{ 'v', "views", NULL, "say where contacts and names differ, too" },
	{ 'k', "hmac", "KEY", "the network's message key, base64" },
	{ 0 },
};

const struct option_row sync_plan_options[] = {
	{ 'o', "hops", "N", "as if friends.hops were N" },
	{ 0 },
};

const struct option_row log_options[] = {
	{ 'f', "follow", NULL, "go on with each message that comes in" },
	LISTING_OPTIONS,
	LIST_OPTIONS,
	{ 0 },
};

const struct option_row tail_options[] = {
	{ 'x', "rejected", NULL, "what kithd refused, from whom, and why" },
	{ 'e', "end", NULL, "print what is there, and wait for nothing" },
	LISTING_OPTIONS,
	LIST_OPTIONS,
	{ 0 },
};

const struct option_row links_options[] = {
	{ 'm', "member", "NAME", "only what this member of the content holds: "
				 "root, mentions" },
	{ 'p', "private", NULL, "open what is private" },
	LIST_OPTIONS,
	{ 0 },
};

const struct option_row about_options[] = {
	{ 'p', "private", NULL, "with what was said in private" },
	IDS_OPTION,
	{ 0 },
};

const struct option_row who_options[] = {
	{ 'p', "private", NULL, "with the groups that you have in common" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row tree_options[] = {
	LIST_OPTIONS,
	{ 0 },
};

const struct option_row blobs_options[] = {
	{ 'w', "wanted", NULL, "those that are wanted, and why they are not "
			       "here" },
	{ 'm', "missing", NULL, "all that messages refer to and that are not "
				"here" },
	{ 'O', "orphans", NULL, "those to which no message refers" },
	{ 0 },
};

const struct option_row search_options[] = {
	{ 's', "sort", "HOW", "time (default), newest first, or rank, best "
			      "first" },
	{ 'a', "author", "WHO", "only what WHO wrote: a name or @ID" },
	{ 'c', "channel", "CHANNEL", "only what is in this channel" },
	{ 'S', "since", "DAY", "only from then on: 2026-11-21, 2026-11 or "
			       "2026" },
	{ 'U', "until", "DAY", "only before then" },
	{ 'p', "private", NULL, "what was said in private, in place of it" },
	{ 'n', "limit", "N", "at most N (20), or \"all\"" },
	PAGE_OPTIONS,
	{ 0 },
};

const struct option_row query_options[] = {
	{ 'n', "limit", "N", "N messages (20), or \"all\"" },
	{ 'a', "after", "CURSOR", "go on behind the end of an earlier page" },
	{ 's', "scan", NULL, "read every message if need be" },
	{ 'p', "private", NULL, "open what is private, and look into it" },
	{ 'f', "follow", NULL, "go on with each message that comes in" },
	{ 'e', "explain", NULL, "print what would be read, and read nothing" },
	{ 0 },
};

const struct option_row cat_options[] = {
	{ 'w', "wire", NULL, "the bytes as stored and sent, nothing added" },
	{ 'v', "value", NULL, "the message on one line" },
	{ 'c', "content", NULL, "what the author put in it" },
	{ 's', "signing", NULL, "the bytes that were signed" },
	{ 'i', "hash-input", NULL, "the bytes whose hash is the id" },
	{ 'm', "meta", NULL, "when it came, from whom, its size" },
	{ 'b', "bytes", NULL, "the bytes as stored, in hexadecimal" },
	{ 'B', "bfe", NULL, "with each value in its binary field encoding" },
	{ 'p', "private", NULL, "open what is private" },
	{ '0', "null", NULL, "a NUL byte behind each" },
	{ 0 },
};

const struct option_row page_options[] = { PAGE_OPTIONS, { 0 } };

const struct option_row thread_options[] = {
	{ 'p', "private", NULL, "with what was answered in private" },
	{ 'g', "graph", NULL, "as lanes, the newest first, with heads marked" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row inbox_options[] = {
	{ 'p', "private", NULL, "private conversations in place of them" },
	{ 'f', "follow", NULL, "go on with each that comes in" },
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row profile_options[] = {
	{ 'i', "image", "FILE", "give yourself this picture, or that of an id: "
				"&BLOB" },
	{ 'p', "private", NULL, "with the groups that you have in common" },
	PUBLISH_OPTIONS,
	PAGE_OPTIONS, { 0 }
};

const struct option_row list_options[] = {
	{ 'n', "limit", "N", "so many at most, or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row timeline_options[] = {
	{ 'a', "all", NULL, "of everybody, not only of those you follow" },
	{ 'c', "channel", "CHANNEL", "only what is in a channel" },
	{ 'n', "limit", "N", "the newest N threads (20), or \"all\"" },
	{ 'f', "follow", NULL, "go on with each post that comes in" },
	{ 'p', "private", NULL, "with what they wrote to you in private" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row channel_options[] = {
	{ 'n', "limit", "N", "the newest N threads (20), or \"all\"" },
	{ 'f', "follow", NULL, "go on with each post that comes in" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row unread_options[] = {
	{ 'm', "mark", NULL, "and mark as read what came up to the newest "
			     "listed" },
	{ 'n', "limit", "N", "the oldest N (20), or \"all\"" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row follows_options[] = {
	{ 'r', "followers", NULL, "the other way: who follows the feed" },
	{ 'b', "blocks", NULL, "whom it blocks; with -r: who blocks it" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row stats_options[] = {
	{ 'b', "by", "WHAT", "author, type, day, size, format or peer, in "
			     "place of the whole page" },
	{ 'n', "top", "N", "only the N that have most messages" },
	{ 'S', "since", "DAY", "only what was written from then on: "
			       "2026-11-21, 2026-11 or 2026" },
	{ 'U', "until", "DAY", "only what was written before then" },
	{ 's', "svg", NULL, "as a picture" },
	{ 'p', "private", NULL, "open what is private, to count it by its "
				"type, too" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row space_options[] = {
	{ 'n', "top", "N", "so many of the largest feeds (10)" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row graph_options[] = {
	{ 'd', "dot", NULL, "for Graphviz" },
	{ 't', "tsv", NULL, "a line for each edge, with tabs" },
	{ 's', "svg", NULL, "as a picture" },
	{ 'c', "center", "FEED", "around this feed, in place of yours" },
	{ 'o', "hops", "N", "within so many hops of it" },
	{ 'e', "edges", "WHICH", "follow (default), block or all" },
	{ 'm', "mutual", NULL, "only what both say of each other" },
	PAGE_OPTIONS, { 0 }
};

const struct option_row explain_options[] = { PAGE_OPTIONS, { 0 } };

const struct option_row adopt_options[] = {
	{ 'n', "dry-run", NULL, "say what would be taken, and write nothing" },
	{ 'l', "log-only", NULL, "take messages, and nothing else" },
	{ 'N', "no-identity", NULL, "leave the identity and its keys" },
	{ 0 },
};

const struct option_row import_options[] = {
	{ 'n', "dry-run", NULL, "verify and chain all, write nothing" },
	{ 'x', "strict", NULL, "end at the first line that is refused" },
	{ 's', "spill-limit", "MB", "disk for what comes too early (16384)" },
	{ 0 },
};

const struct option_row export_options[] = {
	{ 'f', "format", "FORM", "ndjson (default), kvt, canonical, csv, "
				 "sqlite or depot" },
	{ 'k', "keys", NULL, "{key,value,timestamp} instead of bare values" },
	{ 'c', "canonical", NULL, "the text that is hashed, on one line" },
	{ 'p', "private", NULL, "open what is private: to be read, since it "
				"can be imported no more" },
	{ 'o', "output", "FILE", "write to FILE; .gz and .zst say how" },
	{ 'z', "gz", NULL, "packed by gzip" },
	{ 'Z', "zstd", NULL, "packed by zstd" },
	{ 0 },
};

const struct option_row decode_options[] = {
	{ 'p', "private", NULL, "open what is private, with your keys" },
	{ 0 },
};

const struct option_row rpc_options[] = {
	{ 't', "type", "TYPE", "async, source, sink or duplex; else as the "
			       "peer says" },
	{ 'f', "frames", NULL, "show every packet" },
	{ 'r', "raw", NULL, "bodies as they come, nothing between them" },
	{ 'T', "timeout", "SECONDS", "give up when nothing comes for so long" },
	{ 0 },
};

const struct option_row peer_options[] = {
	{ 'v', "verify", NULL, "feed: check every message, and print none" },
	{ 'T', "timeout", "SECONDS", "give up when nothing comes for so long" },
	{ 0 },
};

const struct option_row verify_options[] = {
	{ 'a', "as", "LIST", "say what js, db2, rust, go, strict or all do" },
	{ 'r', "rules", NULL, "say of each rule and message how it went" },
	{ 'k', "hmac", "KEY", "the network's message key, base64" },
	{ 'w', "whole", NULL, "a feed in a file begins at its message 1" },
	{ 'x', "strict", NULL, "end at the first finding" },
	{ 'q', "quiet", NULL, "no output: the exit code tells" },
	{ 0 },
};

const struct option_row fsck_options[] = {
	{ 'Q', "quick", NULL, "only feeds and the index of sequences" },
	{ 'L', "links", NULL, "all but signatures and views (default)" },
	{ 'F', "full", NULL, "all there is" },
	{ 'J', "jobs", "N", "threads that check messages (one a core)" },
	{ 'u', "resume", NULL, "only what came since the last such check" },
	{ 'w', "write", NULL, "mend it, by one of the following" },
	{ 'b', "rebuild", NULL, "make indexes and views anew from the log" },
	{ 'r', "refetch", NULL,
	  "and drop damaged messages, to get them again" },
	{ 'a', "quarantine", NULL, "and set them aside" },
	{ 's', "salvage", NULL, "and take what damaged pages still hold" },
	{ 'q', "quiet", NULL, "no output: the exit code tells" },
	{ 0 },
};

const struct option_row blob_options[] = {
	{ 'p', "pin", NULL, "add: and never remove it to make room" },
	{ 'o', "output", "FILE", "get: write to FILE" },
	{ 'w', "wanted", NULL, "ls: those that are wanted, and why they are "
			       "not here" },
	{ 'm', "missing", NULL, "ls: all that messages refer to and that are "
				"not here" },
	{ 'O', "orphans", NULL, "ls: those to which no message refers" },
	{ 'u', "undo", NULL, "want: not any more" },
	{ 'n', "dry-run", NULL, "gc: say what would go, and change nothing" },
	{ 'f', "full", NULL, "gc: read every file, and check its hash" },
	{ 0 },
};

const struct option_row bundle_options[] = {
	{ 'f', "feed", "FEED", "create, apply: only this feed; may be "
			       "repeated" },
	{ 'F', "for", "WHO", "create: only what WHO lacks: a peer, a file of "
			     "`kith bundle clock`, an earlier bundle, or those "
			     "of a depot; may be repeated" },
	{ 'a', "all", NULL, "every feed that is here, or in the bundle" },
	{ 'b', "blobs", NULL, "create: and the blobs that its messages name" },
	{ 'm', "max-size", "BYTES", "create: no larger than 25M, 700M or so" },
	{ 'Q', "qr", NULL, "create: draw it as a QR code" },
	{ 'n', "dry-run", NULL, "write nothing, say what would come of it" },
	{ 'k', "hmac", "KEY", "verify: the network's message key, base64" },
	{ 0 },
};

const struct option_row retention_options[] = {
	{ 'n', "dry-run", NULL, "say what would go, and change nothing" },
	{ 0 },
};

const struct option_row forget_options[] = {
	{ 'n', "dry-run", NULL, "say what would go, and change nothing" },
	{ 'u', "undo", NULL, "let the feed be fetched again" },
	{ 0 },
};

const struct option_row sync_options[] = {
	{ 'n', "dry-run", NULL, "say what would come and go, and change "
				"nothing" },
	{ 'i', "import-only", NULL, "take in, and leave nothing" },
	{ 'b', "budget", "SIZE", "take at most so much room there: 10G" },
	{ 'o', "hops", "N", "as if friends.hops were N" },
	{ 's', "sealed", NULL, "a new depot is sealed with a passphrase" },
	{ 'f', "for", "WHOM", "a new depot is sealed for WHOM and you; may be "
			      "given again" },
	{ 'r', "remember", NULL, "keep the key of a sealed depot in the home, "
				 "for the next time and for kithd" },
	{ 'c', "create", NULL, "make a depot where there is none" },
	{ 0 },
};

const struct option_row depot_options[] = {
	{ 'g', "signatures", NULL, "verify, scrub: check every signature, too" },
	{ 'b', "budget", "SIZE", "gc: until messages there have at most SIZE: "
				 "10G" },
	{ 'F', "forget", NULL, "gc: remove what others still lack, too" },
	{ 'a', "adopt", "WRITER", "gc: take over what a dead writer left" },
	{ 'n', "dry-run", NULL, "scrub, gc: say what would be done, and change "
				"nothing" },
	{ 0 },
};

const struct option_row capture_options[] = {
	{ 'p', "peer", "@ID", "only connections with this peer" },
	{ 'l', "limit", "SIZE", "of the file: 64M, 2G (256M)" },
	{ 'r', "rotate", NULL, "at half of it put the file aside as FILE.1 and "
			       "go on" },
	{ 'w', "headers", NULL, "no bodies, only how long they were" },
	{ 'k', "keylog", "FILE", "append the keys of sessions to FILE" },
	{ 0 },
};

const struct option_row tap_options[] = {
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

const struct option_row dissect_options[] = {
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

const struct option_row help_options[] = {
	{ 'c', "complete", "SHELL", "print what lets bash, zsh or fish "
				    "complete" },
	{ 0 },
};
