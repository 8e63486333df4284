using System.Reflection;

namespace Qanat.Cli.Commands;

/// <summary>The pages of <c>--help</c>.</summary>
internal static class HelpText
{
    /// <summary>This program's version.</summary>
    public static string Version { get; } =
        typeof(HelpText).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

    /// <summary><c>qanat --help</c>.</summary>
    public const string Program = """
        NAME
            qanat - tunnels for any Linux machine, without kernel modules

        SYNOPSIS
            qanat [OPTIONS] tunnel { add | change | del | show | prl | 6rd | help } ...
            qanat [OPTIONS] link { add | set | change | del | show | help } ...
            qanat [OPTIONS] fou { add | del | show | help } ...
            qanat [OPTIONS] l2tp { add | del | show | help } { tunnel | session } ...
            qanat [OPTIONS] fdb { add | append | replace | del | show | help } ...
            qanat [OPTIONS] tuntap { add | del | show | list | help } ...
            qanat [OPTIONS] xfrm { state | policy } ...
            qanat [OPTIONS] vpn { init | up | down | invite | revoke | rotate | list | show | graph } ...
            qanat [OPTIONS] { apply | export | capture | doctor | echo | status | daemon | completion } ...
            qanat [OPTIONS] { top | events | metrics } ...
            qanat [OPTIONS] { up | down | reload } { FILE | NAME }
            qanat { --help | --version }

        DESCRIPTION
            Makes the tunnels of "ip tunnel" in user space, on a TUN device: ipip, gre, sit, isatap, 6rd, vti, and
            those over IPv6, with the same commands, options, outputs and exit codes, and the same packets on the
            wire. Addresses, routes and the state of the link stay with ip, for a tunnel is an ordinary network
            device.

            One daemon for each network namespace keeps the tunnels. The first command that needs it starts it, and
            it ends when there is nothing left to keep.

        COMMANDS
            tunnel                  tunnels, in the words of "ip tunnel" (qanat tunnel help)
            link                    tunnels, in the words of "ip link": gretap, vxlan, in UDP (qanat link --help)
            fou                     UDP ports that receive for tunnels, in the words of "ip fou" (qanat fou --help)
            l2tp                    static tunnels of L2TPv3, in the words of "ip l2tp" (qanat l2tp --help)
            fdb                     forwarding tables of VXLAN, in the words of "bridge fdb" (qanat fdb --help)
            tuntap                  TUN and TAP devices, in the words of "ip tuntap" (qanat tuntap help)
            xfrm                    IPsec states and policies, in the words of "ip xfrm" (qanat xfrm help)
            vpn                     networks of a hub and its peers, over WireGuard (qanat vpn --help)
            apply FILE              make tunnels, addresses and routes as a YAML file says
            export                  write such a file from what is
            capture DEV [FILTER]    show or record packets; of our own tunnels, inside and outside
            status [--json]         the daemon of this network namespace
            top [NAME]              peers of WireGuard and tunnels: rates, round trips, drops, each second anew
            events [NAME]           what happens to WireGuard's interfaces and peers, as lines of JSON
            metrics                 all counters in Prometheus' text format
            daemon                  keep the tunnels in the foreground, as a service does
            up | down | reload NAME a WireGuard interface, from a file of wg-quick
            doctor [DEV | ADDRESS]  why something does not work here, and what to do
            echo dev NAME ...       be the host behind a TUN or TAP device, and answer its pings
            completion SHELL        a script that completes commands: bash, zsh or fish

        OPTIONS
            -n, -netns NAME         in the network namespace NAME (ip netns)
            -s, -statistics         show counters, and why packets were dropped
            -d, -details            show what a link's type has of its own, and the programs that hold a TUN or TAP device
            -j, -json               output is JSON; -p, -pretty indents it
            -o, -oneline            a tunnel takes one line
            -4, -6, -f FAMILY       tunnels over IPv4 (inet) or over IPv6 (inet6)
            -c, -color[=WHEN]       colours: always, auto or never
            -N, -Numeric            numbers where they have names
            -b, -batch FILE         the commands in FILE, one a line, "-" for standard input; -force goes on after
                                    one that failed
            -V, -Version            the version, as ip prints it
            The other options of ip are taken, and do nothing.

        FILES
            /run/qanat              sockets, states and logs, named after the inode of the network namespace
            /etc/qanat/NAME         the network NAME of "qanat vpn", with its keys and its audit log

        ENVIRONMENT
            QANAT_RUN_DIR           another folder than /run/qanat
            QANAT_CONFIG_DIR        another folder than /etc/qanat for "qanat vpn"
            QANAT_DISABLE           what the daemon is to do without: any of packet-ring, gro, tso, uso, udp-segment,
                                    udp-gro, mtu-probing, with commas
            QANAT_POST_QUANTUM      1 for WireGuard interfaces that make preshared keys which withstand quantum computers,
                                    with peers that are Qanat and do so too

        EXIT STATUS
            0 done; 1 refused or failed; 255 a command that makes no sense.

        EXAMPLES
            Join 10.10.50.71 (here) and 10.10.50.186 by a tunnel:
                qanat tunnel add tun1 mode ipip remote 10.10.50.186 local 10.10.50.71
                ip link set tun1 up
                ip address add 192.168.1.1 peer 192.168.1.2 dev tun1

            Look at it, and see what was dropped:
                qanat tunnel show
                qanat -s tunnel show tun1

            Give it another far end, then remove it:
                qanat tunnel change tun1 remote 10.10.50.187
                qanat tunnel del tun1

            The same in a network namespace, and many at once:
                qanat -n blue tunnel show
                qanat -batch tunnels.txt

        SEE ALSO
            ip-tunnel(8), ip-link(8), ip-netns(8)

        """;

