using static Qanat.Linux.Interop.Rtnetlink;

namespace Qanat.Linux.Netlink;

/// <content>Deleting many devices.</content>
public sealed partial class Links
{
    // A group is a free number that administrators give, and this is nobody's, it is to be hoped.
    private const uint DoomedGroup = 0x51616E61;

    /// <summary>
    /// Deletes devices in about the time of one: for each that is deleted the kernel waits until nobody looks at it any more, for
    /// a whole group it waits once. Those that are not there are left out.
    /// </summary>
    /// <exception cref="LinuxException">EOPNOTSUPP: one of them, such as <c>lo</c>, cannot be deleted; none was.</exception>
    public void DeleteTogether(IReadOnlyCollection<int> indices)
    {
        ArgumentNullException.ThrowIfNull(indices);
        var gone = 0;
        _socket.RequestAll(indices, Condemn, index => $"set the group of link {Named(index)}", (_, fault) =>
        {
            gone++;
            if (fault.Error != Errno.ENODEV)
                throw fault;
        });
        if (gone == indices.Count)
            return;
        var request = new NetlinkWriter(stackalloc byte[MessageLength], RTM_DELLINK);
        request.Append(new ifinfomsg());
        request.Add(IFLA_GROUP, DoomedGroup);
        _socket.Request(request, $"delete {indices.Count - gone} links");
    }

    private static NetlinkWriter Condemn(int index, Span<byte> buffer)
    {
        var request = Change(buffer, index);
        request.Add(IFLA_GROUP, DoomedGroup);
        return request;
    }
}
