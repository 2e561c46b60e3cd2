"""One message to many readers: our own socket, the peers' and the bare ones, under one load generator."""