    /// <summary><c>qanat tuntap --help</c>.</summary>
    public const string Tuntap = """
        NAME
            qanat tuntap - TUN and TAP devices, in the words of "ip tuntap"

        SYNOPSIS
            qanat tuntap add [ dev NAME ] mode { tun | tap } [ user USER ] [ group GROUP ]
                             [ one_queue ] [ pi ] [ vnet_hdr ] [ multi_queue ]
            qanat tuntap del [ dev NAME ] mode { tun | tap } [ pi ] [ vnet_hdr ] [ multi_queue ]
            qanat [ -d ] [ -j ] [ -p ] tuntap [ show | list | lst ]

        DESCRIPTION
            A TUN carries IP packets, a TAP Ethernet frames, between the kernel and the program that holds it. What
            add makes is persistent: it stays until del, whether a program holds it or not. While none does, it has
            no carrier, and what is sent into it is lost.

        OPTIONS
            dev NAME                its name; "%d" in it, or none, takes the next free number
            user USER, group GROUP  who may attach without CAP_NET_ADMIN: names or numbers
            multi_queue             several programs, or threads, may attach, each with a queue of its own
            vnet_hdr                packets carry a virtio-net header, which lets large ones pass whole
            pi                      packets carry their protocol in front
            one_queue               taken, and of no effect
            -d                      show the programs that hold a device

        EXAMPLES
            qanat tuntap add dev tap0 mode tap user alice
                A TAP that alice's programs may use without root.

            qanat tuntap add dev tun%d mode tun multi_queue
                tun0, or tun1 if that is taken.

            qanat -d tuntap show
                All of them, and who holds each.

        """;

