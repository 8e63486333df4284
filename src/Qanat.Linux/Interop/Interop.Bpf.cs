// linux/bpf.h, linux/bpf_common.h: the extended machine

using System.Runtime.InteropServices;

namespace Qanat.Linux;

internal static unsafe partial class Interop
{
    internal static partial class Bpf
    {
        internal const byte BPF_LD = 0x00, BPF_LDX = 0x01, BPF_ST = 0x02, BPF_STX = 0x03, BPF_ALU = 0x04, BPF_JMP = 0x05, BPF_ALU64 = 0x07;
        internal const byte BPF_W = 0x00, BPF_H = 0x08, BPF_B = 0x10, BPF_DW = 0x18, BPF_IMM = 0x00, BPF_MEM = 0x60, BPF_ATOMIC = 0xc0;
        internal const byte BPF_ADD = 0x00, BPF_SUB = 0x10, BPF_MUL = 0x20, BPF_DIV = 0x30, BPF_OR = 0x40, BPF_AND = 0x50, BPF_LSH = 0x60,
            BPF_RSH = 0x70, BPF_MOD = 0x90, BPF_XOR = 0xa0, BPF_MOV = 0xb0, BPF_ARSH = 0xc0, BPF_END = 0xd0;
        internal const byte BPF_JA = 0x00, BPF_JEQ = 0x10, BPF_JGT = 0x20, BPF_JGE = 0x30, BPF_JSET = 0x40, BPF_JNE = 0x50, BPF_CALL = 0x80,
            BPF_EXIT = 0x90, BPF_JLT = 0xa0, BPF_JLE = 0xb0;
        internal const byte BPF_K = 0x00, BPF_X = 0x08, BPF_TO_BE = 0x08, BPF_PSEUDO_MAP_FD = 1;

        internal const int BPF_MAP_CREATE = 0, BPF_MAP_LOOKUP_ELEM = 1, BPF_MAP_UPDATE_ELEM = 2, BPF_MAP_DELETE_ELEM = 3, BPF_PROG_LOAD = 5,
            BPF_LINK_CREATE = 28, BPF_LINK_DETACH = 34;
        internal const uint BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_ARRAY = 6;
        internal const uint BPF_PROG_TYPE_SCHED_CLS = 3, BPF_TCX_INGRESS = 46, BPF_TCX_EGRESS = 47;
        internal const uint BPF_F_NO_PREALLOC = 1, BPF_ANY = 0;
        internal const int BPF_OBJ_NAME_LEN = 16;

        /// <summary>__NR_bpf; but for x86-64, architectures number as asm-generic/unistd.h does.</summary>
        private static readonly nint s_number = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 321 : 280;

        /// <summary>union bpf_attr: what a command needs of it. The rest is zero, and not looked at.</summary>
        [StructLayout(LayoutKind.Explicit, Size = 128)]
        internal struct bpf_attr
        {
            /// <summary>map_fd, prog_fd or link_fd: what a command works on comes first in each that works on something.</summary>
            [FieldOffset(0)] internal int fd;
            [FieldOffset(0)] internal bpf_attr_map_create map_create;
            [FieldOffset(0)] internal bpf_attr_elem elem;
            [FieldOffset(0)] internal bpf_attr_prog_load prog_load;
            [FieldOffset(0)] internal bpf_attr_link_create link_create;
        }

        internal struct bpf_attr_map_create
        {
            internal uint map_type;
            internal uint key_size;
            internal uint value_size;
            internal uint max_entries;
            internal uint map_flags;
            internal uint inner_map_fd;
            internal uint numa_node;
            internal fixed byte map_name[BPF_OBJ_NAME_LEN];
        }

        [StructLayout(LayoutKind.Explicit, Size = 32)]
        internal struct bpf_attr_elem
        {
            [FieldOffset(0)] internal int map_fd;
            [FieldOffset(8)] internal ulong key;
            [FieldOffset(16)] internal ulong value;
            [FieldOffset(24)] internal ulong flags;
        }

        internal struct bpf_attr_prog_load
        {
            internal uint prog_type;
            internal uint insn_cnt;
            internal ulong insns;
            internal ulong license;
            internal uint log_level;
            internal uint log_size;
            internal ulong log_buf;
            internal uint kern_version;
            internal uint prog_flags;
            internal fixed byte prog_name[BPF_OBJ_NAME_LEN];
        }

        internal struct bpf_attr_link_create
        {
            internal int prog_fd;
            internal int target_ifindex;
            internal uint attach_type;
            internal uint flags;
        }

        /// <summary>bpf(2), for which the C library has no function: a descriptor or 0, or -1 and errno.</summary>
        internal static int bpf(int cmd, bpf_attr* attr) => (int)syscall(s_number, cmd, attr, sizeof(bpf_attr));

        [LibraryImport("libc")]
        private static partial nint syscall(nint number, nint cmd, bpf_attr* attr, nint size);
    }
}
