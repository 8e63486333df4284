using System.Net.Sockets;
using Qanat.Crypto;
using Qanat.Ipsec;
using Qanat.Packets;
using Xunit;

namespace Qanat.Tunnels.Tests;

/// <summary>
/// Two ends of a vti tunnel in memory, as in the captures: a is 192.0.2.2 (2001:db8:1::2), b is 192.0.2.1 (2001:db8:1::1), the
/// mark is 42, a's packets have the SPI 0x100, b's 0x200.
/// </summary>
internal sealed class VtiPair : IDisposable
{
    public const uint Mark = 42, SpiOfA = 0x100, SpiOfB = 0x200;

    private readonly bool _overIPv6;

    /// <param name="algorithms">What protects the packets; AES-128-GCM when null.</param>
    /// <param name="change">What the states have beside that.</param>
    /// <param name="overIPv6">vti6.</param>
    public VtiPair(
        Func<EspAlgorithms>? algorithms = null, Func<SecurityAssociationParameters, SecurityAssociationParameters>? change = null,
        bool overIPv6 = false)
    {
        _overIPv6 = overIPv6;
        A = new(Tunnel(AddressOfA, AddressOfB));
        B = new(Tunnel(AddressOfB, AddressOfA));
        Configure(A.Engine, isA: true, algorithms, change);
        Configure(B.Engine, isA: false, algorithms, change);
    }

    public TunnelHost A { get; }

    public TunnelHost B { get; }

    public IpAddress AddressOfA => _overIPv6 ? TestPackets.Ip6("2001:db8:1::2") : GoldenReplay.A;

    public IpAddress AddressOfB => _overIPv6 ? TestPackets.Ip6("2001:db8:1::1") : GoldenReplay.B;

    /// <summary>The algorithms of the captures, with their keys: 00 01 02 ... for encryption, 20 21 22 ... for authentication.</summary>
    public static EspAlgorithms Gcm() => new() { Aead = new("rfc4106(gcm(aes))", Key(20), 128) };

    public static EspAlgorithms ChaCha() => new() { Aead = new("rfc7539esp(chacha20,poly1305)", Key(36), 128) };

    public static EspAlgorithms Cbc() =>
        new() { Encryption = new("cbc(aes)", Key(16)), Authentication = new("hmac(sha256)", Key(32, from: 0x20), 128) };

    public static EspAlgorithms Null() =>
        new() { Encryption = new("ecb(cipher_null)", Key(0)), Authentication = new("hmac(sha256)", Key(32, from: 0x20), 128) };

    /// <summary>Nothing is hidden and nothing is watched over, so that every byte can be changed.</summary>
    public static EspAlgorithms Open() =>
        new() { Encryption = new("ecb(cipher_null)", Key(0)), Authentication = new("digest_null", Key(0), 0) };

    /// <summary>Gives an end a state of one direction.</summary>
    public SecurityAssociation AddState(
        TunnelHost host, bool fromA, uint spi, Func<EspAlgorithms>? algorithms = null,
        Func<SecurityAssociationParameters, SecurityAssociationParameters>? change = null) =>
        AddState(host.Engine, fromA, spi, algorithms, change);

    private SecurityAssociation AddState(TunnelEngine engine, bool fromA, uint spi, Func<EspAlgorithms>? algorithms,
        Func<SecurityAssociationParameters, SecurityAssociationParameters>? change)
    {
        var (source, destination) = fromA ? (AddressOfA, AddressOfB) : (AddressOfB, AddressOfA);
        var parameters = new SecurityAssociationParameters
        {
            Source = source,
            Destination = destination,
            Spi = spi,
            RequestId = 1,
            Mode = XfrmMode.Tunnel,
            ReplayWindow = 32,
            Flags = XfrmStateFlags.AfUnspec,
            Algorithms = (algorithms ?? Gcm)(),
        };
        Assert.True(engine.Ipsec.States.Add(change?.Invoke(parameters) ?? parameters, out var state).Succeeded);
        return state!;
    }

    /// <summary>Gives an engine in the place of a or b all states and policies.</summary>
    public void Configure(TunnelEngine engine, bool isA, Func<EspAlgorithms>? algorithms = null,
        Func<SecurityAssociationParameters, SecurityAssociationParameters>? change = null)
    {
        AddState(engine, fromA: true, SpiOfA, algorithms, change);
        AddState(engine, fromA: false, SpiOfB, algorithms, change);
        foreach (var family in (AddressFamily[])[AddressFamily.InterNetwork, AddressFamily.InterNetworkV6])
        {
            AddPolicy(engine, PolicyDirection.Out, fromA: isA, family);
            AddPolicy(engine, PolicyDirection.In, fromA: !isA, family);
        }
    }

    /// <summary>Takes a state away.</summary>
    public void DeleteState(TunnelHost host, bool fromA, uint spi) => Assert.True(
        host.Engine.Ipsec.States.Delete(fromA ? AddressOfB : AddressOfA, spi, IpProtocol.Esp, default).Succeeded);

    /// <summary>What a sends of one inner packet.</summary>
    public byte[] Seal(byte[] inner) => Assert.Single(A.FromDevice(inner).Sent);

    /// <summary>What a sends of anything at all, its ESP made by hand.</summary>
    public byte[] Seal(ReadOnlySpan<byte> payload, IpProtocol nextHeader)
    {
        var state = Assert.Single(A.Engine.Ipsec.States.States, state => state.Parameters.Spi == SpiOfA);
        var esp = new byte[state.SealedLength(payload.Length)];
        payload.CopyTo(esp.AsSpan(state.HeaderLength));
        Assert.True(Esp.TrySeal(state, esp, payload.Length, nextHeader, out _));
        return TestPackets.Outer(esp, "192.0.2.2", "192.0.2.1", protocol: (byte)IpProtocol.Esp);
    }

    public void Dispose()
    {
        A.Dispose();
        B.Dispose();
    }

    private static SecretKey Key(int length, int from = 0) => new([.. Enumerable.Range(from, length).Select(i => (byte)i)]);

    private TunnelParameters Tunnel(IpAddress local, IpAddress remote) => new()
    {
        Mode = _overIPv6 ? TunnelMode.Vti6 : TunnelMode.Vti,
        Local = local,
        Remote = remote,
        Gre = new() { InputKey = Mark, OutputKey = Mark },
    };

    private void AddPolicy(TunnelEngine engine, PolicyDirection direction, bool fromA, AddressFamily family)
    {
        var policy = new SecurityPolicyParameters
        {
            Selector = Selector.All(family),
            Direction = direction,
            Mark = new(Mark, uint.MaxValue),
            Templates =
            [
                new()
                {
                    Source = fromA ? AddressOfA : AddressOfB,
                    Destination = fromA ? AddressOfB : AddressOfA,
                    RequestId = 1,
                    Mode = XfrmMode.Tunnel,
                },
            ],
        };
        Assert.True(engine.Ipsec.Policies.Add(policy, out _).Succeeded);
    }
}
