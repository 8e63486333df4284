using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Qanat.Packets;
using Qanat.WireGuard.Configuration;

namespace Qanat.WireGuard;

/// <summary>
/// Which owner an address belongs to: of the prefixes that it begins with, the longest decides. A prefix has one owner, and
/// moves when it is given to another (drivers/net/wireguard/allowedips.c).
/// </summary>
/// <remarks>
/// A compressed trie for each IP version: a node holds a prefix, and its children longer ones that begin with it. A node
/// without an owner has two children, so there are less than twice as many nodes as prefixes. The nodes lie in one array and
/// know each other by their places, 0 being none. A look-up allocates nothing. Not thread-safe.
/// </remarks>
/// <typeparam name="T">What owns prefixes.</typeparam>
internal sealed class AllowedIps<T> where T : class
{
    private const int None = 0, FirstRoot = 1; // the roots of IPv4 and IPv6 are the next two, and never go

    private readonly Dictionary<T, Row> _rows = [];
    private Node[] _nodes = new Node[16];
    private int _used = FirstRoot + 2, _free;

    /// <summary>Makes an empty table.</summary>
    public AllowedIps()
    {
        _nodes[None].Length = byte.MaxValue;
        _nodes[Root(isIPv6: true)].IsIPv6 = true;
    }

    /// <summary>Prefixes in the table.</summary>
    public int Count { get; private set; }

    /// <summary>The owner of the longest prefix of <paramref name="address"/>; null when it has none.</summary>
    public T? Find(IpAddress address) => Find(Root(address.IsIPv6), BitsOf(address));

    /// <summary>The same, of an IPv4 address.</summary>
    public T? Find(IPv4Address address) => Find(Root(isIPv6: false), BitsOf(address));

    /// <summary>The same, of an IPv6 address.</summary>
    public T? Find(IPv6Address address) => Find(Root(isIPv6: true), address.Value);

    /// <summary>The owner of <paramref name="prefix"/> itself; null when nobody was given it.</summary>
    public T? OwnerOf(AllowedIp prefix)
    {
        var at = Locate(prefix, out _, out _);
        return at == None ? null : _nodes[at].Owner;
    }

    /// <summary>What <paramref name="owner"/> was given, in the order in which it was last given.</summary>
    public IEnumerable<AllowedIp> Of(T owner)
    {
        var next = _rows.TryGetValue(owner, out var row) ? row.First : None;
        for (; next != None; next = _nodes[next].Next)
            yield return PrefixOf(in _nodes[next]);
    }

    /// <summary>Gives <paramref name="prefix"/> to <paramref name="owner"/>, and takes it from whoever has it.</summary>
    public void Add(AllowedIp prefix, T owner)
    {
        var at = Ensure(prefix);
        if (_nodes[at].Owner is null)
            Count++;
        else
            Unlink(at);
        _nodes[at].Owner = owner;
        Link(at, owner);
    }

    /// <summary>Takes <paramref name="prefix"/> from <paramref name="owner"/>. False when it had not got it.</summary>
    public bool Remove(AllowedIp prefix, T owner)
    {
        var at = Locate(prefix, out var parent, out var grandparent);
        if (at == None || !owner.Equals(_nodes[at].Owner))
            return false;
        Unlink(at);
        _nodes[at].Owner = null;
        Count--;
        if (Splice(at, parent))
            Splice(parent, grandparent);
        return true;
    }

    /// <summary>Takes all from <paramref name="owner"/>.</summary>
    public void Clear(T owner)
    {
        while (_rows.TryGetValue(owner, out var row))
            Remove(PrefixOf(in _nodes[row.First]), owner);
    }

    private T? Find(int at, UInt128 bits)
    {
        T? found = null;
        var nodes = _nodes;
        do
        {
            ref var node = ref nodes[at];
            if (!node.Covers(bits))
                break;
            found = node.Owner ?? found;
            at = node.Child(bits);
        }
        while (at != None);
        return found;
    }

    // The node of a prefix with the two above it; 0 for each that there is not.
    private int Locate(AllowedIp prefix, out int parent, out int grandparent)
    {
        var at = Descend(prefix, out parent, out grandparent);
        return _nodes[at].Is(BitsOf(prefix.Address), prefix.Length) ? at : None;
    }

