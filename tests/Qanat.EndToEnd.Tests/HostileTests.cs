using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests;

/// <summary>What B may throw at A without harm to A's daemon.</summary>
public sealed class HostileTests : IDisposable
{
    private const int Packets = 20_000;
    private readonly Experiment _experiment = new();
    private readonly TestNamespace _a, _b;

    public HostileTests() => (_a, _b) = (_experiment.A, _experiment.B);

    public void Dispose() => _experiment.Dispose();

    [Fact]
    public void Mutated_packets_are_counted_and_dropped_and_the_tunnel_goes_on()
    {
        var before = RxErrors();
        Storm(1, (random, valid) => Mutate(random, valid));
        Assert.True(RxErrors() > before + 100);
    }

    [Fact]
    public void Random_bytes_are_counted_and_dropped_and_the_tunnel_goes_on()
    {
        var before = RxErrors();
        Storm(2, (random, _) =>
        {
            var noise = new byte[random.Next(1480)];
            random.NextBytes(noise);
            return noise;
        });
        Assert.True(RxErrors() > before + 100);
    }

    [Fact]
    public void Truncated_packets_of_every_length_are_counted_and_dropped_and_the_tunnel_goes_on()
    {
        var before = RxErrors();
        Storm(3, (random, valid) => valid[..random.Next(valid.Length)]);
        Assert.True(RxErrors() > before + 100);
    }

    [Fact]
    public void Forged_ICMP_errors_about_packets_that_were_never_sent_do_not_harm() =>
        Storm(4, (random, valid) =>
        {
            // Type 3 or 11, any code, quoting an outer header of A's with something mutated inside.
            byte[] quoted = [0x45, 0, 0, 104, 0, 1, 0x40, 0, 64, 4, 0, 0, 10, 10, 50, 71, 10, 10, 50, 186, .. Mutate(random, valid)];
            var type = (byte)(random.Next(2) == 0 ? 3 : 11);
            byte[] error = [type, (byte)random.Next(16), 0, 0, .. BitConverter.GetBytes(random.Next()), .. quoted];
            BinaryPrimitives.WriteUInt16BigEndian(error.AsSpan(2), InternetChecksum(error));
            return error[..random.Next(8, error.Length + 1)];
        }, IPv4Fields.Icmp);

    [Fact]
    public void A_flood_of_pings_from_both_sides_is_survived()
    {
        var daemon = _a.Daemon();
        using var from = _b.Start($"ping -q -f -c 5000 -s 1400 {Experiment.InnerA}");
        _a.Run($"ping -q -f -c 5000 -s 1400 {Experiment.InnerB}", TimeSpan.FromMinutes(1));
        from.WaitForExit(TimeSpan.FromMinutes(1));
        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
        Assert.Equal(daemon, _a.Daemon());
    }

    // Sends what `make` makes of a valid inner packet, in protocol 4 unless told; A must neither end, nor grow, nor stop.
    private void Storm(int seed, Func<Random, byte[], byte[]> make, byte protocol = IPv4Fields.IPv4InIPv4)
    {
        var random = new Random(seed);
        var valid = EchoReply();
        var daemon = _a.Daemon();
        Assert.NotNull(daemon);

        using var socket = _b.Enter(() => new Socket(AddressFamily.InterNetwork, SocketType.Raw, ProtocolType.Raw));
        var target = new IPEndPoint(IPAddress.Parse(TwoHosts.AddressOfA), 0);
        Send(Packets / 4);
        var resident = HostExtensions.ResidentKiB(daemon.Value);
        Send(Packets * 3 / 4);

        Wait.Until(() => _a.Reaches(Experiment.InnerB), what: "traffic");
        Assert.Equal(daemon, _a.Daemon());
        Assert.InRange(HostExtensions.ResidentKiB(daemon.Value), 0, resident + (24 << 10));

        void Send(int count)
        {
            for (var n = 0; n < count; n++)
                socket.SendTo(Outer(protocol, (byte)random.Next(256), make(random, valid)), target);
        }
    }

    private long RxErrors() => _a.Tunnel("tun1").GetProperty("counters").GetProperty("rxErrors").GetInt64();

    // From B to A; the kernel fills in total length, identification and checksum (raw(7)).
    private static byte[] Outer(byte protocol, byte tos, byte[] payload) =>
        [0x45, tos, 0, 0, 0, 0, 0, 0, 64, protocol, 0, 0, 10, 10, 50, 186, 10, 10, 50, 71, .. payload];

    // Changes a few bytes, most of them in the header, where they matter.
    private static byte[] Mutate(Random random, byte[] valid)
    {
        var mutant = (byte[])valid.Clone();
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            var reach = random.Next(10) < 8 ? IPv4Fields.HeaderLengthWithoutOptions : mutant.Length;
            mutant[random.Next(reach)] = (byte)random.Next(256);
        }

        return mutant;
    }

    // An echo reply from B's end of the tunnel to A's, which A did not ask for.
    private static byte[] EchoReply()
    {
        byte[] packet = [0x45, 0, 0, 84, 0, 1, 0, 0, 64, 1, 0, 0, 192, 168, 1, 2, 192, 168, 1, 1, .. new byte[64]];
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(10), InternetChecksum(packet.AsSpan(0, 20)));
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(22), InternetChecksum(packet.AsSpan(20)));
        return packet;
    }

    private static ushort InternetChecksum(ReadOnlySpan<byte> bytes)
    {
        var sum = 0u;
        for (var at = 0; at < bytes.Length; at += 2)
            sum += (uint)(bytes[at] << 8 | (at + 1 < bytes.Length ? bytes[at + 1] : 0));
        while (sum > 0xFFFF)
            sum = (sum & 0xFFFF) + (sum >> 16);
        return (ushort)~sum;
    }
}
