"""An S3 on loopback for the ledger's tests, and a proxy before it that loses answers."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import uuid4

import boto3  # type: ignore[import-untyped]  # it has no types; it makes a bucket, no more
import pytest
from moto.server import ThreadedMotoServer


@pytest.fixture(scope="session")
def s3_port() -> Iterator[int]:
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    yield server.get_host_and_port()[1]
    server.stop()


@pytest.fixture
def bucket(s3_port: int, monkeypatch: pytest.MonkeyPatch) -> str:
    """A new bucket's name; the environment says how it is reached, as a person's would."""
    for name, value in {
        "AWS_ACCESS_KEY_ID": "AKIATESTTESTTEST",
        "AWS_SECRET_ACCESS_KEY": "made-up-secret",
        "AWS_REGION": "us-east-1",
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{s3_port}",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    for name in ("AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_ENDPOINT_URL_S3", "AWS_DEFAULT_REGION"):
        monkeypatch.delenv(name, raising=False)
    name = f"ledgers-{uuid4().hex[:12]}"
    client = boto3.client("s3", endpoint_url=f"http://127.0.0.1:{s3_port}", region_name="us-east-1")
    client.create_bucket(Bucket=name)
    client.close()
    return name


class LosingProxy(ThreadingHTTPServer):
    """Passes everything on, and answers 503 to the next `to_lose` puts after S3 has done them."""

    daemon_threads = True

    def __init__(self, port: int) -> None:
        super().__init__(("127.0.0.1", 0), _Passing)
        self.behind = port
        self.to_lose = 0
        self.lost: list[str] = []


class _Passing(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: LosingProxy

    def _pass_on(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        connection = HTTPConnection("127.0.0.1", self.server.behind)
        connection.request(self.command, self.path, body, dict(self.headers))
        answer = connection.getresponse()
        status, content = answer.status, answer.read()
        if self.command == "PUT" and self.server.to_lose:
            self.server.to_lose -= 1
            self.server.lost.append(self.path)
            status, content = 503, b"<Error><Code>SlowDown</Code><Message>Reduce your request rate.</Message></Error>"
        self.send_response(status)
        for name in ("ETag", "Last-Modified", "Content-Type"):
            if value := answer.headers[name]:
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)
        connection.close()

    do_GET = do_PUT = do_POST = do_DELETE = _pass_on

    def log_message(self, format: str, *args: object) -> None:
        """A test's output is no place for an access log."""


@pytest.fixture
def losing_proxy(s3_port: int, bucket: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[LosingProxy]:
    proxy = LosingProxy(s3_port)
    thread = threading.Thread(target=proxy.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://127.0.0.1:{proxy.server_port}")
    yield proxy
    proxy.shutdown()
    thread.join()
    proxy.server_close()
