using Qanat.Daemon.Api;
using Qanat.Linux.Netlink;

namespace Qanat.Cli.Iproute2.Links;

/// <summary>Which tunnels <c>link show</c> is asked for.</summary>
internal sealed class LinkFilter
{
    /// <summary>The one of this name.</summary>
    public string? Name { get; private set; }

    /// <summary>Those of a type.</summary>
    public string? Type { get; private set; }

    /// <summary>Those whose device is on.</summary>
    public bool Up { get; private set; }

    /// <summary>Reads the words after <c>show</c>.</summary>
    /// <exception cref="CommandFailure">They make no sense, or are for <c>ip link</c>, or <c>help</c> is one of them.</exception>
    public static LinkFilter Parse(Words words)
    {
        var filter = new LinkFilter();
        while (words.MoveNext())
        {
            switch (words.Current)
            {
                case "up":
                    filter.Up = true;
                    break;
                case "type":
                    filter.Type = words.Value();
                    break;
                case "master" or "vrf" or "group" or "nomaster":
                    throw CommandFailure.Refusal($"qanat link has no \"{words.Current}\": use ip link show, which shows its devices too.");
                case "dev":
                    filter.SetName(words.Value());
                    break;
                case "help":
                    throw LinkUsage.Link();
                default:
                    filter.SetName(words.Current);
                    break;
            }
        }
        return filter;
    }

    /// <summary>True for a tunnel that is asked for.</summary>
    public bool Selects((TunnelReport Tunnel, Link Device) link) =>
        (!Up || link.Device.IsUp) && (Type is null || LinkKind.Of(link.Tunnel.Spec).Type == Type);

    private void SetName(string name) => Name = Name is null ? name : throw CommandFailure.Garbage("dev", name);
}
