"""Refuses dependencies whose licence is not permissive. Reads `cargo metadata` from standard input."""

import json
import re
import sys

PERMISSIVE = {
    "0BSD", "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "BlueOak-1.0.0",
    "CC0-1.0", "CDLA-Permissive-2.0", "ISC", "MIT", "MIT-0", "OpenSSL", "PostgreSQL", "Unicode-3.0", "Unlicense", "Zlib", "bzip2-1.0.6",
}


def permits(expression: str) -> bool:
    """An SPDX expression is acceptable when one of its alternatives has permissive parts only."""
    text = expression.replace("/", " OR ").replace("(", " ( ").replace(")", " ) ")
    text = re.sub(r"(\S+) WITH (\S+)", r"\1_WITH_\2", text)

    def value(token: str) -> str:
        if token in ("(", ")"):
            return token
        if token in ("AND", "OR"):
            return token.lower()
        return str(token.replace("_WITH_", " WITH ") in PERMISSIVE)

    return bool(eval(" ".join(value(token) for token in text.split()), {"__builtins__": {}}))


packages = json.load(sys.stdin)["packages"]
refused = []
for package in packages:
    licence = package["license"]
    if not licence or not permits(licence):
        refused.append(f"{package['name']} {package['version']}: {licence}")
print(f"{len(packages)} packages, {len(refused)} refused")
if refused:
    sys.exit("\n".join(refused))
