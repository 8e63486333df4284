"""Qanat's modes as ways from a to b, each made with the words that a user would say, and the peer of the sealed one."""

import os
import pathlib
import shlex
import time

from lab import CommandFailed
from ways import QANAT, WAYS, Way, join, qanat_environment, start_qanat, wait_for

STRONGSWAN = pathlib.Path(os.environ["STRONGSWAN"])

#: AES-128 and the salt of RFC 4106, a key each way.
KEYS = ("0x000102030405060708090a0b0c0d0e0f10111213", "0x202122232425262728292a2b2c2d2e2f30313233")

FOU_PORT, GUE_PORT, VXLAN_PORT = 5555, 6080, 4790


def ipip(lab):
    """The plainest: what the other modes over IPv4 are held against."""
    return _way(lab, "ipip", 0, "tunnel add ipip1 mode ipip remote {remote} local {local}", "ipip1")


def gre(lab):
    """The same with GRE's four bytes."""
    return _way(lab, "gre", 1, "tunnel add gre1 mode gre remote {remote} local {local}", "gre1")


def sit(lab):
    """IPv6 inside."""
    return _way(lab, "sit", 2, "tunnel add sit1 mode sit remote {remote} local {local}", "sit1", is_ipv6=True)


def fou(lab):
    """ipip in UDP: the way of many packets to a message."""
    return _way(lab, "fou", 3, f"""
        fou add port {FOU_PORT} ipproto 4
        link add fou1 type ipip remote {{remote}} local {{local}} encap fou encap-sport auto encap-dport {FOU_PORT}""", "fou1")


def gue(lab):
    """ipip in GUE in UDP."""
    return _way(lab, "gue", 4, f"""
        fou add port {GUE_PORT} gue
        link add gue1 type ipip remote {{remote}} local {{local}} encap gue encap-sport auto encap-dport {GUE_PORT}""", "gue1")


def vxlan(lab):
    """Ethernet frames in UDP. Bound to the wire, as the kernel's, so that its MTU leaves room for the headers."""
    return _way(lab, "qanat-vxlan", 5, f"""
        link add qvxlan1 type vxlan id 8 dev eth0 remote {{remote}} local {{local}} dstport {VXLAN_PORT}""", "qvxlan1")


def esp(lab):
    """IPsec by routes: AES-128-GCM with keys that do not change."""
    return _way(lab, "esp", 6, """
        xfrm state add src {local} dst {remote} proto esp spi 0x100{this} reqid 1 mode tunnel replay-window 64 \
            aead 'rfc4106(gcm(aes))' {key} 128
        xfrm state add src {remote} dst {local} proto esp spi 0x100{that} reqid 1 mode tunnel replay-window 64 \
            aead 'rfc4106(gcm(aes))' {peer_key} 128
        xfrm policy add dir out mark 7 tmpl src {local} dst {remote} proto esp reqid 1 mode tunnel
        xfrm policy add dir in mark 7 tmpl src {remote} dst {local} proto esp reqid 1 mode tunnel
        tunnel add vti1 mode vti remote {remote} local {local} key 7""", "vti1")


def kernel_libipsec(lab):
    """strongSwan's ESP in user space, whose keys only IKE can give it: the same cipher, over UDP, which it insists on."""
    charon = STRONGSWAN / "usr/sbin/charon-systemd"
    if not charon.exists():
        raise CommandFailed("its packages did not come")
    way = Way("kernel-libipsec", "10.21.7.1", "10.21.7.2")
    ends = ((lab.a, lab.b, way.near, way.far), (lab.b, lab.a, way.far, way.near))
    for host, other, near, far in ends:
        host.ip(f"address add {near}/32 dev lo")
        folder = lab.folder / f"strongswan-{host.name}"
        folder.mkdir()
        (folder / "strongswan.conf").write_text(CHARON_CONF.format(folder=folder))
        (folder / "swanctl.conf").write_text(
            SWANCTL_CONF.format(local=host.address, remote=other.address, near=near, far=far))
        # The packages are unpacked, not installed: laid over the system's files where this process alone sees it.
        way.daemons.append(host.spawn(
            "sh", "-ec", f"{_overlays()} export STRONGSWAN_CONF={folder}/strongswan.conf; exec /usr/sbin/charon-systemd"))
        wait_for(folder / "vici", way.daemons[-1])
        _swanctl(host, folder, "--load-all", "--file", str(folder / "swanctl.conf"))
    _swanctl(lab.a, lab.folder / f"strongswan-{lab.a.name}", "--initiate", "--child", "bench", "--timeout", "10")
    return way


