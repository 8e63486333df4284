namespace Qanat.Cli.Commands.Help;

/// <summary>Examples of the commands for WireGuard interfaces that files describe.</summary>
internal static class UpHelp
{
    /// <summary>Examples of <c>qanat up --help</c>.</summary>
    public const string UpExamples = """
        The file is one of wg-quick: NAME stands for /etc/wireguard/NAME.conf, or else /etc/qanat/NAME.conf.

        Examples:
          qanat up wg0
          qanat up ./office.conf
          Nothing may leave but through the tunnel, even when its process is killed, until qanat down:
            qanat up --kill-switch wg0
          Safe from whoever records it and has a quantum computer later, when the other end is Qanat and is asked for it too:
            qanat up --post-quantum wg0
          As a service, and in another network namespace:
            qanat up --foreground wg0
            qanat -n blue up wg0

        """;

    /// <summary>Examples of <c>qanat down --help</c>.</summary>
    public const string DownExamples = """
        Examples:
          qanat down wg0
          qanat down ./office.conf

        """;

    /// <summary>Examples of <c>qanat reload --help</c>.</summary>
    public const string ReloadExamples = """
        Examples:
          Read the file of wg0 anew; peers that stay keep their sessions:
            qanat reload wg0
          From another file, which is wg0's from then on:
            qanat reload /root/new/wg0.conf

        """;
}
