"""Live delivery that loses nothing: a numbered log in PostgreSQL, wake-ups over Valkey, sockets fed by a hub.

The package knows no community app. Apps declare who may watch their streams with `registry.register` and
write through `log.append_many` as the last statements of a transaction. `docs/live.md` is the protocol.
"""