    /// <summary><c>qanat xfrm --help</c>.</summary>
    public const string Xfrm = """
        NAME
            qanat xfrm - IPsec states and policies, in the words of "ip xfrm"

        SYNOPSIS
            qanat [ -s ] xfrm state { add | update | delete | get | deleteall | list | flush | count | help } ...
            qanat [ -s ] xfrm policy { add | update | delete | get | deleteall | list | flush | count | help } ...

        DESCRIPTION
            A state (a security association) has the keys of the ESP packets that go one way; a policy says which
            packets are to be protected, and by which states. They are those of Qanat's own tunnels, not the
            kernel's, and are kept as long as the boot lasts. "qanat xfrm state help" and "qanat xfrm policy help"
            print the whole grammar.

        OPTIONS
            -s                      show indices, limits, and what passed
            -4, -6                  those of IPv4, or of IPv6

        ALGORITHMS
            aead NAME KEY BITS      rfc4106(gcm(aes)) with 64, 96 or 128 bits, rfc7539esp(chacha20,poly1305) with 128;
                                    the salt is the last four bytes of the key
            enc NAME KEY            cbc(aes), ecb(cipher_null)
            auth NAME KEY           hmac(sha1), hmac(sha256), hmac(sha384), hmac(sha512)
            auth-trunc NAME KEY BITS
                                    the same, with so many bits of the hash

        EXAMPLES
            Both ends of one direction, here 192.0.2.1 to 192.0.2.2; the other direction has a key of its own:
                qanat xfrm state add src 192.0.2.1 dst 192.0.2.2 proto esp spi 0x1001 reqid 1 mode tunnel \
                    replay-window 64 flag esn aead "rfc4106(gcm(aes))" 0x$(openssl rand -hex 36) 128

            What leaves by the vti device with okey 5 is protected so:
                qanat xfrm policy add src 0.0.0.0/0 dst 0.0.0.0/0 dir out mark 5 \
                    tmpl src 192.0.2.1 dst 192.0.2.2 proto esp reqid 1 mode tunnel

            Look at them, without the keys:
                qanat -s xfrm state list nokeys

        """;

