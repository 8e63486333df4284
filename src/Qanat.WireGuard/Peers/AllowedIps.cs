using System.Runtime.InteropServices;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.WireGuard;

/// <summary>
/// Which owner an address belongs to: of the prefixes that it begins with, the longest decides. A prefix has one owner, and
/// moves when it is given to another (drivers/net/wireguard/allowedips.c).
/// </summary>
/// <remarks>
/// What is given lies in one array, in a row for each owner; tries, one for each IP version, know its places there, 0 being none.
/// A look-up allocates nothing. Not thread-safe.
/// </remarks>
/// <typeparam name="T">What owns prefixes.</typeparam>
internal sealed class AllowedIps<T> where T : class
{
    private const int None = PrefixTrie<IPv4Bits>.None;

    private readonly PrefixTrie<IPv4Bits> _ipv4 = new();
    private readonly PrefixTrie<IPv6Bits> _ipv6 = new();
    private readonly Dictionary<T, Row> _rows = [];
    private Entry[] _entries = new Entry[16];
    private int _used = None + 1, _free;

    /// <summary>Prefixes in the table.</summary>
    public int Count { get; private set; }

    /// <summary>The owner of the longest prefix of <paramref name="address"/>; null when it has none.</summary>
    public T? Find(IpAddress address) => address.IsIPv6 ? Find(address.IPv6) : Find(address.IPv4);

    /// <summary>The same, of an IPv4 address.</summary>
    public T? Find(IPv4Address address) => _entries[_ipv4.Find(BitsOf(address))].Owner;

    /// <summary>The same, of an IPv6 address.</summary>
    public T? Find(IPv6Address address) => _entries[_ipv6.Find(BitsOf(address))].Owner;

    /// <summary>The owner of <paramref name="prefix"/> itself; null when nobody was given it.</summary>
    public T? OwnerOf(AllowedIp prefix) => _entries[Get(prefix)].Owner;

    /// <summary>What <paramref name="owner"/> was given, in the order in which it was last given.</summary>
    public IEnumerable<AllowedIp> Of(T owner)
    {
        var next = _rows.TryGetValue(owner, out var row) ? row.First : None;
        for (; next != None; next = _entries[next].Next)
            yield return _entries[next].Prefix;
    }

    /// <summary>Gives <paramref name="prefix"/> to <paramref name="owner"/>, and takes it from whoever has it.</summary>
    public void Add(AllowedIp prefix, T owner)
    {
        var at = Get(prefix);
        if (at == None)
        {
            at = Make(prefix);
            if (prefix.Address.IsIPv6)
                _ipv6.Set(BitsOf(prefix.Address.IPv6), prefix.Length, at);
            else
                _ipv4.Set(BitsOf(prefix.Address.IPv4), prefix.Length, at);
        }
        else
            Unlink(at);
        Link(at, owner);
    }

    /// <summary>Takes <paramref name="prefix"/> from <paramref name="owner"/>. False when it had not got it.</summary>
    public bool Remove(AllowedIp prefix, T owner)
    {
        var at = Get(prefix);
        if (at == None || !owner.Equals(_entries[at].Owner))
            return false;
        if (prefix.Address.IsIPv6)
            _ipv6.Remove(BitsOf(prefix.Address.IPv6), prefix.Length);
        else
            _ipv4.Remove(BitsOf(prefix.Address.IPv4), prefix.Length);
        Unlink(at);
        _entries[at] = new() { Next = _free };
        _free = at;
        Count--;
        return true;
    }

    /// <summary>Takes all from <paramref name="owner"/>.</summary>
    public void Clear(T owner)
    {
        while (_rows.TryGetValue(owner, out var row))
            Remove(_entries[row.First].Prefix, owner);
    }

    private int Get(AllowedIp prefix) => prefix.Address.IsIPv6
        ? _ipv6.Get(BitsOf(prefix.Address.IPv6), prefix.Length)
        : _ipv4.Get(BitsOf(prefix.Address.IPv4), prefix.Length);

    private int Make(AllowedIp prefix)
    {
        var at = _free;
        if (at != None)
            _free = _entries[at].Next;
        else
        {
            at = _used++;
            if (at == _entries.Length)
                Array.Resize(ref _entries, 2 * at);
        }
        _entries[at] = new() { Prefix = prefix };
        Count++;
        return at;
    }

    private void Link(int at, T owner)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, owner, out _);
        ref var entry = ref _entries[at];
        (entry.Owner, entry.Previous, entry.Next) = (owner, row.Last, None);
        if (row.Last == None)
            row.First = at;
        else
            _entries[row.Last].Next = at;
        row.Last = at;
    }

    private void Unlink(int at)
    {
        ref var entry = ref _entries[at];
        ref var row = ref CollectionsMarshal.GetValueRefOrNullRef(_rows, entry.Owner!);
        if (entry.Previous == None)
            row.First = entry.Next;
        else
            _entries[entry.Previous].Next = entry.Next;
        if (entry.Next == None)
            row.Last = entry.Previous;
        else
            _entries[entry.Next].Previous = entry.Previous;
        if (row.First == None)
            _rows.Remove(entry.Owner!);
    }

    private static IPv4Bits BitsOf(IPv4Address address) => new(address.Value);

    private static IPv6Bits BitsOf(IPv6Address address) => IPv6Bits.From(address.Value);

    // The first stands for none, and nobody owns it.
    private struct Entry
    {
        public AllowedIp Prefix;
        public T? Owner;
        public int Previous, Next; // in the owner's row
    }

    // What an owner has, first and last given.
    private struct Row
    {
        public int First, Last;
    }
}
