using System.Net.Sockets;
using Qanat.Daemon.Api;
using Qanat.Daemon.Tests.Fakes;
using Qanat.Ipsec;
using Qanat.Linux;
using Qanat.Packets;
using static Qanat.Daemon.Tests.Fakes.XfrmBench;

namespace Qanat.Daemon.Tests;

/// <summary>States and policies: what may be, what is kept, and what becomes of it in time.</summary>
public sealed class XfrmManagerTests : IDisposable
{
    private static readonly IpAddress Destination = new IPv4Address(0xC0000202);

    private readonly XfrmBench _bench = new();

    public void Dispose() => _bench.Dispose();

    [Fact]
    public void A_state_reaches_the_engine_with_its_key_and_leaves_it()
    {
        _bench.Xfrm.Add(StateOf(5));
        var key = _bench.Engine(engine => Convert.ToHexStringLower(engine.States.States.Single().Parameters.Algorithms.Aead!.Key.Bytes));
        Assert.Equal(Key, key);
        _bench.Xfrm.RemoveState(Destination, 5, 0);
        Assert.Equal(0, _bench.Engine(engine => engine.States.States.Count));
        Assert.Equal(Errno.ESRCH, ErrorOf(() => _bench.Xfrm.RemoveState(Destination, 5, 0)));
    }

    [Fact]
    public void States_of_one_name_are_refused_unless_their_marks_differ()
    {
        _bench.Xfrm.Add(StateOf(5, new(1, 0xFF)));
        _bench.Xfrm.Add(StateOf(5, new(2, 0xFF)));
        Assert.Equal(Errno.EEXIST, ErrorOf(() => _bench.Xfrm.Add(StateOf(5, new(1, 0xFF)))));
        Assert.Equal(new XfrmMarkSpec(2, 0xFF), _bench.Xfrm.GetState(Destination, 5, 2, keys: false).Spec.Mark);
        Assert.Equal(Errno.ESRCH, ErrorOf(() => _bench.Xfrm.GetState(Destination, 5, 3, keys: false)));
    }

    [Theory]
    [InlineData("nosuch", Key, Errno.ENOSYS)]
    [InlineData("rfc4106(gcm(aes))", "00", Errno.EINVAL)]
    [InlineData("rfc4106(gcm(aes))", "0g", Errno.EINVAL)]
    [InlineData("rfc4106(gcm(aes))", null, Errno.EINVAL)]
    public void A_wrong_algorithm_or_key_is_refused_and_nothing_is_kept(string name, string? key, int errno)
    {
        var spec = StateOf(5) with { Aead = new() { Name = name, Key = key, Bits = 128 } };
        Assert.Equal(errno, ErrorOf(() => _bench.Xfrm.Add(spec)));
        Assert.Equal(0, _bench.Xfrm.Count);
        Assert.False(File.Exists(_bench.Paths.XfrmState));
    }

    [Fact]
    public void An_update_changes_what_the_kernel_lets_it_change_and_not_the_key()
    {
        _bench.Xfrm.Add(StateOf(5) with { Encap = new() { Sport = 1, Dport = 2, Addr = "0.0.0.0" } });
        var other = StateOf(5) with
        {
            Encap = new() { Sport = 3, Dport = 4, Addr = "192.0.2.9" },
            Aead = new() { Name = "rfc4106(gcm(aes))", Key = new string('f', 40), Bits = 128 },
            Limits = new() { TimeHard = 9 },
            Reqid = 7,
        };
        var updated = _bench.Xfrm.Update(other).Spec;
        Assert.Equal((3, 4, "192.0.2.9"), (updated.Encap!.Sport, updated.Encap.Dport, updated.Encap.Addr));
        Assert.Equal((Key, 9UL, 0U), (updated.Aead!.Key, updated.Limits!.TimeHard, updated.Reqid));
        Assert.Equal(Errno.EINVAL, ErrorOf(() => _bench.Xfrm.Update(StateOf(5))));
        Assert.Equal(Errno.ESRCH, ErrorOf(() => _bench.Xfrm.Update(StateOf(6))));
    }

    [Fact]
    public void Two_states_of_one_peer_are_alive_at_once_so_that_keys_can_be_changed()
    {
        _bench.Xfrm.Add(StateOf(5) with { Reqid = 1 });
        _bench.Xfrm.Add(StateOf(6) with { Reqid = 1 });
        Assert.Equal([6U, 5U], _bench.Xfrm.ListStates(keys: false).Select(report => report.Spec.Spi));
        Assert.Equal(2, _bench.Engine(engine => engine.States.States.Count(state => state.Status == XfrmStateStatus.Valid)));
    }

    [Fact]
    public void Keys_are_shown_only_when_they_are_asked_for()
    {
        _bench.Xfrm.Add(StateOf(5));
        Assert.Equal(Key, _bench.Xfrm.ListStates(keys: true)[0].Spec.Aead!.Key);
        Assert.Null(_bench.Xfrm.ListStates(keys: false)[0].Spec.Aead!.Key);
    }