CHARON_CONF = """
charon-systemd {{
  load = random nonce openssl pem pkcs1 x509 revocation constraints pubkey hmac kdf gcm aes sha2 curve25519 vici \
socket-default kernel-libipsec kernel-netlink updown
  plugins {{
    vici {{ socket = unix://{folder}/vici }}
    kernel-libipsec {{ allow_peer_ts = yes }}
  }}
}}
"""

SWANCTL_CONF = """
connections {{
  bench {{
    version = 2
    local_addrs = {local}
    remote_addrs = {remote}
    local {{ auth = psk
      id = {local}
    }}
    remote {{ auth = psk
      id = {remote}
    }}
    proposals = aes128-sha256-x25519
    children {{
      bench {{
        local_ts = {near}/32
        remote_ts = {far}/32
        esp_proposals = aes128gcm16
      }}
    }}
  }}
}}
secrets {{
  ike-bench {{ secret = "not much of a secret" }}
}}
"""


def _overlays():
    return "".join(f"mount -t overlay -o lowerdir={STRONGSWAN}/{folder}:/{folder} overlay /{folder};"
                   for folder in ("usr/lib", "usr/sbin") if (STRONGSWAN / folder).exists())


def _swanctl(host, folder, *words):
    host.run("sh", "-ec", f"{_overlays()} export SWANCTL_DIR={folder} STRONGSWAN_CONF={folder}/strongswan.conf; "
             "exec /usr/sbin/swanctl " + shlex.join((*words, "--uri", f"unix://{folder}/vici")), timeout=20)


def _way(lab, name, number, commands, device, is_ipv6=False):
    """
    A way through a tunnel of its own between addresses of its own: one daemon an end has them all, and ipip, FOU and GUE
    between the same two would be one tunnel.
    """
    if not os.access(QANAT, os.X_OK):
        raise CommandFailed("there is no bin/qanat yet: `make` builds it")
    near, far = ("fd00:21::{0}:1", "fd00:21::{0}:2") if is_ipv6 else ("10.21.{0}.1", "10.21.{0}.2")
    outer = [f"10.22.{number}.{end}" for end in (1, 2)]
    way = Way(name, near.format(number), far.format(number), [_daemon(host) for host in lab.hosts])
    for end, host in enumerate(lab.hosts):
        host.ip(f"address add {outer[end]}/24 dev eth0")
        words = {"local": outer[end], "remote": outer[1 - end], "key": KEYS[end], "peer_key": KEYS[1 - end], "this": end, "that": 1 - end}
        for command in commands.strip().splitlines():
            host.run(QANAT, *shlex.split(command.format(**words)), env=qanat_environment(lab))
        if is_ipv6:
            host.run("sh", "-c", f"echo 0 >/proc/sys/net/ipv6/conf/{device}/disable_ipv6")
    join(lab, way, device, device)
    if "QANAT_BPF" in lab.environment:
        way.name = f"bpf-{name.removeprefix('qanat-')}"
        _wait_until_offloaded(way, device)
    return way


def _wait_until_offloaded(way, device):
    """Waits until the programs are in place, of which the daemons' logs tell."""
    for _ in range(50):
        logs = [daemon.log.read_text() for daemon in way.daemons]
        if all(f"{device}: offloaded" in log for log in logs):
            return
        time.sleep(0.1)
    raise CommandFailed(f"{device} is not offloaded: {logs[0].strip()[-300:]}")


def _daemon(host):
    """The one daemon of a host, which all modes share."""
    if not hasattr(host, "qanat"):
        host.qanat = start_qanat(host)
    return host.qanat


#: The same once their packets are moved by programs in the kernel: in a lab of their own, which asks for that.
OFFLOADED = {
    "bpf-ipip": ("Qanat ipip, BPF", ipip),
    "bpf-gre": ("Qanat gre, BPF", gre),
    "bpf-sit": ("Qanat sit, BPF", sit),
    "bpf-fou": ("Qanat FOU (ipip), BPF", fou),
    "bpf-gue": ("Qanat GUE (ipip), BPF", gue),
    "bpf-vxlan": ("Qanat VXLAN, BPF", vxlan),
}

#: Each way's name, what it is called in a table, and how it is set up.
MODES = {
    "vxlan": WAYS["vxlan"],
    "wireguard-go": WAYS["wireguard-go"],
    "ipip": ("Qanat ipip", ipip),
    "gre": ("Qanat gre", gre),
    "sit": ("Qanat sit", sit),
    "fou": ("Qanat FOU (ipip)", fou),
    "gue": ("Qanat GUE (ipip)", gue),
    "qanat-vxlan": ("Qanat VXLAN", vxlan),
    **OFFLOADED,
    "esp": ("Qanat ESP (vti, AES-128-GCM)", esp),
    "kernel-libipsec": ("strongSwan kernel-libipsec (AES-128-GCM)", kernel_libipsec),
}
