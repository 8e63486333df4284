using Qanat.Packets;

namespace Qanat.Tunnels;

/// <summary>
/// What a tunnel that switches frames remembers: its forwarding table, and the far ends of the frame that is under way.
/// </summary>
internal sealed class Forwarding(TimeProvider time)
{
    private FdbDestination[] _selected = new FdbDestination[1];

    /// <summary>The forwarding table.</summary>
    public ForwardingTable Table { get; } = new(time);

    /// <summary>The far end that the frame is being sent to.</summary>
    public FdbDestination Current { get; private set; }

    /// <summary>Takes these far ends, for the table may change while the frame is under way.</summary>
    /// <returns>How many there are.</returns>
    public int Select(ReadOnlySpan<FdbDestination> found)
    {
        if (_selected.Length < found.Length)
            _selected = new FdbDestination[found.Length];
        found.CopyTo(_selected);
        return found.Length;
    }

    /// <summary>Turns to far end <paramref name="index"/>.</summary>
    public void TurnTo(int index) => Current = _selected[index];

    /// <summary>The tunnel's own remote is the default entry's destination, as the kernel has it; any for none.</summary>
    public void SetRemote(IpAddress before, IpAddress remote)
    {
        if (!before.IsAny && before != remote)
            Table.Remove(ForwardingTable.Default, new(before));
        if (!remote.IsAny)
            Table.Add(new(ForwardingTable.Default, new(remote)));
    }
}
