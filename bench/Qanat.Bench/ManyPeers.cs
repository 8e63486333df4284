using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Qanat.Crypto;
using Qanat.WireGuard;

namespace Qanat.Bench;

/// <summary>
/// The other ends of a hub with very many peers, all in this process and at one address. Their keys follow from their numbers.
/// </summary>
internal static class ManyPeers
{
    // So few at a time that the hub never takes it for a flood, which would be another figure.
    private const int AtOnce = 64;

    private const int SilenceMilliseconds = 1000, MostSilences = 10;

    /// <summary>Writes the public keys of the peers from 0 on, a line each.</summary>
    public static void WriteKeys(int count)
    {
        using var output = new StreamWriter(Console.OpenStandardOutput());
        for (var number = 0; number < count; number++)
        {
            using var identity = new LocalIdentity(PrivateKeyOf(number));
            output.Write($"{identity.PublicKey}\n");
        }
    }

    /// <summary>
    /// Has each peer do a whole handshake with the hub: initiation, response, and the empty message that confirms the session. As
    /// soon as one has done so the next begins.
    /// </summary>
    /// <param name="hubKey">The hub's public key, in base64.</param>
    /// <param name="hub">Where it listens.</param>
    /// <param name="count">How many peers.</param>
    public static void Handshake(string hubKey, IPEndPoint hub, int count)
    {
        if (!PublicKey.TryParse(hubKey, out var key))
            throw new ArgumentException($"{hubKey} is no public key.", nameof(hubKey));
        using var socket = new Socket(hub.AddressFamily, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = SilenceMilliseconds };
        socket.Connect(hub);
        var waiting = new Dictionary<uint, Client>();
        var (begun, done, silences) = (0, 0, 0);
        var datagram = new byte[2048];
        var (worked, start) = (Environment.CpuUsage.TotalTime, Stopwatch.GetTimestamp());
        while (done < count)
        {
            for (; begun < count && waiting.Count < AtOnce; begun++)
            {
                var client = new Client(PrivateKeyOf(begun), key, (uint)begun);
                waiting.Add((uint)begun, client);
                socket.Send(client.Initiate());
            }
            int length;
            try
            {
                length = socket.Receive(datagram);
            }
            catch (SocketException silence) when (silence.SocketErrorCode == SocketError.TimedOut && silences++ < MostSilences)
            {
                foreach (var client in waiting.Values)
                    socket.Send(client.Initiate());
                continue;
            }
            if (!ResponseMessage.TryParse(datagram.AsSpan(0, length), out var response) ||
                !waiting.TryGetValue(response.Receiver, out var answered) || answered.Confirm(response) is not { } confirmation)
                continue;
            socket.Send(confirmation);
            waiting.Remove(response.Receiver);
            answered.Dispose();
            done++;
        }
        var elapsed = Stopwatch.GetElapsedTime(start);
        var cpu = Environment.CpuUsage.TotalTime - worked;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $$"""
            {"handshakes": {{done}}, "seconds": {{elapsed.TotalSeconds:F3}}, "cpu": {{cpu.TotalSeconds:F3}}, "silences": {{silences}}}
            """));
    }

    private static byte[] PrivateKeyOf(int number)
    {
        var bytes = new byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, number);
        return SHA256.HashData(bytes);
    }

    /// <summary>One peer, during its handshake.</summary>
    private sealed class Client : IDisposable
    {
        private readonly LocalIdentity _identity;
        private readonly Handshake _handshake;
        private readonly HandshakePeer _hub;
        private readonly uint _index;

        public Client(byte[] privateKey, PublicKey hub, uint index)
        {
            _identity = new(privateKey);
            _handshake = new(_identity, TimeProvider.System);
            _hub = new(_identity, hub);
            _index = index;
        }

        public byte[] Initiate()
        {
            var message = new byte[InitiationMessage.Size];
            return _handshake.TryCreateInitiation(_hub, _index, message)
                ? message
                : throw new CryptographicException("The hub's key is weak.");
        }

        // The message with which the responder may begin to send; null when the response is none.
        public unsafe byte[]? Confirm(in ResponseMessage response)
        {
            if (_handshake.ConsumeResponse(_hub, response, out var keys) != HandshakeVerdict.Accepted)
                return null;
            using (keys)
            using (var sender = BatchAead.Create(keys!.Send.Bytes, CipherDirection.Seal))
            {
                var message = new byte[TransportMessage.MinSize];
                TransportMessage.WriteHeader(message, keys.RemoteIndex, counter: 0);
                fixed (byte* bytes = message)
                    sender.Seal([new(bytes + TransportMessage.HeaderSize, 0, 0)]);
                return message;
            }
        }

        public void Dispose()
        {
            _hub.Dispose();
            _handshake.Dispose();
            _identity.Dispose();
        }
    }
}