    /// <summary><c>qanat tunnel --help</c>.</summary>
    public const string Tunnel = """
        NAME
            qanat tunnel - tunnels, in the words of "ip tunnel"

        SYNOPSIS
            qanat [OPTIONS] tunnel { add | change | del | show } [ NAME ]
                [ mode { ipip | gre | sit | isatap | vti | minimal } ]
                [ remote ADDR ] [ local ADDR ] [ ttl TTL ] [ tos TOS ] [ [no]pmtudisc ] [ dev PHYS_DEV ]
                [ [i|o]key KEY ] [ [i|o]csum ] [ [i|o]seq ]
            qanat [OPTIONS] -6 tunnel { add | change | del | show } [ NAME ]
                [ mode { ip6ip6 | ipip6 | any | ip6gre | vti6 } ]
                [ remote ADDR ] [ local ADDR ] [ hoplimit TTL ] [ tclass TCLASS ] [ flowlabel FLOWLABEL ]
                [ encaplimit ELIM ] [ dscp inherit ] [ [no]allow-localremote ] [ dev PHYS_DEV ]
                [ [i|o]key KEY ] [ [i|o]csum ] [ [i|o]seq ]
            qanat tunnel prl dev NAME { prl-default | prl-nodefault | prl-delete } ADDR
            qanat tunnel 6rd dev NAME { 6rd-prefix PREFIX [ 6rd-relay_prefix PREFIX ] | 6rd-reset }
            qanat { tunnel | -6 tunnel } help

        DESCRIPTION
            add                     make a tunnel, and its device, which is down
            change                  give a tunnel other parameters; what is not named stays, and a checksum, sequence
                                    numbers or a key that it has cannot be taken away
            del                     remove a tunnel, and its device
            show, list              print one, some or all
            prl                     add a potential router of an isatap tunnel, or delete one, or with "any" all
            6rd                     set the prefixes of a sit tunnel (6to4's 2002::/16 unless set), or reset them

        MODES
            Each may be left out when the name begins with it (gre7), except over IPv6, where ip6ip6 is meant.
            ipip                    IPv4 in IPv4 (RFC 2003)
            gre                     IPv4, IPv6 and MPLS in GRE in IPv4 (RFC 2784, 2890)
            sit                     IPv6 in IPv4 (RFC 4213); without a remote 6to4 (RFC 3056) or 6rd (RFC 5969)
            isatap                  IPv6 in IPv4 within a site (RFC 5214)
            vti                     whatever IPsec policies with its key as mark take (qanat xfrm)
            minimal                 IPv4 in IPv4 with the smaller header of RFC 2004, which "ip" does not have
            ip6ip6, ipip6, any      IPv6, IPv4 or both in IPv6 (RFC 2473)
            ip6gre                  IPv4, IPv6 and MPLS in GRE in IPv6 (RFC 7676)
            vti6                    vti over IPv6

        PARAMETERS
            remote, local           the outer addresses, or any
            ttl                     1 to 255, or inherit: that of the inner packet
            tos                     hexadecimal or a name (AF11, EF), inherit, or inherit/TOS for what has none
            nopmtudisc              fragment outer packets; not together with a ttl
            dev                     the device that outer packets leave by
            key, ikey, okey         gre, ip6gre: a number or dotted quad in the header, of what arrives (i) and what
                                    leaves (o); vti, vti6: the marks of policies
            csum, seq               gre, ip6gre: checksums, sequence numbers; with i or o one way only
            hoplimit                0 to 255 (64 unless given), 0 to inherit
            tclass, flowlabel       hexadecimal, or inherit
            encaplimit              how many more tunnels a packet may enter, 0 to 255 (4 unless given), or none
            dscp inherit            give arriving packets the DSCP of the outer header
            allow-localremote       the remote may be an address of this host

        EXAMPLES
            qanat tunnel add tun1 mode ipip remote 192.0.2.2 local 192.0.2.1
            qanat tunnel add tun2 mode ipip remote 192.0.2.3 ttl 64 tos inherit dev eth0
            qanat tunnel change tun1 remote 192.0.2.4
            qanat tunnel show
            qanat -s tunnel show tun1
            qanat -j -p tunnel show remote 192.0.2.2
            qanat tunnel del tun1

            GRE with a key and checksums, and one with a key for each way:
                qanat tunnel add gre1 mode gre remote 192.0.2.2 local 192.0.2.1 key 42 csum
                qanat tunnel add gre2 mode gre remote 192.0.2.2 local 192.0.2.1 ikey 1 okey 0.0.0.2 seq

            IPv6 over IPv4: to one host, and 6rd with a border relay:
                qanat tunnel add sit1 mode sit remote 192.0.2.2 local 192.0.2.1 ttl 64
                qanat tunnel add 6rd1 mode sit local 10.1.2.3 ttl 64
                qanat tunnel 6rd dev 6rd1 6rd-prefix 2001:db8::/32 6rd-relay_prefix 10.0.0.0/8
                ip -6 route add ::/0 via ::10.0.0.1 dev 6rd1

            ISATAP with a default router:
                qanat tunnel add is0 mode isatap local 192.0.2.1 ttl 64
                qanat tunnel prl dev is0 prl-default 192.0.2.254

            IPsec policies by mark:
                qanat tunnel add vti1 mode vti remote 192.0.2.2 local 192.0.2.1 key 42

            Over IPv6:
                qanat -6 tunnel add six1 mode any remote 2001:db8::2 local 2001:db8::1 encaplimit none
                qanat -6 tunnel add six2 mode ip6gre remote 2001:db8::2 local 2001:db8::1 key 42 tclass inherit
                qanat -6 tunnel show

        """;

    /// <summary>Examples of <c>qanat daemon --help</c>.</summary>
    public const string DaemonExamples = """
        Examples:
          Keep the tunnels of this network namespace, as a systemd service with Type=notify does:
            qanat daemon
          In the background, until there is nothing left to keep:
            qanat daemon --background --idle-exit 3
          In a network namespace, whose devices go when it ends:
            qanat -n blue daemon --remove-devices

        """;

