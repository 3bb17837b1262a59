"""The HTTP client against real sockets that stall, drip, lie, flood and break off."""

from __future__ import annotations

import datetime as dt
import gzip
import random
import socket
import ssl
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from notary.errors import EndpointFailed
from notary.net.http import Response, request
from tests.endpoint import Request, Script, always, answer, read_request, serve

LIMIT = 100_000


def post(url: str, *, timeout: float = 5, max_bytes: int = LIMIT, body: bytes | None = b"{}") -> Response:
    return request("POST", url, body=body, timeout=timeout, max_bytes=max_bytes)


def refused(script: Script, *, timeout: float = 5) -> str:
    """Return the code with which a request to such an endpoint fails."""
    with serve(script) as endpoint, pytest.raises(EndpointFailed) as failure:
        post(endpoint.url, timeout=timeout)
    return failure.value.code


def stall_after(data: bytes) -> Script:
    def script(connection: socket.socket, _request: Request) -> None:
        connection.sendall(data)
        connection.recv(1)  # nothing comes: until the client goes away

    return script


def drip(start: bytes, byte: bytes) -> Script:
    """Return the script that sends ``start`` and then a byte now and then, for ever."""

    def script(connection: socket.socket, _request: Request) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(byte)
            time.sleep(0.02)

    return script


def flood(start: bytes, chunk: bytes) -> Script:
    def script(connection: socket.socket, _request: Request) -> None:
        connection.sendall(start)
        while True:
            connection.sendall(chunk)

    return script


# --------------------------------------------------------------------------------------------------------- in order


def test_an_exchange() -> None:
    with serve(always(answer(b'{"a":1}', headers={"Content-Type": "application/json"}))) as endpoint:
        response = request(
            "POST",
            f"{endpoint.url}/path?query=1",
            body=b"[1,2]",
            headers={"Content-Type": "application/json"},
            timeout=5,
            max_bytes=LIMIT,
        )
    assert response.status == 200
    assert response.body == b'{"a":1}'
    assert response.headers["content-type"] == "application/json"
    (seen,) = endpoint.requests
    assert seen.line == "POST /path?query=1 HTTP/1.1"
    assert seen.body == b"[1,2]"
    assert seen.headers == {
        "host": f"127.0.0.1:{endpoint.port}",
        "user-agent": "notary",
        "accept-encoding": "identity",
        "connection": "close",
        "content-type": "application/json",
        "content-length": "5",
    }


def test_a_get_has_no_body() -> None:
    with serve(always(answer(b"x"))) as endpoint:
        assert request("GET", endpoint.url, timeout=5, max_bytes=LIMIT).body == b"x"
    assert endpoint.requests[0].line == "GET / HTTP/1.1"
    assert "content-length" not in endpoint.requests[0].headers


@pytest.mark.parametrize("status", ["404 Not Found", "429 Too Many Requests", "500 Oops", "502 Bad Gateway"])
def test_any_status_is_an_answer(status: str) -> None:
    with serve(always(answer(b"<html>", status=status))) as endpoint:
        response = post(endpoint.url)
    assert (response.status, response.body) == (int(status[:3]), b"<html>")


def test_a_chunked_body() -> None:
    body = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;ext=1\r\nde\r\n0\r\n\r\n"
    with serve(always(body)) as endpoint:
        assert post(endpoint.url).body == b"abcde"


def test_a_body_until_the_end_of_the_stream() -> None:
    with serve(always(b"HTTP/1.0 200 OK\r\n\r\nabc")) as endpoint:
        assert post(endpoint.url).body == b"abc"


def test_identity_is_no_encoding() -> None:
    with serve(always(answer(b"abc", headers={"Content-Encoding": "identity"}))) as endpoint:
        assert post(endpoint.url).body == b"abc"


def test_exactly_as_many_bytes_as_allowed() -> None:
    with serve(always(answer(bytes(LIMIT)))) as endpoint:
        assert len(post(endpoint.url).body) == LIMIT


