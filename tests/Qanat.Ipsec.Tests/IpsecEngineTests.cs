using System.Net.Sockets;
using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

/// <summary>What a vti device asks, with the policies and states of the captures: mark 42, both ways.</summary>
public class IpsecEngineTests
{
    private static readonly IpAddress s_a = Ip("192.0.2.2"), s_b = Ip("192.0.2.1");

    private readonly IpsecEngine _a = new(new ManualTime()), _b = new(new ManualTime());

    public IpsecEngineTests()
    {
        foreach (var engine in (IpsecEngine[])[_a, _b])
        {
            Assert.True(engine.States.Add(Tunnel(Gcm()) with { Spi = 0x100, Source = s_a, Destination = s_b }, out _).Succeeded);
            Assert.True(engine.States.Add(Tunnel(Gcm()) with { Spi = 0x200, Source = s_b, Destination = s_a }, out _).Succeeded);
        }
        Add(_a, PolicyDirection.Out, s_a, s_b);
        Add(_a, PolicyDirection.In, s_b, s_a);
        Add(_b, PolicyDirection.Out, s_b, s_a);
        Add(_b, PolicyDirection.In, s_a, s_b);
    }

    [Fact]
    public void A_packet_goes_from_one_end_to_the_other_and_back()
    {
        Assert.Equal(Inner(), Carry(_a, _b, s_b, Inner()));
        var answer = Inner(source: "10.0.0.1", destination: "10.0.0.2");
        Assert.Equal(answer, Carry(_b, _a, s_a, answer));
        Assert.All(Enum.GetValues<XfrmReason>(), reason => Assert.Equal((0, 0), (_a.Counters[reason], _b.Counters[reason])));
    }

    [Fact]
    public void A_rekey_loses_nothing()
    {
        for (uint round = 0; round < 20; round++)
        {
            var underWay = Seal(_a, Inner());
            // First the new key at the receiver, then at the sender, then the old ones go: one packet is always under way.
            Assert.True(_b.States.Add(Tunnel(Gcm()) with { Spi = 0x101 + round }, out _).Succeeded);
            Assert.True(_a.States.Add(Tunnel(Gcm()) with { Spi = 0x101 + round }, out _).Succeeded);
            var young = Seal(_a, Inner());
            Assert.True(EspHeader.TryParse(young, out var header));
            Assert.Equal(0x101 + round, header.Spi);
            Assert.Equal(Inner(), Open(_b, s_b, underWay));
            Assert.True(_a.States.Delete(s_b, 0x100 + round, IpProtocol.Esp, default).Succeeded);
            Assert.True(_b.States.Delete(s_b, 0x100 + round, IpProtocol.Esp, default).Succeeded);
            Assert.Equal(Inner(), Open(_b, s_b, young));
        }
        Assert.All(Enum.GetValues<XfrmReason>(), reason => Assert.Equal((0, 0), (_a.Counters[reason], _b.Counters[reason])));
    }