    /// <summary>Examples of <c>qanat capture</c>.</summary>
    public const string CaptureExamples = """
        Examples:
          qanat capture tap0
              A line for each packet of tap0, as tcpdump prints it, until Ctrl-C.

          qanat capture tun1 icmp
              The pings through our tunnel tun1: #1, #2, ... number the journeys, and the outer packet of each follows
              the inner one. What the tunnel dropped says why.

          qanat capture tun1 -w tun1.pcapng -c 1000
              A thousand packets into a file for Wireshark, inner and outer ones on interfaces of their own.

          qanat capture any -w - | wireshark -k -i -
              Everything, live.

          qanat capture eth0 --json ip proto 4 | jq .packet
              Packets as JSON.

        """;

    /// <summary>Examples of <c>qanat status --help</c>.</summary>
    public const string StatusExamples = """
        Examples:
          qanat status
          qanat -n blue status
          qanat status --json | jq -r .tunnels

        """;

    /// <summary>Examples of <c>qanat doctor --help</c>.</summary>
    public const string DoctorExamples = """
        Examples:
          The machine, and all TUN and TAP devices and tunnels of this network namespace:
            qanat doctor
          A device, or the way to an address, in more detail:
            qanat doctor tun1
            qanat doctor 192.168.1.2
          In another network namespace, and what is well too:
            qanat -n blue doctor --verbose
          The names of what blocks, for a script:
            qanat doctor --json | jq -r '.findings[] | select(.severity == "blocks") | .name'

        """;

    /// <summary>Examples of <c>qanat echo --help</c>.</summary>
    public const string EchoExamples = """
        Words:
          dev NAME                the device; one that exists keeps its mode and stays
          mode tun | tap          IP packets or Ethernet frames, of a device that is made
          address ADDRESS/LENGTH  an address that answers, IPv4 or IPv6; more than one may be given
          host ADDRESS/LENGTH     an address for this machine's side of the device
          lladdr MAC              the Ethernet address that answers (02:00 and the address, unless given)
          count N                 end after so many answers
          quiet                   print no exchanges

        Examples:
          qanat echo dev tap0 address 10.18.0.3/24 address fd18::3/64
              and in another terminal: ip address add 10.18.0.1/24 dev tap0; ping 10.18.0.3
          The same in one command, with IP packets instead of Ethernet frames:
            qanat echo dev tun0 address 10.18.0.3/24 host 10.18.0.1/24
          Behind a device that exists, for a program to read:
            qanat echo dev tap7 address 10.18.0.3/24 count 10 --json | jq -r .event

        """;

    /// <summary>Examples of <c>qanat apply --help</c>.</summary>
    public const string ApplyExamples = """
        The file, by netplan's names where it has them:
          network:
            version: 2
            tunnels:
              tun1:
                mode: ipip
                local: 10.10.50.71
                remote: 10.10.50.186
                addresses: [192.168.1.1/24]
                routes:
                  - {to: 10.1.0.0/16, via: 192.168.1.2}

        Examples:
          What would be done, then do it:
            qanat apply --dry-run /etc/qanat/tunnels.yaml
            qanat apply /etc/qanat/tunnels.yaml
          Have these tunnels and no others, in another network namespace:
            qanat -n blue apply --prune blue.yaml
          At each boot:
            systemctl enable qanat-apply

        """;

    /// <summary>Examples of <c>qanat export --help</c>.</summary>
    public const string ExportExamples = """
        Examples:
          Keep what is for the next boot:
            qanat export > /etc/qanat/tunnels.yaml && systemctl enable qanat-apply
          For a program (apply reads JSON as well):
            qanat export --json | jq -r '.network.tunnels | keys[]'

        """;

    /// <summary>Examples of <c>qanat completion --help</c>.</summary>
    public const string CompletionExamples = """
        Examples:
          qanat completion bash > /etc/bash_completion.d/qanat
          qanat completion zsh > "${fpath[1]}/_qanat"
          qanat completion fish > ~/.config/fish/completions/qanat.fish

        """;
}
