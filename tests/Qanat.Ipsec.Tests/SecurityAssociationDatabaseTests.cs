using System.Net.Sockets;
using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

public class SecurityAssociationDatabaseTests
{
    private static readonly IpAddress s_a = Ip("192.0.2.2"), s_b = Ip("192.0.2.1");
    private static readonly Flow s_flow = new(Ip("10.0.0.2"), Ip("10.0.0.1"), IpProtocol.Udp, 1000, 2000);

    private readonly ManualTime _time = new();
    private readonly SecurityAssociationDatabase _states;

    public SecurityAssociationDatabaseTests() => _states = new(_time);

    [Fact]
    public void A_state_is_found_by_destination_spi_protocol_and_mark()
    {
        var plain = Add(Parameters(1));
        var marked = Add(Parameters(2) with { Mark = new(0xFF2A, 0xFF) });
        Assert.Same(plain, Find(1));
        Assert.Same(plain, Find(1, mark: 99));
        Assert.Same(marked, Find(2, mark: 0x12342A));
        Assert.Equal(new Mark(0x2A, 0xFF), marked.Parameters.Mark);
        Assert.Null(Find(2));
        Assert.Null(Find(3));
        Assert.Null(_states.Find(s_a, 1, IpProtocol.Esp, 0));
        Assert.Null(_states.Find(s_b, 1, IpProtocol.Ah, 0));
        Assert.Equal([marked, plain], _states.States);
    }

    [Fact]
    public void Two_states_of_one_spi_differ_by_mark_or_the_second_exists_already()
    {
        Add(Parameters(1) with { Mark = new(1, uint.MaxValue) });
        Add(Parameters(1) with { Mark = new(2, uint.MaxValue) });
        Assert.Equal(XfrmCode.EEXIST, _states.Add(Parameters(1) with { Mark = new(2, uint.MaxValue) }, out var none).Code);
        Assert.Null(none);
        Assert.Equal(2u, Find(1, mark: 2)!.Parameters.Mark.Value);
    }

    [Fact]
    public void What_is_deleted_is_gone_and_its_keys_are_wiped()
    {
        var state = Add(Parameters(1));
        var key = state.Parameters.Algorithms.Aead!.Key;
        Seal(state, Inner());
        Assert.Equal(XfrmCode.ESRCH, _states.Delete(s_b, 2, IpProtocol.Esp, default).Code);
        Assert.True(_states.Delete(s_b, 1, IpProtocol.Esp, default).Succeeded);
        Assert.Equal(XfrmCode.ESRCH, _states.Delete(s_b, 1, IpProtocol.Esp, default).Code);
        Assert.Throws<ObjectDisposedException>(() => key.Bytes.Length);
        Assert.Equal(XfrmStateStatus.Dead, state.Status);
        Assert.False(Esp.TrySeal(state, new byte[state.SealedLength(60)], 60, IpProtocol.IpIp, out var reason));
        Assert.Equal(XfrmReason.XfrmOutStateInvalid, reason);
        Assert.Equal(XfrmReason.XfrmInStateInvalid, Open(state, new byte[100]).Reason);
        Assert.Null(FindFor(Template));
        Assert.Empty(_states.States);
    }

    [Fact]
    public void Flush_deletes_all_of_a_protocol()
    {
        for (uint spi = 1; spi <= 5; spi++)
            Add(Parameters(spi));
        Assert.Equal(0, _states.Flush(IpProtocol.Ah));
        Assert.Equal(5, _states.Flush(IpProtocol.Esp));
        Assert.Equal(0, _states.Flush());
        Assert.Null(FindFor(Template));
    }

    [Fact]
    public void An_update_changes_limits_and_ports_but_never_keys()
    {
        Assert.Equal(XfrmCode.ESRCH, _states.Update(Parameters(1)).Code);
        var state = Add(Parameters(1) with { Encapsulation = new(4500, 4500), Limits = new() { SoftPackets = 1 } });
        Seal(state, Inner());
        state.Lifetime.IsUsedUp();
        Assert.True(state.Lifetime.IsDying);
        var key = state.Parameters.Algorithms;
        var change = Parameters(1) with { Algorithms = ChaCha, Encapsulation = new(4500, 6000), Limits = new() { HardPackets = 100 } };
        Assert.True(_states.Update(change).Succeeded);
        Assert.Equal((new UdpEncapsulation(4500, 6000), change.Limits), (state.Parameters.Encapsulation, state.Lifetime.Limits));
        Assert.Same(key, state.Parameters.Algorithms);
        Assert.False(state.Lifetime.IsDying);
        Assert.Equal(XfrmCode.EINVAL, _states.Update(change with { Encapsulation = null }).Code);
    }

