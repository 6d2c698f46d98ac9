#include "src/fsck/fsck.h"

const struct fsck_class_row fsck_classes[FSCK_CLASSES] = {
	[FSCK_CORRUPT] = { "corrupt", "bytes fail their checksum, or are lost",
			   FSCK_REFETCH },
	[FSCK_BADSIG] = { "badsig", "the signature does not verify",
			  FSCK_REFETCH },
	[FSCK_BADCHAIN] = { "badchain", "it does not follow the message before",
			    FSCK_REFETCH },
	[FSCK_GAP] = { "gap", "messages between others are missing",
		       FSCK_REFETCH },
	[FSCK_NONCANONICAL] = { "noncanonical-stored",
				"it is not stored in the form that is sent",
				FSCK_REFETCH },
	[FSCK_UNDECODABLE] = { "undecodable", "it is no message of its format",
			       FSCK_REFETCH },
	[FSCK_INDEX_STALE] = { "index-stale",
			       "an index lacks what the log has",
			       FSCK_REBUILD },
	[FSCK_INDEX_WRONG] = { "index-wrong",
			       "an index says what the log does not",
			       FSCK_REBUILD },
	[FSCK_VIEW_WRONG] = { "view-wrong",
			      "a view differs from what the log gives",
			      FSCK_REBUILD },
	[FSCK_LOCAL_WRONG] = { "local-wrong",
			       "a fact that only this node knew is damaged",
			       FSCK_QUARANTINE },
	[FSCK_BAD_PAGE] = { "bad-page", "a page of the file is damaged",
			    FSCK_SALVAGE },
};

const char *fsck_repair_name(enum fsck_repair repair)
{
	static const char *const names[] = {
		[FSCK_REFETCH] = "refetch",
		[FSCK_REBUILD] = "rebuild",
		[FSCK_QUARANTINE] = "quarantine",
		[FSCK_SALVAGE] = "salvage",
	};

	return names[repair];
}
