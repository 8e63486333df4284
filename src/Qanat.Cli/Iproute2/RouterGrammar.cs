using System.Net.Sockets;

namespace Qanat.Cli.Iproute2;

/// <summary>
/// The words after <c>tunnel prl</c> (the potential routers of ISATAP, RFC 5214) and <c>tunnel 6rd</c> (RFC 5969). Both are
/// about sit devices, which are not carried yet, so the values are checked, and let go.
/// </summary>
internal static class RouterGrammar
{
    /// <summary>Reads the words after <c>prl</c>.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public static void CheckPrl(Words words)
    {
        var (entries, dev) = (0, false);
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "prl-default" or "prl-nodefault" or "prl-delete":
                    Addresses.ParseIPv4(words.Value());
                    entries++;
                    break;
                case "dev":
                    TunnelGrammar.CheckName("dev", words.Value());
                    dev = true;
                    break;
                default:
                    throw CommandFailure.Nonsense($"Invalid PRL parameter \"{words.Current}\"");
            }
            if (entries > 1)
                throw CommandFailure.Nonsense("One PRL entry at a time");
        }
        CheckDevice(dev);
    }

    /// <summary>Reads the words after <c>6rd</c>.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public static void Check6rd(Words words)
    {
        var dev = false;
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "6rd-prefix":
                    Addresses.CheckPrefix(words.Value(), AddressFamily.InterNetworkV6);
                    break;
                case "6rd-relay_prefix":
                    Addresses.CheckPrefix(words.Value(), AddressFamily.InterNetwork);
                    break;
                case "6rd-reset":
                    break;
                case "dev":
                    TunnelGrammar.CheckName("dev", words.Value());
                    dev = true;
                    break;
                default:
                    throw CommandFailure.Nonsense($"Invalid 6RD parameter \"{words.Current}\"");
            }
        }
        CheckDevice(dev);
    }

    private static void CheckDevice(bool given)
    {
        if (!given)
            throw CommandFailure.Nonsense("Must specify device");
    }
}
