using Qanat.Crypto;
using Qanat.WireGuard.Tests.Simulation;
using Xunit;

namespace Qanat.WireGuard.Tests.Devices;

/// <summary>Preshared keys that two ends make for themselves, with a key encapsulation that hides nothing.</summary>
public class PostQuantumTests
{
    private const int OfferSize = TransportMessage.MinSize + 1200;

    [Fact]
    public void The_session_after_the_first_is_under_a_key_that_both_ends_made()
    {
        using var hosts = Hosts().Connect();
        Assert.False(hosts.RightAtLeft.IsPostQuantum);
        hosts.Network.Run(1);
        Assert.True(hosts.RightAtLeft.IsPostQuantum);
        Assert.True(hosts.LeftAtRight.IsPostQuantum);
        Assert.Equal(["post-quantum"], hosts.Left.Events.Where(what => what != "handshake"));
        Assert.Equal(["post-quantum"], hosts.Right.Events.Where(what => what != "handshake"));
        Pass(hosts);
    }

    [Fact]
    public void Every_session_has_an_exchange_and_a_key_of_its_own()
    {
        using var hosts = Hosts().Connect();
        List<byte[]> keys = [];
        for (var session = 1; session <= 4; session++)
        {
            hosts.Network.Run(20);
            Assert.Equal(session + 1, KemOf(hosts.Left).Generated);
            Assert.Equal(session + 1, KemOf(hosts.Right).Encapsulated);
            Assert.Equal(hosts.RightAtLeft.Keypairs.Current!.PresharedKey, hosts.LeftAtRight.Keypairs.Current!.PresharedKey);
            keys.Add(KeyOf(hosts.RightAtLeft).ToArray());
            Assert.Equal(keys[^1], KeyOf(hosts.LeftAtRight).ToArray());
            hosts.Network.Run(105);
            Pass(hosts);
            Assert.True(hosts.RightAtLeft.IsPostQuantum && hosts.LeftAtRight.IsPostQuantum);
        }
        Assert.Equal(4, keys.DistinctBy(Convert.ToHexString).Count());
        Assert.Equal(0, KemOf(hosts.Left).Kept);
    }

    [Fact]
    public void An_offer_goes_through_where_ipv6_does()
    {
        using var hosts = Hosts().Connect();
        hosts.Network.Run(1);
        Assert.Equal(OfferSize, hosts.Seen.Max(seen => seen.Datagram.Length));
        Assert.InRange(OfferSize + 8 + 40, 0, 1280);
    }

    [Fact]
    public void The_configured_key_is_part_of_it_and_is_what_users_see()
    {
        using var hosts = Hosts();
        byte[] key = [.. Enumerable.Repeat((byte)7, 32)];
        hosts.RightAtLeft.SetPresharedKey(key);
        hosts.LeftAtRight.SetPresharedKey(key);
        hosts.Connect();
        hosts.Network.Run(1);
        Assert.True(hosts.RightAtLeft.IsPostQuantum);
        using var status = hosts.Left.Device.GetStatus();
        Assert.Equal(key, status.Peers[0].Config.PresharedKey!.Bytes.ToArray());
    }

