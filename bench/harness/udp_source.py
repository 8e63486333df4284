"""udp_source ADDRESS PORT RATE SECONDS: sends 64-byte datagrams at a steady rate; prints how many, in what time."""

import socket
import sys
import time

TICK = 0.0005


def main(address, port, rate, seconds):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as source:
        source.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
        source.connect((address, port))
        send, clock, datagram = source.send, time.monotonic, bytes(64)
        start, sent, elapsed = clock(), 0, 0.0
        while elapsed < seconds:
            for _ in range(int(elapsed * rate) - sent):
                send(datagram)
                sent += 1
                if not sent & 63 and clock() - start > seconds:
                    break
            time.sleep(max(0.0, TICK - (clock() - start - elapsed)))
            elapsed = clock() - start
        print(sent, elapsed)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]), float(sys.argv[4]))
