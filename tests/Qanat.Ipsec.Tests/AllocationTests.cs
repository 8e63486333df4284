using Qanat.Packets;
using Qanat.Testing;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

public class AllocationTests
{
    [Theory]
    [InlineData("aes-128-gcm-16")]
    [InlineData("chacha20-poly1305")]
    [InlineData("aes-128-cbc, sha256-128")]
    [InlineData("null, sha256-96")]
    public void No_packet_costs_an_allocation_either_way(string suite)
    {
        var engine = new IpsecEngine(new ManualTime());
        var parameters = Tunnel(Suites[suite]()) with { Mark = default };
        Assert.True(engine.States.Add(parameters, out _).Succeeded);
        var template = new PolicyTemplate
        {
            Source = parameters.Source, Destination = parameters.Destination, RequestId = 1, Mode = XfrmMode.Tunnel,
        };
        foreach (var direction in (PolicyDirection[])[PolicyDirection.In, PolicyDirection.Out])
            Assert.True(engine.Policies.Add(new()
            {
                Selector = Selector.All(System.Net.Sockets.AddressFamily.InterNetwork),
                Direction = direction,
                Mark = new(42, uint.MaxValue),
                Templates = [template],
            }, out _).Succeeded);

        var inner = Inner(1400);
        var buffer = new byte[1600];
        var passed = 0;
        Pass(500);
        Allocations.AssertNone(packets: 2 * 1000, () => Pass(1000));
        Assert.Equal(1500, passed);

        void Pass(int packets)
        {
            for (var i = 0; i < packets; i++)
            {
                if (engine.Resolve(inner, 42, default, out var state) != OutputVerdict.Protect)
                    return;
                var packet = buffer.AsSpan(0, state!.SealedLength(inner.Length));
                inner.CopyTo(packet[state.HeaderLength..]);
                if (!engine.TrySeal(state, packet, inner.Length, IpProtocol.IpIp))
                    return;
                var found = engine.FindState(parameters.Destination, packet, 42);
                if (found is null || !engine.TryOpen(found, packet, false, out var payload, out _))
                    return;
                if (engine.Admits(found, packet.Slice(payload.Offset, payload.Length), 42))
                    passed++;
            }
        }
    }
}
