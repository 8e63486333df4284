using Qanat.Daemon.Api;

namespace Qanat.Cli.Iproute2;

/// <summary>What is done about a sit device's routers and prefixes, by the kernel's numbers (linux/if_tunnel.h).</summary>
internal enum SitIoctl
{
    /// <summary>No word said what to do.</summary>
    None = 0,
    SIOCADDPRL = 0x89F5,
    SIOCDELPRL = 0x89F6,
    SIOCADD6RD = 0x89F9,
    SIOCDEL6RD = 0x89FA,
}

/// <summary>What the words after <c>prl</c> say.</summary>
/// <param name="Ioctl">What to do.</param>
/// <param name="Device">The tunnel.</param>
/// <param name="Router">The potential router.</param>
internal readonly record struct PrlRequest(SitIoctl Ioctl, string Device, RouterSpec Router);

/// <summary>What the words after <c>6rd</c> say.</summary>
/// <param name="Ioctl">What to do.</param>
/// <param name="Device">The tunnel.</param>
/// <param name="Prefixes">The prefixes.</param>
internal readonly record struct SixRdRequest(SitIoctl Ioctl, string Device, SixRdSpec Prefixes);

/// <summary>
/// The words after <c>tunnel prl</c> (the potential routers of ISATAP, RFC 5214) and <c>tunnel 6rd</c> (RFC 5969).
/// </summary>
internal static class RouterGrammar
{
    /// <summary>Reads the words after <c>prl</c>.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public static PrlRequest ParsePrl(Words words)
    {
        var request = new PrlRequest(SitIoctl.None, "", new() { Address = "any" });
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "prl-default" or "prl-nodefault" or "prl-delete" when request.Ioctl != SitIoctl.None:
                    Addresses.ParseIPv4(words.Value());
                    throw CommandFailure.Nonsense("One PRL entry at a time");
                case "prl-default":
                    request = request with { Ioctl = SitIoctl.SIOCADDPRL, Router = ParseRouter(words, isDefault: true) };
                    break;
                case "prl-nodefault":
                    request = request with { Ioctl = SitIoctl.SIOCADDPRL, Router = ParseRouter(words) };
                    break;
                case "prl-delete":
                    request = request with { Ioctl = SitIoctl.SIOCDELPRL, Router = ParseRouter(words) };
                    break;
                case "dev":
                    request = request with { Device = ParseDevice(words) };
                    break;
                default:
                    throw CommandFailure.Nonsense($"Invalid PRL parameter \"{words.Current}\"");
            }
        }
        return request.Device.Length > 0 ? request : throw CommandFailure.Nonsense("Must specify device");
    }

    /// <summary>Reads the words after <c>6rd</c>. The last of them decides what is done.</summary>
    /// <exception cref="CommandFailure">They make no sense.</exception>
    public static SixRdRequest Parse6rd(Words words)
    {
        var (ioctl, device, prefix, relayPrefix) = (SitIoctl.None, "", "::/0", "0.0.0.0/0");
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "6rd-prefix":
                    (ioctl, prefix) = (SitIoctl.SIOCADD6RD, Addresses.ParseIPv6Prefix(words.Value()));
                    break;
                case "6rd-relay_prefix":
                    (ioctl, relayPrefix) = (SitIoctl.SIOCADD6RD, Addresses.ParseIPv4Prefix(words.Value()));
                    break;
                case "6rd-reset":
                    ioctl = SitIoctl.SIOCDEL6RD;
                    break;
                case "dev":
                    device = ParseDevice(words);
                    break;
                default:
                    throw CommandFailure.Nonsense($"Invalid 6RD parameter \"{words.Current}\"");
            }
        }
        return device.Length > 0
            ? new(ioctl, device, new() { Prefix = prefix, RelayPrefix = relayPrefix })
            : throw CommandFailure.Nonsense("Must specify device");
    }

    private static RouterSpec ParseRouter(Words words, bool isDefault = false)
    {
        var address = Addresses.ParseIPv4(words.Value());
        return new() { Address = address.IsAny ? "any" : address.ToString(), Default = isDefault };
    }

    private static string ParseDevice(Words words)
    {
        TunnelGrammar.CheckName("dev", words.Value());
        return words.Current;
    }
}
