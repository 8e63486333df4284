using Qanat.Linux.Bpf;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Linux.Tests.Bpf;

/// <summary>Programs as the kernel wants them. The bytes are those that llvm-mc makes of the same instructions (-triple=bpfel).</summary>
public class BpfAssemblerTests
{
    private readonly BpfAssembler _code = new();

    [Fact]
    public void Registers_are_set()
    {
        _code.Move(R1, -2);
        _code.Move(R6, R10);
        _code.MoveWide(R3, 0x1122334455667788);
        AssertCode("b7010000feffffff", "bfa6000000000000", "1803000088776655", "0000000044332211");
    }

    [Fact]
    public void Memory_is_read()
    {
        _code.Load(BpfSize.Byte, R0, R1, 12);
        _code.Load(BpfSize.Half, R0, R1, -12);
        _code.Load(BpfSize.Word, R2, R1, 32767);
        _code.Load(BpfSize.Double, R9, R10, -8);
        AssertCode("71100c0000000000", "6910f4ff00000000", "6112ff7f00000000", "79a9f8ff00000000");
    }

    [Fact]
    public void Memory_is_written()
    {
        _code.Store(BpfSize.Byte, R1, 12, R2);
        _code.Store(BpfSize.Half, R1, 12, R2);
        _code.Store(BpfSize.Word, R1, 12, R2);
        _code.Store(BpfSize.Double, R10, -8, R2);
        _code.Store(BpfSize.Byte, R1, 12, 7);
        _code.Store(BpfSize.Half, R1, 12, 7);
        _code.Store(BpfSize.Word, R1, 12, -1);
        _code.Store(BpfSize.Double, R10, -8, -1);
        _code.AtomicAdd(BpfSize.Word, R1, 4, R2);
        _code.AtomicAdd(BpfSize.Double, R1, 8, R2);
        AssertCode("73210c0000000000", "6b210c0000000000", "63210c0000000000", "7b2af8ff00000000",
            "72010c0007000000", "6a010c0007000000", "62010c00ffffffff", "7a0af8ffffffffff", "c321040000000000", "db21080000000000");
    }

    [Theory]
    [InlineData(BpfOperation.Add, "07", "0f")]
    [InlineData(BpfOperation.Subtract, "17", "1f")]
    [InlineData(BpfOperation.Multiply, "27", "2f")]
    [InlineData(BpfOperation.Divide, "37", "3f")]
    [InlineData(BpfOperation.Modulo, "97", "9f")]
    [InlineData(BpfOperation.And, "57", "5f")]
    [InlineData(BpfOperation.Or, "47", "4f")]
    [InlineData(BpfOperation.Xor, "a7", "af")]
    [InlineData(BpfOperation.ShiftLeft, "67", "6f")]
    [InlineData(BpfOperation.ShiftRight, "77", "7f")]
    [InlineData(BpfOperation.ShiftRightSigned, "c7", "cf")]
    public void Registers_are_computed_with(BpfOperation operation, string withNumber, string withRegister)
    {
        _code.Compute(operation, R1, 5);
        _code.Compute(operation, R1, R2);
        AssertCode($"{withNumber}01000005000000", $"{withRegister}21000000000000");
    }

    [Fact]
    public void Bytes_are_put_into_the_order_of_networks()
    {
        _code.ToBigEndian(R4, BpfSize.Half);
        _code.ToBigEndian(R4, BpfSize.Word);
        _code.ToBigEndian(R4, BpfSize.Double);
        AssertCode("dc04000010000000", "dc04000020000000", "dc04000040000000");
    }

    [Theory]
    [InlineData(BpfCondition.Equal, "15", "1d")]
    [InlineData(BpfCondition.NotEqual, "55", "5d")]
    [InlineData(BpfCondition.Above, "25", "2d")]
    [InlineData(BpfCondition.AtLeast, "35", "3d")]
    [InlineData(BpfCondition.Below, "a5", "ad")]
    [InlineData(BpfCondition.AtMost, "b5", "bd")]
    [InlineData(BpfCondition.AnyBit, "45", "4d")]
    public void Jumps_go_forward_and_backward(BpfCondition condition, string withNumber, string withRegister)
    {
        var (start, end) = (_code.Label(), _code.Label());
        _code.Mark(start);
        _code.JumpIf(condition, R1, 5, end);
        _code.JumpIf(condition, R1, R2, start);
        _code.Jump(end);
        _code.Jump(start);
        _code.Mark(end);
        _code.Call(1);
        _code.Exit();
        AssertCode($"{withNumber}01030005000000", $"{withRegister}21feff00000000", "0500010000000000", "0500fcff00000000",
            "8500000001000000", "9500000000000000");
    }

    [Fact]
    public void A_wide_number_counts_twice_in_a_jump()
    {
        var end = _code.Label();
        _code.Jump(end);
        _code.MoveWide(R0, 1);
        _code.Mark(end);
        _code.Exit();
        AssertCode("0500020000000000", "1800000001000000", "0000000000000000", "9500000000000000");
    }

    [Fact]
    public void A_program_is_assembled_as_often_as_one_likes()
    {
        var end = _code.Label();
        _code.Jump(end);
        Assert.Throws<InvalidOperationException>(_code.Assemble);
        _code.Mark(end);
        Assert.Equal(_code.Assemble(), _code.Assemble());
        _code.Exit();
        AssertCode("0500000000000000", "9500000000000000");
    }

    [Theory]
    [InlineData(32767, true)]
    [InlineData(32768, false)]
    public void A_jump_reaches_32767_instructions(int between, bool reaches)
    {
        var end = _code.Label();
        _code.Jump(end);
        for (var i = 0; i < between; i++)
            _code.Exit();
        _code.Mark(end);
        if (reaches)
            Assert.Equal(0x7FFF0005UL, _code.Assemble()[0]);
        else
            Assert.Contains("too far", Assert.Throws<InvalidOperationException>(_code.Assemble).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_label_is_marked_once_and_in_its_own_program()
    {
        var label = _code.Label();
        _code.Mark(label);
        Assert.Throws<InvalidOperationException>(() => _code.Mark(label));
        Assert.Throws<ArgumentException>(() => _code.Jump(default));
        Assert.Throws<ArgumentException>(() => new BpfAssembler().Mark(label));
    }

    [Fact]
    public void What_no_instruction_can_say_is_refused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => _code.Load(BpfSize.Byte, R0, R1, 32768));
        Assert.Throws<ArgumentOutOfRangeException>(() => _code.Store(BpfSize.Byte, R1, -32769, R0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _code.AtomicAdd(BpfSize.Half, R1, 0, R0));
        Assert.Throws<ArgumentOutOfRangeException>(() => _code.ToBigEndian(R0, BpfSize.Byte));
        Assert.Empty(_code.Assemble());
    }

    [Fact]
    public void A_map_is_named_by_its_descriptor_while_it_is_there()
    {
        using var map = BpfMap.CreateArray("qt_map", 4, 1);
        _code.LoadMap(R1, map);
        var expected = Convert.ToHexStringLower(BitConverter.GetBytes(map.Descriptor));
        AssertCode($"18110000{expected}", "0000000000000000");
        map.Dispose();
        Assert.Throws<ObjectDisposedException>(_code.Assemble);
    }

    private void AssertCode(params string[] expected) =>
        Assert.Equal(expected, _code.Assemble().Select(instruction => Convert.ToHexStringLower(BitConverter.GetBytes(instruction))));
}
