#!/usr/bin/env python3
"""Sends hostile requests beside sixteen good clients that read, propose and sign in; prints what the good ones still get.

    kartoteka serve --demo --demo-credentials demo.json --trusted-proxies 127.0.0.1 \\
        --rate-write 100000/100000 --rate-auth 100000 &
    tests/load/hostile.py http://127.0.0.1:8080 --credentials demo.json --pid $!

The good clients are measured alone first, then beside each kind of hostile request. A row fails when a good request is
refused, when good readers get less than half of what they got alone, or when the server has taken more than 512 MiB; the
script then ends with 1. Proposals are counted too: they wait behind the one writer, as hostile proposals do.
The script stands in for a trusted proxy: each request of a good client comes from an address of its own; each hostile
client has one address. Good clients share few accounts, so the server runs with larger budgets of writes and sign-ins
than by default; hostile writers keep to two requests a second each, which is the default for an account. Standard library
only.
"""

import argparse
import collections
import http.client
import itertools
import json
import random
import socket
import sys
import threading
import time
import urllib.parse
import uuid

READERS, PROPOSERS, SIGNERS = 9, 5, 2
MOST_MIB = 512


def arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("url")
    parser.add_argument("--credentials", required=True, help="file of --demo-credentials")
    parser.add_argument("--pid", type=int, help="process of the server, for its memory")
    parser.add_argument("--seconds", type=float, default=10, help="of each measurement")
    parser.add_argument("--attackers", type=int, default=4, help="hostile clients at a time")
    parser.add_argument("--only", help="the one kind of hostile request with this name")
    return parser.parse_args()


class Client:
    """One connection, kept open, and opened again when the server has closed it."""

    def __init__(self, url, timeout=120):
        self.target, self.timeout, self.connection = urllib.parse.urlsplit(url), timeout, None

    def send(self, method, path, body=None, **headers):
        for last in (False, True):
            try:
                if self.connection is None:
                    self.connection = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=self.timeout)
                self.connection.request(method, path, body, headers)
                answer = self.connection.getresponse()
                return answer.status, answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if last:
                    return 0, b""


def json_of(value):
    return json.dumps(value, ensure_ascii=False).encode()


def sign_in(url, account, address="192.0.2.1"):
    body = json_of({"username": account["username"], "password": account["password"]})
    headers = {"Content-Type": "application/json", "X-Forwarded-For": address}
    status, answer = Client(url).send("POST", "/v1/auth/login", body, **headers)
    assert status == 200, answer
    return json.loads(answer)["access_token"]


def memory(pid):
    """Resident memory at its highest, in MiB."""
    if pid is None:
        return 0.0
    with open(f"/proc/{pid}/status", encoding="ascii") as status:
        lines = dict(line.split(":", 1) for line in status)
    return round(int(lines["VmHWM"].split()[0]) / 1024, 1)


def forget_highest(pid):
    if pid is not None:
        try:
            with open(f"/proc/{pid}/clear_refs", "w", encoding="ascii") as refs:
                refs.write("5")
        except OSError:
            pass


def some_address():
    return f"10.{random.randrange(256)}.{random.randrange(256)}.{random.randrange(1, 255)}"


# What good clients do.


def read(client, _):
    path = random.choice(["/v1/people/P1", "/v1/people/P2", "/v1/victims/V1", "/v1/people?limit=20", "/v1/trials?limit=5"])
    return client.send("GET", path, **{"X-Forwarded-For": some_address()})


def propose(client, token):
    name = "".join(random.choices("abcdefghijklmnopqrstuvwxyz", k=9)).title()
    body = {"names": [{"value": {"kind": "main", "family": name, "given": "Bert"}}]}
    changes = [{"op": "create", "kind": "person", "id": str(uuid.uuid4()), "body": body}]
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}", "X-Forwarded-For": some_address()}
    return client.send("POST", "/v1/submissions", json_of({"summary": "A test", "changes": changes}), **headers)


def come_in(client, account):
    body = json_of({"username": account["username"], "password": account["password"]})
    headers = {"Content-Type": "application/json", "X-Forwarded-For": some_address()}
    return client.send("POST", "/v1/auth/login", body, **headers)


# Hostile requests: each gives method, path, body and headers. A path may be the same for ever.


def zeros(count):
    """A zstd frame of so many blocks of 128 KiB of zeros, four bytes each (RFC 8878 section 3.1.1.2)."""
    block = (131072 << 3 | 1 << 1).to_bytes(3, "little") + b"\0"
    return bytes.fromhex("28b52ffd0038") + block * count + (0 << 3 | 1).to_bytes(3, "little")


def submission(changes):
    return json_of({"summary": "A test", "changes": changes})


def create(kind, body):
    return {"op": "create", "kind": kind, "id": str(uuid.uuid4()), "body": body}


