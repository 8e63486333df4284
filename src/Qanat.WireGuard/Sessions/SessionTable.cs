using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Qanat.Crypto;

namespace Qanat.WireGuard;

/// <summary>
/// The numbers by which arriving messages say what they belong to. They are random, so that nobody can guess them or count
/// sessions.
/// </summary>
internal sealed class SessionTable
{
    private readonly Dictionary<uint, ISessionEntry> _entries = [];

    /// <summary>Numbers that are in use.</summary>
    public int Count => _entries.Count;

    /// <summary>Takes a number that is free.</summary>
    public uint Add(ISessionEntry entry)
    {
        var index = 0U;
        do
            RandomBytes.Fill(MemoryMarshal.AsBytes(new Span<uint>(ref index)));
        while (!_entries.TryAdd(index, entry));
        return index;
    }

    /// <summary>What a number stands for from now on: the handshake has become a session.</summary>
    public void Replace(uint index, ISessionEntry entry) => _entries[index] = entry;

    /// <summary>What a number stands for. False when for nothing.</summary>
    public bool TryGet(uint index, [NotNullWhen(true)] out ISessionEntry? entry) => _entries.TryGetValue(index, out entry);

    /// <summary>Frees a number.</summary>
    public void Remove(uint index) => _entries.Remove(index);
}
