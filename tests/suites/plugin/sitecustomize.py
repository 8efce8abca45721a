"""Keeps every Python of a suite, and the Pythons that it starts, to itself.

Python imports a module of this name at start-up wherever it is on the path. No package that happens
to be installed for the interpreter can be imported, only what PYTHONPATH names. A connection to any
address but this machine's own fails as if no network were there, before and after the rewrite
alike.
"""

import errno
import functools
import ipaddress
import os
import socket
import sys

LOCAL_NAMES = {"", "localhost", "ip6-localhost", "localhost.localdomain"}


def is_local(host) -> bool:
    if host is None:
        return True
    if isinstance(host, (bytes, bytearray)):
        host = bytes(host).decode("ascii", "replace")
    if not isinstance(host, str):
        return True
    if host.lower() in LOCAL_NAMES or host == socket.gethostname():
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return address.is_loopback or address.is_unspecified or is_own(address)


@functools.cache
def is_own(address) -> bool:
    """Whether one of this machine's interfaces has the address: a socket can be bound to it."""
    if address.is_multicast:
        return False
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def guard(event: str, args: tuple) -> None:
    if event in ("socket.connect", "socket.sendto", "socket.sendmsg"):
        # A path (AF_UNIX) or None (a connected socket) is local.
        address = args[1]
        if isinstance(address, tuple) and address and not is_local(address[0]):
            raise OSError(errno.ENETUNREACH, "Network is unreachable")
    elif event in ("socket.getaddrinfo", "socket.gethostbyname"):
        host = args[0]
        if not is_local(host) and not is_number(host):
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")


def is_number(host) -> bool:
    try:
        ipaddress.ip_address(host.partition("%")[0])
    except (AttributeError, TypeError, ValueError):
        return False
    return True


def is_foreign(folder: str) -> bool:
    named = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    installed = os.path.basename(folder) in ("site-packages", "dist-packages")
    return installed and folder not in named


sys.path[:] = [folder for folder in sys.path if not is_foreign(folder)]
sys.addaudithook(guard)
