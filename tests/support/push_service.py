"""A push service and the browsers behind it, over real TLS on loopback: it keeps what it is sent as a real one does,
opens messages as a browser does (RFC 8291, RFC 8188), checking the site's signature on the way (RFC 8292).
"""

import base64
import datetime
import ipaddress
import json
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import jwt
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from community.core.webpush import Browser


def base64url(given: bytes) -> str:
    return base64.urlsafe_b64encode(given).rstrip(b"=").decode()


def plain(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def derived(secret: bytes, salt: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)


@dataclass
class Screen:
    """A browser: its own keys, which never leave it, and what it was told."""

    name: str
    service: "PushService"
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    auth: bytes = b"sixteen bytes !!"

    @property
    def point(self) -> bytes:
        return self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)

    @property
    def browser(self) -> Browser:
        return Browser(f"{self.service.url}/to/{self.name}", base64url(self.point), base64url(self.auth))

    @property
    def told(self) -> list[dict[str, Any]]:
        """What it would show: of one topic the last message alone, as long as the browser had not asked for it."""
        kept = {sent["topic"]: sent for sent in self.service.taken if sent["path"] == f"/to/{self.name}"}
        return [json.loads(self.opened(sent["body"])) for sent in kept.values()]

    def opened(self, body: bytes) -> bytes:
        """RFC 8291, 3: one record, whose header names the sender's key of this message."""
        salt, size, length = body[:16], int.from_bytes(body[16:20]), body[20]
        sender = body[21 : 21 + length]
        assert size == 4096 and len(body) <= size
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), sender)
        shared = self.key.exchange(ec.ECDH(), theirs)
        secret = derived(shared, self.auth, b"WebPush: info\0" + self.point + sender, 32)
        key = derived(secret, salt, b"Content-Encoding: aes128gcm\0", 16)
        nonce = derived(secret, salt, b"Content-Encoding: nonce\0", 12)
        text = AESGCM(key).decrypt(nonce, body[21 + length :], None).rstrip(b"\0")
        assert text.endswith(b"\x02")  # the last record
        return text[:-1]


@dataclass
class PushService:
    """`answers` are given one after the other, then 201; each is a status, and headers if it has any."""

    port: int = 0
    taken: list[dict[str, Any]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    answers: list[tuple[int, dict[str, str]]] = field(default_factory=list)

    @property
    def place(self) -> str:
        return f"localhost:{self.port}"

    @property
    def url(self) -> str:
        return f"https://{self.place}"

    def screen(self, name: str = "one") -> Screen:
        return Screen(name, self)

    def take(self, path: str, headers: dict[str, str], body: bytes) -> tuple[int, dict[str, str]]:
        self.asked.append(path)
        status, extra = self.answers.pop(0) if self.answers else (201, {})
        if status == 201:
            self.taken.append(
                {
                    "path": path,
                    "body": body,
                    "topic": headers["topic"],
                    "ttl": int(headers["ttl"]),
                    "encoding": headers["content-encoding"],
                    "signed": signed_by(headers["authorization"]),
                }
            )
        return status, extra


def signed_by(authorization: str) -> dict[str, Any]:
    """What the site says in its signature, which is checked with the key it names (RFC 8292, 3)."""
    scheme, _space, rest = authorization.partition(" ")
    assert scheme == "vapid"
    given = dict(part.strip().split("=", 1) for part in rest.split(","))
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), plain(given["k"]))
    said: dict[str, Any] = jwt.decode(given["t"], key, algorithms=["ES256"], options={"verify_aud": False})
    return said | {"key": given["k"]}


def certificate(folder: Path) -> Path:
    """Of localhost, by itself, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]),
            critical=False,
        )
        .sign(key, hashes.SHA256())
    )
    path = folder / "localhost.pem"
    private = key.private_bytes(Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(private + made.public_bytes(Encoding.PEM))
    return path


@contextmanager
def push_service(folder: Path) -> Iterator[tuple[PushService, Path]]:
    """The service, and the certificate that whoever speaks to it has to trust."""
    service, pem = PushService(), certificate(folder)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            status, extra = service.take(self.path, headers, body)
            self.send_response(status)
            for name, value in {"content-length": "0", **extra}.items():
                self.send_header(name, value)
            self.end_headers()

        def log_message(self, *given: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    service.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield service, pem
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
