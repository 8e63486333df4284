using System.Diagnostics.CodeAnalysis;
using Qanat.Linux.Netlink;
using static Qanat.Linux.Interop.Netlink;
using static Qanat.Linux.Interop.Xfrm;

namespace Qanat.Linux.Xfrm;

/// <summary>
/// Whether IPsec has policies for the packets that a network namespace sends, or those that it receives: whether a way that passes
/// them by (a packet socket, a BPF program) does what an IP socket would. It belongs to one thread at a time.
/// </summary>
/// <remarks>Policies of single sockets do not count. Asking allocates nothing. Source: net/xfrm/xfrm_user.c.</remarks>
public sealed class IpsecPolicies : IDisposable
{
    private readonly NetlinkSocket? _socket = NetlinkSocket.OpenIfSupported(NETLINK_XFRM);
    private readonly byte[] _request = new byte[64];

    /// <summary>True when there are policies for what is sent, or may be, since the kernel would not say.</summary>
    public bool AnyOutput() => Any(output: true);

    /// <summary>The same for what is received.</summary>
    public bool AnyInput() => Any(output: false);

    /// <inheritdoc/>
    public void Dispose() => _socket?.Dispose();

    private bool Any(bool output) => _socket is not null && (AnyPolicy(_socket, output) || BlocksByDefault(_socket, output));

    private bool AnyPolicy(NetlinkSocket socket, bool output)
    {
        var request = new NetlinkWriter(_request, XFRM_MSG_GETSPDINFO);
        request.Append(0u);
        return !socket.TryGet<PolicyVerdict>(request, out var verdict, out _) || verdict.Holds(output);
    }

    // Kernels before 5.15 have no default, and say EINVAL.
    private bool BlocksByDefault(NetlinkSocket socket, bool output)
    {
        var request = new NetlinkWriter(_request, XFRM_MSG_GETDEFAULT);
        request.Append(default(xfrm_userpolicy_default));
        return socket.TryGet<PolicyVerdict>(request, out var verdict, out var ack)
            ? verdict.Holds(output)
            : ack.Error != Errno.EINVAL;
    }
}

/// <summary>What an answer about policies means: which packets are compared with policies, or blocked.</summary>
internal sealed class PolicyVerdict : INetlinkParsable<PolicyVerdict>
{
    private static readonly PolicyVerdict[] s_all = [new(false, false), new(false, true), new(true, false), new(true, true)];
    private readonly bool _sent, _received;

    private PolicyVerdict(bool sent, bool received) => (_sent, _received) = (sent, received);

    /// <summary>The one that says so.</summary>
    public static PolicyVerdict Of(bool sent, bool received) => s_all[(sent ? 2 : 0) + (received ? 1 : 0)];

    /// <summary>Whether it holds for what is sent, or for what is received.</summary>
    public bool Holds(bool output) => output ? _sent : _received;

    /// <summary>Reads a XFRM_MSG_NEWSPDINFO (how many policies) or XFRM_MSG_GETDEFAULT (what happens without one).</summary>
    public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out PolicyVerdict? value)
    {
        value = message.Type switch
        {
            XFRM_MSG_NEWSPDINFO when message.TryRead(out uint _, out var attributes) => OfCounts(attributes),
            XFRM_MSG_GETDEFAULT when message.TryRead(out xfrm_userpolicy_default policy, out _) =>
                Of(sent: policy.@out == XFRM_USERPOLICY_BLOCK, received: policy.@in == XFRM_USERPOLICY_BLOCK),
            _ => null,
        };
        return value is not null;
    }

    private static unsafe PolicyVerdict? OfCounts(NetlinkAttributes attributes)
    {
        foreach (var attribute in attributes)
            if (attribute.Type == XFRMA_SPD_INFO && attribute.Value.Length >= sizeof(xfrmu_spdinfo))
                return attribute.Read<xfrmu_spdinfo>() is var counts ? Of(counts.outcnt > 0, counts.incnt > 0) : null;
        return null;
    }
}
