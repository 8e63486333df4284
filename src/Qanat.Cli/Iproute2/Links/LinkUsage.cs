namespace Qanat.Cli.Iproute2.Links;

/// <summary>What <c>link help</c> prints, for all types and for each, in iproute2's words.</summary>
internal static class LinkUsage
{
    /// <summary>The grammar of <c>link</c> itself, on standard error.</summary>
    public static CommandFailure Link() => CommandFailure.Nonsense(LinkText);

    /// <summary>The grammar of a type, on standard error.</summary>
    public static CommandFailure OfType(string type) => CommandFailure.Refusal(Text(type));

    /// <summary>The grammar of a type.</summary>
    public static string Text(string type) => type switch
    {
        "ipip" => IptunnelText("ipip", "ipip | mplsip | any", ""),
        "sit" => IptunnelText("sit", "ip6ip | ipip | mplsip | any", "\n\t\t\t[ isatap ]"),
        "gre" or "gretap" => GreText.Replace("TYPE", $"{type,-9}"),
        "vti" => VtiText("vti ", "IP_ADDRESS"),
        "vti6" => VtiText("vti6", "IPV6_ADDRESS"),
        "ip6tnl" => Ip6tnlText,
        "ip6gre" or "ip6gretap" => Ip6greText.Replace("TYPE", $"{type,-9}"),
        _ => VxlanText,
    };

    private static string IptunnelText(string type, string modes, string more) =>
        $$"""
        Usage: ... {{type,-6}}	[ remote ADDR ]
        			[ local ADDR ]
        			[ ttl TTL ]
        			[ tos TOS ]
        			[ [no]pmtudisc ]
        			[ 6rd-prefix ADDR ]
        			[ 6rd-relay_prefix ADDR ]
        			[ 6rd-reset ]
        			[ dev PHYS_DEV ]
        			[ fwmark MARK ]
        			[ external ]
        			[ noencap ]
        			[ encap { fou | gue | none } ]
        			[ encap-sport PORT ]
        			[ encap-dport PORT ]
        			[ [no]encap-csum ]
        			[ [no]encap-csum6 ]
        			[ [no]encap-remcsum ]
        			[ mode { {{modes}} } ]{{more}}

        Where:	ADDR := { IP_ADDRESS | any }
        	TOS  := { NUMBER | inherit }
        	TTL  := { 1..255 | inherit }
        	MARK := { 0x0..0xffffffff }
        """;

    private static string VtiText(string type, string address) =>
        $$"""
        Usage: ... {{type}}	[ remote ADDR ]
        		[ local ADDR ]
        		[ [i|o]key KEY ]
        		[ dev PHYS_DEV ]
        		[ fwmark MARK ]

        Where:	ADDR := { {{address}} }
        	KEY  := { DOTTED_QUAD | NUMBER }
        	MARK := { 0x0..0xffffffff }
        """;

    private const string GreText = """
        Usage: ... TYPE	[ remote ADDR ]
        			[ local ADDR ]
        			[ [no][i|o]seq ]
        			[ [i|o]key KEY | no[i|o]key ]
        			[ [no][i|o]csum ]
        			[ ttl TTL ]
        			[ tos TOS ]
        			[ [no]pmtudisc ]
        			[ [no]ignore-df ]
        			[ dev PHYS_DEV ]
        			[ fwmark MARK ]
        			[ external ]
        			[ noencap ]
        			[ encap { fou | gue | none } ]
        			[ encap-sport PORT ]
        			[ encap-dport PORT ]
        			[ [no]encap-csum ]
        			[ [no]encap-csum6 ]
        			[ [no]encap-remcsum ]

        Where:	ADDR := { IP_ADDRESS | any }
        	TOS  := { NUMBER | inherit }
        	TTL  := { 1..255 | inherit }
        	KEY  := { DOTTED_QUAD | NUMBER }
        	MARK := { 0x0..0xffffffff }
        """;

