using System.Security.Cryptography;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>The cookie that a peer under load has given us (whitepaper, 5.4.7), and what it must answer to.</summary>
internal sealed class CookieJar : IDisposable
{
    /// <summary>For how long a cookie is sent along.</summary>
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(120);

    private readonly byte[] _mac1 = new byte[Blake2sMac.Length], _cookie = GC.AllocateArray<byte>(Blake2sMac.Length, pinned: true);
    private bool _waiting, _hasCookie;
    private long _arrived;

    /// <summary>The cookie, or nothing when there is none that is fresh.</summary>
    public ReadOnlySpan<byte> Fresh(TimeProvider time) => _hasCookie && time.GetElapsedTime(_arrived) < Lifetime ? _cookie : default;

    /// <summary>Remembers the mac1 of a message that is sent: the next reply must be to it.</summary>
    public void Sent(ReadOnlySpan<byte> mac1)
    {
        mac1.CopyTo(_mac1);
        _waiting = true;
    }

    /// <summary>Takes the cookie out of a reply. A message has one reply: what comes later is not expected.</summary>
    public HandshakeVerdict Open(XChaCha20Poly1305 cipher, IdentityHashes remote, in CookieReplyMessage reply, TimeProvider time)
    {
        if (!_waiting)
            return HandshakeVerdict.Unexpected;
        Span<byte> cookie = stackalloc byte[Blake2sMac.Length];
        reply.Cookie[..Blake2sMac.Length].CopyTo(cookie);
        try
        {
            if (!cipher.TryOpen(remote.CookieKey, reply.Nonce, _mac1, cookie, reply.Cookie[Blake2sMac.Length..]))
                return HandshakeVerdict.Forged;
            cookie.CopyTo(_cookie);
            (_waiting, _hasCookie, _arrived) = (false, true, time.GetTimestamp());
            return HandshakeVerdict.Accepted;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(cookie);
        }
    }

    public void Dispose()
    {
        (_waiting, _hasCookie) = (false, false);
        CryptographicOperations.ZeroMemory(_cookie);
    }
}