    [Fact]
    public void What_no_policy_is_for_passes_or_is_blocked_by_default()
    {
        Assert.Equal(OutputVerdict.Pass, _a.Resolve(Inner(), 41, default, out var state));
        Assert.Null(state);
        _a.Policies.SetDefault(PolicyDirection.Out, PolicyAction.Block);
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(), 41, default, out _));
        Assert.Equal(1, _a.Counters[XfrmReason.XfrmOutPolBlock]);
    }

    [Fact]
    public void Leaving_packets_that_cannot_be_sealed_are_counted()
    {
        Assert.Equal(OutputVerdict.Drop, _a.Resolve([0x45], 42, default, out _));
        Assert.Equal(1, _a.Counters[XfrmReason.XfrmOutError]);

        var packet = new byte[10];
        Assert.Equal(OutputVerdict.Protect, _a.Resolve(Inner(), 42, default, out var state));
        Assert.False(_a.TrySeal(state!, packet, 60, IpProtocol.IpIp));
        Assert.Equal(1, _a.Counters[XfrmReason.XfrmOutStateProtoError]);

        _a.States.Flush();
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(), 42, default, out _));
        Assert.Equal(1, _a.Counters[XfrmReason.XfrmOutNoStates]);

        var template = TemplateOf(s_a, s_b);
        Assert.True(_a.Policies.Update(PolicyOf(PolicyDirection.Out) with { Templates = [template, template] }, out _).Succeeded);
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(), 42, default, out _));
        Assert.Equal(1, _a.Counters[XfrmReason.XfrmOutBundleGenError]);

        Assert.True(_a.Policies.Update(PolicyOf(PolicyDirection.Out) with { Action = PolicyAction.Block }, out _).Succeeded);
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(), 42, default, out _));
        Assert.Equal(1, _a.Counters[XfrmReason.XfrmOutPolBlock]);

        Assert.True(_a.Policies.Update(PolicyOf(PolicyDirection.Out) with { Templates = [] }, out _).Succeeded);
        Assert.Equal(OutputVerdict.Pass, _a.Resolve(Inner(), 42, default, out _));
    }

    [Fact]
    public void A_template_without_a_source_takes_that_of_the_route()
    {
        var policy = PolicyOf(PolicyDirection.Out) with { Templates = [TemplateOf(Ip("0.0.0.0"), s_b)] };
        Assert.True(_a.Policies.Update(policy, out _).Succeeded);
        Assert.Equal(OutputVerdict.Protect, _a.Resolve(Inner(), 42, s_a, out _));
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(), 42, s_b, out _));
    }

    [Fact]
    public void A_selector_with_a_device_is_for_what_was_sent_into_it()
    {
        var all = PolicyOf(PolicyDirection.Out) with { Templates = [TemplateOf(s_a, s_b)], Priority = 1 };
        var device = all with { Selector = all.Selector with { Interface = 7 }, Action = PolicyAction.Block, Priority = 0 };
        Assert.True(_a.Policies.Update(all, out _).Succeeded);
        Assert.True(_a.Policies.Add(device, out _).Succeeded);
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(), 42, default, out _, device: 7));
        Assert.Equal(OutputVerdict.Protect, _a.Resolve(Inner(), 42, default, out _, device: 8));
    }

    [Fact]
    public void A_transport_template_takes_the_packets_own_addresses()
    {
        var parameters = Tunnel(Gcm()) with
        {
            Spi = 0x300, Mode = XfrmMode.Transport, RequestId = 9, Source = Ip("10.0.0.2"), Destination = Ip("10.0.0.1"),
        };
        Assert.True(_a.States.Add(parameters, out var expected).Succeeded);
        var template = new PolicyTemplate { RequestId = 9 };
        Assert.True(_a.Policies.Update(PolicyOf(PolicyDirection.Out) with { Templates = [template] }, out _).Succeeded);
        Assert.Equal(OutputVerdict.Protect, _a.Resolve(Inner(), 42, default, out var state));
        Assert.Same(expected, state);
        Assert.Equal(OutputVerdict.Drop, _a.Resolve(Inner(source: "10.0.0.3"), 42, default, out _));
    }

    [Fact]
    public void Arriving_packets_that_may_not_go_on_are_counted()
    {
        var packet = Seal(_a, Inner());
        Assert.Null(_b.FindState(s_b, packet.AsSpan(0, 7), 42));
        Assert.Null(_b.FindState(s_a, packet, 42));
        Assert.Equal((1, 1), (_b.Counters[XfrmReason.XfrmInHdrError], _b.Counters[XfrmReason.XfrmInNoStates]));

        var state = _b.FindState(s_b, packet, 42)!;
        Assert.False(_b.TryOpen(state, [.. packet.AsSpan(0, packet.Length - 1), (byte)~packet[^1]], false, out _, out _));
        Assert.False(_b.TryOpen(state, packet, true, out _, out _));
        Assert.True(_b.TryOpen(state, packet, false, out _, out _));
        Assert.False(_b.TryOpen(state, packet, false, out _, out _));
        Assert.All(
            (XfrmReason[])[XfrmReason.XfrmInStateProtoError, XfrmReason.XfrmInStateMismatch, XfrmReason.XfrmInStateSeqError],
            reason => Assert.Equal(1, _b.Counters[reason]));
    }

    [Fact]
    public void An_inner_packet_needs_a_policy_that_asks_for_its_state()
    {
        var state = _b.States.Find(s_b, 0x100, IpProtocol.Esp, 42)!;
        Assert.True(_b.Admits(state, Inner(), 42));
        Assert.False(_b.Admits(state, Inner(), 41));
        Assert.Equal(1, _b.Counters[XfrmReason.XfrmInNoPols]);
        Assert.False(_b.Admits(state, [0x45], 42));
        Assert.Equal(1, _b.Counters[XfrmReason.XfrmInHdrError]);

        var mismatches = 0;
        foreach (var template in (PolicyTemplate[])
            [
                TemplateOf(s_a, s_b) with { RequestId = 2 }, TemplateOf(s_a, s_b) with { Spi = 0x101 }, TemplateOf(s_b, s_b),
                TemplateOf(s_a, s_b) with { Mode = XfrmMode.Transport },
            ])
        {
            Assert.True(_b.Policies.Update(PolicyOf(PolicyDirection.In) with { Templates = [template] }, out _).Succeeded);
            Assert.False(_b.Admits(state, Inner(), 42));
            Assert.Equal(++mismatches, _b.Counters[XfrmReason.XfrmInTmplMismatch]);
        }
        // What is protected is not what a policy without templates lets in.
        Assert.True(_b.Policies.Update(PolicyOf(PolicyDirection.In) with { Templates = [] }, out _).Succeeded);
        Assert.False(_b.Admits(state, Inner(), 42));
        Assert.Equal(++mismatches, _b.Counters[XfrmReason.XfrmInTmplMismatch]);

        foreach (var template in (PolicyTemplate[])
            [
                TemplateOf(s_a, s_b) with { RequestId = 0 }, TemplateOf(s_a, s_b) with { Spi = 0x100 }, TemplateOf(Ip("0.0.0.0"), s_b),
            ])
        {
            Assert.True(_b.Policies.Update(PolicyOf(PolicyDirection.In) with { Templates = [template] }, out _).Succeeded);
            Assert.True(_b.Admits(state, Inner(), 42));
        }
        Assert.True(_b.Policies.Update(PolicyOf(PolicyDirection.In) with { Action = PolicyAction.Block }, out _).Succeeded);
        Assert.False(_b.Admits(state, Inner(), 42));
        Assert.Equal(1, _b.Counters[XfrmReason.XfrmInPolBlock]);
    }

    [Fact]
    public void The_selector_of_the_state_must_mean_the_inner_packet()
    {
        var selector = Selector.All(AddressFamily.InterNetwork) with { Source = new(Ip("10.0.0.2"), 32) };
        Assert.True(_b.States.Add(Tunnel(Gcm()) with { Spi = 0x300, Selector = selector, Flags = default }, out var state).Succeeded);
        Assert.True(_b.Admits(state!, Inner(), 42));
        Assert.False(_b.Admits(state!, Inner(source: "10.0.0.3"), 42));
        Assert.Equal(1, _b.Counters[XfrmReason.XfrmInStateMismatch]);
    }

    [Fact]
    public void A_sweep_looks_at_states_and_policies()
    {
        var time = new ManualTime();
        var engine = new IpsecEngine(time);
        var limits = new LifetimeLimits { HardAddSeconds = 5 };
        Assert.True(engine.States.Add(Tunnel(Gcm()) with { Limits = limits }, out _).Succeeded);
        Assert.True(engine.Policies.Add(PolicyOf(PolicyDirection.Out) with { Limits = limits }, out _).Succeeded);
        time.Advance(5);
        engine.Sweep();
        Assert.Empty(engine.States.States);
        Assert.Empty(engine.Policies.Policies);
    }

    private static PolicyTemplate TemplateOf(IpAddress source, IpAddress destination) =>
        new() { Source = source, Destination = destination, RequestId = 1, Mode = XfrmMode.Tunnel };

    private static SecurityPolicyParameters PolicyOf(PolicyDirection direction) => new()
    {
        Selector = Selector.All(AddressFamily.InterNetwork), Direction = direction, Mark = new(42, uint.MaxValue),
    };

    private static void Add(IpsecEngine engine, PolicyDirection direction, IpAddress source, IpAddress destination) =>
        Assert.True(engine.Policies.Add(PolicyOf(direction) with { Templates = [TemplateOf(source, destination)] }, out _).Succeeded);

    private static byte[] Carry(IpsecEngine from, IpsecEngine to, IpAddress destination, byte[] inner) =>
        Open(to, destination, Seal(from, inner));

    private static byte[] Seal(IpsecEngine engine, byte[] inner)
    {
        Assert.Equal(OutputVerdict.Protect, engine.Resolve(inner, 42, default, out var state));
        var packet = new byte[state!.SealedLength(inner.Length)];
        inner.CopyTo(packet, state.HeaderLength);
        Assert.True(engine.TrySeal(state, packet, inner.Length, IpProtocol.IpIp));
        return packet;
    }

    private static byte[] Open(IpsecEngine engine, IpAddress destination, byte[] packet)
    {
        var state = engine.FindState(destination, packet, 42);
        Assert.True(engine.TryOpen(state!, packet, false, out var payload, out _));
        var inner = packet[payload.Offset..(payload.Offset + payload.Length)];
        Assert.True(engine.Admits(state!, inner, 42));
        return inner;
    }
}
