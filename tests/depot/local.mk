# tests/depot: one program a module.
