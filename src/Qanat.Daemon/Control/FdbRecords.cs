using System.Globalization;
using Qanat.Daemon.Api;
using Qanat.Daemon.Devices;
using Qanat.Linux;
using Qanat.Packets;
using Qanat.Tunnels;

namespace Qanat.Daemon.Control;

/// <summary>Entries of a forwarding table in users' words, to the data plane's and back.</summary>
internal static class FdbRecords
{
    private const uint VniLimit = 1 << 24;

    /// <summary>Reads an entry.</summary>
    /// <exception cref="LinuxException">EINVAL: it makes no sense. ENODEV: no such device.</exception>
    public static FdbRecord Parse(string operation, FdbEntry entry, ITunnelDevices devices)
    {
        var state = State(operation, entry.State);
        if (!IpAddress.TryParse(entry.Dst, out _))
            throw new LinuxException(operation, Errno.EINVAL, $"dst: an address is expected rather than \"{entry.Dst}\"");
        var destination = Destination(operation, entry.Dst, entry.Port, entry.Vni, entry.Via, devices);
        return new(Mac(operation, entry.Mac), destination!.Value, state, entry.Sticky, entry.ExternLearn);
    }

    /// <summary>Reads an Ethernet address: six hexadecimal numbers of a byte with colons.</summary>
    /// <exception cref="LinuxException">EINVAL: it is none.</exception>
    public static MacAddress Mac(string operation, string text)
    {
        var value = 0UL;
        var parts = text.Split(':');
        foreach (var part in parts)
        {
            if (!byte.TryParse(part, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet) || part.Length > 2)
                throw Bad();
            value = value << 8 | octet;
        }
        return parts.Length == MacAddress.Size ? new(value) : throw Bad();

        LinuxException Bad() => new(operation, Errno.EINVAL, $"mac: an Ethernet address is expected rather than \"{text}\"");
    }

    /// <summary>Reads a destination; null when there is no address, and all of them are meant.</summary>
    /// <exception cref="LinuxException">EINVAL: it makes no sense. ENODEV: no such device.</exception>
    public static FdbDestination? Destination(
        string operation, string? dst, int? port, uint? vni, string? via, ITunnelDevices devices)
    {
        if (string.IsNullOrEmpty(dst))
            return null;
        if (!IpAddress.TryParse(dst, out var address))
            throw new LinuxException(operation, Errno.EINVAL, $"dst: an address is expected rather than \"{dst}\"");
        if (port is < 0 or > ushort.MaxValue)
            throw new LinuxException(operation, Errno.EINVAL, $"port: 0 to 65535 is expected rather than {port}");
        if (vni >= VniLimit)
            throw new LinuxException(operation, Errno.EINVAL, $"vni: a number of 24 bits is expected rather than {vni}");
        var link = string.IsNullOrEmpty(via) ? 0
            : devices.Find(via)?.Index ?? throw new LinuxException(operation, Errno.ENODEV, $"cannot find device \"{via}\"");
        return new(address, (ushort)(port ?? 0), vni, link);
    }

    /// <summary>Reads a filter: whether it takes an entry of a table.</summary>
    /// <param name="operation">What it is for.</param>
    /// <param name="filter">The filter.</param>
    /// <param name="vxlan">What the tunnel has, and an entry where it says nothing else.</param>
    /// <exception cref="LinuxException">EINVAL: it makes no sense.</exception>
    public static Func<FdbRecord, bool> Selector(string operation, FdbFilter filter, VxlanParameters vxlan)
    {
        FdbState[]? states = filter.States is null ? null : [.. filter.States.Select(word => State(operation, word))];
        IpAddress? address = filter.Dst is null ? null
            : IpAddress.TryParse(filter.Dst, out var dst) ? dst
            : throw new LinuxException(operation, Errno.EINVAL, $"dst: an address is expected rather than \"{filter.Dst}\"");
        return record =>
            states?.Contains(record.State) != false &&
            (filter.ExternLearn ?? record.ExternLearn) == record.ExternLearn &&
            (filter.Sticky ?? record.Sticky) == record.Sticky &&
            (address ?? record.Destination.Address) == record.Destination.Address &&
            (filter.Port is null || filter.Port == (record.Destination.Port == 0 ? vxlan.Port : record.Destination.Port)) &&
            (filter.Vni is null || filter.Vni == (record.Destination.Vni ?? vxlan.Id));
    }

    /// <summary>Describes an entry.</summary>
    public static FdbEntry Describe(FdbRecord record, ITunnelDevices devices) => new()
    {
        Mac = record.Address.ToString(),
        Dst = record.Destination.Address.ToString(),
        Port = record.Destination.Port == 0 ? null : record.Destination.Port,
        Vni = record.Destination.Vni,
        Via = record.Destination.Link == 0 ? null : devices.Find(record.Destination.Link)?.Name ?? $"if{record.Destination.Link}",
        State = record.State switch
        {
            FdbState.Permanent => "permanent",
            FdbState.Static => "static",
            _ => "dynamic",
        },
        Sticky = record.Sticky,
        ExternLearn = record.ExternLearn,
        Used = (long)record.Used.TotalSeconds,
        Updated = (long)record.Updated.TotalSeconds,
    };

    private static FdbState State(string operation, string word) => word switch
    {
        "permanent" => FdbState.Permanent,
        "static" => FdbState.Static,
        "dynamic" => FdbState.Dynamic,
        _ => throw new LinuxException(operation, Errno.EINVAL, $"state: permanent, static or dynamic is expected rather than \"{word}\""),
    };
}
