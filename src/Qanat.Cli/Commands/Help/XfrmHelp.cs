namespace Qanat.Cli.Commands.Help;

/// <summary>The page of <c>xfrm</c>.</summary>
internal static class XfrmHelp
{
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
}
