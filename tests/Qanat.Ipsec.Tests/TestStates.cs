using Qanat.Crypto;
using Qanat.Packets;
using Xunit;

namespace Qanat.Ipsec.Tests;

/// <summary>States and packets made by hand.</summary>
internal static class TestStates
{
    public static IpAddress Ip(string text) => IpAddress.TryParse(text, out var address) ? address : throw new FormatException(text);

    public static SecretKey Key(string hex) => new(Convert.FromHexString(hex));

    /// <summary>The key 00 01 02 ... of so many bytes, as in the captures.</summary>
    public static SecretKey Counting(int length, int from = 0) => new([.. Enumerable.Range(from, length).Select(i => (byte)i)]);

    public static EspAlgorithms Gcm(int keyLength = 16, int icvBits = 128) =>
        new() { Aead = new("rfc4106(gcm(aes))", Counting(keyLength + 4), icvBits) };

    public static EspAlgorithms ChaCha => new() { Aead = new("rfc7539esp(chacha20,poly1305)", Counting(36), 128) };

    public static EspAlgorithms Cbc(string auth = "hmac(sha256)", int bits = 128, int keyLength = 16) => new()
    {
        Encryption = new("cbc(aes)", Counting(keyLength)),
        Authentication = new(auth, Counting(32, from: 0x20), bits),
    };

    public static EspAlgorithms Null(string auth = "hmac(sha256)", int bits = 128) => new()
    {
        Encryption = new("ecb(cipher_null)", Key("")),
        Authentication = new(auth, auth == "digest_null" ? Key("") : Counting(32, from: 0x20), bits),
    };

    /// <summary>Every algorithm there is, by a name for people. Keys are made anew each time: a database wipes what it is given.</summary>
    public static Dictionary<string, Func<EspAlgorithms>> Suites { get; } = new()
    {
        ["aes-128-gcm-16"] = () => Gcm(),
        ["aes-192-gcm-12"] = () => Gcm(24, 96),
        ["aes-256-gcm-8"] = () => Gcm(32, 64),
        ["chacha20-poly1305"] = () => ChaCha,
        ["aes-128-cbc, sha256-128"] = () => Cbc(),
        ["aes-192-cbc, sha384-192"] = () => Cbc("hmac(sha384)", 192, 24),
        ["aes-256-cbc, sha512-256"] = () => Cbc("hmac(sha512)", 256, 32),
        ["aes-128-cbc, sha1-96"] = () => Cbc("hmac(sha1)", 96),
        ["aes-128-cbc alone"] = () => Cbc() with { Authentication = null },
        ["null, sha256-96"] = () => Null(bits: 0),
        ["null, none"] = () => Null("digest_null", 0),
    };

    /// <summary>Every suite, without and with extended sequence numbers.</summary>
    public static TheoryData<string, bool> EverySuite => WithAndWithoutEsn(Suites.Keys);

    /// <summary>Those that watch over what they carry.</summary>
    public static TheoryData<string, bool> EveryAuthenticSuite => WithAndWithoutEsn(Suites.Keys.Except(Unwatched));

    /// <summary>Those that do not.</summary>
    public static string[] Unwatched => ["null, none", "aes-128-cbc alone"];

    /// <summary>A tunnel's state for both IP versions.</summary>
    public static SecurityAssociationParameters Tunnel(EspAlgorithms algorithms, bool esn = false, int window = 64) => new()
    {
        Source = Ip("192.0.2.2"),
        Destination = Ip("192.0.2.1"),
        Spi = 0x100,
        RequestId = 1,
        Mode = XfrmMode.Tunnel,
        Algorithms = algorithms,
        ReplayWindow = window,
        Flags = XfrmStateFlags.AfUnspec | (esn ? XfrmStateFlags.Esn : XfrmStateFlags.None),
    };

    /// <summary>A state that works.</summary>
    public static SecurityAssociation Create(SecurityAssociationParameters parameters, TimeProvider? time = null)
    {
        var result = SecurityAssociation.TryCreate(parameters, time ?? new ManualTime(), out var state);
        Assert.True(result.Succeeded, result.ToString());
        return state!;
    }

    /// <summary>Both ends of a tunnel's state.</summary>
    public static (SecurityAssociation Sender, SecurityAssociation Receiver) Pair(
        Func<EspAlgorithms> algorithms, Func<SecurityAssociationParameters, SecurityAssociationParameters>? change = null)
    {
        change ??= static parameters => parameters;
        return (Create(change(Tunnel(algorithms()))), Create(change(Tunnel(algorithms()))));
    }

    /// <summary>Seals a copy of <paramref name="inner"/>.</summary>
    public static byte[] Seal(SecurityAssociation state, ReadOnlySpan<byte> inner, IpProtocol nextHeader = IpProtocol.IpIp)
    {
        var packet = new byte[state.SealedLength(inner.Length)];
        inner.CopyTo(packet.AsSpan(state.HeaderLength));
        Assert.True(Esp.TrySeal(state, packet, inner.Length, nextHeader, out var reason), reason.ToString());
        Assert.Equal(XfrmReason.None, reason);
        return packet;
    }

    /// <summary>Opens a copy of <paramref name="packet"/>: what was in it, or why nothing was.</summary>
    public static (byte[]? Inner, IpProtocol NextHeader, XfrmReason Reason) Open(
        SecurityAssociation state, ReadOnlySpan<byte> packet, bool inUdp = false)
    {
        var copy = packet.ToArray();
        return Esp.TryOpen(state, copy, inUdp, out var payload, out var reason)
            ? (copy[payload.Offset..(payload.Offset + payload.Length)], payload.NextHeader, reason)
            : (null, payload.NextHeader, reason);
    }

    /// <summary>A UDP packet of <paramref name="length"/> bytes in all, 28 at least.</summary>
    public static byte[] Inner(
        int length = 60, string source = "10.0.0.2", string destination = "10.0.0.1",
        ushort sourcePort = 1000, ushort destinationPort = 2000)
    {
        var packet = new byte[length];
        for (var i = 28; i < length; i++)
            packet[i] = (byte)i;
        IPv4Header.Write(packet, 0, length, 0x1234, false, 64, IpProtocol.Udp, Ip(source).IPv4, Ip(destination).IPv4);
        UdpHeader.Write(packet.AsSpan(20), sourcePort, destinationPort, length - 20);
        return packet;
    }

    private static TheoryData<string, bool> WithAndWithoutEsn(IEnumerable<string> names)
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in names)
        {
            data.Add(name, false);
            data.Add(name, true);
        }
        return data;
    }
}
