namespace Qanat.Cli.Commands.Help;

/// <summary>The page of <c>tuntap</c>.</summary>
internal static class TuntapHelp
{
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
}