# ------------------------------------------------------------------------------------------------------------- time


@pytest.mark.parametrize(
    "data",
    [b"", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc"],
    ids=["silent", "head", "body"],
)
def test_a_stall_ends_in_time(data: bytes) -> None:
    started = time.monotonic()
    assert refused(stall_after(data), timeout=0.3) == "endpoint-timeout"
    assert time.monotonic() - started < 3


@pytest.mark.parametrize(
    ("start", "byte"),
    [
        (b"", b"H"),
        (b"HTTP/1.1 200 OK\r\nX: ", b"x"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 50000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
    ],
    ids=["status", "header", "body", "chunks"],
)
def test_a_byte_now_and_then_does_not_extend_the_time(start: bytes, byte: bytes) -> None:
    started = time.monotonic()
    assert refused(drip(start, byte), timeout=0.4) == "endpoint-timeout"
    assert time.monotonic() - started < 3


def test_an_endpoint_that_reads_nothing_ends_in_time() -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    started = time.monotonic()
    with listener, pytest.raises(EndpointFailed) as failure:
        post(f"http://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3, body=bytes(50_000_000))
    assert failure.value.code == "endpoint-timeout"
    assert time.monotonic() - started < 3


def test_no_time_at_all() -> None:
    with serve(always(answer(b"x"))) as endpoint, pytest.raises(EndpointFailed) as failure:
        post(endpoint.url, timeout=0)
    assert failure.value.code == "endpoint-timeout"
    assert endpoint.requests == []


# ------------------------------------------------------------------------------------------------------------- size


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 100001\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 999999999999999999\r\n\r\n",
    ],
)
def test_an_announced_size_is_refused_before_reading(data: bytes) -> None:
    assert refused(stall_after(data)) == "endpoint-too-large"


def test_one_byte_too_many_is_too_many() -> None:
    assert refused(always(b"HTTP/1.1 200 OK\r\n\r\n" + bytes(LIMIT + 1))) == "endpoint-too-large"


@pytest.mark.parametrize(
    ("start", "chunk"),
    [
        (b"HTTP/1.1 200 OK\r\n\r\n", bytes(65536)),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1000\r\n" + bytes(4096) + b"\r\n"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 1000),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n", b"Trailer: x\r\n" * 1000),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 1000),
    ],
    ids=["stream", "chunks", "tiny-chunks", "trailers", "continue"],
)
def test_a_flood_is_cut_off(start: bytes, chunk: bytes) -> None:
    assert refused(flood(start, chunk), timeout=30) == "endpoint-too-large"


@pytest.mark.parametrize("chunk", [b"X: y\r\n" * 1000, b"x" * 65536], ids=["many", "long"])
def test_a_flood_of_header_is_cut_off(chunk: bytes) -> None:
    assert refused(flood(b"HTTP/1.1 200 OK\r\n", chunk), timeout=30) == "endpoint-protocol"


@pytest.fixture(scope="module")
def bomb() -> bytes:
    """Fifty megabytes in fifty kilobytes."""
    return gzip.compress(bytes(50_000_000))


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "deflate", "br", "gzip, identity", "x"])
def test_a_compressed_body_is_refused_unread(encoding: str, bomb: bytes) -> None:
    assert len(bomb) < LIMIT
    assert refused(always(answer(bomb, headers={"Content-Encoding": encoding}))) == "endpoint-encoding"


def test_a_compressed_transfer_is_refused() -> None:
    assert refused(always(answer(b"x", headers={"Transfer-Encoding": "gzip, chunked"}))) == "endpoint-encoding"


# --------------------------------------------------------------------------------------------------------- not in order


@pytest.mark.parametrize("status", ["301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"])
def test_redirects_are_not_followed(status: str) -> None:
    with serve(always(answer(b"secret"))) as elsewhere:
        moved = always(answer(b"", status=status, headers={"Location": elsewhere.url}))
        assert refused(moved) == "endpoint-redirect"
    assert elsewhere.requests == []