def equal_defendants():
    title = [{"value": {"text": "A trial", "kind": "common", "lang": "en"}}]
    trial = {"titles": title, "defendants": [{"person": {"text": "N. N."}}] * 4000}
    return submission([create("trial", trial) for _ in range(3)])


def titles_in_languages():
    def source(more):
        titles = {f"en-{n:04}": f"q{n} q{n}a q{n}b q{n}c" for n in range(2000 + more)}
        return {"kind": {"code": "monograph"}, "title": titles}

    return submission([create("source", source(more)) for more in range(2)])


def same_names(distinct=False):
    def name(n, person=0):
        part = f"x{person}" if distinct else ""
        return {"value": {"kind": "main", "family": f"Adams{n}{part}", "given": f"Bert{part}", "patronymic": "Karlovich"}}

    return submission([create("person", {"names": [name(n, p) for n in range(300)] + [name(1000 + p, p)]}) for p in range(100)])


def many_faults():
    return submission([create("person", {"names": [{"value": {"nonsense": 1}}] * 9000}) for _ in range(20)])


def plain(method, path, body=None, **headers):
    def make(_):
        return method, path, body, headers

    return make


def written(make, path="/v1/submissions"):
    body = make()

    def request(token):
        return "POST", path, body, {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}

    return request


JSON = {"Content-Type": "application/json"}
LARGE = b'{"refresh_token": [' + b"0," * 4_000_000 + b"0]}"
TAGS = ",".join(f"tag{n}" for n in range(1000))
FACETS = "facets=sex,arrest_year,sentenced_by,penalty"

# Requests a second of a hostile writer: the default budget of an account.
WRITES = 2

HOSTILE = {
    "compressed body": plain("POST", "/v1/auth/refresh", zeros(8300), **JSON, **{"Content-Encoding": "zstd"}),
    "large body at the door": plain("POST", "/v1/auth/refresh", LARGE, **JSON),
    "equal defendants": written(equal_defendants),
    "titles in 2,000 languages": written(titles_in_languages),
    "a hundred with the same names": written(same_names),
    "a hundred with 300 names each": written(lambda: same_names(True)),
    "many faults": written(many_faults),
    "8 MB of numbers": written(lambda: b'{"changes": [' + b"0," * 4_000_000 + b"0]}"),
    "deep nesting": written(lambda: b"[" * 100_000),
    "a thousand conditions": plain("GET", f"/v1/people?has={TAGS}"),
    "conditions apart": plain("GET", "/v1/people?" + "&".join(f"has=tag{n}" for n in range(600))),
    "facets": plain("GET", f"/v1/victims?{FACETS}"),
    "facets of the past": plain("GET", f"/v1/victims?at=2026-11-01T00:00:00Z&{FACETS}"),
    "statistics": plain("GET", "/v1/stats/victims?by=arrest_year,penalty"),
    "long questions": plain("GET", "/v1/search?q=" + "+".join(f"wo{n}*" for n in range(900))),
    "long names": plain("GET", "/v1/search?q=" + "+".join(f"Ivanov{n}" for n in range(700))),
    "whole export": plain("GET", "/v1/export/victims"),
    "namings in turn": plain("GET", f"/v1/sources?match=certain&named_in_turn={','.join(['victim.cites'] * 4)}"),
}


