# tests/fsck
