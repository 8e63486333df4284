using Qanat.Packets;

namespace Qanat.Tunnels.Modes;

/// <summary>What sets one mode apart from another. The engine does the rest.</summary>
internal interface ITunnelMode
{
    /// <summary>The word of the command line: <c>ipip</c>.</summary>
    string Name { get; }

    /// <summary>The outer header's protocol number.</summary>
    IpProtocol Protocol { get; }

    /// <summary>True when the mode carries a packet that begins with <paramref name="firstByte"/> (IP version in the upper half).</summary>
    bool Carries(byte firstByte);
}
