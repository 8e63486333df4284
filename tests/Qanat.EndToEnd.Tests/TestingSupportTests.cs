using System.Buffers.Binary;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>The tools that the other tests trust.</summary>
public class TestingSupportTests
{
    [Fact]
    public void A_command_gives_both_outputs_and_its_exit_code()
    {
        using var host = new TestNamespace();
        var result = host.Run("echo out; echo err >&2; exit 3");
        Assert.Equal(("out\n", "err\n", 3), (result.Output, result.Error, result.ExitCode));
        var failure = Assert.Throws<InvalidOperationException>(() => host.Do("echo err >&2; exit 3"));
        Assert.Contains("err", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_command_that_outlives_its_limit_is_killed_with_its_children()
    {
        using var host = new TestNamespace();
        Assert.Throws<TimeoutException>(() => host.Run("sleep 1000 & sleep 1000; wait", TimeSpan.FromMilliseconds(300)));
        Wait.Until(() => host.Processes.Count == 0, what: "an empty namespace");
    }

    [Fact]
    public void A_disposed_namespace_is_gone_with_its_processes()
    {
        var host = new TestNamespace();
        var sleeper = host.Start("exec sleep 1000");
        Wait.Until(() => host.Processes.Contains(sleeper.Pid), what: "the process");
        host.Dispose();
        Assert.False(host.Exists);
        Assert.False(Directory.Exists(host.RunDirectory));
        Assert.Equal(137, sleeper.WaitForExit().ExitCode);
    }

    [Fact]
    public void Two_hosts_reach_each_other_and_a_capture_sees_it()
    {
        using var hosts = new TwoHosts();
        using var capture = new Capture(hosts.B, "eth0", "icmp");
        hosts.A.Do($"ping -c 2 -i 0.2 -W 10 {TwoHosts.AddressOfB}");
        Assert.Equal(4, capture.WaitFor(4).Count);
        Assert.All(capture.SoFar.Packets, packet => Assert.Equal(84, packet.Length));
    }

    [Theory]
    [InlineData(false, 0xA1B2C3D4u, 5000)]
    [InlineData(true, 0xA1B2C3D4u, 5000)]
    [InlineData(false, 0xA1B23C4Du, 5)]
    [InlineData(true, 0xA1B23C4Du, 5)]
    public void Captures_of_either_byte_order_and_resolution_are_read(bool bigEndian, uint magic, long nanoseconds)
    {
        byte[] packet = [0x45, 0, 0, 20, .. new byte[16]];
        var words = new uint[] { magic, 0, 0, 0, 65535, 101, 7, 5, 20, 20 };
        var file = new byte[40 + packet.Length];
        for (var i = 0; i < words.Length; i++)
        {
            var word = bigEndian ? BinaryPrimitives.ReverseEndianness(words[i]) : words[i];
            BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan(i * 4), word);
        }

        packet.CopyTo(file, 40);
        var frame = Assert.Single(PcapFile.Parse(file).Frames);
        Assert.Equal(packet, frame.Packet.ToArray());
        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(7).AddTicks(nanoseconds / 100), frame.Time);
        Assert.Throws<InvalidDataException>(() => PcapFile.Parse(file.AsMemory(0, 59)));
        Assert.Empty(PcapFile.Parse(file.AsMemory(0, 59), growing: true).Frames);
    }

    [Fact]
    public void Every_golden_capture_is_read_whole()
    {
        Assert.Equal(86, Golden.Names.Count());
        Assert.All(
            Golden.Names.SelectMany(name => Golden.Load(name).Frames),
            frame => Assert.Equal(frame.OriginalLength, frame.Bytes.Length));
    }
}
