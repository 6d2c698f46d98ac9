# tests/ingest
