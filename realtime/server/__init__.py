"""The web server: Daphne's own server and protocol classes, subclassed so that no client can harm another.

`hardened` is the server and its life, `channel` a connection, `request` an HTTP request, `open_socket` a socket,
`outlet` what waits to leave on either. They know no application. They stand on details of Daphne, Twisted and Autobahn
that these do not promise to keep; tests/realtime/test_server_pins.py names every one. Importing this package installs
Twisted's reactor: only what serves imports it.
"""

from realtime.server.hardened import HardenedServer, Timeouts

__all__ = ["HardenedServer", "Timeouts"]
