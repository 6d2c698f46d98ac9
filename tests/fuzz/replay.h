/*
 * What a fuzz target defines.  libFuzzer calls it with --enable-fuzz; else
 * replay.c does, with every input of the target's corpus.
 */
#ifndef FUZZ_REPLAY_H
#define FUZZ_REPLAY_H

#include <stddef.h>
#include <stdint.h>

/* Always gives 0; a finding is a crash. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