def hang_up(url, token, over):
    """Begins what costs most, and goes away before the answer."""
    target, body = urllib.parse.urlsplit(url), same_names(True)
    head = (
        f"POST /v1/submissions HTTP/1.1\r\nHost: {target.netloc}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    while not over.wait(1 / WRITES - 0.2):
        with socket.create_connection((target.hostname, target.port)) as connection:
            connection.sendall(head.encode() + body)
            time.sleep(0.2)
        yield "gone"


def trickle(url, token, over):
    """Two hundred connections whose bodies come a byte at a time."""
    target = urllib.parse.urlsplit(url)
    head = (
        f"POST /v1/submissions HTTP/1.1\r\nHost: {target.netloc}\r\nAuthorization: Bearer {token}\r\n"
        "Content-Type: application/json\r\nContent-Length: 8000000\r\n\r\n{"
    )
    connections = []
    for _ in range(50):
        connection = socket.create_connection((target.hostname, target.port))
        connection.sendall(head.encode())
        connections.append(connection)
    while not over.is_set():
        for connection in connections:
            try:
                connection.sendall(b" " * 20_000)
            except OSError:
                pass
            yield "sent"
        time.sleep(0.1)


def many_unread(request):
    """Connections that ask, read nothing for a second, and go away."""

    def attack(url, token, over, address):
        target = urllib.parse.urlsplit(url)
        head = f"Host: x\r\nX-Forwarded-For: {address}\r\n\r\n"
        while not over.is_set():
            connections = []
            for _ in range(60):
                connection = socket.socket()
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
                connection.connect((target.hostname, target.port))
                connection.settimeout(0.05)
                try:
                    connection.sendall(request(head))
                except OSError:
                    pass
                connections.append(connection)
                yield "asked"
            over.wait(1)
            for connection in connections:
                connection.close()

    return attack


def repeat(make):
    def attack(url, token, over, address):
        client = Client(url)
        while not over.is_set():
            method, path, body, headers = make(token)
            begun = time.monotonic()
            status, _ = client.send(method, path, body, **{**headers, "X-Forwarded-For": address})
            yield status
            if "Authorization" in headers:
                over.wait(max(0.0, begun + 1 / WRITES - time.monotonic()))
            if status == 429:
                time.sleep(0.05)

    return attack


def attacks():
    for name, make in HOSTILE.items():
        yield name, repeat(make)
    yield "clients that hang up", lambda url, token, over, _: hang_up(url, token, over)
    ahead = lambda head: f"GET /v1/people?limit=200 HTTP/1.1\r\n{head}".encode() * 2000
    yield "requests sent ahead", many_unread(ahead)
    yield "answers that nobody reads", many_unread(lambda head: f"GET /openapi.json HTTP/1.1\r\n{head}".encode())
    nobody = lambda head: f"GET /v1/export/victims/manifest?not.tag=z{random.random()} HTTP/1.1\r\n{head}".encode()
    yield "manifests for nobody", many_unread(nobody)
    yield "bodies that trickle", lambda url, token, over, _: trickle(url, token, over)


class Run:
    """Good clients for some seconds, alone or beside an attack."""

    def __init__(self, options, accounts):
        self.options, self.accounts, self.lock = options, accounts, threading.Lock()
        self.token = sign_in(options.url, accounts["editor"])

    def measure(self, attack=None):
        over = threading.Event()
        good, slowest = collections.Counter(), collections.Counter()
        refused, hostile = collections.Counter(), collections.Counter()

        def use(kind, do, what):
            client = Client(self.options.url)
            while not over.is_set():
                begun = time.monotonic()
                status, _ = do(client, what)
                took = time.monotonic() - begun
                with self.lock:
                    slowest[kind] = max(slowest[kind], took)
                    good[kind] += 200 <= status < 300
                    if not 200 <= status < 300:
                        refused[f"{kind} {status}"] += 1
                if kind == "sign-ins":
                    time.sleep(0.1)

        def harm(n):
            for outcome in attack(self.options.url, self.token, over, f"198.51.100.{n + 1}"):
                with self.lock:
                    hostile[outcome] += 1

        signers = itertools.islice(itertools.cycle(self.accounts.values()), SIGNERS)
        work = [("reads", read, None)] * READERS + [("proposals", propose, self.token)] * PROPOSERS
        work += [("sign-ins", come_in, account) for account in signers]
        threads = [threading.Thread(target=use, args=row) for row in work]
        if attack:
            threads += [threading.Thread(target=harm, args=(n,)) for n in range(self.options.attackers)]
        forget_highest(self.options.pid)
        begun = time.monotonic()
        for thread in threads:
            thread.start()
        time.sleep(self.options.seconds)
        took = time.monotonic() - begun
        rates = {kind: good[kind] / took for kind in ("reads", "proposals", "sign-ins")}
        over.set()
        for thread in threads:
            thread.join()
        return rates, slowest, refused, hostile, memory(self.options.pid)


def main():
    options = arguments()
    with open(options.credentials, encoding="utf-8") as file:
        accounts = {account["username"]: account for account in json.load(file)["accounts"]}
    run = Run(options, accounts)
    run.measure()
    alone, *_ = run.measure()
    print(f"alone, a second: " + ", ".join(f"{kind} {rate:.1f}" for kind, rate in alone.items()), flush=True)
    print(f"{'beside':32} reads  props  signs  slowest read/prop/sign  MiB     hostile answers")
    failed = []
    for name, attack in attacks():
        if options.only not in (None, name):
            continue
        rates, slowest, refused, hostile, highest = run.measure(attack)
        share = {kind: rates[kind] / max(alone[kind], 0.001) for kind in alone}
        row = f"{name:32} {share['reads']:5.2f}  {share['proposals']:5.2f}  {share['sign-ins']:5.2f}  "
        row += " ".join(f"{slowest[kind]:6.2f}" for kind in alone) + f"  {highest:7.1f}  {dict(hostile)}"
        if refused or share["reads"] < 0.5 or highest > MOST_MIB:
            failed.append(name)
            row += f"  FAILED {dict(refused)}"
        print(row, flush=True)
        time.sleep(1)
    print("failed:", failed or "nothing")
    sys.exit(bool(failed))


main()
