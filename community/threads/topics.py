"""Live streams of threads, items and the front page."""
