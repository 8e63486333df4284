using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization;
using Qanat.Crypto;
using Qanat.Packets;
using Qanat.WireGuard;
using Qanat.WireGuard.Configuration;

namespace Qanat.Vpn.Storage;

/// <summary>A value that is kept as its text.</summary>
internal abstract class TextConverter<T> : JsonConverter<T>
    where T : notnull
{
    /// <inheritdoc/>
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String)
            throw new JsonException();
        return Parse(reader.GetString()!);
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());

    /// <summary>The value of a text.</summary>
    /// <exception cref="JsonException">It has none.</exception>
    /// <exception cref="VpnException">It has none.</exception>
    protected abstract T Parse(string text);
}

/// <summary>44 characters of base64.</summary>
internal sealed class PublicKeyConverter : TextConverter<PublicKey>
{
    protected override PublicKey Parse(string text) =>
        PublicKey.TryParse(text, out var key) && !key.IsNone ? key : throw new JsonException();
}

/// <summary><c>10.8.0.2</c>.</summary>
internal sealed class AddressConverter : TextConverter<IpAddress>
{
    protected override IpAddress Parse(string text) => IpAddress.TryParse(text, out var address) ? address : throw new JsonException();
}

/// <summary><c>10.8.0.0/24</c>.</summary>
internal sealed class AllowedIpConverter : TextConverter<AllowedIp>
{
    protected override AllowedIp Parse(string text) =>
        AllowedIp.TryParse(text, out var prefix, out var hasMoreBits) && !hasMoreBits ? prefix : throw new JsonException();
}

/// <summary><c>vpn.example.com:51820</c>.</summary>
internal sealed class EndpointConverter : TextConverter<PeerEndpoint>
{
    protected override PeerEndpoint Parse(string text) => VpnText.Endpoint(text);
}

/// <summary><c>peers</c>, <c>intranet=10.0.0.0/8</c>, <c>internet</c>.</summary>
internal sealed class AccessConverter : TextConverter<VpnAccess>
{
    protected override VpnAccess Parse(string text) => VpnAccess.Parse(text);
}

/// <summary>A secret key: 44 characters of base64 that never become a string.</summary>
internal sealed class SecretKeyConverter : JsonConverter<SecretKey>
{
    /// <inheritdoc/>
    public override SecretKey Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.String || reader.HasValueSequence || reader.ValueIsEscaped ||
            !KeyText.TryReadBase64(reader.ValueSpan, out SecretKey? key))
            throw new JsonException();
        return key;
    }

    /// <inheritdoc/>
    public override void Write(Utf8JsonWriter writer, SecretKey value, JsonSerializerOptions options)
    {
        Span<byte> text = stackalloc byte[KeyText.Base64Length];
        KeyText.WriteBase64(value.Bytes, text);
        writer.WriteStringValue(text);
        CryptographicOperations.ZeroMemory(text);
    }
}
