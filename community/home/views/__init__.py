"""Pages that put many apps side by side and write nothing."""
