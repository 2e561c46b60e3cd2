"""Demo content: a small craft market with its makers, items and talk. See `load` for how it is written."""