@pytest.mark.parametrize(
    "data",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n",
        b"",
    ],
    ids=["length", "nothing", "chunk", "last-chunk", "closed"],
)
def test_a_cut_off_answer_is_not_taken_for_a_whole_one(data: bytes) -> None:
    assert refused(always(data)) == "endpoint-truncated"


@pytest.mark.parametrize("data", [b"SSH-2.0-OpenSSH_9.2\r\n", b"\0\0\0\x18\x04\0\0\0\0\0\0", b"HTTP/9000 yes\r\n\r\n"])
def test_what_is_not_http(data: bytes) -> None:
    assert refused(always(data)) == "endpoint-protocol"


@pytest.mark.parametrize("size", [b"-5", b"-f", b"-1"])
def test_a_chunk_of_negative_size(size: bytes) -> None:
    start = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    assert refused(always(start + size + b"\r\nabc\r\n0\r\n\r\n")) in {"endpoint-protocol", "endpoint-truncated"}


def test_no_answer_makes_it_raise_anything_else() -> None:
    chance = random.Random(5)
    seeds = [
        answer(b'{"a":1}'),
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\nT: r\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n z\r\n\r\nabcde",
        b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
    ]
    sent = [b""]

    def script(connection: socket.socket, _request: Request) -> None:
        connection.sendall(sent[0])

    with serve(script) as endpoint:
        for _ in range(400):
            data = bytearray(chance.choice(seeds))
            for _ in range(chance.randint(1, 4)):
                at = chance.randrange(len(data))
                data[at : at + chance.randint(0, 1)] = chance.choice(
                    [b"", b"-", b"\r", b"\n", b"\0", b"\xff", b"9", b":"]
                )
            sent[0] = bytes(data)
            with suppress(EndpointFailed):
                assert post(endpoint.url).status >= 0


def test_nobody_listens() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        with pytest.raises(EndpointFailed) as failure:
            post(f"http://127.0.0.1:{sock.getsockname()[1]}/secret-token")
    assert failure.value.code == "endpoint-unreachable"
    assert "secret-token" not in failure.value.message


def test_a_line_break_in_a_header_is_not_sent() -> None:
    with serve(always(answer(b"x"))) as endpoint, pytest.raises(EndpointFailed):
        request("GET", endpoint.url, headers={"X": "a\r\nY: b"}, timeout=5, max_bytes=LIMIT)
    assert endpoint.requests == []


def test_nothing_is_sent_twice() -> None:
    attempts: list[int] = []

    def close(_connection: socket.socket, _request: Request) -> None:
        attempts.append(1)

    assert refused(close) == "endpoint-truncated"
    assert len(attempts) == 1


# -------------------------------------------------------------------------------------------------------------- proxy


