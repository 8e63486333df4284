namespace Qanat.Cli.Commands.Help;

/// <summary>The page of <c>tunnel</c>.</summary>
internal static class TunnelHelp
{
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
}
