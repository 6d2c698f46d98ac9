# tests/sim: EBT in a simulated world.  SIM_SEEDS=1000 for all seeds.
check_PROGRAMS += %D%/ebt
%C%_ebt_SOURCES = %D%/ebt.c %D%/events.c %D%/events.h %D%/world.c \
	%D%/world.h
%C%_ebt_LDADD = src/gossip/libgossip.la feeds/libfeeds.la $(SODIUM_LIBS)
