/* Every command of kith is one row here and one function in its own file.
 * Help is printed from this table, and kith(1) is checked against it. */
#include "tools/commands.h"
#include "tools/options.h"

#define SELECTION                                                              \
	"SELECTION is a feed @ID, one message of it @ID:42, a range "          \
	"@ID:40..60, its last ten @ID:-10, a message %ID, the one before "     \
	"it %ID^, or rx:N by receive number.  Ids may be cut to a unique "     \
	"prefix of at least six characters; @alice or name:alice is the feed " \
	"that has this name."

#define FEED_IS                                                                \
	"FEED is an id, a start of one that is long enough, or a name that "   \
	"only one feed has: @alice."

#define SOURCE_IS                                                              \
	"SOURCE is store:DIR, depot:DIR or its URL, bundle:FILE, lines:FILE, " \
	"peer:ADDRESS, flume:DIR or bipf:DIR; without the word in front, "     \
	"what lies there tells.  kith-sources(7) has it all."

#define LISTS (NEEDS_HOME | NEEDS_STORE | READS_SOURCES)
#define READS (LISTS | NEEDS_VIEWS)

const struct command commands[] = {
	{ .name = "init", .args = "",
	  .summary = "make a home folder and an identity",
	  .more = "Creates the folder if need be, a new key pair in its file "
		  "`secret`, and an empty store.  An identity that is there "
		  "already is never touched.",
	  .example = "kith --home ~/other init",
	  .options = init_options, .run = command_init },
	{ .name = "id", .args = "",
	  .summary = "print your identity",
	  .example = "kith id",
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_id },
	{ .name = "words", .args = "",
	  .summary = "print your key as 24 words, to be kept on paper",
	  .more = "Whoever has the words can write in your name.  `kith init "
		  "--words` makes an identity of them again.",
	  .example = "kith words",
	  .needs = NEEDS_HOME, .run = command_words },
	{ .name = "status", .args = "",
	  .summary = "identity, store, daemon and connections at a glance",
	  .example = "kith status",
	  .needs = NEEDS_HOME, .run = command_status },
	{ .name = "feed", .args = "unfreeze FEED",
	  .summary = "say that no other place writes to your feed any more",
	  .more = "FEED is your own whole id, so that it is not said by "
		  "mistake.  Of an unconfirmed feed it also says that all that "
		  "was ever written is here, and publishing goes on at once.  "
		  "Of a frozen one it says that the other place has stopped "
		  "for good: what that wrote is fetched from peers first.  If "
		  "it is not true, the feed forks, and no peer can mend "
		  "that.",
	  .example = "kith feed unfreeze $(kith id)",
	  .least = 2, .most = 2, .needs = NEEDS_HOME | NEEDS_SELF,
	  .run = command_feed },
	{ .name = "name", .args = "[TEXT]",
	  .summary = "give yourself a name, or another feed",
	  .more = "Everybody may name everybody; readers go by their own word "
		  "first, then by that of whom it is about, then by what "
		  "most say.  WHOM is a feed's id or the name that it has.",
	  .example = "kith name \"Zoe\"\n"
		     "kith name --of carol --description \"mends bicycles\"",
	  .options = name_options, .most = 1, .needs = NEEDS_HOME,
	  .run = command_name },
	{ .name = "post", .args = "[TEXT...]",
	  .summary = "publish a post",
	  .more = "The words become the text; without any an editor is opened "
		  "($VISUAL, $EDITOR), and with \"-\" or without a terminal "
		  "the text is read from standard input.  It is Markdown: "
		  "@name becomes a link where one feed is called so, and "
		  "#word puts it into a channel.  At a terminal you see what "
		  "will be public, and are asked.",
	  .example = "kith post \"hello, world\"\n"
		     "kith post --channel bicycles \"Does @carol repair "
		     "brakes?\"\n"
		     "kith post --attach photo.png \"Look at this.\"",
	  .options = post_options, .most = ANY_NUMBER, .needs = NEEDS_HOME,
	  .run = command_post },
	{ .name = "reply", .args = "%ID [TEXT...]",
	  .summary = "answer a message",
	  .more = "The text is given as for `kith post`.  The answer goes "
		  "into the thread and the channel of the message; where that "
		  "is private, it is for the same readers.",
	  .example = "kith reply %P5lj3I6f \"And spinach, @alice.\"",
	  .options = reply_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_reply },
	{ .name = "dm", .args = "WHOM...",
	  .summary = "write to people in private",
	  .more = "The text is read from standard input, or written in an "
		  "editor, so that it stands in no history of a shell.  WHOM "
		  "is a feed's id, or the name that it has here.  Who will "
		  "read it is shown before it is sent; nobody else can, and "
		  "neither can it be taken back.",
	  .example = "echo \"Shall we meet at nine?\" | kith dm carol\n"
		     "echo \"And bring the seeds.\" | kith dm --box2 alice "
		     "carol",
	  .options = dm_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_dm },
	{ .name = "group",
	  .args = "create | list | invite GROUP WHOM... | members GROUP | post "
		  "GROUP [TEXT...] | log GROUP",
	  .summary = "make private groups, and read and write in them",
	  .more = "GROUP is the id of a group, or the start of it.  Whoever is "
		  "invited reads all that was and will be written in it; "
		  "nobody can be taken out again.",
	  .example = "kith group create\n"
		     "kith group list",
	  .options = group_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_group },
	{ .name = "like", .args = "%ID",
	  .summary = "say that you like a message",
	  .example = "kith like %P5lj3I6f\nkith like --undo %P5lj3I6f",
	  .options = like_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_like },
	{ .name = "subscribe", .args = "CHANNEL",
	  .summary = "follow a hashtag",
	  .more = "Of CHANNEL neither case nor the # matters, which the shell "
		  "takes for a comment unless it is quoted.",
	  .example = "kith subscribe '#bicycles'",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_subscribe },
	{ .name = "unsubscribe", .args = "CHANNEL",
	  .summary = "stop following a hashtag",
	  .example = "kith unsubscribe bicycles",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_unsubscribe },
	{ .name = "publish", .args = "[FILE]",
	  .summary = "publish content given as JSON",
	  .more = "FILE or standard input holds one JSON object with a "
		  "\"type\".",
	  .example = "echo '{\"type\":\"post\",\"text\":\"hello\"}' "
		     "| kith publish",
	  .options = publish_options, .most = 1, .needs = NEEDS_HOME,
	  .run = command_publish },
	{ .name = "follow", .args = "WHOM",
	  .summary = "follow a feed: replicate it and what it follows",
	  .more = "WHOM is a feed's id, a unique prefix of it of six "
		  "characters or more, or the name that it has here.",
	  .example = "kith follow bob",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_follow },
	{ .name = "unfollow", .args = "WHOM",
	  .summary = "stop following a feed",
	  .example = "kith unfollow bob",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_unfollow },
	{ .name = "block", .args = "WHOM",
	  .summary = "block a feed: neither take from it nor give to it",
	  .example = "kith block carol",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_block },
	{ .name = "unblock", .args = "WHOM",
	  .summary = "take a block back, without following",
	  .example = "kith unblock carol",
	  .options = publish_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME, .run = command_unblock },
	{ .name = "feeds", .args = "",
	  .summary = "list the feeds in the store",
	  .example = "kith feeds --sort bytes",
	  .options = feeds_options, .needs = LISTS,
	  .run = command_feeds },
	{ .name = "clock", .args = "[SOURCE]",
	  .summary = "say how far a source has each feed",
	  .more = "One line a feed, in the same order everywhere, for "
		  "comparing; a \"?\" where a peer does not say.  Without "
		  "SOURCE: this home.  " SOURCE_IS,
	  .example = "kith clock",
	  .options = clock_options, .most = 1, .run = command_clock },
	{ .name = "diff", .args = "[SOURCE] SOURCE",
	  .summary = "say where two sources differ, feed by feed",
	  .more = "A is the first, or this home, and B the other.  Of each "
		  "feed that is not equal: who has more, or at which message "
		  "they part, which is a fork.  What a peer does not tell is "
		  "unknown, not missing.  " SOURCE_IS,
	  .example = "kith export --output mine.ndjson\n"
		     "kith diff mine.ndjson",
	  .options = diff_options, .least = 1, .most = 2,
	  .run = command_diff },
	{ .name = "forks", .args = "[FEED | SOURCE SOURCE]",
	  .summary = "list forked feeds, and print, check and find proofs",
	  .more = "A fork is two messages of one author for one place of its "
		  "feed; the signed pair proves it to anybody.  --find looks "
		  "for them in two sources, as `kith diff` does.",
	  .example = "kith forks",
	  .options = forks_options, .most = 2, .needs = READS_SOURCES,
	  .run = command_forks },
	{ .name = "log", .args = "[SELECTION]",
	  .summary = "list messages, one a line",
	  .more = "Without SELECTION: all feeds, in the order of receipt.  "
		  SELECTION,
	  .example = "kith log --type post -n 5",
	  .options = log_options, .most = 1,
	  .needs = LISTS, .run = command_log },
	{ .name = "tail", .args = "[SELECTION]",
	  .summary = "show messages as they come in, or as they are refused",
	  .more = "SELECTION is a feed; without it all feeds.  --rejected asks "
		  "kithd, which keeps the newest 256; all else goes without it.",
	  .example = "kith tail --end -n 3\nkith tail --rejected --end",
	  .options = tail_options, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_STORE, .run = command_tail },
	{ .name = "links", .args = "SELECTION",
	  .summary = "list what a message refers to, and where in it",
	  .more = SELECTION,
	  .example = "kith links %P5lj3I6f",
	  .options = links_options, .least = 1, .most = 1,
	  .needs = LISTS, .run = command_links },
	{ .name = "backlinks", .args = "%ID | FEED | &ID | #NAME",
	  .summary = "list the messages that refer to something, and where",
	  .more = "Newest first.  What is referred to need not be here.",
	  .example = "kith backlinks %P5lj3I6f",
	  .options = links_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_backlinks },
	{ .name = "about", .args = "FEED | %ID | &ID",
	  .summary = "list what is said about something, and which word counts",
	  .example = "kith about @alice",
	  .options = about_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_about },
	{ .name = "tree", .args = "FEED",
	  .summary = "show the feeds of one identity, by its metafeed",
	  .more = "The store keeps classic feeds: what is here of a tree are "
		  "the announcements on them, and what is missing is said.",
	  .example = "kith tree @alice",
	  .options = tree_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_tree },
	{ .name = "search", .args = "[WORDS...]",
	  .summary = "find what was said, by its words",
	  .more = "All WORDS are to be there, in any case and with or without "
		  "accents; \"a phrase\" in this order; beginn* is what begins "
		  "so; a OR b one of them; NOT a none of it; ( ) what belongs "
		  "together.  author:WHO channel:NAME after:DAY before:DAY "
		  "narrow it as the options do.  The best (--sort rank) are "
		  "those among the newest 10,000.  With --private: what was "
		  "said in private to you or by you, or in your groups, and "
		  "nothing public.",
	  .example = "kith search garden OR tomato\n"
		     "kith search --private garden",
	  .options = search_options, .most = ANY_NUMBER,
	  .needs = READS,
	  .run = command_search },
	{ .name = "query", .args = "QUERY",
	  .summary = "show the messages that a query in JSON asks for",
	  .more = "QUERY is an object: author, type, channel, root, fork, "
		  "branch, vote, about, contact, mentions or link with a "
		  "value or a list of them; private, hops, text; rx, seq, ts, "
		  "rts with {\"gte\": ...}; and, or, not; order, emit, "
		  "page.  kith(1) has it all.",
	  .example = "kith query '{\"type\": \"post\", \"channel\": "
		     "\"gardening\"}'",
	  .options = query_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_VIEWS | NEEDS_SELF | READS_SOURCES,
	  .run = command_query },
	{ .name = "cat", .args = "[SELECTION...]",
	  .summary = "print messages whole",
	  .more = "By default in the canonical form that is signed and "
		  "hashed.  \"-\" or nothing is standard input, which holds "
		  "messages.  " SELECTION,
	  .example = "kith cat %P5lj3I6f\n"
		     "kith cat %P5lj3I6f --wire | kith cat --meta",
	  .options = cat_options, .most = ANY_NUMBER,
	  .needs = READS_SOURCES, .run = command_cat },
	{ .name = "timeline", .args = "",
	  .summary = "read what those you follow wrote, newest first",
	  .more = "Each thread once, with its first message and its newest.",
	  .example = "kith timeline --limit 5",
	  .options = timeline_options, .needs = READS,
	  .run = command_timeline },
	{ .name = "thread", .args = "%ID",
	  .summary = "read a thread, each message under what it answers",
	  .more = "%ID is any message of the thread.  Of a private one it "
		  "shows the private thread.",
	  .example = "kith thread %P5lj3I6f",
	  .options = thread_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_thread },
	{ .name = "channel", .args = "CHANNEL",
	  .summary = "read what is in a channel, newest first",
	  .example = "kith channel gardening",
	  .options = channel_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_channel },
	{ .name = "channels", .args = "",
	  .summary = "list the channels, the busiest lately first",
	  .example = "kith channels",
	  .options = list_options, .needs = READS, .run = command_channels },
	{ .name = "mentions", .args = "",
	  .summary = "list messages that mention you",
	  .example = "kith mentions",
	  .options = list_options, .needs = READS, .run = command_mentions },
	{ .name = "inbox", .args = "",
	  .summary = "list mentions, replies, likes and follows of yours",
	  .more = "With --private: each private conversation once, with its "
		  "newest message.",
	  .example = "kith inbox --limit all\nkith inbox --private",
	  .options = inbox_options, .needs = READS, .run = command_inbox },
	{ .name = "unread", .args = "",
	  .summary = "list posts that came in since you last read",
	  .example = "kith unread",
	  .options = unread_options, .needs = READS, .run = command_unread },
	{ .name = "profile", .args = "[FEED]",
	  .summary = "say all that is known of a feed, and why it is here",
	  .more = "Without FEED: of your own.  " FEED_IS,
	  .example = "kith profile @alice\n"
		     "kith profile --image photo.png",
	  .options = profile_options, .most = 1, .needs = READS,
	  .run = command_profile },
	{ .name = "whois", .args = "WHOM",
	  .summary = "list the feeds whose name begins so",
	  .example = "kith whois ali",
	  .options = list_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_whois },
	{ .name = "who", .args = "[FEED]",
	  .summary = "the same as profile",
	  .example = "kith who @alice",
	  .options = who_options, .most = 1, .needs = READS,
	  .run = command_profile },
	{ .name = "names", .args = "WHOM",
	  .summary = "the same as whois",
	  .example = "kith names ali",
	  .options = list_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_whois },
	{ .name = "follows", .args = "[FEED]",
	  .summary = "list whom a feed follows or blocks, or who does it",
	  .more = "Without FEED: you.  " FEED_IS,
	  .example = "kith follows @alice --followers",
	  .options = follows_options, .most = 1, .needs = READS,
	  .run = command_follows },
	{ .name = "stats", .args = "",
	  .summary = "count messages by author, type, day, size and peer",
	  .more = "Bytes are as sent, as signed and as stored.  What is boxed "
		  "has no type.  What kithd refused is counted by reason, "
		  "where it runs.",
	  .example = "kith stats\n"
		     "kith stats --by type\n"
		     "kith stats --svg >stats.svg",
	  .options = stats_options, .needs = READS, .run = command_stats },
	{ .name = "space", .args = "",
	  .summary = "say what takes how much room, and what could go",
	  .example = "kith space --top 3",
	  .options = space_options, .needs = READS, .run = command_space },
	{ .name = "graph",
	  .args = "[path FEED FEED | why FEED | cut FEED]",
	  .summary = "show who follows and blocks whom, and what hangs on it",
	  .more = "path: the follows that lead from one feed to another.  why: "
		  "those because of which a feed is replicated here.  cut: what "
		  "would drop out if nobody nearer said so any more.  "
		  FEED_IS,
	  .example = "kith graph\n"
		     "kith graph --svg --hops 2 >friends.svg\n"
		     "kith graph why @bob\n"
		     "kith graph cut @alice",
	  .options = graph_options, .most = 3, .needs = READS,
	  .run = command_graph },
	{ .name = "explain", .args = "FEED",
	  .summary = "say why a feed is here or not, and what to do",
	  .more = FEED_IS "  It ends with 1 where something is to be done.",
	  .example = "kith explain @alice",
	  .options = explain_options, .least = 1, .most = 1, .needs = READS,
	  .run = command_explain },
	{ .name = "adopt", .args = "[DIR]",
	  .summary = "move in from another Scuttlebutt program",
	  .more = "DIR is that program's folder, ~/.ssb if none is named.  Its "
		  "identity, messages, blobs, addresses of peers, keys of "
		  "groups and what settings mean the same here are taken, "
		  "each verified; nothing there is changed.  What is not made "
		  "yet of a home is made.  Again, it takes what is new.  Two "
		  "programs must not write with one identity: kith-adopt(1) "
		  "tells how to move.",
	  .example = "kith --home ~/new adopt ~/.ssb",
	  .options = adopt_options, .most = 1, .run = command_adopt },
	{ .name = "import", .args = "[FILE...]",
	  .summary = "take messages from files, verifying each",
	  .more = "Each line is a message, or {key,value,timestamp} around "
		  "one.  \"-\" or nothing is standard input.  Lines need not "
		  "be in order.  What gzip or zstd packed is unpacked.  Of a "
		  "folder of another Scuttlebutt program the log is read.",
	  .example = "kith import friends.ndjson",
	  .options = import_options, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_import },
	{ .name = "export", .args = "[SELECTION...]",
	  .summary = "write messages to standard output or a file, one a line",
	  .more = "Without SELECTION: everything, in the order of receipt.  "
		  "What is private stays encrypted, unless --private opens "
		  "it.  " SELECTION,
	  .example = "kith export --output all.ndjson.gz",
	  .options = export_options, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME | READS_SOURCES,
	  .run = command_export },
	{ .name = "redact", .args = "[FILE]",
	  .summary = "take out of messages what people wrote, for a bug report",
	  .more = "FILE or standard input has a message a line, whole or "
		  "damaged.  Texts become fillers of their length, and ids, "
		  "keys and signatures others, the same for the same; what is "
		  "left is the form: lengths, escapes, names of members, "
		  "offsets.  No signature fits any more.",
	  .example = "kith export | kith redact >report.ndjson",
	  .most = 1, .run = command_redact },
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
	{ .name = "verify", .args = "[FILE | SELECTION]...",
	  .summary = "check messages against every rule of their format",
	  .more = "\"-\" is standard input, nothing is the whole store.  A "
		  "FILE has a message a line, or is one.  Messages that follow "
		  "each other are checked as links of their chain too.  With "
		  "--as it also says whether other implementations would take "
		  "a message, and why not: js is ssb-validate and ssb-classic, "
		  "strict what all of them take.  " SELECTION,
	  .example = "kith verify @rmJQG0B+",
	  .options = verify_options, .most = ANY_NUMBER,
	  .needs = READS_SOURCES, .run = command_verify },
	{ .name = "lint", .args = "[FILE | SELECTION]",
	  .summary = "say what peers would make of it before you publish it",
	  .more = "FILE or standard input holds content as for `kith publish`, "
		  "or messages.  Each finding says where it is, why it "
		  "matters, and what to do.  " SELECTION,
	  .example = "echo '{\"type\":\"post\",\"text\":\"hello\"}' "
		     "| kith lint",
	  .most = 1, .needs = READS_SOURCES, .run = command_lint },
	{ .name = "views", .args = "",
	  .summary = "show how far the views are, or make one anew",
	  .more = "Views are what lists, threads and searches are read from: "
		  "they fall out of the log, and nothing is lost with them.  "
		  "What a view could make nothing of is counted as skipped.  "
		  "One that is made anew is filled while kithd runs on.",
	  .example = "kith views",
	  .options = views_options, .needs = NEEDS_HOME | NEEDS_STORE,
	  .run = command_views },
	{ .name = "fsck", .args = "[FEED...]",
	  .summary = "check that the store is what it should be",
	  .more = "Reads only, but for --write.  --links, the default, checks "
		  "every message but its signature, and every index against "
		  "the log; --quick the indexes alone, in seconds; --full "
		  "signatures and views too.  Each finding says whose message "
		  "it concerns, and what would mend it.",
	  .example = "kith fsck --full",
	  .options = fsck_options, .most = ANY_NUMBER, .needs = NEEDS_HOME,
	  .run = command_fsck },
	{ .name = "blob", .args = "WORD [FILE... | &BLOB...]",
	  .summary = "add, read, pin and remove files that messages refer to",
	  .more = "WORD is add, get, ls, want, why, pin, unpin, rm, gc or "
		  "space.  &BLOB is the id of a blob, or a start of one that "
		  "is known here.  What you add yourself, what your messages "
		  "refer to and what you pin is never removed to make room.  "
		  "gc looks for files that were lost, damaged or put there by "
		  "hand, and removes what is over the limits; space says how "
		  "much there is; why says who refers to a blob, who offered "
		  "it, and why it is not here.",
	  .example = "kith blob add --pin photo.png\n"
		     "kith blob ls\n"
		     "kith blob space",
	  .options = blob_options, .least = 1, .most = ANY_NUMBER,
	  .needs = NEEDS_HOME, .run = command_blob },
	{ .name = "blobs", .args = "",
	  .summary = "list the blobs that are here, or that are not",
	  .example = "kith blobs --missing",
	  .options = blobs_options, .needs = NEEDS_HOME,
	  .run = command_blobs },
	{ .name = "bundle", .args = "WORD [FILE]",
	  .summary = "carry feeds in one file, by mail, disc or pipe",
	  .more = "create makes a bundle of what is in reach (friends.hops), "
		  "or less; clock makes one that only says what is here, for "
		  "somebody else's --for; verify checks one without a home; "
		  "apply takes one in, as from a peer.  \"-\" or nothing is "
		  "standard input or output.  A FILE that ends in .gz or .zst "
		  "is packed.  What a bundle begins with says who is in it: "
		  "it is not encrypted.",
	  .example = "kith bundle create --blobs friends.bundle\n"
		     "kith bundle verify friends.bundle\n"
		     "kith bundle apply friends.bundle",
	  .options = bundle_options, .least = 1, .most = 2,
	  .run = command_bundle },
	{ .name = "forget", .args = "FEED | FEED:..N",
	  .summary = "remove a feed, or the start of one, from this node",
	  .more = "What you wrote yourself is never removed.  A feed that is "
		  "forgotten whole is not fetched again until you follow it "
		  "or type --undo.  Nobody else is told.",
	  .example = "kith forget --dry-run @F+XMEu06",
	  .options = forget_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_STORE | NEEDS_SELF,
	  .run = command_forget },
	{ .name = "retention", .args = "",
	  .summary = "remove what is old of distant feeds, by the rule",
	  .more = "The rule stands in the configuration: retention.days and "
		  "retention.hops.  kithd follows it by itself, every hour.",
	  .example = "kith retention --dry-run",
	  .options = retention_options,
	  .needs = NEEDS_HOME | NEEDS_STORE | NEEDS_SELF,
	  .run = command_retention },
	{ .name = "compact", .args = "",
	  .summary = "give room back that the store does not need",
	  .more = "Copies what the store holds into a new file, which then "
		  "takes the place of the old one.  There must be room for "
		  "both.  Publishing waits meanwhile; a crash at any moment "
		  "leaves the store whole.",
	  .example = "kith compact",
	  .needs = NEEDS_HOME, .run = command_compact },
	{ .name = "passphrase", .args = "",
	  .summary = "seal your key with a passphrase, or change or remove it",
	  .more = "A sealed key is asked for when kithd starts, and when a "
		  "command writes without it.  The file is replaced as a "
		  "whole: at no moment is there none.",
	  .example = "kith passphrase --new-file passphrase.txt",
	  .options = passphrase_options, .needs = NEEDS_HOME,
	  .run = command_passphrase },
	{ .name = "backup", .args = "FILE",
	  .summary = "write identity, configuration and store into one file",
	  .more = "Also while kithd runs.  FILE may be \"-\", standard output; "
		  "an older backup there is replaced once the new one is "
		  "whole.",
	  .example = "kith backup kith.backup",
	  .options = backup_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_SELF | NEEDS_STORE,
	  .run = command_backup },
	{ .name = "restore", .args = "FILE",
	  .summary = "make a home of a backup file",
	  .more = "Into a folder that is empty or not there; the file is "
		  "checked before anything is written.  The identity may "
		  "publish when a peer has confirmed how far its feed goes.",
	  .example = "kith --home ~/again restore kith.backup",
	  .least = 1, .most = 1, .run = command_restore },
	{ .name = "sync", .args = "DIR | URL",
	  .summary = "exchange what is new with a depot: a stick, or a URL",
	  .more = "Takes in what is new there, and leaves what others lack: "
		  "messages, blobs and what they want.  DIR is the folder of a "
		  "depot, or a stick or disk that has one in its folder "
		  "ssbstick; on an empty one it is made.  It may be pulled out "
		  "at any moment: nothing is lost, and the next run goes on.  "
		  "kith-sync(1) has it all.",
	  .example = "mkdir -p stick && kith sync stick",
	  .options = sync_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_sync },
	{ .name = "sync-plan", .args = "SOURCE",
	  .summary = "say what a sync would move each way, and move nothing",
	  .more = "SOURCE is a depot, as for `kith sync`, or a live peer; of "
		  "any other what could be taken in is said.",
	  .example = "kith sync-plan stick",
	  .options = sync_plan_options, .least = 1, .most = 1,
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_sync_plan },
	{ .name = "depot", .args = "WORD DIR | URL",
	  .summary = "look after a depot: what is in it, is it whole, room",
	  .more = "WORD is status, verify, scrub or gc.  status says who "
		  "writes there, what is there, and what is new on either "
		  "side; verify reads all of it and names what is damaged; "
		  "scrub writes again what was lost, if it is here, and asks "
		  "the next node for the rest; gc makes room: of what you "
		  "wrote it removes the oldest that every node has.  "
		  "kith-depot(1) has it all.",
	  .example = "kith depot status stick\n"
		     "kith depot gc --budget 10G stick",
	  .options = depot_options, .least = 1, .most = 2,
	  .needs = NEEDS_HOME | NEEDS_SELF, .run = command_depot },
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
	{ .name = "connect", .args = "ADDRESS",
	  .summary = "connect to a peer, and stay connected",
	  .more = "ADDRESS is net:HOST:PORT~shs:KEY or HOST:PORT:@ID.",
	  .example = "kith connect 127.0.0.1:8009:"
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .least = 1, .most = 1, .needs = NEEDS_HOME,
	  .run = command_connect },
	{ .name = "disconnect", .args = "ADDRESS",
	  .summary = "disconnect from a peer until the next connect",
	  .more = "ADDRESS as `kith peers` prints it, or the peer's @ID.",
	  .example = "kith disconnect "
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .least = 1, .most = 1, .needs = NEEDS_HOME,
	  .run = command_disconnect },
	{ .name = "peers", .args = "",
	  .summary = "list the peers that kithd is connected to or knows",
	  .example = "kith peers",
	  .needs = NEEDS_HOME | NEEDS_STORE, .run = command_peers },
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
	  .run = command_capture },
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
	{ .name = "peer",
	  .args = "ADDRESS ping | clock | feed @ID | blobs has &BLOB",
	  .summary = "ask one peer what it has",
	  .more = "ADDRESS is that of a peer, or \"local\", which is kithd.  "
		  "ping measures the way there and the difference of clocks; "
		  "clock lists the feeds it says it has, and how far; feed "
		  "prints one as the peer gives it, or, with --verify, checks "
		  "it; blobs has asks for one blob.",
	  .example = "kith peer local ping\n"
		     "kith peer local feed --verify "
		     "@rmJQG0B+2l40cPK9M5dZH0jReVk7X/dahwEa2/jeptE=.ed25519",
	  .options = peer_options, .least = 2, .most = 4,
	  .needs = NEEDS_HOME, .run = command_peer },
	{ .name = "rpc", .args = "ADDRESS NAME [ARGS-JSON]",
	  .summary = "call kithd or any peer, and print what it says",
	  .more = "ADDRESS is that of a peer, or \"local\", which is kithd.  "
		  "Each item that comes is a line of JSON; what is sent to a "
		  "sink or a duplex is read from standard input, a value a "
		  "line.",
	  .example = "kith rpc local whoami\n"
		     "kith rpc local createLogStream '[{\"limit\":2}]'",
	  .options = rpc_options, .least = 2, .most = 3,
	  .needs = NEEDS_HOME, .run = command_rpc },
	{ .name = "stop", .args = "",
	  .summary = "stop kithd and wait until it has",
	  .example = "kith stop",
	  .needs = NEEDS_HOME, .run = command_stop },
	{ .name = "help", .args = "[COMMAND]",
	  .summary = "say how to use kith or one command of it",
	  .example = "kith help post",
	  .options = help_options, .most = 1, .run = command_help },
	{ 0 },
};
