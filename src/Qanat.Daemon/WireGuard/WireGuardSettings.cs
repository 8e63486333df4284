using Qanat.Crypto;
using Qanat.Linux;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// What users set of an interface and read of it. The engine has it all but for the keys, which it does not give back; they are
/// kept here. Belongs to the worker.
/// </summary>
internal sealed class WireGuardSettings(WireGuardDevice device, UdpWire wire, PeerPlaces places) : IDisposable
{
    private readonly Dictionary<PublicKey, SecretKey> _presharedKeys = [];
    private SecretKey? _privateKey;

    /// <summary>Applies a change: whole, or not at all. Its keys are taken over.</summary>
    /// <exception cref="LinuxException">
    /// EADDRINUSE and others: the port cannot be had; EINVAL, ENODEV: an endpoint makes no sense here.
    /// </exception>
    public void Apply(WireGuardChange change)
    {
        Endpoint?[] endpoints;
        try
        {
            // All that can fail comes first.
            endpoints = [.. change.Peers.Select(peer => peer.Endpoint is { } text ? places.Resolve(text) : (Endpoint?)null)];
            if (change.ListenPort is { } port)
                Listen(port);
        }
        catch (LinuxException)
        {
            change.PrivateKey?.Dispose();
            foreach (var peer in change.Peers)
                peer.PresharedKey?.Dispose();
            throw;
        }
        if (change.FirewallMark is { } mark)
            wire.Mark = mark;
        if (change.ReplacePeers)
            RemoveAll();
        if (change.PrivateKey is { } key)
            TakePrivateKey(key);
        for (var i = 0; i < endpoints.Length; i++)
            Apply(change.Peers[i], endpoints[i]);
    }

    /// <summary>The interface as it is. Its keys are those in here: use it before anything else is done.</summary>
    public InterfaceStatus Status() => new()
    {
        PrivateKey = _privateKey,
        ListenPort = wire.Port,
        FirewallMark = wire.Mark,
        Peers = [.. device.Peers.Select(StatusOf)],
    };

    /// <summary>Wipes the keys.</summary>
    public void Dispose()
    {
        _privateKey?.Dispose();
        ForgetPresharedKeys();
    }

    private void Listen(ushort port)
    {
        var before = wire.Port;
        wire.Move(port);
        if (wire.Port != before)
            device.ForgetLocalAddresses();
    }

    private void TakePrivateKey(SecretKey key)
    {
        var isNone = !key.Bytes.ContainsAnyExcept((byte)0);
        device.SetPrivateKey(isNone ? [] : key.Bytes);
        _privateKey?.Dispose();
        _privateKey = isNone ? null : key;
        TakePresharedKey(device.PublicKey, null); // that peer, if there was one, is now ourselves
    }

    private void Apply(PeerChange change, Endpoint? endpoint)
    {
        var peer = device.Find(change.PublicKey);
        if (!change.Remove && !change.UpdateOnly)
            peer ??= device.Add(change.PublicKey);
        if (peer is null || change.Remove) // no such peer; or it is ourselves
        {
            change.PresharedKey?.Dispose();
            if (peer is not null)
                Remove(peer);
            return;
        }
        if (change.PresharedKey is { } key)
        {
            peer.SetPresharedKey(key.Bytes);
            TakePresharedKey(change.PublicKey, key);
        }
        if (endpoint is { } place)
            device.SetEndpoint(peer, place);
        if (change.ReplaceAllowedIps)
            device.DisallowAll(peer);
        foreach (var (addresses, remove) in change.AllowedIps)
            if (remove)
                device.Disallow(peer, addresses);
            else
                device.Allow(peer, addresses);
        if (change.PersistentKeepalive is { } seconds)
            device.SetPersistentKeepalive(peer, TimeSpan.FromSeconds(seconds));
    }

    private void Remove(Peer peer)
    {
        device.Remove(peer);
        TakePresharedKey(peer.PublicKey, null);
    }

    private void RemoveAll()
    {
        device.RemoveAll();
        ForgetPresharedKeys();
    }

    private void ForgetPresharedKeys()
    {
        foreach (var key in _presharedKeys.Values)
            key.Dispose();
        _presharedKeys.Clear();
    }

    private void TakePresharedKey(PublicKey peer, SecretKey? key)
    {
        if (_presharedKeys.Remove(peer, out var old))
            old.Dispose();
        if (key is not null)
            _presharedKeys.Add(peer, key);
    }

    private PeerStatus StatusOf(Peer peer) =>
        new(new PeerConfig(peer.PublicKey)
        {
            PresharedKey = _presharedKeys.GetValueOrDefault(peer.PublicKey),
            Endpoint = places.Describe(peer.Endpoint),
            AllowedIps = [.. device.AllowedIpsOf(peer)],
            PersistentKeepalive = (ushort)peer.PersistentKeepalive.TotalSeconds,
        })
        {
            LastHandshake = peer.LastHandshake,
            TxBytes = (ulong)peer.Counters.TxBytes,
            RxBytes = (ulong)peer.Counters.RxBytes,
        };
}
