using FsCheck;
using FsCheck.Fluent;
using Qanat.Packets;
using Xunit;
using static Qanat.Ipsec.Tests.TestStates;

namespace Qanat.Ipsec.Tests;

public class EspTests
{
    [Theory]
    [MemberData(nameof(TestStates.EverySuite), MemberType = typeof(TestStates))]
    public void Every_length_goes_through(string suite, bool esn)
    {
        var (sender, receiver) = Pair(Suites[suite], its => its with
        {
            Mode = XfrmMode.Transport,
            Flags = esn ? XfrmStateFlags.Esn : XfrmStateFlags.None,
        });
        var random = new Random(1);
        for (var length = 1; length <= 1500; length++)
        {
            var inner = new byte[length];
            random.NextBytes(inner);
            var packet = Seal(sender, inner, IpProtocol.Udp);
            Assert.Equal(0, packet.Length % 4);
            var opened = Open(receiver, packet);
            Assert.Equal((XfrmReason.None, IpProtocol.Udp), (opened.Reason, opened.NextHeader));
            Assert.Equal(inner, opened.Inner);
        }
        Assert.Equal(sender.Lifetime.Bytes, receiver.Lifetime.Bytes);
        Assert.Equal(1500UL, receiver.InputSequence);
    }

    [Fact]
    public void Any_bytes_with_any_keys_go_through_and_are_hidden() => Prop.ForAll<NonNull<byte[]>, NonNull<byte[]>, PositiveInt>((data, seed, choice) =>
    {
        var suites = Suites.Values.ToArray();
        var (sender, receiver) = Pair(suites[choice.Get % suites.Length], its => its with { Mode = XfrmMode.Transport });
        byte[] inner = [1, .. data.Get, .. seed.Get];
        var opened = Open(receiver, Seal(sender, inner, IpProtocol.Tcp));
        return opened.NextHeader == IpProtocol.Tcp && inner.AsSpan().SequenceEqual(opened.Inner);
    }).QuickCheckThrowOnFailure();

    [Theory]
    [MemberData(nameof(TestStates.EverySuite), MemberType = typeof(TestStates))]
    public void The_longest_inner_packet_fits_and_one_byte_more_does_not(string suite, bool esn)
    {
        var state = Create(Tunnel(Suites[suite](), esn));
        for (var room = 100; room <= 1500; room++)
        {
            var longest = state.MaxInnerLength(room);
            Assert.True(state.SealedLength(longest) <= room);
            Assert.True(state.SealedLength(longest + 1) > room);
        }
        Assert.Equal(0, state.MaxInnerLength(0));
    }

    [Theory]
    [MemberData(nameof(TestStates.EveryAuthenticSuite), MemberType = typeof(TestStates))]
    public void A_packet_changed_in_any_byte_is_not_accepted(string suite, bool esn)
    {
        var (sender, receiver) = Pair(Suites[suite], its => esn ? its with { Flags = its.Flags | XfrmStateFlags.Esn } : its);
        var packet = Seal(sender, Inner(61));
        for (var i = 0; i < packet.Length; i++)
            foreach (var bit in (int[])[0x01, 0x80])
            {
                var forged = packet.ToArray();
                forged[i] ^= (byte)bit;
                Assert.Null(Open(receiver, forged).Inner);
            }
        Assert.Equal(2 * packet.Length, receiver.IntegrityFailures + receiver.ReplayWindowErrors);
        Assert.Equal(0UL, receiver.Lifetime.Packets);
        Assert.Equal(0UL, receiver.InputSequence);
        Assert.Equal(Inner(61), Open(receiver, packet).Inner);
    }

