# tests/url: one program a module.
