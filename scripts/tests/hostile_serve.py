"""Requests that mean no good, on a server of its own: each is refused with the right status, and memory stays bounded.

usage: hostile_serve.py SIAMESE [--rounds N]

Each round sends everything once, on several connections at a time. Fails where a status is another than expected, where the
server does not answer others meanwhile, or where it ever holds more than MOST_MIB.
"""

import argparse
import base64
import gzip
import json
import resource
import socket
import struct
import sys
import tempfile
import threading
import time
import zlib
from pathlib import Path

from made_up_faces import make_set
from serving import Asker, Site, at_once

ROOT = Path(__file__).resolve().parent.parent.parent
IDENTIFY = "/v1/galleries/hostile/identify"
# 512 MiB of requests, what pictures of 33 million pixels take while two are decoded, and the program.
MOST_MIB = 1000
# Longer than the 60 s that an answer may take.
PATIENCE = 90


# ---- pictures

def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, pixels, colour=2):
    """A PNG with so many bytes of zeros for pixels, which compress to nothing."""
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 << 20)) for _ in range(pixels >> 20)) + packer.compress(bytes(pixels & 0xFFFFF)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def png_with_a_text_bomb(width=46, height=56):
    bomb = b"Comment\0\0" + zlib.compress(bytes(64 << 20), 9)
    head = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)) + chunk(b"zTXt", bomb)
    rows = b"".join(b"\0" + bytes((x * 5 + y * 3) % 256 for x in range(width)) for y in range(height))
    return head + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def jpeg(width, height):
    """The head of a JPEG of this size, with next to nothing behind it."""
    quantisers = b"\xff\xdb" + struct.pack(">H", 67) + b"\0" + bytes([1] * 64)
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 17, 8, height, width, 3) + b"\x01\x11\0\x02\x11\0\x03\x11\0"
    huffman = b"".join(b"\xff\xc4" + struct.pack(">H", 20) + bytes([table, 1] + [0] * 15 + [0]) for table in (0x00, 0x10))
    return b"\xff\xd8" + quantisers + frame + huffman + b"\xff\xda" + struct.pack(">HB", 12, 3) + b"\x01\0\x02\0\x03\0\0\x3f\0" + bytes(64) + b"\xff\xd9"


def pictures():
    """Each with the statuses that it may be answered with."""
    face = make_set()["s1/1.pgm"]
    yield "a graymap of 3.6 billion pixels", b"P5 60000 60000 255\n", {422}
    yield "a graymap with a number of 10,000 digits", b"P5 " + b"9" * 10_000 + b" 1 255\n", {422}
    yield "a PNG of 3.6 billion pixels", png(60_000, 60_000, 1 << 20), {422}
    yield "a PNG of 4 billion columns", png(0xFFFFFFFF, 1, 1 << 10), {422}
    yield "a PNG of no column", png(0, 5, 10), {422}
    yield "a PNG of 33 million pixels, compressed to nothing", png(8000, 4100, 4100 * (1 + 3 * 8000)), {200, 422}
    yield "a PNG that inflates to far more than its size", png(46, 56, 64 << 20), {200, 422}
    yield "a PNG whose text inflates to 64 MiB", png_with_a_text_bomb(), {200, 422}
    yield "a JPEG of 4 billion pixels", jpeg(65_535, 65_535), {422}
    yield "a JPEG of 33 million pixels without data", jpeg(8000, 4100), {200, 422}
    yield "a BMP of 4 billion columns", b"BM" + struct.pack("<IHHIIiiHHIIIIII", 54, 0, 0, 54, 40, 0x7FFFFFFF, 0x7FFFFFFF, 1, 24, 0, 0, 0, 0, 0, 0), {422}
    yield "a TIFF whose directory points at itself", b"II*\0" + struct.pack("<IHHHIII", 8, 1, 256, 4, 1, 60_000, 8), {422}
    yield "a WebP that is cut", b"RIFF\xff\xff\xff\x7fWEBPVP8 \xff\xff\xff\x7f" + bytes(20), {422}
    yield "a picture that is cut", face[:300], {422}
    yield "no byte", b"", {422}
    yield "11 MiB", b"P5 2000 5800 255\n" + bytes(11 << 20), {413}


# ---- requests, byte by byte

def form(parts):
    body = b"".join(b"--cut\r\n" + head + b"\r\n\r\n" + data + b"\r\n" for head, data in parts) + b"--cut--\r\n"
    return body, b"Content-Type: multipart/form-data; boundary=cut\r\n"


PART = b'Content-Disposition: form-data; name="picture"; filename="x"'


def request(place, body=b"", headers=b"", method=b"POST", path=IDENTIFY.encode(), length=None):
    said = b"" if length == "" else b"Content-Length: %d\r\n" % (len(body) if length is None else length)
    return method + b" " + path + b" HTTP/1.1\r\nHost: " + place.encode() + b"\r\n" + headers + said + b"\r\n" + body