    [Theory]
    [MemberData(nameof(TestStates.EveryAuthenticSuite), MemberType = typeof(TestStates))]
    public void A_packet_cut_short_or_made_longer_is_not_accepted(string suite, bool esn)
    {
        var (sender, receiver) = Pair(Suites[suite], its => esn ? its with { Flags = its.Flags | XfrmStateFlags.Esn } : its);
        var packet = Seal(sender, Inner(61));
        for (var length = 0; length < packet.Length; length++)
        {
            var expected = length < EspHeader.Size ? XfrmReason.XfrmInHdrError : XfrmReason.XfrmInStateProtoError;
            Assert.Equal(expected, Open(receiver, packet.AsSpan(0, length)).Reason);
        }
        Assert.Equal(XfrmReason.XfrmInStateProtoError, Open(receiver, [.. packet, 0]).Reason);
        Assert.Equal(Inner(61), Open(receiver, packet).Inner);
    }

    [Theory]
    // What is authentic, but lies about its padding: the last bytes before the check value, and what is behind 20 bytes of header.
    [InlineData("0001020304", XfrmReason.XfrmInStateProtoError)] // pad length 3: would be 00 01 02
    [InlineData("0102030304", XfrmReason.None)]
    [InlineData("0102020304", XfrmReason.XfrmInStateProtoError)]
    [InlineData("ffffff0004", XfrmReason.None)]
    [InlineData("ffffffff04", XfrmReason.XfrmInStateProtoError)] // longer than all there is
    [InlineData("ffffff0029", XfrmReason.None)]
    [InlineData("ffffff0006", XfrmReason.XfrmInStateModeError)] // no tunnel
    [InlineData("ffffff003b", XfrmReason.Dummy)]
    public void Padding_and_next_header_are_checked(string end, XfrmReason expected)
    {
        var (sender, receiver) = Pair(() => Null());
        var packet = Seal(sender, Inner(61));
        // With NULL encryption the text is there to be rewritten, and with the key to be authenticated anew.
        var text = packet.AsSpan(EspHeader.Size..^receiver.IcvLength);
        Convert.FromHexString(end).CopyTo(text[^5..]);
        sender.Sealer.Seal(packet, null, 0);
        Assert.Equal(expected, Open(receiver, packet).Reason);
    }

    [Theory]
    [InlineData(19, IpProtocol.IpIp, XfrmReason.XfrmInStateModeError)]
    [InlineData(20, IpProtocol.IpIp, XfrmReason.None)]
    [InlineData(39, IpProtocol.IPv6, XfrmReason.XfrmInStateModeError)]
    [InlineData(40, IpProtocol.IPv6, XfrmReason.None)]
    public void A_tunnel_carries_whole_headers(int length, IpProtocol nextHeader, XfrmReason expected)
    {
        var (sender, receiver) = Pair(() => Gcm());
        Assert.Equal(expected, Open(receiver, Seal(sender, new byte[length], nextHeader)).Reason);
    }

    [Fact]
    public void Padding_as_long_as_all_the_text_leaves_nothing_and_is_refused()
    {
        var (sender, receiver) = Pair(() => Null(), its => its with { Mode = XfrmMode.Transport });
        foreach (var (padding, expected) in ((int, XfrmReason)[])[(2, XfrmReason.XfrmInStateProtoError), (1, XfrmReason.None)])
        {
            var packet = Seal(sender, [1, 2], IpProtocol.Udp);
            packet[EspHeader.Size] = packet[EspHeader.Size + 1] = 1;
            if (padding == 2)
                packet[EspHeader.Size + 1] = 2;
            packet[EspHeader.Size + 2] = (byte)padding;
            sender.Sealer.Seal(packet, null, 0);
            Assert.Equal(expected, Open(receiver, packet).Reason);
        }
    }

    [Fact]
    public void A_dummy_packet_is_dropped_silently_but_counts_as_arrived()
    {
        var (sender, receiver) = Pair(() => Gcm());
        var packet = Seal(sender, new byte[100], IpProtocol.NoNextHeader);
        Assert.Equal(XfrmReason.Dummy, Open(receiver, packet).Reason);
        Assert.Equal(XfrmReason.XfrmInStateSeqError, Open(receiver, packet).Reason);
        Assert.Equal((1UL, 0L), (receiver.InputSequence, receiver.IntegrityFailures));
    }

