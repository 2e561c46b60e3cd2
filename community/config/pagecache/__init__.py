"""Visitors' pages as ready bytes, answered before Django: asked → shelf → given, else made by Django and kept."""

from community.config.pagecache.wrapper import PageCache

__all__ = ["PageCache"]