    private const string Ip6tnlText = """
        Usage: ... ip6tnl	[ remote ADDR ]
        			[ local ADDR ]
        			[ encaplimit ELIM ]
        			[ hoplimit HLIM ]
        			[ tclass TCLASS ]
        			[ flowlabel FLOWLABEL ]
        			[ dscp inherit ]
        			[ [no]allow-localremote ]
        			[ dev PHYS_DEV ]
        			[ fwmark MARK ]
        			[ external ]
        			[ noencap ]
        			[ encap { fou | gue | none } ]
        			[ encap-sport PORT ]
        			[ encap-dport PORT ]
        			[ [no]encap-csum ]
        			[ [no]encap-csum6 ]
        			[ [no]encap-remcsum ]
        			[ mode { ip6ip6 | ipip6 | any } ]

        Where:	ADDR	  := IPV6_ADDRESS
        	ELIM	  := { none | 0..255 }(default=4)
        	HLIM	  := 0..255 (default=64)
        	TCLASS    := { 0x0..0xff | inherit }
        	FLOWLABEL := { 0x0..0xfffff | inherit }
        	MARK	  := { 0x0..0xffffffff | inherit }
        """;

    private const string Ip6greText = """
        Usage: ... TYPE	[ remote ADDR ]
        			[ local ADDR ]
        			[ [no][i|o]seq ]
        			[ [i|o]key KEY | no[i|o]key ]
        			[ [no][i|o]csum ]
        			[ hoplimit TTL ]
        			[ encaplimit ELIM ]
        			[ tclass TCLASS ]
        			[ flowlabel FLOWLABEL ]
        			[ dscp inherit ]
        			[ dev PHYS_DEV ]
        			[ fwmark MARK ]
        			[ [no]allow-localremote ]
        			[ external ]
        			[ noencap ]
        			[ encap { fou | gue | none } ]
        			[ encap-sport PORT ]
        			[ encap-dport PORT ]
        			[ [no]encap-csum ]
        			[ [no]encap-csum6 ]
        			[ [no]encap-remcsum ]
        			[ erspan_ver version ]
        			[ erspan IDX ]
        			[ erspan_dir { ingress | egress } ]
        			[ erspan_hwid hwid ]

        Where:	ADDR	  := IPV6_ADDRESS
        	TTL	  := { 0..255 } (default=64)
        	KEY	  := { DOTTED_QUAD | NUMBER }
        	ELIM	  := { none | 0..255 }(default=4)
        	TCLASS	  := { 0x0..0xff | inherit }
        	FLOWLABEL := { 0x0..0xfffff | inherit }
        	MARK	  := { 0x0..0xffffffff | inherit }
        """;

    private const string VxlanText = """
        Usage: ... vxlan id VNI
        		[ { group | remote } IP_ADDRESS ]
        		[ local ADDR ]
        		[ ttl TTL ]
        		[ tos TOS ]
        		[ df DF ]
        		[ flowlabel LABEL ]
        		[ dev PHYS_DEV ]
        		[ dstport PORT ]
        		[ srcport MIN MAX ]
        		[ [no]learning ]
        		[ [no]proxy ]
        		[ [no]rsc ]
        		[ [no]l2miss ]
        		[ [no]l3miss ]
        		[ ageing SECONDS ]
        		[ maxaddress NUMBER ]
        		[ [no]udpcsum ]
        		[ [no]udp6zerocsumtx ]
        		[ [no]udp6zerocsumrx ]
        		[ [no]remcsumtx ] [ [no]remcsumrx ]
        		[ [no]external ] [ gbp ] [ gpe ]
        		[ [no]vnifilter ]

        Where:	VNI	:= 0-16777215
        	ADDR	:= { IP_ADDRESS | any }
        	TOS	:= { NUMBER | inherit }
        	TTL	:= { 1..255 | auto | inherit }
        	DF	:= { unset | set | inherit }
        	LABEL := 0-1048575
        """;

    private const string LinkText = """
        Usage: qanat link add [ name ] NAME [ mtu MTU ] [ address LLADDR ] [ up | down ] type TYPE [ ARGS ]
               qanat link { set | change } [ dev ] DEVICE [ up | down ] [ mtu MTU ] [ address LLADDR ]
                          [ type TYPE ARGS ]
               qanat link delete [ dev ] DEVICE [ type TYPE ]
               qanat link show [ [ dev ] DEVICE ] [ up ] [ type TYPE ]
               qanat link help [ TYPE ]

        TYPE := { ipip | gre | gretap | sit | vti | ip6tnl | ip6gre | ip6gretap | vti6 | vxlan }

        For all else there is "ip link": these devices are ordinary ones.
        """;
}
