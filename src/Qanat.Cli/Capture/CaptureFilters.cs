using Qanat.Cli.Iproute2;
using Qanat.Linux.Sockets;
using Qanat.Packets;

namespace Qanat.Cli.Capture;

/// <summary>One expression, compiled for each kind of link that packets come from.</summary>
/// <param name="expression">The words; empty to accept everything.</param>
internal sealed class CaptureFilters(string expression) : IDisposable
{
    private readonly Dictionary<CaptureLinkType, PacketFilter> _filters = [];
    private readonly Lock _gate = new();

    /// <summary>Whether tags may matter to the expression.</summary>
    public bool MentionTags =>
        expression.Contains("vlan", StringComparison.Ordinal) || expression.Contains("ether", StringComparison.Ordinal);

    /// <summary>The filter for a kind of link; null without an expression.</summary>
    /// <exception cref="CommandFailure">The expression makes no sense, or libpcap is missing.</exception>
    public PacketFilter? For(CaptureLinkType link)
    {
        if (expression.Length == 0)
            return null;
        lock (_gate)
            return _filters.TryGetValue(link, out var filter) ? filter : _filters[link] = Compile(link);
    }

    /// <summary>Whether a packet is wanted.</summary>
    public bool Accept(CaptureLinkType link, ReadOnlySpan<byte> packet, int originalLength) =>
        For(link)?.Accepts(packet, originalLength) ?? true;

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (var filter in _filters.Values)
            filter.Dispose();
    }

    private PacketFilter Compile(CaptureLinkType link)
    {
        try
        {
            return new(expression, link);
        }
        catch (FormatException wrong)
        {
            throw CommandFailure.Refusal($"The filter \"{expression}\" makes no sense: {wrong.Message}");
        }
        catch (DllNotFoundException)
        {
            throw CommandFailure.Refusal("A filter needs libpcap, which is not installed; on Debian: apt-get install libpcap0.8");
        }
    }
}