    [Fact]
    public void A_packet_comes_once_in_any_order_within_the_window()
    {
        var (sender, receiver) = Pair(() => Gcm(), its => its with { ReplayWindow = 32 });
        var packets = Enumerable.Range(0, 100).Select(_ => Seal(sender, Inner())).ToArray();
        Assert.Equal(XfrmReason.None, Open(receiver, packets[50]).Reason);
        Assert.Equal(XfrmReason.XfrmInStateSeqError, Open(receiver, packets[50]).Reason);
        Assert.Equal(XfrmReason.None, Open(receiver, packets[19]).Reason);
        Assert.Equal(XfrmReason.XfrmInStateSeqError, Open(receiver, packets[18]).Reason);
        Assert.Equal(XfrmReason.None, Open(receiver, packets[99]).Reason);
        Assert.Equal((1L, 1L, 0L), (receiver.Replays, receiver.ReplayWindowErrors, receiver.IntegrityFailures));
    }

    [Fact]
    public void A_forged_number_does_not_move_the_window()
    {
        var (sender, receiver) = Pair(() => Gcm());
        var packet = Seal(sender, Inner());
        var forged = packet.ToArray();
        forged[4] = 0x7F;
        Assert.Equal(XfrmReason.XfrmInStateProtoError, Open(receiver, forged).Reason);
        Assert.Equal(XfrmReason.None, Open(receiver, packet).Reason);
    }

    [Theory]
    [InlineData("aes-128-gcm-16")]
    [InlineData("chacha20-poly1305")]
    [InlineData("aes-128-cbc, sha256-128")]
    [InlineData("null, sha256-96")]
    public void Extended_numbers_go_past_32_bits_both_ways_and_out_of_order(string suite)
    {
        var start = uint.MaxValue - 40UL;
        var (sender, receiver) = Pair(Suites[suite], its => its with
        {
            Flags = its.Flags | XfrmStateFlags.Esn, OutputSequence = start, InputSequence = start,
        });
        var packets = Enumerable.Range(0, 100).Select(_ => Seal(sender, Inner())).ToArray();
        Assert.Equal(start + 100, sender.OutputSequence);
        foreach (var pair in packets.Chunk(2))
        {
            Assert.Equal(XfrmReason.None, Open(receiver, pair[1]).Reason);
            Assert.Equal(XfrmReason.None, Open(receiver, pair[0]).Reason);
            Assert.Equal(XfrmReason.XfrmInStateSeqError, Open(receiver, pair[0]).Reason);
        }
        Assert.Equal(start + 100, receiver.InputSequence);
        Assert.Equal(0, receiver.IntegrityFailures);
    }

    [Fact]
    public void An_upper_half_that_differs_is_found_by_the_check_value()
    {
        var (sender, receiver) = Pair(() => Cbc(), its => its with { Flags = its.Flags | XfrmStateFlags.Esn });
        sender.OutputSequence = 1UL << 32;
        Assert.Equal(XfrmReason.XfrmInStateProtoError, Open(receiver, Seal(sender, Inner())).Reason);
        Assert.Equal(1, receiver.IntegrityFailures);
    }

    [Theory]
    [InlineData(XfrmStateExtraFlags.None, false)]
    [InlineData(XfrmStateExtraFlags.OutputSequenceMayWrap, true)]
    public void After_the_last_number_of_32_bits_nothing_is_sent_unless_it_may_wrap(XfrmStateExtraFlags flags, bool sent)
    {
        var state = Create(Tunnel(Gcm()) with { OutputSequence = uint.MaxValue - 1, ExtraFlags = flags });
        Seal(state, Inner());
        var packet = new byte[state.SealedLength(60)];
        Assert.Equal(sent, Esp.TrySeal(state, packet, 60, IpProtocol.IpIp, out var reason));
        Assert.Equal(sent ? XfrmReason.None : XfrmReason.XfrmOutStateSeqError, reason);
        Assert.Equal(sent ? 1UL << 32 : uint.MaxValue, state.OutputSequence);
    }