    [Fact]
    public void A_policy_reaches_the_engine_and_its_index_tells_its_direction()
    {
        Assert.Equal(1U, _bench.Xfrm.Add(PolicyFor("10.2.0.0/16")).Spec.Index);
        Assert.Equal(8U, _bench.Xfrm.Add(PolicyFor("10.2.0.0/16", "in")).Spec.Index);
        Assert.Equal(18U, _bench.Xfrm.Add(PolicyFor("10.2.0.0/16", "fwd")).Spec.Index);
        Assert.Equal(Errno.EEXIST, ErrorOf(() => _bench.Xfrm.Add(PolicyFor("10.2.0.0/16"))));
        Assert.Equal(3, _bench.Engine(engine => engine.Policies.Policies.Count));
        _bench.Xfrm.RemovePolicy(8);
        Assert.Equal(Errno.ENOENT, ErrorOf(() => _bench.Xfrm.RemovePolicy(8)));
        Assert.Equal([18U, 1U], _bench.Xfrm.ListPolicies().Select(report => report.Spec.Index));
    }

    [Fact]
    public void An_updated_policy_keeps_its_index_and_takes_the_place_of_the_old_one()
    {
        _bench.Xfrm.Add(PolicyFor("10.2.0.0/16"));
        _bench.Xfrm.Update(PolicyFor("10.2.0.0/16") with { Priority = 9 });
        var only = Assert.Single(_bench.Xfrm.ListPolicies()).Spec;
        Assert.Equal((1U, 9U), (only.Index, only.Priority));
        Assert.Equal(9U, _bench.Engine(engine => engine.Policies.Policies.Single().Parameters.Priority));
    }

    [Fact]
    public void A_selectors_device_is_followed_when_it_is_renamed()
    {
        var device = _bench.Devices.AddForeign("eth9");
        _bench.Xfrm.Add(PolicyFor("10.2.0.0/16") with { Sel = new() { Src = "0.0.0.0/0", Dst = "0.0.0.0/0", Dev = "eth9" } });
        _bench.Devices.RenameForeign(device.Index, "wan");
        Assert.Equal("wan", _bench.Xfrm.ListPolicies()[0].Spec.Sel.Dev);
        _bench.Devices.Remove(device.Index);
        Assert.Equal($"if{device.Index}", _bench.Xfrm.ListPolicies()[0].Spec.Sel.Dev);
        var none = PolicyFor("10.3.0.0/16") with { Sel = new() { Src = "0.0.0.0/0", Dst = "0.0.0.0/0", Dev = "nosuch" } };
        Assert.Equal(Errno.ENODEV, ErrorOf(() => _bench.Xfrm.Add(none)));
    }

    [Fact]
    public void A_full_disk_leaves_everything_as_it_was()
    {
        _bench.Xfrm.Add(StateOf(5));
        _bench.Xfrm.Add(PolicyFor("10.2.0.0/16"));
        _bench.Disk.WriteFault = new IOException("full", Errno.ENOSPC);
        Assert.Equal(Errno.ENOSPC, Assert.Throws<LinuxException>(() => _bench.Xfrm.Add(StateOf(6))).Error);
        Assert.Throws<LinuxException>(() => _bench.Xfrm.Add(PolicyFor("10.3.0.0/16")));
        Assert.Throws<LinuxException>(() => _bench.Xfrm.Update(PolicyFor("10.2.0.0/16") with { Priority = 3 }));
        Assert.Throws<LinuxException>(() => _bench.Xfrm.RemoveState(Destination, 5, 0));
        Assert.Throws<LinuxException>(_bench.Xfrm.FlushPolicies);
        _bench.Disk.WriteFault = null;
        Assert.Equal([5U], _bench.Xfrm.ListStates(keys: false).Select(report => report.Spec.Spi));
        Assert.Equal(0U, Assert.Single(_bench.Xfrm.ListPolicies()).Spec.Priority);
        Assert.Equal((1, 1), _bench.Engine(engine => (engine.States.States.Count, engine.Policies.Policies.Count)));
        _bench.Xfrm.RemovePolicy(1);
        Assert.Equal(0, _bench.Engine(engine => engine.Policies.Policies.Count));
    }

    [Fact]
    public void What_was_kept_comes_back_in_its_order_with_its_keys()
    {
        _bench.Xfrm.Add(StateOf(5, new(1, 0xFF)) with { Sel = new() { Src = "10.0.0.0/8", Dst = "0.0.0.0/0", Proto = 6, Dport = 443 } });
        _bench.Xfrm.Add(StateOf(6) with { Flags = ["esn", "noecn"], ReplayWindow = 64, Limits = new() { ByteHard = 1_000_000 } });
        _bench.Xfrm.Add(PolicyFor("10.2.0.0/16"));
        _bench.Xfrm.Add(PolicyFor("10.3.0.0/16", "in", new(5, uint.MaxValue)));
        var (states, policies) = (_bench.Xfrm.ListStates(keys: true), _bench.Xfrm.ListPolicies());
        Assert.Equal(4, _bench.Restart());
        var again = _bench.Xfrm.ListStates(keys: true);
        Assert.Equal(states.Select(WithoutSequence), again.Select(WithoutSequence));
        Assert.Equal(policies.Select(Text), _bench.Xfrm.ListPolicies().Select(Text));
        Assert.Equal(2, _bench.Engine(engine => engine.States.States.Count));
    }

