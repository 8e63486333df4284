namespace Qanat.Cli.Commands.Help;

/// <summary>The pages of <c>--help</c> of <c>link</c>, <c>fou</c>, <c>l2tp</c> and <c>fdb</c>.</summary>
internal static class LinkHelp
{
    /// <summary><c>qanat link --help</c>.</summary>
    public const string Link = """
        NAME
            qanat link - tunnels, in the words of "ip link"

        SYNOPSIS
            qanat link add [ name ] NAME [ mtu MTU ] [ address LLADDR ] [ up ] type TYPE [ ARGS ]
            qanat link { set | change } NAME [ up | down ] [ mtu MTU ] [ address LLADDR ] [ type TYPE ARGS ]
            qanat link del NAME
            qanat [ -d ] [ -s ] [ -j ] link [ show [ NAME ] [ up ] [ type TYPE ] ]
            qanat link help [ TYPE ]

        DESCRIPTION
            Makes what "qanat tunnel" has no words for: Ethernet over GRE, VXLAN, and tunnels in UDP. TYPE is ipip,
            gre, gretap, sit, vti, ip6tnl, ip6gre, ip6gretap, vti6 or vxlan; "qanat link help TYPE" prints what each
            takes. What is made is an ordinary device: all other settings are ip link's.

        EXAMPLES
            qanat link add tap1 up type gretap remote 192.0.2.2 local 192.0.2.1 key 42
            qanat link add vx1 up type vxlan id 100 remote 192.0.2.2 dstport 4789
            qanat link add tun1 type ipip remote 192.0.2.2 local 192.0.2.1 encap fou encap-sport auto encap-dport 5555
            qanat link set tun1 type ipip ttl 64
            qanat -d link show tun1
            qanat link del tun1

        """;

    /// <summary><c>qanat fou --help</c>.</summary>
    public const string Fou = """
        NAME
            qanat fou - UDP ports that receive for tunnels, in the words of "ip fou"

        SYNOPSIS
            qanat fou add port PORT { ipproto PROTO | gue } [ local ADDR ] [ peer ADDR peer_port PORT ] [ dev DEV ] [ -6 ]
            qanat fou del port PORT [ local ADDR ] [ peer ADDR peer_port PORT ] [ dev DEV ] [ -6 ]
            qanat [ -j ] fou show

        DESCRIPTION
            What arrives at such a port is taken out of its UDP header and handed to the tunnels: as a packet of the
            protocol PROTO, or as the GUE header says. The sending side is a tunnel's: "encap" of qanat link.

        EXAMPLES
            qanat fou add port 5555 ipproto 4
            qanat fou add port 6080 gue
            qanat fou show
            qanat fou del port 5555

        """;

    /// <summary><c>qanat l2tp --help</c>.</summary>
    public const string L2tp = """
        NAME
            qanat l2tp - static tunnels of L2TPv3, in the words of "ip l2tp"

        SYNOPSIS
            qanat l2tp add tunnel local ADDR remote ADDR tunnel_id ID peer_tunnel_id ID
                [ encap { udp | ip } ] [ udp_sport PORT udp_dport PORT ] [ udp_csum { on | off } ]
            qanat l2tp add session [ name NAME ] tunnel_id ID session_id ID peer_session_id ID
                [ cookie HEX ] [ peer_cookie HEX ] [ seq { none | send | recv | both } ] [ l2spec_type { default | none } ]
            qanat l2tp del tunnel tunnel_id ID
            qanat l2tp del session tunnel_id ID session_id ID
            qanat [ -j ] l2tp show { tunnel | session } [ tunnel_id ID ] [ session_id ID ]

        DESCRIPTION
            A tunnel joins two hosts, each of its sessions two Ethernet devices. A deleted tunnel takes its sessions
            with it.

        EXAMPLES
            qanat l2tp add tunnel tunnel_id 1 peer_tunnel_id 1 local 192.0.2.1 remote 192.0.2.2 udp_sport 1701 udp_dport 1701
            qanat l2tp add session name eth7 tunnel_id 1 session_id 7 peer_session_id 7
            qanat l2tp show session
            qanat l2tp del tunnel tunnel_id 1

        """;

    /// <summary><c>qanat fdb --help</c>.</summary>
    public const string Fdb = """
        NAME
            qanat fdb - forwarding tables of VXLAN, in the words of "bridge fdb"

        SYNOPSIS
            qanat fdb { add | append | replace | del } MAC dev DEV [ dst ADDR ] [ port PORT ] [ vni VNI ] [ via DEV ]
                [ static | dynamic | permanent ]
            qanat [ -s ] [ -j ] fdb [ show [ dev DEV ] [ state STATE ] [ dynamic ] ]
            qanat [ -s ] [ -j ] fdb get MAC dev DEV self [ dynamic ]
            qanat fdb flush dev DEV [ dst ADDR ] [ port PORT ] [ vni VNI ] [ [no]permanent | [no]static | [no]dynamic ]
                [ [no]extern_learn ] [ [no]sticky ]

        DESCRIPTION
            Says at which far end an Ethernet address is. 00:00:00:00:00:00 is for what no other entry is for: frames
            to unknown and to group addresses go to each of its far ends. "get" asks for one address, and "self" is
            its word for the device's own table. "flush" removes what all its words hold for, the learnt with the
            rest. "qanat bridge fdb" is the same.

        EXAMPLES
            qanat fdb append 00:00:00:00:00:00 dev vx1 dst 192.0.2.2
            qanat fdb append 00:00:00:00:00:00 dev vx1 dst 192.0.2.3
            qanat fdb add 02:00:00:00:00:07 dev vx1 dst 192.0.2.3
            qanat fdb show dev vx1
            qanat fdb get 02:00:00:00:00:07 dev vx1 self
            qanat fdb flush dev vx1 dst 192.0.2.3 dynamic

        """;
}
