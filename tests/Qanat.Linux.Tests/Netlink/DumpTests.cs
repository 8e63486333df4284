using System.Diagnostics.CodeAnalysis;
using Qanat.Linux.Namespaces;
using Qanat.Linux.Netlink;
using Qanat.Testing;
using static Qanat.Linux.Tests.Netlink.Parsing;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>A table that changes while it is read, which the kernel marks with NLM_F_DUMP_INTR.</summary>
public sealed class DumpTests : IDisposable
{
    // So many do not fit into the first two datagrams, which the kernel fills before the first is looked at.
    private const int Count = 1500;
    private const ushort RTM_GETADDR = 22;

    private readonly TestNamespace _host = new();
    private readonly NetworkNamespace _namespace;
    private readonly RouteNetlink _netlink;
    private readonly NetlinkSocket _socket;

    public DumpTests()
    {
        _namespace = _host.Open();
        _netlink = RouteNetlink.In(_namespace);
        _socket = _namespace.Run(() => new NetlinkSocket());
        for (var i = 0; i < Count; i++)
            _netlink.Addresses.Add(Numbered(i));
    }

    public void Dispose()
    {
        _socket.Dispose();
        _netlink.Dispose();
        _namespace.Dispose();
        _host.Dispose();
    }

    [Fact]
    public void A_table_that_changes_once_is_read_again()
    {
        Meddled.Reads = 0;
        Meddled.Meddle = () =>
        {
            _netlink.Addresses.Delete(Numbered(0));
            Meddled.Meddle = null;
        };
        var read = Dump();
        Assert.Equal(Count - 1, Ours(read).Distinct().Count());
        Assert.True(Meddled.Reads > read.Count, "The table was read once only.");
    }

    [Fact]
    public void A_table_that_changes_each_time_is_an_error_and_the_socket_is_still_good()
    {
        var next = 0;
        Meddled.Meddle = () => _netlink.Addresses.Delete(Numbered(next++));
        Assert.Equal(Errno.EINTR, Assert.Throws<LinuxException>(Dump).Error);
        Meddled.Meddle = null;
        Assert.True(next > 1);
        Assert.Equal(Count - next, Ours(Dump()).Count());
    }

    private static IEnumerable<string> Ours(List<Meddled> addresses) =>
        addresses.Select(address => address.Text).Where(text => text.StartsWith("10.", StringComparison.Ordinal));

    private List<Meddled> Dump()
    {
        Meddled.First = null;
        var request = new NetlinkWriter(new byte[64], RTM_GETADDR);
        request.Append(0UL);
        return _socket.Dump<Meddled>(request, "list addresses");
    }

    private static InterfaceAddress Numbered(int number) => new()
    {
        InterfaceIndex = 1,
        Address = Ip($"10.0.{number / 250}.{1 + number % 250}"),
        PrefixLength = 32,
    };

    /// <summary>An address whose table changes when the first of them is read.</summary>
    private sealed class Meddled : INetlinkParsable<Meddled>
    {
        public static Action? Meddle { get; set; }

        public static string? First { get; set; }

        public static int Reads { get; set; }

        public required string Text { get; init; }

        public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out Meddled? value)
        {
            value = InterfaceAddress.TryParse(message, out var address) ? new() { Text = address.Address.ToString() } : null;
            Reads++;
            First ??= value?.Text;
            if (value?.Text == First)
                Meddle?.Invoke();
            return value is not null;
        }
    }
}
