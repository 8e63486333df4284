// linux/filter.h, linux/bpf_common.h: the classic machine

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Filter
    {
        internal const ushort BPF_LD = 0x00, BPF_LDX = 0x01, BPF_JMP = 0x05, BPF_RET = 0x06;
        internal const ushort BPF_B = 0x10, BPF_ABS = 0x20, BPF_IND = 0x40, BPF_MSH = 0xa0, BPF_JEQ = 0x10, BPF_K = 0x00;

        internal struct sock_filter
        {
            internal ushort code;
            internal byte jt;
            internal byte jf;
            internal uint k;
        }

        internal struct sock_fprog
        {
            internal ushort len;
            internal sock_filter* filter;
        }
    }
}
