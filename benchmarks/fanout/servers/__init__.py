"""The other ends of the table. Each serves readers on PORT and takes numbers to publish, a line each, on PORT + 1."""
