using static Qanat.Linux.Interop.Netlink;

namespace Qanat.Linux.Netlink;

/// <summary>
/// How the kernel answered a request: an error number, and often a sentence (the extended ack). It looks into the socket's
/// receive buffer, so it is to be read before the next request.
/// </summary>
/// <remarks>Source: linux/netlink.h, struct nlmsgerr and enum nlmsgerr_attrs.</remarks>
public readonly ref struct NetlinkAck
{
    private readonly NetlinkAttributes _attributes;

    internal NetlinkAck(int error) => Error = error;

    private NetlinkAck(int error, NetlinkAttributes attributes)
    {
        Error = error;
        _attributes = attributes;
    }

    /// <summary>The error number, positive; 0 when the request succeeded.</summary>
    public int Error { get; }

    /// <summary>True when the request failed.</summary>
    public bool Failed => Error != 0;

    /// <summary>The kernel's own words, such as <c>Nexthop has invalid gateway</c>; null when it had none.</summary>
    public string? Detail
    {
        get
        {
            foreach (var attribute in _attributes)
                if (attribute.Type == NLMSGERR_ATTR_MSG)
                    return attribute.ReadText();
            return null;
        }
    }

    /// <summary>The failure as an exception.</summary>
    /// <param name="operation">What was being done, as a user would say it.</param>
    public LinuxException ToException(string operation) => new(operation, Error, Detail, NetlinkHints.For(Error));

    /// <summary>Reads the answer out of an NLMSG_ERROR, or out of the NLMSG_DONE at the end of a dump; never throws.</summary>
    public static NetlinkAck Parse(NetlinkMessage message)
    {
        int error;
        NetlinkAttributes attributes;
        if (message.Type == NLMSG_DONE)
        {
            if (!message.TryRead(out error, out attributes))
                return new(Errno.EBADMSG);
        }
        else
        {
            if (!message.TryRead(out nlmsgerr header, out attributes))
                return new(Errno.EBADMSG);
            error = header.error;

            // A kernel that does not know NETLINK_CAP_ACK repeats the whole refused request in front of the attributes.
            if (error != 0 && (message.Flags & NLM_F_CAPPED) == 0)
                attributes = new(message.Payload[(int)Math.Min(message.Payload.Length, sizeof(int) + (header.msg.nlmsg_len + 3L & ~3L))..]);
        }

        return new(error < 0 ? -Math.Max(error, -int.MaxValue) : 0, (message.Flags & NLM_F_ACK_TLVS) != 0 ? attributes : default);
    }
}
