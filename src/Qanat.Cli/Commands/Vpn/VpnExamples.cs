namespace Qanat.Cli.Commands.Vpn;

/// <summary>Examples at the end of the help of <c>qanat vpn</c>.</summary>
internal static class VpnExamples
{
    /// <summary>Examples of <c>qanat vpn --help</c>.</summary>
    public const string Vpn = """
        Examples:
          A hub, and a phone that joins it:
            qanat vpn init office --endpoint vpn.example.com:51820 --subnet 10.8.0.0/24,fd00:8::/64 --access peers
            qanat vpn up office
            qanat vpn invite office phone --qr > /dev/null
          Each verb has a page of its own:
            qanat vpn invite --help

        """;

    /// <summary>Examples of <c>qanat vpn init --help</c>.</summary>
    public const string Init = """
        Examples:
          Machines that reach each other:
            qanat vpn init office --endpoint vpn.example.com:51820 --subnet 10.8.0.0/24,fd00:8::/64 --access peers
          Clients into an intranet:
            qanat vpn init office --endpoint 192.0.2.1:51820 --subnet 10.8.0.0/24 --access intranet=192.168.0.0/16,10.1.0.0/16 \
                --dns 192.168.0.53,corp.example
          Clients whose traffic leaves through this machine:
            qanat vpn init exit --endpoint '[2001:db8::1]:443' --subnet 10.9.0.0/24,fd00:9::/64 --access internet --dns 9.9.9.9

        """;

    /// <summary>Examples of <c>qanat vpn invite --help</c>.</summary>
    public const string Invite = """
        Examples:
          A laptop: its file, for wg-quick, "qanat up" or an app:
            (umask 077; qanat vpn invite office laptop > laptop.conf)
          A phone, for a month: a QR code on the terminal, and no file:
            qanat vpn invite office phone --expires 30d --qr > /dev/null
          Only the intranet through the tunnel, and a picture to print:
            (umask 077; qanat vpn invite exit anna --split 192.168.0.0/16 --qr-file anna.png > anna.conf)
          A peer that keeps its private key to itself:
            key=$(ssh build1 wg pubkey '<' /etc/wireguard/key)
            (umask 077; qanat vpn invite office build1 --public-key "$key" > build1.conf)

        """;

    /// <summary>Examples of <c>qanat vpn revoke --help</c>.</summary>
    public const string Revoke = """
        Examples:
          qanat vpn revoke office phone

        """;

    /// <summary>Examples of <c>qanat vpn rotate --help</c>.</summary>
    public const string Rotate = """
        Examples:
          A new key, the former one good for a day:
            (umask 077; qanat vpn rotate office laptop > laptop.conf)
          The former key is known to others, and good no more:
            qanat vpn rotate office phone --grace 0s --qr > /dev/null

        """;

    /// <summary>Examples of <c>qanat vpn list --help</c>.</summary>
    public const string List = """
        Examples:
          qanat vpn list office
          Who has not come for a week:
            qanat vpn list office --json | jq -r '.[] | select((.lastHandshake // "") < (now - 604800 | todate)) | .name'

        """;

    /// <summary>Examples of <c>qanat vpn show --help</c>.</summary>
    public const string Show = """
        Examples:
          qanat vpn show office
          qanat vpn show office --json | jq -r .publicKey

        """;

    /// <summary>Examples of <c>qanat vpn graph --help</c>.</summary>
    public const string Graph = """
        Examples:
          qanat vpn graph office -o office.svg
          qanat vpn graph office | rsvg-convert > office.png

        """;
}
