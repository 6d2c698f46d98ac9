# tests/gossip
