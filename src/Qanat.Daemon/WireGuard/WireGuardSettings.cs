using System.Buffers;
using Qanat.Linux;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Daemon.WireGuard;

/// <summary>
/// What users set of an interface and read of it: the engine has it, but for the port and the mark, which its sockets heed.
/// Belongs to the worker.
/// </summary>
internal sealed class WireGuardSettings(WireGuardDevice device, UdpWire wire, PeerPlaces places)
{
    /// <summary>Applies a change, whole or not at all, and wipes its keys.</summary>
    /// <exception cref="LinuxException">
    /// EADDRINUSE and others: the port cannot be had; EINVAL, ENODEV: an endpoint makes no sense here.
    /// </exception>
    public void Apply(WireGuardChange change)
    {
        using (change)
        {
            // All that can fail comes first.
            var endpoints = change.Peers.Select(peer => peer.Endpoint).OfType<PeerEndpoint>().Distinct()
                .ToDictionary(text => text, places.Resolve);
            if (change.ListenPort is { } port)
                wire.Move(port);
            device.Apply(change, text => endpoints[text]);
            wire.Mark = device.FirewallMark;
        }
    }

    /// <summary>How it is. The keys in it are copies, to be disposed of.</summary>
    public InterfaceStatus GetStatus() => device.GetStatus(places.Describe) with { ListenPort = wire.Port };

    /// <summary>Writes how the interface is, as <c>get=1</c> asks for it.</summary>
    public void WriteStatus(IBufferWriter<byte> output)
    {
        using var status = GetStatus();
        UapiWriter.WriteStatus(output, status);
    }
}
