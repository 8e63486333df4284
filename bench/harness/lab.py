"""Two hosts joined by a wire: network namespaces, a veth, and the processes that live in them.

Everything that a lab makes ends with it, however it ends: its processes by their ids, then its namespaces, which take
their devices along. The namespace that the benchmark was started in is never changed.
"""

import contextlib
import os
import pathlib
import secrets
import shutil
import signal
import subprocess
import tempfile


class CommandFailed(Exception):
    """A command ended badly; the text is its last words."""


def run(*command, timeout=60, stdin=None, env=None):
    """Runs a command to its end and returns what it printed."""
    try:
        done = subprocess.run(command, input=stdin, env=env, timeout=timeout, text=True, capture_output=True,
                              stdin=None if stdin is not None else subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CommandFailed(str(error)) from error
    if done.returncode:
        words = (done.stderr or done.stdout).strip() or f"exit code {done.returncode}"
        raise CommandFailed(f"{' '.join(command[:6])}: {words[-300:]}")
    return done.stdout


def stop(process):
    """Ends a process of ours: asks, waits, insists."""
    process.terminate()
    try:
        process.wait(3)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _remove_namespace(name):
    """Removes a namespace of ours with whatever still lives in it."""
    with contextlib.suppress(CommandFailed):
        for pid in run("ip", "netns", "pids", name).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        run("ip", "netns", "del", name)


class Host:
    """One end of the wire: a network namespace with an address."""

    def __init__(self, lab, name, address):
        self.lab, self.name, self.address = lab, name, address

    @property
    def inode(self):
        """What tells this network namespace from others; the daemon's files carry it in their names."""
        return os.stat(f"/run/netns/{self.name}").st_ino

    def run(self, *command, **options):
        """Runs a command in the namespace and returns what it printed."""
        return run("ip", "netns", "exec", self.name, *command, **options)

    def ip(self, words):
        """Runs `ip WORDS` on the namespace's network."""
        run("ip", "-n", self.name, *words.split())

    def spawn(self, *command, env=None):
        """Starts a process in the namespace that ends with the lab, if not before. What it says is in its .log."""
        log = self.lab.folder / f"{self.name}-{secrets.token_hex(4)}.log"
        with log.open("wb") as sink:
            process = subprocess.Popen(("ip", "netns", "exec", self.name, *command), stdin=subprocess.DEVNULL,
                                       stdout=sink, stderr=subprocess.STDOUT, env=env, start_new_session=True)
        process.log = log
        self.lab.endings.callback(stop, process)
        return process

    def join(self, device, near, far):
        """Sets a device up and gives it its address and its peer's. The other way round, IPv6 has no route to the peer."""
        self.ip(f"link set {device} up")
        self.ip(f"address add {near} peer {far} dev {device}")


class Lab(contextlib.AbstractContextManager):
    """Hosts `a` and `b`, 10.10.50.71 and 10.10.50.186, on one wire of MTU 1500. IPv6 is off: nothing speaks unasked."""

    def __init__(self, **environment):
        self.environment = environment  # of what is measured, beyond our own
        # Device names are unique too: the sockets of wireguard-go are shared by all namespaces.
        self.tag = f"{os.getpid()}{secrets.token_hex(2)}"
        self.endings = contextlib.ExitStack()

    def __enter__(self):
        with contextlib.ExitStack() as so_far:
            so_far.enter_context(self.endings)
            self.folder = pathlib.Path(tempfile.mkdtemp(prefix="qanat-bench-", dir="/run"))
            self.endings.callback(shutil.rmtree, self.folder, ignore_errors=True)
            self.a = self._host("a", "10.10.50.71")
            self.b = self._host("b", "10.10.50.186")
            run("ip", "-n", self.a.name, *f"link add eth0 type veth peer name eth0 netns {self.b.name}".split())
            for host in self.hosts:
                host.ip("link set lo up")
                host.ip(f"address add {host.address}/24 dev eth0")
                host.ip("link set eth0 up")
            so_far.pop_all()
        return self

    def __exit__(self, *_):
        self.endings.close()

    @property
    def hosts(self):
        """Both ends."""
        return self.a, self.b

    def _host(self, end, address):
        name = f"qanat-bench-{self.tag}-{end}"
        self.endings.callback(_remove_namespace, name)
        run("ip", "netns", "add", name)
        host = Host(self, name, address)
        for scope in ("all", "default"):
            host.run("sh", "-c", f"echo 1 >/proc/sys/net/ipv6/conf/{scope}/disable_ipv6 2>/dev/null || true")
        return host
