using Qanat.Crypto;
using Qanat.WireGuard.Configuration;
using Xunit;

namespace Qanat.WireGuard.Tests.Configuration;

public class UapiWriterTests
{
    private static readonly PublicKey Ann = new([.. Enumerable.Repeat((byte)0xA1, PublicKey.Size)]);

    [Fact]
    public void A_status_has_its_lines_where_wireguard_go_has_them()
    {
        using var key = new SecretKey([.. Enumerable.Range(0, KeyText.KeySize).Select(octet => (byte)octet)]);
        Assert.True(PeerEndpoint.TryParseNumeric("[2001:db8::1]:5"u8, out var endpoint));
        var status = new InterfaceStatus
        {
            PrivateKey = key,
            ListenPort = 51820,
            FirewallMark = 7,
            Peers =
            [
                new(new(Ann)
                {
                    PresharedKey = key,
                    Endpoint = endpoint,
                    PersistentKeepalive = 25,
                    AllowedIps = [new(endpoint!.TryGetAddress(out var address, out _) ? address : default, 128), new(address, 0)],
                })
                {
                    LastHandshake = DateTimeOffset.FromUnixTimeSeconds(5).AddTicks(7),
                    TxBytes = 8,
                    RxBytes = 9,
                },
            ],
        };
        const string hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
        Assert.Equal($"""
            private_key={hex}
            listen_port=51820
            fwmark=7
            public_key={string.Concat(Enumerable.Repeat("a1", PublicKey.Size))}
            preshared_key={hex}
            protocol_version=1
            endpoint=[2001:db8::1]:5
            last_handshake_time_sec=5
            last_handshake_time_nsec=700
            tx_bytes=8
            rx_bytes=9
            persistent_keepalive_interval=25
            allowed_ip=2001:db8::1/128
            allowed_ip=::/0

            """, Texts.Written(output => UapiWriter.WriteStatus(output, status)));
    }

    [Fact]
    public void What_there_is_not_is_left_out_or_zero()
    {
        Assert.Equal("", Texts.Written(output => UapiWriter.WriteStatus(output, new())));
        Assert.Equal($"""
            public_key={string.Concat(Enumerable.Repeat("a1", PublicKey.Size))}
            preshared_key={new string('0', KeyText.HexLength)}
            protocol_version=1
            last_handshake_time_sec=0
            last_handshake_time_nsec=0
            tx_bytes=0
            rx_bytes=0
            persistent_keepalive_interval=0

            """, Texts.Written(output => UapiWriter.WriteStatus(output, new() { Peers = [new(new(Ann))] })));
    }

    [Theory]
    [InlineData(UapiErrors.None, "errno=0\n\n")]
    [InlineData(UapiErrors.Invalid, "errno=-22\n\n")]
    public void A_result_ends_an_answer(int error, string expected) =>
        Assert.Equal(expected, Texts.Written(output => UapiWriter.WriteResult(output, error)));

    [Fact]
    public void A_clock_before_1970_is_never_negative() => Assert.Contains("last_handshake_time_sec=0\n", Texts.Written(output =>
        UapiWriter.WriteStatus(output, new() { Peers = [new(new(Ann)) { LastHandshake = DateTimeOffset.MinValue }] })));
}