    [Fact]
    public void A_preshared_key_that_is_set_takes_the_place_of_the_derived_one()
    {
        using var hosts = Hosts().Connect();
        hosts.Network.Run(20);
        hosts.RightAtLeft.SetPresharedKey(new byte[32]);
        Assert.False(hosts.RightAtLeft.Handshake.PresharedKeys.HasDerived);
        hosts.Network.Run(110);
        Pass(hosts);
        hosts.Network.Run(10); // the other end goes by the derived one at first
        Pass(hosts);
        Assert.True(hosts.RightAtLeft.IsPostQuantum && hosts.LeftAtRight.IsPostQuantum);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void An_end_without_it_goes_on_as_ever(bool leftHasIt)
    {
        using var hosts = new TwoHosts();
        (leftHasIt ? hosts.Left : hosts.Right).Device.KeyEncapsulation = new FakeEncapsulation(1);
        hosts.Connect();
        hosts.Network.Run(100);
        Pass(hosts);
        Assert.False(hosts.RightAtLeft.IsPostQuantum || hosts.LeftAtRight.IsPostQuantum);
        var offers = hosts.Seen.Count(seen => seen.Datagram.Length == OfferSize);
        Assert.Equal(leftHasIt ? 5 : 0, offers);
        Assert.Equal(offers, hosts.LeftAtRight.Counters.Dropped(DropReason.UnknownControl));
        Assert.DoesNotContain(hosts.Seen, seen => Message.TypeOf(seen.Datagram) == MessageType.Initiation);
        if (leftHasIt)
            Assert.Equal((1, 0), (KemOf(hosts.Left).Generated, KemOf(hosts.Left).Kept));
    }

    [Fact]
    public void An_end_that_begins_anew_is_back_within_one_retry_and_protected_again()
    {
        using var hosts = Hosts().Connect();
        hosts.Network.Run(30);
        hosts.Left.Restart();
        var right = hosts.Left.Meet(hosts.Right);
        hosts.Left.Send(hosts.Right, 77);
        hosts.Network.Run(5.5);
        Assert.Contains(77UL, hosts.Right.Arrived);
        hosts.Network.Run(5);
        Assert.True(right.IsPostQuantum && hosts.LeftAtRight.IsPostQuantum);
        Assert.Equal(
            ["post-quantum", "no longer post-quantum", "post-quantum"],
            hosts.Right.Events.Where(what => what.EndsWith("quantum", StringComparison.Ordinal)));
    }

    [Fact]
    public void An_end_that_began_anew_and_is_waited_for_answers_at_once()
    {
        using var hosts = Hosts().Connect();
        hosts.Network.Run(30);
        hosts.Right.Restart();
        var left = hosts.Right.Meet(hosts.Left);
        hosts.Network.Run(91);
        hosts.Left.Send(hosts.Right, 77); // for which the keys are too old
        hosts.Network.Run(1);
        Pass(hosts);
        hosts.Network.Run(10);
        Assert.True(left.IsPostQuantum && hosts.RightAtLeft.IsPostQuantum);
    }

    [Theory]
    [InlineData(ControlMessageType.KeyOffer)]
    [InlineData(ControlMessageType.KeyAnswer)]
    public void A_message_that_is_lost_is_said_again_at_no_cost(ControlMessageType lost)
    {
        using var hosts = Hosts().Connect();
        var (sender, size) = lost == ControlMessageType.KeyOffer
            ? (hosts.Left, OfferSize)
            : (hosts.Right, TransportMessage.MinSize + 1120);
        var left = 2;
        hosts.Network.IsLost = (from, datagram) => from == sender && datagram.Length == size && left-- > 0;
        hosts.Network.Run(4);
        Assert.True(hosts.RightAtLeft.IsPostQuantum && hosts.LeftAtRight.IsPostQuantum);
        Assert.Equal((1, 1, 1), (KemOf(hosts.Left).Generated, KemOf(hosts.Right).Encapsulated, KemOf(hosts.Left).Decapsulated));
    }

    [Fact]
    public void A_confirmation_that_is_lost_costs_one_more_exchange_and_no_packet()
    {
        using var hosts = Hosts().Connect();
        var left = 1;
        hosts.Network.IsLost = (from, datagram) => from == hosts.Left && datagram.Length == TransportMessage.MinSize + 32 && left-- > 0;
        hosts.Network.Run(1);
        Assert.False(hosts.RightAtLeft.IsPostQuantum || hosts.LeftAtRight.IsPostQuantum);
        Pass(hosts);
        hosts.Network.Run(10);
        Assert.True(hosts.RightAtLeft.IsPostQuantum && hosts.LeftAtRight.IsPostQuantum);
        Assert.Equal(2, hosts.Left.Events.Count(what => what == "handshake"));
    }

    [Fact]
    public void A_peer_gets_one_encapsulation_a_session_and_none_too_soon_after_the_last()
    {
        using var hosts = Hosts().Connect();
        hosts.Left.Device.KeyEncapsulation = null; // it is we who speak
        var offer = new byte[IKeyEncapsulation.EncapsulationKeyLength];
        offer[0] = 1;
        for (var i = 0U; i < 50; i++)
            Say(hosts, ControlMessageType.KeyOffer, i, offer);
        Assert.Equal(1, KemOf(hosts.Right).Encapsulated);
        Assert.Equal(49, hosts.LeftAtRight.Counters.Dropped(DropReason.UnknownControl));
        hosts.Left.Restart();
        var right = hosts.Left.Meet(hosts.Right);
        hosts.Left.Send(hosts.Right, 5);
        hosts.Network.Run(0.1);
        Assert.True(right.HasSession);
        for (var i = 0U; i < 50; i++)
        {
            hosts.Left.Device.SendControl(right, ControlMessageType.KeyOffer, i, offer);
            hosts.Network.Run(0.01);
        }
        Assert.Equal(1, KemOf(hosts.Right).Encapsulated);
        Assert.Equal(50, hosts.LeftAtRight.Counters.Dropped(DropReason.RateLimited));
    }

    [Fact]
    public void Answers_and_confirmations_that_nobody_asked_for_do_nothing()
    {
        using var hosts = Hosts().Connect();
        hosts.Left.Device.KeyEncapsulation = null;
        for (var i = 0U; i < 5; i++)
        {
            Say(hosts, ControlMessageType.KeyAnswer, i, new byte[KeyExchange.AnswerLength]);
            Say(hosts, ControlMessageType.KeyConfirmation, i, new byte[16]);
        }
        Assert.Equal(10, hosts.LeftAtRight.Counters.Dropped(DropReason.UnknownControl));
        Assert.Equal((0, 0, 0), (KemOf(hosts.Right).Generated, KemOf(hosts.Right).Encapsulated, KemOf(hosts.Right).Decapsulated));
        Assert.Equal(hosts.Right.Datagrams, hosts.SentBy(hosts.Right).Count() + 1); // the response alone came before
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1183)]
    [InlineData(1185)]
    public void Offers_of_other_lengths_are_refused(int length)
    {
        using var hosts = Hosts().Connect();
        hosts.Left.Device.KeyEncapsulation = null;
        Say(hosts, ControlMessageType.KeyOffer, 1, new byte[length]);
        Assert.Equal((0, 1), (KemOf(hosts.Right).Encapsulated, hosts.LeftAtRight.Counters.Dropped(DropReason.UnknownControl)));
    }

