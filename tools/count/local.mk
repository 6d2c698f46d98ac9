# tools/count: count and draw
tools_kith_SOURCES += %D%/table.c %D%/commands.h %D%/follow_map.c \
	%D%/follow_map.h %D%/graph.c %D%/graph.h %D%/graph_forms.c \
	%D%/graph_labels.c %D%/graph_picture.c %D%/graph_picture.h \
	%D%/graph_print.c %D%/graph_svg.c %D%/graph_why.c %D%/space.c \
	%D%/stats.c %D%/stats.h %D%/stats_columns.c %D%/stats_count.c \
	%D%/stats_draw.h %D%/stats_facts.c %D%/stats_print.c \
	%D%/stats_records.c %D%/stats_svg.c
