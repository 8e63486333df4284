using System.Net.Sockets;
using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

public class SecurityPolicyDatabaseTests
{
    private static readonly Flow s_flow = new(Ip("10.0.0.2"), Ip("10.0.0.1"), IpProtocol.Udp, 1000, 2000);

    private readonly ManualTime _time = new();
    private readonly SecurityPolicyDatabase _policies;

    public SecurityPolicyDatabaseTests() => _policies = new(_time);

    [Fact]
    public void The_lowest_priority_is_looked_at_first_and_of_equals_the_oldest()
    {
        var late = Add(Out with { Priority = 10, Selector = To("10.0.0.0", 8) });
        var first = Add(Out with { Priority = 5, Selector = To("10.0.0.0", 16) });
        Add(Out with { Priority = 5, Selector = To("10.0.0.0", 24) });
        Assert.Same(first, _policies.Lookup(PolicyDirection.Out, s_flow, 0));
        Assert.Same(late, _policies.Lookup(PolicyDirection.Out, s_flow with { Destination = Ip("10.1.0.1") }, 0));
        Assert.Null(_policies.Lookup(PolicyDirection.Out, s_flow with { Destination = Ip("11.0.0.1") }, 0));
        Assert.Null(_policies.Lookup(PolicyDirection.In, s_flow, 0));
    }

    [Fact]
    public void Policies_for_a_mark_and_for_parts_of_marks_compete_by_priority()
    {
        var whole = Add(Out with { Priority = 2, Mark = new(42, uint.MaxValue) });
        var any = Add(Out with { Priority = 3 });
        var part = Add(Out with { Priority = 1, Mark = new(0x100, 0xF00) });
        Assert.Same(whole, _policies.Lookup(PolicyDirection.Out, s_flow, 42));
        Assert.Same(any, _policies.Lookup(PolicyDirection.Out, s_flow, 43));
        Assert.Same(part, _policies.Lookup(PolicyDirection.Out, s_flow, 0x12A));
        Assert.Equal([part, any, whole], _policies.Policies);
    }

    [Fact]
    public void Ten_thousand_marks_find_each_its_own()
    {
        for (uint mark = 1; mark <= 10_000; mark++)
            Add(Out with { Mark = new(mark, uint.MaxValue) });
        for (uint mark = 1; mark <= 10_000; mark++)
            Assert.Equal(mark, _policies.Lookup(PolicyDirection.Out, s_flow, mark)!.Parameters.Mark.Value);
        Assert.Equal(10_000, _policies.Flush());
        Assert.Null(_policies.Lookup(PolicyDirection.Out, s_flow, 1));
        Assert.Equal(0, _policies.Flush());
    }

    [Fact]
    public void One_selector_mark_direction_and_interface_is_one_policy()
    {
        Add(Out);
        Assert.Equal(XfrmCode.EEXIST, _policies.Add(Out with { Priority = 9 }, out _).Code);
        Add(Out with { Mark = new(1, uint.MaxValue) });
        Add(Out with { InterfaceId = 7 });
        Add(Out with { Direction = PolicyDirection.Forward });
        Add(Out with { Selector = Selector.All(AddressFamily.InterNetworkV6) });
        Assert.Equal(5, _policies.Policies.Count);
    }

    [Fact]
    public void An_update_takes_the_place_of_what_it_changes_or_adds()
    {
        Assert.True(_policies.Update(Out, out var added).Succeeded);
        Assert.True(_policies.Update(Out with { Action = PolicyAction.Block, Priority = 3 }, out var changed).Succeeded);
        Assert.Equal((added!.Parameters.Index, PolicyAction.Block, 3u), (changed!.Parameters.Index, changed.Parameters.Action, changed.Parameters.Priority));
        Assert.Equal([changed], _policies.Policies);
        Assert.False(_policies.Update(Out with { Selector = new() }, out _).Succeeded);
        Assert.Equal([changed], _policies.Policies);
    }

