# tools/complete: what shells complete, from the table of commands
tools_kith_SOURCES += %D%/complete.c %D%/complete.h %D%/complete_bash.c \
	%D%/complete_fish.c %D%/complete_words.c %D%/complete_zsh.c

# Where the program can be run that was built.
%D%/kith %D%/_kith %D%/kith.fish: tools/kith$(EXEEXT)
	$(AM_V_GEN)$(MKDIR_P) %D% && \
	case $@ in *_kith) sh=zsh ;; *.fish) sh=fish ;; *) sh=bash ;; esac && \
	$(builddir)/tools/kith$(EXEEXT) help --complete $$sh >$@-t && mv $@-t $@
bash_completion_dir = $(datadir)/bash-completion/completions
zsh_completion_dir = $(datadir)/zsh/site-functions
fish_completion_dir = $(datadir)/fish/vendor_completions.d
if !CROSS_COMPILING
nodist_bash_completion__DATA = %D%/kith
nodist_zsh_completion__DATA = %D%/_kith
nodist_fish_completion__DATA = %D%/kith.fish
endif
CLEANFILES += %D%/kith %D%/_kith %D%/kith.fish
