# tests/feeds
