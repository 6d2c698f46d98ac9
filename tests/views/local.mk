# tests/views
