using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using Qanat.Testing;
using Xunit;

namespace Qanat.EndToEnd.Tests.WireGuard;

/// <summary>A hub with a thousand peers, each of which talks. They live in this process, at one host, a UDP socket each.</summary>
public sealed class ManyPeersTests : IDisposable
{
    private const int Count = 1000;

    // So few at a time that the hub does not take them for a flood, whatever machine this is.
    private const int AtOnce = 50;

    private readonly TwoHosts _hosts = new();
    private readonly WireGuardEnd _hub;
    private readonly Socket _service;
    private LonePeer[] _peers = [];

    public ManyPeersTests()
    {
        _hub = new(_hosts.B, "qanat-wg");
        _hub.Begin(WireGuardPair.PortOfB, $"{LonePeer.Hub}/16");
        _service = _hosts.B.Enter(() =>
        {
            var service = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
            service.Bind(new IPEndPoint(IPAddress.Parse($"{LonePeer.Hub}"), LonePeer.Port));
            return service;
        });
    }

    public void Dispose()
    {
        foreach (var peer in _peers)
            peer.Dispose();
        _service.Dispose();
        _hub.Dispose();
        _hosts.Dispose();
    }

    [Fact]
    public void A_thousand_peers_reach_the_hub_and_are_reached_and_none_hears_what_is_anothers()
    {
        Meet(Count);
        var heard = new HashSet<int>();
        ForAll(peer => peer.Send(peer.Address), peer => peer.Heard.Count > 0, service: () =>
        {
            foreach (var (from, number) in Requests())
            {
                Assert.Equal($"{_peers[number].Address}", $"{from.Address}");
                heard.Add(number);
                Send(number, number);
            }
        });
        Assert.Equal(Count, heard.Count);
        var handshakes = _hub.Show("latest-handshakes").Split('\n').Select(line => line.Split('\t')).Where(line => line[1] != "0");
        Assert.Equal(_peers.Select(peer => $"{peer.PublicKey}").Order(), handshakes.Select(line => line[0]).Order());

        // And unasked, something else to each, in another order.
        Array.Reverse(_peers);
        ForAll(peer => Send(peer.Number, Count + peer.Number), peer => peer.Heard.Contains(Count + peer.Number), service: () => { });
        Assert.All(_peers, peer => Assert.Equal([peer.Number, Count + peer.Number], peer.Heard.Distinct()));
    }

    [Fact]
    public void A_peer_that_claims_anothers_address_is_not_heard()
    {
        Meet(2);
        var (liar, neighbour) = (_peers[0], _peers[1]);
        var heard = new List<string>();
        Wait.Until(() =>
        {
            // The session is one: what is sent first arrives first, or never.
            liar.Send(neighbour.Address);
            liar.Send(liar.Address);
            liar.Carry();
            heard.AddRange(Requests().Select(request => $"{request.From.Address}"));
            return heard.Count > 0;
        }, what: "what it says under its own address");
        Assert.All(heard, from => Assert.Equal($"{liar.Address}", from));
        Assert.Empty(neighbour.Heard);
    }

    private void Meet(int count)
    {
        Assert.True(Qanat.WireGuard.PublicKey.TryParse(_hub.PublicKey, out var key));
        var place = new IPEndPoint(IPAddress.Parse(TwoHosts.AddressOfB), WireGuardPair.PortOfB);
        _peers = _hosts.A.Enter(() => Enumerable.Range(0, count).Select(number => new LonePeer(number, key, place)).ToArray());
        var file = Path.Combine(_hosts.B.RunDirectory, "peers.conf");
        File.WriteAllText(file, string.Concat(_peers.Select(peer =>
            $"[Peer]\nPublicKey = {peer.PublicKey}\nAllowedIPs = {peer.Address}/32\n")));
        _hosts.B.Do($"wg addconf {_hub.Device} {file}");
    }

    // Some at a time; what is lost on the way is sent again.
    private void ForAll(Action<LonePeer> send, Func<LonePeer, bool> isDone, Action service)
    {
        foreach (var some in _peers.Chunk(AtOnce))
        {
            var looks = 0;
            Wait.Until(() =>
            {
                if (looks++ % 50 == 0)
                    foreach (var peer in some.Where(peer => !isDone(peer)))
                        send(peer);
                foreach (var peer in some)
                    peer.Carry();
                service();
                return some.All(isDone);
            }, what: "all peers to have heard of the hub");
        }
    }

    private IEnumerable<(IPEndPoint From, int Number)> Requests()
    {
        var buffer = new byte[64];
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        while (_service.Available > 0)
        {
            var length = _service.ReceiveFrom(buffer, ref from);
            yield return ((IPEndPoint)from, MemoryMarshal.Read<int>(buffer.AsSpan(0, length)));
        }
    }

    private void Send(int peer, int number) =>
        _service.SendTo(BitConverter.GetBytes(number), new IPEndPoint(IPAddress.Parse($"{LonePeer.AddressOf(peer)}"), LonePeer.Port));
}
