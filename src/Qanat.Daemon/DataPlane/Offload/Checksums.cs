using Qanat.Linux.Bpf;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>The Internet checksum (RFC 1071) of an IPv4 header, in programs.</summary>
internal static class Checksums
{
    /// <summary>Has <paramref name="sum"/> be the sum of the header's words, in whatever order they are stored; R3 is lost.</summary>
    public static void SumHeader(BpfAssembler code, BpfRegister sum, BpfRegister address, int offset)
    {
        code.Move(sum, 0);
        for (var i = 0; i < Packets.IPv4Header.MinSize; i += 2)
        {
            code.Load(BpfSize.Half, R3, address, offset + i);
            code.Compute(BpfOperation.Add, sum, R3);
        }
        // Ten words carry less than four bits, and those no more than one.
        for (var i = 0; i < 2; i++)
        {
            code.Move(R3, sum);
            code.Compute(BpfOperation.ShiftRight, R3, 16);
            code.Compute(BpfOperation.And, sum, 0xFFFF);
            code.Compute(BpfOperation.Add, sum, R3);
        }
    }
}
