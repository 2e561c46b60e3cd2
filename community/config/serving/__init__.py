"""How the web process runs: its threads, its waiting line, its garbage collector, its sockets and its children.

`workers` (threads and line) < `handler` (a request through Django in one hop); `refusals` (answers made before Django);
`collector` (garbage in quiet moments); `warm` (before the first visitor); `numbers` (for /metrics); `listening`
(sockets) < `family` (several processes on one port) < `__main__` (their parent).
"""
