"""Moves one large object over one kept connection again and again; prints MiB/s. (wrk's small buffers would be what is
measured.)

    transfer.py GET|PUT URL FILE SECONDS [--signed]

Credentials and region come from the environment. At least three transfers, whatever they take.
"""
import os
import socket
import sys
import time
import urllib.parse

from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def head_of(method, url, path, signed):
    size = os.path.getsize(path) if method == "PUT" else 0
    headers = {}
    if signed:
        with open(path, "rb") as f:
            request = AWSRequest(method, url, data=f.read() if method == "PUT" else b"")
        keys = Credentials(os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_SECRET_ACCESS_KEY"])
        S3SigV4Auth(keys, "s3", os.environ["AWS_REGION"]).add_auth(request)
        headers = dict(request.headers.items())
    parts = urllib.parse.urlsplit(url)
    lines = [f"{method} {parts.path} HTTP/1.1", f"Host: {parts.netloc}", f"Content-Length: {size}"]
    return ("\r\n".join(lines + [f"{k}: {v}" for k, v in headers.items()]) + "\r\n\r\n").encode()


def take_answer(s, buffer):
    """Reads one whole answer; its status line must say 2xx."""
    have = b""
    while b"\r\n\r\n" not in have:
        n = s.recv_into(buffer)
        if n == 0:
            sys.exit(f"the connection ended: {have[:200]!r}")
        have += bytes(buffer[:n]) if n < 65536 else bytes(buffer[:65536])
        extra = max(0, n - 65536)
    head, _, rest = have.partition(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 2"):
        sys.exit(f"the answer was {head[:300]!r}")
    length = next((int(h.split(b":")[1]) for h in head.split(b"\r\n") if h.lower().startswith(b"content-length:")), 0)
    left = length - len(rest) - extra
    while left > 0:
        n = s.recv_into(buffer)
        if n == 0:
            sys.exit("the connection ended within the object")
        left -= n


def main():
    method, url, path, seconds = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])
    head = head_of(method, url, path, "--signed" in sys.argv)
    parts = urllib.parse.urlsplit(url)
    buffer = memoryview(bytearray(1 << 20))
    moved, begin, n = 0, time.monotonic(), 0
    with socket.create_connection((parts.hostname, parts.port)) as s, open(path, "rb") as f:
        while n < 3 or time.monotonic() - begin < seconds:
            s.sendall(head)
            if method == "PUT":
                f.seek(0)
                s.sendfile(f)
            take_answer(s, buffer)
            moved += os.path.getsize(path)
            n += 1
    print(f"{moved / (1 << 20) / (time.monotonic() - begin):.0f}")


main()
