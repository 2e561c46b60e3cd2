"""The private servers of a checkout: PostgreSQL 18 and Valkey from wheels, under `var/` (or $HIROBA_VAR).

They stand in for the servers that DATABASE_URL and REDIS_URL would name, with the same engines. Their addresses are
fixed by the folder alone, so settings can name them without starting anything. Whoever needs them attaches; the first
one in starts them, the last one out stops them.
"""

from community.config.private.attach import attached, database_is_private, for_command, valkey_is_private
from community.config.private.errors import PrivateServerError
from community.config.private.places import database, places, redis_url
from community.config.private.postgres import Postgres
from community.config.private.valkey import Valkey

__all__ = [
    "Postgres",
    "PrivateServerError",
    "Valkey",
    "attached",
    "database",
    "database_is_private",
    "for_command",
    "places",
    "redis_url",
    "valkey_is_private",
]
