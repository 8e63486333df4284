using System.Buffers.Binary;
using System.Security.Cryptography;
using Qanat.Crypto;
using Qanat.Packets;

namespace Qanat.WireGuard;

/// <summary>
/// Looks at the codes of initiations and responses before anything costly is done for them, and under load asks their senders
/// for a cookie that only the owner of the source address and port can have got (whitepaper, 5.3 and 5.4.7).
/// </summary>
/// <remarks>Not thread-safe: it belongs to one worker. It allocates nothing.</remarks>
public sealed class CookieChecker : IDisposable
{
    /// <summary>For how long the secret that cookies are made of is used.</summary>
    public static readonly TimeSpan SecretLifetime = TimeSpan.FromSeconds(120);

    private readonly IdentityHashes _local;
    private readonly TimeProvider _time;
    private readonly RandomSource _random;
    private readonly Blake2sMac _mac1, _mac2, _cookies;
    private readonly XChaCha20Poly1305 _cipher = new();
    private long _secretMade;

    /// <summary>Makes the contexts and a first secret.</summary>
    /// <param name="local">Who this end is.</param>
    /// <param name="time">The clock of the secret.</param>
    /// <param name="random">Where secrets and nonces come from; null for libcrypto.</param>
    /// <exception cref="CryptoException">There is no libcrypto, or it refuses.</exception>
    public CookieChecker(LocalIdentity local, TimeProvider time, RandomSource? random = null)
    {
        ArgumentNullException.ThrowIfNull(local);
        ArgumentNullException.ThrowIfNull(time);
        (_local, _time, _random) = (local.Hashes, time, random ?? RandomBytes.Fill);
        _mac1 = new(_local.Mac1Key);
        _mac2 = new(_local.Mac1Key); // until there is a cookie
        _cookies = new(_local.Mac1Key);
        ChangeSecret();
    }

    /// <summary>Looks at the codes: at mac1 always, under load at mac2 too.</summary>
    /// <param name="message">An initiation or a response, whole.</param>
    /// <param name="source">The address it came from.</param>
    /// <param name="port">The UDP port it came from.</param>
    /// <param name="isUnderLoad">True when there is more to do than this end can.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public CookieVerdict Check(ReadOnlySpan<byte> message, IpAddress source, ushort port, bool isUnderLoad)
    {
        if (message.Length < Macs.Size || !_mac1.Verify(Macs.BeforeMac1(message), Macs.Mac1(message)))
            return CookieVerdict.InvalidMac1;
        if (!isUnderLoad)
            return CookieVerdict.Admitted;
        Span<byte> cookie = stackalloc byte[Blake2sMac.Length];
        MakeCookie(source, port, cookie);
        _mac2.SetKey(cookie);
        var valid = _mac2.Verify(Macs.BeforeMac2(message), Macs.Mac2(message));
        _mac2.SetKey(_local.Mac1Key);
        CryptographicOperations.ZeroMemory(cookie);
        return valid ? CookieVerdict.Admitted : CookieVerdict.CookieRequired;
    }

    /// <summary>Makes the reply to a message that a cookie is required for.</summary>
    /// <param name="message">The initiation or response.</param>
    /// <param name="source">The address it came from, where the reply goes.</param>
    /// <param name="port">The UDP port it came from.</param>
    /// <param name="reply">Where the reply's 64 bytes go.</param>
    /// <exception cref="CryptoException">libcrypto refuses.</exception>
    public void CreateReply(ReadOnlySpan<byte> message, IpAddress source, ushort port, Span<byte> reply)
    {
        var sender = BinaryPrimitives.ReadUInt32LittleEndian(message[InitiationMessage.SenderOffset..]);
        Message.Begin(reply, MessageType.CookieReply, sender);
        var nonce = reply[CookieReplyMessage.NonceOffset..CookieReplyMessage.CookieOffset];
        _random(nonce);
        var cookie = reply.Slice(CookieReplyMessage.CookieOffset, Blake2sMac.Length);
        MakeCookie(source, port, cookie);
        var tag = reply[(CookieReplyMessage.CookieOffset + Blake2sMac.Length)..CookieReplyMessage.Size];
        _cipher.Seal(_local.CookieKey, nonce, Macs.Mac1(message), cookie, tag);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _mac1.Dispose();
        _mac2.Dispose();
        _cookies.Dispose();
        _cipher.Dispose();
    }

    private void MakeCookie(IpAddress source, ushort port, Span<byte> cookie)
    {
        if (_time.GetElapsedTime(_secretMade) >= SecretLifetime)
            ChangeSecret();
        Span<byte> endpoint = stackalloc byte[IPv6Address.Size + sizeof(ushort)];
        var length = source.IsIPv6 ? IPv6Address.Size : sizeof(uint);
        if (source.IsIPv6)
            source.IPv6.Write(endpoint);
        else
            source.IPv4.Write(endpoint);
        BinaryPrimitives.WriteUInt16BigEndian(endpoint[length..], port);
        _cookies.Compute(endpoint[..(length + sizeof(ushort))], cookie);
    }

    // Nobody but libcrypto's context knows the secret.
    private void ChangeSecret()
    {
        Span<byte> secret = stackalloc byte[Blake2sMac.MaxKeyLength];
        _random(secret);
        _cookies.SetKey(secret);
        CryptographicOperations.ZeroMemory(secret);
        _secretMade = _time.GetTimestamp();
    }
}
