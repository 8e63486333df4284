using System.Numerics;
using System.Runtime.CompilerServices;

namespace Qanat.WireGuard;

/// <summary>
/// A number for each of many prefixes of one IP version: the longest that an address begins with is found in few steps.
/// </summary>
/// <remarks>
/// A compressed trie of four bits a step. A node stands at a depth, a multiple of four; it holds the prefixes that are one to four
/// bits longer than that and begin as it does, and the nodes for longer ones by their next four bits. Depths at which nothing
/// parts are left out. Nodes lie in one array and know each other by their places; 0 is none, and 1 the root, which never
/// goes. A look-up allocates nothing.
/// </remarks>
/// <typeparam name="TBits">The bits of an address.</typeparam>
internal sealed class PrefixTrie<TBits> where TBits : struct, IPrefixBits<TBits>
{
    /// <summary>The number of what there is not.</summary>
    public const int None = 0;

    private const int Root = 1, Step = 4, Ways = 1 << Step;

    private Node[] _nodes = new Node[2];
    private int _used = Root + 1, _free;

    /// <summary>The number of the longest prefix of <paramref name="bits"/>; 0 when there is none.</summary>
    public int Find(TBits bits)
    {
        var found = None;
        var nodes = _nodes;
        var at = Root;
        do
        {
            ref readonly var node = ref nodes[at];
            if (bits.CommonWith(node.Bits) < node.Depth)
                break;
            var nibble = bits.Nibble(node.Depth);
            var covering = node.Held & Covering(nibble);
            if (covering != 0)
                found = node.Numbers[BitOperations.Log2(covering)];
            at = node.Children[nibble];
        }
        while (at != None);
        return found;
    }

    /// <summary>The number of a prefix itself; 0 when there is none.</summary>
    /// <param name="bits">The prefix, and zeros.</param>
    /// <param name="length">Its bits.</param>
    public int Get(TBits bits, int length)
    {
        var at = Locate(bits, DepthOf(length), out _, out _);
        return at == None ? None : _nodes[at].Numbers[PlaceOf(bits, length)];
    }

    /// <summary>Gives a prefix a number other than 0, in place of the one that it has.</summary>
    public void Set(TBits bits, int length, int number)
    {
        var at = Ensure(bits, DepthOf(length)); // which may move the nodes
        ref var node = ref _nodes[at];
        var place = PlaceOf(bits, length);
        node.Numbers[place] = number;
        node.Held |= 1U << place;
    }

    /// <summary>Takes out a prefix, which is there.</summary>
    public void Remove(TBits bits, int length)
    {
        var at = Locate(bits, DepthOf(length), out var parent, out var grandparent);
        ref var node = ref _nodes[at];
        var place = PlaceOf(bits, length);
        node.Numbers[place] = None;
        node.Held &= ~(1U << place);
        if (Splice(at, parent))
            Splice(parent, grandparent);
    }

    // Where a prefix is held: four bits at most behind a node's depth. The empty one is the root's.
    private static int DepthOf(int length) => Math.Max(length - 1, 0) & -Step;

    // Its place in that node: its bits there, behind a one, so that no two are the same.
    private static int PlaceOf(TBits bits, int length)
    {
        var depth = DepthOf(length);
        return (Ways | bits.Nibble(depth)) >> Step - (length - depth);
    }

    // The places of the prefixes of four bits; the longer, the higher.
    private static uint Covering(int nibble)
    {
        var longest = Ways | nibble;
        return 1U << longest | 1U << (longest >> 1) | 1U << (longest >> 2) | 1U << (longest >> 3) | 1U << (longest >> 4);
    }

    // The node for prefixes at a depth, with the two above it; 0 for each that there is not.
    private int Locate(TBits bits, int depth, out int parent, out int grandparent)
    {
        (parent, grandparent) = (None, None);
        var at = Root;
        while (at != None && _nodes[at].Depth < depth)
            (at, parent, grandparent) = (_nodes[at].Children[bits.Nibble(_nodes[at].Depth)], at, parent);
        return at != None && _nodes[at].Depth == depth && _nodes[at].Bits.CommonWith(bits) >= depth ? at : None;
    }

    // The same, made if need be: at the end of a branch, on a branch, or beside one.
    private int Ensure(TBits bits, int depth)
    {
        var at = Root;
        while (_nodes[at].Depth < depth)
        {
            var nibble = bits.Nibble(_nodes[at].Depth);
            var child = _nodes[at].Children[nibble];
            var common = child == None ? depth : Math.Min(Common(child, bits), depth);
            if (child == None || common < _nodes[child].Depth)
            {
                var made = Make(bits, common);
                if (child != None)
                    _nodes[made].Children[_nodes[child].Bits.Nibble(common)] = child;
                _nodes[at].Children[nibble] = child = made;
            }
            at = child;
        }
        return at;
    }

    // How deep a node lies that could be above both.
    private int Common(int at, TBits bits) => Math.Min(_nodes[at].Bits.CommonWith(bits) & -Step, _nodes[at].Depth);

    // Takes a node out that holds nothing and leads to one other at most. The root stays.
    private bool Splice(int at, int parent)
    {
        if (parent == None || _nodes[at].Held != 0)
            return false;
        var only = None;
        foreach (var child in _nodes[at].Children)
        {
            if (child != None && only != None)
                return false;
            only |= child;
        }
        _nodes[parent].Children[_nodes[at].Bits.Nibble(_nodes[parent].Depth)] = only;
        _nodes[at] = default;
        _nodes[at].Children[0] = _free;
        _free = at;
        return true;
    }

    private int Make(TBits bits, int depth)
    {
        var at = _free;
        if (at != None)
            _free = _nodes[at].Children[0];
        else
        {
            at = _used++;
            if (at == _nodes.Length)
                Array.Resize(ref _nodes, 2 * at);
        }
        _nodes[at] = new() { Bits = bits, Depth = depth };
        return at;
    }

    private struct Node
    {
        public TBits Bits; // of which only the first count, as many as the depth
        public int Depth;
        public uint Held; // the places that are in use
        public Children Children;
        public Numbers Numbers;
    }

    [InlineArray(Ways)]
    private struct Children
    {
        private int _place;
    }

    [InlineArray(2 * Ways)]
    private struct Numbers
    {
        private int _number;
    }
}