def test_loopback_ignores_proxies(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(always(answer(b"proxy"))) as proxy, serve(always(answer(b"direct"))) as endpoint:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        assert post(endpoint.url).body == b"direct"
        assert post(f"http://localhost:{endpoint.port}").body == b"direct"
    assert proxy.requests == []


def test_other_addresses_go_through_the_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(always(answer(b"ok"))) as proxy:
        monkeypatch.setenv("http_proxy", f"http://user:p%40ss@127.0.0.1:{proxy.port}/")
        monkeypatch.setenv("no_proxy", "")
        assert post("http://node.invalid/key").body == b"ok"
    assert proxy.requests[0].line == "POST http://node.invalid/key HTTP/1.1"
    assert proxy.requests[0].headers["host"] == "node.invalid"
    assert proxy.requests[0].headers["proxy-authorization"] == "Basic dXNlcjpwQHNz"


def test_a_proxy_without_a_password_is_told_none(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(always(answer(b"ok"))) as proxy:
        monkeypatch.setenv("http_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        post("http://node.invalid/")
    assert "proxy-authorization" not in proxy.requests[0].headers


def test_a_proxy_that_refuses(monkeypatch: pytest.MonkeyPatch) -> None:
    with serve(always(answer(b"", status="403 Forbidden"))) as proxy:
        monkeypatch.setenv("https_proxy", proxy.url)
        monkeypatch.setenv("no_proxy", "")
        with pytest.raises(EndpointFailed) as failure:
            post("https://node.invalid/")
    assert failure.value.code == "endpoint-proxy"
    assert proxy.requests[0].line == "CONNECT node.invalid:443 HTTP/1.1"


# ---------------------------------------------------------------------------------------------------------------- tls


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A certificate for localhost and node.invalid that signs itself, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost"), x509.DNSName("node.invalid")]), False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    folder = tmp_path_factory.mktemp("tls")
    (folder / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / "key.pem").write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*certificate)
    return context


def test_a_trusted_certificate(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with serve(always(answer(b"secure")), tls=tls) as endpoint:
        assert post(endpoint.url).body == b"secure"


def test_an_unknown_certificate_is_refused(tls: ssl.SSLContext) -> None:
    with serve(always(answer(b"secure")), tls=tls) as endpoint, pytest.raises(EndpointFailed) as failure:
        post(endpoint.url)
    assert failure.value.code == "endpoint-tls"
    assert "certificate" in failure.value.message
    assert endpoint.requests == []


def test_a_certificate_for_another_name_is_refused(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with serve(always(answer(b"secure")), tls=tls) as endpoint, pytest.raises(EndpointFailed) as failure:
        post(f"https://127.0.0.1:{endpoint.port}")
    assert failure.value.code == "endpoint-tls"


def test_tls_to_what_speaks_none() -> None:
    with serve(always(answer(b"plain"))) as endpoint, pytest.raises(EndpointFailed) as failure:
        post(f"https://127.0.0.1:{endpoint.port}", timeout=1)
    assert failure.value.code in {"endpoint-tls", "endpoint-timeout"}


def test_a_tunnel_through_a_proxy(
    tls: ssl.SSLContext, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    through: list[Request | None] = []

    def tunnel(connection: socket.socket, _request: Request) -> None:
        connection.sendall(b"HTTP/1.1 200 Connected\r\n\r\n")
        with tls.wrap_socket(connection, server_side=True) as inner:
            through.append(read_request(inner))
            inner.sendall(answer(b"through"))

    monkeypatch.setenv("SSL_CERT_FILE", str(certificate[0]))
    with serve(tunnel) as proxy:
        monkeypatch.setenv("https_proxy", f"http://user:secret@127.0.0.1:{proxy.port}")
        monkeypatch.setenv("no_proxy", "")
        assert post("https://node.invalid:8545/").body == b"through"
        monkeypatch.setenv("https_proxy", proxy.url)
        assert post("https://node.invalid:8545/").body == b"through"
    with_password, without = proxy.requests
    assert with_password.line == without.line == "CONNECT node.invalid:8545 HTTP/1.1"
    assert with_password.headers["proxy-authorization"] == "Basic dXNlcjpzZWNyZXQ="
    assert "proxy-authorization" not in without.headers
    # The proxy's password is for the proxy alone.
    for request_ in through:
        assert request_ is not None
        assert request_.line == "POST / HTTP/1.1"
        assert "proxy-authorization" not in request_.headers


def test_a_tls_handshake_that_stalls_ends_in_time() -> None:
    def never(listener: socket.socket, done: Callable[[], bool]) -> None:
        with suppress(OSError):
            connection, _ = listener.accept()
            with connection:
                while not done():
                    time.sleep(0.01)

    finished = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=never, args=(listener, finished.is_set))
        thread.start()
        try:
            with pytest.raises(EndpointFailed) as failure:
                post(f"https://127.0.0.1:{listener.getsockname()[1]}", timeout=0.3)
        finally:
            finished.set()
            thread.join()
    assert failure.value.code == "endpoint-timeout"