    [Fact]
    public void A_policy_is_found_and_deleted_by_selector_or_index()
    {
        var policy = Add(Out with { Mark = new(0xFF05, 0xFF) });
        Assert.Same(policy, _policies.Find(PolicyDirection.Out, Out.Selector, new(5, 0xFF)));
        Assert.Null(_policies.Find(PolicyDirection.Out, Out.Selector, default));
        Assert.Null(_policies.Find(PolicyDirection.Out, To("10.0.0.0", 8), new(5, 0xFF)));
        Assert.Same(policy, _policies.Find(PolicyDirection.Out, policy.Parameters.Index));
        Assert.Null(_policies.Find(PolicyDirection.In, policy.Parameters.Index));
        Assert.True(_policies.Delete(policy).Succeeded);
        Assert.Equal(XfrmCode.ENOENT, _policies.Delete(policy).Code);
        Assert.Equal(XfrmCode.ENOENT, _policies.Delete(_policies.Find(PolicyDirection.Out, 1)).Code);
    }

    [Fact]
    public void Indexes_are_the_kernels_or_ones_own()
    {
        Assert.Equal(1u, Add(Out).Parameters.Index);
        Assert.Equal(8u, Add(Out with { Direction = PolicyDirection.In }).Parameters.Index);
        Assert.Equal(18u, Add(Out with { Direction = PolicyDirection.Forward }).Parameters.Index);
        Assert.Equal(801u, Add(Out with { InterfaceId = 1, Index = 801 }).Parameters.Index);
        Assert.Equal(25u, Add(Out with { InterfaceId = 2, Index = 801 }).Parameters.Index);
    }

    [Fact]
    public void A_policy_ends_at_its_hard_limit()
    {
        List<bool> events = [];
        _policies.Expired += (_, hard) => events.Add(hard);
        Add(Out with { Limits = new() { SoftAddSeconds = 1, HardAddSeconds = 2 } });
        for (var i = 0; i < 3; i++)
        {
            _time.Advance(1);
            _policies.Sweep();
        }
        Assert.Equal([false, true], events);
        Assert.Empty(_policies.Policies);
    }

    public static TheoryData<Func<SecurityPolicyParameters, SecurityPolicyParameters>, string> Refusals => new()
    {
        { its => its with { Direction = (PolicyDirection)3 }, "Invalid policy direction" },
        { its => its with { Selector = new() }, "Invalid selector family" },
        { its => its with { Selector = To("10.0.0.0", 33) }, "Invalid prefix length in selector" },
        { its => its with { Selector = To("10.0.0.0", -1) }, "Invalid prefix length in selector" },
        { its => its with { Index = 8 }, "Policy index doesn't match direction" },
        { its => its with { Templates = [.. Enumerable.Repeat(Template, 7)] }, "Template count must be <= XFRM_MAX_DEPTH (6)" },
        { its => its with { Templates = [Template with { Optional = true }] }, "Mode in optional template not allowed in outbound policy" },
        {
            its => its with { Templates = [Template with { Mode = XfrmMode.Transport, Source = Ip("fd00::1"), Destination = Ip("fd00::2") }] },
            "Mode in template doesn't support a family change"
        },
        { its => its with { Templates = [Template with { Source = Ip("fd00::1") }] }, "Invalid family in template" },
        { its => its with { Templates = [Template with { Protocol = IpProtocol.Tcp }] }, "Invalid XFRM protocol in template" },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void What_the_kernel_refuses_is_refused(Func<SecurityPolicyParameters, SecurityPolicyParameters> change, string detail)
    {
        ArgumentNullException.ThrowIfNull(change);
        Assert.Equal(new XfrmResult(XfrmCode.EINVAL, detail), _policies.Add(change(Out), out _));
        Assert.Empty(_policies.Policies);
    }

    private static PolicyTemplate Template => new() { Source = Ip("192.0.2.2"), Destination = Ip("192.0.2.1"), Mode = XfrmMode.Tunnel };

    private static SecurityPolicyParameters Out => new()
    {
        Selector = Selector.All(AddressFamily.InterNetwork), Direction = PolicyDirection.Out, Templates = [Template],
    };

    private static Selector To(string address, int length) =>
        Selector.All(AddressFamily.InterNetwork) with { Destination = new(Ip(address), length) };

    private SecurityPolicy Add(SecurityPolicyParameters parameters)
    {
        var result = _policies.Add(parameters, out var policy);
        Assert.True(result.Succeeded, result.ToString());
        return policy!;
    }
}
