"""
udp_source ADDRESS PORT RATE SECONDS [BYTES]: sends datagrams of 64 bytes, or as many as are said, at a steady rate;
prints how many, in what time.

By sendmmsg, so that the source is not what is measured; each datagram enters the tunnel by itself all the same.
"""

import ctypes
import os
import socket
import sys
import time

TICK, BURST = 0.0005, 32


class Iovec(ctypes.Structure):
    """struct iovec"""
    _fields_ = [("base", ctypes.c_char_p), ("len", ctypes.c_size_t)]


class Mmsghdr(ctypes.Structure):
    """struct mmsghdr, with its struct msghdr laid out in it"""
    _fields_ = [("name", ctypes.c_void_p), ("namelen", ctypes.c_uint), ("iov", ctypes.POINTER(Iovec)),
                ("iovlen", ctypes.c_size_t), ("control", ctypes.c_void_p), ("controllen", ctypes.c_size_t),
                ("flags", ctypes.c_int), ("len", ctypes.c_uint)]


def main(address, port, rate, seconds, length):
    """Sends, and says what it sent."""
    datagram = Iovec(bytes(length), length)
    burst = (Mmsghdr * BURST)(*(Mmsghdr(iov=ctypes.pointer(datagram), iovlen=1) for _ in range(BURST)))
    sendmmsg, clock = ctypes.CDLL(None, use_errno=True).sendmmsg, time.monotonic
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.connect((address, port))
        start, sent, elapsed = clock(), 0, 0.0
        while elapsed < seconds:
            if (due := min(int(elapsed * rate) - sent, BURST)) > 0:
                taken = sendmmsg(source.fileno(), burst, due, 0)
                if taken < 0:
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
                sent += taken
            else:
                time.sleep(TICK)
            elapsed = clock() - start
    print(sent, elapsed)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]), int((sys.argv[5:] or [64])[0]))
