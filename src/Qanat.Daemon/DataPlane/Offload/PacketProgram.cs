using Qanat.Linux.Bpf;
using Qanat.Packets;
using static Qanat.Linux.Bpf.BpfRegister;

namespace Qanat.Daemon.DataPlane.Offload;

/// <summary>What programs for packets have in common: R6 is the packet, and what they cannot do they leave to others.</summary>
internal abstract class PacketProgram
{
    /// <summary>Bytes of the Ethernet header, with which a packet begins.</summary>
    protected const int Ethernet = EthernetHeader.MinSize;

    /// <summary>Begins the program.</summary>
    protected PacketProgram()
    {
        Pass = Code.Label();
        Code.Move(R6, R1);
    }

    /// <summary>The program.</summary>
    protected BpfAssembler Code { get; } = new();

    /// <summary>Leaves the packet to others, as it is; <see cref="End"/> says where.</summary>
    protected BpfLabel Pass { get; }

    /// <summary>Ends the program: what comes here, and to <see cref="Pass"/>, others decide.</summary>
    protected void End()
    {
        Code.Mark(Pass);
        Code.Move(R0, SkBuff.Next);
        Code.Exit();
    }

    /// <summary>Ends a packet that is half changed.</summary>
    protected void Drop()
    {
        Code.Move(R0, SkBuff.Drop);
        Code.Exit();
    }

    /// <summary>Has the first bytes of the packet be where the program can read them.</summary>
    protected void PullData(int length)
    {
        Code.Move(R1, R6);
        Code.Move(R2, length);
        CallOrPass(SkBuff.PullData);
    }

    /// <summary>Copies bytes of the packet from where R7 says, to below the frame pointer.</summary>
    protected void LoadBytes(int to, int length)
    {
        Code.Move(R1, R6);
        Code.Move(R2, R7);
        Address(R3, to);
        Code.Move(R4, length);
        CallOrPass(SkBuff.LoadBytes);
    }

    /// <summary>Copies bytes from below the frame pointer to the beginning of the packet.</summary>
    protected void StoreBytes(int from, int length, BpfLabel failed)
    {
        Code.Move(R1, R6);
        Code.Move(R2, 0);
        Address(R3, from);
        Code.Move(R4, length);
        Code.Move(R5, 0);
        Code.Call(SkBuff.StoreBytes);
        Code.JumpIf(BpfCondition.NotEqual, R0, 0, failed);
    }

    /// <summary>Makes room of R2 bytes behind the Ethernet header, or takes so many away if they are less than none.</summary>
    protected void AdjustRoom(ulong flags)
    {
        Code.Move(R1, R6);
        Code.Move(R3, SkBuff.AfterMac);
        Code.MoveWide(R4, flags);
        CallOrPass(SkBuff.AdjustRoom);
    }

    /// <summary>Has R0 be the address of what a map holds for the key that is below the frame pointer.</summary>
    protected void Lookup(BpfMap map, int key, BpfLabel missing)
    {
        Code.LoadMap(R1, map);
        Address(R2, key);
        Code.Call(SkBuff.MapLookup);
        Code.JumpIf(BpfCondition.Equal, R0, 0, missing);
    }

    /// <summary>Counts the packet, with the bytes that R9 says: as many packets as the segments below the frame pointer, or one.</summary>
    protected void Count(BpfMap counters, int slot, int segments, int packetCounter, int byteCounter)
    {
        var (none, counted) = (Code.Label(), Code.Label());
        Lookup(counters, slot, none);
        Code.Load(BpfSize.Word, R2, R10, segments);
        Code.JumpIf(BpfCondition.NotEqual, R2, 0, counted);
        Code.Move(R2, 1);
        Code.Mark(counted);
        Code.AtomicAdd(BpfSize.Double, R0, packetCounter, R2);
        Code.AtomicAdd(BpfSize.Double, R0, byteCounter, R9);
        Code.Mark(none);
    }

    /// <summary>
    /// Has a register be the sum (RFC 1071) of the words of the IPv4 header at an address, in whatever order they are stored; R3 is
    /// lost.
    /// </summary>
    protected void SumHeader(BpfRegister sum, BpfRegister address, int offset)
    {
        Code.Move(sum, 0);
        for (var i = 0; i < IPv4Header.MinSize; i += 2)
        {
            Code.Load(BpfSize.Half, R3, address, offset + i);
            Code.Compute(BpfOperation.Add, sum, R3);
        }
        // Ten words carry less than four bits, and those no more than one.
        for (var i = 0; i < 2; i++)
        {
            Code.Move(R3, sum);
            Code.Compute(BpfOperation.ShiftRight, R3, 16);
            Code.Compute(BpfOperation.And, sum, 0xFFFF);
            Code.Compute(BpfOperation.Add, sum, R3);
        }
    }

    private void CallOrPass(int helper)
    {
        Code.Call(helper);
        Code.JumpIf(BpfCondition.NotEqual, R0, 0, Pass);
    }

    private void Address(BpfRegister to, int offset)
    {
        Code.Move(to, R10);
        Code.Compute(BpfOperation.Add, to, offset);
    }
}
