"""Measures the site beside its peers and beside the limit of the machine: `make bench`, `make bench-full`."""
