using System.Reflection;

namespace Qanat.Cli.Commands.Help;

/// <summary>The page of <c>qanat --help</c>, and what is beside it.</summary>
internal static class ProgramHelp
{
    /// <summary>This program's version.</summary>
    public static string Version { get; } =
        typeof(ProgramHelp).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;

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
            QANAT_BPF               1 for tunnels without state to be moved by programs in the kernel (docs/bpf.md)
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

    /// <summary>Examples of <c>qanat completion --help</c>.</summary>
    public const string CompletionExamples = """
        Examples:
          qanat completion bash > /etc/bash_completion.d/qanat
          qanat completion zsh > "${fpath[1]}/_qanat"
          qanat completion fish > ~/.config/fish/completions/qanat.fish

        """;
}