    // Goes down to where a prefix is, or else would be: to the first node that is as long or does not begin like it.
    private int Descend(AllowedIp prefix, out int parent, out int grandparent)
    {
        (parent, grandparent) = (None, None);
        var bits = BitsOf(prefix.Address);
        var at = Root(prefix.Address.IsIPv6);
        while (at != None && _nodes[at].Length < prefix.Length && _nodes[at].Covers(bits))
            (at, parent, grandparent) = (_nodes[at].Child(bits), at, parent);
        return at;
    }

    // The node of a prefix, made if need be: in a free place, or above one that has more bits, or beside one that differs.
    private int Ensure(AllowedIp prefix)
    {
        var bits = BitsOf(prefix.Address);
        var there = Descend(prefix, out var parent, out _);
        if (_nodes[there].Is(bits, prefix.Length))
            return there;
        var at = Make(bits, prefix.Length, prefix.Address.IsIPv6);
        var below = at;
        if (there != None)
        {
            var common = Math.Min((int)UInt128.LeadingZeroCount(_nodes[there].Bits ^ bits), prefix.Length);
            if (common < prefix.Length)
            {
                below = Make(bits & UInt128.MaxValue << (128 - common), common, prefix.Address.IsIPv6);
                _nodes[below].Child(bits) = at;
            }
            _nodes[below].Child(_nodes[there].Bits) = there;
        }
        _nodes[parent].Child(bits) = below;
        return at;
    }

    // Takes a node out that holds nothing and leads to one other at most. The roots stay.
    private bool Splice(int at, int parent)
    {
        if (parent == None || _nodes[at].Owner is not null || (_nodes[at].Zero != None && _nodes[at].One != None))
            return false;
        _nodes[parent].Child(_nodes[at].Bits) = _nodes[at].Zero | _nodes[at].One;
        _nodes[at] = new() { Next = _free };
        _free = at;
        return true;
    }

    private int Make(UInt128 bits, int length, bool isIPv6)
    {
        var at = _free;
        if (at != None)
            _free = _nodes[at].Next;
        else
        {
            at = _used++;
            if (at == _nodes.Length)
                Array.Resize(ref _nodes, 2 * at);
        }
        _nodes[at] = new() { Bits = bits, Length = (byte)length, IsIPv6 = isIPv6 };
        return at;
    }

    private void Link(int at, T owner)
    {
        ref var row = ref CollectionsMarshal.GetValueRefOrAddDefault(_rows, owner, out _);
        (_nodes[at].Previous, _nodes[at].Next) = (row.Last, None);
        if (row.Last == None)
            row.First = at;
        else
            _nodes[row.Last].Next = at;
        row.Last = at;
    }

    private void Unlink(int at)
    {
        ref var node = ref _nodes[at];
        ref var row = ref CollectionsMarshal.GetValueRefOrNullRef(_rows, node.Owner!);
        if (node.Previous == None)
            row.First = node.Next;
        else
            _nodes[node.Previous].Next = node.Next;
        if (node.Next == None)
            row.Last = node.Previous;
        else
            _nodes[node.Next].Previous = node.Previous;
        if (row.First == None)
            _rows.Remove(node.Owner!);
    }

    private static AllowedIp PrefixOf(ref readonly Node node) =>
        new(node.IsIPv6 ? new IPv6Address(node.Bits) : new IPv4Address((uint)(node.Bits >> 96)), node.Length);

    private static int Root(bool isIPv6) => isIPv6 ? FirstRoot + 1 : FirstRoot;

    // The bits of either version begin at the top, so that one code serves both.
    private static UInt128 BitsOf(IpAddress address) => address.IsIPv6 ? address.IPv6.Value : BitsOf(address.IPv4);

    private static UInt128 BitsOf(IPv4Address address) => (UInt128)address.Value << 96;

    private struct Node
    {
        public UInt128 Bits;
        public T? Owner;
        public int Zero, One; // the children, by the bit behind the prefix
        public int Previous, Next; // in the owner's row
        public byte Length;
        public bool IsIPv6;

        public readonly bool Covers(UInt128 bits) => (int)UInt128.LeadingZeroCount(Bits ^ bits) >= Length;

        // None is no prefix: it has the length of none.
        public readonly bool Is(UInt128 bits, int length) => Length == length && Bits == bits;

        [UnscopedRef]
        public ref int Child(UInt128 bits) => ref (bits >> (127 - Length) & 1) == 0 ? ref Zero : ref One;
    }

    // What an owner has, first and last given.
    private struct Row
    {
        public int First, Last;
    }
}
