"""What the disk below a directory gives one writer and one reader; tab-separated lines of name, value, unit."""
import os
import sys
import time


def rate(action, seconds=1.0):
    begin, n = time.monotonic(), 0
    while time.monotonic() - begin < seconds:
        action(n)
        n += 1
    return n / (time.monotonic() - begin)


def write(path, content, sync):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    left = memoryview(content)
    while left:
        left = left[os.write(fd, left):]
    if sync:
        os.fsync(fd)
    os.close(fd)


def read(path):
    with open(path, "rb", buffering=0) as f:
        while f.read(1 << 20):
            pass


def main():
    path = os.path.join(sys.argv[1], "disk")
    small, large = os.urandom(4096), os.urandom(64 << 20)
    for sync, how in ((False, "write"), (True, "write and fsync")):
        print(f"{how} 4KiB\t{rate(lambda n: write(f'{path}{n % 100}', small, sync)):.0f}\tfiles/s")
        print(f"{how} 64MiB\t{rate(lambda n: write(path, large, sync)) * 64:.0f}\tMiB/s")
    print(f"read 64MiB from the page cache\t{rate(lambda n: read(path)) * 64:.0f}\tMiB/s")


main()
