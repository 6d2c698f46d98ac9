# tools/draw: pictures
noinst_LTLIBRARIES += %D%/libdraw.la
%C%_libdraw_la_SOURCES = %D%/bars.c %D%/bars.h %D%/graph_layout.c \
	%D%/graph_layout.h %D%/quantiles.c %D%/quantiles.h %D%/svg.c %D%/svg.h
