#!/usr/bin/env python3
"""Floods a running server with bad sign-ins while good users keep signing in; prints latencies and memory.

    kartoteka serve --demo --demo-credentials demo.json --trusted-proxies 127.0.0.1 &
    tests/load/logins.py http://127.0.0.1:8080 --credentials demo.json --pid $!

The script stands in for a trusted proxy: every client gets an address of its own in X-Forwarded-For. The flood has
three parts: the accounts of the good users from many addresses, names that do not exist from many addresses, and many
names from few addresses. Standard library only.
"""

import argparse
import collections
import http.client
import json
import random
import threading
import time
import urllib.parse


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--credentials", required=True, help="file of --demo-credentials")
    parser.add_argument("--pid", type=int, help="process of the server, for its memory")
    parser.add_argument("--attempts", type=int, default=10_000, help="bad sign-ins")
    parser.add_argument("--attackers", type=int, default=50, help="bad sign-ins at a time")
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between the sign-ins of a good user")
    return parser.parse_args()


class Client:
    """One connection, kept open, and opened again when the server has closed it."""

    def __init__(self, url):
        self.target = urllib.parse.urlsplit(url)
        self.connection = None

    def sign_in(self, name, password, address):
        """Status and seconds."""
        body = json.dumps({"username": name, "password": password})
        headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
        begun = time.monotonic()
        for last in (False, True):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
                self.connection.request("POST", "/v1/auth/login", body, headers)
                answer = self.connection.getresponse()
                answer.read()
                return answer.status, time.monotonic() - begun
            except (OSError, http.client.HTTPException):
                self.connection = None
                if last:
                    raise


def memory(pid):
    """Resident memory now and at its highest, in MiB."""
    if pid is None:
        return None
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status)
    return tuple(round(int(lines[name].split()[0]) / 1024, 1) for name in ("VmRSS", "VmHWM"))


def bad_sign_in(n, names):
    """Name and address of the n-th bad attempt."""
    spread = f"10.{n % 200}.{n // 200 % 200}.{n % 7 + 1}"
    return [
        (names[n % len(names)], spread),
        (f"nobody{n}", spread),
        (f"name{n}", f"10.250.0.{n % 5 + 1}"),
    ][n % 3]


def report(name, seconds):
    seconds = sorted(seconds)
    if not seconds:
        return
    at = lambda share: seconds[min(len(seconds) - 1, int(len(seconds) * share))] * 1000
    print(f"{name:24} n={len(seconds):6}  p50={at(0.5):7.1f} ms  p95={at(0.95):7.1f} ms  p99={at(0.99):7.1f} ms  "
          f"max={seconds[-1] * 1000:7.1f} ms")


def main():
    options = arguments()
    with open(options.credentials, encoding="utf-8") as file:
        accounts = json.load(file)["accounts"]
    names = [account["username"] for account in accounts]
    # More addresses than one, for each address has a budget of sign-ins a minute.
    homes = {name: [f"192.0.2.{20 * i + j}" for j in range(12)] for i, name in enumerate(names)}
    client = Client(options.url)
    quiet = []
    for account in accounts:
        for home in homes[account["username"]]:
            status, seconds = client.sign_in(account["username"], account["password"], home)
            assert status == 200, status
            quiet.append(seconds)
    print("memory before (now, highest) MiB:", memory(options.pid))
    report("good, quiet", quiet)

    good, statuses, bad = [], collections.Counter(), collections.Counter()
    looked_at, refused = [], []
    over = threading.Event()
    numbers = iter(range(options.attempts))
    lock = threading.Lock()

    def attack():
        client = Client(options.url)
        while True:
            with lock:
                n = next(numbers, None)
            if n is None:
                return
            status, seconds = client.sign_in(*(lambda who: (who[0], "wrong password", who[1]))(bad_sign_in(n, names)))
            with lock:
                bad[status] += 1
                (looked_at if status == 401 else refused).append(seconds)

    def use(account):
        client = Client(options.url)
        while not over.is_set():
            home = random.choice(homes[account["username"]])
            status, seconds = client.sign_in(account["username"], account["password"], home)
            with lock:
                statuses[status] += 1
                good.append(seconds)
            time.sleep(options.pause)

    users = [threading.Thread(target=use, args=(account,)) for account in accounts]
    attackers = [threading.Thread(target=attack) for _ in range(options.attackers)]
    begun = time.monotonic()
    for thread in users + attackers:
        thread.start()
    for thread in attackers:
        thread.join()
    took = time.monotonic() - begun
    over.set()
    for thread in users:
        thread.join()
    print(f"{options.attempts} bad sign-ins, {options.attackers} at a time, in {took:.1f} s "
          f"({options.attempts / took:.0f} a second): {dict(bad)}")
    print("good sign-ins meanwhile by status:", dict(statuses))
    report("good, under the flood", good)
    report("bad, looked at", looked_at)
    report("bad, turned away", refused)
    print("memory after (now, highest) MiB:", memory(options.pid))


main()
