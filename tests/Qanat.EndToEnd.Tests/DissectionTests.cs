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

    [Theory]
    [MemberData(nameof(Captures))]
    public void What_a_capture_cut_short_is_said_to_be_cut_where_tcpdump_says_so(string name)
    {
        var file = PcapFile.Read(Path.Combine(Folder, name));
        var cuts = (from frame in file.Frames
                    from kept in Enumerable.Range(14, 100)
                    where kept < frame.Bytes.Length
                    select (Frame: frame.Bytes, Kept: kept)).ToList();
        var path = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(path, Cut(file.LinkType, cuts));
            var theirs = _host.Do($"tcpdump -nS -tr {path} 2>/dev/null").TrimEnd('\n').Split('\n');
            var ours = cuts.Select(cut => PacketText.Describe(
                cut.Frame.Span[..cut.Kept], (CaptureLinkType)file.LinkType, originalLength: cut.Frame.Length)).ToArray();
            Assert.Equal(string.Join('\n', theirs.Select(Marks)), string.Join('\n', ours.Select(Marks)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    // How a line goes on to where the packet ends is told in many ways by tcpdump's protocols: of such a line the mark counts.
    private static string Marks(string line) => line.Contains("[|", StringComparison.Ordinal)
        ? $"cut{(line.Contains("truncated", StringComparison.Ordinal) ? ", and truncated" : "")}"
        : line;

    // A pcap file of frames of which so many bytes were kept.
    private static byte[] Cut(uint linkType, IEnumerable<(ReadOnlyMemory<byte> Frame, int Kept)> frames)
    {
        using var file = new MemoryStream();
        using var writer = new BinaryWriter(file);
        foreach (var word in (uint[])[0xA1B2C3D4, 0x0004_0002, 0, 0, 1 << 18, linkType])
            writer.Write(word);
        foreach (var (frame, kept) in frames)
        {
            foreach (var word in (int[])[0, 0, kept, frame.Length])
                writer.Write(word);
            writer.Write(frame.Span[..kept]);
        }

        return file.ToArray();
    }
}