    [Fact]
    public void No_two_packets_have_one_vector_even_when_a_state_begins_anew()
    {
        foreach (var suite in (string[])["aes-128-gcm-16", "chacha20-poly1305", "aes-128-cbc, sha256-128"])
        {
            HashSet<string> vectors = [];
            for (var life = 0; life < 10; life++)
            {
                var state = Create(Tunnel(Suites[suite]()));
                for (var i = 0; i < 100; i++)
                    Assert.True(vectors.Add(Convert.ToHexString(Seal(state, Inner()).AsSpan(EspHeader.Size..state.HeaderLength))));
            }
        }
    }

    [Fact]
    public void A_packet_without_room_for_its_trailer_is_not_sealed()
    {
        var state = Create(Tunnel(Gcm()));
        foreach (var (length, inner) in ((int, int)[])[(0, 0), (state.SealedLength(60) - 1, 60), (state.SealedLength(60) + 1, 60), (100, -1)])
        {
            Assert.False(Esp.TrySeal(state, new byte[length], inner, IpProtocol.IpIp, out var reason));
            Assert.Equal(XfrmReason.XfrmOutStateProtoError, reason);
        }
        Assert.Equal(0UL, state.OutputSequence);
    }

    [Fact]
    public void What_comes_in_udp_is_for_states_in_udp_alone()
    {
        var (sender, receiver) = Pair(() => Gcm(), its => its with { Encapsulation = new(4500, 4500) });
        var packet = Seal(sender, Inner());
        Assert.Equal(XfrmReason.XfrmInStateMismatch, Open(receiver, packet).Reason);
        Assert.Equal(XfrmReason.None, Open(receiver, packet, inUdp: true).Reason);
        Assert.Equal(XfrmReason.XfrmInStateMismatch, Open(Create(Tunnel(Gcm())), packet, inUdp: true).Reason);
    }

    [Theory]
    [InlineData(new byte[] { 0xFF }, UdpPayload.Keepalive)]
    [InlineData(new byte[] { 0xFE }, UdpPayload.NonEsp)]
    [InlineData(new byte[] { }, UdpPayload.NonEsp)]
    [InlineData(new byte[] { 0, 0, 0, 0, 1, 2, 3, 4, 5 }, UdpPayload.NonEsp)]
    [InlineData(new byte[] { 0, 0, 1, 0, 0, 0, 0, 1 }, UdpPayload.NonEsp)]
    [InlineData(new byte[] { 0, 0, 1, 0, 0, 0, 0, 1, 9 }, UdpPayload.Esp)]
    public void A_udp_payload_is_told_apart(byte[] payload, UdpPayload expected) =>
        Assert.Equal(expected, UdpEncapsulation.Classify(payload));

    [Theory]
    // Inner family by the state: af-unspec takes both, a selector of a family takes that.
    [InlineData(false, IpProtocol.IpIp, XfrmReason.None)]
    [InlineData(false, IpProtocol.IPv6, XfrmReason.XfrmInStateModeError)]
    [InlineData(true, IpProtocol.IpIp, XfrmReason.None)]
    [InlineData(true, IpProtocol.IPv6, XfrmReason.None)]
    public void A_state_carries_its_family_or_both(bool unspecified, IpProtocol nextHeader, XfrmReason expected)
    {
        var (sender, receiver) = Pair(() => Gcm(), its => its with { Flags = unspecified ? XfrmStateFlags.AfUnspec : XfrmStateFlags.None });
        Assert.Equal(expected, Open(receiver, Seal(sender, Inner(), nextHeader)).Reason);
    }
}
