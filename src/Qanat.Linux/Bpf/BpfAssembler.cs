using static Qanat.Linux.Interop.Bpf;

namespace Qanat.Linux.Bpf;

/// <summary>A place in a program that is to be jumped to; <see cref="BpfAssembler.Label"/> makes one.</summary>
public readonly struct BpfLabel
{
    internal BpfLabel(int number) => Number = number;

    /// <summary>From 1 on: 0 is a label that nobody made.</summary>
    internal int Number { get; }
}

/// <summary>
/// Writes a program for the kernel's BPF machine, an instruction a call. Nothing of what it means is checked here: the kernel's
/// verifier does that when the program is loaded.
/// </summary>
/// <remarks>
/// An instruction is a number of 64 bits, little-endian: <c>code u8 | dst_reg u4 | src_reg u4 | off s16 | imm s32</c>.
/// Source: RFC 9669, linux/bpf.h.
/// </remarks>
public sealed class BpfAssembler
{
    private const int Unmarked = -1;

    private readonly List<ulong> _instructions = [];
    private readonly List<int> _labels = [Unmarked];
    private readonly List<(int At, BpfLabel To)> _jumps = [];
    private readonly List<(int At, BpfMap Map)> _maps = [];

    /// <summary>A new label, to be marked once, before or after it is jumped to.</summary>
    public BpfLabel Label()
    {
        _labels.Add(Unmarked);
        return new(_labels.Count - 1);
    }

    /// <summary>Says where a label is: before the instruction that comes next.</summary>
    /// <exception cref="ArgumentException">The label is not of this program.</exception>
    /// <exception cref="InvalidOperationException">It is marked already.</exception>
    public void Mark(BpfLabel label)
    {
        CheckOwn(label);
        if (_labels[label.Number] != Unmarked)
            throw new InvalidOperationException($"Label {label.Number} is marked twice.");
        _labels[label.Number] = _instructions.Count;
    }

    /// <summary>Sets a register to a number, whose sign fills all 64 bits.</summary>
    public void Move(BpfRegister to, int value) => Emit(BPF_ALU64 | BPF_MOV | BPF_K, to, immediate: value);

    /// <summary>Copies a register.</summary>
    public void Move(BpfRegister to, BpfRegister from) => Emit(BPF_ALU64 | BPF_MOV | BPF_X, to, from);

    /// <summary>Sets a register to a number of 64 bits: LD_IMM64, which takes the room of two instructions.</summary>
    public void MoveWide(BpfRegister to, ulong value) => EmitWide(to, default, value);

    /// <summary>Sets a register to a map, as calls want it. The map must be there still when the program is loaded.</summary>
    public void LoadMap(BpfRegister to, BpfMap map)
    {
        ArgumentNullException.ThrowIfNull(map);
        _maps.Add((_instructions.Count, map));
        EmitWide(to, (BpfRegister)BPF_PSEUDO_MAP_FD, 0);
    }

    /// <summary>Reads memory into a register, in the machine's byte order; zeros fill what is left of it.</summary>
    /// <param name="size">How much.</param>
    /// <param name="to">The register.</param>
    /// <param name="address">The register with the address.</param>
    /// <param name="offset">Bytes to add to it, -32768 to 32767.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset does not fit.</exception>
    public void Load(BpfSize size, BpfRegister to, BpfRegister address, int offset) =>
        Emit(BPF_LDX | BPF_MEM | (byte)size, to, address, Narrow(offset));

    /// <summary>Writes the low bytes of a register to memory, in the machine's byte order.</summary>
    /// <inheritdoc cref="Store(BpfSize, BpfRegister, int, int)"/>
    public void Store(BpfSize size, BpfRegister address, int offset, BpfRegister from) =>
        Emit(BPF_STX | BPF_MEM | (byte)size, address, from, Narrow(offset));

    /// <summary>Writes a number to memory, in the machine's byte order; its sign fills 8 bytes.</summary>
    /// <param name="size">How much.</param>
    /// <param name="address">The register with the address.</param>
    /// <param name="offset">Bytes to add to it, -32768 to 32767.</param>
    /// <param name="value">The number.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset does not fit.</exception>
    public void Store(BpfSize size, BpfRegister address, int offset, int value) =>
        Emit(BPF_ST | BPF_MEM | (byte)size, address, default, Narrow(offset), value);

    /// <summary>Adds a register to memory, in one step that nothing comes between.</summary>
    /// <param name="size"><see cref="BpfSize.Word"/> or <see cref="BpfSize.Double"/>.</param>
    /// <param name="address">The register with the address.</param>
    /// <param name="offset">Bytes to add to it, -32768 to 32767.</param>
    /// <param name="from">The register to add.</param>
    /// <exception cref="ArgumentOutOfRangeException">The offset does not fit, or the size is another.</exception>
    public void AtomicAdd(BpfSize size, BpfRegister address, int offset, BpfRegister from)
    {
        if (size is not (BpfSize.Word or BpfSize.Double))
            throw new ArgumentOutOfRangeException(nameof(size), size, "Words and doubles alone are added to in one step.");
        Emit(BPF_STX | BPF_ATOMIC | (byte)size, address, from, Narrow(offset), BPF_ADD);
    }

