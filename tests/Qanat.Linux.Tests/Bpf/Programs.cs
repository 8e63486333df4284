using Qanat.Linux.Bpf;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Linux.Tests.Bpf;

/// <summary>Programs that several tests load.</summary>
internal static class Programs
{
    public const int TCX_NEXT = -1, TCX_DROP = 2;

    private const int BPF_FUNC_map_lookup_elem = 1, ETH_P_IP = 0x0800;
    private const int SkbLength = 0, SkbProtocol = 16; // struct __sk_buff

    /// <summary>Gives the same for each packet.</summary>
    public static BpfAssembler Give(int verdict)
    {
        var code = new BpfAssembler();
        code.Move(R0, verdict);
        code.Exit();
        return code;
    }

    /// <summary>Counts IPv4 packets, and their bytes, in value 0 of a per-CPU array, and lets all go on.</summary>
    public static BpfAssembler Count(BpfMap counters)
    {
        var code = new BpfAssembler();
        var end = code.Label();
        code.Move(R6, R1);
        code.Load(BpfSize.Word, R1, R6, SkbProtocol);
        code.ToBigEndian(R1, BpfSize.Half);
        code.JumpIf(BpfCondition.NotEqual, R1, ETH_P_IP, end);
        code.Store(BpfSize.Word, R10, -4, 0);
        code.LoadMap(R1, counters);
        code.Move(R2, R10);
        code.Compute(BpfOperation.Add, R2, -4);
        code.Call(BPF_FUNC_map_lookup_elem);
        code.JumpIf(BpfCondition.Equal, R0, 0, end);
        code.Move(R1, 1);
        code.AtomicAdd(BpfSize.Double, R0, 0, R1);
        code.Load(BpfSize.Word, R1, R6, SkbLength);
        code.AtomicAdd(BpfSize.Double, R0, 8, R1);
        code.Mark(end);
        code.Move(R0, TCX_NEXT);
        code.Exit();
        return code;
    }
}
