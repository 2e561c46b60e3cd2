"""How pages are given: the one part of `core` that knows requests and answers. Rules do not import it."""