    [Fact]
    public void After_a_rekey_the_new_state_sends_and_both_receive()
    {
        var far = new SecurityAssociationDatabase(_time);
        var old = Add(Parameters(1));
        Assert.True(far.Add(Parameters(1), out _).Succeeded);
        var underWay = Seal(FindFor(Template)!, Inner());
        Assert.Same(old, FindFor(Template));

        Assert.True(far.Add(Parameters(2), out _).Succeeded);
        var young = Add(Parameters(2));
        Assert.Same(young, FindFor(Template));
        Assert.Same(old, FindFor(Template with { Spi = 1 }));
        foreach (var packet in (byte[][])[Seal(young, Inner()), underWay, Seal(old, Inner())])
        {
            Assert.True(EspHeader.TryParse(packet, out var header));
            Assert.Equal(Inner(), Open(far.Find(s_b, header.Spi, IpProtocol.Esp, 0)!, packet).Inner);
        }

        Assert.True(_states.Delete(s_b, 2, IpProtocol.Esp, default).Succeeded);
        Assert.Same(old, FindFor(Template));
    }

    [Fact]
    public void A_state_that_is_dying_sends_only_when_there_is_no_other()
    {
        var older = Add(Parameters(1));
        var dying = Add(Parameters(2) with { Limits = new() { SoftPackets = 1 } });
        Assert.Same(dying, FindFor(Template));
        Seal(dying, Inner());
        Seal(dying, Inner());
        Assert.Same(older, FindFor(Template));
        _states.Delete(s_b, 1, IpProtocol.Esp, default);
        Assert.Same(dying, FindFor(Template));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_hard_limit_of_traffic_lets_exactly_that_much_through(bool packets)
    {
        LifetimeLimits limits = packets ? new() { SoftPackets = 2, HardPackets = 3 } : new() { SoftBytes = 120, HardBytes = 180 };
        List<(uint, bool)> events = [];
        _states.Expired += (state, hard) => events.Add((state.Parameters.Spi, hard));
        var state = Add(Parameters(1) with { Limits = limits });
        for (var i = 0; i < 3; i++)
        {
            Seal(state, Inner());
            _states.Sweep();
        }
        Assert.Equal([(1u, false)], events);
        Assert.False(Esp.TrySeal(state, new byte[state.SealedLength(60)], 60, IpProtocol.IpIp, out var reason));
        Assert.Equal((XfrmReason.XfrmOutStateExpired, XfrmStateStatus.Expired), (reason, state.Status));
        Assert.Null(FindFor(Template));
        Assert.NotNull(Find(1));
        _states.Sweep();
        Assert.Null(Find(1));
        Assert.Equal([(1u, false), (1u, true)], events);
    }

    [Fact]
    public void A_hard_limit_holds_for_arriving_packets_too()
    {
        var sender = Create(Parameters(1));
        var receiver = Add(Parameters(1) with { Limits = new() { HardPackets = 1 } });
        Assert.Equal(XfrmReason.None, Open(receiver, Seal(sender, Inner())).Reason);
        Assert.Equal(XfrmReason.XfrmInStateExpired, Open(receiver, Seal(sender, Inner())).Reason);
        Assert.Equal(XfrmReason.XfrmInStateInvalid, Open(receiver, Seal(sender, Inner())).Reason);
    }

    [Fact]
    public void Limits_of_time_count_from_adding_and_from_first_use()
    {
        List<(uint, bool)> events = [];
        _states.Expired += (state, hard) => events.Add((state.Parameters.Spi, hard));
        Add(Parameters(1) with { Limits = new() { SoftAddSeconds = 10, HardAddSeconds = 20 } });
        var used = Add(Parameters(2) with { Limits = new() { SoftUseSeconds = 10, HardUseSeconds = 20 } });
        Step(9);
        Assert.Empty(events);
        Seal(used, Inner());
        Assert.Equal(_time.GetUtcNow(), used.Lifetime.Used);
        Step(1);
        Assert.Equal([(1u, false)], events);
        Step(9);
        Assert.Equal([(1u, false), (2u, false)], events);
        Step(10);
        Assert.Equal([(1u, false), (2u, false), (2u, true), (1u, true)], events);
        Assert.Empty(_states.States);

        void Step(int seconds)
        {
            _time.Advance(seconds);
            _states.Sweep();
        }
    }

    [Fact]
    public void Whoever_hears_of_an_end_may_change_the_database()
    {
        _states.Expired += (_, _) =>
        {
            _states.Flush();
            Add(Parameters(9));
        };
        Add(Parameters(1) with { Limits = new() { HardAddSeconds = 1 } });
        Add(Parameters(2) with { Limits = new() { HardAddSeconds = 1 } });
        _time.Advance(2);
        _states.Sweep();
        Assert.Equal([9u], _states.States.Select(state => state.Parameters.Spi));
    }

    [Fact]
    public void A_template_takes_only_what_it_asks_for()
    {
        var state = Add(Parameters(7) with { Mark = new(42, uint.MaxValue) });
        Assert.Same(state, FindFor(Template, mark: 42));
        Assert.Null(FindFor(Template, mark: 41));
        Assert.Null(FindFor(Template with { RequestId = 2 }, mark: 42));
        Assert.Null(FindFor(Template with { Spi = 8 }, mark: 42));
        Assert.Null(FindFor(Template with { Mode = XfrmMode.Transport }, mark: 42));
        Assert.Null(_states.FindFor(Template, s_b, s_b, s_flow, 42, 0));
        Assert.Null(_states.FindFor(Template, s_a, s_b, s_flow, 42, interfaceId: 3));
    }

    [Fact]
    public void A_state_without_a_source_serves_every_source_after_those_that_have_one()
    {
        var any = Add(Parameters(1) with { Source = Ip("0.0.0.0") });
        Assert.Same(any, FindFor(Template));
        _time.Advance(1);
        var own = Add(Parameters(2));
        Assert.Same(own, FindFor(Template));
        Assert.Same(any, _states.FindFor(Template, Ip("192.0.2.77"), s_b, s_flow, 0, 0));
    }

    [Fact]
    public void A_state_for_receiving_alone_does_not_send()
    {
        Add(Parameters(1) with { Flags = XfrmStateFlags.WildReceive });
        Assert.Null(FindFor(Template));
    }

    [Fact]
    public void The_selector_of_a_state_says_what_it_sends()
    {
        var selector = Selector.All(AddressFamily.InterNetwork) with { Destination = new(Ip("10.0.0.0"), 24), DestinationPort = 2000, DestinationPortMask = 0xFFFF };
        var state = Add(Parameters(1) with { Selector = selector, Flags = XfrmStateFlags.None });
        Assert.Same(state, FindFor(Template));
        Assert.Null(_states.FindFor(Template, s_a, s_b, s_flow with { DestinationPort = 2001 }, 0, 0));
        Assert.Null(_states.FindFor(Template, s_a, s_b, s_flow with { Destination = Ip("10.0.1.1") }, 0, 0));
        Assert.Null(_states.FindFor(Template, s_a, s_b, new(Ip("fd00::2"), Ip("fd00::1"), IpProtocol.Udp, 1000, 2000), 0, 0));
    }

    public static TheoryData<Func<SecurityAssociationParameters, SecurityAssociationParameters>, XfrmCode, string> Refusals => new()
    {
        { its => its with { Source = Ip("fd00::1") }, XfrmCode.EINVAL, "Source and destination are of different families" },
        { its => its with { Protocol = IpProtocol.Ah }, XfrmCode.EPROTONOSUPPORT, "Unsupported protocol" },
        { its => its with { Mode = (XfrmMode)4 }, XfrmCode.EPROTONOSUPPORT, "Unsupported mode" },
        { its => its with { ReplayWindow = 4097 }, XfrmCode.EINVAL, "ESN bitmap length must be <= 128" },
        { its => its with { ReplayWindow = 0, Flags = XfrmStateFlags.Esn }, XfrmCode.EINVAL, "ESN replay window must be > 0" },
        {
            its => its with { Selector = Selector.All(AddressFamily.InterNetwork) with { Source = new(Ip("10.0.0.0"), 33) } },
            XfrmCode.EINVAL, "Invalid prefix length in selector"
        },
        { its => its with { Algorithms = new() }, XfrmCode.EINVAL, "Missing required attribute for ESP: at least one of AUTH, AUTH_TRUNC, CRYPT, AEAD" },
        { its => its with { Algorithms = Cbc() with { Encryption = null } }, XfrmCode.EINVAL, "ESP: AEAD or CRYPT must be provided" },
        {
            its => its with { Algorithms = Cbc() with { Aead = Gcm().Aead } },
            XfrmCode.EINVAL, "Invalid attribute combination for ESP: AEAD can't be used with AUTH, AUTH_TRUNC, CRYPT"
        },
        { its => its with { Algorithms = Gcm(icvBits: 100) }, XfrmCode.ENOSYS, "Requested AEAD algorithm not found" },
        { its => its with { Algorithms = Gcm(keyLength: 17) }, XfrmCode.EINVAL, "Kernel was unable to initialize cryptographic operations" },
        { its => its with { Algorithms = Gcm(keyLength: -4) }, XfrmCode.EINVAL, "Kernel was unable to initialize cryptographic operations" },
        { its => its with { Algorithms = Cbc(keyLength: 20) }, XfrmCode.EINVAL, "Kernel was unable to initialize cryptographic operations" },
        { its => its with { Algorithms = Cbc(auth: "hmac(sha3-256)") }, XfrmCode.ENOSYS, "Requested AUTH algorithm not found" },
        { its => its with { Algorithms = Cbc(bits: 257) }, XfrmCode.EINVAL, "Invalid length requested for truncated ICV" },
        {
            its => its with { Algorithms = new() { Encryption = new("cbc(des)", Counting(8)) } },
            XfrmCode.ENOSYS, "Requested CRYPT algorithm not found"
        },
    };

    [Theory]
    [MemberData(nameof(Refusals), DisableDiscoveryEnumeration = true)]
    public void What_the_kernel_refuses_is_refused(
        Func<SecurityAssociationParameters, SecurityAssociationParameters> change, XfrmCode code, string detail)
    {
        ArgumentNullException.ThrowIfNull(change);
        Assert.Equal(new XfrmResult(code, detail), _states.Add(change(Parameters(1)), out var state));
        Assert.Null(state);
        Assert.Empty(_states.States);
    }

    [Theory]
    [InlineData("sha1", 0, "hmac(sha1)", 96)]
    [InlineData("sha256", 0, "hmac(sha256)", 96)]
    [InlineData("hmac(sha256)", 128, "hmac(sha256)", 128)]
    [InlineData("hmac(sha384)", 0, "hmac(sha384)", 192)]
    [InlineData("hmac(sha512)", 0, "hmac(sha512)", 256)]
    [InlineData("digest_null", 0, "digest_null", 0)]
    public void Names_and_lengths_become_the_kernels_own(string name, int bits, string fullName, int fullBits)
    {
        var algorithms = new EspAlgorithms
        {
            Encryption = new("aes", Counting(16)),
            Authentication = new(name, Counting(20), bits),
        };
        var its = Add(Parameters(1) with { Algorithms = algorithms }).Parameters.Algorithms;
        Assert.Equal(("cbc(aes)", fullName, fullBits), (its.Encryption!.Name, its.Authentication!.Name, its.Authentication.TruncatedBits));
    }

    [Fact]
    public void Parameters_never_show_a_key() =>
        Assert.DoesNotContain("00010203", Parameters(1).ToString().Replace(" ", "", StringComparison.Ordinal), StringComparison.Ordinal);

    private static PolicyTemplate Template => new() { Source = s_a, Destination = s_b, RequestId = 1, Mode = XfrmMode.Tunnel };

    private static SecurityAssociationParameters Parameters(uint spi) => Tunnel(Gcm()) with { Spi = spi };

    private SecurityAssociation Add(SecurityAssociationParameters parameters)
    {
        var result = _states.Add(parameters, out var state);
        Assert.True(result.Succeeded, result.ToString());
        return state!;
    }

    private SecurityAssociation? Find(uint spi, uint mark = 0) => _states.Find(s_b, spi, IpProtocol.Esp, mark);

    private SecurityAssociation? FindFor(PolicyTemplate template, uint mark = 0) =>
        _states.FindFor(template, s_a, s_b, s_flow, mark, interfaceId: 0);
}
