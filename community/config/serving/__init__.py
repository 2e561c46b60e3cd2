"""How the web process runs: its threads, its waiting line, its garbage collector, its sockets and its children.

`workers` (threads and line) < `handler` (a request through Django in one hop); `refusals` (the answer of an overloaded
process); `collector` (garbage in quiet moments); `listening` (sockets) < `family` (several processes on one port).
"""
