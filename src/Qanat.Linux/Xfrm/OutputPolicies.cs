using System.Diagnostics.CodeAnalysis;
using Qanat.Linux.Netlink;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Xfrm;

namespace Qanat.Linux.Xfrm;

/// <summary>
/// Whether IPsec has policies for the packets that a network namespace sends: whether a packet socket, which passes them by,
/// sends what an IP socket would. It belongs to one thread at a time.
/// </summary>
/// <remarks>Policies of single sockets do not count. Asking allocates nothing. Source: net/xfrm/xfrm_user.c.</remarks>
public sealed class OutputPolicies : IDisposable
{
    private readonly NetlinkSocket? _socket = NetlinkSocket.OpenIfSupported(NETLINK_XFRM);
    private readonly byte[] _request = new byte[64];

    /// <summary>True when there are policies, or may be, since the kernel would not say.</summary>
    public bool Any() => _socket is not null && (AnyPolicy(_socket) || BlocksByDefault(_socket));

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private bool AnyPolicy(NetlinkSocket socket)
    {
        var request = new NetlinkWriter(_request, XFRM_MSG_GETSPDINFO);
        request.Append(0u);
        return !socket.TryGet<OutputVerdict>(request, out var verdict, out _) || verdict == OutputVerdict.Inspected;
    }

    // Kernels before 5.15 have no default, and say EINVAL.
    private bool BlocksByDefault(NetlinkSocket socket)
    {
        var request = new NetlinkWriter(_request, XFRM_MSG_GETDEFAULT);
        request.Append(default(xfrm_userpolicy_default));
        return socket.TryGet<OutputVerdict>(request, out var verdict, out var ack)
            ? verdict == OutputVerdict.Inspected
            : ack.Error != Errno.EINVAL;
    }
}

/// <summary>What an answer about policies means for packets that are sent.</summary>
internal sealed class OutputVerdict : INetlinkParsable<OutputVerdict>
{
    private OutputVerdict()
    {
    }

    /// <summary>They leave as they are.</summary>
    public static OutputVerdict Untouched { get; } = new();

    /// <summary>They are compared with policies, or blocked.</summary>
    public static OutputVerdict Inspected { get; } = new();

    /// <summary>Reads a XFRM_MSG_NEWSPDINFO (how many policies) or XFRM_MSG_GETDEFAULT (what happens without one).</summary>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out OutputVerdict? value)
    {
        value = message.Type switch
        {
            XFRM_MSG_NEWSPDINFO when message.TryRead(out uint _, out var attributes) => OfCounts(attributes),
            XFRM_MSG_GETDEFAULT when message.TryRead(out xfrm_userpolicy_default policy, out _) =>
                policy.@out == XFRM_USERPOLICY_BLOCK ? Inspected : Untouched,
            _ => null,
        };
        return value is not null;
    }

    private static unsafe OutputVerdict? OfCounts(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
            if (attribute.Type == XFRMA_SPD_INFO && attribute.Value.Length >= sizeof(xfrmu_spdinfo))
                return attribute.Read<xfrmu_spdinfo>().outcnt > 0 ? Inspected : Untouched;
        return null;
    }
}
