using Qanat.Crypto;
using Qanat.Packets;
using Qanat.Testing;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

/// <summary>How datagrams lie in what is handed to the wire.</summary>
public sealed class SuperDatagramTests : IDisposable
{
    private static readonly Endpoint s_there = new(new IPv4Address(0xC0000202), 51820);
    private static readonly Endpoint s_elsewhere = new(new IPv4Address(0xC0000203), 51820);

    private readonly byte[] _key = [.. Enumerable.Range(1, 32).Select(i => (byte)i)];
    private readonly Wire _wire = new();
    private readonly AeadCrew _crew = new(helpers: 0);
    private readonly Outgoing _outgoing;
    private readonly Keypair _session, _other;

    public SuperDatagramTests()
    {
        _outgoing = new(_wire, _crew);
        (_session, _other) = (MakeSession(7), MakeSession(8));
    }

    [Fact]
    public void Datagrams_of_one_session_and_length_lie_end_to_end_and_the_last_may_be_shorter()
    {
        Add(_session, 1400, 1400, 1400, 500, 1400);
        Assert.Equal([(4, 1432), (1, 1432)], Sent());
        Assert.Equal([3 * 1432 + 532, 1432], _wire.Sent.Select(sent => sent.Bytes.Length));
    }

    [Fact]
    public void Each_is_byte_for_byte_what_it_would_be_alone()
    {
        int[] lengths = [1400, 1400, 1400, 37, 0, 64, 64, 1000, 16, .. Enumerable.Repeat(1200, 150)];
        Add(_session, lengths);
        _outgoing.Flush();
        var datagrams = _wire.Sent.SelectMany(sent => sent.Bytes.Chunk(sent.Size)).ToList();
        Assert.Equal(lengths.Length, datagrams.Count);
        for (var i = 0; i < lengths.Length; i++)
            Assert.Equal(Alone(_session, (ulong)i, lengths[i]), datagrams[i]);
    }

    [Fact]
    public void A_longer_one_begins_anew()
    {
        Add(_session, 500, 1400, 1400);
        Assert.Equal([(1, 532), (2, 1432)], Sent());
    }

    [Fact]
    public void Another_session_place_or_traffic_class_begins_anew()
    {
        Add(_session, 100);
        Add(_other, 100);
        Add(_session, 100);
        Add(_session, [100, 100], s_elsewhere);
        Add(_session, [100, 100], s_elsewhere, trafficClass: 2);
        Add(_session, [100], s_elsewhere);
        Assert.Equal([(1, 132), (1, 132), (1, 132), (2, 132), (2, 132), (1, 132)], Sent());
        Assert.Equal([0, 0, 0, 0, 2, 0], _wire.Sent.Select(sent => sent.TrafficClass));
        Assert.Equal([s_there, s_there, s_there, s_elsewhere, s_elsewhere, s_elsewhere], _wire.Sent.Select(sent => sent.To));
    }

    [Fact]
    public void A_handshake_message_stands_alone()
    {
        Add(_session, 100);
        _outgoing.Add(s_there, new byte[100], Outgoing.HandshakeTrafficClass);
        Add(_session, 100);
        Assert.Equal([(1, 132), (1, 100), (1, 132)], Sent());
    }

    [Fact]
    public void None_is_longer_than_a_datagram_or_of_more_parts_than_the_kernel_takes()
    {
        Add(_session, [.. Enumerable.Repeat(1420, 150)]);
        Add(_session, [.. Enumerable.Repeat(64, 300)]);
        _outgoing.Flush();
        Assert.All(_wire.Sent, sent => Assert.InRange(sent.Bytes.Length, 1, 65_507));
        Assert.All(_wire.Sent, sent => Assert.InRange(sent.Bytes.Length / sent.Size, 1, 128));
        Assert.Equal([45, 45, 45], Sent().Take(3).Select(sent => sent.Count));
        Assert.Equal(450, Sent().Sum(sent => sent.Count));
    }

    [Fact]
    public void The_longest_packet_there_is_leaves_too()
    {
        Add(_session, PacketBatch.MaxPacketLength, PacketBatch.MaxPacketLength, 100);
        _outgoing.Flush();
        const int longest = PacketBatch.MaxPacketLength + TransportMessage.MinSize;
        Assert.Equal([longest, longest, 132], _wire.Sent.Select(sent => sent.Bytes.Length));
    }

    [Fact]
    public void Nothing_is_allocated_for_them()
    {
        _wire.Keeps = false;
        void Pass()
        {
            for (var i = 0; i < 200; i++)
                Fill(_outgoing.Add(s_there, _session, 1400, 1400, 0), i);
            _outgoing.Flush();
        }
        Pass();
        Pass();
        Allocations.AssertNone(200, Pass);
    }

    public void Dispose()
    {
        _outgoing.Dispose();
        _crew.Dispose();
        _session.Dispose();
        _other.Dispose();
    }

    private void Add(Keypair session, params int[] lengths) => Add(session, lengths, s_there);

    private void Add(Keypair session, int[] lengths, Endpoint to, byte trafficClass = 0)
    {
        foreach (var length in lengths)
        {
            var number = (int)session.NextCounter;
            Fill(_outgoing.Add(to, session, length, length, trafficClass), number);
        }
    }

    private List<(int Count, int Size)> Sent()
    {
        _outgoing.Flush();
        return [.. _wire.Sent.Select(sent => ((sent.Bytes.Length + sent.Size - 1) / sent.Size, sent.Size))];
    }

    private byte[] Alone(Keypair session, ulong counter, int length)
    {
        var message = new byte[TransportMessage.MinSize + length];
        TransportMessage.WriteHeader(message, session.RemoteIndex, counter);
        var text = message.AsSpan(TransportMessage.HeaderSize, length);
        Fill(text, (int)counter);
        Span<byte> nonce = stackalloc byte[Aead.NonceLength];
        BitConverter.TryWriteBytes(nonce[4..], counter);
        using var aead = new Aead(AeadAlgorithm.ChaCha20Poly1305, _key, CipherDirection.Seal);
        aead.Seal(nonce, [], text, message.AsSpan(TransportMessage.HeaderSize + length));
        return message;
    }

    private static void Fill(Span<byte> packet, int number) => packet.Fill((byte)(number * 31 + 1));

    private Keypair MakeSession(uint index)
    {
        using var keys = new TransportKeys(new(_key), new(_key), index, index + 100, isInitiator: true);
        return new(null!, keys, created: 0);
    }

    private sealed class Wire : IWire
    {
        public bool Keeps { get; set; } = true;

        public List<(byte[] Bytes, int Size, Endpoint To, byte TrafficClass)> Sent { get; } = [];

        public void Send(PacketBatch datagrams, ReadOnlySpan<Endpoint> endpoints)
        {
            for (var i = 0; Keeps && i < datagrams.Count; i++)
            {
                var info = datagrams[i];
                Assert.Equal(info.Gso == GsoType.UdpL4, info.GsoSize != 0);
                var size = info.Gso == GsoType.UdpL4 ? info.GsoSize : info.Length;
                Sent.Add((datagrams.Bytes(i).ToArray(), size, endpoints[i], info.TrafficClass));
            }
        }
    }
}
