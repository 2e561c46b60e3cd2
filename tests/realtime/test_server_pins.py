"""What the server stands on in Daphne, Twisted and Autobahn, method by method.

The three are subclassed at places they do not promise to keep. A new version that changes one of them fails here, by
name and with what it does for us, before anybody wonders about a live site: read the new method, see that the sentence
still holds, run `pytest tests/realtime/test_server.py -m "deep or not deep"`, and write the new fingerprint down.
"""

import hashlib
import importlib
import inspect
import textwrap

import pytest
from autobahn.websocket.protocol import WebSocketServerFactory
from twisted.internet import abstract
from twisted.web import http

PINS = {
    "daphne.http_protocol:WebRequest": {
        "process": ("1da7a24671a5", "only for a request that becomes a socket: it hands the transport over"),
        "__init__": ("5a2631632f1b", "left out: it would count the request among the server's connections"),
    },
    "daphne.ws_protocol:WebSocketProtocol": {
        "onConnect": ("904141de9493", "reads the root path from a header (taken away before), asks for an application"),
        "applicationCreateWorked": ("37f51b52e7de", "puts the first message into the queue"),
        "onMessage": ("4d43a61354e6", "replaced: no bound"),
        "onClose": ("1e40cbcba189", "tells server and application"),
        "handle_reply": ("f750e4ea3024", "accept and send; close is ours"),
        "handle_exception": ("a31780b7eb9a", "refuses a socket that is not open yet"),
        "serverReject": ("2ed49a0a4f4d", "refuses a socket that is not open yet"),
        "check_timeouts": ("d5ad2378af81", "never called: the clock is ours"),
    },
    "daphne.ws_protocol:WebSocketFactory": {
        "buildProtocol": ("bd2aea9ccc1b", "gives the socket its factory"),
    },
    "twisted.web.http:HTTPChannel": {
        "connectionMade": (
            "c8e94c239257",
            "registers the channel as the transport's producer: pauseProducing tells of a full buffer",
        ),
        "dataReceived": ("f0a832089672", "replaced: only resets a timer besides"),
        "lineReceived": (
            "a1036e59284b",
            "makes the request at its first line; asks for the length after allHeadersReceived",
        ),
        "headerReceived": ("0d458e7582ed", "counts headers, refuses odd ones and two lengths"),
        "allHeadersReceived": ("a6e49e4e8b76", "answers Expect, gives the request its length"),
        "allContentReceived": ("acf866dcc7e4", "called by us when a body is refused half way"),
        "rawDataReceived": ("2988e874753b", "passes TooLong through"),
        "writeHeaders": ("4e3db5f0850b", "replaced: kept for the first piece of the body"),
        "write": ("7c84612e62e3", "replaced"),
        "writeSequence": ("be216a824271", "replaced"),
        "requestDone": ("baabed1f1538", "closes when `persistent` is false"),
        "loseConnection": ("a91582d6c951", "replaced for a refused client"),
        "pauseProducing": ("2023e1ef73cc", "called with a full buffer"),
        "resumeProducing": ("132e2f6b2901", "called with an empty one"),
    },
    "twisted.web.http:Request": {
        "__init__": ("b825c56e5a63", "what a request has before its first header"),
        "gotLength": ("33e3062d6381", "opens the place for the body"),
        "handleContentChunk": ("c171516e5ca7", "replaced: no bound"),
        "requestReceived": ("eb1724c9c32b", "replaced: it parses forms, all in memory"),
        "write": ("1744a4ca73f5", "decides chunked or not; HEAD, 204 and 304 have no body"),
        "finish": ("4ad36afd1acb", "ends the answer"),
        "connectionLost": ("95d8b7744771", "sets _disconnected, closes the body"),
    },
    "twisted.web.http:HTTPFactory": {
        "log": ("973927b5656b", "replaced: formats a line for nobody"),
        "buildProtocol": ("47afc3f760b5", "replaced: sets timers"),
    },
    "twisted.protocols.basic:LineReceiver": {
        "dataReceived": ("ff806f0b8818", "lines, and raw data for the body"),
    },
    "twisted.internet.abstract:FileDescriptor": {
        "doWrite": ("33b469b3af89", "dataBuffer, offset and _tempDataBuffer are what waits"),
        "write": ("b3410de7a827", "appends to _tempDataBuffer, pauses the producer above 64 KB"),
        "loseWriteConnection": ("7ed8b49b45bf", "half a close: what is written still leaves"),
    },
    "twisted.internet.tcp:Connection": {
        "writeSomeData": ("e3d4a1d1f7d6", "one send(2); an int, or an error for the reactor"),
    },
    "twisted.internet.tcp:Port": {
        "doRead": ("e8f687216222", "accepts all who wait"),
    },
    "autobahn.twisted.websocket:WebSocketAdapterProtocol": {
        "dataReceived": ("cae10a3e11a4", "replaced: a debug line besides"),
    },
    "autobahn.websocket.protocol:WebSocketProtocol": {
        "_connectionMade": ("6f363f37d56d", "copies the options named in CONFIG_ATTRS, ours are none"),
        "_dataReceived": ("f0baac62429c", "appends to `data` and parses"),
        "processData": ("3ac2ab517b34", "stops when `data` is empty"),
        "onMessageFrameBegin": ("88eebe2fc6c2", "sums the message's length before its bytes"),
        "onMessageFrameData": ("b3fd49d44bfa", "keeps nothing once failedByMe is set"),
        "sendData": ("88f768f8c9b6", "replaced: a queue we do not use, a debug line"),
        "sendCloseFrame": ("36a2daf270f8", "any code; starts the closing clock"),
        "dropConnection": ("caffee10b508", "takes the channel off the transport, cuts"),
        "_sendAutoPing": ("737e274bf8a2", "one ping and the clock for its pong"),
    },
    "autobahn.websocket.protocol:WebSocketServerProtocol": {
        "processHandshake": (
            "5dcab2b94603",
            "would read a second handshake: nothing is read before the first is answered",
        ),
        "succeedHandshake": ("0189feabe78e", "opens; compresses only when an offer is accepted"),
    },
}
EVERY = [(f"{owner}.{method}", *pin) for owner, methods in PINS.items() for method, pin in methods.items()]


def fingerprint(name: str) -> str:
    module, _, path = name.partition(":")
    found = importlib.import_module(module)
    for part in path.split("."):
        found = getattr(found, part)
    source = inspect.getsource(inspect.unwrap(found))  # type: ignore[arg-type]
    return hashlib.sha256(textwrap.dedent(source).encode()).hexdigest()[:12]


@pytest.mark.parametrize(("name", "known", "use"), EVERY, ids=[name.partition(":")[2] for name, *_pin in EVERY])
def test_what_we_subclass_is_as_we_know_it(name: str, known: str, use: str) -> None:
    try:
        found = fingerprint(name)
    except AttributeError:
        pytest.fail(f"{name} is gone. realtime/server/ stood on it: {use}.")
    assert found == known, f"{name} has changed. realtime/server/ stands on it: {use}. If that still holds: {found}"


def test_the_limits_that_twisted_keeps_are_those_we_state() -> None:
    assert http.HTTPChannel.maxHeaders == 500
    assert http.HTTPChannel.totalHeadersSize == 16_384
    assert abstract.FileDescriptor.bufferSize == 65_536


def test_nothing_is_compressed_unless_it_is_asked_for() -> None:
    # A prepared frame is the same for every reader, so no reader may have agreed on compression.
    assert WebSocketServerFactory().perMessageCompressionAccept([object()]) is None
