using Qanat.Packets;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>Packets are described in tcpdump's words: both are given the recorded captures.</summary>
public sealed class DissectionTests : IDisposable
{
    private static readonly string Folder = Repository.PathOf("tests/golden");
    private readonly TestNamespace _host = new();

    public void Dispose() => _host.Dispose();

    // tcpdump gives a VXLAN packet two lines, takes L2TPv3 over UDP for an unknown version of L2TP, and cuts the quote of an
    // ICMPv6 error that is not cut. We describe these packets otherwise.
    private static readonly string[] s_quirks = ["vxlan.pcap", "vxlan-v6-udpcsum.pcap", "l2tp-udp.pcap", "ip6ip6-unreachable.pcap"];

    public static TheoryData<string> Captures =>
        new(Directory.GetFiles(Folder, "*.pcap", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(Folder, file))
            .Except(s_quirks).Order());

    [Theory]
    [MemberData(nameof(Captures))]
    public void Every_recorded_packet_is_described_as_tcpdump_describes_it(string name)
    {
        var path = Path.Combine(Folder, name);
        var theirs = _host.Do($"tcpdump -nS -tr {path} 2>/dev/null").TrimEnd('\n').Split('\n');
        var file = PcapFile.Read(path);
        var ours = file.Frames.Select(frame => PacketText.Describe(frame.Bytes.Span, (CaptureLinkType)file.LinkType));
        Assert.Equal(string.Join('\n', theirs), string.Join('\n', ours));
    }
}
