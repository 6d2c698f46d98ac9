/*
 * How many columns of a terminal a character takes.
 *
 * Pure; independent of the locale.  Source: Unicode 14.0.0, general categories and
 * East Asian Width; what is ambiguous there takes one column.
 */
#ifndef TOOLS_TEXT_WIDTH_H
#define TOOLS_TEXT_WIDTH_H

#include <stddef.h>
#include <stdint.h>

/* 0: it goes on top of the one before (combining marks, joiners, variation
 * selectors, skin tones); 2: East Asian wide, and emoji; else 1. */
size_t width_of(uint32_t c);

#endif