    [Fact]
    public void A_key_that_is_none_is_refused_once_a_session()
    {
        using var hosts = Hosts().Connect();
        hosts.Left.Device.KeyEncapsulation = null;
        for (var i = 0U; i < 5; i++)
            Say(hosts, ControlMessageType.KeyOffer, i, new byte[IKeyEncapsulation.EncapsulationKeyLength]);
        Assert.Equal((1, 5), (KemOf(hosts.Right).Encapsulated, hosts.LeftAtRight.Counters.Dropped(DropReason.UnknownControl)));
        Pass(hosts);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1103)]
    [InlineData(1104)]
    [InlineData(1105)]
    public void A_false_answer_ends_the_exchange_and_nothing_else(int length)
    {
        using var hosts = Hosts();
        hosts.Right.Device.KeyEncapsulation = null;
        var offers = 0;
        hosts.Right.Device.HandleControl(ControlMessageType.KeyOffer, (peer, message) =>
        {
            offers++;
            for (var i = 0; i < 3; i++)
                hosts.Right.Device.SendControl(peer, ControlMessageType.KeyAnswer, message.Identifier, new byte[length]);
        });
        hosts.Connect();
        hosts.Network.Run(100);
        Pass(hosts);
        Assert.False(hosts.RightAtLeft.IsPostQuantum);
        Assert.Equal(length == 1104 ? (1, 1) : (5, 0), (offers, KemOf(hosts.Left).Decapsulated));
        Assert.Equal(0, KemOf(hosts.Left).Kept);
        Assert.False(hosts.RightAtLeft.Handshake.PresharedKeys.HasDerived);
    }

    [Fact]
    public void A_false_confirmation_is_no_confirmation()
    {
        using var hosts = Hosts().Connect();
        hosts.Left.Device.KeyEncapsulation = null;
        var offer = new byte[IKeyEncapsulation.EncapsulationKeyLength];
        offer[0] = 1;
        Say(hosts, ControlMessageType.KeyOffer, 9, offer);
        Say(hosts, ControlMessageType.KeyConfirmation, 9, new byte[16]);
        Say(hosts, ControlMessageType.KeyConfirmation, 9, []);
        hosts.Network.Run(120);
        Pass(hosts); // under the configured key, for the other end has no other
        Assert.False(hosts.LeftAtRight.IsPostQuantum);
        Assert.Contains(hosts.Seen, seen => Message.TypeOf(seen.Datagram) == MessageType.Response);
    }

    [Fact]
    public void Whatever_a_peer_says_costs_one_encapsulation_and_the_tunnel_goes_on()
    {
        using var hosts = Hosts().Connect();
        hosts.Left.Device.KeyEncapsulation = null;
        var random = new Random(7);
        for (var i = 0; i < 3000; i++)
        {
            var type = (ControlMessageType)random.Next((int)ControlMessageType.KeyOffer, (int)ControlMessageType.KeyConfirmation + 1);
            var body = new byte[random.Next(4) == 0 ? random.Next(1300) : random.GetItems([16, 1104, 1184], 1)[0]];
            random.NextBytes(body);
            hosts.Left.Device.SendControl(hosts.RightAtLeft, type, (uint)random.Next(3), body);
        }
        hosts.Left.Settle();
        hosts.Network.Run(1);
        Assert.Equal((0, 1, 0), (KemOf(hosts.Right).Generated, KemOf(hosts.Right).Encapsulated, KemOf(hosts.Right).Decapsulated));
        Pass(hosts);
        hosts.Network.Run(125);
        Pass(hosts);
    }

    [Fact]
    public void Keys_go_with_the_sessions_with_the_peer_and_with_the_device()
    {
        using var hosts = Hosts().Connect();
        hosts.Network.Run(30);
        var keys = hosts.RightAtLeft.Handshake.PresharedKeys;
        Assert.True(keys.HasDerived);
        hosts.Network.Run(600);
        Assert.False(keys.HasDerived);
        hosts.Forget();
        Pass(hosts);
        hosts.Network.Run(30);
        Assert.Equal(["post-quantum"], hosts.Left.Events.Where(what => what != "handshake")); // none was lost
        Assert.True(keys.HasDerived);
        hosts.Left.Device.Remove(hosts.RightAtLeft);
        Assert.False(keys.HasDerived);
        Assert.True(hosts.LeftAtRight.Handshake.PresharedKeys.HasDerived);
        keys = hosts.LeftAtRight.Handshake.PresharedKeys;
        hosts.Right.Device.Dispose();
        Assert.False(keys.HasDerived);
    }

    [Fact]
    public void Another_private_key_ends_what_was_derived()
    {
        using var hosts = Hosts().Connect();
        hosts.Network.Run(30);
        using var key = X25519.GeneratePrivateKey();
        hosts.Left.Device.SetPrivateKey(key.Bytes);
        Assert.False(hosts.RightAtLeft.Handshake.PresharedKeys.HasDerived);
    }

    private static TwoHosts Hosts()
    {
        var hosts = new TwoHosts();
        hosts.Left.Device.KeyEncapsulation = new FakeEncapsulation(1);
        hosts.Right.Device.KeyEncapsulation = new FakeEncapsulation(2);
        return hosts;
    }

    private static FakeEncapsulation KemOf(SimulatedHost host) => (FakeEncapsulation)host.Device.KeyEncapsulation!;

    // The one that the next session will be under.
    private static ReadOnlySpan<byte> KeyOf(Peer peer)
    {
        Span<int> numbers = stackalloc int[PresharedKeys.Max];
        peer.Handshake.PresharedKeys.List(numbers);
        return peer.Handshake.PresharedKeys[numbers[0]];
    }

    private static void Say(TwoHosts hosts, ControlMessageType type, uint identifier, ReadOnlySpan<byte> body)
    {
        Assert.True(hosts.Left.Device.SendControl(hosts.RightAtLeft, type, identifier, body));
        hosts.Left.Settle();
        hosts.Network.Run(0.01);
    }

    private static void Pass(TwoHosts hosts)
    {
        hosts.Left.Arrived.Clear();
        hosts.Right.Arrived.Clear();
        hosts.Left.Send(hosts.Right, 41);
        hosts.Right.Send(hosts.Left, 42);
        hosts.Network.Run(1);
        Assert.Equal([41UL], hosts.Right.Arrived);
        Assert.Equal([42UL], hosts.Left.Arrived);
    }
}
