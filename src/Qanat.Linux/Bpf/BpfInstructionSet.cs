using static Qanat.Linux.Interop.Bpf;

namespace Qanat.Linux.Bpf;

/// <summary>The machine's registers, 64 bits each (RFC 9669, section 2).</summary>
public enum BpfRegister : byte
{
    /// <summary>What a call gave, and what the program gives when it exits.</summary>
    R0,

    /// <summary>The first argument of a call; when the program begins, its context. A call spoils R1 to R5.</summary>
    R1,

    /// <summary>The second argument of a call.</summary>
    R2,

    /// <summary>The third argument of a call.</summary>
    R3,

    /// <summary>The fourth argument of a call.</summary>
    R4,

    /// <summary>The fifth argument of a call.</summary>
    R5,

    /// <summary>Kept over calls, as are R7 to R9.</summary>
    R6,

    /// <summary>Kept over calls.</summary>
    R7,

    /// <summary>Kept over calls.</summary>
    R8,

    /// <summary>Kept over calls.</summary>
    R9,

    /// <summary>The frame pointer, which is only read: 512 bytes of stack lie below it.</summary>
    R10,
}

/// <summary>How much of memory is read or written; the values are the opcodes' bits (RFC 9669, section 5).</summary>
public enum BpfSize : byte
{
    /// <summary>1 byte.</summary>
    Byte = BPF_B,

    /// <summary>2 bytes.</summary>
    Half = BPF_H,

    /// <summary>4 bytes.</summary>
    Word = BPF_W,

    /// <summary>8 bytes.</summary>
#pragma warning disable CA1720 // the double of a word, which no type is called here
    Double = BPF_DW,
#pragma warning restore CA1720
}

/// <summary>When a jump is taken: all 64 bits are compared, unsigned; the values are the opcodes' bits (RFC 9669, section 4.3).</summary>
public enum BpfCondition : byte
{
    /// <summary>JEQ: left = right.</summary>
    Equal = BPF_JEQ,

    /// <summary>JNE: left ≠ right.</summary>
    NotEqual = BPF_JNE,

    /// <summary>JGT: left > right.</summary>
    Above = BPF_JGT,

    /// <summary>JGE: left ≥ right.</summary>
    AtLeast = BPF_JGE,

    /// <summary>JLT: left &lt; right.</summary>
    Below = BPF_JLT,

    /// <summary>JLE: left ≤ right.</summary>
    AtMost = BPF_JLE,

    /// <summary>JSET: left &amp; right ≠ 0.</summary>
    AnyBit = BPF_JSET,
}

/// <summary>Arithmetic on all 64 bits, unsigned; the values are the opcodes' bits (RFC 9669, section 4.1).</summary>
public enum BpfOperation : byte
{
    /// <summary>ADD.</summary>
    Add = BPF_ADD,

    /// <summary>SUB.</summary>
    Subtract = BPF_SUB,

    /// <summary>MUL.</summary>
    Multiply = BPF_MUL,

    /// <summary>DIV; a register of zero gives zero, and the verifier refuses the number zero.</summary>
    Divide = BPF_DIV,

    /// <summary>MOD; a register of zero changes nothing, and the verifier refuses the number zero.</summary>
    Modulo = BPF_MOD,

    /// <summary>AND.</summary>
    And = BPF_AND,

    /// <summary>OR.</summary>
    Or = BPF_OR,

    /// <summary>XOR.</summary>
    Xor = BPF_XOR,

    /// <summary>LSH, by less than 64.</summary>
    ShiftLeft = BPF_LSH,

    /// <summary>RSH: zeros come in.</summary>
    ShiftRight = BPF_RSH,

    /// <summary>ARSH: copies of the highest bit come in.</summary>
    ShiftRightSigned = BPF_ARSH,
}
