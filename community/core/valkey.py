"""The community's handle on Valkey. The one door to the library is `realtime.valkey`; this names it for rules."""

from realtime.valkey import ValkeyError, client

__all__ = ["ValkeyError", "client"]