    [Fact]
    public void After_a_restart_no_sequence_number_is_sent_again()
    {
        _bench.Xfrm.Add(StateOf(5));
        var before = _bench.Xfrm.ListStates(keys: false)[0].Replay.Oseq;
        _bench.Restart();
        var after = _bench.Xfrm.ListStates(keys: false)[0].Replay.Oseq;
        Assert.True(after >= before + (1 << 23), $"{after} follows {before}");
        _bench.Restart();
        Assert.True(_bench.Xfrm.ListStates(keys: false)[0].Replay.Oseq > after);
    }

    [Fact]
    public void Sequence_numbers_of_32_bits_end_and_do_not_begin_anew()
    {
        _bench.Xfrm.Add(StateOf(5) with { ReplayOseq = uint.MaxValue - 10 });
        _bench.Restart();
        _bench.Xfrm.Tick();
        _bench.Restart();
        Assert.Equal(uint.MaxValue, _bench.Xfrm.ListStates(keys: false)[0].Replay.Oseq);
    }

    [Fact]
    public void A_state_ends_at_its_hard_limit_of_time_also_across_a_restart()
    {
        _bench.Xfrm.Add(StateOf(5, limits: new() { TimeHard = 10 }));
        _bench.Xfrm.Add(StateOf(6));
        _bench.Time.Advance(TimeSpan.FromSeconds(6));
        _bench.Xfrm.Tick();
        Assert.Equal(2, _bench.Xfrm.Count);
        _bench.Restart();
        Assert.Equal(10UL, _bench.Xfrm.GetState(Destination, 5, 0, keys: false).Spec.Limits!.TimeHard);
        _bench.Time.Advance(TimeSpan.FromSeconds(6));
        _bench.Xfrm.Tick();
        Assert.Equal([6U], _bench.Xfrm.ListStates(keys: false).Select(report => report.Spec.Spi));
        Assert.Equal(1, _bench.Restart());
        Assert.Contains(_bench.Log,
            line => line.EndsWith("state 192.0.2.1 -> 192.0.2.2 esp 0x00000005: expired", StringComparison.Ordinal));
    }

    [Fact]
    public void A_policy_ends_at_its_hard_limit_of_time()
    {
        _bench.Xfrm.Add(PolicyFor("10.2.0.0/16") with { Limits = new() { TimeHard = 10 } });
        _bench.Time.Advance(TimeSpan.FromSeconds(11));
        _bench.Xfrm.Tick();
        Assert.Equal(0, _bench.Xfrm.Count);
        Assert.Equal(0, _bench.Engine(engine => engine.Policies.Policies.Count));
    }

    [Fact]
    public void No_key_reaches_the_log_whatever_happens()
    {
        _bench.Xfrm.Add(StateOf(5, limits: new() { TimeHard = 1 }));
        _bench.Xfrm.Add(StateOf(6));
        File.WriteAllText(_bench.Paths.XfrmState,
            File.ReadAllText(_bench.Paths.XfrmState).Replace("cookie", Key, StringComparison.Ordinal));
        _bench.Restart();
        _bench.Time.Advance(TimeSpan.FromSeconds(2));
        _bench.Xfrm.Tick();
        Assert.NotEmpty(_bench.Log);
        Assert.DoesNotContain(_bench.Log, line => line.Contains(Key, StringComparison.OrdinalIgnoreCase));
        Assert.DoesNotContain(Key, StateOf(5).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_engine_finds_the_policy_of_a_mark()
    {
        _bench.Xfrm.Add(PolicyFor("10.2.0.0/16", mark: new(5, uint.MaxValue)));
        var found = _bench.Engine(engine => engine.Policies.Find(PolicyDirection.Out, new()
        {
            Family = AddressFamily.InterNetwork,
            Source = new(new IPv4Address(0x0A010000), 16),
            Destination = new(new IPv4Address(0x0A020000), 16),
        }, new(5, uint.MaxValue)));
        Assert.Equal(1U, found?.Parameters.Templates[0].RequestId);
    }

    private static string WithoutSequence(XfrmStateReport report) =>
        System.Text.Json.JsonSerializer.Serialize(report.Spec with { ReplayOseq = 0 }, XfrmJson.Default.XfrmStateSpec);

    private static string Text(XfrmPolicyReport report) =>
        System.Text.Json.JsonSerializer.Serialize(report.Spec, XfrmJson.Default.XfrmPolicySpec);
}
