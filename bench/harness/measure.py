"""What is measured on every way: throughput and its cost, packets per second, round-trip time."""

import json
import os
import pathlib
import re
import statistics
import time

from lab import CommandFailed, stop

TICKS = os.sysconf("SC_CLK_TCK")
SOURCE = pathlib.Path(__file__).with_name("udp_source.py")

#: Offered loads of 64-byte datagrams, per second: each half again the one before.
OFFERED = [round(20_000 * 1.5**step, -3) for step in range(9)]

#: Rates among which the highest is looked for that loses nothing to speak of: 4,000 to 520,000 a second.
RATES = [round(4_000 * 1.17**step, -2) for step in range(32)]


def tcp(lab, way, streams, seconds=3):
    """iperf3 from a to b, one second of warm-up apart. With one stream also what a gigabyte cost, and memory."""
    for daemon in way.daemons:
        forget_peak(daemon.pid)
    machine, daemons = machine_seconds(), process_seconds(way.daemons)
    sent, received = iperf3(lab, way.far, streams, seconds)
    gigabytes = sent / 1e9
    sample = {f"tcp{streams}": received / 1e9}
    if streams == 1:
        sample["machine_cpu"] = (machine_seconds() - machine) / gigabytes
        if way.daemons:
            sample["daemon_cpu"] = (process_seconds(way.daemons) - daemons) / gigabytes
            sample["rss"] = max(peak_mebibytes(daemon.pid) for daemon in way.daemons)
    return sample


def iperf3(lab, far, streams=1, seconds=3):
    """Runs iperf3 from a to b: bytes that were sent, warm-up included, and bits that arrived a second, without it."""
    server = lab.b.spawn("iperf3", "--server", "--one-off", "--forceflush")
    try:
        _wait_until_listening(server)
        answer = json.loads(lab.a.run("iperf3", "--client", far, "--parallel", str(streams), "--time", str(seconds),
                                      "--omit", "1", "--json", timeout=seconds + 20))
    finally:
        stop(server)
    sent = sum(interval["sum"]["bytes"] for interval in answer["intervals"])
    return sent, answer["end"]["sum_received"]["bits_per_second"]


def udp64(lab, way):
    """
    64-byte datagrams that arrive a second, at the offered load that brings the most of them through.

    The sink never reads, so that it costs nothing and every arrival, once its buffer is full, is a drop that the
    kernel counts on the socket: what the far end of the tunnel delivered, whatever a reader would have made of it.
    """
    delivered = []
    with DroppingSink(lab.b) as sink:
        for rate in OFFERED:
            delivered.append(_offer(lab, way, sink, rate)[1])
            # Two loads in a row that brought no more: it is full.
            if max(delivered) > max(delivered[-2:]):
                break
    return {"udp64": max(delivered) / 1e3}


def udp_lossless(lab, way, key, length, seconds=0.6):
    """
    The highest of `RATES` at which less than one datagram in a thousand is lost, in thousands a second, found by halving.

    What arrives is counted by a sink that never reads, as above. A rate has two tries: the machine's other business is no loss
    of the tunnel's. One that the source cannot keep up, since both share the cores, is too high as well.
    """
    with DroppingSink(lab.b) as sink:
        _offer(lab, way, sink, RATES[0], length, 0.05)  # until its buffer is full

        def passes(rate):
            sent, arrived = _offer(lab, way, sink, rate, length, seconds)
            return sent >= 0.97 * rate and arrived >= 0.999 * sent

        low, high = 0, len(RATES)
        while low < high:
            middle = (low + high) // 2
            if passes(RATES[middle]) or passes(RATES[middle]):
                low = middle + 1
            else:
                high = middle
    return {key: RATES[low - 1] / 1e3 if low else 0}


def _offer(lab, way, sink, rate, length=64, seconds=0.8):
    """Datagrams that are sent and that arrive a second while `rate` of them are to be sent."""
    before = sink.arrived()
    sent, elapsed = lab.a.run(
        "python3", "-B", str(SOURCE), way.far, str(sink.PORT), str(rate), str(seconds), str(length)).split()
    time.sleep(0.1)  # for what is still under way
    return int(sent) / float(elapsed), (sink.arrived() - before) / float(elapsed)


def rtt(lab, way, count=200):
    """Median of the round-trip times of pings, 5 ms apart, in milliseconds."""
    return {"rtt": _ping(lab, way, count, "-i", "0.005")}


def rtt_in_a_row(lab, way, count=2000):
    """The same of pings that each follow the answer to the one before: nothing falls asleep between them."""
    return {"rtt_in_a_row": _ping(lab, way, count, "-A")}


def _ping(lab, way, count, *pace):
    said = lab.a.run("ping", "-n", "-c", str(count), *pace, way.far)
    return statistics.median(float(time) for time in re.findall(r"time=([\d.]+) ms", said))


class DroppingSink:
    """A bound UDP socket on a host that nobody reads, and a count of what arrived at it."""

    PORT = 9
    PROGRAM = f"""
import signal, socket
sink = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
sink.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0)
sink.bind(("0.0.0.0", {PORT}))
signal.pause()
"""

    def __init__(self, host):
        self.process = host.spawn("python3", "-c", self.PROGRAM)

    def __enter__(self):
        for _ in range(200):
            if self._line():
                return self
            time.sleep(0.02)
        raise CommandFailed("the UDP sink did not start: " + self.process.log.read_text()[-300:])

    def __exit__(self, *_):
        stop(self.process)

    def arrived(self):
        """Datagrams that came in since the socket's buffer was full."""
        return int(self._line()[-1])

    def _line(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/net/udp").read_text().splitlines():
            if line.split()[1].endswith(f":{self.PORT:04X}"):
                return line.split()
        return None


def machine_seconds():
    """CPU seconds that the cores we run on have worked since boot."""
    ours = {f"cpu{core}" for core in os.sched_getaffinity(0)}
    lines = (line.split() for line in pathlib.Path("/proc/stat").read_text().splitlines())
    # user, nice, system, (idle, iowait,) irq, softirq
    return sum(sum(map(int, words[1:4] + words[6:8])) for words in lines if words[0] in ours) / TICKS


def process_seconds(processes):
    """CPU seconds, user and system, that processes have used."""
    total = 0
    for process in processes:
        words = pathlib.Path(f"/proc/{process.pid}/stat").read_text().rpartition(")")[2].split()
        total += int(words[11]) + int(words[12])  # utime, stime: fields 14 and 15
    return total / TICKS


def forget_peak(pid):
    """Begins anew with the most memory that a process has had resident (proc(5), clear_refs)."""
    pathlib.Path(f"/proc/{pid}/clear_refs").write_text("5")


def peak_mebibytes(pid):
    """The most memory that a process has had resident since `forget_peak`."""
    return int(re.search(r"VmHWM:\s+(\d+)", pathlib.Path(f"/proc/{pid}/status").read_text())[1]) / 1024


def _wait_until_listening(server):
    for _ in range(500):
        if "Server listening" in server.log.read_text():
            return
        time.sleep(0.01)
    raise CommandFailed("iperf3 does not listen: " + server.log.read_text()[-300:])