def requests(place):
    """Each with the statuses that it may be answered with; None is a connection that ends without an answer."""
    host = f"Host: {place}\r\n".encode()
    json_kind = b"Content-Type: application/json\r\n"
    whole, kind = form([(PART, make_set()["s1/1.pgm"])])
    yield "10,000 parts", request(place, *form([(PART, b"x")] * 10_000)), {413}
    yield "10,000 texts", request(place, *form([(b'Content-Disposition: form-data; name="t%d"' % n, b"x") for n in range(10_000)])), {413}
    yield "a part with 10,000 headers", request(place, *form([(PART + b"".join(b"\r\nX-%d: y" % n for n in range(10_000)), b"x")])), {400, 413}
    yield "a part whose header never ends", request(place, b"--cut\r\n" + b"X" * (8 << 20), kind), {400, 413}
    yield "a form without its end", request(place, whole[:-20], kind), {400}
    yield "a form of another boundary", request(place, whole, b"Content-Type: multipart/form-data; boundary=other\r\n"), {400, 422}
    yield "a form without a boundary", request(place, whole, b"Content-Type: multipart/form-data\r\n"), {400}
    yield "a boundary of 10 KB", request(place, whole, b"Content-Type: multipart/form-data; boundary=" + b"b" * 10_000 + b"\r\n"), {400, 422}
    yield "JSON 100,000 deep", request(place, b"[" * 100_000, json_kind), {422}
    yield "an object 100,000 deep", request(place, b'{"a":' * 100_000, json_kind), {422}
    yield "a number of a million digits", request(place, b'{"picture":' + b"9" * 1_000_000 + b"}", json_kind), {400, 422}
    yield "base64 of 60 MB", request(place, b'{"picture":{"data":"' + b"A" * 60_000_000 + b'"}}', json_kind), {413}
    yield "JSON that is no UTF-8", request(place, b'{"picture":"\xff\xfe"}', json_kind), {400, 422}
    yield "a body that says it is gzip", request(place, gzip.compress(bytes(50 << 20)), json_kind + b"Content-Encoding: gzip\r\n"), {415}
    yield "a picture in a form that says it is gzip", request(place, gzip.compress(whole), kind + b"Content-Encoding: gzip\r\n"), {415}
    yield "no kind", request(place, whole), {415}
    yield "a length of 100 GB", request(place, b"{}", json_kind, length=10**11), {413}
    yield "a length beyond 64 bits", request(place, b"{}", json_kind, length=10**30), {400, 413}
    yield "two lengths", request(place, b"{}", json_kind + b"Content-Length: 3\r\n"), {400}
    yield "a length and chunks", request(place, b"0\r\n\r\n", json_kind + b"Transfer-Encoding: chunked\r\n"), {400, 422}
    yield "a chunk of a size that is none", request(place, b"zz\r\n", json_kind + b"Transfer-Encoding: chunked\r\n", length=""), {400}
    yield "a chunk of 2^63 bytes", request(place, b"7fffffffffffffff\r\n" + b"x" * 100, json_kind + b"Transfer-Encoding: chunked\r\nConnection: close\r\n", length=""), {400, 408, 413}
    yield "a length shorter than the body", request(place, b"{}" + b"nonsense" * 10, json_kind + b"Connection: close\r\n", length=2), {422}
    yield "a length longer than the body", request(place, b"{}", json_kind, length=1000), {408}
    yield "200 headers", request(place, headers=b"".join(b"X-%d: y\r\n" % n for n in range(200)), method=b"GET", path=b"/healthz"), {431}
    yield "a header of 1 MB", request(place, headers=b"X: " + b"y" * (1 << 20) + b"\r\n", method=b"GET", path=b"/healthz"), {431, None}
    yield "an address of 1 MB", b"GET /" + b"x" * (1 << 20) + b" HTTP/1.1\r\n" + host + b"\r\n", {414, 431, None}
    yield "a head that never ends", b"GET / HTTP/1.1\r\nX: ", {408, None}
    yield "an Idempotency-Key of 20 KB", request(place, whole, kind + b"Idempotency-Key: " + b"k" * 20_000 + b"\r\n"), {400}
    yield "no host", b"GET /healthz HTTP/1.1\r\n\r\n", {400, 421}
    yield "another host", b"GET /healthz HTTP/1.1\r\nHost: evil.example\r\n\r\n", {421}
    yield "another origin", request(place, whole, kind + b"Origin: http://evil.example\r\n"), {403}
    yield "TRACE", request(place, method=b"TRACE"), {405}
    yield "CONNECT", b"CONNECT evil.example:443 HTTP/1.1\r\n" + host + b"\r\n", {400, 404, 405, 421}
    yield "a path that climbs", request(place, method=b"GET", path=b"/v1/galleries/..%2f..%2fetc%2fpasswd"), {404}
    yield "a path with a null", request(place, method=b"GET", path=b"/v1/galleries/%00"), {404}
    yield "a path that is no UTF-8", request(place, method=b"GET", path=b"/v1/galleries/%ff%fe"), {400, 404}
    yield "an escape in the line", b"GET /\x1b[31m HTTP/1.1\r\n" + host + b"\r\n", {400, None}
    yield "HTTP/2 at once", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", {400, 505, None}
    yield "TLS", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500), {400, None}
    yield "nothing but zeros", bytes(100_000), {400, None}


