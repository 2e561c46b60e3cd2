"""One module for each part; each has `run(stage, effort)`, which gives rows of plain numbers."""
