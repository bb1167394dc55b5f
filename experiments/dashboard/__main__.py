"""The dashboard, in the browser: what-if questions at a desk, and a classroom.

python -m experiments.dashboard
python -m experiments.dashboard --port 8080 --no-browser
python -m experiments.dashboard --host 192.168.1.5

It listens on this machine only, unless --host says otherwise, and needs no network.
"""

from __future__ import annotations

import importlib.util
import ipaddress
import sys
from collections.abc import Sequence

from experiments.parser import Parser

LOOPBACK = "127.0.0.1"
PORT = 5006


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; the exit code is 2 for a user's mistake."""
    parser = Parser("dashboard", __doc__)
    parser.add_argument(
        "--host", default=LOOPBACK, help=f"address to listen on (default {LOOPBACK}, this machine only)"
    )
    parser.add_argument("--port", type=int, default=PORT, help=f"port to listen on (default {PORT})")
    parser.add_argument("--no-browser", action="store_true", help="do not open the browser")
    given = parser.parse_args(arguments)
    if not 1 <= given.port <= 65_535:
        parser.error(f"--port {given.port}: allowed are 1 to 65535")
    if given.host in ("", "0.0.0.0", "*") or ":" in given.host:
        parser.error(f"--host {given.host}: give the one name or IPv4 address to listen on, such as 192.168.1.5")
    if importlib.util.find_spec("panel") is None:
        parser.error("it needs Panel: pip install 'pintuan[dashboard]' (or: pip install panel)")
    if not is_loopback(given.host):
        print(
            f"WARNING: everybody who can reach {given.host}:{given.port} can use this dashboard and this machine's "
            "processors, without a password and unencrypted. Use it in a network that you trust.",
            file=sys.stderr,
        )
    from experiments.dashboard.server import serve

    try:
        serve(given.host, given.port, not given.no_browser)
    except OSError as error:
        reason = error.strerror or str(error)
        parser.error(f"cannot listen on {given.host}:{given.port}: {reason}; try another --port")
    return 0


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach an address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


if __name__ == "__main__":
    raise SystemExit(main())
