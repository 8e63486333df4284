namespace Qanat.Cli.Iproute2;

/// <summary>
/// What <c>tunnel help</c> prints, on standard error and with an exit code of its own, as everything about it is iproute2's.
/// </summary>
internal static class TunnelUsage
{
    /// <summary>The grammar of tunnels over IPv4.</summary>
    public static CommandFailure IPv4() => CommandFailure.Nonsense(IPv4Text);

    /// <summary>The grammar of tunnels over IPv6.</summary>
    public static CommandFailure IPv6() => CommandFailure.Nonsense(IPv6Text);

    private const string IPv4Text = """
        Usage: qanat tunnel { add | change | del | show | prl | 6rd } [ NAME ]
                [ mode { gre | ipip | isatap | sit | vti } ]
                [ remote ADDR ] [ local ADDR ]
                [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]
                [ prl-default ADDR ] [ prl-nodefault ADDR ] [ prl-delete ADDR ]
                [ 6rd-prefix ADDR ] [ 6rd-relay_prefix ADDR ] [ 6rd-reset ]
                [ ttl TTL ] [ tos TOS ] [ [no]pmtudisc ] [ dev PHYS_DEV ]

        Where: NAME := STRING
               ADDR := { IP_ADDRESS | any }
               TOS  := { STRING | 00..ff | inherit | inherit/STRING | inherit/00..ff }
               TTL  := { 1..255 | inherit }
               KEY  := { DOTTED_QUAD | NUMBER }
        """;

    private const string IPv6Text = """
        Usage: qanat -f inet6 tunnel { add | change | del | show } [ NAME ]
                  [ mode { ip6ip6 | ipip6 | ip6gre | vti6 | any } ]
                  [ remote ADDR local ADDR ] [ dev PHYS_DEV ]
                  [ encaplimit ELIM ]
                  [ hoplimit TTL ] [ tclass TCLASS ] [ flowlabel FLOWLABEL ]
                  [ dscp inherit ]
                  [ [no]allow-localremote ]
                  [ [i|o]seq ] [ [i|o]key KEY ] [ [i|o]csum ]

        Where: NAME      := STRING
               ADDR      := IPV6_ADDRESS
               ELIM      := { none | 0..255 }(default=4)
               TTL       := 0..255 (default=64)
               TCLASS    := { 0x0..0xff | inherit }
               FLOWLABEL := { 0x0..0xfffff | inherit }
               KEY       := { DOTTED_QUAD | NUMBER }
        """;
}
