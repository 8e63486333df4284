using System.Net;
using System.Runtime.InteropServices;
using System.Text.Json;
using Qanat.Linux.Devices;
using Qanat.Linux.Events;
using Qanat.Linux.Privileges;
using Qanat.Packets;
using Qanat.Testing;

namespace Qanat.Linux.Tests;

/// <summary>Moves every batch that one port receives to another, on a worker: the whole of a patch cable.</summary>
internal sealed class Cable(IPort from, IPort to) : IEventHandler, IDisposable
{
    private readonly PacketBatch _batch = new();

    /// <summary>Packets that have passed.</summary>
    public long Packets { get; private set; }

    /// <summary>The longest of them, in bytes.</summary>
    public int Longest { get; private set; }

    /// <summary>Packets that were super-packets.</summary>
    public long SuperPackets { get; private set; }

    /// <summary>What ended it.</summary>
    public Exception? Fault { get; private set; }

    public void OnReady(Readiness ready)
    {
        from.Receive(_batch);
        for (var i = 0; i < _batch.Count; i++)
        {
            Packets++;
            Longest = Math.Max(Longest, _batch[i].Length);
            SuperPackets += _batch[i].Gso != GsoType.None ? 1 : 0;
        }

        to.Send(_batch);
        _batch.Clear();
    }

    public void OnFault(Exception fault) => Fault = fault;

    public void Dispose() => _batch.Dispose();
}

/// <summary>Two hosts that have nothing but a TUN or TAP device each, 10.7.0.1 and 10.7.0.2, and a worker that joins the two.</summary>
internal sealed class JoinedHosts : IDisposable
{
    public const string AddressOfA = "10.7.0.1", AddressOfB = "10.7.0.2";

    private readonly Worker _worker = new();

    public JoinedHosts(TunOptions optionsOfA, TunOptions? optionsOfB = null)
    {
        PortOfA = A.Enter(() => TunDevice.Open("q0", optionsOfA));
        PortOfB = B.Enter(() => TunDevice.Open("q0", optionsOfB ?? optionsOfA));
        (FromA, FromB) = (new(PortOfA, PortOfB), new(PortOfB, PortOfA));
        A.Do($"ip addr add {AddressOfA}/24 dev q0", "ip link set q0 up");
        B.Do($"ip addr add {AddressOfB}/24 dev q0", "ip link set q0 up");
        _worker.InvokeAsync(() =>
        {
            _worker.Register(PortOfA.Handle, FromA);
            _worker.Register(PortOfB.Handle, FromB);
        }).GetAwaiter().GetResult();
    }

    public TestNamespace A { get; } = new("a");

    public TestNamespace B { get; } = new("b");

    public TunDevice PortOfA { get; }

    public TunDevice PortOfB { get; }

    public Cable FromA { get; }

    public Cable FromB { get; }

    public void Dispose()
    {
        _worker.Dispose();
        PortOfA.Dispose();
        PortOfB.Dispose();
        FromA.Dispose();
        FromB.Dispose();
        A.Dispose();
        B.Dispose();
    }
}

/// <summary>What several tests need.</summary>
internal static partial class Testbed
{
    /// <summary>A device as <c>ip</c> describes it.</summary>
    public static JsonElement Link(this TestNamespace host, string name) =>
        JsonDocument.Parse(host.Do($"ip -d -j link show {name}")).RootElement[0];

    /// <summary>The number that <c>ip</c> gives a device.</summary>
    public static int IndexOf(this TestNamespace host, string name) => host.Link(name).GetProperty("ifindex").GetInt32();

    /// <summary>Runs an action on a thread that is in the namespace.</summary>
    public static void Enter(this TestNamespace host, Action action) => host.Enter(() =>
    {
        action();
        return true;
    });

    /// <summary>Receives until <paramref name="count"/> packets are in the batch, waiting for each.</summary>
    public static PacketBatch ReceiveAtLeast(this Ports.KernelPort port, int count)
    {
        var batch = new PacketBatch();
        while (batch.Count < count)
        {
            Assert.True(port.Wait(Wait.Limit), $"{batch.Count} packets came, and no more.");
            port.Receive(batch);
        }

        return batch;
    }

    /// <summary>An IPv4 packet without options, its checksum left to the kernel.</summary>
    public static byte[] Packet(string source, string destination, byte protocol, ReadOnlySpan<byte> payload)
    {
        var packet = new byte[20 + payload.Length];
        packet[0] = 0x45;
        packet[2] = (byte)(packet.Length >> 8);
        packet[3] = (byte)packet.Length;
        packet[8] = 64;
        packet[9] = protocol;
        IPAddress.Parse(source).GetAddressBytes().CopyTo(packet, 12);
        IPAddress.Parse(destination).GetAddressBytes().CopyTo(packet, 16);
        payload.CopyTo(packet.AsSpan(20));
        var sum = 0u;
        for (var i = 0; i < 20; i += 2)
            sum += (uint)(packet[i] << 8 | packet[i + 1]);
        sum = (sum & 0xFFFF) + (sum >> 16);
        sum = ~((sum & 0xFFFF) + (sum >> 16));
        packet[10] = (byte)(sum >> 8);
        packet[11] = (byte)sum;
        return packet;
    }

    /// <summary>Sends one packet.</summary>
    public static int Send(this IPort port, byte[] packet, int link = 0, int headroom = PacketBatch.DefaultHeadroom)
    {
        using var batch = new PacketBatch(1);
        batch.TryAdd(packet, headroom);
        batch[0].Link = link;
        return port.Send(batch);
    }

    [LibraryImport("libc")]
    internal static partial int setfsuid(uint fsuid);

    [LibraryImport("libc")]
    internal static unsafe partial int capset(uint* header, uint* data);

    /// <summary>Takes every capability from the calling thread, for good.</summary>
    public static void DropCapabilities() => KeepCapabilities();

    /// <summary>Takes every capability but these from the calling thread, for good.</summary>
    public static unsafe void KeepCapabilities(params ReadOnlySpan<Capability> kept)
    {
        var header = stackalloc uint[] { 0x20080522, 0 }; // _LINUX_CAPABILITY_VERSION_3, this thread
        var data = stackalloc uint[6]; // effective, permitted, inheritable, of the low and then of the high
        new Span<uint>(data, 6).Clear();
        foreach (var capability in kept)
            for (var set = 0; set < 2; set++)
                data[(int)capability / 32 * 3 + set] |= 1u << (int)capability;
        Assert.Equal(0, capset(header, data));
    }
}
