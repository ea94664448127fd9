"""Starts a sandbox again and again; prints how many milliseconds each took to its first right answer.

    first_answer.py PROGRAM PORT DIR fresh|again TIMES

DIR was used once and holds credentials.json. `fresh` starts in new directories that have that file alone.
"""
import json
import os
import shutil
import socket
import subprocess
import sys
import time

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials


def signed_request(keys, port):
    body = "Action=GetCallerIdentity&Version=2011-06-15"
    request = AWSRequest("POST", f"http://127.0.0.1:{port}/", data=body,
                         headers={"Content-Type": "application/x-www-form-urlencoded"})
    SigV4Auth(Credentials(keys["access_key"], keys["secret_key"]), "sts", "us-east-1").add_auth(request)
    head = "".join(f"{k}: {v}\r\n" for k, v in request.headers.items())
    return (f"POST / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {len(body)}\r\nConnection: close\r\n"
            f"{head}\r\n{body}").encode()


def answer(port, request, give_up):
    while time.monotonic() < give_up:
        try:
            with socket.create_connection(("127.0.0.1", port)) as s:
                s.sendall(request)
                return s.recv(4096)
        except ConnectionError:
            time.sleep(0.0005)
    return b"nothing"


def main():
    program, port, used, kind, times = sys.argv[1], int(sys.argv[2]), sys.argv[3], sys.argv[4], int(sys.argv[5])
    with open(os.path.join(used, "credentials.json")) as f:
        request = signed_request(json.load(f), port)
    for n in range(times):
        directory = used
        if kind == "fresh":
            directory = f"{used}-{n}"
            os.mkdir(directory, 0o700)
            shutil.copy(os.path.join(used, "credentials.json"), directory)
        begin = time.monotonic()
        server = subprocess.Popen([program, "--dir", directory, "up", "--listen", f"127.0.0.1:{port}"],
                                  stdout=subprocess.DEVNULL)
        said = answer(port, request, begin + 10)
        took = time.monotonic() - begin
        server.terminate()
        server.wait()
        if not said.startswith(b"HTTP/1.1 200 "):
            sys.exit(f"the first answer was {said[:200]!r}")
        print(f"{took * 1000:.1f}", flush=True)


main()
