"""The pages of threads, one module per kind of page. Each parses, calls one action or query, and answers."""
