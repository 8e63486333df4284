using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

public sealed partial record Rule
{
    private const int Unsuppressed = -1;

    /// <inheritdoc/>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out Rule? value)
    {
        value = null;
        if (message.Type is not (RTM_NEWRULE or RTM_DELRULE) || !message.TryRead(out fib_rule_hdr header, out var attributes))
            return false;
        var family = KernelFamily.From(header.family);
        if (family == AddressFamily.Unspecified)
            return false;

        // What the kernel leaves out is 0, and for a mask all ones.
        var rule = new Rule
        {
            Family = family,
            Priority = 0,
            Invert = (header.flags & FIB_RULE_INVERT) != 0,
            Tos = header.tos,
            Action = (RuleAction)header.action,
            Table = (RouteTableId)header.table,
        };
        IPAddress? source = null, destination = null;
        uint? mark = null, mask = null;
        foreach (var attribute in attributes)
        {
            switch (attribute.Type)
            {
                case FRA_SRC: source = attribute.ReadAddress(); break;
                case FRA_DST: destination = attribute.ReadAddress(); break;
                case FRA_FWMARK: mark = attribute.Read<uint>(); break;
                case FRA_FWMASK: mask = attribute.Read<uint>(); break;
                default: rule = rule.With(attribute); break;
            }
        }

        if (!TryNetwork(source, header.src_len, family, out var from) || !TryNetwork(destination, header.dst_len, family, out var to))
            return false;
        value = rule with
        {
            From = from,
            To = to,
            Mark = mark is null && mask is null ? null : new(mark ?? 0, mask ?? uint.MaxValue),
        };
        return true;
    }

    /// <summary>Writes what the rule says, to add or to delete it.</summary>
    internal void Write(ref NetlinkWriter request)
    {
        request.Append(new fib_rule_hdr
        {
            family = KernelFamily.Of(Family),
            src_len = PrefixLength(From),
            dst_len = PrefixLength(To),
            tos = Tos,
            action = (byte)Action,
            flags = Invert ? FIB_RULE_INVERT : 0,
        });
        if (Action == RuleAction.Lookup)
            request.Add(FRA_TABLE, (uint)Table);
        if (From is { PrefixLength: > 0 } from)
            request.Add(FRA_SRC, from.BaseAddress);
        if (To is { PrefixLength: > 0 } to)
            request.Add(FRA_DST, to.BaseAddress);
        AddIf(ref request, FRA_PRIORITY, Priority);
        AddIf(ref request, FRA_FWMARK, Mark?.Value);
        AddIf(ref request, FRA_FWMASK, Mark?.Mask);
        if (InputInterface is not null)
            request.Add(FRA_IIFNAME, InputInterface);
        if (OutputInterface is not null)
            request.Add(FRA_OIFNAME, OutputInterface);
        if (IpProtocol != 0)
            request.Add(FRA_IP_PROTO, IpProtocol);
        AddIf(ref request, FRA_SPORT_RANGE, SourcePorts);
        AddIf(ref request, FRA_DPORT_RANGE, DestinationPorts);
        AddIf(ref request, FRA_UID_RANGE, Users);
        if (L3MasterDevice)
            request.Add(FRA_L3MDEV, (byte)1);
        if (Action == RuleAction.Goto)
            request.Add(FRA_GOTO, Target);
        AddIf(ref request, FRA_SUPPRESS_PREFIXLEN, SuppressPrefixLength);
        AddIf(ref request, FRA_SUPPRESS_IFGROUP, SuppressGroup);
        if (Protocol != RouteProtocol.Unspecified)
            request.Add(FRA_PROTOCOL, Protocol);
    }

    private Rule With(NetlinkAttribute attribute) => attribute.Type switch
    {
        FRA_PRIORITY => this with { Priority = attribute.Read<uint>() },
        FRA_TABLE => this with { Table = (RouteTableId)attribute.Read<uint>() },
        FRA_GOTO => this with { Target = attribute.Read<uint>() },
        FRA_IIFNAME => this with { InputInterface = attribute.ReadText() },
        FRA_OIFNAME => this with { OutputInterface = attribute.ReadText() },
        FRA_IP_PROTO => this with { IpProtocol = attribute.Read<byte>() },
        FRA_SPORT_RANGE => this with { SourcePorts = attribute.Read<PortRange>() },
        FRA_DPORT_RANGE => this with { DestinationPorts = attribute.Read<PortRange>() },
        FRA_UID_RANGE => this with { Users = attribute.Read<UserRange>() },
        FRA_L3MDEV => this with { L3MasterDevice = attribute.Read<byte>() != 0 },
        FRA_SUPPRESS_PREFIXLEN => this with { SuppressPrefixLength = Suppressed(attribute.Read<int>()) },
        FRA_SUPPRESS_IFGROUP => this with { SuppressGroup = Suppressed(attribute.Read<int>()) },
        FRA_PROTOCOL => this with { Protocol = (RouteProtocol)attribute.Read<byte>() },
        _ => this,
    };

    private static int? Suppressed(int value) => value == Unsuppressed ? null : value;

    private static byte PrefixLength(IPNetwork? network) => (byte)(network?.PrefixLength ?? 0);

    // A prefix of no bits comes without an address.
    private static bool TryNetwork(IPAddress? address, byte length, AddressFamily family, out IPNetwork? network)
    {
        network = null;
        if (length == 0)
            return true;
        if (address?.AddressFamily != family || length > 8 * KernelFamily.AddressLength(family))
            return false;
        network = KernelFamily.NetworkOf(address, length);
        return true;
    }

    private static void AddIf<T>(ref NetlinkWriter request, ushort type, T? value) where T : unmanaged
    {
        if (value is not null)
            request.Add(type, value.Value);
    }
}
