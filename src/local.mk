# src/log: one line an event, for every layer but the pure ones.
noinst_LTLIBRARIES += %D%/liblog.la
%C%_liblog_la_SOURCES = %D%/log.c %D%/log.h %D%/limits.h
