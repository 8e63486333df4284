using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using Qanat.Linux.Netlink;
using Qanat.Testing;

namespace Qanat.Linux.Tests.Netlink;

/// <summary>Real messages, mutated: every parser must end, and none may throw.</summary>
public class HostileNetlinkTests
{
    private const int Mutations = 400_000;

    [Fact]
    public void Mutated_messages_never_crash_a_parser_nor_hold_it()
    {
        var corpus = Corpus();
        var random = new Random(20250608);
        var understood = 0;
        for (var i = 0; i < Mutations; i++)
        {
            var datagram = Mutate(corpus, random);
            var messages = 0;
            foreach (var message in new NetlinkMessages(datagram))
            {
                messages++;
                understood += Parse(message);
            }

            Assert.True(messages <= datagram.Length / NetlinkMessage.HeaderLength);
        }

        // Mutations that destroyed everything would test nothing.
        Assert.True(understood > Mutations / 4, $"{understood} of {Mutations}");
    }

    [Fact]
    public void Every_prefix_of_every_message_is_safe()
    {
        foreach (var message in Corpus())
        {
            for (var length = 0; length <= message.Length; length++)
            {
                foreach (var whole in new NetlinkMessages(message.AsSpan(0, length)))
                    Parse(whole);

                // The same with a length that agrees, so that the end falls inside the attributes.
                var cut = message[..length];
                if (length < NetlinkMessage.HeaderLength)
                    continue;
                BinaryPrimitives.WriteInt32LittleEndian(cut, length);
                foreach (var whole in new NetlinkMessages(cut))
                    Parse(whole);
            }
        }
    }

    private static int Parse(NetlinkMessage message)
    {
        var found = 0;
        found += Link.TryParse(message, out var link) ? link.Name.Length >= 0 ? 1 : 0 : 0;
        found += InterfaceAddress.TryParse(message, out var address) ? address.Address is not null ? 1 : 0 : 0;
        found += Route.TryParse(message, out var route) ? route.NextHops is not null ? 1 : 0 : 0;
        found += Neighbour.TryParse(message, out var neighbour) ? neighbour.Address is not null ? 1 : 0 : 0;
        found += Rule.TryParse(message, out var rule) ? rule.Mark is null || rule.From is null || rule.Family != default ? 1 : 0 : 0;
        _ = NetworkEvent.TryParse(message, out _);
        var ack = NetlinkAck.Parse(message);
        Assert.True(ack.Error >= 0);
        _ = ack.Detail;
        return found;
    }

    private static byte[] Mutate(List<byte[]> corpus, Random random)
    {
        var source = corpus[random.Next(corpus.Count)];
        byte[] bytes = random.Next(4) == 0 ? [.. source, .. corpus[random.Next(corpus.Count)]] : [.. source];
        for (var changes = random.Next(1, 6); changes > 0; changes--)
        {
            var at = random.Next(bytes.Length);
            switch (random.Next(5))
            {
                case 0: bytes[at] = (byte)random.Next(256); break;
                case 1: bytes[at] ^= (byte)(1 << random.Next(8)); break;
                case 2: bytes[at & ~3] = (byte)random.Next(9); break; // the length of an attribute, as often as not
                case 3: bytes[random.Next(Math.Min(8, bytes.Length))] = (byte)random.Next(40); break;
                case 4: Array.Resize(ref bytes, Math.Max(1, bytes.Length - random.Next(8))); break;
            }
        }

        return bytes;
    }

    // What a kernel really says: dumps of everything in a namespace with all kinds of things in it, and acks.
    private static List<byte[]> Corpus()
    {
        using var host = new TestNamespace();
        host.Script("""
            ip link add br0 type bridge
            ip link add v0 type veth peer name v1
            ip link set v0 master br0 alias uplink up
            ip link set v1 up
            ip addr add 10.0.0.1/24 brd + dev v1
            ip addr add 192.168.1.1 peer 192.168.1.2 dev v1
            ip addr add 2001:db8::1/64 dev v1 nodad
            ip route add 10.1.0.0/16 via 10.0.0.2 mtu lock 1400
            ip route add 10.2.0.0/16 nexthop via 10.0.0.2 weight 3 nexthop via 10.0.0.3
            ip route add 10.3.0.0/16 via inet6 fe80::1 dev v1
            ip route add unreachable 2001:db8:3::/48
            ip route add 10.4.0.0/16 via 10.0.0.2 advmss 1300 initcwnd 20 rto_min 300ms congctl reno
            ip rule add from 10.1.0.0/16 to 10.2.0.0/16 iif v0 oif v1 fwmark 1/3 ipproto tcp sport 5-9 dport 8 uidrange 0-5 table 5000
            ip rule add not fwmark 1 suppress_prefixlength 0 table main
            ip -6 rule add from 2001:db8::/32 goto 32766
            ip neigh add 10.0.0.2 lladdr 02:00:00:00:00:02 dev v1
            ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev v1
            """);
        using var networkNamespace = host.Open();
        using var socket = networkNamespace.Run(() => new NetlinkSocket());
        List<RawMessage> messages = [];
        messages.AddRange(Dump(18, new byte[16]));
        messages.AddRange(Dump(22, new byte[8]));
        messages.AddRange(Dump(30, new byte[12]));
        messages.AddRange(Dump(26, [2, .. new byte[11]]));
        messages.AddRange(Dump(26, [10, .. new byte[11]]));
        messages.AddRange(Dump(34, [2, .. new byte[11]]));
        messages.AddRange(Dump(34, [10, .. new byte[11]]));
        Assert.True(messages.Count > 30);
        List<byte[]> corpus = [.. messages.Select(message => message.Bytes)];
        corpus.Add(
        [
            48, 0, 0, 0, 2, 0, 0, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0x9B, 0xFF, 0xFF, 0xFF, 36, 0, 0, 0, 24, 0, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0,
            10, 0, 1, 0, (byte)'w', (byte)'o', (byte)'r', (byte)'d', (byte)'s', 0, 0, 0,
        ]);
        return corpus;

        List<RawMessage> Dump(ushort type, byte[] header)
        {
            var request = new NetlinkWriter(new byte[64], type);
            foreach (var word in System.Runtime.InteropServices.MemoryMarshal.Cast<byte, uint>(header))
                request.Append(word);
            return socket.Dump<RawMessage>(request, "dump");
        }
    }

    /// <summary>A message as the kernel sent it, with every attribute, whatever it is.</summary>
    private sealed class RawMessage : INetlinkParsable<RawMessage>
    {
        public required byte[] Bytes { get; init; }

        public static bool TryParse(NetlinkMessage message, [NotNullWhen(true)] out RawMessage? value)
        {
            var bytes = new byte[NetlinkMessage.HeaderLength + message.Payload.Length];
            BinaryPrimitives.WriteInt32LittleEndian(bytes, bytes.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(4), message.Type);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(6), message.Flags);
            message.Payload.CopyTo(bytes.AsSpan(NetlinkMessage.HeaderLength));
            value = new() { Bytes = bytes };
            return true;
        }
    }
}