def status_of(place, sent):
    """Sends the bytes, and reads the status of the answer; None where the connection ends without one."""
    host, port = place.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        reader = threading.Thread(target=send_all, args=(connection, sent), daemon=True)
        reader.start()
        answer = b""
        try:
            while b"\r\n" not in answer:
                read = connection.recv(4096)
                if not read:
                    break
                answer += read
        except ConnectionError:
            pass
        return int(answer.split()[1]) if answer.startswith(b"HTTP/") else None


def send_all(connection, data):
    try:
        connection.sendall(data)
    except OSError:
        pass  # it was refused before all was there


def drip(place):
    """A body that comes a byte a second."""
    host, port = place.rsplit(":", 1)
    with socket.create_connection((host, int(port)), timeout=PATIENCE) as connection:
        connection.sendall(request(place, b"{", b"Content-Type: application/json\r\n", length=1000))
        connection.settimeout(1)
        for _ in range(PATIENCE):
            try:
                return int(connection.recv(4096).split()[1])
            except TimeoutError:
                connection.sendall(b" ")
    return None


# ---- crowds

def large_at_once(place, number):
    """As many requests of 60 MiB at a time: some are refused, none takes memory that is not there."""
    statuses = []
    picture = base64.b64encode(make_set()["s1/1.pgm"]).decode()
    body = json.dumps({"picture": {"data": picture}}).encode()
    sent = request(place, body + b" " * ((60 << 20) - len(body)), b"Content-Type: application/json\r\nConnection: close\r\n")
    at_once(number, lambda _: statuses.append(status_of(place, sent)))
    return set(statuses)


def bombs_at_once(place, number):
    """As many pictures at a time as large as they may be."""
    statuses = []
    body, kind = form([(PART, png(8000, 4100, 4100 * (1 + 3 * 8000)))])
    at_once(number, lambda _: statuses.append(status_of(place, request(place, body, kind + b"Connection: close\r\n"))))
    return set(statuses)


def silent_at_once(place, number):
    """Connections that say nothing, more than there are places: cut within seconds, and others are answered then."""
    host, port = place.rsplit(":", 1)
    silent = []
    for _ in range(number):
        silent.append(socket.create_connection((host, int(port)), timeout=PATIENCE))
    status = status_of(place, request(place, method=b"GET", path=b"/healthz"))
    for connection in silent:
        connection.close()
    return {status}


def run(place, wrong):
    """One round; what went otherwise than expected goes to `wrong`."""
    lock = threading.Lock()
    cases = [(name, request(place, *form([(PART, data)])), expected) for name, data, expected in pictures()]
    cases += list(requests(place))
    queue = sorted(cases, key=lambda case: 408 not in case[2])  # what takes long comes first

    def expect(name, found, expected):
        if found not in expected:
            wrong.append(f"{name}: {found}, expected one of {sorted(expected, key=str)}")

    def work(turn):
        if turn == 0:
            return expect("a body of a byte a second", drip(place), {408})
        while True:
            with lock:
                if not queue:
                    return
                name, sent, expected = queue.pop(0)
            try:
                expect(name, status_of(place, sent), expected)
            except OSError as error:
                wrong.append(f"{name}: {error!r}")

    at_once(7, work)
    for name, found, allowed in [("requests of 60 MiB at once", large_at_once(place, 12), {200, 503}),
                                 ("pictures of 33 million pixels at once", bombs_at_once(place, 8), {200, 422, 503}),
                                 ("silent connections", silent_at_once(place, 1100), {200})]:
        if not found <= allowed:
            wrong.append(f"{name}: {found}, expected some of {allowed}")
    return len(cases) + 4


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("siamese")
    parser.add_argument("--rounds", type=int, default=1)
    args = parser.parse_args()
    # The server inherits it: it and this program need more than the 1,024 open files that are usual.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 4096 if hard == resource.RLIM_INFINITY else min(4096, hard)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    wrong = []
    with tempfile.TemporaryDirectory() as folder:
        site = Site(args.siamese, "--gallery", Path(folder, "hostile.db"), "--model", ROOT / "assets/demo.safetensors", "--threads", "2")
        try:
            for number in range(args.rounds):
                begun = time.monotonic()
                cases = run(site.place, wrong)
                asker = Asker(site.place)
                status, _ = asker.send(IDENTIFY, [make_set()["s1/1.pgm"]])
                asker.close()
                if status != 200:
                    wrong.append(f"afterwards an honest request was answered with {status}")
                print(f"round {number + 1}: {cases} cases in {time.monotonic() - begun:.0f} s, {site.resident_mib():.0f} MiB now, at most {site.peak_mib():.0f} MiB")
            if site.peak_mib() > MOST_MIB:
                wrong.append(f"it held {site.peak_mib():.0f} MiB, at most {MOST_MIB} expected")
        finally:
            ended = site.stop()
    if ended != 0:
        wrong.append(f"it ended with {ended}")
    print(*wrong, sep="\n")
    return int(bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
