"""/metrics, in the text format of Prometheus. Stands before Django, as the health checks do.

With HIROBA_METRICS_TOKEN only who sends it as a bearer token may read. Without one, only programs of the same machine
that call us by a local name: behind a proxy on it everybody has a local address, yet asks for the site by its own name.
"""

import hmac

from community.config.door import Receive, Scope, Send, answer, plain_address, single
from realtime import metrics

LOCAL = {"127.0.0.1", "::1"}
REFUSED = '{"type": "about:blank", "title": "%s", "status": %d}'


class Metrics:
    def __init__(self, token: str) -> None:
        self._expected = f"Bearer {token}".encode() if token else b""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._expected:
            given = single(scope["headers"], b"authorization").encode("latin-1")
            refused = None if hmac.compare_digest(given, self._expected) else (401, "Unauthorized")
        else:
            refused = None if _is_local(scope) else (404, "Not Found")
        if refused is not None:
            status, title = refused
            text = REFUSED % (title, status)
            await answer(send, status, text, scope["request_id"], kind=b"application/problem+json")
        else:
            await answer(send, 200, metrics.text(), scope["request_id"], kind=metrics.CONTENT_TYPE)


def _is_local(scope: Scope) -> bool:
    host = single(scope["headers"], b"host")
    name = "127.0.0.1" if host.partition(":")[0] == "localhost" else plain_address(host)
    return name in LOCAL and str(scope["client"][0]) in LOCAL
