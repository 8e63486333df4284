namespace Qanat.Cli.Iproute2.Xfrm;

/// <summary>
/// What <c>xfrm help</c> prints, on standard error and with an exit code of its own, as everything about it is iproute2's.
/// </summary>
internal static class XfrmUsage
{
    /// <summary>What there is.</summary>
    public static CommandFailure Objects() => CommandFailure.Nonsense(ObjectsText);

    /// <summary>The grammar of states.</summary>
    public static CommandFailure State() => CommandFailure.Nonsense(StateText);

    /// <summary>The grammar of policies.</summary>
    public static CommandFailure Policy() => CommandFailure.Nonsense(PolicyText);

    private const string ObjectsText = """
        Usage: qanat xfrm XFRM-OBJECT { COMMAND | help }
        where  XFRM-OBJECT := state | policy | monitor
        """;

    private const string StateText = """
        Usage: qanat xfrm state { add | update } ID [ ALGO-LIST ] [ mode MODE ]
                [ mark MARK [ mask MASK ] ] [ reqid REQID ] [ seq SEQ ]
                [ replay-window SIZE ] [ replay-seq SEQ ] [ replay-oseq SEQ ]
                [ replay-seq-hi SEQ ] [ replay-oseq-hi SEQ ]
                [ flag FLAG-LIST ] [ sel SELECTOR ] [ LIMIT-LIST ] [ encap ENCAP ]
                [ coa ADDR[/PLEN] ] [ ctx CTX ] [ extra-flag EXTRA-FLAG-LIST ]
                [ offload [dev DEV] dir DIR ]
                [ output-mark OUTPUT-MARK [ mask MASK ] ]
                [ if_id IF_ID ] [ tfcpad LENGTH ]
        Usage: qanat xfrm state allocspi ID [ mode MODE ] [ mark MARK [ mask MASK ] ]
                [ reqid REQID ] [ seq SEQ ] [ min SPI max SPI ]
        Usage: qanat xfrm state { delete | get } ID [ mark MARK [ mask MASK ] ]
        Usage: qanat xfrm state deleteall [ ID ] [ mode MODE ] [ reqid REQID ]
                [ flag FLAG-LIST ]
        Usage: qanat xfrm state list [ nokeys ] [ ID ] [ mode MODE ] [ reqid REQID ]
                [ flag FLAG-LIST ]
        Usage: qanat xfrm state flush [ proto XFRM-PROTO ]
        Usage: qanat xfrm state count
        ID := [ src ADDR ] [ dst ADDR ] [ proto XFRM-PROTO ] [ spi SPI ]
        XFRM-PROTO := esp | ah | comp | route2 | hao
        ALGO-LIST := [ ALGO-LIST ] ALGO
        ALGO := { enc | auth } ALGO-NAME ALGO-KEYMAT |
                auth-trunc ALGO-NAME ALGO-KEYMAT ALGO-TRUNC-LEN |
                aead ALGO-NAME ALGO-KEYMAT ALGO-ICV-LEN |
                comp ALGO-NAME
        MODE := transport | tunnel | beet | ro | in_trigger
        FLAG-LIST := [ FLAG-LIST ] FLAG
        FLAG := noecn | decap-dscp | nopmtudisc | wildrecv | icmp | af-unspec | align4 | esn
        EXTRA-FLAG-LIST := [ EXTRA-FLAG-LIST ] EXTRA-FLAG
        EXTRA-FLAG := dont-encap-dscp | oseq-may-wrap
        SELECTOR := [ src ADDR[/PLEN] ] [ dst ADDR[/PLEN] ] [ dev DEV ] [ UPSPEC ]
        UPSPEC := proto { { tcp | udp | sctp | dccp } [ sport PORT ] [ dport PORT ] |
                          { icmp | ipv6-icmp | mobility-header } [ type NUMBER ] [ code NUMBER ] |
                          gre [ key { DOTTED-QUAD | NUMBER } ] | PROTO }
        LIMIT-LIST := [ LIMIT-LIST ] limit LIMIT
        LIMIT := { time-soft | time-hard | time-use-soft | time-use-hard } SECONDS |
                 { byte-soft | byte-hard } SIZE | { packet-soft | packet-hard } COUNT
        ENCAP := { espinudp | espinudp-nonike | espintcp } SPORT DPORT OADDR
        DIR := in | out
        """;

    private const string PolicyText = """
        Usage: qanat xfrm policy { add | update } SELECTOR dir DIR [ ctx CTX ]
        	[ mark MARK [ mask MASK ] ] [ index INDEX ] [ ptype PTYPE ]
        	[ action ACTION ] [ priority PRIORITY ] [ flag FLAG-LIST ]
        	[ if_id IF_ID ] [ LIMIT-LIST ] [ TMPL-LIST ]
        Usage: qanat xfrm policy { delete | get } { SELECTOR | index INDEX } dir DIR
        	[ ctx CTX ] [ mark MARK [ mask MASK ] ] [ ptype PTYPE ]
        	[ if_id IF_ID ]
        Usage: qanat xfrm policy { deleteall | list } [ nosock ] [ SELECTOR ] [ dir DIR ]
        	[ index INDEX ] [ ptype PTYPE ] [ action ACTION ] [ priority PRIORITY ]
        	[ flag FLAG-LIST ]
        Usage: qanat xfrm policy flush [ ptype PTYPE ]
        Usage: qanat xfrm policy count
        Usage: qanat xfrm policy set [ hthresh4 LBITS RBITS ] [ hthresh6 LBITS RBITS ]
        Usage: qanat xfrm policy setdefault DIR ACTION [ DIR ACTION ] [ DIR ACTION ]
        Usage: qanat xfrm policy getdefault
        SELECTOR := [ src ADDR[/PLEN] ] [ dst ADDR[/PLEN] ] [ dev DEV ] [ UPSPEC ]
        UPSPEC := proto { { tcp | udp | sctp | dccp } [ sport PORT ] [ dport PORT ] |
                          { icmp | ipv6-icmp | mobility-header } [ type NUMBER ] [ code NUMBER ] |
                          gre [ key { DOTTED-QUAD | NUMBER } ] | PROTO }
        DIR := in | out | fwd
        PTYPE := main | sub
        ACTION := allow | block
        FLAG-LIST := [ FLAG-LIST ] FLAG
        FLAG := localok | icmp
        LIMIT-LIST := [ LIMIT-LIST ] limit LIMIT
        LIMIT := { time-soft | time-hard | time-use-soft | time-use-hard } SECONDS |
                 { byte-soft | byte-hard } SIZE | { packet-soft | packet-hard } COUNT
        TMPL-LIST := [ TMPL-LIST ] tmpl TMPL
        TMPL := ID [ mode MODE ] [ reqid REQID ] [ level LEVEL ]
        ID := [ src ADDR ] [ dst ADDR ] [ proto XFRM-PROTO ] [ spi SPI ]
        XFRM-PROTO := esp | ah | comp | route2 | hao
        MODE := transport | tunnel | beet | ro | in_trigger
        LEVEL := required | use
        """;
}
