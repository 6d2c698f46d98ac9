/*
 * What the table of commands points to: the options of each command, each list
 * ended by a row of zeros.  global_options are in tool.h.
 */
#ifndef TOOLS_OPTIONS_H
#define TOOLS_OPTIONS_H

#include "tools/tool.h"

extern const struct option_row
	init_options[], publish_options[], post_options[], reply_options[],
	like_options[], name_options[], passphrase_options[], backup_options[],
	views_options[], feeds_options[], forks_options[], clock_options[],
	diff_options[], sync_plan_options[], log_options[],
	search_options[], query_options[], cat_options[], page_options[],
	list_options[], dm_options[], group_options[], thread_options[],
	inbox_options[], timeline_options[], channel_options[], unread_options[],
	follows_options[], adopt_options[], import_options[], export_options[], verify_options[],
	fsck_options[], blob_options[], bundle_options[], profile_options[],
	retention_options[], forget_options[], sync_options[], depot_options[],
	capture_options[], tap_options[], dissect_options[],
	decode_options[], rpc_options[], peer_options[],
	help_options[];

/* Of kith stats, space, graph and explain. */
extern const struct option_row stats_options[], space_options[],
	graph_options[], explain_options[];

/* Looking into the store. */
extern const struct option_row
	tail_options[], links_options[], about_options[], tree_options[],
	blobs_options[], who_options[];

#endif
