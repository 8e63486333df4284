using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// The preshared keys that handshakes with a peer may go by: the one that is configured, and up to two that were derived from it and
/// from a key exchange, each with a number of its own.
/// </summary>
/// <remarks>
/// Whoever answers an initiation chooses the key, and whoever began tries those that it has: only the answer mixes it in. So an end
/// that has lost a derived key is answered under the configured one at its next attempt, and the two never need to agree first.
/// </remarks>
internal sealed class PresharedKeys : IDisposable
{
    /// <summary>The number of the configured key.</summary>
    public const int Configured = 0;

    /// <summary>The most keys that there are.</summary>
    public const int Max = 3;

    private static readonly byte[] s_none = new byte[HandshakePeer.PresharedKeyLength];

    private SecretKey? _configured;
    private Derived? _sure, _other; // The one that the other end has for certain; one that it may have.
    private int _newest, _unconfirmed;

    /// <summary>Whether there is one that was derived.</summary>
    public bool HasDerived => _sure is not null || _other is not null;

    /// <summary>The key with a number; zeros for none.</summary>
    public ReadOnlySpan<byte> this[int number] =>
        number != Configured && _sure?.Number == number ? _sure.Key.Bytes
        : number != Configured && _other?.Number == number ? _other.Key.Bytes
        : _configured is { } key ? key.Bytes : s_none;

    /// <summary>Takes the configured key, and forgets the others, which were derived from another.</summary>
    public void Configure(ReadOnlySpan<byte> key)
    {
        ForgetDerived();
        _configured?.Dispose();
        _configured = key.IsEmpty ? null : new(key);
    }

    /// <summary>
    /// Chooses the key of a response: the derived one. When the last response under it was not heard of again, and the peer begins
    /// anew, it has perhaps lost that key: then the configured one, and so on in turn.
    /// </summary>
    public int Choose() => _unconfirmed = _unconfirmed == Configured && _sure is not null ? _sure.Number : Configured;

    /// <summary>Lists the numbers of the keys that a response may have been made with, the likeliest first.</summary>
    /// <param name="numbers">Where they go; <see cref="Max"/> at most.</param>
    /// <returns>How many there are.</returns>
    public int List(Span<int> numbers)
    {
        var count = 0;
        if (_sure is not null)
            numbers[count++] = _sure.Number;
        if (_other is not null)
            numbers[count++] = _other.Number;
        numbers[count++] = Configured;
        return count;
    }

    /// <summary>
    /// Adds a derived key that the other end has: it is chosen from now on. The one before may yet be the other's choice.
    /// </summary>
    public void Add(ReadOnlySpan<byte> key)
    {
        AddUnsure(key);
        MakeSure();
    }

    /// <summary>Adds a derived key that the other end may have.</summary>
    public void AddUnsure(ReadOnlySpan<byte> key)
    {
        _other?.Key.Dispose();
        _other = new(++_newest, new(key));
    }

    /// <summary>The other end has the key that was added last.</summary>
    public void MakeSure() => (_sure, _other) = (_other, _sure);

    /// <summary>Both ends have a session under a key: it is the one that both have. The other derived ones are wiped.</summary>
    public void Settle(int number)
    {
        _unconfirmed = Configured;
        if (_sure?.Number != number)
            MakeSure();
        _other?.Key.Dispose();
        _other = null;
        if (_sure is null || _sure.Number == number)
            return;
        _sure.Key.Dispose();
        _sure = null;
    }

    /// <summary>Wipes what was derived.</summary>
    public void ForgetDerived()
    {
        if (HasDerived)
            Settle(Configured);
        _unconfirmed = Configured;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        ForgetDerived();
        _configured?.Dispose();
    }

    private sealed record Derived(int Number, SecretKey Key);
}