    /// <summary>Changes a register by a number, whose sign fills all 64 bits.</summary>
    public void Compute(BpfOperation op, BpfRegister to, int value) => Emit(BPF_ALU64 | BPF_K | (byte)op, to, immediate: value);

    /// <summary>Changes a register by another.</summary>
    public void Compute(BpfOperation op, BpfRegister to, BpfRegister from) => Emit(BPF_ALU64 | BPF_X | (byte)op, to, from);

    /// <summary>
    /// Turns the low bytes of a register from the machine's byte order into that of networks, or back; zeros fill what is left
    /// of it.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The size is a byte, which has no order.</exception>
    public void ToBigEndian(BpfRegister register, BpfSize size) => Emit(BPF_ALU | BPF_END | BPF_TO_BE, register, immediate: size switch
    {
        BpfSize.Half => 16,
        BpfSize.Word => 32,
        BpfSize.Double => 64,
        _ => throw new ArgumentOutOfRangeException(nameof(size), size, "A byte has no order."),
    });

    /// <summary>Goes on at a label.</summary>
    /// <exception cref="ArgumentException">The label is not of this program.</exception>
    public void Jump(BpfLabel to) => EmitJump(BPF_JMP | BPF_JA, default, default, 0, to);

    /// <summary>Goes on at a label if a register compares so with a number, whose sign fills all 64 bits.</summary>
    /// <exception cref="ArgumentException">The label is not of this program.</exception>
    public void JumpIf(BpfCondition condition, BpfRegister left, int right, BpfLabel to) =>
        EmitJump(BPF_JMP | BPF_K | (byte)condition, left, default, right, to);

    /// <summary>Goes on at a label if a register compares so with another.</summary>
    /// <exception cref="ArgumentException">The label is not of this program.</exception>
    public void JumpIf(BpfCondition condition, BpfRegister left, BpfRegister right, BpfLabel to) =>
        EmitJump(BPF_JMP | BPF_X | (byte)condition, left, right, 0, to);

    /// <summary>Calls a function of the kernel's: R1 to R5 are its arguments, R0 what it gives.</summary>
    /// <param name="helper">Its number in enum bpf_func_id: BPF_FUNC_map_lookup_elem is 1. Source: linux/bpf.h, bpf-helpers(7).</param>
    public void Call(int helper) => Emit(BPF_JMP | BPF_CALL, default, immediate: helper);

    /// <summary>Ends the program; R0 is what it gives.</summary>
    public void Exit() => Emit(BPF_JMP | BPF_EXIT, default);

    /// <summary>The program as the kernel takes it, with its jumps and its maps' descriptors in place.</summary>
    /// <exception cref="InvalidOperationException">
    /// A label is jumped to and not marked, or too far from a jump: it reaches 32767 instructions.
    /// </exception>
    /// <exception cref="ObjectDisposedException">A map is disposed.</exception>
    public ulong[] Assemble()
    {
        var program = _instructions.ToArray();
        foreach (var (at, label) in _jumps)
        {
            var target = _labels[label.Number];
            if (target == Unmarked)
                throw new InvalidOperationException($"Instruction {at} jumps to label {label.Number}, which is not marked.");
            var distance = target - (at + 1);
            if (distance != (short)distance)
                throw new InvalidOperationException($"Instruction {at} jumps too far, by {distance}.");
            program[at] |= Encode(0, default, default, (short)distance, 0);
        }

        foreach (var (at, map) in _maps)
            program[at] |= Encode(0, default, default, 0, map.Descriptor);
        return program;
    }

    private static ulong Encode(int code, BpfRegister to, BpfRegister from, short offset, int immediate) =>
        (byte)code | (ulong)to << 8 | (ulong)from << 12 | (ulong)(ushort)offset << 16 | (ulong)(uint)immediate << 32;

    private static short Narrow(int offset) => offset == (short)offset
        ? (short)offset
        : throw new ArgumentOutOfRangeException(nameof(offset), offset, "An offset is one of -32768 to 32767.");

    private void Emit(int code, BpfRegister to, BpfRegister from = default, short offset = 0, int immediate = 0) =>
        _instructions.Add(Encode(code, to, from, offset, immediate));

    private void EmitWide(BpfRegister to, BpfRegister kind, ulong value)
    {
        Emit(BPF_LD | BPF_DW | BPF_IMM, to, kind, immediate: (int)value);
        Emit(0, default, immediate: (int)(value >> 32));
    }

    private void EmitJump(int code, BpfRegister left, BpfRegister right, int value, BpfLabel to)
    {
        CheckOwn(to);
        _jumps.Add((_instructions.Count, to));
        Emit(code, left, right, immediate: value);
    }

    private void CheckOwn(BpfLabel label)
    {
        if (label.Number <= 0 || label.Number >= _labels.Count)
            throw new ArgumentException("The label is not of this program.", nameof(label));
    }
}
