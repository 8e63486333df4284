using System.Buffers.Binary;
using Qanat.Crypto;

namespace Qanat.Ipsec.Tests;

/// <summary>Initialization vectors of others.</summary>
internal static class Vectors
{
    /// <summary>The number that <paramref name="state"/> would have made the packet's vector of.</summary>
    public static UInt128 UniqueBehind(SecurityAssociation state, ReadOnlySpan<byte> packet)
    {
        var vector = packet[EspHeader.Size..state.HeaderLength];
        if (vector.Length <= sizeof(ulong))
            return vector.IsEmpty ? 0 : BinaryPrimitives.ReadUInt64BigEndian(vector);
        using var cipher = new AesCbc(state.Parameters.Algorithms.Encryption!.Key.Bytes, CipherDirection.Open);
        var block = vector.ToArray();
        cipher.Transform(new byte[AesCbc.BlockLength], block);
        return BinaryPrimitives.ReadUInt128BigEndian(block);
    }
}
