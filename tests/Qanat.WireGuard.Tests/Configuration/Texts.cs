using System.Buffers;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;
using IPv4Address = Qanat.Packets.IPv4Address;
using IPv6Address = Qanat.Packets.IPv6Address;

namespace Qanat.WireGuard.Tests.Configuration;

/// <summary>Configurations of every kind, and texts of them.</summary>
internal static class Texts
{
    public static Gen<SecretKey> Keys => Bytes(KeyText.KeySize).Select(bytes => new SecretKey(bytes));

    /// <summary>Few enough that two changes speak of the same peer.</summary>
    public static Gen<PublicKey> Peers =>
        Gen.Choose(1, 6).Select(number => new PublicKey([.. Enumerable.Repeat((byte)number, PublicKey.Size)]));

    /// <summary>Few enough that peers ask for the same.</summary>
    public static Gen<AllowedIp> AllowedIps =>
        from isIPv6 in ArbMap.Default.GeneratorFor<bool>()
        from number in Gen.Choose(0, 5)
        from length in Gen.Choose(0, isIPv6 ? 128 : 32)
        from isShort in ArbMap.Default.GeneratorFor<bool>()
        let address = isIPv6
            ? IpAddress.From(new IPv6Address((UInt128)0xfd00_0000_0000_0000 << 64 | (uint)number))
            : new IPv4Address(0x0a00_0000 | (uint)number)
        select new AllowedIp(address, isShort ? 8 : length);

    public static Gen<AllowedIpChange> AllowedIpChanges =>
        from prefix in AllowedIps
        from remove in ArbMap.Default.GeneratorFor<bool>()
        select new AllowedIpChange(prefix, remove);

    public static Gen<PeerEndpoint> Endpoints =>
        from prefix in AllowedIps
        from port in Gen.Choose(1, ushort.MaxValue)
        select PeerEndpoint.From(prefix.Address, (ushort)port);

    public static Gen<PeerChange> PeerChanges =>
        from name in Peers
        from flags in Gen.Choose(0, 127)
        from key in Keys
        from endpoint in Endpoints
        from keepalive in Gen.Choose(0, ushort.MaxValue)
        from prefixes in AllowedIpChanges.ListOf()
        let isRemoved = (flags & 96) == 96
        let bare = new PeerChange(name) { UpdateOnly = (flags & 1) != 0, Remove = isRemoved }
        select isRemoved ? bare : bare with // Of one who goes, no more is said.
        {
            PresharedKey = (flags & 2) != 0 ? key : null,
            Endpoint = (flags & 4) != 0 ? endpoint : null,
            PersistentKeepalive = (flags & 8) != 0 ? (ushort)keepalive : null,
            ReplaceAllowedIps = (flags & 16) != 0,
            AllowedIps = [.. prefixes],
        };

    public static Gen<WireGuardChange> Changes =>
        from flags in Gen.Choose(0, 15)
        from key in Keys.Select(Clamped)
        from port in Gen.Choose(0, ushort.MaxValue)
        from mark in ArbMap.Default.GeneratorFor<uint>()
        from peers in PeerChanges.ListOf()
        select new WireGuardChange
        {
            PrivateKey = (flags & 1) != 0 ? key : null,
            ListenPort = (flags & 2) != 0 ? (ushort)port : null,
            FirewallMark = (flags & 4) != 0 ? mark : null,
            ReplacePeers = (flags & 8) != 0,
            Peers = [.. peers],
        };

    /// <summary>Interfaces as they come about: by changes.</summary>
    public static Gen<WireGuardConfig> Devices => Changes.ListOf().Select(changes =>
        changes.Aggregate(new WireGuardConfig(), (device, change) => device.With(change)));

    public static Gen<byte[]> Bytes(int count) => ArbMap.Default.GeneratorFor<byte>().ArrayOf(count);

    public static string Set(WireGuardChange change) => Written(output => UapiWriter.WriteSet(output, change));

    public static string Show(WireGuardConfig device) => Written(output => ConfigWriter.Write(output, device));

    public static string Written(Action<IBufferWriter<byte>> write)
    {
        using var buffer = new SecretBuffer();
        write(buffer);
        return Encoding.UTF8.GetString(buffer.Written);
    }

    public static ConfigReading Read(string text) => ConfigReader.Read(Encoding.UTF8.GetBytes(text));

    private static SecretKey Clamped(SecretKey key)
    {
        var bytes = key.Bytes.ToArray();
        X25519.Clamp(bytes);
        return new(bytes);
    }
}
