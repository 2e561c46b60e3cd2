"""One module for each part; each has `run(stage, effort)`, which yields rows of plain numbers as it goes."""
