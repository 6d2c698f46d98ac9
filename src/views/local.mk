# src/views
